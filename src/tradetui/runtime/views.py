"""Views of single records: pure functions from what the core holds to what screens show."""

from __future__ import annotations

from itertools import islice

from tradetui.core.state import KernelState
from tradetui.domain.enums import KillState, Severity
from tradetui.domain.ids import ClientOrderId, is_shadow
from tradetui.domain.instruments import Instrument, average_price
from tradetui.domain.intents import AttributedIntent, PlaceOrder, Signal
from tradetui.domain.order_table import TERMINAL
from tradetui.domain.orders import Diagnostic, Fill, Order
from tradetui.domain.reasons import Reason
from tradetui.domain.replica import (
    DecisionView,
    FillView,
    InstrumentView,
    KillView,
    LogView,
    OrderView,
)
from tradetui.domain.risk import RiskDecision
from tradetui.domain.steps import StepRecord
from tradetui.domain.words import intent_line
from tradetui.runtime.limit_words import limit_words


def instrument_view(instrument: Instrument) -> InstrumentView:
    """Return how to write an instrument's numbers."""
    return InstrumentView(
        instrument_id=instrument.instrument_id,
        symbol=instrument.symbol,
        base=instrument.base,
        quote=instrument.quote,
        price_scale=instrument.price_scale,
        size_scale=instrument.size_scale,
        price_decimals=instrument.price_decimals,
        size_decimals=instrument.size_decimals,
        size_increment=instrument.size_increment,
        price_increment=instrument.price_increment,
    )


def order_view(state: KernelState, order: Order) -> OrderView:
    """Return an order as it is now."""
    terms = order.terms
    instrument = state.instruments[terms.instrument_id]
    filled = order.filled_quantity
    trigger = order.trigger_price if order.trigger_price is not None else terms.trigger_price
    return OrderView(
        client_order_id=terms.client_order_id,
        strategy_id=terms.strategy_id,
        route_id=terms.route_id,
        instrument_id=terms.instrument_id,
        side=terms.side,
        order_type=terms.order_type,
        quantity=order.quantity,
        filled_quantity=filled,
        price=terms.price,
        trigger_price=trigger,
        average_price=average_price(instrument, order.filled_cost, filled) if filled else None,
        time_in_force=terms.time_in_force,
        role=terms.role,
        state=order.state,
        is_unknown=order.is_unknown,
        is_open=order.state not in TERMINAL,
        is_shadow=is_shadow(terms.route_id),
        reason=order.reason,
        created_time=terms.created_time,
        updated_time=order.updated_time,
        parent_order_id=terms.parent_order_id,
        oco_group=terms.oco_group,
        post_only=terms.post_only,
        reduce_only=terms.reduce_only,
        updated_seq=order.updated_seq,
    )


def fill_view(fill: Fill, run_id: str) -> FillView:
    """Return a fill of a run."""
    return FillView(
        seq_id=fill.seq_id,
        event_time=fill.event_time,
        strategy_id=fill.strategy_id,
        route_id=fill.route_id,
        instrument_id=fill.instrument_id,
        client_order_id=fill.client_order_id,
        trade_id=fill.trade_id,
        side=fill.side,
        quantity=fill.quantity,
        price=fill.price,
        commission=fill.commission,
        commission_currency=fill.commission_currency,
        liquidity=fill.liquidity,
        realised_pnl=fill.realised_pnl,
        position_after=fill.position_after,
        is_shadow=is_shadow(fill.route_id),
        run_id=run_id,
    )


def kill_views(state: KernelState) -> tuple[KillView, ...]:
    """Return the kill-switches that are engaged, by scope and key."""
    return tuple(
        KillView(switch.scope, switch.key, switch.state, switch.actor, switch.reason, switch.time)
        for _, switch in sorted(state.kill_switches.items())
        if switch.state is not KillState.NORMAL
    )


def decision_views(state: KernelState, record: StepRecord) -> tuple[DecisionView, ...]:
    """Return a step's decisions in words, then its signals that became no order."""
    asked = {(one.strategy_id, one.index): one for one in record.intents}
    signals = record.result.signals
    used: list[int] = []
    views = []
    for decision in record.decisions:
        attributed = asked.get((decision.strategy_id, decision.index))
        signal = _signal_of(attributed, signals, used)
        views.append(_decision_view(state, record, decision, attributed, signal))
    for index, signal in enumerate(signals):
        if index not in used:
            views.append(_signal_view(state, record, signal))
    return tuple(views)


def diagnostic_line(diagnostic: Diagnostic, time: int) -> LogView:
    """Return a diagnostic as a line of the log."""
    severity = Severity.ERROR if diagnostic.is_incident else Severity.WARNING
    return LogView(time, severity, diagnostic.strategy_id, diagnostic.message)


def _signal_of(
    attributed: AttributedIntent | None, signals: tuple[Signal, ...], used: list[int]
) -> Signal | None:
    intent = None if attributed is None else attributed.intent
    if not isinstance(intent, PlaceOrder) or intent.signal is None:
        return None
    if not 0 <= intent.signal < len(signals):
        return None
    used.append(intent.signal)
    return signals[intent.signal]


def _decision_view(
    state: KernelState,
    record: StepRecord,
    decision: RiskDecision,
    attributed: AttributedIntent | None,
    signal: Signal | None,
) -> DecisionView:
    instrument = None
    if decision.instrument_id is not None:
        instrument = state.instruments.get(decision.instrument_id)
    currency = state.config.reporting_currency
    line = decision.intent
    if attributed is not None:
        line = intent_line(attributed.intent, instrument)
    return DecisionView(
        seq_id=record.event.seq_id,
        event_time=record.event.event_time,
        strategy_id=decision.strategy_id,
        instrument_id=decision.instrument_id,
        route_id=decision.route_id,
        client_order_id=decision.client_order_id,
        intent=line,
        outcome=decision.outcome,
        would=decision.would,
        reason=decision.reason,
        gates=decision.gates,
        profile=decision.profile,
        quantity=decision.quantity,
        price=decision.price,
        approved_quantity=decision.approved_quantity,
        approved_price=decision.approved_price,
        note=limit_words(decision.note, currency) or _note_of(attributed),
        signal=signal,
        currency=currency,
    )


def _note_of(attributed: AttributedIntent | None) -> str:
    return "" if attributed is None else getattr(attributed.intent, "reason", "")


def _signal_view(state: KernelState, record: StepRecord, signal: Signal) -> DecisionView:
    instance = state.instances.get(signal.strategy_id)
    failed = sum(not gate.passed for gate in signal.gates)
    note = f"{failed} of {len(signal.gates)} gates failed" if failed else "no order was asked for"
    return DecisionView(
        seq_id=record.event.seq_id,
        event_time=record.event.event_time,
        strategy_id=signal.strategy_id,
        instrument_id=None if instance is None else instance.instrument_id,
        route_id=None,
        client_order_id=None,
        intent="",
        outcome=None,
        would=False,
        reason=Reason.NONE,
        gates=(),
        profile="",
        quantity=None,
        price=None,
        approved_quantity=None,
        approved_price=None,
        note=note,
        signal=signal,
    )


def carried_orders(state: KernelState, most: int) -> dict[ClientOrderId, None]:
    """Return the orders that a run begins with and screens list: the ``most`` newest closed ones,
    all open.
    """
    closed = islice(reversed(state.closed_order_ids), most)
    return dict.fromkeys((*reversed(tuple(closed)), *state.open_orders))
