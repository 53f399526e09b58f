"""The journal as a disk sees it: what was committed survives a crash, what was not is gone."""

from __future__ import annotations

from tradetui.domain.codec import decode_step, encode_step
from tradetui.domain.steps import StepRecord


class DiskStalledError(Exception):
    """The disk takes nothing now: full, or locked."""


class Disk:
    """Durable and volatile halves of a journal, and its checkpoints."""

    def __init__(self, *, is_encoded: bool) -> None:
        self.durable: list[StepRecord | bytes] = []
        self.volatile: list[StepRecord] = []
        self.checkpoints: list[tuple[int, bytes, object]] = []
        """(seq_id, state, cursors), oldest first."""
        self.stalled_until = 0
        self.is_encoded = is_encoded

    def append(self, record: StepRecord) -> None:
        self.volatile.append(record)

    @property
    def watermark(self) -> int:
        return len(self.durable)

    def commit(self, now: int) -> list[StepRecord]:
        """Make all that was appended durable; return it."""
        if now < self.stalled_until:
            raise DiskStalledError
        group, self.volatile = self.volatile, []
        self.durable += [encode_step(record) for record in group] if self.is_encoded else group
        return group

    def checkpoint(self, seq_id: int, state: bytes, cursors: object) -> None:
        self.checkpoints.append((seq_id, state, cursors))
        del self.checkpoints[:-3]

    def crash(self) -> None:
        """Lose what was not committed; a disk is usable again after a restart."""
        self.volatile.clear()
        self.stalled_until = 0

    def suffix(self, after: int) -> list[StepRecord]:
        """Return the durable steps behind one, as they were written."""
        found = self.durable[after:]
        return [decode_step(one) if isinstance(one, bytes) else one for one in found]
