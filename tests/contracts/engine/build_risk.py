"""Traces of the risk engine: every gate as it allows, modifies and rejects."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace
from tests.contracts.engine.recorder import Line, RecordedWorld, trace
from tests.support.kernel_world import BNB, BTC, CASH, HELD, INSTRUMENTS, PERP, UNIT, YES, config

from tradetui.domain.capabilities import SIMULATED
from tradetui.domain.control import ExitOnlyChanged, RiskProfileSet
from tradetui.domain.enums import (
    InstrumentClass,
    KillState,
    OrderRole,
    OrderType,
    Scope,
    Support,
    TimeInForce,
)
from tradetui.domain.intents import CancelOrder, NoOp, ReplaceOrder, SetRiskFlag
from tradetui.domain.market_data import InstrumentUpdated, Quote, Trade
from tradetui.domain.reports import OutcomeUnknown
from tradetui.domain.risk import InstanceLimits, ProfileBinding, RiskProfile
from tradetui.domain.steps import ExecutionContextConfig
from tradetui.domain.timers import Heartbeat
from tradetui.domain.units import NANOS_PER_DAY, NANOS_PER_HOUR, NANOS_PER_SECOND

ETH = "ETH/BTC.SIM"
CROSS = replace(
    INSTRUMENTS[0], instrument_id=ETH, symbol="ETH/BTC", base="ETH", quote="BTC", price_scale=6
)


def limited(
    scope: Scope = Scope.EXECUTION, key: str = "acct", **limits: Any
) -> dict[str, tuple[Any, ...]]:
    """Return the configuration's part that binds one profile."""
    limits.setdefault("prevent_self_cross", False)
    return {
        "profiles": (RiskProfile("p", **limits),),
        "bindings": (ProfileBinding("p", scope, key),),
    }


@trace("risk-schema", "What is refused for its form, whatever it asks.")
def schema() -> list[Line]:
    world = RecordedWorld()
    stop: dict[str, Any] = {"order_type": OrderType.STOP, "trigger_price": 11_000}
    for changes in (
        {"client_order_id": "no blanks"},
        {"client_order_id": "x" * 33},
        {"client_order_id": ""},
        {"quantity": 0},
        {"quantity": -5},
        {"price": None, "order_type": OrderType.LIMIT},
        {"price": 9_000, "order_type": OrderType.MARKET},
        {"trigger_price": 9_000},
        {"trail_offset": 5},
        {**stop, "trigger_price": None, "price": None},
        {**stop, "price": 9_000},
        {"order_type": OrderType.TRAILING_STOP, "price": None},
        {"order_type": OrderType.TRAILING_STOP, "price": None, "trail_offset": 0},
        {"time_in_force": TimeInForce.GTD},
        {"time_in_force": TimeInForce.GTD, "expire_time": 1},
        {"expire_time": 9 * 10**18},
        {"post_only": True, "order_type": OrderType.MARKET, "price": None},
        {"post_only": True, "time_in_force": TimeInForce.IOC},
        {"parent_order_id": "bad id"},
        {"oco_group": ""},
        {"oco_group": "g" * 65},
    ):
        world.intents(replace(world.intent(), **changes))
    world.intents(replace(world.intent(), client_order_id="self", parent_order_id="self"))
    world.note("cancels and replaces")
    order = world.place()
    world.intents(CancelOrder("no blanks"), ReplaceOrder("", "x"), ReplaceOrder(order, "ttx-8"))
    world.intents(ReplaceOrder(order, "no blanks", price=9_001))
    world.note("an OCO group is of one market, while an order of it is open")
    first = world.place(UNIT, 8_000, oco_group="g")
    world.intents(world.intent(1, 9_000, instrument_id=PERP, oco_group="g"))
    world.cancelled(first)
    world.place(1, 9_000, instrument_id=PERP, oco_group="g")
    world.note("the intents of one step are decided in their order")
    world.intents(NoOp("nothing to do"), world.intent(UNIT, 9_010), NoOp())
    return world.lines


