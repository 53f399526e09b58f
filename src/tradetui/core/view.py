"""What strategies may see: one snapshot per step, and each instance's own part of it.

A snapshot is a reference to the step's records, not a copy: most are never looked at. When the
state moves on it expires, and reading it is an error, unless it was materialised before (a copy of
the maps; the records in them never change). Neither it nor a filtered view can be written to.
"""

from __future__ import annotations

from tradetui.core.conversion import convert
from tradetui.core.guards import guard_of
from tradetui.core.orders import open_orders_of
from tradetui.core.risk.funds import commitment, free_cash
from tradetui.core.risk.resolve import select_route
from tradetui.core.state import Instance, KernelState, PositionKey, Working
from tradetui.core.status import status_of
from tradetui.domain.enums import Guard, InstanceMode, InstanceState
from tradetui.domain.ids import (
    ClientOrderId,
    Currency,
    InstrumentId,
    RouteId,
    StrategyId,
    shadow_route,
)
from tradetui.domain.instances import InstanceStatus, state_of
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import Quote
from tradetui.domain.orders import Order, Position


class SnapshotExpiredError(RuntimeError):
    """A snapshot was read after the state had moved on."""


class ReadOnlyError(AttributeError):
    """Something tried to write to a snapshot or a view."""


class _Sealed:
    """Refuses every change of its attributes after construction."""

    __slots__ = ()

    def __setattr__(self, name: str, value: object) -> None:
        raise ReadOnlyError(f"{type(self).__name__} is read-only: {name} cannot be set")

    def __delattr__(self, name: str) -> None:
        raise ReadOnlyError(f"{type(self).__name__} is read-only: {name} cannot be deleted")


class OpenOrders:
    """The orders that are not terminal, by instance and book, in order of creation; and where each
    instance has a position.

    Worked out when the first instance asks, for all of them; true until more than a mark changes.
    An instance that asks again is given the very same tuple.
    """

    __slots__ = ("_groups", "_keys", "_state", "is_used")

    def __init__(self, state: KernelState) -> None:
        self._state = state
        self._groups: dict[tuple[StrategyId, bool], tuple[Order, ...]] = {}
        self._keys: dict[StrategyId, tuple[PositionKey, ...]] = {}
        self.is_used = False
        """Whether anybody has asked."""

    def of(self, strategy_id: StrategyId, *, is_observing: bool) -> tuple[Order, ...]:
        """Return the open orders of an instance: of its shadow's book, or of the real ones."""
        if not self.is_used:
            self._group()
        return self._groups.get((strategy_id, is_observing), ())

    def keys(self, strategy_id: StrategyId) -> tuple[PositionKey, ...]:
        """Return where an instance has a position, or had one, or has orders at work."""
        if not self.is_used:
            self._group()
        return self._keys.get(strategy_id, ())

    def _group(self) -> None:
        orders: dict[tuple[StrategyId, bool], list[Order]] = {}
        for order in open_orders_of(self._state, None, with_shadow=True):
            owner = order.terms.strategy_id
            book = owner, order.terms.route_id == shadow_route(owner)
            orders.setdefault(book, []).append(order)
        keys: dict[StrategyId, list[PositionKey]] = {}
        for key in dict.fromkeys((*self._state.positions, *self._state.working)):
            keys.setdefault(key[0], []).append(key)
        self._groups = {book: tuple(found) for book, found in orders.items()}
        self._keys = {owner: tuple(found) for owner, found in keys.items()}
        self.is_used = True


