"""What counts as a crash, and what came back in words."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tests.support.recovery import opened

from tradetui.bootstrap.commands import backup, status
from tradetui.bootstrap.recovery.comeback import was_crash
from tradetui.cli.wiring import Place, RunOptions
from tradetui.domain.ids import RunId
from tradetui.ports.history import RunInfo
from tradetui.services.errors import RefusedError


def info(name: str, ended_how: str) -> RunInfo:
    return RunInfo(RunId(name), 0, None, ended_how, 1, "")


def test_a_crash_is_one_of_the_run_gone_on_with_or_of_a_later_start() -> None:
    runs = [info("a", "crashed"), info("b", "clean"), info("c", "clean")]
    assert was_crash(runs, RunId("a"))
    assert not was_crash(runs, RunId("b"))
    assert was_crash([*runs, info("d", "running")], RunId("b"))
    assert not was_crash(runs, RunId("gone"))


async def test_a_backup_of_a_running_engine_was_no_crash(tmp_path: Path) -> None:
    here, there, file = tmp_path / "here", tmp_path / "there", tmp_path / "one.tar.gz"
    async with opened(RunOptions(Place(state=here), demo=True, seed=1)) as engine:
        await engine.driver.start()
        await asyncio.to_thread(backup.backup, Place(state=here), file)
        await engine.driver.stop("enough")
    with pytest.raises(RefusedError, match="is there already; name another file"):
        backup.backup(Place(state=here), file)
    place = Place(state=there)
    await asyncio.to_thread(backup.restore, place, file, force=False)
    row = await asyncio.to_thread(status.status, place)
    assert "crash" not in row
    assert row["restored"] == "from a backup; the next start has 0 positions, 0 orders"
    async with opened(RunOptions(place, demo=True, seed=1)) as engine:
        assert engine.headline == "brought back from a backup: 0 positions, 0 orders"
        await engine.driver.start()
        await engine.driver.stop("enough")
    row = await asyncio.to_thread(status.status, place)
    assert "crash" not in row
    assert row["restored"].startswith("brought back from a backup: 0 positions, 0 orders (at ")
