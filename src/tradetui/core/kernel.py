"""The kernel: takes records, changes state, returns records.

Five calls: ``apply_event``, ``process_intents``, ``view``, ``checkpoint``, ``restore``. Each is
atomic: when it raises, the state is that of before. Nothing in here calls outward, and no clock is
read: time is a field of the events.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from tradetui.core import (
    callbacks,
    fills,
    instances,
    intents,
    market,
    money_reports,
    operator_acts,
    order_reports,
)
from tradetui.core.changes import DUPLICATE, NOTHING, Changes
from tradetui.core.check_all import check_all
from tradetui.core.checkpoint import dump, load, state_hash
from tradetui.core.follow_up import perform
from tradetui.core.held import on_time
from tradetui.core.housekeeping import check_limits, must_prune, prune
from tradetui.core.invariants import InvariantError
from tradetui.core.ledger import day_of, roll_day
from tradetui.core.risk.profiles import bind_all
from tradetui.core.state import KernelState, Mark
from tradetui.core.status import status_of
from tradetui.core.view import Snapshot
from tradetui.domain import control, market_data, reports, timers
from tradetui.domain.enums import Source
from tradetui.domain.envelope import Envelope
from tradetui.domain.ids import StrategyId
from tradetui.domain.instances import InstanceStatus
from tradetui.domain.steps import Applied, IntentBatch, KernelConfig
from tradetui.domain.timers import Heartbeat
from tradetui.domain.units import NANOS_PER_DAY

_MARKET_DATA: Final = Source.MARKET_DATA

Handler = Callable[[KernelState, Changes, Envelope, Any], None]


class Kernel:
    """The state of one run and the only ways to change it."""

    def __init__(self, config: KernelConfig) -> None:
        self.state = KernelState(config)
        """For reading. Only the core writes."""
        for route in config.routes:
            for currency, amount in route.opening_cash:
                self.state.cash[route.route_id, currency] = amount
                self.state.cash_flows[route.route_id, currency] = amount
        bind_all(self.state)
        self.state.begin()
        self._next_midnight = NANOS_PER_DAY
        self._snapshot: Snapshot | None = None
        self._changes = Changes()

    def apply_event(self, envelope: Envelope) -> Applied:
        """Apply the next event; the shared ``NOTHING`` when no more than a mark changed."""
        return _APPLY[envelope.payload.__class__](self, envelope)

    def process_intents(self, batch: IntentBatch) -> Applied:
        """Decide and carry out what the strategies answered to the last event.

        The batch is in processing order: ascending strategy id, then emission index.
        """
        state = self.state
        results = batch.callbacks
        counts = bool(results) and callbacks.matter(state, results)
        if not batch.intents and not counts:
            return NOTHING
        if self._snapshot is not None:
            self._expire_view()
        state.undo.clear()
        changes = self._changes
        try:
            if counts:
                for result in results:
                    callbacks.count(state, changes, result)
            last: tuple[str, int] = ("", -1)
            for attributed in batch.intents:
                place = (attributed.strategy_id, attributed.index)
                assert place > last
                last = place
                intents.process(state, changes, attributed)
        except BaseException:
            self._undo_call(state.seq_id, state.now)
            raise
        if must_prune(state):
            prune(state)
        return changes.applied()

    def view(self) -> Snapshot:
        """Return the snapshot of this step: the same object until the state changes."""
        snapshot = self._snapshot
        if snapshot is None:
            snapshot = self._snapshot = Snapshot(self.state)
        return snapshot

    def status_of(self, strategy_id: StrategyId) -> InstanceStatus:
        """Return what decides an instance's state word."""
        return status_of(self.state, strategy_id)

    def checkpoint(self) -> bytes:
        """Return the whole state, after checking it whole."""
        self.check_all()
        return dump(self.state)

    def restore(self, data: bytes) -> None:
        """Take over the state of a checkpoint of a kernel with the same configuration.

        Raises CheckpointError for anything else; the state is then as before.
        """
        self.state = load(data, self.state.config)
        self._expire_view()
        self._next_midnight = _midnight_after(self.state.now)

    def state_hash(self) -> str:
        """Return the SHA-256 of the state in its canonical form."""
        return state_hash(self.state)

    def check_all(self) -> None:
        """Check every invariant over the whole state; raise InvariantError for the first broken."""
        check_all(self.state)

    def _expire_view(self) -> None:
        if self._snapshot is not None:
            self._snapshot.expire()
            self._snapshot = None

    def _undo_call(self, seq_id: int, now: int) -> None:
        """Take back everything that the call under way has done."""
        self.state.rollback()
        self.state.seq_id, self.state.now = seq_id, now
        self._next_midnight = _midnight_after(now)
        self._changes.clear()

    def _change(self, envelope: Envelope, handler: Handler) -> Applied:
        """Apply an event that may change more than a mark."""
        state = self.state
        if envelope.seq_id != state.seq_id + 1:
            raise _gap(state, envelope)
        if self._snapshot is not None:
            self._expire_view()
        key = envelope.idempotency_key
        seq_id, now = state.seq_id, state.now
        state.seq_id = envelope.seq_id
        if key is not None and key in state.idempotency_keys:
            return DUPLICATE
        state.undo.clear()
        if envelope.event_time > now:
            state.now = envelope.event_time
        try:
            if key is not None:
                state.put(state.idempotency_keys, key, envelope.seq_id)
            if state.now >= self._next_midnight or state.held_deadlines:
                self._apply_with_time(envelope, handler)
            else:
                handler(state, self._changes, envelope, envelope.payload)
            if self._changes.fills or envelope.payload.__class__ is Heartbeat:
                check_limits(state, self._changes, envelope)
        except BaseException:
            self._undo_call(seq_id, now)
            raise
        if must_prune(state):
            prune(state)
        return self._changes.applied()

    def _apply_with_time(self, envelope: Envelope, handler: Handler) -> None:
        """Apply an event when time itself has something to do: a new day, an order's end.

        An end that has come is kept before the event is applied; a market item at its very moment
        goes first, so that a bar which closes at an order's end still counts for it.
        """
        state, changes = self.state, self._changes
        if state.now >= self._next_midnight:
            roll_day(state)
        if state.held_deadlines:
            is_market = envelope.source is _MARKET_DATA
            if min(state.held_deadlines.values()) < state.now + (not is_market):
                perform(state, changes, on_time(state))
        handler(state, changes, envelope, envelope.payload)
        self._next_midnight = _midnight_after(state.now)


