"""The newest changes of a replica, numbered without a gap: what readers that keep up are given."""

from __future__ import annotations

from collections import deque

from tradetui.domain.replica import Change, ReplicaChange


class ChangeRing:
    """Keeps at most ``size`` changes; a reader that is further behind must take a snapshot."""

    def __init__(self, size: int) -> None:
        self.number = 0
        """Of the newest change; 0 before the first."""
        self._changes: deque[ReplicaChange] = deque(maxlen=size)

    def __len__(self) -> int:
        return len(self._changes)

    def append(self, change: Change) -> None:
        """Give a change the next number."""
        self.number += 1
        self._changes.append(ReplicaChange(self.number, change))

    def after(self, number: int) -> tuple[ReplicaChange, ...] | None:
        """Return the changes after a number; None if some of them are gone, or none had it yet."""
        if number >= self.number:
            return () if number == self.number else None
        kept, missing = self._changes, self.number - number
        if missing > len(kept):
            return None
        return tuple(kept[index] for index in range(len(kept) - missing, len(kept)))
