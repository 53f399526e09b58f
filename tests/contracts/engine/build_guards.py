"""Traces of what guards a position and what is left over: turned positions, stops without proof,
ends that are asked for once, quantities below the least, halts of a shadow book.
"""

from __future__ import annotations

from msgspec.structs import replace
from tests.contracts.engine.build_held import bracket
from tests.contracts.engine.recorder import Line, RecordedWorld, trace
from tests.support.kernel_world import BTC, HELD, INSTRUMENTS, PERP, UNIT

from tradetui.domain.capabilities import SIMULATED
from tradetui.domain.control import InstanceUnloaded, ModeChanged
from tradetui.domain.enums import InstanceMode, OrderRole, OrderType, Support, TimeInForce
from tradetui.domain.intents import CancelOrder
from tradetui.domain.market_data import InstrumentUpdated
from tradetui.domain.reports import CancelRejected, OrderAccepted, OrderRejected, OutcomeUnknown
from tradetui.domain.risk import InstanceLimits
from tradetui.domain.timers import Heartbeat
from tradetui.domain.units import NANOS_PER_MINUTE

UNAIDED = replace(SIMULATED, reduce_only=Support.HELD, oco=Support.HELD)
"""A venue that ends no order for us when a position closes."""

OBSERVE, ACTIVE = InstanceMode.OBSERVE, InstanceMode.ACTIVE


def stop(world: RecordedWorld, quantity: int, trigger: int, market: str = PERP) -> str:
    """Place a stop-loss; return its id."""
    return world.place(
        quantity, None, order_type=OrderType.STOP, trigger_price=trigger, instrument_id=market,
        role=OrderRole.STOP_LOSS,
    )  # fmt: skip


def accept(world: RecordedWorld, order_id: str, market: str = PERP) -> None:
    """Have the venue accept an order."""
    world.event(OrderAccepted("main", order_id, f"v{order_id}"), market)


@trace("guards-turned", "A position that turns loses the stops of its old side, and only those.")
def guards_turned() -> list[Line]:
    world = RecordedWorld(UNAIDED)
    world.hold(2, instrument_id=PERP)
    old = stop(world, -2, 9_000)
    accept(world, old)
    target = world.place(-2, 12_000, instrument_id=PERP, role=OrderRole.TAKE_PROFIT)
    accept(world, target)
    through = world.place(-5, 10_000, instrument_id=PERP)
    accept(world, through)
    world.note("a part of it reduces only: what guards stays")
    world.fill(through, 1, 10_000)
    world.status("one")
    world.note("the rest turns it: long 1 becomes short 3; stop and target of the long side go")
    world.fill(through, 4, 10_000)
    world.status("one")
    for order_id in (old, target):
        world.cancelled(order_id)
    world.status("one")
    world.note("a stop of the new side; a fill that adds to the position leaves it")
    new = stop(world, 3, 11_000)
    accept(world, new)
    world.status("one")
    more = world.place(-1, 10_100, instrument_id=PERP)
    accept(world, more)
    world.fill(more, 1, 10_100)
    world.status("one")
    world.restart()
    world.note("turned back while an entry with a stop of its own rests: that one stays")
    entry = world.intent(-2, 10_500, instrument_id=PERP)
    child = world.intent(
        2, None, order_type=OrderType.STOP, trigger_price=12_000, instrument_id=PERP,
        role=OrderRole.STOP_LOSS, parent_order_id=entry.client_order_id,
    )  # fmt: skip
    world.intents(entry, child)
    accept(world, entry.client_order_id)
    back = world.place(6, 10_000, instrument_id=PERP)
    accept(world, back)
    world.fill(back, 6, 10_000)
    world.status("one")
    world.cancelled(new)
    world.note("closed to the last: nothing is left to guard")
    left = stop(world, -2, 9_100)
    accept(world, left)
    world.fill(left, 2, 9_100)
    world.status("one")
    return world.lines


