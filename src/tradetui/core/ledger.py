"""The ledger: what fills do to positions and cash.

Accounting by instrument class. *Spot* and *prediction*: the notional leaves or enters the quote
currency, the position is what was bought. *Future*: only realised profit moves cash; the position
is an exposure with margin. A position keeps quantity and signed total cost; closing a part takes
``div_floor(cost x closed, quantity)`` of it and the last close takes the rest: no money is made or
lost by rounding. A fee debits its own currency: the quote, the base coin (which is a sale of
that much of the position at the fill's price, paid away), or a third one.

Every booking is done twice, by different sums: ``cash`` follows from the position (realised profit
less the change of cost), ``cash_flows`` from the fill itself; ``positions`` per instance,
``route_quantities`` per route. The pairs must agree after each booking (invariant 5).
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from tradetui.core.cash import check_balance, check_cash, move_cash
from tradetui.core.changes import Changes
from tradetui.core.conversion import convert
from tradetui.core.invariants import breach
from tradetui.core.state import ABSENT, CashKey, DayStats, KernelState, PositionKey, RouteKey
from tradetui.core.valuation import unrealised
from tradetui.domain.enums import InstrumentClass, LiquiditySide, OrderSide
from tradetui.domain.ids import ClientOrderId, Currency, RouteId, StrategyId, TradeId, VenueOrderId
from tradetui.domain.instruments import Instrument, notional
from tradetui.domain.orders import Fill, Position
from tradetui.domain.reasons import Reason
from tradetui.domain.record import Record
from tradetui.domain.reports import OrderFilled
from tradetui.domain.units import CASH_SCALE, NANOS_PER_DAY, clamped_i64, div_floor

_FUTURE: Final = InstrumentClass.FUTURE
_SPOT: Final = InstrumentClass.SPOT
_BUY: Final = OrderSide.BUY
_SELL: Final = OrderSide.SELL


def trade(
    position: Position, instrument: Instrument, signed: int, price: int, now: int
) -> tuple[Position, int]:
    """Return a position after buying (``signed`` > 0) or selling at a price, and the profit that
    this realised.

    Pure arithmetic: no fee, no cash, and neither ``realised_pnl`` nor ``fees`` is touched.
    """
    quantity, cost = position.quantity, position.cost
    total = notional(instrument, price, signed)
    if quantity == 0 or (quantity > 0) is (signed > 0):
        opened = now if quantity == 0 else position.opened_time
        return replace(
            position, quantity=quantity + signed, cost=cost + total, opened_time=opened
        ), 0
    held = abs(quantity)
    closing = min(abs(signed), held)
    closed = closing if signed > 0 else -closing
    part = total if closed == signed else notional(instrument, price, closed)
    taken = cost if closing == held else div_floor(cost * closing, held)
    left = quantity + signed
    opened = now if closed != signed else position.opened_time
    if left == 0:
        opened = 0
    after = replace(position, quantity=left, cost=cost - taken + total - part, opened_time=opened)
    return after, -part - taken


class _Fees(Record, frozen=True):
    """What a commission does: ``value`` in the quote currency, ``units`` of the position paid away,
    and ``amount`` of money in ``currency``.
    """

    value: int
    units: int
    currency: Currency
    amount: int


def book_fill(
    state: KernelState,
    changes: Changes,
    strategy_id: StrategyId,
    instrument: Instrument,
    report: OrderFilled,
) -> Fill:
    """Book one execution to an instance's sub-position, its route and its cash."""
    route_id, instrument_id = report.route_id, instrument.instrument_id
    key: PositionKey = (strategy_id, route_id, instrument_id)
    positions, undo = state.positions, state.undo
    old = positions.get(key)
    before = Position(*key) if old is None else old
    day = _day_stats(state, key, before)
    quantity, price = report.last_quantity, report.last_price
    signed = quantity if report.side is _BUY else -quantity
    fees = _fees(state, changes, instrument, report)
    traded, realised = trade(before, instrument, signed, price, state.now)
    if fees.units:
        traded, extra = trade(traded, instrument, -fees.units, price, state.now)
        realised += extra
    after = Position(
        strategy_id,
        route_id,
        instrument_id,
        traded.quantity,
        traded.cost,
        before.realised_pnl + realised,
        before.fees + fees.value,
        traded.opened_time,
    )
    undo.append((positions, key, ABSENT if old is None else old))
    positions[key] = after
    today = DayStats(day.day, day.realised + realised, day.fees + fees.value, day.open_pnl_start)
    state.put(state.days, key, today)
    state.moved[key] = None
    worth = notional(instrument, price, quantity)
    flow = -worth if signed > 0 else worth
    _book_cash(state, changes, instrument, (route_id, instrument.quote), before, after, fees, flow)
    route_key: RouteKey = (route_id, instrument_id)
    was = state.route_quantities.get(route_key, 0)
    on_route = was + signed - fees.units
    if on_route - was != after.quantity - before.quantity:
        _say_quantity(state, changes, route_key, on_route - was, after.quantity - before.quantity)
    state.put(state.route_quantities, route_key, on_route)
    return note_fill(state, changes, report, after, realised, worth)


def note_fill(
    state: KernelState,
    changes: Changes,
    report: OrderFilled,
    after: Position,
    realised: int,
    worth: int,
) -> Fill:
    """Put a booked execution on the record: the position ``after`` it, the profit that it
    ``realised``, and its notional.
    """
    route_id = report.route_id
    fill = Fill(
        report.trade_id,
        report.client_order_id,
        after.strategy_id,
        state.routes[route_id].execution_id,
        route_id,
        after.instrument_id,
        report.side,
        report.last_quantity,
        report.last_price,
        worth,
        report.commission,
        report.commission_currency,
        report.liquidity,
        realised,
        after.quantity,
        state.now,
        state.seq_id,
    )
    changes.fills.append(fill)
    return fill