def _midnight_after(time: int) -> int:
    return (day_of(time) + 1) * NANOS_PER_DAY


def _gap(state: KernelState, envelope: Envelope) -> InvariantError:
    return InvariantError(
        f"event {envelope.seq_id} came after event {state.seq_id}: the sequence has no gap"
    )


def _apply_bar(kernel: Kernel, envelope: Envelope) -> Applied:
    """Apply a bar; the common one moves a mark and nothing else, and cannot fail."""
    state = kernel.state
    instrument_id = envelope.instrument
    bar: Any = envelope.payload
    try:
        newest = state.bar_times[instrument_id]
        old = state.marks[instrument_id]
    except KeyError:
        return kernel._change(envelope, market.on_bar)
    time = envelope.event_time
    if (
        time < newest
        or time >= kernel._next_midnight
        or envelope.idempotency_key is not None
        or bar.warmup_for is not None
        or state.held_deadlines
        or instrument_id in state.held_by_instrument
    ):
        return kernel._change(envelope, market.on_bar)
    seq_id = envelope.seq_id
    if seq_id != state.seq_id + 1:
        raise _gap(state, envelope)
    if kernel._snapshot is not None:
        kernel._expire_view()
    state.seq_id = seq_id
    if time > state.now:
        state.now = time
    state.bar_times[instrument_id] = time
    if old.bid or old.ask or time < old.event_time:
        mark = market.price_mark(old, bar.close, envelope)
        if mark is not None:
            state.marks[instrument_id] = mark
    else:
        state.marks[instrument_id] = Mark(bar.close, time, envelope.ingest_time)
    return NOTHING


def _apply_trade(kernel: Kernel, envelope: Envelope) -> Applied:
    """Apply a public trade; see ``_apply_bar``."""
    state = kernel.state
    instrument_id = envelope.instrument
    trade: Any = envelope.payload
    try:
        newest = state.trade_times[instrument_id]
        old = state.marks[instrument_id]
    except KeyError:
        return kernel._change(envelope, market.on_trade)
    time = envelope.event_time
    if (
        time < newest
        or time >= kernel._next_midnight
        or envelope.idempotency_key is not None
        or state.held_deadlines
        or instrument_id in state.held_by_instrument
    ):
        return kernel._change(envelope, market.on_trade)
    seq_id = envelope.seq_id
    if seq_id != state.seq_id + 1:
        raise _gap(state, envelope)
    if kernel._snapshot is not None:
        kernel._expire_view()
    state.seq_id = seq_id
    if time > state.now:
        state.now = time
    state.trade_times[instrument_id] = time
    mark = market.price_mark(old, trade.price, envelope)
    if mark is not None:
        state.marks[instrument_id] = mark
    return NOTHING


