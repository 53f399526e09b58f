"""Who reads the records that the screen does not keep: block by block, as a person goes on."""

from __future__ import annotations

from typing import Any, Final

from tradetui.domain import formatting
from tradetui.domain.text import printable
from tradetui.tui.screens.desk import Desk
from tradetui.tui.screens.older_fills import OlderFills
from tradetui.tui.screens.older_lists import OlderLists
from tradetui.tui.screens.older_pages import OlderPages

BLOCK: Final = 2_000
"""Fills read at a time: a block becomes rows between two frames."""
BLOCKS_AT_ONCE: Final = 5
"""Blocks that ``G`` reads; a step past the end reads one."""
COUNT_SECONDS: Final = 30.0
"""How often it is asked how many there are, while their screen is open."""


class OlderReaders:
    """Asks the engine for older records, of each kind one question at a time."""

    def __init__(self, screen: Desk, older: OlderLists) -> None:
        self._fills = FillReader(screen, older.fills)
        self._pages = {
            "Decisions": PageReader(screen, older.decisions),
            "Orders": PageReader(screen, older.orders),
        }

    def count_if_due(self, now: float) -> None:
        """Ask how many fills there are while their list is shown whole."""
        self._fills.count_if_due(now)

    def read_on(self, tab: str, *, is_far: bool) -> None:
        """Read the next block of a list, or several; lists that are whole have none."""
        if tab == "Fills":
            self._fills.read_on(is_far=is_far)
        elif tab in self._pages:
            self._pages[tab].read_on(is_far=is_far)


class PageReader:
    """Asks the engine for older records of one kind."""

    def __init__(self, screen: Desk, older: OlderPages[Any]) -> None:
        self._screen = screen
        self._older = older
        self._is_reading = False

    def read_on(self, *, is_far: bool) -> None:
        """Read the next block, or several."""
        if self._is_reading or not self._older.has_more:
            return
        self._is_reading = True
        self._screen.say(f"reading older {self._older.what}s ...")
        self._screen.console_app.keep(self._read(BLOCKS_AT_ONCE if is_far else 1))

    async def _read(self, blocks: int) -> None:
        older, read = self._older, 0
        try:
            while blocks and older.has_more:
                new = await older.read(self._screen.console_app.engine)
                read += new
                blocks -= bool(new)
                self._screen.painter.forget_lists()
        except OSError as error:
            text = printable(str(error), 160)
            self._screen.say(f"older {older.what}s cannot be read: {text}", refused=True)
        else:
            self._screen.say(f"read {formatting.counted(read, f'older {older.what}')}")
        finally:
            self._is_reading = False
        self._screen.redraw("lower", "left", "upper_bar", "lower_bar")
        self._screen.draw()


class FillReader:
    """Asks the engine for older fills, one question at a time."""

    def __init__(self, screen: Desk, older: OlderFills) -> None:
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
