"""Worth at the marks: None where one is missing."""

from __future__ import annotations

from msgspec.structs import replace
from tests.support.kernel_world import BNB, BTC, CASH, INSTRUMENTS, PERP, UNIT, World

from tradetui.core.valuation import (
    equity,
    equity_by_currency,
    margin_used,
    position_value,
    unrealised,
)
from tradetui.domain.market_data import InstrumentUpdated
from tradetui.domain.orders import Position
from tradetui.domain.reports import CashAdjusted


def test_a_flat_position_has_no_open_profit_even_without_a_mark() -> None:
    world = World()
    del world.state.marks[BTC]
    assert unrealised(world.state, Position("one", "main", BTC)) == 0
    assert position_value(world.state, BTC, 0) == 0


def test_without_a_mark_nothing_is_known() -> None:
    world = World()
    world.hold()
    world.hold(3, 10_000, PERP)
    world.state.marks.clear()
    assert unrealised(world.state, world.position()) is None
    assert position_value(world.state, BTC, 1) is None
    assert equity_by_currency(world.state, "main") is None
    assert equity(world.state, "main") is None
    assert margin_used(world.state, "main") is None


def test_worth_is_told_per_currency() -> None:
    world = World()
    world.event(CashAdjusted("main", "BNB", 2 * UNIT, "deposit"))
    world.hold(UNIT, 10_000)
    assert equity_by_currency(world.state, "main") == {"USD": CASH, "BNB": 2 * UNIT}
    assert equity(world.state, "main") == CASH + 1_000 * UNIT


def test_worth_in_a_currency_without_a_rate_is_not_known() -> None:
    world = World()
    world.event(CashAdjusted("main", "XYZ", 1, "deposit"))
    assert equity(world.state, "main") is None


def test_other_routes_do_not_count() -> None:
    world = World()
    world.hold()
    assert equity_by_currency(world.state, "elsewhere") == {}
    assert margin_used(world.state, "elsewhere") == 0


def test_a_flat_position_is_worth_nothing() -> None:
    world = World()
    world.hold(UNIT, 10_000)
    world.hold(-UNIT, 10_000)
    assert equity(world.state, "main") == CASH


def test_margin_is_a_share_of_the_notional_rounded_up() -> None:
    world = World()
    world.hold(3, 10_000, PERP)
    world.hold(UNIT, 10_000, BTC)
    world.hold(5, 50_000, BNB)
    assert margin_used(world.state, "main") == 3 * 10_000 * 5 * UNIT // 1_000 // 10


def test_margin_in_a_currency_without_a_rate_is_not_known() -> None:
    world = World()
    odd = replace(INSTRUMENTS[1], instrument_id="ODD.SIM", quote="XYZ", symbol="ODD")
    world.event(InstrumentUpdated(odd), "ODD.SIM")
    world.trade(10_000, "ODD.SIM")
    world.fill("stranger", 3, 10_000, commission_currency="XYZ")
    world.is_checked = False
    world.state.route_quantities["main", odd.instrument_id] = 3
    assert margin_used(world.state, "main") is None
