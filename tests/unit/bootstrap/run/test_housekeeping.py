"""The engine's own archiving: a segment at a time, the room it takes, and what of it is said."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tradetui.bootstrap.run import housekeeping
from tradetui.bootstrap.run.housekeeping import Housekeeper
from tradetui.runtime.telemetry import DiskUse, Telemetry
from tradetui.storage.archive import Size
from tradetui.storage.archiving import Archived
from tradetui.storage.usage import Usage


class Journal:
    """A journal that has a place; nothing of it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def aside(self, work: Any) -> Any:
        return work()


def archived(
    rows: int = 0, pruned: int = 0, *, is_over: bool = False, is_more: bool = False
) -> Archived:
    return Archived(int(rows > 0), rows, pruned, 0, 0, is_over, is_more)


async def test_what_was_done_is_said_and_what_cannot_be_mended_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "journal.db"
    course = [
        archived(),
        archived(20_000),
        archived(20_000, 15_000),
        archived(is_over=True),
        archived(is_over=True),
        archived(7, is_over=True),
    ]
    found = Usage(Size(3, 2, 1), 10**6, 10**9, 50, 7, 20)

    async def some(archive: Any, cap: int, journal: Any) -> Archived:
        assert cap == 10**6
        return course.pop(0)

    monkeypatch.setattr(housekeeping, "archive_some", some)
    monkeypatch.setattr(housekeeping, "usage", lambda *_: found)
    keeper = Housekeeper(Journal(path), 10**6)  # type: ignore[arg-type]
    telemetry = Telemetry()
    said = [await keeper.chore(telemetry) for _ in range(len(course))]
    assert said == [
        "",
        "20,000 old steps of the journal were archived",
        "the journal is above journal.max_size: market data of 15,000 old steps is no longer kept",
        "the journal is above journal.max_size, and what is left is kept for ever",
        "",
        "7 old steps of the journal were archived",
    ]
    assert telemetry.disk == DiskUse(found.size.total, 10**9, 50, 7, 20)


async def test_at_the_end_of_the_run_it_lets_go_of_the_thread_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = asyncio.Event()

    def for_ever(archive: Any) -> None:
        while True:
            archive._between()

    async def some(archive: Any, cap: int, journal: Any) -> Archived:
        began.set()
        await asyncio.to_thread(for_ever, archive)
        return archived()

    monkeypatch.setattr(housekeeping, "archive_some", some)
    keeper = Housekeeper(Journal(tmp_path / "journal.db"), 10**6)  # type: ignore[arg-type]
    task = asyncio.create_task(keeper.chore(Telemetry()))
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(housekeeping.ArchivingStoppedError):
        keeper._archive._between()


async def test_it_goes_on_until_nothing_is_left_or_the_visit_is_long_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = [archived(20_000, is_more=True), archived(20_000, is_more=True), archived(5)]

    async def some(*_: Any) -> Archived:
        return course.pop(0) if course else archived(1, is_more=True)

    monkeypatch.setattr(housekeeping, "archive_some", some)
    monkeypatch.setattr(housekeeping, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(
        housekeeping, "usage", lambda *_: Usage(Size(3, 2, 1), 10**6, 10**9, 50, 7, 20)
    )
    keeper = Housekeeper(Journal(tmp_path / "journal.db"), 10**6)  # type: ignore[arg-type]
    said = [await keeper.chore(Telemetry()) for _ in range(2)]
    assert said == [
        "40,005 old steps of the journal were archived",
        f"{housekeeping.ROUNDS_AT_ONCE} old steps of the journal were archived",
    ]
