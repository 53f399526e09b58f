"""The list of runs says of each what its journal says; what has ended is read once."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.demo_runs import run_demo

from tradetui.bootstrap.recorded.run_list import RunList
from tradetui.domain.enums import RunMode
from tradetui.ports.journal import JournalError
from tradetui.storage.folder import JOURNAL_DB
from tradetui.storage.reader import JournalReader


def test_a_run_has_the_steps_fills_and_change_of_equity_of_its_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = run_demo(tmp_path, 30).state
    assert folder is not None
    runs = RunList(folder / JOURNAL_DB)
    page = runs.read()
    (line,) = page.runs
    assert (page.total, page.path) == (1, str(folder / JOURNAL_DB))
    assert (line.run_mode, line.is_virtual, line.ended_how) == (RunMode.PAPER, True, "clean")
    assert line.ended_time is not None and line.started_time < line.ended_time
    with JournalReader(folder) as reader:
        (info,) = reader.runs()
        fills = sum(len(step.result.fills) for step in reader.steps(info.run_id))
    assert (line.run_id, line.steps, line.fills) == (info.run_id, info.steps, fills)
    ((currency, _),) = line.changes
    assert currency == "USD"

    def never(*_: object) -> None:
        raise AssertionError("what has ended is read once")

    monkeypatch.setattr(JournalReader, "header", never)
    assert runs.read() == page


def test_a_journal_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="there is no journal"):
        RunList(tmp_path / JOURNAL_DB).read()
