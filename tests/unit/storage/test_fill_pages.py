"""Paging through the recorded fills of all runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tradetui.domain.steps import JournalHeader, StepRecord
from tradetui.storage.journal import SqliteJournal

Header = Callable[..., JournalHeader]
Step = Callable[..., StepRecord]


async def recorded(folder: Path, make_header: Header, make_step: Step) -> SqliteJournal:
    """Two runs of five steps with two fills each; the second still runs."""
    for run in ("r1", "r2"):
        journal = await SqliteJournal.open(folder, make_header(run), busy_timeout_ms=50)
        for number in range(1, 6):
            journal.append(make_step(number, fills=2))
        await journal.commit()
        if run == "r1":
            await journal.close()
    return journal


@pytest.mark.parametrize(("size", "pages_wanted"), [(3, 7), (4, 5), (1, 20)])
async def test_pages_lead_from_the_newest_to_the_first_of_all(
    folder: Path, make_header: Header, make_step: Step, size: int, pages_wanted: int
) -> None:
    journal = await recorded(folder, make_header, make_step)
    found: list[tuple[str, str]] = []
    mark = None
    pages = 0
    while pages == 0 or mark is not None:
        batch = await journal.fills_before(mark, size)
        assert batch.total == 20
        found = [(run, fill.trade_id) for run, fill in batch.fills] + found
        mark = batch.mark
        pages += 1
    assert pages == pages_wanted
    assert found == [
        (run, f"t{number}-{place}")
        for run in ("r1", "r2")
        for number in range(1, 6)
        for place in (0, 1)
    ]
    await journal.close()


async def test_a_page_that_ends_at_the_first_has_no_older_one(
    folder: Path, make_header: Header, make_step: Step
) -> None:
    journal = await recorded(folder, make_header, make_step)
    assert (await journal.fills_before(None, 20)).mark is None
    assert (await journal.fills_before(None, 19)).mark is not None
    nothing = await journal.fills_before(None, 0)
    assert (nothing.fills, nothing.total, nothing.mark) == ((), 20, None)
    await journal.close()