@trace("risk-identity", "Whose order, which market, which route: strangers and borrowed ids.")
def identity() -> list[Line]:
    world = RecordedWorld()
    world.event(InstrumentUpdated(CROSS), ETH)
    world.note("a market that nobody subscribed to, none at all, an instance that does not run")
    world.intents(world.intent(UNIT, 50_000, instrument_id=ETH))
    world.intents(world.intent(UNIT, 50_000, instrument_id="NO.SIM"))
    world.intents(world.intent(), name="nobody")
    order = world.place()
    world.accept(order)
    world.note("an id used before; another's order")
    world.intents(replace(world.intent(), client_order_id=order))
    world.intents(CancelOrder(order), name="two")
    world.intents(world.new_version(order, price=9_100), name="two")
    world.intents(world.new_version("ghost", price=9_100))
    world.note("children of nothing, of another market's order, of another's order")
    for parent, name, market in (
        ("ghost", "one", BTC), (order, "one", PERP), (order, "two", BTC),
    ):  # fmt: skip
        child = world.intent(-UNIT if market == BTC else -1, 11_000, instrument_id=market)
        world.intents(replace(child, parent_order_id=parent, role=OrderRole.TAKE_PROFIT), name=name)
    world.note("a venue that no route of the account reaches")
    far = replace(INSTRUMENTS[0], instrument_id="BTC/USD.FAR", venue="FAR")
    world.event(InstrumentUpdated(far), far.instrument_id)
    world.load("far", instrument_id=far.instrument_id, instruments=(far.instrument_id,))
    world.event(Trade(10_000, 1), far.instrument_id)
    world.intents(world.intent(instrument_id=far.instrument_id), name="far")
    world.status("far")
    return world.lines


@trace("denied-parent", "Children whose parent was refused in the same step give its reason.")
def denied_parent() -> list[Line]:
    world = RecordedWorld()
    for changes in ({"quantity": 0}, {"quantity": UNIT + 1}, {"instrument_id": "NO.SIM"}, {}):
        entry = replace(world.intent(900_000 * UNIT), **changes)
        child = {"parent_order_id": entry.client_order_id, "oco_group": "pair"}
        stop = world.intent(
            -UNIT, None, order_type=OrderType.STOP, trigger_price=8_000,
            role=OrderRole.STOP_LOSS, **child,
        )  # fmt: skip
        target = world.intent(-UNIT, 11_000, role=OrderRole.TAKE_PROFIT, **child)
        world.intents(entry, stop, target)
    world.note("a child that comes a step later, and one whose parent nobody asked for")
    world.intents(replace(stop, client_order_id=world.next_id()))
    world.intents(world.intent(), replace(target, client_order_id=world.next_id()))
    return world.lines


@trace("risk-capability", "What a route cannot do, it is not asked.")
def capability() -> list[Line]:
    none = Support.NONE
    bare = replace(
        SIMULATED, stop=none, stop_limit=none, trailing_stop=none, day=none, ioc=none, fok=none,
        gtd=none, oco=none, bracket=none, reduce_only=none, post_only=none, replace=none,
        amend=none, instrument_classes=(InstrumentClass.SPOT,), shorting=False,
    )  # fmt: skip
    world = RecordedWorld(bare)
    later = world.now + NANOS_PER_HOUR
    order = world.place()
    for changes in (
        {"price": None, "order_type": OrderType.STOP, "trigger_price": 11_000},
        {"order_type": OrderType.STOP_LIMIT, "trigger_price": 11_000},
        {"price": None, "order_type": OrderType.TRAILING_STOP, "trail_offset": 100},
        {"time_in_force": TimeInForce.DAY},
        {"time_in_force": TimeInForce.IOC},
        {"time_in_force": TimeInForce.FOK},
        {"time_in_force": TimeInForce.GTD, "expire_time": later},
        {"post_only": True},
        {"reduce_only": True},
        {"oco_group": "g"},
        {"parent_order_id": order},
    ):
        world.intents(replace(world.intent(), **changes))
    world.intents(world.new_version(order, price=9_100))
    world.note("a class of instrument that the route does not trade")
    world.intents(world.intent(1, 10_000, instrument_id=PERP))
    world.note("an exit without reduce_only is still judged as one")
    world.accept(order)
    world.fill(order)
    world.place(-UNIT, 11_000, role=OrderRole.EXIT)
    return world.lines