class Snapshot(_Sealed):
    """The state after one event; ``snapshot_id`` is the event's ``seq_id``.

    ``open_orders`` may be shared with the snapshots of steps before that changed no order.
    """

    __slots__ = ("_is_copy", "_open_orders", "_state", "snapshot_id")

    snapshot_id: int
    _state: KernelState | None
    _open_orders: OpenOrders
    _is_copy: bool

    def __init__(self, state: KernelState, open_orders: OpenOrders) -> None:
        object.__setattr__(self, "snapshot_id", state.seq_id)
        object.__setattr__(self, "_state", state)
        object.__setattr__(self, "_open_orders", open_orders)
        object.__setattr__(self, "_is_copy", False)

    def read(self) -> KernelState:
        """Return the state to read from; raises SnapshotExpiredError when that has moved on.

        For the views in here and for projections; who holds it must not write.
        """
        state = self._state
        if state is None:
            raise SnapshotExpiredError(
                f"snapshot {self.snapshot_id} has expired: read it within its step, or "
                "materialise it"
            )
        return state

    def open_orders(self, strategy_id: StrategyId, *, is_observing: bool) -> tuple[Order, ...]:
        """Return the open orders of an instance, of its shadow's book or of the real ones, in order
        of creation; raises as ``read`` does.
        """
        self.read()
        return self._open_orders.of(strategy_id, is_observing=is_observing)

    @property
    def shared_orders(self) -> OpenOrders:
        """What ``open_orders`` reads: while it is the same object, its answers are the same."""
        return self._open_orders

    def keys(self, strategy_id: StrategyId) -> tuple[PositionKey, ...]:
        """Return where an instance has a position, or had one, or has orders at work; raises as
        ``read`` does.
        """
        self.read()
        return self._open_orders.keys(strategy_id)

    def materialise(self) -> Snapshot:
        """Make the snapshot last beyond its step; the copy is made at most once."""
        if not self._is_copy:
            copy = self.read().copy()
            object.__setattr__(self, "_state", copy)
            object.__setattr__(self, "_open_orders", OpenOrders(copy))
            object.__setattr__(self, "_is_copy", True)
        return self

    def expire(self) -> None:
        """Let go of the state, because it is about to change; called by the kernel."""
        if not self._is_copy:
            object.__setattr__(self, "_state", None)


