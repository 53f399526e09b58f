"""What a common order's list of gates looks like, laid out once per plan.

A lane is for the limit orders or the market orders to buy of one plan: all gates in the order of
``verdict.GATE_ORDER``, those that cannot differ between two orders as they are, those that measure
something with the value of the last order. ``express`` measures, and puts in a new gate
only where a value differs; a gate depends on nothing but its check and the value, so nothing that
stands in a lane from an earlier order (of a step that was rolled back, even) is ever wrong.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec

from tradetui.core.risk.plan import Limit, Plan, RateLimit, ScopeFilter, is_in
from tradetui.core.risk.verdict import passed
from tradetui.domain.enums import InstanceMode, InstrumentClass, OrderType, TimeInForce
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import Gate
from tradetui.domain.units import CASH_SCALE, I64_MAX, I64_MIN


class Check(NamedTuple):
    """A comparison: the place of its gate in the lane, that of what it compares in ``Measures``,
    and the least and the most that passes.
    """

    gate: int
    measure: int
    least: int
    most: int


class Measures(NamedTuple):
    """What the gates compare of one order, in the units of their limits.

    ``used`` is what counts against the budget. ``position``, ``position_value``, ``exposure``,
    ``open_orders``, ``loss`` (of the day) and ``profit`` (of the run) are sums over a scope;
    ``fees`` and ``own_loss`` are the instance's, of the day.
    """

    quantity: int
    value: int
    position: int
    position_value: int
    exposure: int
    open_orders: int
    age: int
    skew: int
    beyond: int
    """By how much the price is worse than the market's, in millionths."""
    used: int
    loss: int
    fees: int
    profit: int
    own_loss: int


_LEAST: Final = I64_MIN
"""What a gate can show at the least."""

_MOST: Final = 10**60
"""Beyond all that can be measured: no limit on that side."""

_UNSEEN: Final = 10**61
"""What a gate shows that has not measured anything yet: no measure is equal to it."""

NOT_MEASURED: Final = Measures(*(_UNSEEN,) * len(Measures._fields))
"""The measures of a lane before its first order, and after one that did not pass."""

_NANO_SCALE: Final = 9
_PPM_SCALE: Final = 6

_ALWAYS: Final = (Reason.SCHEMA, Reason.UNKNOWN_INSTRUMENT, Reason.NO_ROUTE, Reason.CAPABILITY)
_PRICED: Final = (Reason.PRICE_TICK, Reason.PRICE_BOUNDS)
_OUTSIDE: Final = (Reason.ROUTE_HALTED, Reason.KILL_SWITCH, Reason.ORDER_UNKNOWN)


class Lane(msgspec.Struct):
    """The gates of one kind of order, and the checks that fill them in.

    ``checks`` are by measure: all that compare it. ``measured`` are the measures of the last order
    that passed, which its gates show: what has not changed since is not compared again.
    ``balance`` is the place of the gate on cash, whose limit is measured too. ``scope`` is what the
    sums of all limits run over, None where they differ. The first five are the bounds and steps of
    the market's numbers.
    """

    order_type: OrderType
    lot: int
    tick: int
    lowest: int
    highest: int
    gates: list[Gate]
    checks: tuple[tuple[Check, ...], ...]
    drawdowns: tuple[tuple[int, ScopeFilter, int], ...]
    rates: tuple[tuple[int, RateLimit], ...]
    balance: int
    scope: ScopeFilter | None
    measured: Measures = NOT_MEASURED


def lanes_of(plan: Plan) -> tuple[Lane | None, ...]:
    """Return the lanes of a plan: of limit orders, of market orders.

    None where orders of the kind are not common ones, and so have no lane.
    """
    if not _is_plain(plan):
        return (None, None)
    return tuple(
        _Layout(plan).lay(is_priced=kind is OrderType.LIMIT) if plan.order_types[kind] else None
        for kind in (OrderType.LIMIT, OrderType.MARKET)
    )


def _is_plain(plan: Plan) -> bool:
    """Tell whether the short way knows the plan's market, and its own gates let entries pass."""
    return (
        plan.route is not None
        and plan.times_in_force[TimeInForce.GTC]
        and plan.instance.mode is InstanceMode.ACTIVE
        and plan.instrument.instrument_class is InstrumentClass.SPOT
        and plan.is_reporting
        and plan.unit > 0
        and all(gate.passed for gate in (*plan.blocks, *plan.symbols))
        and all(is_in(scope, plan.key) for scope in (plan.own_scope, *plan.scopes))
    )


def _only_scope(plan: Plan) -> ScopeFilter | None:
    """Return the scope of all limits of a plan, if their sums run over the same sub-positions."""
    first, *others = plan.scopes or (plan.own_scope,)
    place = (first.routes, first.strategy_id)
    return first if all((one.routes, one.strategy_id) == place for one in others) else None


