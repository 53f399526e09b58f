"""What scopes add up to, kept so that an order costs the same among a hundred sub-positions.

For each instrument of a route the sums over its sub-positions are kept: what they hold, earned and
may still trade. A mark values all of them at once, as long as each of their products comes out even
(``_Group``); where one does not, or a rate is needed, they are valued one by one. A scope of one
instance is small and always added up one by one.

Derived from positions, days and working sums, and from nothing else: neither in a checkpoint nor
in the state hash. Who writes one of those three notes its key in ``state.moved``, and what was
noted is added up anew before the next look; ``check_all`` compares all with sums from nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from tradetui.core.conversion import to_reporting
from tradetui.core.invariants import InvariantError
from tradetui.core.risk.plan import ScopeFilter
from tradetui.core.risk.worth import NO_WORKING, margin, open_pnl, owed, reserved, worst_of
from tradetui.core.state import CashKey, KernelState, PositionKey
from tradetui.domain.enums import InstrumentClass
from tradetui.domain.ids import EXTERNAL, Currency, InstrumentId, RouteId, StrategyId
from tradetui.domain.instruments import Instrument
from tradetui.domain.units import CASH_SCALE, NANOS_PER_DAY, PPM, div_floor

_Sums = tuple[int, int, int, int, int, int, int, int, int, int, int]
"""Of one sub-position or of several: how many are to be valued one by one; profit that is realised,
after fees; the day's (less the open profit that it began with); cost; lots held; lots that it may
go to on the worse side; then position, working buys, working sells and open orders; what working
orders and short predictions may take from the cash. All but the last are 0 for what is not ours."""

_ZERO: Final[_Sums] = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)

_FUTURE: Final = InstrumentClass.FUTURE

_WORTH: Final = 6
"""How many of the sums, from the first, a mark makes money of."""

_OPEN: Final = 9
"""The place of the open orders in the sums."""

_TAKEN: Final = 10
"""The place of what may be taken from the cash."""

_Keys = dict[PositionKey, None]


class Money(NamedTuple):
    """What a scope earned and risks, in the reporting currency: None where a rate lacks."""

    run: int | None
    """Profit of the whole run after fees."""
    day: int | None
    """Profit since 00:00 UTC after fees."""
    exposure: int | None
    """Worst-case notional, gross over the sub-positions."""


class _Group:
    """The sub-positions of one route in one instrument, and their sums.

    A price values them all at once, with nothing to round on any, if price x ``step`` (what a lot
    stands for) is a multiple of ``unit`` and they hold whole lots. ``unit`` is 0 where they are to
    be valued one by one.
    """

    __slots__ = ("instrument", "money", "parts", "step", "sums", "unit")

    def __init__(self, state: KernelState, instrument: Instrument) -> None:
        self.instrument = instrument
        self.step = instrument.size_increment * instrument.multiplier
        exponent = (
            instrument.price_scale
            + instrument.size_scale
            + instrument.multiplier_scale
            - CASH_SCALE
        )
        is_reporting = instrument.quote == state.config.reporting_currency
        self.unit: int = 10**exponent if exponent >= 0 and is_reporting else 0
        self.parts: dict[PositionKey, _Sums] = {}
        self.sums: _Sums = _ZERO
        self.money = _ZERO[:_WORTH]
        """Those of the sums that a mark makes money of."""


class _Totals:
    """All groups by route and instrument, as of a day; and by route its open orders and what may be
    taken from its cash; and the sub-positions of each instance.
    """

    __slots__ = ("day", "groups", "open_orders", "owners", "taken")

    def __init__(self, day: int) -> None:
        self.day = day
        self.open_orders: dict[RouteId, int] = {}
        self.taken: dict[CashKey, int] = {}
        self.groups: dict[RouteId, dict[InstrumentId, _Group]] = {}
        self.owners: dict[StrategyId, _Keys] = {}


def _totals_of(state: KernelState) -> _Totals:
    """Return the totals with all that has moved added up."""
    totals: _Totals | None = state.totals
    day = div_floor(state.now, NANOS_PER_DAY)
    moved = state.moved
    if totals is None or totals.day != day:
        totals = state.totals = _from_nothing(state, day)
        moved.clear()
    elif moved:
        for key in moved:
            _add_up(state, totals, key)
        moved.clear()
    return totals


def _from_nothing(state: KernelState, day: int) -> _Totals:
    totals = _Totals(day)
    for table in (state.positions, state.working, state.days):
        for key in table:
            _add_up(state, totals, key)
    return totals


def _add_up(state: KernelState, totals: _Totals, key: PositionKey) -> None:
    """Put a sub-position into its group as it is now, in the place of what it was."""
    owner, route_id, instrument_id = key
    groups = totals.groups.get(route_id)
    if groups is None:
        groups = totals.groups[route_id] = {}
    group = groups.get(instrument_id)
    if group is None:
        group = groups[instrument_id] = _Group(state, state.instruments[instrument_id])
    old = group.parts.get(key)
    new = _part(state, totals.day, group, key)
    if old is None:
        old = _ZERO
        totals.owners.setdefault(owner, {})[key] = None
    group.parts[key] = new
    if new == old:
        return
    sums = [one + now - was for one, now, was in zip(group.sums, new, old, strict=True)]
    group.sums, group.money = tuple(sums), tuple(sums[:_WORTH])  # type: ignore[assignment]
    if new[_OPEN] != old[_OPEN]:
        more = new[_OPEN] - old[_OPEN]
        totals.open_orders[route_id] = totals.open_orders.get(route_id, 0) + more
    if new[_TAKEN] != old[_TAKEN]:
        quote: CashKey = (route_id, group.instrument.quote)
        totals.taken[quote] = totals.taken.get(quote, 0) + new[_TAKEN] - old[_TAKEN]


def _part(state: KernelState, day: int, group: _Group, key: PositionKey) -> _Sums:
    """Return what one sub-position adds."""
    held, stats = state.positions.get(key), state.days.get(key)
    working = state.working.get(key, NO_WORKING)
    quantity = cost = earned = today = 0
    taken = reserved(group.instrument, working)
    if held is not None:
        quantity, cost, earned = held.quantity, held.cost, held.realised_pnl - held.fees
        if quantity < 0:
            taken += owed(group.instrument, held)
    if key[0] == EXTERNAL:
        return (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, taken)
    if stats is not None and stats.day == day:
        today = stats.realised - stats.fees - stats.open_pnl_start
        is_odd = False
    else:
        is_odd = quantity != 0
    buys, sells, lot = working.buy_quantity, working.sell_quantity, group.instrument.size_increment
    worst = max(quantity + buys, sells - quantity, 0)
    lots, rest = divmod(quantity, lot)
    worst_lots, other_rest = divmod(worst, lot)
    if rest or other_rest:
        is_odd = True
    return (
        is_odd,
        earned,
        today,
        cost,
        lots,
        worst_lots,
        quantity,
        buys,
        sells,
        working.open_orders,
        taken,
    )


def money_of(state: KernelState, scope: ScopeFilter) -> Money:
    """Return what a scope earned and risks."""
    totals = _totals_of(state)
    run: int | None = 0
    day: int | None = 0
    exposure: int | None = 0
    if scope.strategy_id is not None:
        for key in totals.owners.get(scope.strategy_id, ()):
            if key[1] in scope.routes:
                run, day, exposure = _plus(state, totals.day, key, run, day, exposure)
        return Money(run, day, exposure)
    marks, sure_run, sure_day, sure_exposure = state.marks, 0, 0, 0
    for route_id in scope.routes:
        for instrument_id, group in totals.groups.get(route_id, {}).items():
            odd, earned, begun, cost, lots, worst = group.money
            mark = marks.get(instrument_id)
            unit = group.unit
            if unit and not odd and mark is not None:
                a_lot, rest = divmod(mark.price * group.step, unit)
                if not rest:
                    opened = a_lot * lots - cost
                    sure_run += earned + opened
                    sure_day += begun + opened
                    sure_exposure += abs(a_lot * worst)
                    continue
            for key in group.parts:
                if key[0] != EXTERNAL:
                    run, day, exposure = _plus(state, totals.day, key, run, day, exposure)
    return Money(
        None if run is None else run + sure_run,
        None if day is None else day + sure_day,
        None if exposure is None else exposure + sure_exposure,
    )


def _plus(
    state: KernelState,
    day: int,
    key: PositionKey,
    run: int | None,
    today: int | None,
    exposure: int | None,
) -> tuple[int | None, int | None, int | None]:
    """Add what one sub-position earned and risks to sums that may lack a rate already."""
    held, stats = state.positions.get(key), state.days.get(key)
    instrument = state.instruments[key[2]]
    opened = open_pnl(state, instrument, held)
    quote = instrument.quote
    if run is not None and held is not None:
        run = _joined(run, to_reporting(state, quote, held.realised_pnl - held.fees + opened))
    if today is not None and stats is not None and stats.day == day:
        amount = stats.realised - stats.fees - stats.open_pnl_start + opened
        today = _joined(today, to_reporting(state, quote, amount))
    if exposure is not None:
        worst = worst_of(state, key, held, state.working.get(key, NO_WORKING))
        exposure = _joined(exposure, to_reporting(state, quote, worst))
    return run, today, exposure


def _joined(total: int, more: int | None) -> int | None:
    return None if more is None else total + more


def keys_of(state: KernelState, strategy_id: StrategyId) -> _Keys:
    """Return the sub-positions that an instance has, or had; not to be changed."""
    return _totals_of(state).owners.get(strategy_id, {})


def quantities_of(
    state: KernelState, scope: ScopeFilter, instrument_id: InstrumentId
) -> tuple[int, int, int, int]:
    """Return a scope's position, working buys and working sells in one instrument, and its open
    orders in all.
    """
    position = buys = sells = count = 0
    totals, strategy_id = _totals_of(state), scope.strategy_id
    if strategy_id is not None:
        for key in totals.owners.get(strategy_id, ()):
            if key[1] in scope.routes:
                part = totals.groups[key[1]][key[2]].parts[key]
                held, bought, sold, opened = part[_WORTH:_TAKEN]
                count += opened
                if key[2] == instrument_id:
                    position, buys, sells = position + held, buys + bought, sells + sold
        return position, buys, sells, count
    for route_id in scope.routes:
        count += totals.open_orders.get(route_id, 0)
        group = totals.groups.get(route_id, {}).get(instrument_id)
        if group is not None:
            held, bought, sold, _ = group.sums[_WORTH:_TAKEN]
            position, buys, sells = position + held, buys + bought, sells + sold
    return position, buys, sells, count


def futures_of(state: KernelState, route_id: RouteId, currency: Currency) -> tuple[int, int]:
    """Return the initial margin of a route's futures quoted in a currency, in the worst case and
    each rounded up, and their open profit, in that currency.
    """
    needed = profit = 0
    totals = _totals_of(state)
    for instrument_id, group in totals.groups.get(route_id, {}).items():
        instrument = group.instrument
        if instrument.instrument_class is not _FUTURE or instrument.quote != currency:
            continue
        keys: Iterable[PositionKey] = group.parts
        odd, _, _, cost, lots, worst = group.money
        mark, unit = state.marks.get(instrument_id), group.unit
        if unit and not odd and mark is not None:
            a_lot, rest = divmod(mark.price * group.step, unit)
            a_margin, more = divmod(abs(a_lot) * instrument.margin_ppm, PPM)
            if not rest and not more:
                needed += a_margin * worst
                profit += a_lot * lots - cost
                external = (EXTERNAL, route_id, instrument_id)
                keys = (external,) if external in group.parts else ()
        for key in keys:
            held, working = state.positions.get(key), state.working.get(key, NO_WORKING)
            needed += margin(instrument, worst_of(state, key, held, working))
            profit += open_pnl(state, instrument, held)
    return needed, profit


def taken_cash(state: KernelState, route_id: RouteId, currency: Currency) -> int:
    """Return what the working orders and short predictions of a route may take from its cash."""
    return _totals_of(state).taken.get((route_id, currency), 0)


def check_totals(state: KernelState) -> None:
    """Compare what is kept with sums from nothing; raises InvariantError where they differ."""
    kept = _totals_of(state)
    anew = _from_nothing(state, kept.day)
    for route_id, groups in anew.groups.items():
        for instrument_id, group in groups.items():
            one = kept.groups.get(route_id, {}).get(instrument_id)
            if one is None or one.parts != group.parts or one.sums != group.sums:
                raise InvariantError(
                    f"the kept sums of route {route_id} in {instrument_id} are not those of its "
                    "sub-positions"
                )
    if _nonzero(kept.open_orders) != _nonzero(anew.open_orders):
        raise InvariantError("the kept numbers of open orders are not those of the sub-positions")
    if _nonzero(kept.taken) != _nonzero(anew.taken):
        raise InvariantError("the money kept back is not what the sub-positions may take")
    if kept.owners != anew.owners:
        raise InvariantError("the sub-positions kept by instance are not those that there are")


def _nonzero(table: dict[Any, int]) -> dict[Any, int]:
    return {key: value for key, value in table.items() if value}
