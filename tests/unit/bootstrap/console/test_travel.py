"""The console over a recorded run opens on the step that is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from tradetui.bootstrap.console import travel
from tradetui.bootstrap.console.travel import open_travel
from tradetui.cli.wiring import JournalPart, Place, RunOptions
from tradetui.tui.app import ConsoleApp


async def test_the_console_opens_on_the_wanted_step(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, str]] = []

    async def run_async(self: ConsoleApp, **_: Any) -> int:
        async with self.run_test(size=(100, 30)) as pilot:
            await pilot.pause()
            assert self.main is not None
            self.main.poll()
            seen.append((self.main.replica.header.seq_id, self.place))
            await self.end(None)
        return 0

    monkeypatch.setattr(ConsoleApp, "run_async", run_async)
    monkeypatch.setattr(travel, "check_terminal", lambda *_: None)
    part = JournalPart(place.state, first="40")
    assert await open_travel(RunOptions(place), part) == 0
    assert seen[0][0] == 40
