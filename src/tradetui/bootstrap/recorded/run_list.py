"""The runs of the journal for the console's list; what has ended is read once."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from tradetui.domain.ids import RunId
from tradetui.domain.pages import RUNNING, RunLine, RunsPage
from tradetui.domain.steps import JournalHeader
from tradetui.domain.units import NANOS_PER_SECOND
from tradetui.ports.history import RunInfo
from tradetui.ports.journal import JournalError
from tradetui.storage.reader import JournalReader
from tradetui.storage.run_results import RunResult

NEWEST: Final = 200
"""How many runs are listed; the shell lists all."""
COUNTING_NS: Final = NANOS_PER_SECOND // 5
"""So long one look counts orders: a journal of millions of steps is counted in several."""
COUNTED_AT_ONCE: Final = 20_000
"""Steps between two looks at the clock."""


class RunList:
    """Reads the runs of one journal, again and again; ``now`` gives ns that only go on."""

    def __init__(self, path: Path, now: Callable[[], int] = time.monotonic_ns) -> None:
        self._path = path
        self._now = now
        self._ended: dict[RunId, RunLine] = {}
        self._counted: dict[RunId, tuple[int, int]] = {}
        """Run -> (the step up to which its orders are counted, how many there are)."""

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
            # What a run that was continued ended with is noted with the first step of the next one.
            if lines and (lines[-1].ended_how != RUNNING or lines[-1].steps):
                self._ended = {one.run_id: one for one in lines if one.ended_how != RUNNING}
            shown = self._with_orders(reader, tuple(reversed(infos[-NEWEST:])), lines[::-1])
        return RunsPage(str(self._path), shown, len(infos))

    def _with_orders(
        self, reader: JournalReader, infos: Sequence[RunInfo], lines: Sequence[RunLine]
    ) -> tuple[RunLine, ...]:
        """Return the lines with their orders, as far as there is time to count them."""
        until = self._now() + COUNTING_NS
        shown = []
        for info, line in zip(infos, lines, strict=True):
            orders = self._orders_of(reader, info, info.steps - line.steps, until)
            shown.append(replace(line, orders=orders))
        return tuple(shown)

    def _orders_of(
        self, reader: JournalReader, info: RunInfo, opening: int, until: int
    ) -> int | None:
        """Count the orders of a run that are not counted yet; None while there are some, as where
        its steps cannot be read.
        """
        last, found = self._counted.get(info.run_id, (opening, 0))
        try:
            while last < info.steps and self._now() < until:
                end = min(last + COUNTED_AT_ONCE, info.steps)
                found += reader.orders(info.run_id, last + 1, end)
                last = end
        except JournalError:
            pass  # what else is known of the run is shown; the next look tries again
        self._counted[info.run_id] = last, found
        return found if last >= info.steps else None


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
