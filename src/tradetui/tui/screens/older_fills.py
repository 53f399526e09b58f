"""The fills that the screen does not keep: read from the journal when a person goes on past the
last one, block by block, down to the first that was ever recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from tradetui.domain import formatting
from tradetui.domain.replica import FillView
from tradetui.domain.text import printable
from tradetui.tui.replica import KEPT_ROWS
from tradetui.tui.widgets.lists import ListRow
from tradetui.tui.widgets.record_lists import fill_key, fills_content

if TYPE_CHECKING:
    from tradetui.tui.replica import Replica
    from tradetui.tui.screens.main import MainScreen

BLOCK: Final = 2_000
"""Fills read at a time: a block becomes rows between two frames."""
BLOCKS_AT_ONCE: Final = 5
"""Blocks that ``G`` reads; a step past the end reads one."""
MOST: Final = 200_000
"""So many are kept on the screen at most; the journal can be asked for the rest."""
COUNT_SECONDS: Final = 30.0
"""How often it is asked how many there are, while their screen is open."""


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
    def note(self) -> str:
        """Say that these are not all; empty when they are."""
        if self.total is None or self.loaded >= self.total:
            return ""
        text = f"newest {formatting.count(self.loaded)} of {formatting.count(self.total)}"
        if self.loaded >= MOST:
            return f"{text}; no more on one screen: `tradetui fills` has the rest"
        return f"{text}: j at the end reads on, G more"


class OlderReader:
    """Asks the engine for older fills, one question at a time."""

    def __init__(self, screen: MainScreen, older: OlderFills) -> None:
        self._screen = screen
        self._older = older
        self._is_reading = False
        self._count_due = float("-inf")

    def count_if_due(self, now: float) -> None:
        """Ask how many fills there are while their list is shown whole."""
        if self._screen.state.shown_list() != "Fills" or now < self._count_due or self._is_reading:
            return
        self._count_due = now + COUNT_SECONDS
        self._is_reading = True
        self._screen.console_app.keep(self._count())

    def read_on(self, *, is_far: bool) -> None:
        """Read the next block, or several."""
        if self._is_reading or not self._older.has_more:
            return
        self._is_reading = True
        self._screen.say("reading older fills ...")
        self._screen.console_app.keep(self._read(BLOCKS_AT_ONCE if is_far else 1))

    async def _count(self) -> None:
        try:
            page = await self._screen.console_app.engine.fills_page(None, 0)
        except OSError as error:
            self._failed(error)
        else:
            self._older.total = page.total
        finally:
            self._is_reading = False
        self._screen.redraw("lower")

    async def _read(self, blocks: int) -> None:
        before = self._older.loaded
        try:
            while blocks and self._older.has_more:
                page = await self._screen.console_app.engine.fills_page(self._older.mark, BLOCK)
                if self._older.take(page.fills, page.total, page.mark):
                    blocks -= 1
                self._screen.painter.forget_lists()
        except OSError as error:
            self._failed(error)
        else:
            read = formatting.count(self._older.loaded - before)
            self._screen.say(f"read {read} older fills")
        finally:
            self._is_reading = False
        self._screen.redraw("lower", "left", "upper_bar", "lower_bar")
        self._screen.draw()

    def _failed(self, error: OSError) -> None:
        text = printable(str(error), 160)
        self._screen.say(f"older fills cannot be read: {text}", refused=True)
