"""What raises an alert, and what the header says of limits and sums.

Also the tests of ``runtime/header.py``.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from msgspec.structs import replace
from tests.tui import fixtures

from tradetui.domain import commands
from tradetui.domain.control import RiskProfileSet, RouteHealthChanged
from tradetui.domain.enums import Guard, InstanceMode, Mend, Scope, Source
from tradetui.domain.envelope import Unsequenced
from tradetui.domain.ids import EXTERNAL, ClientOrderId, InstrumentId, RouteId, StrategyId
from tradetui.domain.orders import Position
from tradetui.domain.reasons import Reason
from tradetui.domain.reports import OutcomeUnknown
from tradetui.domain.risk import ProfileBinding, RiskProfile
from tradetui.runtime.alerts import Condition
from tradetui.runtime.clock import SystemClock
from tradetui.runtime.conditions import Inquiry, seen_conditions

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
    text = alerts(one)["guard:buyer:main:BTC/USDT.SIM"]
    assert re.fullmatch(
        r"buyer BTC/USDT: LONG [0-9.]+ BTC with NO STOP although one is wanted",
        text,
    )
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
    assert re.fullmatch(
        rf"buyer order {order_id} BUY [0-9.]+ BTC market unknown [0-9.]+s; "
        "no new BTC/USDT entries until then, cancels and exits go on",
        alerts(one)[f"unknown:{order_id}"],
    )
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


async def test_the_header_counts_what_was_lost_and_not_what_was_conflated(rig: Any) -> None:
    one = rig(["quiet"])
    await one.driver.start()
    one.driver.inbox.drops, one.driver.inbox.conflated = 2, 40
    await one.quote()
    await one.clock.move(S)
    assert one.driver.client.snapshot().header.drops == 2


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


MARKETS = {view.instrument_id: view for view in fixtures.INSTRUMENTS}
NOW = fixtures.NOW


ROWS = fixtures.instances()


def found_of(rows: Any, awaited: Any = ()) -> dict[str, Condition]:
    """Return what is said of rows alone."""
    return seen_conditions(rows, (), MARKETS, NOW, awaited=awaited)


def said(
    changed: dict[str, dict[str, Any]] | None = None,
    orders: Any = (),
    inquiries: dict[ClientOrderId, Inquiry] | None = None,
) -> dict[str, str]:
    """Return what is said of the fixture's instances, some of them changed."""
    rows = [
        replace(row, **(changed or {}).get(row.strategy_id, {})) for row in fixtures.instances()
    ]
    found = seen_conditions(rows, orders, MARKETS, NOW, inquiries or {})
    return {key: one.text for key, one in found.items()}


def test_an_error_says_what_is_held_and_what_to_do() -> None:
    assert said() == {
        "error:sol-mm": "sol-mm ERROR, not run since: LONG 12.40 SOL with NO STOP; "
        "ZeroDivisionError in on_book: float division by zero"
    }


@pytest.mark.parametrize(
    ("more", "held"),
    [
        ({"position": 0, "guard": Guard.FLAT}, "flat"),
        ({"orders_open": 2}, "LONG 12.40 SOL with NO STOP, 2 orders open"),
        ({"guard": Guard.OURS}, "LONG 12.40 SOL with its stop held by us"),
        (
            {"position": -fixtures.cash("1"), "guard": Guard.VENUE},
            "SHORT 1.00 SOL with its stop at the venue",
        ),
        ({"guard": Guard.NONE_BY_DESIGN}, "LONG 12.40 SOL with no stop by design"),
    ],
)
def test_what_an_instance_holds(more: dict[str, Any], held: str) -> None:
    assert f"since: {held}; " in said({"sol-mm": more})["error:sol-mm"]


def test_a_limit_says_what_goes_on() -> None:
    changed = {"state_reason": "lost in a day", "broken_limit": Reason.LOSS_PER_DAY}
    text = said({"btc-trend": changed})
    assert text["limit:btc-trend"] == (
        "btc-trend exit-only: lost in a day; "
        "LONG 0.01000 BTC with its stop at the venue, 1 order open; "
        "exits and stops go on"
    )


def test_a_person_who_says_limit_is_none() -> None:
    reason = "kill EXIT-ONLY (instance btc-trend) by op: over my limit"
    assert "limit:btc-trend" not in said({"btc-trend": {"state_reason": reason}})


