"""Traces of the ledger: accounting classes, fees in any coin, settlements, days, rates."""

from __future__ import annotations

from msgspec.structs import replace
from tests.contracts.engine.recorder import Line, RecordedWorld, trace
from tests.support.kernel_world import BNB, BTC, INSTRUMENTS, PERP, UNIT, YES

from tradetui.domain.enums import LiquiditySide, OrderRole, OrderType
from tradetui.domain.market_data import InstrumentUpdated, Quote, Trade
from tradetui.domain.reports import CashAdjusted, PositionSettled
from tradetui.domain.risk import InstanceLimits
from tradetui.domain.timers import Heartbeat
from tradetui.domain.units import NANOS_PER_DAY, NANOS_PER_HOUR


def fills(world: RecordedWorld, market: str, *parts: tuple[int, int, int, str]) -> None:
    """Trade (signed quantity, price, fee, currency) one after another by market orders."""
    for quantity, price, fee, currency in parts:
        order = world.place(quantity, None, instrument_id=market)
        world.fill(order, abs(quantity), price, fee, commission_currency=currency)


@trace("spot", "Spot: cost by floor, part by part, fees in the quote currency, dust at the end.")
def spot() -> list[Line]:
    world = RecordedWorld()
    third = 33_333_000
    fills(world, BTC, (third, 10_001, 1, "USD"), (third, 10_003, 2, "USD"))
    fills(world, BTC, (third + 1_000, 9_997, 3, "USD"), (-third, 10_100, 5, "USD"))
    world.note("parts that do not divide the cost; the last takes the rest")
    fills(world, BTC, (-7_000, 10_001, 0, "USD"), (-third, 9_900, 0, "USD"))
    left = world.position().quantity
    fills(world, BTC, (-left, 9_901, 7, "USD"))
    return world.lines


@trace("spot-base-fee", "A fee in the base coin is taken from the position, the rest from cash.")
def spot_base_fee() -> list[Line]:
    world = RecordedWorld()
    fills(world, BTC, (UNIT, 10_000, 100_000, "BTC"), (UNIT, 10_010, 123_456, "BTC"))
    world.note("a coin of size scale 4: what is below its last digit is a rest of money")
    fills(world, BNB, (25_000, 50_000, 123_456, "BNB"), (10_000, 50_100, 9_999, "BNB"))
    world.note("a rebate")
    fills(world, BTC, (UNIT, 10_000, -5_000, "BTC"), (UNIT, 10_000, -5_000, "USD"))
    return world.lines


