"""The short way of a common order through the same gates.

Most entries are alike: a limit or market order that stands alone, to buy on a spot market quoted in
the reporting currency (to sell there is no entry), by an active instance that nothing stops; and it
passes. ``judge_common`` measures what the gates measure, compares all of it with the plan's lane
(``lanes``), and makes the very decision that ``judgement.judge_order`` would. It never refuses and
never changes an order. For all that is not common, and at the first gate that does not simply pass,
it answers None, having written nothing that the long way would not write too; and the long way
judges from the start.

What is common is measured here a second time: ``_measure`` says what ``sizing``, ``exposure`` and
``market_gates`` say, ``_results`` what ``performance`` says, ``_can_send`` what ``funds`` says. The
long way owns the rules: whoever changes one there changes it here, or takes what it touches out of
``_is_common`` and ``lanes``. ``tests/unit/core/risk/test_express.py`` judges its orders both ways,
``tests/property/differential.py`` runs random worlds both ways.

It is for one sub-position that holds and works all there is, and alone has traded today: then every
scope of the plan adds up to the same few numbers. Among others it is for the only sub-position of
its instance, where the plan's scopes all run over the same sub-positions: then ``totals`` has their
sums.
"""

from __future__ import annotations

from itertools import compress
from operator import ne
from typing import Final

from tradetui.core.risk.funds import MARKET_CUSHION_PPM
from tradetui.core.risk.kill_switches import strictest
from tradetui.core.risk.lanes import NOT_MEASURED, Lane, Measures, lanes_of
from tradetui.core.risk.performance import drawdown_ppm
from tradetui.core.risk.plan import Plan
from tradetui.core.risk.rates import count_recent, note_counted
from tradetui.core.risk.schema_gates import ID_CHARACTERS
from tradetui.core.risk.totals import keys_of, money_of, quantities_of, taken_cash
from tradetui.core.risk.verdict import Verdict
from tradetui.core.risk.worth import NO_WORKING, open_pnl, worst_of
from tradetui.core.state import KernelState, Mark, PositionKey, Working
from tradetui.domain.enums import OrderRole, OrderSide, Outcome, TimeInForce
from tradetui.domain.ids import MAX_CLIENT_ORDER_ID_LENGTH, InstrumentId
from tradetui.domain.instruments import fee
from tradetui.domain.intents import AttributedIntent, PlaceOrder
from tradetui.domain.orders import OrderTerms, Position
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import Gate, RiskDecision
from tradetui.domain.units import (
    CASH_SCALE,
    I64_MAX,
    MONEY_BOUND,
    NANOS_PER_DAY,
    PPM,
    div_ceil,
    div_floor,
    div_half_even,
)

_ALLOW: Final = Outcome.ALLOW
_AVAILABLE_BALANCE: Final = Reason.AVAILABLE_BALANCE
_BUY: Final = OrderSide.BUY
_DRAWDOWN: Final = Reason.DRAWDOWN
_ENTRY: Final = OrderRole.ENTRY
_GTC: Final = TimeInForce.GTC
_NONE: Final = Reason.NONE
_PPM_SCALE: Final = 6


def judge_common(
    state: KernelState, attributed: AttributedIntent, intent: PlaceOrder, plan: Plan
) -> Verdict | None:
    """Allow an order, if it is common and passes all.

    None: judge it the long way.
    """
    lanes, key, price = plan.lanes, plan.key, intent.price
    if not lanes:
        lanes.extend(lanes_of(plan))
    lane: Lane | None = lanes[price is None]
    mark = state.marks.get(key[2])
    if (
        lane is None
        or mark is None
        or not _is_common(intent, lane)
        or not _is_free(state, intent, plan)
    ):
        return None
    at = price if price is not None else mark.ask or mark.price
    held, working = state.positions.get(key), state.working.get(key, NO_WORKING)
    is_alone = _is_alone(state, key)
    if (
        at <= 0
        or mark.price <= 0
        or not _is_clear(state, key[2], at)
        or not (is_alone or _is_only_own(state, lane, key))
        or (held is not None and intent.quantity <= -held.quantity - working.buy_quantity)
    ):
        return None
    measures = _measure(state, plan, mark, held, working, intent.quantity, at)
    if measures.used > MONEY_BOUND:
        return None
    if is_alone:
        bought, rate = working.buy_notional, plan.fee_ppm
        taken = bought + fee(bought, rate) if rate else bought
    else:
        among = _among_others(state, plan, lane, mark, measures, intent.quantity)
        if among is None:
            return None
        measures, taken = among, taken_cash(state, key[1], plan.instrument.quote)
    if not _keeps(state, lane, measures) or not _can_send(
        state, plan, lane, taken, measures.value, price is None
    ):
        return None
    return _allow(state, attributed, intent, plan, tuple(lane.gates))


