"""One sub-position: its open profit, its worst case, what it may take from the cash."""

from __future__ import annotations

from tradetui.core.risk.worth import NO_WORKING, highest_price, open_pnl, owed, reserved, worst_of
from tradetui.core.state import Working

UNIT = 10**8
BTC, PERP, YES = "BTC/USD.SIM", "BTC-PERP.SIM", "RAIN-YES.SIM"
KEY = ("one", "main", BTC)


def test_open_profit_is_at_the_mark_and_nothing_without_one(world):
    instrument = world.state.instruments[BTC]
    assert open_pnl(world.state, instrument, None) == 0
    assert open_pnl(world.state, instrument, world.hold(0)) == 0
    held = world.hold(UNIT, 9_000_00)
    assert open_pnl(world.state, instrument, held) == 1_000 * UNIT
    least = world.hold(1, 30, instrument_id=YES)
    assert open_pnl(world.state, world.state.instruments[YES], least) == UNIT // 10
    del world.state.marks[BTC]
    assert open_pnl(world.state, instrument, held) == 0


def test_the_worst_case_is_on_the_worse_side(world):
    held = world.hold(UNIT)
    buys, sells = Working(buy_quantity=UNIT), Working(sell_quantity=4 * UNIT)
    assert worst_of(world.state, KEY, held, NO_WORKING) == 10_000 * UNIT
    assert worst_of(world.state, KEY, held, buys) == 20_000 * UNIT
    assert worst_of(world.state, KEY, held, sells) == 30_000 * UNIT
    assert worst_of(world.state, KEY, None, NO_WORKING) == 0


def test_without_a_mark_at_the_price_else_at_what_is_known(world):
    held, working = world.hold(UNIT, 9_000_00), Working(buy_notional=5, sell_notional=7)
    del world.state.marks[BTC]
    assert worst_of(world.state, KEY, held, NO_WORKING, 2_00) == 2 * UNIT
    assert worst_of(world.state, KEY, held, working) == 9_000 * UNIT + 5
    assert worst_of(world.state, KEY, None, working) == 7


def test_working_orders_take_their_notional_and_the_higher_fee(world):
    working = Working(buy_notional=1_000 * UNIT)
    assert reserved(world.state.instruments[BTC], working) == 1_001 * UNIT
    assert reserved(world.state.instruments[BTC], NO_WORKING) == 0
    assert reserved(world.state.instruments[PERP], working) == 0


def test_predictions_sold_short_may_cost_the_highest_price(world):
    short = world.hold(-5, 30, instrument_id=YES)
    selling = Working(sell_quantity=10, sell_notional=4 * UNIT)
    assert owed(world.state.instruments[BTC], world.hold(-UNIT)) == 0
    assert owed(world.state.instruments[YES], short) == 5 * UNIT
    assert reserved(world.state.instruments[YES], selling) == 6 * UNIT
    world.instrument(YES, price_max=60)
    assert highest_price(world.state.instruments[YES]) == 60
    assert owed(world.state.instruments[YES], short) == 3 * UNIT