def _fees(
    state: KernelState, changes: Changes, instrument: Instrument, report: OrderFilled
) -> _Fees:
    commission, currency = report.commission, report.commission_currency
    if currency == instrument.quote:
        return _Fees(commission, 0, currency, commission)
    if currency == instrument.base and instrument.instrument_class is _SPOT:
        units, rest = base_units(instrument, commission)
        return _Fees(notional(instrument, report.last_price, units), units, currency, rest)
    value = convert(state, currency, instrument.quote, commission)
    if value is None:
        changes.diagnose(
            Reason.RATE_UNKNOWN,
            f"a fee in {currency} on {instrument.instrument_id} has no rate to "
            f"{instrument.quote}: it is debited, but not in the fees of the position",
            client_order_id=report.client_order_id,
            route_id=report.route_id,
        )
        value = 0
    return _Fees(value, 0, currency, commission)


def base_units(instrument: Instrument, commission: int) -> tuple[int, int]:
    """Split a fee in the base coin into units of the position and a rest of money too small for
    them.
    """
    exponent = CASH_SCALE - instrument.size_scale
    if exponent <= 0:
        return int(commission * 10**-exponent), 0
    units = div_floor(commission, 10**exponent)
    return units, int(commission - units * 10**exponent)


def _book_cash(
    state: KernelState,
    changes: Changes,
    instrument: Instrument,
    quote: CashKey,
    before: Position,
    after: Position,
    fees: _Fees,
    flow: int,
) -> None:
    """Move the money of a fill: ``cash`` by the position's sums, ``cash_flows`` by the fill's own
    ``flow``.
    """
    realised = after.realised_pnl - before.realised_pnl
    cost_change = after.cost - before.cost
    moved = realised - cost_change
    if fees.units:
        moved -= fees.value
    if instrument.instrument_class is _FUTURE:
        moved = realised
        flow += cost_change
    if moved or flow:
        move_cash(state, quote, moved, flow)
    if fees.amount:
        move_cash(state, (quote[0], fees.currency), -fees.amount, -fees.amount)
    check_cash(state, changes, quote)
    if state.cash.get(quote, 0) < 0:
        spent = moved - (fees.amount if fees.currency == quote[1] else 0)
        check_balance(state, changes, instrument, quote, spent)


def _say_quantity(
    state: KernelState, changes: Changes, key: RouteKey, moved: int, by_owner: int
) -> None:
    """Say that the route did not move by what its sub-position moved (invariant 5)."""
    breach(
        state,
        changes,
        key[0],
        f"the position of route {key[0]} in {key[1]} moved by {moved}, its sub-position by "
        f"{by_owner}",
    )


def attribute(state: KernelState, key: PositionKey, amount: int) -> None:
    """Count money that moved for a sub-position (funding, a dividend) in its realised profit."""
    before = state.positions.get(key) or Position(*key)
    day = _day_stats(state, key, before)
    state.put(state.positions, key, replace(before, realised_pnl=before.realised_pnl + amount))
    state.put(state.days, key, replace(day, realised=day.realised + amount))
    state.moved[key] = None


def settle(
    state: KernelState, changes: Changes, route_id: RouteId, instrument: Instrument, price: int
) -> list[PositionKey]:
    """Close every sub-position of a route in an instrument at the venue's settlement price; return
    which those were, ascending.
    """
    fills = settlement(state, route_id, instrument, price)
    for key, report in fills:
        book_fill(state, changes, key[0], instrument, report)
    return [key for key, _ in fills]


def settlement(
    state: KernelState, route_id: RouteId, instrument: Instrument, price: int
) -> list[tuple[PositionKey, OrderFilled]]:
    """Return the fills that would close every sub-position of a route at a price, ascending."""
    keys = sorted(
        key
        for key, position in state.positions.items()
        if key[1] == route_id and key[2] == instrument.instrument_id and position.quantity
    )
    fills: list[tuple[PositionKey, OrderFilled]] = []
    for index, key in enumerate(keys):
        quantity = state.positions[key].quantity
        report = OrderFilled(
            route_id,
            ClientOrderId(""),
            VenueOrderId(""),
            TradeId(f"settled-{state.seq_id}-{index}"),
            _SELL if quantity > 0 else _BUY,
            abs(quantity),
            price,
            0,
            instrument.quote,
            LiquiditySide.TAKER,
        )
        fills.append((key, report))
    return fills


def roll_day(state: KernelState) -> None:
    """Begin a new UTC day: each open position starts it with what it had not realised.

    Called before the first event of the day touches a mark, so that the marks are yesterday's last.
    """
    state.totals = None
    for key in list(state.days):
        if key not in state.positions or state.positions[key].quantity == 0:
            state.drop(state.days, key)
    day = day_of(state.now)
    for key, position in state.positions.items():
        if position.quantity:
            start = clamped_i64(unrealised(state, position) or 0)
            state.put(state.days, key, DayStats(day, 0, 0, start))


def day_of(time: int) -> int:
    """Return the number of the UTC day of a moment."""
    return div_floor(time, NANOS_PER_DAY)


def _day_stats(state: KernelState, key: PositionKey, before: Position) -> DayStats:
    """Return the day's account of a sub-position, begun now when it has none for today."""
    day = day_of(state.now)
    stats = state.days.get(key)
    if stats is None or stats.day != day:
        return DayStats(day, 0, 0, clamped_i64(unrealised(state, before) or 0))
    return stats
