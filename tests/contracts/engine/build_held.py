"""Traces of brackets, OCO groups, stops and trailing stops, held by the kernel or by the venue."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace
from tests.contracts.engine.recorder import Line, RecordedHouse, RecordedWorld, trace
from tests.support.kernel_world import BTC, HELD, PERP, UNIT, YES

from tradetui.core.venue.models import FillModel, VenueConfig
from tradetui.domain.capabilities import SIMULATED, Capabilities
from tradetui.domain.control import KillSwitchChanged
from tradetui.domain.enums import (
    KillState,
    OrderRole,
    OrderType,
    Scope,
    Support,
    TimeInForce,
)
from tradetui.domain.intents import CancelOrder
from tradetui.domain.market_data import Bar, Quote
from tradetui.domain.reports import CancelRejected, OrderAccepted, OrderAmended, OrderTriggered
from tradetui.domain.timers import Heartbeat
from tradetui.domain.units import NANOS_PER_SECOND

HALF, QUARTER = UNIT // 2, UNIT // 4
REPLACING = replace(HELD, replace=Support.NATIVE)
MIXED = replace(SIMULATED, bracket=Support.HELD, oco=Support.HELD, reduce_only=Support.HELD)
BASE_FEES = VenueConfig(
    FillModel.VOLUME_CAP, volume_share_ppm=1_000_000, taker_fee_ppm=1_000, maker_fee_ppm=1_000,
    fee_in_base=True,
)  # fmt: skip

World = RecordedWorld | RecordedHouse


def bracket(
    world: World, quantity: int = UNIT, *, stop: int = 9_000, target: int | None = 11_000,
    trail: int | None = None, **entry: Any,
) -> tuple[str, ...]:  # fmt: skip
    """Ask for an entry at 9,900 with a stop (or a trailing one) and a target; return the ids."""
    price = entry.pop("price", 9_900)
    first = world.intent(quantity, price, **entry)
    common: dict[str, Any] = {
        "parent_order_id": first.client_order_id,
        "oco_group": f"g{first.client_order_id}",
        "reduce_only": True,
        "instrument_id": first.instrument_id,
    }
    guard: dict[str, Any] = {"order_type": OrderType.STOP, "trigger_price": stop}
    if trail is not None:
        guard = {"order_type": OrderType.TRAILING_STOP, "trail_offset": trail}
    intents = [
        first,
        world.intent(-quantity, None, role=OrderRole.STOP_LOSS, **guard, **common),
    ]
    if target is not None:
        intents.append(world.intent(-quantity, target, role=OrderRole.TAKE_PROFIT, **common))
    world.intents(*intents)
    return tuple(intent.client_order_id for intent in intents)


def _stories(capabilities: Capabilities) -> list[Line]:
    """Tell the same three stories to a route: stop, target, and a cancelled entry."""
    house = RecordedHouse(capabilities)
    house.prints(10_000, UNIT)
    house.note("entered in three parts, then stopped out: the guard grows with each fill")
    bracket(house)
    for part in (QUARTER, QUARTER, HALF):
        house.prints(9_800, part)
    house.prints(8_900, HALF)
    house.prints(8_890, 3 * UNIT)
    house.prints(8_880, 3 * UNIT)
    house.note("entered in part, the target in the middle of the entry")
    house.prints(10_000, UNIT)
    bracket(house)
    house.prints(9_800, HALF)
    house.restart()
    house.prints(11_100, QUARTER)
    house.prints(11_100, 3 * UNIT)
    house.note("entered in part, the entry cancelled: what was bought stays guarded")
    house.prints(10_000, UNIT)
    entry = bracket(house)[0]
    house.prints(9_800, HALF)
    house.intents(CancelOrder(entry))
    house.prints(8_900, 3 * UNIT)
    house.prints(8_890, 3 * UNIT)
    return house.lines


@trace("bracket-native", "Brackets at a venue that keeps them itself.")
def bracket_native() -> list[Line]:
    return _stories(SIMULATED)


@trace("bracket-held", "Brackets kept by the kernel for a venue that knows limit and market only.")
def bracket_held() -> list[Line]:
    return _stories(HELD)


@trace("bracket-replacing", "Brackets kept by the kernel for a venue that can replace orders.")
def bracket_replacing() -> list[Line]:
    return _stories(REPLACING)


@trace("bracket-mixed", "Brackets kept by the kernel for a venue that has stops of its own.")
def bracket_mixed() -> list[Line]:
    return _stories(MIXED)


@trace("bracket-base-fees", "A fee in the base coin: the guard follows what is left of it.")
def bracket_base_fees() -> list[Line]:
    house = RecordedHouse(HELD, BASE_FEES)
    house.prints(10_000, UNIT)
    bracket(house)
    house.prints(9_800, QUARTER)
    house.prints(9_800, 3 * QUARTER)
    house.note("99,9 per cent of a coin are sold; dust below the lot stays")
    house.prints(8_900, 3 * UNIT)
    house.prints(8_890, 3 * UNIT)
    return house.lines


@trace("bracket-trailing", "A bracket whose stop trails, held and native.")
def bracket_trailing() -> list[Line]:
    house = RecordedHouse(HELD)
    house.prints(10_000, UNIT)
    bracket(house, trail=200, target=None)
    house.prints(9_800, 2 * UNIT)
    for price in (9_900, 10_200, 10_100):
        house.prints(price, 1)
    house.note("200 below the best of 10,200")
    house.prints(10_000, 3 * UNIT)
    house.prints(9_990, 3 * UNIT)
    return house.lines


@trace("bracket-trailing-native", "A bracket whose stop trails at the venue.")
def bracket_trailing_native() -> list[Line]:
    house = RecordedHouse(SIMULATED)
    house.prints(10_000, UNIT)
    bracket(house, trail=200, target=None)
    house.prints(9_800, 2 * UNIT)
    for price in (9_900, 10_200, 10_100, 10_000, 9_990):
        house.prints(price, 3 * UNIT)
    return house.lines


@trace("bracket-short", "A bracket around a short future, and one around a prediction.")
def bracket_short() -> list[Line]:
    house = RecordedHouse(HELD)
    house.prints(10_000, 10, PERP)
    entry = house.intent(-10, 10_100, instrument_id=PERP)
    common: dict[str, Any] = {
        "instrument_id": PERP, "parent_order_id": entry.client_order_id, "oco_group": "x",
    }  # fmt: skip
    house.intents(
        entry,
        house.intent(
            10, None, order_type=OrderType.STOP, trigger_price=10_500, role=OrderRole.STOP_LOSS,
            **common,
        ),
        house.intent(10, 9_500, role=OrderRole.TAKE_PROFIT, **common),
    )  # fmt: skip
    house.prints(10_200, 4, PERP)
    house.prints(10_600, 3, PERP)
    house.prints(10_600, 30, PERP)
    house.prints(10_600, 30, PERP)
    house.note("a prediction from 40 to 60 cents")
    house.prints(4_000, 100, YES)
    bracket(house, 100, price=4_000, stop=3_000, target=6_000, instrument_id=YES)
    house.prints(3_900, 60, YES)
    house.prints(3_900, 60, YES)
    house.prints(6_100, 500, YES)
    return house.lines


@trace("stops-held", "Stops and stop-limits that the kernel holds: bars, trades and quotes fire.")
def stops_held() -> list[Line]:
    world = RecordedWorld(HELD)
    stop: dict[str, Any] = {"order_type": OrderType.STOP}
    world.hold(4 * UNIT)
    world.note("a bar reaches below the trigger")
    order = world.place(-UNIT, None, trigger_price=9_500, role=OrderRole.STOP_LOSS, **stop)
    world.bar(10_100, 9_400, 9_900)
    world.accept(order)
    world.fill(order, UNIT, 9_500)
    world.note("a quote's middle does")
    order = world.place(-UNIT, None, trigger_price=9_500, role=OrderRole.STOP_LOSS, **stop)
    world.event(Quote(9_400, UNIT, 9_500, UNIT), BTC)
    world.fill(order, UNIT, 9_450)
    world.note("a stop-limit goes out as a limit; a stop entry buys above the market")
    world.place(
        -UNIT, 9_300, order_type=OrderType.STOP_LIMIT, trigger_price=9_400,
        role=OrderRole.STOP_LOSS,
    )  # fmt: skip
    world.place(UNIT, None, trigger_price=9_800, **stop)
    world.trade(9_350)
    world.trade(9_800)
    world.note("set beyond the market already: fires with the next price")
    world.place(-UNIT, None, trigger_price=12_000, role=OrderRole.STOP_LOSS, **stop)
    world.trade(9_800)
    world.note("a trailing stop, once by its own first trigger, once from the mark")
    world.place(
        -UNIT, None, order_type=OrderType.TRAILING_STOP, trail_offset=300, trigger_price=9_000,
        role=OrderRole.STOP_LOSS,
    )  # fmt: skip
    world.place(UNIT, None, order_type=OrderType.TRAILING_STOP, trail_offset=300)
    world.bar(10_000, 9_700, 9_750)
    world.restart()
    world.bar(9_760, 9_460, 9_500)
    world.bar(9_900, 9_400, 9_450)
    return world.lines


@trace("sold-once", "Exits that execute at once take no more than the position, all together.")
def sold_once() -> list[Line]:
    world = RecordedWorld(HELD)
    stop: dict[str, Any] = {"order_type": OrderType.STOP, "role": OrderRole.STOP_LOSS}
    world.hold(2 * UNIT)
    world.note("two stops fire at once: the second goes out with what the first leaves")
    first = world.place(-UNIT, None, trigger_price=9_000, **stop)
    second = world.place(-2 * UNIT, None, trigger_price=9_000, **stop)
    third = world.place(-UNIT, None, trigger_price=9_000, **stop)
    world.trade(8_900)
    world.note("an exit beside them: nothing is left for it; a resting one may be placed")
    world.intents(world.intent(-UNIT // 10, None, role=OrderRole.EXIT))
    resting = world.place(-UNIT, 11_000, role=OrderRole.EXIT)
    world.intents(CancelOrder(resting))
    world.cancelled(resting)
    world.note("one of them is cancelled: the third stop fires with the next price")
    world.fill(first, UNIT, 8_900)
    world.intents(CancelOrder(second))
    world.cancelled(second)
    world.restart()
    world.trade(8_800)
    world.fill(third, UNIT, 8_800)
    return world.lines


@trace("oco-held", "Two exits of one group: the one that fills shrinks and ends the other.")
def oco_held() -> list[Line]:
    world = RecordedWorld(HELD)
    world.hold(UNIT)
    group: dict[str, Any] = {"oco_group": "x", "reduce_only": True}
    stop = world.place(
        -UNIT, None, order_type=OrderType.STOP, trigger_price=9_000, role=OrderRole.STOP_LOSS,
        **group,
    )  # fmt: skip
    target = world.place(-UNIT, 11_000, role=OrderRole.TAKE_PROFIT, **group)
    world.accept(target)
    world.fill(target, QUARTER, 11_000)
    world.note("the stop fires: its twin is cancelled first, then it goes out")
    world.trade(8_900)
    world.fill(target, QUARTER, 11_000)
    world.cancelled(target)
    world.accept(stop)
    world.fill(stop, HALF, 8_900)
    world.note("the twin's cancel is not answered: after two seconds it goes out all the same")
    world.hold(UNIT)
    stop = world.place(
        -UNIT, None, order_type=OrderType.STOP, trigger_price=8_000, role=OrderRole.STOP_LOSS,
        **group,
    )  # fmt: skip
    target = world.place(-UNIT, 11_000, role=OrderRole.TAKE_PROFIT, **group)
    world.accept(target)
    world.trade(7_900)
    world.event(Heartbeat(1, ()), after=3 * NANOS_PER_SECOND)
    world.event(CancelRejected("main", target, "busy"), BTC)
    world.fill(stop, UNIT, 7_900)
    world.cancelled(target)
    world.note("entries of one group: the first fill ends the other")
    low = world.place(UNIT, 7_500, oco_group="in")
    high = world.place(UNIT, None, order_type=OrderType.STOP, trigger_price=8_500, oco_group="in")
    world.accept(low)
    world.trade(8_600)
    world.cancelled(low)
    world.fill(high, UNIT, 8_600)
    return world.lines


@trace("bracket-reports", "A native bracket as its venue reports it: amended, triggered, late.")
def bracket_reports() -> list[Line]:
    world = RecordedWorld()
    entry, stop, target = bracket(world)
    for order in (entry, stop, target):
        world.accept(order)
    world.note("the children's quantities come from the venue, which follows the fills")
    world.fill(entry, HALF, 9_900)
    world.event(OrderAmended("main", stop, HALF), BTC)
    world.event(OrderAmended("main", target, HALF), BTC)
    world.event(OrderAmended("main", stop, HALF, 9_100), BTC)
    world.event(OrderTriggered("main", stop), BTC)
    world.note("an amendment below what is filled is refused")
    world.fill(stop, QUARTER, 9_000)
    world.event(OrderAmended("main", stop, QUARTER - 1_000), BTC)
    world.fill(stop, QUARTER, 9_000)
    world.cancelled(target)
    world.event(OrderAmended("main", target, UNIT), BTC)
    world.cancelled(entry)
    return world.lines


@trace("bracket-crossing", "A held child filled while its parent still enters; renewed guards.")
def bracket_crossing() -> list[Line]:
    world = RecordedWorld(REPLACING)
    entry, _, target = bracket(world)
    world.accept(entry)
    world.fill(entry, HALF, 9_900)
    world.accept(target)
    world.note("the target takes all that was bought; the entry is asked to end and crosses it")
    world.fill(target, HALF, 11_000)
    world.fill(entry, QUARTER, 9_900)
    world.cancelled(entry)
    world.trade(8_900)
    for order in list(world.state.open_orders.values()):
        world.accept(order.terms.client_order_id)
        world.fill(order.terms.client_order_id, order.leaves_quantity, 8_900)
    return world.lines


@trace("kill-held", "Under HALTED held stops are kept back, said once, and go out when loosened.")
def kill_held() -> list[Line]:
    world = RecordedWorld(HELD)
    world.hold(UNIT)
    stop: dict[str, Any] = {"order_type": OrderType.STOP, "role": OrderRole.STOP_LOSS}
    order = world.place(-UNIT, None, trigger_price=9_500, **stop)
    for state, price in ((KillState.HALTED, 9_400), (KillState.HALTED, 9_300)):
        world.event(KillSwitchChanged(Scope.GLOBAL, "", state, "me", "panic"))
        world.trade(price)
    world.note("loosened: exits pass again with the next price")
    world.event(KillSwitchChanged(Scope.GLOBAL, "", KillState.REDUCING, "me", "calm"))
    world.trade(9_300)
    world.fill(order, UNIT, 9_300)
    world.note("a bracket that fills under HALTED: its children wait")
    world.event(KillSwitchChanged(Scope.GLOBAL, "", KillState.NORMAL, "me", ""))
    entry = bracket(world)[0]
    world.accept(entry)
    halted = KillSwitchChanged(Scope.GLOBAL, "", KillState.HALTED, "me", "again", False)
    world.event(halted)
    world.fill(entry, UNIT, 9_900)
    world.event(KillSwitchChanged(Scope.GLOBAL, "", KillState.NORMAL, "me", ""))
    return world.lines


@trace("child-day", "A held child with an end in time, and a parent that ends before any fill.")
def child_day() -> list[Line]:
    world = RecordedWorld(HELD)
    first = world.intent(UNIT, 9_900)
    child = world.intent(
        -UNIT, 11_000, parent_order_id=first.client_order_id, role=OrderRole.TAKE_PROFIT,
        time_in_force=TimeInForce.GTD, expire_time=world.now + 60 * NANOS_PER_SECOND,
    )  # fmt: skip
    world.intents(first, child)
    world.event(Heartbeat(1, ()), after=61 * NANOS_PER_SECOND)
    world.note("the parent ends without a fill: its children go")
    entry = bracket(world)[0]
    world.cancelled(entry)
    world.event(OrderAccepted("main", entry, "late"), BTC)
    world.event(Bar(world.now, world.now + 1, 1, 1, 1, 1, 1), BTC)
    return world.lines