def _apply_quote(kernel: Kernel, envelope: Envelope) -> Applied:
    """Apply a quote; see ``_apply_bar``."""
    state = kernel.state
    instrument_id = envelope.instrument
    quote: Any = envelope.payload
    try:
        newest = state.quote_times[instrument_id]
        old = state.marks[instrument_id]
    except KeyError:
        return kernel._change(envelope, market.on_quote)
    time = envelope.event_time
    if (
        time < newest
        or time >= kernel._next_midnight
        or envelope.idempotency_key is not None
        or state.held_deadlines
        or instrument_id in state.held_by_instrument
    ):
        return kernel._change(envelope, market.on_quote)
    seq_id = envelope.seq_id
    if seq_id != state.seq_id + 1:
        raise _gap(state, envelope)
    if kernel._snapshot is not None:
        kernel._expire_view()
    state.seq_id = seq_id
    if time > state.now:
        state.now = time
    state.quote_times[instrument_id] = time
    mark = market.quote_mark(old, quote, envelope)
    if mark is not None:
        state.marks[instrument_id] = mark
    return NOTHING


def _nothing(state: KernelState, changes: Changes, envelope: Envelope, payload: Any) -> None:
    """Apply an event that is on the record for others: it moves the time, no more."""


_HANDLERS: Final[dict[type, Handler]] = {
    market_data.DataGap: _nothing,
    market_data.InstrumentUpdated: market.on_instrument_updated,
    timers.Heartbeat: _nothing,
    timers.StrategyTimer: _nothing,
    reports.OrderAccepted: order_reports.on_accepted,
    reports.OrderRejected: order_reports.on_rejected,
    reports.OrderFilled: fills.on_filled,
    reports.OrderTriggered: order_reports.on_triggered,
    reports.OrderCancelled: order_reports.on_cancelled,
    reports.OrderExpired: order_reports.on_expired,
    reports.CancelRejected: order_reports.on_cancel_rejected,
    reports.OrderReplaced: order_reports.on_replaced,
    reports.ReplaceRejected: order_reports.on_replace_rejected,
    reports.OrderAmended: order_reports.on_amended,
    reports.OutcomeUnknown: order_reports.on_outcome_unknown,
    reports.OrderDenied: _nothing,
    reports.OrderModified: _nothing,
    reports.CashAdjusted: money_reports.on_cash_adjusted,
    reports.PositionSettled: money_reports.on_position_settled,
    control.InstanceLoaded: instances.on_loaded,
    control.InstanceUnloaded: instances.on_unloaded,
    control.ModeChanged: instances.on_mode_changed,
    control.PauseChanged: instances.on_pause_changed,
    control.HoldReleased: instances.on_hold_released,
    control.ExitOnlyChanged: instances.on_exit_only_changed,
    control.ErrorCleared: instances.on_error_cleared,
    control.WarmupChanged: instances.on_warmup_changed,
    control.KillSwitchChanged: operator_acts.on_kill_switch_changed,
    control.CancelRequested: operator_acts.on_cancel_requested,
    control.CancelEntriesRequested: operator_acts.on_cancel_entries_requested,
    control.CloseRequested: operator_acts.on_close_requested,
    control.RouteHealthChanged: operator_acts.on_route_health_changed,
    control.RiskProfileSet: operator_acts.on_risk_profile_set,
    control.OperatorNoted: _nothing,
}


def _changing(handler: Handler) -> Callable[[Kernel, Envelope], Applied]:
    def apply(kernel: Kernel, envelope: Envelope) -> Applied:
        return kernel._change(envelope, handler)

    return apply


_APPLY: Final[dict[type, Callable[[Kernel, Envelope], Applied]]] = {
    market_data.Bar: _apply_bar,
    market_data.Trade: _apply_trade,
    market_data.Quote: _apply_quote,
    **{payload: _changing(handler) for payload, handler in _HANDLERS.items()},
}
"""What applies each class of payload."""
