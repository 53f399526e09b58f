"""Where the step loop's records and log lines go: journal, telemetry, replica."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import Final

from tradetui.domain.codec import decode_step
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
        self.recent: deque[bytes] = deque(maxlen=RECENT)
        """The newest steps, oldest first, as they are encoded: for the screen of the journal. The
        objects of a step go with it, so that the next one finds their memory warm.
        """
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
        self.recent.append(self._journal.append(record))
        self.last_seq = record.event.seq_id
        self._telemetry.note_step(record)
        if self._publisher is not None:
            self._publisher.note(record)

    def newest_first(self, until: int) -> Iterator[StepRecord]:
        """Yield the kept steps up to ``until``, the newest first."""
        ahead = max(self.last_seq - until, 0)
        return map(decode_step, islice(reversed(self.recent), ahead, None))

    def log(self, line: LogView) -> None:
        """Take what a strategy logged."""
        if self._publisher is None:
            self._early.append(line)
        else:
            self._publisher.log(line)