def test_alerts_have_the_time_of_what_happened_and_say_what_mends() -> None:
    changed = {"state_reason": "lost in a day", "broken_limit": Reason.LOSS_PER_DAY}
    rows = [
        replace(row, **changed) if row.strategy_id == "btc-trend" else row
        for row in fixtures.instances()
    ]
    unknown = fixtures.orders()[-1]
    began = {"limit:btc-trend": NOW - 5, "error:sol-mm": NOW - 7}
    found = seen_conditions(rows, [unknown], MARKETS, NOW, {}, began)
    assert (found["limit:btc-trend"].time, found["limit:btc-trend"].mends) == (
        NOW - 5,
        (Mend.RESUME,),
    )
    assert (found["error:sol-mm"].time, found["error:sol-mm"].mends) == (
        NOW - 7,
        (Mend.TRACEBACK, Mend.STOP),
    )
    assert found[f"unknown:{unknown.client_order_id}"].time == unknown.updated_time


@pytest.mark.parametrize(
    ("inquiry", "more"),
    [
        (None, "unknown 9s; no new"),
        (Inquiry(1, None), "unknown 9s: asked 1 time, not found yet; no new"),
        (
            Inquiry(3, fixtures.at("14:32:18")),
            "unknown 9s: asked 3 times, not found yet; provable from 14:32:18; no new",
        ),
    ],
)
def test_an_unknown_order_says_what_it_is_and_what_is_done(
    inquiry: Inquiry | None, more: str
) -> None:
    order = fixtures.orders()[-1]
    inquiries = {} if inquiry is None else {order.client_order_id: inquiry}
    assert said(None, fixtures.orders(), inquiries)["unknown:tt7k-0412"] == (
        f"eth-mr order tt7k-0412 BUY 0.3143 ETH at 3,181.20 {more} ETH/USDT entries until then, "
        "cancels and exits go on"
    )


def test_a_stale_market_is_said_once_with_who_is_blocked() -> None:
    old = {"is_stale": True, "price_time": NOW - 14 * S}
    assert said({"sol-mm": old})["stale:SOL/USDT.BINANCE"] == (
        "DATA STALE 14s binance SOL/USDT: 1 blocked, others go on"
    )
    both = said({"btc-mr": old, "btc-trend": old})
    assert both["stale:BTC/USDT.BINANCE"].endswith("BTC/USDT: 2 blocked, others go on")
    names = [row.strategy_id for row in fixtures.instances()]
    everyone = said({str(name): old for name in names})
    assert everyone["stale:XRP/USDT.BINANCE"] == "DATA STALE 14s binance XRP/USDT: 1 observes"
    assert "stale:ADA/BTC.BINANCE" not in everyone
    off = replace(ROWS[0], mode=InstanceMode.OFF, is_loaded=True, **old)
    (one,) = (row for row in ROWS if row.strategy_id == "sol-mm")
    alone = found_of([off, replace(one, **old)])
    assert [found.text for key, found in alone.items() if key.startswith("stale:")] == [
        "DATA STALE 14s binance SOL/USDT: 1 blocked"
    ]
    rows = [replace(row, **old) if row.strategy_id == "sol-mm" else row for row in ROWS]
    (alert,) = [one for key, one in found_of(rows).items() if key.startswith("stale:")]
    assert alert.strategy_id is None  # it is the market's, also where one instance trades it
    assert "stale:SOL/USDT.BINANCE" not in found_of(rows, {StrategyId("sol-mm")})


async def test_what_the_account_holds_beside_ours_is_in_the_row(rig: Any) -> None:
    one = rig(["quiet"])
    await one.driver.start()
    await one.quote()
    shown = one.driver.client.snapshot().instances[0]
    assert shown.external_position == 0
    key = (EXTERNAL, ROUTE, shown.instrument_id)
    one.driver.loop.kernel.state.positions[key] = Position(*key, quantity=120_000_000)
    await one.ticks(2)
    assert one.driver.client.snapshot().instances[0].external_position == 120_000_000


def test_an_instance_that_never_gets_its_bars() -> None:
    lacks = "needs bars of 1m, BTC/USDT comes in 5m"
    assert said({"btc-mr": {"lacks": lacks}})["lacks:btc-mr"] == f"btc-mr gets no bars: {lacks}"
    off = {"lacks": lacks, "mode": InstanceMode.OFF}
    assert "lacks:btc-mr" not in said({"btc-mr": off})
