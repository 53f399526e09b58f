"""What happened since a moment, over the runs of a journal, with the change of equity taken apart.

How the parts are computed, each for itself, in the reporting currency:

- ``change``: cash and the worth of what is held at the end, less the same at the beginning (before
  the first price: at the first prices);
- ``fees``: commissions of the fills, as a cost (negative);
- ``funding``: what the venue booked for holding a position (cash adjusted for ``funding``);
- ``transfers``: all other money that came or went (deposits, settlements, corrections);
- ``slippage``: of each fill that took liquidity, its price against the last price before it;
- ``move``: the change of realised and open profit, less slippage: what prices did to what was held,
  in another currency at the rates of its time (``price_moves``);
- ``rates``: what is left: the change of the rates of other currencies, and fees in coins that are
  worth something else by the end. In one currency it is zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from tradetui.backtest.figures import pnl_by_instance, total_equity
from tradetui.backtest.opening_equity import opening_equity
from tradetui.backtest.past import Past
from tradetui.backtest.price_moves import PriceMoves
from tradetui.backtest.recorded import RecordedRun
from tradetui.backtest.state_at import state_at
from tradetui.core.conversion import convert, to_reporting
from tradetui.core.state import KernelState
from tradetui.domain.control import (
    ErrorCleared,
    ExitOnlyChanged,
    HoldReleased,
    InstanceFailed,
    InstanceLoaded,
    InstanceUnloaded,
    KillSwitchChanged,
    ModeChanged,
    OperatorNoted,
    PauseChanged,
    RouteHealthChanged,
)
from tradetui.domain.enums import CallbackOutcome, LiquiditySide, OrderSide, Outcome, Source
from tradetui.domain.event_words import payload_text
from tradetui.domain.explain import Note, PnlSplit, Since, SinceInstance
from tradetui.domain.ids import Currency, StrategyId, is_shadow
from tradetui.domain.instruments import Instrument, notional
from tradetui.domain.market_data import DataGap
from tradetui.domain.orders import Fill
from tradetui.domain.reasons import Reason
from tradetui.domain.reports import CashAdjusted
from tradetui.domain.steps import StepRecord

FUNDING: Final = "funding"
MAX_FILLS: Final = 200
MAX_NOTES: Final = 200
ENGINE_ACTORS: Final = ("engine", "session", "")
"""Who acts without a person."""

_NO_RATE: Final = (
    "no price gives a rate to {}: its row leaves out the fee or the slippage of trade {}"
)

_ACTS: Final = (
    PauseChanged,
    ModeChanged,
    HoldReleased,
    ExitOnlyChanged,
    ErrorCleared,
    InstanceLoaded,
    InstanceUnloaded,
    OperatorNoted,
    InstanceFailed,
)


class _Money:
    """Sums in the reporting currency; None once a price or a rate lacked."""

    def __init__(self) -> None:
        self.change: int | None = 0
        self.pnl: int | None = 0
        self.fees: int | None = 0
        self.funding: int | None = 0
        self.slippage: int | None = 0
        self.transfers: int | None = 0

    def add(self, name: str, amount: int | None) -> None:
        """Add an amount; what is not known makes the whole unknown."""
        before = getattr(self, name)
        setattr(self, name, None if before is None or amount is None else before + amount)

    def split(self) -> PnlSplit | None:
        """Return the parts, None if any is not known."""
        parts = (self.change, self.pnl, self.fees, self.funding, self.slippage, self.transfers)
        if None in parts:
            return None
        change, pnl, fees, funding, slippage, transfers = (part or 0 for part in parts)
        move = pnl - slippage
        rates = change - move - fees - funding - slippage - transfers
        return PnlSplit(change, move, fees, funding, slippage, transfers, rates)


class _Own:
    """What one instance adds up to, in its market's currency."""

    def __init__(self, currency: Currency) -> None:
        self.currency = currency
        self.fills = 0
        self.fees = 0
        self.slippage = 0
        self.pnl: int | None = 0


