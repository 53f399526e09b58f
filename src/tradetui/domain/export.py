"""What ``tradetui journal export`` writes: one record a line, its fields by name."""

from __future__ import annotations

from typing import Final

from tradetui.domain.ids import RunId
from tradetui.domain.record import Record
from tradetui.domain.steps import JournalHeader, StepRecord

EXPORT_VERSION: Final = 1
"""Of the form of the lines: a field that is added keeps it, anything else raises it."""


class PrunedSteps(Record, frozen=True):
    """Steps ``first`` to ``last`` brought only market data, which is no longer kept."""

    first: int
    last: int


class JournalLine(Record, frozen=True):
    """One line: a run's header, then its steps in order.

    ``hash`` is that of the chain at the record, in hex: the header's own, the row's, or that of the
    last pruned row.
    """

    run_id: RunId
    hash: str
    record: JournalHeader | StepRecord | PrunedSteps
    version: int = EXPORT_VERSION