@trace("guards-unknown", "A stop without a proven outcome guards nothing until it is proven.")
def guards_unknown() -> list[Line]:
    world = RecordedWorld()
    world.hold(UNIT)
    world.status("one")
    first = stop(world, -UNIT, 9_000, BTC)
    world.status("one")
    world.event(OutcomeUnknown("main", first, "timeout"), BTC)
    world.note("asked for, and nobody knows: the guard is missing")
    world.status("one")
    world.restart()
    world.accept(first)
    world.status("one")
    world.note("a second one of unknown outcome adds nothing; the one that stands is counted")
    world.hold(UNIT)
    second = stop(world, -UNIT, 9_000, BTC)
    world.event(OutcomeUnknown("main", second), BTC)
    world.status("one")
    world.event(OrderRejected("main", second, "never came"), BTC)
    world.status("one")
    third = stop(world, -UNIT, 9_000, BTC)
    world.accept(third)
    world.status("one")
    world.note("one that is asked to end is no guard any more")
    world.intents(CancelOrder(third))
    world.status("one")
    return world.lines


@trace("held-ends-once", "An end in time that the kernel holds is asked for once.")
def held_ends_once() -> list[Line]:
    world = RecordedWorld(HELD)
    end = world.now + NANOS_PER_MINUTE
    order = world.place(time_in_force=TimeInForce.GTD, expire_time=end)
    world.accept(order)
    other = world.place(UNIT, 9_100, time_in_force=TimeInForce.GTD, expire_time=end)
    world.accept(other)
    world.event(Heartbeat(1, ()), after=2 * NANOS_PER_MINUTE)
    world.note("steps while the cancels are on their way ask for nothing")
    world.event(Heartbeat(2, ()))
    world.trade(10_000)
    world.restart()
    world.fill(order, UNIT // 2)
    world.event(Heartbeat(3, ()))
    world.note("refused while the order stands: asked for again, once")
    world.event(CancelRejected("main", order, "busy"), BTC)
    world.event(Heartbeat(4, ()))
    world.event(Heartbeat(5, ()))
    for one in (order, other):
        world.cancelled(one)
    world.event(Heartbeat(6, ()))
    return world.lines


@trace("held-least-quantity", "What is left below the least quantity of a market ends as dust.")
def held_least_quantity() -> list[Line]:
    world = RecordedWorld(HELD)
    least = replace(INSTRUMENTS[0], min_quantity=UNIT // 2)
    world.event(InstrumentUpdated(least), BTC)
    world.note("stopped out of half of the least: the stop cannot go out")
    entry, _, _ = bracket(world)
    world.fill(entry, UNIT // 4)
    world.status("one")
    world.trade(8_900)
    world.cancelled(entry)
    world.status("one")
    world.trade(10_000)
    world.note("the entry ends with so little: stop and target go")
    entry, _, _ = bracket(world)
    world.fill(entry, UNIT // 4)
    world.cancelled(entry)
    world.note("with the least exactly, they stay, and the target is out")
    entry, _, target = bracket(world)
    world.fill(entry, UNIT // 2)
    world.cancelled(entry)
    world.accept(target)
    world.status("one")
    world.fill(target, UNIT // 2, 11_000)
    return world.lines


@trace("shadow-halt", "A halted shadow book takes its halt with it; the next one begins sound.")
def shadow_halt() -> list[Line]:
    world = RecordedWorld()
    world.load("eye", OBSERVE, limits=InstanceLimits(5_000 * UNIT))
    for leave in (ModeChanged("eye", ACTIVE, "me"), InstanceUnloaded("eye", "me")):
        order = world.place(UNIT, 9_000, name="eye")
        world.fill(order)
        world.note("filled once more than it can be: its route halts")
        world.fill(order)
        world.status("eye")
        world.restart()
        world.event(leave)
        world.status("eye")
        world.load("eye", OBSERVE, limits=InstanceLimits(5_000 * UNIT))
        world.event(ModeChanged("eye", OBSERVE, "me"))
        world.place(UNIT, 9_000, name="eye")
        world.status("eye")
    return world.lines