@trace("spot-third-fee", "Fees in a third coin, at the rate of the moment, and without one.")
def spot_third_fee() -> list[Line]:
    world = RecordedWorld()
    fills(world, BTC, (UNIT, 10_000, 200_000, "BNB"))
    world.trade(60_000, BNB)
    fills(world, BTC, (-UNIT // 2, 10_000, 200_000, "BNB"))
    world.note("no rate: debited, said, not in the fees of the position")
    fills(world, BTC, (-UNIT // 2, 10_000, 300_000, "EUR"))
    world.note("maker")
    order = world.place(UNIT, 10_000)
    world.accept(order)
    world.fill(order, UNIT, 10_000, -77, liquidity=LiquiditySide.MAKER)
    return world.lines


@trace("future", "A future with a multiplier and margin: only realised profit moves cash; flips.")
def future() -> list[Line]:
    world = RecordedWorld()
    fills(world, PERP, (10, 10_005, 11, "USD"), (7, 10_015, 0, "USD"), (-3, 10_105, 3, "USD"))
    world.trade(9_800, PERP)
    world.note("through zero to short, and back to flat")
    fills(world, PERP, (-20, 9_790, 5, "USD"), (2, 9_700, 0, "USD"), (4, 9_995, 0, "USD"))
    world.note("a fee in the base coin of a future is money in that coin")
    fills(world, PERP, (5, 10_000, 50, "BTC"))
    world.note("funding, attributed to the instance, and an expiry")
    world.event(CashAdjusted("main", "USD", -12_345, "funding", "one"), PERP)
    world.event(PositionSettled("main", 10_200), PERP)
    return world.lines


@trace("prediction", "A prediction market, bought, sold short, resolved at one and at zero.")
def prediction() -> list[Line]:
    world = RecordedWorld()
    fills(world, YES, (100, 4_050, 200, "USD"), (-30, 4_500, 0, "USD"))
    order = world.place(-50, 6_000, instrument_id=YES, name="two")
    world.fill(order, 50, 6_000)
    world.note("it resolves yes: all instances on the route are settled, their guards go")
    guard = world.place(
        -70, None, instrument_id=YES, order_type=OrderType.STOP, trigger_price=2_000,
        role=OrderRole.STOP_LOSS,
    )  # fmt: skip
    world.accept(guard)
    world.event(PositionSettled("main", 10_000), YES)
    world.cancelled(guard)
    fills(world, YES, (10, 100, 0, "USD"))
    world.event(PositionSettled("main", 0), YES)
    world.note("settled twice, and where nothing is known")
    world.event(PositionSettled("main", 0), YES)
    world.event(PositionSettled("main", 1), "NO.SIM")
    world.event(PositionSettled("nowhere", 1), YES)
    world.event(PositionSettled("shadow:gone", 1), YES)
    return world.lines


@trace("cash", "Money that moves without a fill.")
def cash() -> list[Line]:
    world = RecordedWorld()
    world.event(CashAdjusted("main", "USD", 500 * UNIT, "deposit"))
    world.event(CashAdjusted("main", "EUR", 500 * UNIT, "deposit"))
    world.event(CashAdjusted("main", "USD", -1, "transfer"))
    world.hold(UNIT)
    world.note("attributed to an instance: in its profit, where the currency is the market's")
    world.event(CashAdjusted("main", "USD", -300, "borrowing", "one"), BTC)
    world.event(CashAdjusted("main", "EUR", -300, "borrowing", "one"), BTC)
    world.event(CashAdjusted("main", "USD", -300, "borrowing", "one"), "NO.SIM")
    world.event(CashAdjusted("nowhere", "USD", 1, "deposit"))
    world.event(CashAdjusted("shadow:gone", "USD", 1, "deposit"))
    return world.lines


@trace("days", "The day rolls over positions that are held; limits count by the day.")
def days() -> list[Line]:
    world = RecordedWorld()
    world.load("one", limits=InstanceLimits(10_000 * UNIT, 5, 5 * UNIT, 50 * UNIT))
    fills(world, BTC, (UNIT, 10_000, UNIT, "USD"))
    fills(world, PERP, (5, 10_000, UNIT, "USD"))
    world.trade(10_500)
    world.note("midnight comes with a quote, and once with a heartbeat, once two days at once")
    world.event(Quote(10_490, UNIT, 10_510, UNIT), BTC, after=NANOS_PER_DAY)
    fills(world, BTC, (-UNIT // 2, 10_500, UNIT, "USD"))
    world.event(Heartbeat(1, ()), after=NANOS_PER_DAY)
    world.restart()
    world.trade(9_000, after=2 * NANOS_PER_DAY)
    world.event(Heartbeat(2, ()), after=NANOS_PER_HOUR)
    fills(world, BTC, (-UNIT // 2, 9_000, 0, "USD"))
    return world.lines


@trace("rates", "Accounts in one currency, markets in others: rates over one step, both ways.")
def rates() -> list[Line]:
    world = RecordedWorld()
    cross = replace(
        INSTRUMENTS[0], instrument_id="ETH/BTC.SIM", symbol="ETH/BTC", base="ETH", quote="BTC",
        price_scale=6,
    )  # fmt: skip
    euro = replace(INSTRUMENTS[0], instrument_id="USD/EUR.SIM", symbol="USD/EUR", base="USD",
                   quote="EUR")  # fmt: skip
    for instrument, price in ((cross, 50_000), (euro, 91)):
        world.event(InstrumentUpdated(instrument), instrument.instrument_id)
        world.event(Trade(price, 1), instrument.instrument_id)
    world.load("one", instruments=(BTC, cross.instrument_id, euro.instrument_id))
    world.event(CashAdjusted("main", "BTC", 10 * UNIT, "deposit"))
    world.event(CashAdjusted("main", "EUR", 1_000 * UNIT, "deposit"))
    fills(world, cross.instrument_id, (3 * UNIT, 50_123, 77, "USD"), (-UNIT, 50_999, 5, "EUR"))
    fills(world, euro.instrument_id, (UNIT, 91, 7, "EUR"))
    world.event(Heartbeat(1, ()))
    return world.lines


@trace("large", "The largest numbers that 64 bits hold, in the money of an order and a fill.")
def large() -> list[Line]:
    world = RecordedWorld()
    big = replace(
        INSTRUMENTS[0], instrument_id="BIG.SIM", symbol="BIG", base="BIG", price_scale=8,
        size_scale=8, size_increment=1,
    )  # fmt: skip
    world.event(InstrumentUpdated(big), "BIG.SIM")
    price = 9 * 10**15
    world.event(Trade(price, 1), "BIG.SIM")
    world.load("one", instruments=(BTC, "BIG.SIM"), limits=InstanceLimits(9 * 10**18))
    world.event(CashAdjusted("main", "USD", 8 * 10**18, "deposit"))
    order = world.place(100 * UNIT, price, instrument_id="BIG.SIM")
    world.fill(order, 100 * UNIT, price, 9 * 10**14)
    order = world.place(-100 * UNIT, price, instrument_id="BIG.SIM", role=OrderRole.EXIT)
    world.fill(order, 100 * UNIT, price + 1)
    world.note("an order whose value is beyond all that can be added up")
    world.intents(world.intent(9 * 10**17, price, instrument_id="BIG.SIM"))
    return world.lines


@trace("beyond", "Money and quantities that no sum of 64 bits can hold: refused, and it goes on.")
def beyond() -> list[Line]:
    world = RecordedWorld()
    coin = replace(
        INSTRUMENTS[0], instrument_id="BIG.SIM", symbol="BIG", base="BIG", price_scale=2,
        size_scale=8, size_increment=1, price_increment=1,
    )  # fmt: skip
    price = 10**12
    world.event(InstrumentUpdated(coin), "BIG.SIM")
    world.event(Trade(price, 1), "BIG.SIM")
    world.load("one", instruments=(BTC, "BIG.SIM"), limits=InstanceLimits(9 * 10**18))
    world.event(CashAdjusted("main", "USD", 5 * 10**18, "deposit"))
    world.note("orders: one that fits, one that does not beside it, one beyond 64 bits")
    order = world.place(UNIT, price, instrument_id="BIG.SIM")
    world.intents(world.intent(4 * UNIT, price, instrument_id="BIG.SIM"))
    world.intents(world.intent(2**63 - 1, price, instrument_id="BIG.SIM"))
    world.note("fills: of an absurd price, with an absurd fee, then the one that it was")
    world.fill(order, UNIT, 10 * price)
    world.fill(order, UNIT, price, 9 * 10**18)
    world.fill(order, UNIT, price)
    world.intents(world.intent(-UNIT, 10 * price, instrument_id="BIG.SIM", role=OrderRole.EXIT))
    world.note("an absurd price of what is held, deposits and a settlement beyond all sums")
    world.event(Trade(2**63 - 1, 1), "BIG.SIM")
    world.intents(world.intent(UNIT, 9_000))
    world.event(CashAdjusted("main", "USD", 9 * 10**18, "deposit"))
    world.event(PositionSettled("main", 2**63 - 1), "BIG.SIM")
    world.event(PositionSettled("main", price), "BIG.SIM")
    return world.lines
