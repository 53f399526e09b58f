"""The fills that the screen does not keep: read from the journal when a person goes on past the
last one, block by block, down to the first that was ever recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tradetui.domain import formatting
from tradetui.domain.replica import FillView
from tradetui.tui.replica import KEPT_ROWS, Replica
from tradetui.tui.widgets.lists import ListRow
from tradetui.tui.widgets.record_lists import fill_key, fills_content

MOST: Final = 200_000
"""So many are kept on the screen at most; the journal can be asked for the rest."""


class OlderFills:
    """What was read of the journal, the newest first, and how much there is."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica
        self.total: int | None = None
        self.begin_again()

    def begin_again(self) -> None:
        """Forget everything that was read."""
        self._fills: list[FillView] = []
        self._known: set[str] = set()
        self._mark: tuple[int, int] | None = None
        self._is_begun = False
        self._is_done = False
        self._seen_at = 0
        self._rows: tuple[ListRow, ...] = ()
        self._rows_masked: bool | None = None
        self._own: dict[str, tuple[ListRow, ...]] = {}

    def forget_rows(self) -> None:
        """Write the rows anew when they are next asked for."""
        self._rows_masked = None

    def rows(self, owner: str | None, *, masked: bool) -> tuple[ListRow, ...]:
        """Return the rows of what was read and the replica has no longer, the newest first."""
        if not self._fills:
            return ()
        if self._replica.fills_seen - self._seen_at > KEPT_ROWS:
            self.begin_again()  # the replica has let go of some that were not read
            return ()
        if self._rows_masked is not masked:
            self._rows, self._rows_masked = (), masked
            self._add_rows(self._fills)
        if owner is None:
            return self._rows
        found = self._own.get(owner)
        if found is None:
            found = tuple([row for row in self._rows if row.strategy_id == owner])
            self._own[owner] = found
        return found

    def at(self, key: str) -> FillView | None:
        """Return the fill of a row."""
        kept = (fill for fill in reversed(self._replica.fills) if fill_key(fill) == key)
        return next(kept, None) or next((f for f in self._fills if fill_key(f) == key), None)

    def named(self, trade_id: str) -> FillView | None:
        """Return the newest fill of a trade id."""
        kept = (fill for fill in reversed(self._replica.fills) if fill.trade_id == trade_id)
        return next(kept, None) or next((f for f in self._fills if f.trade_id == trade_id), None)

    def take(self, fills: Sequence[FillView], total: int, mark: tuple[int, int] | None) -> int:
        """Take a page, oldest first; return how many of it were not there yet."""
        if not self._is_begun:
            self._is_begun = True
            self._seen_at = self._replica.fills_seen
            self._known = {fill_key(fill) for fill in self._replica.fills}
        new = [fill for fill in reversed(fills) if fill_key(fill) not in self._known]
        self._known.update(fill_key(fill) for fill in new)
        self._fills += new
        self.total, self._mark = total, mark
        self._is_done = mark is None
        if self._rows_masked is not None:
            self._add_rows(new)
        return len(new)

    def _add_rows(self, fills: Sequence[FillView]) -> None:
        content = fills_content(
            reversed(fills), self._replica.instruments, masked=bool(self._rows_masked)
        )
        self._rows += content.rows
        self._own.clear()

    @property
    def mark(self) -> tuple[int, int] | None:
        """Where what was read begins."""
        return self._mark

    @property
    def loaded(self) -> int:
        """How many fills the screen has."""
        return len(self._fills) + len(self._replica.fills)

    @property
    def has_more(self) -> bool:
        """There are fills that the screen has not, and room for them."""
        return not self._is_done and self.total is not None and self.loaded < min(self.total, MOST)

    @property
    def is_whole(self) -> bool:
        """The screen has all that there are."""
        if self.total is None:
            return len(self._replica.fills) < KEPT_ROWS
        return self.loaded >= self.total

    @property
    def note(self) -> str:
        """Say that these are not all; empty when they are."""
        if self.total is None or self.loaded >= self.total:
            return ""
        text = f"newest {formatting.count(self.loaded)} of {formatting.count(self.total)}"
        if self.loaded >= MOST:
            return f"{text}; no more on one screen: `tradetui fills` has the rest"
        return f"{text}: j at the end reads on, G more"
