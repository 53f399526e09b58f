"""The screen's copy of the replica: the newest record of each thing, and what changed since it was
last drawn.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Final

from tradetui.domain.ids import ClientOrderId, InstrumentId, StrategyId
from tradetui.domain.replica import (
    AlertGone,
    AlertView,
    DecisionView,
    FillView,
    HeaderView,
    InstanceGone,
    InstanceView,
    InstrumentView,
    LogView,
    OrderView,
    ReplicaSnapshot,
    UiChanged,
)
from tradetui.tui.actions import Engine

KEPT_ROWS: Final = 500
"""How many fills, decisions and log lines the screen keeps, as many as the engine does; the journal
has all. More would be read from there no slower, and would fill for an hour.
"""
KEPT_ORDERS: Final = 600
SHOWN_ROWS: Final = 500
"""How many decisions, closed orders and log lines a snapshot brings at most: with fewer they are
all.
"""
PARTS: Final = frozenset(
    ("header", "instruments", "instances", "orders", "fills", "decisions", "alerts", "log")
)


class Replica:
    """Everything the screens draw.

    ``dirty`` names the parts that changed since ``take_dirty``; ``ui_changed`` the instances whose
    widgets or chart did.
    """

    header: HeaderView
    number: int

    def __init__(self, client: Engine) -> None:
        self._client = client
        self._dirty: set[str] = set()
        self.ui_changed: set[StrategyId] = set()
        self.instruments: dict[InstrumentId, InstrumentView] = {}
        self.instances: dict[StrategyId, InstanceView] = {}
        self.orders: dict[ClientOrderId, OrderView] = {}
        self.fills: deque[FillView] = deque(maxlen=KEPT_ROWS)
        self.fills_seen = 0
        """How many fills have come, to tell which the screen has let go of."""
        self.decisions: deque[DecisionView] = deque(maxlen=KEPT_ROWS)
        self.alerts: dict[str, AlertView] = {}
        self.log: deque[LogView] = deque(maxlen=KEPT_ROWS)
        self._appliers: dict[type[Any], Callable[[Any], str]] = {
            HeaderView: self._header,
            InstrumentView: self._instrument,
            InstanceView: self._instance,
            OrderView: self._order,
            FillView: self._fill,
            DecisionView: self._decision,
            AlertView: self._alert,
            LogView: self._log_line,
            InstanceGone: self._instance_gone,
            AlertGone: self._alert_gone,
            UiChanged: self._ui,
        }
        self.resnapshot()

    def resnapshot(self) -> None:
        """Take everything anew."""
        self._load(self._client.snapshot())

    def poll(self) -> bool:
        """Take in what changed; True if anything did.

        A gap in the numbers means a new snapshot.
        """
        changes = self._client.changes(self.number)
        if changes is None:
            self.resnapshot()
            return True
        for numbered in changes:
            change = numbered.change
            part = self._appliers[type(change)](change)
            if part:
                self._dirty.add(part)
            self.number = numbered.number
        return bool(changes)

    def take_dirty(self) -> frozenset[str]:
        """Return the parts that changed since the last call."""
        dirty = frozenset(self._dirty)
        self._dirty.clear()
        return dirty

    def instrument_of(self, instrument_id: InstrumentId | None) -> InstrumentView | None:
        """Return how to write an instrument's numbers, None if it is not known."""
        return None if instrument_id is None else self.instruments.get(instrument_id)

    def _load(self, snapshot: ReplicaSnapshot) -> None:
        self.number = snapshot.number
        self.header = snapshot.header
        self.instruments = {view.instrument_id: view for view in snapshot.instruments}
        ordered = sorted(snapshot.instances, key=lambda view: view.strategy_id)
        self.instances = {view.strategy_id: view for view in ordered}
        self.orders = {view.client_order_id: view for view in snapshot.orders}
        self.fills = deque(snapshot.fills, KEPT_ROWS)
        self.fills_seen += KEPT_ROWS + 1
        self.decisions = deque(snapshot.decisions, KEPT_ROWS)
        self.alerts = {view.alert_id: view for view in snapshot.alerts}
        self.log = deque(snapshot.log, KEPT_ROWS)
        self.ui_changed = set(self.instances)
        self._dirty |= PARTS

    def _header(self, view: HeaderView) -> str:
        self.header = view
        return "header"

    def _instrument(self, view: InstrumentView) -> str:
        self.instruments[view.instrument_id] = view
        return "instruments"

    def _instance(self, view: InstanceView) -> str:
        is_new = view.strategy_id not in self.instances
        self.instances[view.strategy_id] = view
        if is_new:
            self.instances = dict(sorted(self.instances.items()))
        return "instances"

    def _order(self, view: OrderView) -> str:
        self.orders[view.client_order_id] = view
        if len(self.orders) > KEPT_ORDERS:
            self._drop_closed_orders()
        return "orders"

    def _drop_closed_orders(self) -> None:
        """Forget the half of the closed orders that ended first; open ones stay."""
        closed = sorted(self.closed_orders(), key=lambda order: order.updated_seq)
        for order in closed[: len(closed) // 2]:
            del self.orders[order.client_order_id]

    def closed_orders(self) -> list[OrderView]:
        """Return the closed orders that are kept, in no order."""
        return [order for order in self.orders.values() if not order.is_open]

    def _fill(self, view: FillView) -> str:
        self.fills.append(view)
        self.fills_seen += 1
        return "fills"

    def _decision(self, view: DecisionView) -> str:
        self.decisions.append(view)
        return "decisions"

    def _alert(self, view: AlertView) -> str:
        self.alerts[view.alert_id] = view
        return "alerts"

    def _log_line(self, view: LogView) -> str:
        self.log.append(view)
        return "log"

    def _instance_gone(self, change: InstanceGone) -> str:
        self.instances.pop(change.strategy_id, None)
        return "instances"

    def _alert_gone(self, change: AlertGone) -> str:
        self.alerts.pop(change.alert_id, None)
        return "alerts"

    def _ui(self, change: UiChanged) -> str:
        self.ui_changed.add(change.strategy_id)
        return ""
