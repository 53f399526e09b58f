"""The replica: what screens see, as a snapshot and numbered changes.

The publisher is told of every step as it is appended, but builds views only in ``publish``, which
the pump calls when the journal has made the steps durable: nothing of a step that could be lost is
ever shown. It builds only what changed; rows and header at most four times a second (an act of a
person is shown at once). A reader that has fallen behind the ring takes a snapshot again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Final

from tradetui.domain.control import InstanceLoaded, InstanceUnloaded, ModeChanged
from tradetui.domain.enums import Severity
from tradetui.domain.ids import ClientOrderId, InstrumentId, StrategyId
from tradetui.domain.instances import InstanceRecord
from tradetui.domain.market_data import Bar, InstrumentUpdated, Quote, Trade
from tradetui.domain.memory import ScreenMemory
from tradetui.domain.replica import (
    AlertView,
    DecisionView,
    FillView,
    HeaderView,
    InstanceView,
    InstrumentView,
    LogView,
    OrderView,
    ReplicaChange,
    ReplicaSnapshot,
)
from tradetui.domain.steps import QUIET, StepRecord
from tradetui.domain.timers import Heartbeat
from tradetui.runtime.alerts import AlertBook, Condition
from tradetui.runtime.change_ring import ChangeRing
from tradetui.runtime.charts import ChartKeeper
from tradetui.runtime.closings import ClosingBook
from tradetui.runtime.conditions import NO_INQUIRIES, Inquiries, conditions
from tradetui.runtime.header import RunCaption, header_view
from tradetui.runtime.instance_view import InstanceNotes
from tradetui.runtime.loop_view import LoopView
from tradetui.runtime.loss_alerts import loss_conditions
from tradetui.runtime.ownerless import NO_RECORD
from tradetui.runtime.pacer import Pacer
from tradetui.runtime.remembered import (
    note_decision,
    note_mode,
    notes_from,
    recall_counts,
    screen_memory,
)
from tradetui.runtime.rows import RowBook
from tradetui.runtime.shared_blocks import Block, shared_blocks
from tradetui.runtime.telemetry import Telemetry
from tradetui.runtime.trips import TripBook
from tradetui.runtime.views import (
    carried_orders,
    decision_views,
    diagnostic_line,
    fill_view,
    instrument_view,
    order_view,
)

RING: Final = 2_048
"""Changes that a reader may be behind before it must take a snapshot: five seconds of a hundred
instances whose every row moves. A change is up to 2 kB.
"""
LIST_LENGTH: Final = 500
ROWS_EVERY_NS: Final = 250_000_000
_PRICES: Final = frozenset((Quote, Trade, Bar))
HEADER_EVERY_NS: Final = 250_000_000


class ReplicaPublisher:
    """Owns the replica of one engine. Not thread-safe: one event loop."""

    def __init__(
        self,
        loop: LoopView,
        info: RunCaption,
        telemetry: Telemetry,
        charts: ChartKeeper,
        *,
        wall: Callable[[], int],
        is_virtual: bool,
        pacer: Pacer | None = None,
        label_of: Callable[[str], str] = str,
        ring: int = RING,
    ) -> None:
        self._loop = loop
        self._info = info
        self._telemetry = telemetry
        self._charts = charts
        self._wall = wall
        self._is_virtual = is_virtual
        self._pacer = pacer
        self._run_id = str(loop.kernel.state.config.run_id)
        self._changes = ChangeRing(ring)
        self._append = self._changes.append
        self._alerts = AlertBook()
        self.inquiries: Callable[[], Inquiries] = lambda: NO_INQUIRIES
        """Says what venues were asked about orders whose outcome is unknown."""
        self._trips = TripBook(loop.kernel.state)
        self._rows = RowBook(loop, telemetry, charts, self._trips, self._append, label_of)
        self.closings = ClosingBook(loop.kernel.state)
        self._header: HeaderView | None = None
        self._blocks: frozenset[Block] = frozenset()
        """What blocked instances from elsewhere when the header was last built."""
        self._instruments: dict[InstrumentId, InstrumentView] = {}
        self._orders: dict[ClientOrderId, OrderView] = {}
        self._fills: deque[FillView] = deque(maxlen=LIST_LENGTH)
        self._decisions: deque[DecisionView] = deque(maxlen=LIST_LENGTH)
        self._log: deque[LogView] = deque(maxlen=LIST_LENGTH)
        self._new: list[FillView | DecisionView | LogView] = []
        self._dirty_orders: dict[ClientOrderId, None] = carried_orders(
            loop.kernel.state, LIST_LENGTH
        )
        self._rows_at = 0
        self._header_at = 0
        self.trouble = ""
        """The one thing wrong that the header's second line must say; empty when nothing is."""
        self.room_trouble = ""
        """The same, of the disk: said when nothing worse is."""

    # What happened.

    def note(self, record: StepRecord) -> None:
        """Take in a step as it is appended to the journal; nothing of it is shown yet."""
        event = record.event
        payload = event.payload
        kind: object = payload.__class__
        if kind in _PRICES:
            self._charts.add(event.instrument, event.event_time, payload)  # type: ignore[arg-type]
            self._rows.note_price(event.instrument)
            if record.result is QUIET:
                self._trips.see(event)
                return
        else:
            self._note_other(record)
        self._trips.take(record, self._loop.kernel.state)
        self.closings.take(record, self._loop.kernel.state)
        self._alerts.causes.take(record, self._loop.kernel.state)
        if record.decisions or record.transitions or record.result.fills:
            self._note_orders(record)
        if record.result.signals or record.decisions:
            for view in decision_views(self._loop.kernel.state, record):
                self._note_decision(view)
        for diagnostic in record.result.diagnostics:
            self.log(diagnostic_line(diagnostic, event.event_time))
        for result in record.result.callbacks:
            self._rows.touch(result.strategy_id)

    def log(self, line: LogView) -> None:
        """Take a line for the log (of a strategy, or of the driver)."""
        self._new.append(line)

    def say(self, severity: Severity, text: str, strategy_id: StrategyId | None = None) -> None:
        """Log a line of the driver's own, now."""
        self.log(LogView(self.now(), severity, strategy_id, text))

    def _note_other(self, record: StepRecord) -> None:
        payload = record.event.payload
        if isinstance(payload, Heartbeat):
            for strategy_id in payload.due:
                self._rows.touch(strategy_id)
                self._rows.touch_ui(strategy_id)
            return
        order_id = getattr(payload, "client_order_id", None)
        if order_id is not None:
            self._dirty_orders[order_id] = None
        if isinstance(payload, InstrumentUpdated):
            self._instruments.pop(payload.instrument.instrument_id, None)
        concerned: StrategyId | None = getattr(payload, "strategy_id", None)
        if concerned is None:
            self._rows.touch_all()
            return
        self._rows.touch(concerned)
        self._note_instance(record, concerned)

    def _note_instance(self, record: StepRecord, strategy_id: StrategyId) -> None:
        payload = record.event.payload
        self._rows.touch_ui(strategy_id)
        if isinstance(payload, InstanceLoaded | ModeChanged | InstanceUnloaded):
            note_mode(self.notes_of(strategy_id), payload, record.event.event_time)
        if isinstance(payload, InstanceUnloaded):
            self._telemetry.forget(strategy_id)

    def _note_orders(self, record: StepRecord) -> None:
        for move in record.transitions:
            self._dirty_orders[move.client_order_id] = None
            self._rows.touch(move.strategy_id)
        for decision in record.decisions:
            if decision.client_order_id is not None:
                self._dirty_orders[decision.client_order_id] = None
            self._rows.touch(decision.strategy_id)
        for fill in record.result.fills:
            self._new.append(fill_view(fill, self._run_id))
            self._dirty_orders[fill.client_order_id] = None
            self._rows.touch(fill.strategy_id)

    def _note_decision(self, view: DecisionView) -> None:
        self._new.append(view)
        note_decision(self.notes_of(view.strategy_id), view)

    # What people and the driver say.

    def set_records(self, records: tuple[InstanceRecord, ...], why_bare: str = NO_RECORD) -> None:
        """Take the records as they are now; rows of deleted ones go, but for those that still hold
        something: they say ``why_bare``.
        """
        self._rows.set_records(records, why_bare)

    def notes_of(self, strategy_id: StrategyId) -> InstanceNotes:
        """Return what is remembered of an instance beside the kernel; it may be written to."""
        return self._rows.notes_of(strategy_id)

    def touch(self, strategy_id: StrategyId) -> None:
        """Build an instance's row anew with the next publish."""
        self._rows.touch(strategy_id)

    def hurry(self) -> None:
        """Build rows and header with the next publish, whenever they were built last."""
        self._rows_at = self._header_at = 0
        self._rows.hurry()

    def raise_alert(self, alert_id: str, condition: Condition) -> None:
        """Keep an alert of the driver's own until ``clear_alert``."""
        self._alerts.raise_alert(alert_id, condition)
        self._header_at = 0

    def clear_alert(self, alert_id: str) -> None:
        """Say that an alert of the driver's own is over."""
        self._alerts.clear_alert(alert_id)
        self._header_at = 0

    def acknowledge(self, alert_id: str) -> bool:
        """Note that a person has seen an alert; False if there is none of that id."""
        change = self._alerts.acknowledge(alert_id)
        if change is not None:
            self._append(change)
        return change is not None

    def remember(self) -> ScreenMemory:
        """Return what the next start shall show, as of the newest step."""
        decisions, log = deque(self._decisions, LIST_LENGTH), deque(self._log, LIST_LENGTH)
        for new in self._new:
            if isinstance(new, DecisionView):
                decisions.append(new)
            elif isinstance(new, LogView):
                log.append(new)
        return screen_memory(
            decisions, log, self._rows.notes, self._charts, self._telemetry, self._trips
        )

    def recall(self, memory: ScreenMemory, bars: Mapping[InstrumentId, tuple[Bar, ...]]) -> None:
        """Begin with what was shown before, ``bars`` being those of the feeds; before any step."""
        self._decisions.extend(memory.decisions)
        self._log.extend(memory.log)
        self._alerts.causes.recall(memory.log, self._loop.kernel.state)
        self._rows.notes = notes_from(memory)
        self._charts.recall(memory.charts, bars)
        recall_counts(self._telemetry, memory)
        self._trips.recall(memory.trips, self._loop.kernel.state)

    def preload_fills(self, fills: tuple[FillView, ...]) -> None:
        """Show fills of earlier runs, oldest first; called before the first fill of this one."""
        for view in fills:
            self._fills.append(view)
            self._append(view)

    # What screens read.

    def publish(self, *, force: bool = False) -> None:
        """Show everything noted so far; call it only when all of that is durable."""
        state = self._loop.kernel.state
        for instrument_id in state.instruments.keys() - self._instruments.keys():
            self._show_instrument(instrument_id)
        for order_id in self._dirty_orders:
            order = state.orders.get(order_id)
            if order is not None:
                view = order_view(state, order)
                if self._orders.get(order_id) != view:
                    self._orders[order_id] = view
                    self._append(view)
        self._dirty_orders.clear()
        for new in self._new:
            self._keep(new)
            self._append(new)
        self._new.clear()
        wall = self._wall()
        if force:
            self._rows.hurry()
        if force or wall - self._rows_at >= ROWS_EVERY_NS:
            self._rows_at = wall
            self._rows.show(self.now())
        if force or wall - self._header_at >= HEADER_EVERY_NS:
            self._header_at = wall
            self.show_header()
            self._trim_orders()

    def now(self) -> int:
        """Return the moment the screens shall show: the data's in a replay, else the wall's."""
        return self._loop.now if self._is_virtual else self._wall()

    def snapshot(self) -> ReplicaSnapshot:
        """Return everything as of the newest change."""
        if self._header is None:
            self.show_header()
        assert self._header is not None
        views = self._rows.views
        return ReplicaSnapshot(
            number=self._changes.number,
            header=self._header,
            instruments=tuple(self._instruments[key] for key in sorted(self._instruments)),
            instances=tuple(views[key] for key in sorted(views)),
            orders=tuple(self._orders[key] for key in self._orders),
            fills=tuple(self._fills),
            decisions=tuple(self._decisions),
            alerts=self._alerts.views(),
            log=tuple(self._log),
        )

    def changes(self, after: int) -> tuple[ReplicaChange, ...] | None:
        """Return the changes after number ``after``; None if some of them are gone."""
        return self._changes.after(after)

    @property
    def record_ids(self) -> tuple[StrategyId, ...]:
        """The ids of all records, ascending."""
        return self._rows.record_ids

    def instance(self, strategy_id: StrategyId) -> InstanceView | None:
        """Return an instance's row as screens see it."""
        return self._rows.views.get(strategy_id)

    def alerts(self) -> tuple[AlertView, ...]:
        """Return all alerts, the worst first."""
        return self._alerts.views()

    @property
    def fills(self) -> tuple[FillView, ...]:
        """The newest fills, oldest first."""
        return tuple(self._fills)

    # Building.

    def _keep(self, new: FillView | DecisionView | LogView) -> None:
        if isinstance(new, FillView):
            self._fills.append(new)
        elif isinstance(new, DecisionView):
            self._decisions.append(new)
        else:
            self._log.append(new)

    def _show_instrument(self, instrument_id: InstrumentId) -> None:
        instrument = self._loop.kernel.state.instruments[instrument_id]
        view = instrument_view(instrument)
        self._instruments[instrument_id] = view
        self._charts.add_instrument(instrument)
        self._append(view)

    def show_header(self) -> None:
        """Build header and alerts now; they say nothing that a step could take back."""
        state = self._loop.kernel.state
        now = self.now()
        self._rows.spot_stale(now)
        instances = list(self._rows.views.values())
        causes, awaited = self._alerts.causes.began, self._rows.awaited(now)
        found = conditions(state, instances, now, self.inquiries(), causes, awaited)
        losses = loss_conditions(state)
        blocks = shared_blocks(state, losses)
        if blocks != self._blocks:
            self._blocks = blocks
            self._rows.touch_all()
        found |= self.closings.conditions(state) | losses
        for change in self._alerts.update(found, now):
            self._append(change)
        header = header_view(
            state,
            self._info,
            self._telemetry.snapshot(),
            instances,
            now=now,
            pacer=self._pacer,
            trouble=self.trouble or self.room_trouble or self._alerts.worst(),
        )
        if header != self._header:
            self._header = header
            self._append(header)

    def _trim_orders(self) -> None:
        """Keep all open orders and those that were closed last."""
        closed = [view for view in self._orders.values() if not view.is_open]
        for view in sorted(closed, key=lambda one: one.updated_seq)[:-LIST_LENGTH]:
            del self._orders[view.client_order_id]