def _is_common(intent: PlaceOrder, lane: Lane) -> bool:
    """Tell whether an order is an entry that stands alone, sound as ``schema_gates`` has it, and
    its numbers on the grid of its market.
    """
    order_id, quantity, price = intent.client_order_id, intent.quantity, intent.price
    return (
        type(order_id) is str
        and 0 < len(order_id) <= MAX_CLIENT_ORDER_ID_LENGTH
        and not order_id.strip(ID_CHARACTERS)
        and type(quantity) is int
        and 0 < quantity <= I64_MAX
        and not quantity % lane.lot
        and (
            price is None
            or (
                type(price) is int
                and lane.lowest <= price <= lane.highest
                and not price % lane.tick
            )
        )
        and intent.order_type is lane.order_type
        and intent.side is _BUY
        and intent.role is _ENTRY
        and intent.time_in_force is _GTC
        and intent.trigger_price is None
        and intent.trail_offset is None
        and intent.expire_time is None
        and intent.parent_order_id is None
        and intent.oco_group is None
        and not intent.post_only
        and not intent.reduce_only
    )


def _is_free(state: KernelState, intent: PlaceOrder, plan: Plan) -> bool:
    """Tell whether nothing outside the market stops an order."""
    return (
        intent.client_order_id not in state.orders
        and plan.key[1] not in state.halted_routes
        and (not state.kill_switches or strictest(state, plan.kill_keys) is None)
    )


def _is_alone(state: KernelState, key: PositionKey) -> bool:
    """Tell whether the books know of nothing but one sub-position."""
    working, held, days = state.working, state.positions, state.days
    return (
        len(working) < 2
        and len(held) < 2
        and len(days) < 2
        and (not working or key in working)
        and (not held or key in held)
        and (not days or key in days)
    )


def _is_only_own(state: KernelState, lane: Lane, key: PositionKey) -> bool:
    """Tell whether a sub-position is its instance's only one, and its limits are of one scope."""
    own = keys_of(state, key[0])
    return lane.scope is not None and len(own) == (key in own)


def _is_clear(state: KernelState, instrument_id: InstrumentId, at: int) -> bool:
    """Tell whether no order on the instrument is unknown, or may stand where a buy would trade."""
    orders = state.open_orders
    for order_id in state.open_by_instrument.get(instrument_id, ()):
        order = orders[order_id]
        if order.is_unknown:
            return False
        terms = order.terms
        if terms.side is not _BUY and terms.price is not None and terms.price <= at:
            return False
    return True


def _measure(
    state: KernelState,
    plan: Plan,
    mark: Mark,
    held: Position | None,
    working: Working,
    quantity: int,
    at: int,
) -> Measures:
    """Work out all that the lane compares, as if there were no other sub-position.

    The order does more than reduce, so that ``long`` is above zero.
    """
    unit, multiplier, now = plan.unit, plan.instrument.multiplier, mark.price
    if held is None:
        position = cost = 0
    else:
        position, cost = held.quantity, held.cost
    value, rest = divmod(at * quantity * multiplier, unit)
    if rest:
        value = div_half_even(at * quantity * multiplier, unit)
    long = position + working.buy_quantity + quantity
    short = working.sell_quantity - position
    worth, rest = divmod(now * long * multiplier, unit)
    if rest:
        worth = div_half_even(now * long * multiplier, unit)
    exposure = worth
    if short > long:
        exposure = div_half_even(now * short * multiplier, unit)
    bought = cost + working.buy_notional + value
    sold = working.sell_notional - cost
    loss = fees = profit = 0
    if plan.limits_losses and (held is not None or state.days):
        loss, fees, profit = _results(state, plan, held)
    return Measures(
        quantity,
        value,
        long,
        worth,
        exposure,
        working.open_orders + 1,
        state.now - mark.event_time,  # age
        abs(mark.ingest_time - mark.event_time),  # skew
        div_ceil((at - now) * PPM, now) if at > now else 0,  # beyond
        bought if bought > sold else sold,  # used
        loss,
        fees,
        profit,
        loss,  # own_loss
    )


