"""What a common order's list of gates looks like, laid out once per plan.

A lane is for the limit orders or the market orders to buy of one plan: all gates in the order of
``verdict.GATE_ORDER``, those that cannot differ between two orders as they are, those that measure
something with the value of the last order. ``express`` measures, and puts in a new gate
only where a value differs; a gate depends on nothing but its check and the value, so nothing that
stands in a lane from an earlier order (of a step that was rolled back, even) is ever wrong.
"""

from __future__ import annotations

from typing import Final

import msgspec

from tradetui.core.risk.plan import Limit, Plan, RateLimit, ScopeFilter, is_in
from tradetui.core.risk.verdict import passed
from tradetui.domain.enums import InstanceMode, InstrumentClass, OrderType, TimeInForce
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import Gate
from tradetui.domain.units import CASH_SCALE, I64_MAX, I64_MIN

Check = tuple[int, int, int, int]
"""Place of the gate in the lane, which measure, and the least and the most that passes."""

MEASURES: Final = 14
"""How many measures there are."""

_LEAST: Final = I64_MIN
"""What a gate can show at the least."""

_MOST: Final = 10**60
"""Beyond all that can be measured: no limit on that side."""

_UNSEEN: Final = 10**61
"""What a gate shows that has not measured anything yet: no measure is equal to it."""

NOT_MEASURED: Final = (_UNSEEN,) * MEASURES
"""The measures of a lane before its first order, and after one that did not pass."""

QUANTITY: Final = 0
VALUE: Final = 1
POSITION: Final = 2
POSITION_VALUE: Final = 3
EXPOSURE: Final = 4
OPEN_ORDERS: Final = 5
AGE: Final = 6
SKEW: Final = 7
BEYOND: Final = 8
USED: Final = 9
LOSS: Final = 10
FEES: Final = 11
PROFIT: Final = 12
OWN_LOSS: Final = 13
"""The measures of an order, by place; see ``express``. ``POSITION``, ``POSITION_VALUE``,
``EXPOSURE``, ``OPEN_ORDERS``, ``LOSS`` and ``PROFIT`` are those of a scope."""

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
    measured: tuple[int, ...] = NOT_MEASURED


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
        self._ceilings(Reason.DATA_AGE, AGE, plan.data_age, _NANO_SCALE)
        self._ceilings(Reason.CLOCK_SKEW, SKEW, plan.clock_skew, _NANO_SCALE)
        if is_priced:
            self._ceilings(Reason.PRICE_COLLAR, BEYOND, plan.collar[:1], _PPM_SCALE)
        if plan.prevent_self_cross:
            gates.append(passed(Reason.SELF_CROSS))
        self._sizes()
        balance = len(gates)
        gates.append(Gate(Reason.AVAILABLE_BALANCE, 0, 0, True, CASH_SCALE))
        self._ceiling(Reason.BUDGET, USED, plan.instance.limits.budget, CASH_SCALE)
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
                tuple(check for check in self.checks if check[1] == measure)
                for measure in range(MEASURES)
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
            self._floor(Reason.MIN_QUANTITY, QUANTITY, instrument.min_quantity, scale)
        if largest is not None:
            self._ceiling(Reason.MAX_QUANTITY, QUANTITY, largest, scale)
        if instrument.min_notional:
            self._floor(Reason.MIN_NOTIONAL, VALUE, instrument.min_notional, CASH_SCALE)

    def _sizes(self) -> None:
        plan = self.plan
        scale = plan.instrument.size_scale
        self._ceilings(Reason.MAX_ORDER_QUANTITY, QUANTITY, plan.order_quantity[:1], scale)
        self._ceilings(Reason.MAX_POSITION_QUANTITY, POSITION, plan.position_quantity, scale)
        self._ceilings(Reason.MAX_ORDER_NOTIONAL, VALUE, plan.order_notional[:1], CASH_SCALE)
        self._ceilings(
            Reason.MAX_POSITION_NOTIONAL, POSITION_VALUE, plan.position_notional, CASH_SCALE
        )
        self._ceilings(Reason.MAX_EXPOSURE, EXPOSURE, plan.exposure, CASH_SCALE)
        self._ceilings(Reason.MAX_OPEN_ORDERS, OPEN_ORDERS, plan.open_orders, 0)

    def _losses(self) -> None:
        """The limits on losses, where to be at the limit is to be over it."""
        plan, limits = self.plan, self.plan.instance.limits
        for limit in plan.daily_loss:
            self._ceiling(Reason.DAILY_LOSS, LOSS, limit.value, CASH_SCALE, limit.value - 1)
        for limit in plan.drawdown:
            self.drawdowns.append((len(self.gates), plan.scopes[limit.scope], limit.value))
            self.gates.append(Gate(Reason.DRAWDOWN, 0, limit.value, True, _PPM_SCALE))
        most = limits.max_fees_per_day
        if most is not None:
            self._ceiling(Reason.FEES_PER_DAY, FEES, most, CASH_SCALE, most - 1)
        most = limits.max_loss_per_day
        if most is not None:
            self._ceiling(Reason.LOSS_PER_DAY, OWN_LOSS, most, CASH_SCALE, most - 1)

    def _ceilings(self, code: Reason, measure: int, limits: tuple[Limit, ...], scale: int) -> None:
        for limit in limits:
            self._ceiling(code, measure, limit.value, scale)

    def _ceiling(
        self, code: Reason, measure: int, limit: int, scale: int, most: int | None = None
    ) -> None:
        self.checks.append((len(self.gates), measure, _LEAST, limit if most is None else most))
        self.gates.append(Gate(code, _UNSEEN, limit, True, scale))

    def _floor(self, code: Reason, measure: int, limit: int, scale: int) -> None:
        self.checks.append((len(self.gates), measure, limit, _MOST))
        self.gates.append(Gate(code, _UNSEEN, limit, True, scale))