@trace("risk-numbers", "Tick, bounds, lot, minimums: what the venue would refuse.")
def numbers() -> list[Line]:
    world = RecordedWorld()
    strict = replace(
        INSTRUMENTS[0], price_increment=50, size_increment=10_000, min_quantity=20_000,
        max_quantity=5 * UNIT, min_notional=10 * UNIT, price_min=1_000, price_max=50_000,
    )  # fmt: skip
    world.event(InstrumentUpdated(strict), BTC)
    stop: dict[str, Any] = {"price": None, "order_type": OrderType.STOP}
    for changes in (
        {"price": 9_010},
        {"price": 950},
        {"price": 50_050},
        {**stop, "trigger_price": 11_010},
        {**stop, "trigger_price": 60_000},
        {"price": None, "order_type": OrderType.TRAILING_STOP, "trail_offset": 55},
        {"quantity": UNIT + 1},
        {"quantity": UNIT + 1, "price": None, "order_type": OrderType.MARKET},
        {**stop, "trigger_price": 11_000, "quantity": UNIT + 1},
        {"quantity": 10_000},
        {"quantity": 6 * UNIT},
        {"quantity": 1_000_000},
        {},
    ):
        world.intents(replace(world.intent(), **changes))
    world.note("a prediction's price has its bounds by its class")
    world.intents(world.intent(10, 10_000, instrument_id=YES))
    world.intents(world.intent(10, 0, instrument_id=YES))
    world.note("scales never change; an update that tries is refused")
    world.event(InstrumentUpdated(replace(strict, price_scale=3)), BTC)
    world.event(InstrumentUpdated(replace(strict, size_scale=3)), BTC)
    world.note("a tick that changed under a working order makes its replace illegal")
    order = world.place(UNIT, 9_000)
    world.accept(order)
    world.intents(world.new_version(order, price=9_025))
    return world.lines


@trace("risk-order-limits", "Limits on one order: cut where the profile may reduce, else refused.")
def order_limits() -> list[Line]:
    world = RecordedWorld(
        **limited(max_order_quantity=UNIT, max_order_notional=150 * UNIT, price_collar_ppm=20_000)
    )
    world.note("quantity cut; notional cut; price moved to the collar, buying and selling")
    world.place(3 * UNIT, 10_000)
    world.place(UNIT, 10_200)
    world.place(UNIT, 10_500)
    world.hold(UNIT)
    world.place(-2 * UNIT, 9_500)
    world.note("a stop-limit is held to its trigger")
    world.place(UNIT, 11_500, order_type=OrderType.STOP_LIMIT, trigger_price=11_000)
    world.note("a market order is cut too")
    world.place(5 * UNIT, None)
    world.note("on a future with a multiplier and on a prediction, in their own units")
    world.place(40, 10_000, instrument_id=PERP)
    world.place(400, 4_050, instrument_id=YES)
    world.place(-400, 4_050, instrument_id=YES)
    return world.lines


@trace("risk-order-limits-strict", "The same limits where the profile must not reduce.")
def order_limits_strict() -> list[Line]:
    world = RecordedWorld(
        **limited(
            max_order_quantity=UNIT, max_order_notional=101 * UNIT, price_collar_ppm=20_000,
            may_reduce=False,
        )
    )  # fmt: skip
    world.intents(world.intent(3 * UNIT, 9_000))
    world.intents(world.intent(UNIT, 10_150))
    world.intents(world.intent(UNIT, 10_500))
    world.intents(world.intent(-40, 9_000, instrument_id=PERP))
    world.place(UNIT, 10_000)
    world.note("what is left after a cut is too small to be an order")
    loose = RiskProfile("p", max_order_quantity=999, prevent_self_cross=False)
    world.event(RiskProfileSet(loose, (ProfileBinding("p", Scope.ROUTE, "main"),), "me"))
    world.intents(world.intent(UNIT, 9_000))
    return world.lines


