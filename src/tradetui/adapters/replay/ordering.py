"""The rows of a file, put in order as a feed's items are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tradetui.adapters.reorder import ReorderBuffer
from tradetui.data.row_order import RowOrder


@dataclass(frozen=True, slots=True)
class RowsInOrder:
    """Puts rows in order through a ReorderBuffer of this size and timeout (ns).

    The clock is the file's own: the newest time that was read. The same rows always come out the
    same way.
    """

    size: int
    timeout: int

    def __call__(self, times: Sequence[int]) -> RowOrder:
        """Return which rows are handed on, in which order; ``times`` are those of the file (ns)."""
        buffer = ReorderBuffer[int](self.size, self.timeout)
        rows: list[int] = []
        now = 0
        for row, time in enumerate(times):
            now = max(now, time)
            buffer.put(time, "", row, now)
            rows += buffer.take(now)
        return RowOrder(rows + buffer.flush(), buffer.reordered, buffer.late)
