"""Places in a recorded run where one was, kept in memory: from them one is back in no time.

A checkpoint may lie fifty thousand steps before a place, a mark a few hundred.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tradetui.domain.ids import StrategyId
from tradetui.domain.instances import InstanceRecord
from tradetui.domain.steps import StepRecord
from tradetui.runtime.charts import ChartKeeper
from tradetui.runtime.closings import ClosingBook
from tradetui.runtime.travel.beginnings import Beginning

SPACING: Final = 200
"""Steps between two marks."""
REACH: Final = 2_000
"""Marks are made in so many steps before a place that one goes back to."""
MOST: Final = REACH // SPACING + 2
MOST_BYTES: Final = 32_000_000
"""Of the kernel's states that all marks together hold."""


@dataclass(frozen=True)
class Mark:
    """A moment as it was after step ``seq_id``, to begin again from.

    ``beginning`` holds kernel and lists; the others are copies of what a moment gathers beside.
    """

    seq_id: int
    beginning: Beginning
    charts: ChartKeeper
    closings: ClosingBook
    records: tuple[tuple[StrategyId, InstanceRecord], ...]
    recent: tuple[StepRecord, ...]
    steps: int
    errors: tuple[tuple[StrategyId, int], ...]

    @property
    def size(self) -> int:
        """The bytes of the kernel's state."""
        return len(self.beginning.opening or b"")


class Marks:
    """The marks of one run, bounded: those farthest from the newest go first."""

    def __init__(self) -> None:
        self._marks: dict[int, Mark] = {}

    def __len__(self) -> int:
        return len(self._marks)

    def is_wanted(self, seq_id: int, wanted: int) -> bool:
        """Tell whether a mark at a step, on the way to another, would help who then goes back."""
        return (
            seq_id % SPACING == 0
            and wanted - REACH <= seq_id < wanted
            and seq_id not in self._marks
        )

    def add(self, mark: Mark) -> None:
        """Keep a mark, and let go of others where they are too many, or too large together."""
        self._marks[mark.seq_id] = mark
        by_distance = sorted(self._marks, key=lambda seq_id: -abs(seq_id - mark.seq_id))
        size = sum(one.size for one in self._marks.values())
        for seq_id in by_distance[:-1]:
            if len(self._marks) <= MOST and size <= MOST_BYTES:
                return
            size -= self._marks.pop(seq_id).size

    def before(self, seq_id: int) -> Mark | None:
        """Return the newest mark before a step that is no more than REACH away; None: there is
        none.
        """
        near = [place for place in self._marks if seq_id - REACH <= place < seq_id]
        return self._marks[max(near)] if near else None