@trace("risk-scope-limits", "Limits on positions, exposure and open orders, by scope.")
def scope_limits() -> list[Line]:
    profiles = (
        RiskProfile("own", max_position_quantity=2 * UNIT, prevent_self_cross=False),
        RiskProfile("money", max_position_notional=350 * UNIT, prevent_self_cross=False),
        RiskProfile("all", max_exposure=500 * UNIT, max_open_orders=4, prevent_self_cross=False),
    )
    bindings = (
        ProfileBinding("own", Scope.STRATEGY, "one"),
        ProfileBinding("money", Scope.EXECUTION, "acct"),
        ProfileBinding("all", Scope.GLOBAL),
    )
    world = RecordedWorld(profiles=profiles, bindings=bindings)
    world.hold(UNIT)
    world.note("cut to what the position may be, working orders counted")
    world.place(3 * UNIT, 10_000)
    world.intents(world.intent(UNIT, 10_000))
    world.note("the other instance is held to the account's limit, in money")
    world.place(UNIT, 10_000, name="two")
    world.intents(world.intent(2 * UNIT, 10_000), name="two")
    world.note("exposure over all is refused, not cut")
    world.intents(world.intent(20, 10_000, instrument_id=PERP), name="two")
    world.place(1, 10_000, instrument_id=PERP, name="two")
    world.note("no fifth open order; a replace is no new one")
    world.intents(world.intent(1, 9_985, instrument_id=PERP))
    order = next(iter(world.state.open_orders))
    world.accept(order)
    world.replace(order, price=9_000)
    world.note("an exit passes them all")
    world.place(-UNIT, None, role=OrderRole.EXIT)
    return world.lines


