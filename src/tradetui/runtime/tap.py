"""Where the step loop's records and log lines go: journal, telemetry, replica."""

from __future__ import annotations

from collections import deque
from typing import Final

from tradetui.domain.replica import LogView
from tradetui.domain.steps import StepRecord
from tradetui.ports.journal import Journal
from tradetui.runtime.replica import ReplicaPublisher
from tradetui.runtime.telemetry import Telemetry

RECENT: Final = 2_000


class StepTap:
    """The sink of one step loop. The publisher comes later, because it reads that loop."""

    def __init__(self, journal: Journal, telemetry: Telemetry) -> None:
        self._journal = journal
        self._telemetry = telemetry
        self._publisher: ReplicaPublisher | None = None
        self._early: list[LogView] = []
        self.recent: deque[StepRecord] = deque(maxlen=RECENT)
        """The newest steps, oldest first: for the screen of the journal."""
        self.last_seq = 0
        """The newest step that was appended, durable or not."""

    def connect(self, publisher: ReplicaPublisher) -> None:
        """Hand everything from now on, and the lines so far, to the publisher."""
        self._publisher = publisher
        for line in self._early:
            publisher.log(line)
        self._early.clear()

    def append(self, record: StepRecord) -> None:
        """Take one step."""
        self._journal.append(record)
        self.recent.append(record)
        self.last_seq = record.event.seq_id
        self._telemetry.note_step(record)
        if self._publisher is not None:
            self._publisher.note(record)

    def log(self, line: LogView) -> None:
        """Take what a strategy logged."""
        if self._publisher is None:
            self._early.append(line)
        else:
            self._publisher.log(line)
