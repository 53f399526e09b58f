"""What a person has seen of things that move: an act that would do something else is not done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

MESSAGE_WIDTH: Final = 80
"""Cells of the narrowest message line: what is longer says first that nothing was done."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Seen:
    """What was true when the dialog opened, and how to look again.

    ``now`` returns a tuple of words; where it differs, the act is refused with both.
    """

    then: tuple[str, ...]
    now: Callable[[], tuple[str, ...]]

    @classmethod
    def take(cls, look: Callable[[], tuple[str, ...]]) -> Seen:
        """Look once and remember."""
        return cls(look(), look)

    def problem(self) -> str:
        """Return the sentence that refuses the act, empty if nothing has changed."""
        current = self.now()
        if current == self.then:
            return ""
        pairs = [
            f"{old} -> {new}" for old, new in zip(self.then, current, strict=False) if old != new
        ] or [f"{len(self.then)} -> {len(current)} rows"]
        said = f"changed while you looked: {', '.join(pairs)}. Nothing done."
        if len(said) <= MESSAGE_WIDTH:
            return said
        return f"changed while you looked. Nothing done: {', '.join(pairs)}"


class Shown(Generic[T]):
    """Figures that a dialog follows while it is open: looked at anew each time it is drawn.

    What a key confirms is what was on the screen when the key came, or nothing at all. ``change``
    names a difference in a person's words, empty where there is none.
    """

    def __init__(self, look: Callable[[], T], change: Callable[[T, T], str]) -> None:
        self._look = look
        self._change = change
        self._first = self._drawn = self.answered = look()

    def again(self) -> T:
        """Look again: what is returned is drawn."""
        self._drawn = self._look()
        return self._drawn

    def heard(self) -> None:
        """A key has come: it answers what was drawn last (``answered``)."""
        self.answered = self._drawn

    def moved(self) -> str:
        """Name what has changed since the dialog opened, empty if nothing."""
        return self._change(self._first, self._drawn)

    def problem(self) -> str:
        """Return why the key that came last confirms nothing, empty if it does."""
        found = self._change(self.answered, self._look())
        return f"changed as you answered: {found}. Nothing done: look again" if found else ""