@trace("risk-market", "No price, old price, skewed clocks, self-cross, symbols.")
def market() -> list[Line]:
    world = RecordedWorld(
        **limited(
            max_data_age_ns=10 * NANOS_PER_SECOND, max_clock_skew_ns=2 * NANOS_PER_SECOND,
            prevent_self_cross=True, price_collar_ppm=500_000, allow=("BTC/USD", "NEW/USD"),
            block=("BNB/USD",),
        )
    )  # fmt: skip
    world.trade(10_000)
    world.place(UNIT, 9_000)
    world.note("too old after eleven seconds")
    world.event(Heartbeat(1, ()), after=11 * NANOS_PER_SECOND)
    world.intents(world.intent(UNIT, 9_000))
    world.status("one")
    world.note("the clock of the source is three seconds ahead")
    skewed = world.sequencer.stamp_payload(
        world.now, world.now - 3 * NANOS_PER_SECOND, "SIM", BTC, Trade(10_000, 1)
    )
    world.kernel.apply_event(skewed)
    world.intents(world.intent(UNIT, 9_000))
    world.note("an own sale rests where the purchase would trade")
    world.trade(10_000)
    world.hold(UNIT)
    order = world.place(-UNIT, 10_500)
    world.accept(order)
    world.trade(10_000)
    world.intents(world.intent(UNIT, 10_500))
    world.intents(world.intent(UNIT, 10_500), name="two")
    world.place(UNIT, 10_400)
    world.note("symbols that are blocked, or not on the list")
    world.trade(50_000, BNB)
    world.intents(world.intent(10_000, 50_000, instrument_id=BNB))
    world.intents(world.intent(1, 10_000, instrument_id=PERP))
    world.note("a market without a price")
    new = replace(INSTRUMENTS[0], instrument_id="NEW/USD.SIM", symbol="NEW/USD")
    world.event(InstrumentUpdated(new), new.instrument_id)
    world.load("one", instruments=(BTC, new.instrument_id))
    world.intents(world.intent(UNIT, 9_000, instrument_id=new.instrument_id))
    world.intents(world.intent(UNIT, None, instrument_id=new.instrument_id))
    world.note("a price at or below zero has no collar")
    world.event(Trade(0, 1), new.instrument_id)
    world.intents(world.intent(UNIT, 9_000, instrument_id=new.instrument_id))
    world.note("exits care for none of this")
    world.event(Heartbeat(2, ()), after=NANOS_PER_HOUR)
    world.place(-UNIT // 2, None, role=OrderRole.EXIT)
    return world.lines


@trace("risk-funds", "Cash, shorting, margin and budget.")
def funds() -> list[Line]:
    route = replace(config().routes[0], opening_cash=(("USD", 1_000 * UNIT),))
    taker = replace(INSTRUMENTS[0], taker_fee_ppm=2_000)
    world = RecordedWorld(routes=(route,))
    world.event(InstrumentUpdated(taker), BTC)
    world.note("fee and cushion count: 9.9 coins at market do not fit, 9.7 do")
    world.intents(world.intent(990_000_000, None))
    world.place(970_000_000, None)
    world.note("what works is not free")
    world.intents(world.intent(UNIT, 9_000), name="two")
    world.note("selling what is not there; selling more than there is")
    world.intents(world.intent(-UNIT, 10_000), name="two")
    order = next(iter(world.state.open_orders))
    world.fill(order, 970_000_000, 10_000)
    world.place(-5 * UNIT, 11_000)
    world.intents(world.intent(-5 * UNIT, 11_500))
    world.note("margin of a future; collateral of a prediction sold short")
    world.place(-5, 10_000, instrument_id=PERP)
    world.intents(world.intent(-500, 10_000, instrument_id=PERP))
    world.intents(world.intent(500, None, instrument_id=PERP))
    world.intents(world.intent(-100, 4_000, instrument_id=YES))
    world.place(-10, 4_000, instrument_id=YES)
    world.note("an instance's own budget")
    world.load("two", limits=InstanceLimits(10 * UNIT))
    world.intents(world.intent(30_000_000, 9_000), name="two")
    world.place(10_000_000, 9_000, name="two")
    world.intents(world.intent(10_000_000, 9_000), name="two")
    return world.lines


@trace("risk-rates-unknown", "Limits in money on a market whose currency has no rate.")
def rates_unknown() -> list[Line]:
    world = RecordedWorld(
        **limited(max_order_notional=100 * UNIT, max_exposure=1_000 * UNIT, max_daily_loss=UNIT)
    )
    odd = replace(INSTRUMENTS[0], instrument_id="ODD.SIM", symbol="ODD", base="ODD", quote="XYZ")
    world.event(InstrumentUpdated(odd), "ODD.SIM")
    world.event(Trade(10_000, 1), "ODD.SIM")
    world.load("one", instruments=(BTC, "ODD.SIM", ETH))
    world.intents(world.intent(UNIT, 9_000, instrument_id="ODD.SIM"))
    world.note("a market quoted in a coin that has a rate")
    world.event(InstrumentUpdated(CROSS), ETH)
    world.event(Trade(50_000, 1), ETH)
    world.intents(world.intent(UNIT, 50_000, instrument_id=ETH))
    world.note("a fee in a coin without a rate is debited, and said")
    order = world.place(UNIT // 2, 10_000)
    world.fill(order, UNIT // 2, 10_000, 5, commission_currency="XYZ")
    return world.lines


@trace("risk-losses", "Loss, drawdown and fees of a day: entries stop, the instance exits only.")
def losses() -> list[Line]:
    world = RecordedWorld(**limited(max_daily_loss=50 * UNIT, max_drawdown_ppm=2_000))
    world.load("one", limits=InstanceLimits(CASH, None, 2 * UNIT, 20 * UNIT))
    world.load("two", limits=InstanceLimits(CASH, None, None, 5 * UNIT))
    world.note("fees of the day at their limit")
    world.hold(UNIT)
    world.fill(world.place(UNIT, 10_000), UNIT, 10_000, 2 * UNIT)
    world.intents(world.intent(UNIT, 9_000))
    world.status("one")
    world.event(ExitOnlyChanged("one", False, "me", ""))
    world.intents(world.intent(UNIT, 9_000))
    world.note("a loss that is open counts, found at a heartbeat, for the other instance")
    order = world.place(UNIT, 10_000, name="two")
    world.fill(order, UNIT, 10_000)
    world.place(UNIT, 9_000, name="two")
    world.trade(9_400)
    world.event(Heartbeat(1, ()))
    world.intents(world.intent(UNIT, 9_000), name="two")
    world.status("two")
    world.note("a new day begins anew; exit-only stays until a person lifts it")
    world.trade(9_400, after=NANOS_PER_DAY)
    world.load("three", limits=InstanceLimits(CASH))
    world.intents(world.intent(UNIT, 9_000), name="three")
    world.note("the daily loss of the account")
    world.trade(7_000)
    world.intents(world.intent(UNIT, 7_000), name="three")
    world.note("drawdown from the best of the run")
    loose = RiskProfile("p", max_drawdown_ppm=1, prevent_self_cross=False)
    world.event(RiskProfileSet(loose, (ProfileBinding("p", Scope.GLOBAL),), "me"))
    world.event(Heartbeat(2, ()))
    world.intents(world.intent(UNIT, 7_000), name="three")
    world.close(UNIT, 7_000)
    return world.lines


@trace("risk-drawdown", "Drawdown of an instance that was ahead.")
def drawdown() -> list[Line]:
    world = RecordedWorld(**limited(Scope.STRATEGY, "one", max_drawdown_ppm=100_000))
    world.load("one", limits=InstanceLimits(1_000 * UNIT))
    world.hold(2 * UNIT)
    world.trade(14_000)
    world.event(Heartbeat(1, ()))
    world.place(UNIT // 10, 14_000)
    world.note("more than a tenth below its best")
    world.trade(5_000)
    world.event(Heartbeat(2, ()))
    world.intents(world.intent(UNIT // 10, 5_000))
    world.note("recovered, it may enter again")
    world.trade(14_500)
    world.place(UNIT // 10, 14_500)
    return world.lines


@trace("risk-loss-refused", "A limit of an instance that an intent itself finds broken.")
def loss_refused() -> list[Line]:
    world = RecordedWorld()
    world.load("one", limits=InstanceLimits(CASH, 3, 10 * UNIT, 20 * UNIT))
    world.hold(UNIT)
    world.note("the mark fell, no heartbeat came: the next entry finds it")
    entry = world.place(UNIT, 7_000)
    world.accept(entry)
    world.trade(6_000)
    world.intents(world.intent(UNIT, 6_000))
    world.cancelled(entry)
    world.status("one")
    return world.lines


@trace("risk-rates", "How many orders in how much time; protective orders are not counted.")
def rates() -> list[Line]:
    world = RecordedWorld(**limited(max_orders=2, order_window_ns=5 * NANOS_PER_SECOND))
    world.load("two", limits=InstanceLimits(CASH, 2))
    world.intents(world.intent(UNIT, 9_000), world.intent(UNIT, 9_001), world.intent(UNIT, 9_002))
    world.note("the window moves on")
    world.trade(10_000, after=6 * NANOS_PER_SECOND)
    order = world.place(UNIT, 10_000)
    world.fill(order, UNIT, 10_000)
    for price in (9_000, 8_900):
        guard: dict[str, Any] = {"order_type": OrderType.STOP, "trigger_price": price}
        world.place(-UNIT // 2, None, role=OrderRole.STOP_LOSS, **guard)
    world.place(-UNIT // 2, None, role=OrderRole.EXIT)
    world.intents(world.intent(UNIT, 9_000))
    world.note("orders an hour of an instance; a breach makes it exit-only")
    world.trade(10_000, after=6 * NANOS_PER_SECOND)
    world.place(UNIT, 9_000, name="two")
    world.place(UNIT, 9_000, name="two")
    world.trade(10_000, after=6 * NANOS_PER_SECOND)
    world.intents(world.intent(UNIT, 9_000), name="two")
    world.status("two")
    return world.lines


@trace("risk-reduce", "Orders that reduce or guard have their own short list.")
def reduce() -> list[Line]:
    world = RecordedWorld(**limited(max_order_quantity=1_000, may_reduce=False, max_orders=0))
    world.note("nothing to reduce")
    world.intents(world.intent(-UNIT, None, role=OrderRole.EXIT))
    world.intents(world.intent(UNIT, 9_000, reduce_only=True))
    free = RiskProfile("p", prevent_self_cross=False)
    binding = (ProfileBinding("p", Scope.EXECUTION, "acct"),)
    world.event(RiskProfileSet(free, binding, "me"))
    world.hold(2 * UNIT)
    strict = RiskProfile("p", max_order_quantity=1_000, may_reduce=False, max_orders=0)
    world.event(RiskProfileSet(strict, binding, "me"))
    world.note("an entry is refused; whatever reduces passes, and is never cut")
    world.intents(world.intent(UNIT, 9_000))
    world.intents(world.intent(-UNIT, 10_000))
    guard: dict[str, Any] = {"order_type": OrderType.STOP, "trigger_price": 9_000}
    world.place(-2 * UNIT, None, role=OrderRole.STOP_LOSS, **guard)
    world.note("more than the position")
    world.intents(world.intent(-3 * UNIT, None, role=OrderRole.EXIT))
    world.note("a child cut to its parent, and one on the wrong side")
    world.event(RiskProfileSet(free, binding, "me"))
    parent = world.place(UNIT, 9_000)
    child = world.intent(-2 * UNIT, 11_000, parent_order_id=parent, role=OrderRole.TAKE_PROFIT)
    wrong = world.intent(UNIT, 8_000, parent_order_id=parent, role=OrderRole.STOP_LOSS)
    world.intents(child, wrong)
    return world.lines


@trace("risk-reduce-dust", "A child cut to less than the smallest legal order is refused.")
def reduce_dust() -> list[Line]:
    world = RecordedWorld()
    parent = world.place(1_000, 9_000)
    strict = replace(INSTRUMENTS[0], min_quantity=50_000)
    world.event(InstrumentUpdated(strict), BTC)
    child = world.intent(-50_000, 11_000, parent_order_id=parent, role=OrderRole.TAKE_PROFIT)
    world.intents(child)
    return world.lines


@trace("risk-flags", "An instance may only tighten its own scope.")
def flags() -> list[Line]:
    world = RecordedWorld()
    world.place(UNIT, 9_000)
    world.intents(SetRiskFlag(KillState.NORMAL, "loosen"))
    world.intents(SetRiskFlag(KillState.REDUCING, "uneasy"))
    world.intents(world.intent(UNIT, 9_000))
    world.status("one", "two")
    world.intents(SetRiskFlag(KillState.HALTED, "worse"))
    world.intents(SetRiskFlag(KillState.REDUCING, "better?"))
    world.intents(SetRiskFlag(KillState.HALTED), name="nobody")
    return world.lines


@trace("risk-two-routes", "The first route of the account that trades the market is taken.")
def two_routes() -> list[Line]:
    main = config().routes[0]
    only_spot = replace(HELD, instrument_classes=(InstrumentClass.SPOT,))
    spot = replace(main, route_id="spot", capabilities=only_spot, instruments=(BTC,))
    contexts = (ExecutionContextConfig("acct", ("spot", "main")),)
    world = RecordedWorld(routes=(spot, main), contexts=contexts)
    world.note("spot goes to the first, a future to the second")
    for order in (world.place(), world.place(1, 10_000, instrument_id=PERP)):
        world.accept(order)
        world.fill(order, world.order(order).quantity, 9_000)
    world.restart()
    world.close(UNIT)
    return world.lines


@trace("risk-profiles", "Profiles that change while orders work; bindings that make no sense.")
def profiles() -> list[Line]:
    world = RecordedWorld(**limited(max_order_quantity=UNIT))
    world.place(3 * UNIT, 9_000)
    wide = RiskProfile("p", max_order_quantity=2 * UNIT)
    world.event(RiskProfileSet(wide, (ProfileBinding("p", Scope.STRATEGY, "one"),), "me"))
    world.place(3 * UNIT, 9_000)
    world.place(3 * UNIT, 9_000, name="two")
    for binding in (
        ProfileBinding("other", Scope.GLOBAL),
        ProfileBinding("p", Scope.INSTRUMENT, BTC),
    ):
        world.event(RiskProfileSet(wide, (binding,), "me"))
    world.note("nothing of the refused ones stuck; several profiles: the tightest wins")
    world.place(3 * UNIT, 9_000)
    tight = RiskProfile("q", max_order_quantity=UNIT // 2)
    world.event(RiskProfileSet(tight, (ProfileBinding("q", Scope.GLOBAL, "ignored"),), "me"))
    world.place(3 * UNIT, 9_000)
    world.restart()
    world.place(3 * UNIT, 9_000)
    return world.lines


@trace("risk-unknown-blocks", "An unknown order blocks entries, not exits.")
def unknown_blocks() -> list[Line]:
    world = RecordedWorld()
    world.hold(UNIT)
    order = world.place()
    world.event(OutcomeUnknown("main", order, "timeout"), BTC)
    world.intents(world.intent(UNIT, 9_000))
    world.place(-UNIT, None, role=OrderRole.EXIT)
    world.note("another market is not blocked")
    world.place(1, 10_000, instrument_id=PERP)
    return world.lines


@trace("risk-quotes", "With a quote, a market order is valued at the side it takes.")
def quotes() -> list[Line]:
    world = RecordedWorld(**limited(max_order_notional=100 * UNIT))
    world.event(Quote(9_900, 5 * UNIT, 10_100, UNIT), BTC)
    world.place(UNIT, None)
    world.place(UNIT, 10_000)
    world.note("one side is empty")
    world.event(Quote(0, 0, 10_200, UNIT), BTC)
    world.place(UNIT, None)
    return world.lines
