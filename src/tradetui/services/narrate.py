"""What happened in recorded steps, as lines that a person reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tradetui.domain.currencies import FEE_DECIMALS
from tradetui.domain.enums import CallbackOutcome, Outcome
from tradetui.domain.event_words import payload_text
from tradetui.domain.explain import GateLine
from tradetui.domain.formatting import counted, grouped, money, separated
from tradetui.domain.gate_words import gate_currency, gate_words
from tradetui.domain.ids import ClientOrderId, InstrumentId, StrategyId
from tradetui.domain.instruments import Instrument
from tradetui.domain.intents import Intent, PlaceOrder, ReplaceOrder, Signal
from tradetui.domain.market_data import InstrumentUpdated
from tradetui.domain.orders import Fill, Transition
from tradetui.domain.record import Record
from tradetui.domain.risk import Gate, RiskDecision
from tradetui.domain.steps import CallbackResult, StepRecord, SubmitCommand
from tradetui.domain.units import CASH_SCALE
from tradetui.domain.words import intent_line, price_text, reason_words, size_text


class StepLine(Record, frozen=True):
    """One thing that happened in a step.

    ``what`` is the event's type for the first line of a step, else ``signal``, ``decision``,
    ``order``, ``fill``, ``error`` or ``said``.
    """

    seq_id: int
    time: int
    what: str
    strategy_id: StrategyId | None
    text: str


class Narrator:
    """Tells steps in order; it learns the markets, and which order is of which, as it goes."""

    def __init__(
        self,
        instruments: Iterable[Instrument] = (),
        orders: Iterable[tuple[ClientOrderId, InstrumentId]] = (),
        *,
        reporting: str = "",
    ) -> None:
        """``reporting``: the account's currency, in which limits on money are."""
        self.reporting = reporting
        self._instruments = {one.instrument_id: one for one in instruments}
        self._orders = dict(orders)

    def lines(self, step: StepRecord, *, also_quiet: bool = False) -> list[StepLine]:
        """Return the lines of a step; none for market data and timers that led to nothing, unless
        ``also_quiet``.
        """
        self.learn(step)
        event = step.event
        details = list(self._details(step))
        is_quiet = not details and event.source.value in ("market_data", "timer")
        if is_quiet and not also_quiet:
            return []
        named: Any = event.payload
        owner = getattr(named, "strategy_id", None)
        text = self.event_text(step)
        first = StepLine(event.seq_id, event.event_time, event.event_type, owner, text)
        return [first, *details]

    def learn(self, step: StepRecord) -> None:
        """Take in what a step says of markets and orders."""
        payload = step.event.payload
        if isinstance(payload, InstrumentUpdated):
            self._instruments[payload.instrument.instrument_id] = payload.instrument
        for attributed in step.intents:
            intent = attributed.intent
            if isinstance(intent, PlaceOrder):
                self._orders[intent.client_order_id] = intent.instrument_id
            elif isinstance(intent, ReplaceOrder):
                known = self._orders.get(intent.client_order_id)
                if known is not None:
                    self._orders[intent.new_client_order_id] = known
        for command in step.result.commands:
            if isinstance(command, SubmitCommand):
                self._orders[command.terms.client_order_id] = command.terms.instrument_id

    def event_text(self, step: StepRecord) -> str:
        """Say what the event of a step was."""
        event = step.event
        return payload_text(event.payload, self.instrument_of(event.instrument, event.payload))

    def instrument_of(self, key: InstrumentId | None, named: Any = None) -> Instrument | None:
        """Return the market of an id, or of the order that a record names."""
        if not key:
            key = self._orders.get(getattr(named, "client_order_id", ""))  # type: ignore[arg-type]
        return None if key is None else self._instruments.get(key)

    def intent_text(self, intent: Intent, approved: int | None = None) -> str:
        """Say an intent, with the quantity that was approved where that is another."""
        key = intent.instrument_id if isinstance(intent, PlaceOrder) else None
        return intent_line(intent, self.instrument_of(key, intent), approved)

    def decision_text(self, decision: RiskDecision) -> str:
        """Say what became of an intent, with the gate that decided."""
        instrument = self.instrument_of(decision.instrument_id, decision)
        order = f" {decision.client_order_id}" if decision.client_order_id else ""
        if decision.would:
            return f"would{order}: only the mode stopped it"
        if decision.outcome is Outcome.ALLOW:
            return f"allow{order}: {counted(len(decision.gates), 'gate')} passed"
        deciding = [gate for gate in decision.gates if gate.code is decision.reason]
        measured = f" ({gate_text(deciding[-1], instrument, self.reporting)})" if deciding else ""
        text = f"{decision.outcome}{order}: {reason_words(decision.reason)}{measured}"
        if decision.outcome is Outcome.MODIFY and instrument is not None:
            asked, approved = decision.quantity or 0, decision.approved_quantity or 0
            text += f", {size_text(instrument, asked)} -> {size_text(instrument, approved)}"
        return text

    def fill_text(self, fill: Fill) -> str:
        """Say a fill: what, at which price, what it cost, what is held then."""
        instrument = self._instruments.get(fill.instrument_id)
        size = price = after = realised = "?"
        if instrument is not None:
            size, price = size_text(instrument, fill.quantity), price_text(instrument, fill.price)
            after = grouped(
                fill.position_after, instrument.size_scale, instrument.size_decimals, signed=True
            )
            realised = money(fill.realised_pnl, instrument.quote, signed=True)
        return (
            f"{fill.side} {size} at {price} ({fill.liquidity}), fee "
            f"{grouped(fill.commission, CASH_SCALE, FEE_DECIMALS)} {fill.commission_currency}, "
            f"realised {realised}, position {after}"
        )

    def _details(self, step: StepRecord) -> Iterator[StepLine]:
        seq_id, time = step.event.seq_id, step.event.event_time
        result = step.result
        asked = {(one.strategy_id, one.index): one.intent for one in step.intents}
        for signal in result.signals:
            yield StepLine(seq_id, time, "signal", signal.strategy_id, signal_text(signal))
        for decision in step.decisions:
            intent = asked.get((decision.strategy_id, decision.index))
            said = "" if intent is None else f"{self.intent_text(intent)}: "
            text = f"{said}{self.decision_text(decision)}"
            yield StepLine(seq_id, time, "decision", decision.strategy_id, text)
        for move in step.transitions:
            yield StepLine(seq_id, time, "order", move.strategy_id, transition_text(move))
        for fill in result.fills:
            yield StepLine(seq_id, time, "fill", fill.strategy_id, self.fill_text(fill))
        for callback in result.callbacks:
            if callback.outcome is not CallbackOutcome.OK:
                yield StepLine(seq_id, time, "error", callback.strategy_id, callback_text(callback))
        for said_line in result.diagnostics:
            owner, words = said_line.strategy_id, said_line.message
            yield StepLine(seq_id, time, "said", owner, words)


