"""Pages of the past beside a running engine: what they say, and when they cannot be read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.recovery import opened

from tradetui.bootstrap.recorded.run_list import RunList
from tradetui.bootstrap.run import older_lists
from tradetui.bootstrap.run.engine import Engine
from tradetui.cli.wiring import Place, RunOptions
from tradetui.domain.pages import RUNNING
from tradetui.ports.journal import JournalError
from tradetui.runtime.telemetry import VerifiedJournal


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Engine]:
    """An engine of the demo that has not begun."""
    async with opened(RunOptions(Place(state=tmp_path / "state"), demo=True, seed=1)) as engine:
        yield engine
        await engine.driver.abandon()


@pytest.fixture
async def begun(running: Engine) -> Engine:
    """The same, its instances loaded."""
    await running.driver.start()
    return running


async def test_lists_of_the_past_that_cannot_be_read_are_a_sentence(
    begun: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = begun.driver.client
    assert (await client.fills_page(None, 5)).fills == ()
    assert (await client.decisions_page(None, 5)).decisions == ()
    assert (await client.orders_page(None, 5)).orders == ()

    async def broken(*_: Any) -> Any:
        raise JournalError("journal.db: the disk is gone")

    def broken_too(*_: Any) -> Any:
        raise JournalError("journal.db: the disk is gone")

    monkeypatch.setattr(begun.journal, "fills_before", broken)
    monkeypatch.setattr(older_lists, "read_decided", broken_too)
    monkeypatch.setattr(older_lists, "read_closed", broken_too)
    with pytest.raises(OSError, match=r"^journal\.db: the disk is gone$"):
        await client.fills_page(None, 5)
    with pytest.raises(OSError, match=r"^journal\.db: the disk is gone$"):
        await client.decisions_page(None, 5)
    with pytest.raises(OSError, match=r"^journal\.db: the disk is gone$"):
        await client.orders_page(None, 5)
    monkeypatch.setattr(RunList, "read", broken_too)
    with pytest.raises(OSError, match=r"^journal\.db: the disk is gone$"):
        await client.runs_page()


async def test_the_list_of_runs_says_when_the_journal_was_verified(begun: Engine) -> None:
    page = await begun.driver.client.runs_page()
    (line,) = page.runs
    assert (line.ended_how, line.ended_time, page.verified_at) == (RUNNING, None, None)
    begun.driver.telemetry.verified = VerifiedJournal(line.started_time + 1, 5, 2)
    page = await begun.driver.client.runs_page()
    assert (page.verified_at, page.faults) == (line.started_time + 1, 2)


async def test_a_start_without_the_fills_of_before_says_so_and_goes_on(
    running: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> Any:
        raise JournalError("journal.db: page 7 is damaged")

    monkeypatch.setattr(running.journal, "fills", broken)
    await running.driver.start()
    assert "the fills of earlier runs are not shown: journal.db: page 7 is damaged" in [
        alert.text for alert in running.driver.publisher.alerts()
    ]
    assert running.driver.loop.host.running_instances
