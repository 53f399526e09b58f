"""The decisions that a journal holds and no screen keeps: read backwards, block by block."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tradetui.domain.ids import RunId
from tradetui.domain.steps import StepRecord
from tradetui.ports.journal import JournalSource
from tradetui.storage.reader import JournalReader

BLOCK: Final = 5_000
"""Steps that are read at once, backwards."""


def read_decided(
    path: Path, before: int | None, count: int
) -> tuple[tuple[StepRecord, ...], int | None]:
    """Return ``decided_before`` of the journal at ``path``.

    For a thread: it waits for the disk. Raises JournalError where the journal cannot be read.
    """
    with JournalReader(path) as reader:
        return decided_before(reader, before, count)


def decided_before(
    source: JournalSource, before: int | None, count: int
) -> tuple[tuple[StepRecord, ...], int | None]:
    """Return the newest steps before a step (None: of all) in which ``count`` intents were judged
    or signals weighed, oldest first, also of the runs that the newest carries on; and the step
    before which older ones are, None where there are none.
    """
    found: list[StepRecord] = []
    last = {info.run_id: info.steps for info in source.runs()}
    run_id = next(reversed(last), None)
    while run_id is not None:
        header = source.header(run_id)
        end = last[run_id] if before is None else min(last[run_id], before - 1)
        while end > header.opening_seq:
            begin = max(end - BLOCK, header.opening_seq) + 1
            for step in reversed(tuple(source.eventful(run_id, begin, end))):
                made = len(step.decisions) + len(step.result.signals)
                if made and count <= 0:
                    return tuple(reversed(found)), found[-1].event.seq_id
                if made:
                    found.append(step)
                    count -= made
            end = begin - 1
        run_id = RunId(header.continues) if header.continues else None
    return tuple(reversed(found)), None
