"""Limits on what may be lost, once they are reached, are an alert."""

from __future__ import annotations

import re
from typing import Any

from tradetui.domain.control import RiskProfileSet
from tradetui.domain.enums import InstanceState, Scope, Severity
from tradetui.domain.replica import InstanceView
from tradetui.domain.risk import ProfileBinding, RiskProfile
from tradetui.domain.units import NANOS_PER_DAY

S = 10**9


async def bind(one: Any, profile: RiskProfile, scope: Scope = Scope.GLOBAL, key: str = "") -> None:
    event = RiskProfileSet(profile, (ProfileBinding(profile.name, scope, key),), "op")
    await one.driver.pump.act(lambda: one.driver.loop.control(event))
    await one.clock.move(S)


def told(one: Any) -> dict[str, str]:
    alerts = one.driver.client.snapshot().alerts
    return {view.alert_id: view.text for view in alerts if view.alert_id.startswith("loss:")}


def ended(one: Any) -> list[bool]:
    alerts = one.driver.client.snapshot().alerts
    return [view.is_over for view in alerts if view.alert_id.startswith("loss:")]


async def test_what_may_be_lost_in_a_day_is_lost(rig: Any) -> None:
    one = rig(["buyer"])
    await one.driver.start()
    await one.ticks(4)
    await one.ticks(1, price=9_000_00)
    await bind(one, RiskProfile("day", max_daily_loss=1))
    (text,) = told(one).values()
    assert re.fullmatch(
        r"global: [0-9.,]+ USDT lost today, max_daily_loss [0-9.]+; "
        "nothing is entered, exits and stops go on",
        text,
    )
    alert = next(view for view in one.driver.client.snapshot().alerts if view.text == text)
    assert alert.severity is Severity.ALERT


async def test_a_fall_from_the_best_that_is_too_deep(rig: Any) -> None:
    one = rig(["buyer"])
    await one.driver.start()
    await one.ticks(4)
    await one.ticks(1, price=9_000_00)
    await bind(one, RiskProfile("fall", max_drawdown_ppm=1), Scope.STRATEGY, "buyer")
    (text,) = told(one).values()
    assert re.fullmatch(
        r"instance buyer: [0-9.,]+ % below its best, max_drawdown 0\.0001 %; "
        "until it recovers or the limit is raised; nothing is entered, exits and stops go on",
        text,
    )


async def test_a_limit_that_is_not_reached_or_not_set_says_nothing(rig: Any) -> None:
    one = rig(["buyer"])
    await one.driver.start()
    await one.ticks(4)
    await bind(one, RiskProfile("wide", max_daily_loss=10**15, max_drawdown_ppm=900_000))
    await bind(one, RiskProfile("none"), Scope.STRATEGY, "buyer")
    assert told(one) == {}


async def test_a_limit_that_is_raised_is_over(rig: Any) -> None:
    one = rig(["buyer"])
    await one.driver.start()
    await one.ticks(4)
    await one.ticks(1, price=9_000_00)
    await bind(one, RiskProfile("day", max_daily_loss=1))
    assert ended(one) == [False]
    await bind(one, RiskProfile("day", max_daily_loss=10**15))
    assert ended(one) == [True]


async def test_a_row_is_blocked_from_the_price_on_that_reaches_a_limit(rig: Any) -> None:
    one = rig(["buyer", "quiet"])
    await one.driver.start()
    await one.ticks(4)
    await bind(one, RiskProfile("day", max_daily_loss=10 * 10**8))
    assert row(one, "quiet").state is InstanceState.ACTIVE
    await one.ticks(1, price=9_000_00)
    for name in ("buyer", "quiet"):
        assert row(one, name).state is InstanceState.BLOCKED
        assert row(one, name).state_reason == "daily loss at its limit"
    assert one.driver.client.snapshot().header.count_limited == 2


async def test_midnight_lets_them_trade_again_without_a_price(rig: Any) -> None:
    one = rig(["buyer", "quiet"])
    one.clock.time += NANOS_PER_DAY - one.clock.time % NANOS_PER_DAY - 60 * S
    await one.driver.start()
    await one.ticks(4)
    await one.ticks(1, price=9_000_00)
    await bind(one, RiskProfile("day", max_daily_loss=1))
    assert row(one, "quiet").state is InstanceState.BLOCKED
    await one.clock.move(60 * S)
    assert ended(one) == [True]
    assert row(one, "quiet").state is InstanceState.ACTIVE


def row(one: Any, name: str) -> InstanceView:
    """Return the row of an instance as screens see it."""
    views = one.driver.client.snapshot().instances
    return next(view for view in views if view.strategy_id == name)
