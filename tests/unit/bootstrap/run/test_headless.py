"""A run without a screen says what needs a person, once, and how it ended."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace

from tradetui.bootstrap.process.signals import Stop
from tradetui.bootstrap.run import headless
from tradetui.bootstrap.run.headless import Teller
from tradetui.cli.wiring import Place, RunOptions
from tradetui.domain.enums import Severity
from tradetui.domain.replica import AlertView


def test_alerts_are_said_once_when_they_are_raised_and_once_when_they_are_over() -> None:
    alerts = [AlertView("a", 0, Severity.ALERT, None, "was there at the start")]
    publisher = SimpleNamespace(alerts=lambda: tuple(alerts))
    said: list[str] = []
    teller = Teller(SimpleNamespace(driver=SimpleNamespace(publisher=publisher)), said.append)
    teller.tell()
    assert said == []
    alerts.append(AlertView("b", 60 * 10**9, Severity.ALERT, None, "it failed"))
    alerts.append(AlertView("c", 60 * 10**9, Severity.WARNING, None, "data stale"))
    teller.tell()
    teller.tell()
    assert said == ["1970-01-01 00:01:00  it failed"]
    alerts[1] = AlertView("b", 120 * 10**9, Severity.ALERT, None, "it failed again")
    teller.tell()
    assert said[1:] == ["1970-01-01 00:02:00  it failed again"]
    alerts[1] = replace(alerts[1], is_over=True)
    alerts[2] = replace(alerts[2], is_over=True)
    teller.tell()
    teller.tell()
    assert said[2:] == ["1970-01-01 00:02:00  over: it failed again"]


class Waiting:
    """A driver whose files end when ``ends`` is set."""

    def __init__(self, *, ends: bool) -> None:
        self.ended = asyncio.Event()
        self.stops: list[str] = []
        if ends:
            self.ended.set()

    async def start(self) -> None:
        """Nothing is to be begun."""

    async def run_until_end(self) -> None:
        await self.ended.wait()

    async def stop(self, reason: str) -> None:
        self.stops.append(reason)


@pytest.mark.parametrize("ends", [True, False])
async def test_a_run_that_a_signal_broke_off_says_so(ends: bool) -> None:
    driver, stop, said = Waiting(ends=ends), Stop(), list[str]()
    options = RunOptions(Place(), until_end=True)
    if not ends:
        stop.name = "SIGTERM"
        stop.came.set()
    running: Any = SimpleNamespace(driver=driver)
    name = await headless._until_end_or_signal(running, options, said.append, stop)
    assert headless._broken_off(options, name) == ({} if ends else {"broken_off": "SIGTERM"})
    assert headless._broken_off(RunOptions(Place()), name) == {}
    assert said == ([] if ends else ["SIGTERM: stopping"])
    assert driver.stops == ([] if ends else ["the run has ended"])