class SinceLog:
    """Takes the steps of one run after another, each run from a kernel at its place."""

    def __init__(self) -> None:
        self._money = _Money()
        self._own: dict[StrategyId, _Own] = {}
        self._fills: list[Fill] = []
        self._fill_count = 0
        self._notes: dict[str, list[Note]] = {
            name: [] for name in ("gaps", "restarts", "kills", "errors", "acts")
        }
        self._refusals: dict[Reason, int] = {}
        self._steps = 0
        self._times = [0, 0]
        self._instruments: dict[str, Instrument] = {}
        self._currency = Currency("")
        self._equity: int | None = None

    def restart(self, text: str, time: int) -> None:
        """Note that a run began."""
        self._note("restarts", 0, time, text)

    def begins_late(self, seq_id: int, time: int, text: str) -> None:
        """Note that nothing is told of what was before a step: its prices are no longer kept."""
        self._note("gaps", seq_id, time, text)

    def run(self, run: RecordedRun, first: int) -> None:
        """Take the steps of a run from ``first`` on.

        Only the states before and after are made; of the steps between, those are read in which
        more happened than that a price passed by.
        """
        past = Past(run, first)
        state = past.state
        self._currency = state.config.reporting_currency
        before_equity, moves = opening_equity(run, first), PriceMoves(state)
        own_before = pnl_by_instance(state)
        self._span(run, first)
        for step in run.eventful(first, run.last):
            self._add_fills(past, moves, step)
            self._add_step(past, step)
            past.take(step)
        state = state_at(run, max(run.last, first - 1)).kernel.state
        after = total_equity(state)
        self._equity = after
        self._money.add("change", _less(after, before_equity))
        self._money.add("pnl", moves.end(state))
        own_after = pnl_by_instance(state)
        for strategy_id in sorted({*own_before, *own_after}):
            own = self._of(strategy_id, _currency_of(state, strategy_id))
            change = _less(own_after.get(strategy_id, 0), own_before.get(strategy_id, 0))
            own.pnl = None if own.pnl is None or change is None else own.pnl + change
        self._instruments |= {str(key): one for key, one in state.instruments.items()}

    def report(self, from_text: str) -> Since:
        """Return what was gathered."""
        notes = self._notes
        return Since(
            from_text,
            self._times[0],
            self._times[1],
            self._steps,
            self._currency,
            self._money.split(),
            self._equity,
            tuple(
                SinceInstance(key, own.currency, own.fills, own.pnl, own.fees, own.slippage)
                for key, own in sorted(self._own.items())
            ),
            tuple(self._fills[-MAX_FILLS:]),
            self._fill_count,
            tuple(notes["gaps"]),
            tuple(notes["restarts"]),
            tuple(notes["kills"]),
            tuple(notes["errors"]),
            tuple(notes["acts"]),
            tuple(sorted(self._refusals.items())),
            tuple(self._instruments[key] for key in sorted(self._instruments)),
        )

    def _span(self, run: RecordedRun, first: int) -> None:
        """Count the steps of a run, and take its times."""
        if first > run.last:
            return
        self._steps += run.last - first + 1
        if not self._times[0]:
            # The first steps of a run may be of no time: instruments before the first price.
            times = (step.event.event_time for step in run.steps(first, run.last))
            self._times[0] = next(filter(None, times), 0)
        for step in run.steps(run.last, run.last):
            self._times[1] = step.event.event_time

    def _add_fills(self, past: Past, moves: PriceMoves, step: StepRecord) -> None:
        """Measure fills against the prices that were known before them."""
        before = step.event.seq_id - 1
        for fill in step.result.fills:
            if is_shadow(fill.route_id):
                continue
            if fill.liquidity is LiquiditySide.TAKER:
                past.lead((fill.instrument_id,), before)
            quote = past.state.instruments[fill.instrument_id].quote
            row = self._row_of(past, fill)
            if {quote, fill.commission_currency, row.currency} != {self._currency}:
                past.lead(past.state.instruments, before)
            moves.reach(past.state)
            moves.fill(past.state, fill)
            self._add_fill(past.state, row, fill)

    def _row_of(self, past: Past, fill: Fill) -> _Own:
        market = past.markets.get(fill.strategy_id, fill.instrument_id)
        return self._of(fill.strategy_id, past.state.instruments[market].quote)

    def _add_fill(self, state: KernelState, own: _Own, fill: Fill) -> None:
        instrument = state.instruments[fill.instrument_id]
        own.fills += 1
        self._fill_count += 1
        self._fills.append(fill)
        if len(self._fills) > 2 * MAX_FILLS:
            del self._fills[:-MAX_FILLS]
        cost = slippage_of(state, instrument, fill)
        self._money.add("slippage", to_reporting(state, instrument.quote, cost))
        fee = to_reporting(state, fill.commission_currency, fill.commission)
        self._money.add("fees", None if fee is None else -fee)
        slippage = convert(state, instrument.quote, own.currency, cost)
        paid = convert(state, fill.commission_currency, own.currency, fill.commission)
        if slippage is None or paid is None:
            self._note("errors", 0, fill.event_time, _NO_RATE.format(own.currency, fill.trade_id))
        own.slippage += slippage or 0
        own.fees += paid or 0

    def _add_step(self, past: Past, step: StepRecord) -> None:
        event = step.event
        payload: Any = event.payload
        if isinstance(payload, CashAdjusted):
            state = past.state
            if payload.currency != self._currency:
                past.lead(state.instruments, event.seq_id)
            name = "funding" if payload.reason == FUNDING else "transfers"
            self._money.add(name, to_reporting(state, payload.currency, payload.amount))
        elif isinstance(payload, DataGap):
            text = f"{event.instrument}: {payload_text(payload, None)}"
            self._note("gaps", event.seq_id, event.event_time, text)
        elif event.source is Source.CONTROL:
            self._add_act(step, payload)
        for decision in step.decisions:
            if decision.outcome is Outcome.REJECT and not decision.would:
                count = self._refusals.get(decision.reason, 0)
                self._refusals[decision.reason] = count + 1
        self._add_errors(step)

    def _add_act(self, step: StepRecord, payload: Any) -> None:
        event = step.event
        owner: StrategyId | None = getattr(payload, "strategy_id", None)
        text = f"{event.event_type}: {payload_text(payload, None)}"
        if isinstance(payload, KillSwitchChanged | RouteHealthChanged):
            self._note("kills", event.seq_id, event.event_time, text)
        elif isinstance(payload, _ACTS):
            self._note("acts", event.seq_id, event.event_time, text, owner)

    def _add_errors(self, step: StepRecord) -> None:
        event = step.event
        for callback in step.result.callbacks:
            if callback.outcome is not CallbackOutcome.OK:
                text = f"{callback.outcome} in {callback.hook}: {callback.reason}"
                self._note("errors", event.seq_id, event.event_time, text, callback.strategy_id)
        for said in step.result.diagnostics:
            if said.is_incident:
                self._note("errors", event.seq_id, event.event_time, said.message, said.strategy_id)

    def _note(
        self, name: str, seq_id: int, time: int, text: str, owner: StrategyId | None = None
    ) -> None:
        found = self._notes[name]
        found.append(Note(seq_id, time, text, owner))
        if len(found) > MAX_NOTES:
            del found[0]

    def _of(self, strategy_id: StrategyId, currency: Currency) -> _Own:
        own = self._own.get(strategy_id)
        if own is None:
            own = self._own[strategy_id] = _Own(currency)
        return own


