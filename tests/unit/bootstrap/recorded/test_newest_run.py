"""The newest run, rebuilt at its end."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tradetui.bootstrap.recorded.journal_part import opened
from tradetui.bootstrap.recorded.newest_run import has_journal, newest
from tradetui.cli.wiring import Place


async def test_it_is_at_its_last_step(place: Place) -> None:
    assert has_journal(place)
    with opened(place, None) as reader:
        (run,) = reader.runs()
        traveller = await asyncio.to_thread(newest, reader)
        assert traveller.last == run.steps
        assert traveller.snapshot().header.seq_id == run.steps


def test_an_empty_folder_has_none(tmp_path: Path) -> None:
    assert not has_journal(Place(state=tmp_path))
