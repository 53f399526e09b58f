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
from tradetui.core.express_reports import SHORT_REPORTS, ShortReport
from tradetui.core.held import on_time
from tradetui.core.housekeeping import check_limits, must_prune, prune
from tradetui.core.invariants import InvariantError
from tradetui.core.ledger import day_of, roll_day
from tradetui.core.order_manager import perform
from tradetui.core.risk.profiles import bind_all
from tradetui.core.state import KernelState, Mark
from tradetui.core.status import status_of
from tradetui.core.view import OpenOrders, Snapshot
from tradetui.domain import control, market_data, reports, timers
from tradetui.domain.enums import Source
from tradetui.domain.envelope import Envelope
from tradetui.domain.ids import InstrumentId, StrategyId
from tradetui.domain.instances import InstanceStatus
from tradetui.domain.market_data import Bar, Quote, Trade
from tradetui.domain.steps import Applied, IntentBatch, KernelConfig
from tradetui.domain.timers import Heartbeat
from tradetui.domain.units import I64_MAX, NANOS_PER_DAY

_MARKET_DATA: Final = Source.MARKET_DATA
_NO_TIME: Final = I64_MAX
"""In the place of the time of a stream's newest item where none came: later than all."""

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
        self.open_orders = OpenOrders(self.state)
        """What snapshots share while no order changes: made anew by every other change."""
        self._changes = Changes()
        self._times = _times_of(self.state)

    def apply_event(self, envelope: Envelope) -> Applied:
        """Apply the next event; the shared ``NOTHING`` when no more than a mark changed.

        The common bar, trade or quote moves a mark and nothing else, and cannot fail: it is applied
        right here. A bar's mark is the newest of all streams but the quotes', so that a bar not
        older than it is not older than the bar before.
        """
        payload: Any = envelope.payload
        kind = payload.__class__
        if kind is Bar:
            state, instrument_id, time = self.state, envelope.instrument, envelope.event_time
            old = state.marks.get(instrument_id)
            if (
                old is not None
                and old.event_time <= time < self._next_midnight
                and envelope.seq_id == state.seq_id + 1
                and not (old.bid or old.ask or state.held_deadlines)
                and envelope.idempotency_key is None
                and payload.warmup_for is None
                and instrument_id not in state.held_by_instrument
            ):
                if self._snapshot is not None:
                    self._expire_view()
                state.seq_id = envelope.seq_id
                if time > state.now:
                    state.now = time
                state.bar_times[instrument_id] = time
                state.marks[instrument_id] = Mark(payload.close, time, envelope.ingest_time)
                return NOTHING
        elif kind not in _MARKS:
            short = SHORT_REPORTS.get(kind)
            if short is not None:
                return self._apply_report(envelope, payload, short)
            return self._change(envelope, _HANDLERS[kind])
        return self._apply_item(envelope, payload, self._times[kind])

    def _apply_item(
        self, envelope: Envelope, payload: Any, times: dict[InstrumentId, int]
    ) -> Applied:
        """Apply a bar, trade or quote; ``times`` is where its stream keeps the newest one's."""
        kind = payload.__class__
        state, instrument_id, time = self.state, envelope.instrument, envelope.event_time
        old = state.marks.get(instrument_id)
        if (
            old is None
            or time < times.get(instrument_id, _NO_TIME)
            or time >= self._next_midnight
            or envelope.seq_id != state.seq_id + 1
            or envelope.idempotency_key is not None
            or state.held_deadlines
            or instrument_id in state.held_by_instrument
            or (kind is Bar and payload.warmup_for is not None)
        ):
            return self._change(envelope, _HANDLERS[kind])
        if self._snapshot is not None:
            self._expire_view()
        state.seq_id = envelope.seq_id
        if time > state.now:
            state.now = time
        times[instrument_id] = time
        mark = _MARKS[kind](old, payload, envelope)
        if mark is not None:
            state.marks[instrument_id] = mark
        return NOTHING

    def _apply_report(self, envelope: Envelope, report: Any, short: ShortReport) -> Applied:
        """Apply a report that mostly changes one order and nothing else, which cannot fail."""
        state, time, seq_id = self.state, envelope.event_time, envelope.seq_id
        now = time if time > state.now else state.now
        if (
            seq_id == state.seq_id + 1
            and now < self._next_midnight
            and envelope.idempotency_key is None
            and not state.held_deadlines
        ):
            if self._snapshot is not None or self.open_orders.is_used:
                self._move_on()
            applied = short(state, report, now, seq_id)
            if applied is not None:
                state.seq_id, state.now = seq_id, now
                if len(state.closed_order_ids) > state.max_closed_orders:
                    prune(state)
                return applied
        return self._change(envelope, _HANDLERS[report.__class__])

    def process_intents(self, batch: IntentBatch) -> Applied:
        """Decide and carry out what the strategies answered to the last event.

        The batch is in processing order: ascending strategy id, then emission index.
        """
        state = self.state
        results = batch.callbacks
        counts = bool(results) and callbacks.matter(state, results)
        if not batch.intents and not counts:
            return NOTHING
        if self._snapshot is not None or self.open_orders.is_used:
            self._move_on()
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
        if len(state.closed_order_ids) > state.max_closed_orders:
            prune(state)
        return changes.applied()

    def view(self) -> Snapshot:
        """Return the snapshot of this step: the same object until the state changes."""
        snapshot = self._snapshot
        if snapshot is None:
            snapshot = self._snapshot = Snapshot(self.state, self.open_orders)
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
        self._times = _times_of(self.state)
        self._expire_view()
        self.open_orders = OpenOrders(self.state)
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

    def _move_on(self) -> None:
        """Let go of what snapshots read, because more than a mark is about to change."""
        self._expire_view()
        if self.open_orders.is_used:
            self.open_orders = OpenOrders(self.state)

    def _undo_call(self, seq_id: int, now: int) -> None:
        """Take back everything that the call under way has done."""
        self.state.rollback()
        self.state.seq_id, self.state.now = seq_id, now
        self._next_midnight = _midnight_after(now)
        self._changes.clear()

    def _change(self, envelope: Envelope, handler: Handler) -> Applied:
        """Apply an event that may change more than a mark."""
        state, changes = self.state, self._changes
        seq_id, now = state.seq_id, state.now
        if envelope.seq_id != seq_id + 1:
            raise InvariantError(
                f"event {envelope.seq_id} came after event {seq_id}: the sequence has no gap"
            )
        if self._snapshot is not None or self.open_orders.is_used:
            self._move_on()
        key, time, payload = envelope.idempotency_key, envelope.event_time, envelope.payload
        state.seq_id = envelope.seq_id
        if key is not None and key in state.idempotency_keys:
            return DUPLICATE
        state.undo.clear()
        if time > now:
            state.now = time
        try:
            if key is not None:
                state.put(state.idempotency_keys, key, envelope.seq_id)
            if state.now >= self._next_midnight or state.held_deadlines:
                self._apply_with_time(envelope, handler)
            else:
                handler(state, changes, envelope, payload)
            if changes.fills or payload.__class__ is Heartbeat:
                check_limits(state, changes, envelope)
        except BaseException:
            self._undo_call(seq_id, now)
            raise
        applied = changes.applied()
        if len(state.closed_order_ids) > state.max_closed_orders or (
            (key is not None or applied.fills) and must_prune(state)
        ):
            prune(state)
        return applied

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


