"""Traces of market data: what moves the mark, what is ignored, what instruments may change."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace
from tests.contracts.engine.recorder import Line, RecordedWorld, trace
from tests.support.kernel_world import BTC, HELD, INSTRUMENTS, PERP, UNIT

from tradetui.domain.enums import OrderRole, OrderSide, OrderType
from tradetui.domain.market_data import Bar, DataGap, InstrumentUpdated, Quote, Trade
from tradetui.domain.timers import Heartbeat
from tradetui.domain.units import NANOS_PER_DAY, NANOS_PER_MINUTE, NANOS_PER_SECOND


@trace("market-streams", "Bars, trades and quotes side by side: the newest moves the mark.")
def streams() -> list[Line]:
    world = RecordedWorld()
    world.bar(10_100, 9_900, 10_050)
    world.event(Trade(10_060, 5, OrderSide.BUY, "x1"), BTC)
    world.event(Quote(10_040, UNIT, 10_080, 2 * UNIT), BTC)
    world.note("while a quote is known, a trade moves the price and keeps the sides")
    world.trade(10_070)
    world.bar(10_090, 10_000, 10_010)
    world.note("one side empty, both empty, crossed")
    for quote in (Quote(0, 0, 10_090, 1), Quote(10_000, 1, 0, 0), Quote(0, 0, 0, 0),
                  Quote(10_100, 1, 10_000, 1), Quote(10_001, 1, 10_002, 1)):  # fmt: skip
        world.event(quote, BTC)
    world.note("a middle that is no whole number, below zero too")
    world.event(Quote(-3, 1, 2, 1), PERP)
    world.trade(-5, PERP)
    world.event(DataGap(world.now, world.now + NANOS_PER_MINUTE, "reconnected"), BTC)
    return world.lines


@trace("market-late", "Items behind the newest of their stream are ignored, and said.")
def late() -> list[Line]:
    world = RecordedWorld()
    world.event(Quote(9_990, 1, 10_010, 1), BTC)
    world.bar(10_100, 9_900, 10_000)
    back = -10 * NANOS_PER_SECOND
    world.trade(9_000, after=back)
    world.event(Quote(8_990, 1, 9_010, 1), BTC, after=-NANOS_PER_SECOND)
    world.event(Bar(0, 1, 1, 2, 1, 2, 1), BTC, after=0)
    world.note("at the same moment is not late; later than its stream, earlier than the mark")
    world.trade(10_020, after=60 * NANOS_PER_SECOND)
    world.trade(10_030, after=0)
    world.event(Quote(10_000, 1, 10_010, 1), BTC, after=-5 * NANOS_PER_SECOND)
    world.note("of a market that nobody knows")
    world.event(Trade(1, 1), "NO.SIM")
    world.event(Quote(1, 1, 2, 1), "NO.SIM")
    world.event(Bar(0, 1, 1, 2, 1, 2, 1), "NO.SIM")
    return world.lines


@trace("market-warmup", "Bars of history for one instance move nothing.")
def warmup() -> list[Line]:
    world = RecordedWorld()
    for close in (9_000, 9_100):
        bar = Bar(world.now, world.now + 1, close, close, close, close, 1, "one")
        world.event(bar, BTC, after=-NANOS_PER_DAY)
    world.event(bar, "NO.SIM")
    return world.lines


@trace("market-keys", "A market item with a key that was seen is a no-op.")
def keys() -> list[Line]:
    world = RecordedWorld()
    world.trade(10_010, key="t-1")
    world.trade(10_020, key="t-1")
    world.event(Quote(10_000, 1, 10_002, 1), BTC, key="q-1")
    world.event(Quote(10_010, 1, 10_012, 1), BTC, key="q-1")
    world.event(Bar(0, 1, 1, 2, 1, 2, 1), BTC, key="b-1")
    world.event(Bar(0, 1, 1, 2, 1, 2, 1), BTC, key="b-1")
    world.note("and so is a heartbeat")
    world.event(Heartbeat(1, ()), key="h")
    world.event(Heartbeat(1, ()), key="h")
    return world.lines


@trace("instrument-updates", "Increments, limits and fees change; what gives meaning does not.")
def updates() -> list[Line]:
    world = RecordedWorld()
    order = world.place(UNIT, 9_001)
    world.accept(order)
    base = INSTRUMENTS[0]
    changes: tuple[dict[str, Any], ...] = (
        {"price_increment": 10, "size_increment": 1_000_000},
        {"price_scale": 3}, {"size_scale": 4}, {"multiplier": 2}, {"multiplier_scale": 1},
        {"base": "XBT"}, {"quote": "EUR"}, {"venue": "ELSE"}, {"price_increment": 0},
        {"taker_fee_ppm": 500, "maker_fee_ppm": -100},
    )  # fmt: skip
    for change in changes:
        world.event(InstrumentUpdated(replace(base, **change)), BTC)
    world.note("the working order keeps its price; a new one must be on the grid of the newest")
    world.place(UNIT, 9_001)
    world.fill(order, UNIT, 9_001)
    new = replace(base, instrument_id="X.SIM", multiplier=0)
    world.event(InstrumentUpdated(new), "X.SIM")
    world.event(InstrumentUpdated(replace(new, multiplier=1, price_scale=-1)), "X.SIM")
    return world.lines


@trace("market-held", "Late and repeated items do not fire what the kernel holds.")
def held() -> list[Line]:
    world = RecordedWorld(HELD)
    world.hold(UNIT)
    world.place(
        -UNIT, None, order_type=OrderType.STOP, trigger_price=9_500, role=OrderRole.STOP_LOSS
    )
    world.trade(9_000, after=-NANOS_PER_MINUTE)
    world.trade(10_000, after=2 * NANOS_PER_MINUTE, key="k")
    world.trade(9_000, key="k")
    bar = Bar(world.now, world.now + 1, 9_000, 9_000, 9_000, 9_000, 1, "one")
    world.event(bar, BTC)
    world.event(Quote(0, 0, 9_000, 1), BTC)
    world.trade(9_500)
    return world.lines
