"""What raises an alert, and what the header says of limits and sums."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from tradetui.domain import commands
from tradetui.domain.control import RiskProfileSet, RouteHealthChanged
from tradetui.domain.enums import Guard, InstanceMode, Scope, Source
from tradetui.domain.envelope import Unsequenced
from tradetui.domain.ids import ClientOrderId, InstrumentId, RouteId
from tradetui.domain.reports import OutcomeUnknown
from tradetui.domain.risk import ProfileBinding, RiskProfile
from tradetui.runtime.clock import SystemClock

S = 10**9
ROUTE = RouteId("main")


def alerts(one: Any) -> dict[str, str]:
    return {view.alert_id: view.text for view in one.driver.client.snapshot().alerts}


async def test_a_position_whose_stop_is_gone(rig: Any) -> None:
    one = rig(["buyer"])
    await one.driver.start()
    await one.ticks(4)
    stop = next(order for order in one.driver.client.snapshot().orders if order.is_open)
    await one.driver.client.send(commands.CancelOne(stop.client_order_id, "op"))
    await one.clock.move(S)
    assert "the position has no stop" in alerts(one)["guard:buyer:main:BTC/USDT.SIM"]
    assert one.driver.client.snapshot().instances[0].guard is Guard.MISSING


async def test_an_order_whose_outcome_is_unknown(rig: Any) -> None:
    one = rig(["buyer"])
    await one.driver.start()
    await one.ticks(1)
    state = one.driver.loop.kernel.state
    order_id = next(iter(state.open_orders))
    old = state.open_orders[order_id]
    state.open_orders[order_id] = replace(old, is_unknown=True)
    await one.clock.move(S)
    assert f"order {order_id}: its outcome is unknown" in alerts(one)[f"unknown:{order_id}"]
    state.open_orders[order_id] = old


async def test_a_route_that_is_halted(rig: Any) -> None:
    one = rig(["quiet"])
    await one.driver.start()
    await one.quote()
    change = RouteHealthChanged(ROUTE, True, "the venue is down")
    await one.driver.pump.act(lambda: one.driver.loop.control(change))
    await one.clock.move(S)
    assert alerts(one)["route:main"] == "route main is halted: the venue is down"
    view = one.driver.client.snapshot().instances[0]
    assert view.state_reason == "its route is halted"


async def test_reports_that_pile_up_halt_their_route(rig: Any) -> None:
    one = rig(["quiet"])
    await one.driver.start()
    await one.quote()
    report = Unsequenced(
        one.clock.time,
        one.clock.time,
        Source.BROKER_REPORT,
        "SIM",
        InstrumentId("BTC/USDT.SIM"),
        OutcomeUnknown(ROUTE, ClientOrderId("tt1-0001"), "x"),
    )
    one.driver.inbox._report_capacity = 1
    one.driver.inbox.put_report(report)
    one.driver.inbox.put_report(report)
    await one.clock.move(S)
    assert "the engine does not keep up" in alerts(one)["inbox"]
    assert "route:main" in alerts(one)


async def test_the_tightest_limit_is_in_the_header(rig: Any) -> None:
    one = rig([])
    await one.driver.start()
    profile = RiskProfile("main", max_exposure=500 * 10**8, max_daily_loss=60 * 10**8)
    own = RiskProfile("own", max_exposure=1)

    def bind() -> None:
        everywhere = ProfileBinding("main", Scope.GLOBAL)
        one.driver.loop.control(RiskProfileSet(profile, (everywhere,), "op"))
        of_one = ProfileBinding("own", Scope.STRATEGY, "buyer")
        one.driver.loop.control(RiskProfileSet(own, (of_one,), "op"))

    await one.driver.pump.act(bind)
    await one.clock.move(S)
    header = one.driver.client.snapshot().header
    assert header.exposure_limit == 500 * 10**8
    assert header.day_loss_limit == 60 * 10**8


async def test_exposure_and_profit_of_a_position_without_shadows(rig: Any) -> None:
    one = rig(["buyer"])
    await one.driver.start()
    await one.ticks(4)
    await one.ticks(1, price=11_000_00)
    shown = one.driver.client.snapshot()
    view = shown.instances[0]
    assert view.open_pnl is not None
    assert view.day_pnl == view.open_pnl - view.fees_day
    assert shown.header.day_pnl == view.day_pnl
    assert shown.header.exposure is not None
    assert shown.header.equity == 100_000 * 10**8 + view.day_pnl
    one.records[0] = replace(one.records[0], mode=InstanceMode.OBSERVE, revision=2)
    await one.clock.move(2 * S)
    assert one.driver.client.snapshot().instances[0].mode is InstanceMode.OBSERVE


async def test_the_wall_clock_goes_on() -> None:
    clock = SystemClock()
    before = clock.now()
    await clock.sleep_until(before)
    await clock.sleep_until(clock.now() + 1)
    assert clock.now() > before
