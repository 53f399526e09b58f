"""The records that the screen does not keep, list by list, and who reads them on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tradetui.domain import formatting
from tradetui.domain.text import printable
from tradetui.tui.replica import SHOWN_ROWS
from tradetui.tui.screens.older_decisions import OlderDecisions
from tradetui.tui.screens.older_fills import OlderFills, OlderReader
from tradetui.tui.screens.older_orders import OlderOrders
from tradetui.tui.screens.older_pages import OlderPages

if TYPE_CHECKING:
    from tradetui.tui.replica import Replica
    from tradetui.tui.screens.main import MainScreen

BLOCKS_AT_ONCE: Final = 5
"""Blocks that ``G`` reads; a step past the end reads one."""


class OlderLists:
    """What was read of the journal, beside the replica."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica
        self.fills = OlderFills(replica)
        self.decisions = OlderDecisions(replica)
        self.orders = OlderOrders(replica)

    def forget_rows(self) -> None:
        """Write the rows anew: the markets have other decimals."""
        self.fills.forget_rows()
        self.decisions.forget_rows()
        self.orders.forget_rows()

    def note(self, tab: str) -> str:
        """Say that a list of records has not all there is; empty when it has."""
        match tab:
            case "Fills":
                return self.fills.note
            case "Decisions":
                return self.decisions.note
            case "Orders":
                return self.orders.note
            case "Log" if len(self._replica.log) >= SHOWN_ROWS:
                kept = formatting.count(len(self._replica.log))
                return f"newest {kept}: `tradetui log` has all"
            case _:
                return ""


class OlderReaders:
    """Asks the engine for older records, of each kind one question at a time."""

    def __init__(self, screen: MainScreen, older: OlderLists) -> None:
        self._fills = OlderReader(screen, older.fills)
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

    def __init__(self, screen: MainScreen, older: OlderPages[Any]) -> None:
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