def slippage_of(state: KernelState, instrument: Instrument, fill: Fill) -> int:
    """Return what a fill gained (negative: lost) against the last price before it, in the quote
    currency at CASH_SCALE; 0 for a fill that made liquidity, and before the first price.
    """
    mark = state.marks.get(fill.instrument_id)
    if mark is None or fill.liquidity is not LiquiditySide.TAKER:
        return 0
    signed = fill.quantity if fill.side is OrderSide.BUY else -fill.quantity
    return notional(instrument, mark.price, signed) - notional(instrument, fill.price, signed)


def _currency_of(state: KernelState, strategy_id: StrategyId) -> Currency:
    instance = state.instances.get(strategy_id)
    if instance is not None:
        return state.instruments[instance.instrument_id].quote
    for key in sorted(state.positions):
        if key[0] == strategy_id:
            return state.instruments[key[2]].quote
    return state.config.reporting_currency


def _less(after: int | None, before: int | None) -> int | None:
    return None if after is None or before is None else after - before


def last_act_of_a_person(backwards: Iterable[StepRecord]) -> StepRecord | None:
    """Return the first step that a person made, of steps from the newest on; None if there is
    none.
    """
    for step in backwards:
        if step.event.source is Source.CONTROL and is_persons(step):
            return step
    return None


def is_persons(step: StepRecord) -> bool:
    """Tell whether a person made a step: an act whose actor is not the engine; what is loaded or
    unloaded because the records say so is no act of that moment.
    """
    payload: Any = step.event.payload
    if isinstance(payload, InstanceLoaded | InstanceUnloaded):
        return False
    return getattr(payload, "actor", "") not in ENGINE_ACTORS