class _Layout:
    """Lays out one lane, gate by gate."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.gates: list[Gate] = []
        self.checks: list[Check] = []
        self.drawdowns: list[tuple[int, ScopeFilter, int]] = []
        self.rates: list[tuple[int, RateLimit]] = []

    def lay(self, *, is_priced: bool) -> Lane:
        """Lay out the gates in their fixed order."""
        plan, gates = self.plan, self.gates
        gates += map(passed, _ALWAYS)
        if is_priced:
            gates += map(passed, _PRICED)
        gates.append(passed(Reason.QUANTITY_LOT))
        self._minimums()
        gates += plan.blocks
        gates += map(passed, _OUTSIDE)
        gates += plan.symbols
        self._ceilings(Reason.DATA_AGE, "age", plan.data_age, _NANO_SCALE)
        self._ceilings(Reason.CLOCK_SKEW, "skew", plan.clock_skew, _NANO_SCALE)
        if is_priced:
            self._ceilings(Reason.PRICE_COLLAR, "beyond", plan.collar[:1], _PPM_SCALE)
        if plan.prevent_self_cross:
            gates.append(passed(Reason.SELF_CROSS))
        self._sizes()
        balance = len(gates)
        gates.append(Gate(Reason.AVAILABLE_BALANCE, 0, 0, True, CASH_SCALE))
        self._ceiling(Reason.BUDGET, "used", plan.instance.limits.budget, CASH_SCALE)
        self._losses()
        for rate in plan.rates:
            self.rates.append((len(gates), rate))
            gates.append(Gate(rate.code, 0, rate.limit, True))
        gates.append(passed(Reason.DUPLICATE_ID))
        return self._lane(balance, is_priced=is_priced)

    def _lane(self, balance: int, *, is_priced: bool) -> Lane:
        plan = self.plan
        lowest, highest = plan.lowest_price, plan.highest_price
        return Lane(
            OrderType.LIMIT if is_priced else OrderType.MARKET,
            plan.instrument.size_increment,
            plan.instrument.price_increment,
            -I64_MAX if lowest is None else lowest,
            I64_MAX if highest is None else min(highest, I64_MAX),
            self.gates,
            tuple(
                tuple(check for check in self.checks if check.measure == measure)
                for measure in range(len(Measures._fields))
            ),
            tuple(self.drawdowns),
            tuple(self.rates),
            balance,
            _only_scope(plan),
        )

    def _minimums(self) -> None:
        """The venue's least and largest quantity and least notional, where it has them."""
        instrument = self.plan.instrument
        scale, largest = instrument.size_scale, instrument.max_quantity
        if instrument.min_quantity:
            self._floor(Reason.MIN_QUANTITY, "quantity", instrument.min_quantity, scale)
        if largest is not None:
            self._ceiling(Reason.MAX_QUANTITY, "quantity", largest, scale)
        if instrument.min_notional:
            self._floor(Reason.MIN_NOTIONAL, "value", instrument.min_notional, CASH_SCALE)

    def _sizes(self) -> None:
        plan = self.plan
        scale = plan.instrument.size_scale
        self._ceilings(Reason.MAX_ORDER_QUANTITY, "quantity", plan.order_quantity[:1], scale)
        self._ceilings(Reason.MAX_POSITION_QUANTITY, "position", plan.position_quantity, scale)
        self._ceilings(Reason.MAX_ORDER_NOTIONAL, "value", plan.order_notional[:1], CASH_SCALE)
        self._ceilings(
            Reason.MAX_POSITION_NOTIONAL, "position_value", plan.position_notional, CASH_SCALE
        )
        self._ceilings(Reason.MAX_EXPOSURE, "exposure", plan.exposure, CASH_SCALE)
        self._ceilings(Reason.MAX_OPEN_ORDERS, "open_orders", plan.open_orders, 0)

    def _losses(self) -> None:
        """The limits on losses, where to be at the limit is to be over it."""
        plan, limits = self.plan, self.plan.instance.limits
        for limit in plan.daily_loss:
            self._ceiling(Reason.DAILY_LOSS, "loss", limit.value, CASH_SCALE, limit.value - 1)
        for limit in plan.drawdown:
            self.drawdowns.append((len(self.gates), plan.scopes[limit.scope], limit.value))
            self.gates.append(Gate(Reason.DRAWDOWN, 0, limit.value, True, _PPM_SCALE))
        most = limits.max_fees_per_day
        if most is not None:
            self._ceiling(Reason.FEES_PER_DAY, "fees", most, CASH_SCALE, most - 1)
        most = limits.max_loss_per_day
        if most is not None:
            self._ceiling(Reason.LOSS_PER_DAY, "own_loss", most, CASH_SCALE, most - 1)

    def _ceilings(self, code: Reason, measure: str, limits: tuple[Limit, ...], scale: int) -> None:
        for limit in limits:
            self._ceiling(code, measure, limit.value, scale)

    def _ceiling(
        self, code: Reason, measure: str, limit: int, scale: int, most: int | None = None
    ) -> None:
        self._check(measure, _LEAST, limit if most is None else most)
        self.gates.append(Gate(code, _UNSEEN, limit, True, scale))

    def _floor(self, code: Reason, measure: str, limit: int, scale: int) -> None:
        self._check(measure, limit, _MOST)
        self.gates.append(Gate(code, _UNSEEN, limit, True, scale))

    def _check(self, measure: str, least: int, most: int) -> None:
        """Have the gate that is laid next compare a measure."""
        place = Measures._fields.index(measure)
        self.checks.append(Check(len(self.gates), place, least, most))
