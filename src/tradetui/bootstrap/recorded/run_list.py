"""The runs of the journal for the console's list; what has ended is read once."""

from __future__ import annotations

from itertools import takewhile
from pathlib import Path
from typing import Final

from tradetui.domain.ids import RunId
from tradetui.domain.pages import RUNNING, RunLine, RunsPage
from tradetui.domain.steps import JournalHeader
from tradetui.ports.history import RunInfo
from tradetui.storage.reader import JournalReader
from tradetui.storage.run_results import RunResult

NEWEST: Final = 200
"""How many runs are listed; the shell lists all."""


class RunList:
    """Reads the runs of one journal, again and again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._ended: dict[RunId, RunLine] = {}

    def read(self) -> RunsPage:
        """Return the newest runs, the newest first.

        For a thread: it waits for the disk. Raises JournalError where the journal cannot be read.
        """
        with JournalReader(self._path) as reader:
            infos = reader.runs()
            newest = infos[-NEWEST:]
            known = sum(1 for _ in takewhile(lambda one: one.run_id in self._ended, newest))
            unread, results = newest[known:], reader.results(len(newest) - known)
            lines = [self._ended[one.run_id] for one in newest[:known]]
            for info, result in zip(unread, results, strict=True):
                lines.append(_line(info, reader.header(info.run_id), result))
        self._ended = {one.run_id: one for one in lines if one.ended_how != RUNNING}
        return RunsPage(str(self._path), tuple(reversed(lines)), len(infos))


def _line(info: RunInfo, header: JournalHeader, result: RunResult) -> RunLine:
    return RunLine(
        info.run_id,
        header.run_mode,
        header.is_virtual,
        info.started_time,
        info.ended_time,
        info.ended_how,
        max(info.steps - header.opening_seq, 0),
        result.fills,
        result.changes,
        header.continues,
        header.program,
    )
