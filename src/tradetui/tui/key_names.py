"""What keys are called in texts that name them: as they are bound, not as they are shipped.

A text names a binding by its id in braces, ``{why} says why``, and is filled before it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tradetui.tui.keymap import BINDINGS, Binding


class KeyNames:
    """The names of the keys of a binding table; a call fills a text that names bindings."""

    def __init__(self, bindings: Iterable[Binding] = BINDINGS) -> None:
        self._shown = {binding.id: binding.shown for binding in bindings}

    def __call__(self, text: str) -> str:
        """Return a text of our own with every ``{binding}`` replaced by its key."""
        return text.format_map(self._shown)


SHIPPED: Final = KeyNames()
"""The names of the keys as they are shipped."""