def callback_text(callback: CallbackResult) -> str:
    """Say how a callback failed."""
    return f"{callback.outcome}: {callback.text}"


def transition_text(move: Transition) -> str:
    """Say how an order moved."""
    why = f": {move.reason}" if move.reason else ""
    return f"{move.client_order_id} {move.from_state} -> {move.to_state} ({move.cause}{why})"


def signal_text(signal: Signal) -> str:
    """Say a signal and what failed of it."""
    failed = [gate for gate in signal.gates if not gate.passed]
    if not failed:
        return f"{signal.name}: passed"
    what = ", ".join(
        f"{gate.name} {separated(gate.value)} not {gate.comparison} {separated(gate.limit)}"
        for gate in failed
    )
    return f"{signal.name}: failed, {what}"


def gate_text(gate: Gate, market: Instrument | None = None, reporting: str = "") -> str:
    """Say a gate's value and limit; money with its currency."""
    line = gate_line(gate, market, reporting)
    return line.value if gate.limit is None else f"{line.value}, limit {line.limit}"


def gate_line(gate: Gate, market: Instrument | None = None, reporting: str = "") -> GateLine:
    """Return a gate of the risk engine as people read it.

    ``reporting``: the account's currency, in which limits on money are.
    """
    value, limit = gate_words(gate, market, reporting)
    currency = gate_currency(gate, market, reporting)
    if currency:
        value = f"{value} {currency}"
        limit = limit if gate.limit is None else f"{limit} {currency}"
    return GateLine(reason_words(gate.code), value, limit, gate.passed, gate.note)


def signal_gates(signal: Signal) -> tuple[GateLine, ...]:
    """Return the gates of a signal as people read them."""
    return tuple(
        GateLine(
            gate.name,
            separated(gate.value),
            f"{gate.comparison} {separated(gate.limit)}",
            gate.passed,
        )
        for gate in signal.gates
    )