def _times_of(state: KernelState) -> dict[type, dict[InstrumentId, int]]:
    """Return where the time of the newest item of each stream is kept, by class of payload."""
    return {Bar: state.bar_times, Trade: state.trade_times, Quote: state.quote_times}


def _trade_mark(old: Mark | None, trade: Trade, envelope: Envelope) -> Mark | None:
    return market.price_mark(old, trade.price, envelope)


def _bar_mark(old: Mark | None, bar: Bar, envelope: Envelope) -> Mark | None:
    return market.price_mark(old, bar.close, envelope)


_MARKS: Final[dict[type, Callable[[Mark | None, Any, Envelope], Mark | None]]] = {
    Bar: _bar_mark,
    Trade: _trade_mark,
    Quote: market.quote_mark,
}
"""What makes the mark of each kind of item, beside the mark that stands."""


def _nothing(state: KernelState, changes: Changes, envelope: Envelope, payload: Any) -> None:
    """Apply an event that is on the record for others: it moves the time, no more."""


_HANDLERS: Final[dict[type, Handler]] = {
    Bar: market.on_bar,
    Trade: market.on_trade,
    Quote: market.on_quote,
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
    control.EngineStopping: _nothing,
    control.InstanceFailed: _nothing,
}
"""What applies each class of payload."""
