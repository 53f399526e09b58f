"""Chores are done again and again; what fails is an alert until it succeeds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from tradetui.ports.journal import JournalError
from tradetui.runtime.chores import (
    CHORES_EVERY_NS,
    FIRST_CHORE_NS,
    VERIFY_ALERT,
    Timing,
    keep_chores,
)
from tradetui.runtime.telemetry import DiskUse, Telemetry


async def test_what_a_chore_says_and_measures_is_shown(rig: Callable[..., Any]) -> None:
    one = rig(["quiet"])
    await one.driver.start()
    answers: list[str | JournalError] = ["", "2 steps were archived", JournalError("no room"), ""]
    driver = one.driver

    async def chore(telemetry: Telemetry) -> str:
        telemetry.disk = DiskUse(1, 2, 3, 4, 5)
        answer = answers.pop(0)
        if isinstance(answer, JournalError):
            raise answer
        return answer

    task = asyncio.ensure_future(keep_chores(chore, driver.telemetry, driver.publisher, one.clock))

    async def minute(wait: int = CHORES_EVERY_NS) -> Any:
        await one.clock.move(wait)
        await one.quote()
        await one.clock.move(10**9)
        return driver.client.snapshot()

    shown = await minute(FIRST_CHORE_NS)
    assert driver.telemetry.snapshot().disk == DiskUse(1, 2, 3, 4, 5)
    assert not [a for a in shown.alerts if a.alert_id == "archive"]
    shown = await minute()
    assert any("2 steps were archived" in line.text for line in shown.log)
    shown = await minute()
    assert [a.text for a in shown.alerts if a.alert_id == "archive"] == ["no room"]
    shown = await minute()
    assert [a.is_over for a in shown.alerts if a.alert_id == "archive"] == [True]
    task.cancel()


async def test_each_chore_has_its_own_times_and_its_own_alert(rig: Callable[..., Any]) -> None:
    one = rig(["quiet"])
    await one.driver.start()
    driver, done = one.driver, []

    async def chore(telemetry: Telemetry) -> str:
        done.append(one.clock.now())
        raise JournalError("the journal is damaged")

    begun, first, every = one.clock.now(), 2 * 10**9, 3 * 10**9
    timing = Timing(VERIFY_ALERT, first, every)
    keeping = keep_chores(chore, driver.telemetry, driver.publisher, one.clock, timing)
    task = asyncio.ensure_future(keeping)
    await one.clock.move(first + every)
    assert [moment - begun for moment in done] == [first, first + every]
    alerts = {alert.alert_id: alert.text for alert in driver.publisher.alerts()}
    assert alerts[VERIFY_ALERT] == "the journal is damaged"
    task.cancel()
