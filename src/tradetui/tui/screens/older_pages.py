"""What lists that are read on page by page, backwards, have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Final, Generic, TypeVar

from tradetui.domain import formatting
from tradetui.domain.replica import DecisionView, OrderView
from tradetui.tui.actions import Engine
from tradetui.tui.replica import SHOWN_ROWS, Replica
from tradetui.tui.widgets.lists import ListContent, ListRow

BLOCK: Final = 1_000
"""Records read at a time."""
MOST: Final = 100_000
"""So many are kept on the screen at most; the journal can be asked for the rest."""

V = TypeVar("V", DecisionView, OrderView)


class OlderPages(ABC, Generic[V]):
    """What was read of the journal. What the replica had when the reading began is kept with it, so
    that nothing is lost between the two while new ones push old ones out of the replica.
    """

    what: ClassVar[str]
    """What one of them is called."""
    rest: ClassVar[str]
    """The command that has them all."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica
        self.begin_again()

    def begin_again(self) -> None:
        """Forget everything that was read."""
        self._found: dict[str, V] = {}
        self._rows: tuple[ListRow, ...] = ()
        self._joined_at = 0
        self.mark: int | None = None
        """Before which step the next page ends, once the reading has begun; None: no older."""
        self._is_begun = False

    @abstractmethod
    async def read(self, engine: Engine) -> int:
        """Read the next page; return how many of it are new. Raises OSError."""

    @property
    @abstractmethod
    def kept(self) -> int:
        """How many the replica has."""

    @property
    def loaded(self) -> int:
        """How many the screen has."""
        return max(len(self._found), self.kept)

    @property
    def has_more(self) -> bool:
        """There may be some that the screen has not, and there is room for them."""
        if not self._is_begun:
            return self.loaded >= SHOWN_ROWS
        return self.mark is not None and self.loaded < MOST

    @property
    def is_begun(self) -> bool:
        """Some were read."""
        return self._is_begun

    @property
    def is_whole(self) -> bool:
        """The screen has all that there are."""
        return not self.has_more and not (self._is_begun and self.mark is not None)

    @property
    def note(self) -> str:
        """Say that these are not all; empty when they are."""
        if self.is_whole:
            return ""
        text = f"newest {formatting.count(self.loaded)}"
        if self.loaded >= MOST:
            return f"{text}; no more on one screen: `{self.rest}` has the rest"
        return f"{text}: j at the end reads on, G more"

    def _with_older(self, fresh: ListContent, owner: str | None) -> ListContent:
        """Put the rows that were read, of one instance or of all, below those of the replica."""
        older = self._rows
        if owner is not None:
            older = tuple([row for row in older if row.strategy_id == owner])
        return fresh._replace(rows=fresh.rows + older)
