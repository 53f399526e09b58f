"""Which panes are drawn in which frame.

A key is answered first and small: panes that are big, and on a slow line those that only data
changed, come with the next frame that is free. Nothing queues up: a pane that is marked twice
before its turn is drawn once, as it is then.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence


class Turns:
    """The panes that are to be drawn, of ``parts`` in their order; ``big`` take many cells."""

    def __init__(self, parts: Sequence[str], big: Collection[str]) -> None:
        self._parts = tuple(parts)
        self._big = frozenset(big)
        self.stale: set[str] = set(parts)
        """Not drawn since they were marked."""
        self._asked: set[str] = set()
        self.is_keyed = False
        """What is marked now is marked by a key."""

    def mark(self, *parts: str) -> None:
        """Have panes drawn at the next occasion."""
        self.stale.update(parts)
        if self.is_keyed:
            self._asked.update(parts)

    def mark_all(self) -> None:
        """Have every pane drawn."""
        self.stale.update(self._parts)

    def take(self, *, for_key: bool, is_slow: bool, is_whole: bool) -> list[str]:
        """Return (once) the panes whose turn it is: the small ones first.

        ``for_key``: the frame answers a key, the big panes follow; over a slow line so do those
        that no key has marked. ``is_whole``: nothing is left for later.
        """
        due = set(self.stale)
        if for_key and not is_whole:
            due -= self._big
            if is_slow:
                due &= self._asked
        self.stale -= due
        if for_key:
            self._asked.clear()
        return sorted(due, key=lambda part: (part in self._big, self._parts.index(part)))
