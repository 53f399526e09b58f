"""What an instance holds and has gained in its own market; the shadow book stands apart."""

from __future__ import annotations

from msgspec.structs import replace
from tests.support.kernel_world import BTC, PERP, UNIT, World

from tradetui.domain.enums import Guard, OrderRole, OrderType
from tradetui.domain.ids import RouteId
from tradetui.domain.orders import Position
from tradetui.domain.units import NANOS_PER_DAY
from tradetui.runtime.instance_money import InstanceMoney, money_of

SHADOW = RouteId("shadow:one")


def money(world: World) -> InstanceMoney:
    keys = tuple(key for key in world.state.positions if key[0] == "one")
    return money_of(world.state, BTC, keys)


def shadow(world: World, position: Position) -> None:
    world.state.positions["one", SHADOW, BTC] = position


def test_nothing_held_is_nothing_gained() -> None:
    assert money(World()) == InstanceMoney(0, None, None, 0, 0, 0, Guard.FLAT, 0, 0, 0)


def test_open_profit_is_at_the_price_now() -> None:
    world = World()
    world.hold()
    world.trade(11_000)
    found = money(world)
    assert (found.position, found.entry_price) == (UNIT, 10_000)
    assert found.opened_time == world.position().opened_time
    assert found.open_pnl == found.day_pnl == found.total_pnl == 10 * UNIT


def test_the_worst_guard_of_its_positions_is_told() -> None:
    world = World()
    world.hold()
    assert money(world).guard is Guard.NONE_BY_DESIGN
    stop = {"role": OrderRole.STOP_LOSS, "order_type": OrderType.STOP, "trigger_price": 9_000}
    order_id = world.place(-UNIT, None, **stop)
    world.accept(order_id)
    assert money(world).guard is Guard.VENUE
    world.cancelled(order_id)
    assert money(world).guard is Guard.MISSING


def test_what_is_closed_counts_today_and_in_all() -> None:
    world = World()
    world.hold()
    world.close(price=11_000)
    found = money(world)
    assert (found.position, found.entry_price, found.opened_time) == (0, None, None)
    assert (found.open_pnl, found.day_pnl, found.total_pnl) == (0, 10 * UNIT, 10 * UNIT)
    world.now += NANOS_PER_DAY
    world.trade(11_000)
    found = money(world)
    assert (found.day_pnl, found.fees_day, found.total_pnl) == (0, 0, 10 * UNIT)


def test_fees_are_part_of_the_profit() -> None:
    world = World()
    world.hold()
    key = ("one", "main", BTC)
    world.state.days[key] = replace(world.state.days[key], fees=3)
    world.state.positions[key] = replace(world.state.positions[key], fees=5)
    found = money(world)
    assert (found.fees_day, found.day_pnl, found.total_pnl) == (3, -3, -5)


def test_other_markets_do_not_count() -> None:
    world = World()
    world.hold(3, 10_000, PERP)
    found = money(world)
    assert (found.position, found.open_pnl, found.guard) == (0, 0, Guard.FLAT)


def test_the_shadow_book_stands_apart() -> None:
    world = World()
    shadow(world, Position("one", SHADOW, BTC, UNIT, 90 * UNIT, 7 * UNIT, 2 * UNIT))
    found = money(world)
    assert (found.position, found.total_pnl, found.guard) == (0, 0, Guard.FLAT)
    assert (found.shadow_position, found.shadow_pnl) == (UNIT, (10 + 7 - 2) * UNIT)


def test_without_a_price_no_profit_is_known() -> None:
    world = World()
    world.hold()
    shadow(world, Position("one", SHADOW, BTC, UNIT, 90 * UNIT))
    world.state.marks.clear()
    found = money(world)
    assert found.position == UNIT
    profits = (found.open_pnl, found.day_pnl, found.total_pnl, found.shadow_pnl)
    assert profits == (None, None, None, None)