class FilteredView(_Sealed):
    """One instance's part of a snapshot: its own orders, positions and money, and the marks.

    For an observing instance the book is its shadow's. Integers at the instrument's scales, money
    at CASH_SCALE.
    """

    __slots__ = ("_snapshot", "strategy_id")

    _snapshot: Snapshot
    strategy_id: StrategyId

    def __init__(self, snapshot: Snapshot, strategy_id: StrategyId) -> None:
        object.__setattr__(self, "_snapshot", snapshot)
        object.__setattr__(self, "strategy_id", strategy_id)

    @property
    def snapshot_id(self) -> int:
        """The ``seq_id`` of the event after which this was true."""
        return self._snapshot.snapshot_id

    @property
    def mode(self) -> InstanceMode:
        """The instance's mode; off when it does not run."""
        instance = self._instance()
        return InstanceMode.OFF if instance is None else instance.mode

    @property
    def status(self) -> InstanceStatus:
        """What decides the state word."""
        return status_of(self._snapshot.read(), self.strategy_id)

    @property
    def can_trade(self) -> bool:
        """Whether the instance is ACTIVE: entries may pass."""
        return state_of(self.status) is InstanceState.ACTIVE

    def instrument(self, instrument_id: InstrumentId) -> Instrument | None:
        """Return an instrument as it is now."""
        return self._snapshot.read().instruments.get(instrument_id)

    def mark(self, instrument_id: InstrumentId) -> int | None:
        """Return the last or mid price, None before the first."""
        mark = self._snapshot.read().marks.get(instrument_id)
        return None if mark is None else mark.price

    def mark_time(self, instrument_id: InstrumentId) -> int | None:
        """Return the event time of the mark, None before the first."""
        mark = self._snapshot.read().marks.get(instrument_id)
        return None if mark is None else mark.event_time

    def quote(self, instrument_id: InstrumentId) -> Quote | None:
        """Return the best bid and ask, None before the first quote."""
        mark = self._snapshot.read().marks.get(instrument_id)
        if mark is None or not (mark.bid or mark.ask):
            return None
        return Quote(mark.bid, mark.bid_quantity, mark.ask, mark.ask_quantity)

    def position(self, instrument_id: InstrumentId) -> Position:
        """Return the instance's position in an instrument; a flat one when it has none."""
        key = self._key(instrument_id)
        return self._snapshot.read().positions.get(key) or Position(*key)

    def positions(self) -> tuple[Position, ...]:
        """Return the instance's positions that are not flat, by route and instrument."""
        state = self._snapshot.read()
        found = [
            key
            for key, position in state.positions.items()
            if key[0] == self.strategy_id and position.quantity and self._is_own(key[1])
        ]
        return tuple(state.positions[key] for key in sorted(found))

    def guard(self, instrument_id: InstrumentId) -> Guard:
        """Return who holds the stop that protects the position in an instrument."""
        return guard_of(self._snapshot.read(), self._key(instrument_id))

    def orders(self) -> tuple[Order, ...]:
        """Return the instance's orders that are not terminal, in order of creation; the same tuple
        until an order changes.
        """
        is_observing = self.mode is InstanceMode.OBSERVE
        return self._snapshot.open_orders(self.strategy_id, is_observing=is_observing)

    def order(self, client_order_id: ClientOrderId) -> Order | None:
        """Return one of the instance's orders, also one that has ended lately."""
        order = self._snapshot.read().orders.get(client_order_id)
        if order is None or order.terms.strategy_id != self.strategy_id:
            return None
        return order

    def cash(self, currency: Currency) -> int:
        """Return what is free on the instance's route: cash less what working orders may take."""
        route_id = self._route(None)
        if route_id is None:
            return 0
        return free_cash(self._snapshot.read(), route_id, currency)

    def budget(self) -> int:
        """Return the budget in the quote currency of the instance's market; 0 without a rate."""
        instance = self._instance()
        return 0 if instance is None else self._in_quote(instance, instance.limits.budget)

    def budget_used(self) -> int:
        """Return what positions and working entries take of the budget, in the quote currency of
        the instance's market; all of it while a rate lacks.
        """
        instance = self._instance()
        if instance is None:
            return 0
        state = self._snapshot.read()
        total = 0
        for key in self._snapshot.keys(self.strategy_id):
            if self._is_own(key[1]):
                used = committed(state, key)
                if used is None:
                    return self.budget()
                total += used
        return self._in_quote(instance, total)

    def _in_quote(self, instance: Instance, amount: int) -> int:
        state = self._snapshot.read()
        quote = state.instruments[instance.instrument_id].quote
        return convert(state, state.config.reporting_currency, quote, amount) or 0

    def _instance(self) -> Instance | None:
        return self._snapshot.read().instances.get(self.strategy_id)

    def _is_own(self, route_id: RouteId) -> bool:
        """Tell whether a route is of the book that the instance sees: its shadow's, or the real
        ones.
        """
        is_shadow = route_id == shadow_route(self.strategy_id)
        return is_shadow is (self.mode is InstanceMode.OBSERVE)

    def _route(self, instrument_id: InstrumentId | None) -> RouteId | None:
        """Return the route of an instrument (None: the instance's own market)."""
        instance = self._instance()
        if instance is None:
            return None
        if instance.mode is InstanceMode.OBSERVE:
            return shadow_route(self.strategy_id)
        state = self._snapshot.read()
        instrument = state.instruments.get(instrument_id or instance.instrument_id)
        if instrument is None:
            return None
        route = select_route(state, instance.execution_id, instrument)
        return None if route is None else route.route_id

    def _key(self, instrument_id: InstrumentId) -> PositionKey:
        route_id = self._route(instrument_id)
        return (self.strategy_id, route_id or RouteId(""), instrument_id)


def committed(state: KernelState, key: PositionKey) -> int | None:
    """Return what a sub-position and its working orders tie up at worst, in the reporting
    currency; None where a rate lacks.
    """
    position = state.positions.get(key)
    working = state.working.get(key, Working())
    cost = 0 if position is None else position.cost
    worst = max(cost + working.buy_notional, working.sell_notional - cost)
    return commitment(state, state.instruments[key[2]], worst)