def _among_others(
    state: KernelState, plan: Plan, lane: Lane, mark: Mark, alone: Measures, quantity: int
) -> Measures | None:
    """Return the measures of an order with those of its scope in the place of its sub-position's
    own; None where a rate lacks.
    """
    key, scope = plan.key, lane.scope
    assert scope is not None
    money = money_of(state, scope)
    if money.run is None or money.day is None or money.exposure is None:
        return None
    held, working = state.positions.get(key), state.working.get(key, NO_WORKING)
    position, buys, _, count = quantities_of(state, scope, key[2])
    long = position + buys + quantity
    return Measures(
        alone.quantity,
        alone.value,
        long,
        plan.value(mark.price, long) if long > 0 else 0,
        money.exposure - worst_of(state, key, held, working) + alone.exposure,
        count + 1,  # open_orders
        alone.age,
        alone.skew,
        alone.beyond,
        alone.used,
        -money.day,  # loss
        alone.fees,
        money.run,  # profit
        alone.own_loss,
    )


def _results(state: KernelState, plan: Plan, held: Position | None) -> tuple[int, int, int]:
    """Return today's loss and fees, and the profit of the run: as ``performance`` has them."""
    key = plan.key
    loss = fees = profit = 0
    unrealised = open_pnl(state, plan.instrument, held)
    if held is not None:
        profit = held.realised_pnl - held.fees + unrealised
    stats = state.days.get(key)
    if stats is not None and stats.day == div_floor(state.now, NANOS_PER_DAY):
        fees = stats.fees
        loss = stats.fees + stats.open_pnl_start - stats.realised - unrealised
    return loss, fees, profit


def _keeps(state: KernelState, lane: Lane, measures: Measures) -> bool:
    """Tell whether every measure that is another than the last order's keeps to its limits, and
    every scope is less below its best than its own; the lane shows them then.
    """
    gates, before = lane.gates, lane.measured
    lane.measured = NOT_MEASURED
    # The checks of those measures that are not what they were.
    for checks in compress(lane.checks, map(ne, measures, before)):
        for place, index, least, most in checks:
            value, gate = measures[index], gates[place]
            if not least <= value <= most:
                return False
            gates[place] = Gate(gate.code, value, gate.limit, True, gate.scale)
    lane.measured = measures
    for place, scope, limit in lane.drawdowns:
        fallen: int | None = 0
        if state.peak_equity.get(scope.name, 0) > measures.profit:
            fallen = drawdown_ppm(state, scope, measures.profit)
        if fallen is None or fallen >= limit:
            return False
        if gates[place].value != fallen:
            gates[place] = Gate(_DRAWDOWN, fallen, limit, True, _PPM_SCALE)
    return True


def _can_send(
    state: KernelState, plan: Plan, lane: Lane, taken: int, need: int, is_unpriced: bool
) -> bool:
    """Tell whether the cash that working orders leave (they may take ``taken``) pays for the order,
    as ``funds`` counts, and every window has room for one more: the last gates, for they forget
    what left the window.
    """
    if is_unpriced:
        need += div_ceil(need * MARKET_CUSHION_PPM, PPM)
    if plan.fee_ppm:
        need += fee(need, plan.fee_ppm)
    free = state.cash.get((plan.key[1], plan.instrument.quote), 0) - taken
    if need > free:
        return False
    gates = lane.gates
    gate = gates[lane.balance]
    if gate.value != need or gate.limit != free:
        gates[lane.balance] = Gate(_AVAILABLE_BALANCE, need, free, True, CASH_SCALE)
    for place, rate in lane.rates:
        count = count_recent(state, rate) + 1
        if count > rate.limit:
            return False
        if gates[place].value != count:
            gates[place] = Gate(rate.code, count, rate.limit, True)
    return True


def _allow(
    state: KernelState,
    attributed: AttributedIntent,
    intent: PlaceOrder,
    plan: Plan,
    gates: tuple[Gate, ...],
) -> Verdict:
    """Make the decision and the terms, and count the order in its windows."""
    strategy_id, index = attributed.strategy_id, attributed.index
    order_id, quantity, price = intent.client_order_id, intent.quantity, intent.price
    _, route_id, instrument_id = plan.key
    if plan.rates:
        note_counted(state, plan.rates)
    return Verdict(
        RiskDecision(
            strategy_id,
            index,
            "PlaceOrder",
            _ALLOW,
            _NONE,
            gates,
            order_id,
            route_id,
            instrument_id,
            plan.profile,
            quantity=quantity,
            price=price,
            approved_quantity=quantity,
            approved_price=price,
        ),
        OrderTerms(
            order_id,
            strategy_id,
            plan.instance.execution_id,
            route_id,
            instrument_id,
            _BUY,
            intent.order_type,
            quantity,
            price,
            created_time=state.now,
        ),
        is_single=True,
    )
