"""Which hooks of one instance fail, and which success ends a row of failures.

The kernel stops an instance after so many failures with no success between them that counts. The
success of a hook that never failed is none: ticks that end well say nothing of a hook for bars that
raises on every one of them.
"""

from __future__ import annotations

from typing import Final

PERSISTENT: Final = 2
"""A hook that failed so often without a success of its own keeps the row from being ended by
others: two that fail, one always and one now and then, must not save each other.
"""


class FailingHooks:
    """The hooks, by the events that they take, that have failed since they last ended well."""

    __slots__ = ("rows",)

    def __init__(self) -> None:
        self.rows: dict[type, int] = {}
        """Failures in a row of each hook; empty as long as none fails."""

    def failed(self, hook: type) -> None:
        """Note that a hook has failed."""
        self.rows[hook] = self.rows.get(hook, 0) + 1

    def is_ended_by(self, hook: type) -> bool:
        """Note that a hook has ended well; tell whether that ends the row of failures."""
        if self.rows.pop(hook, None) is None:
            return False
        return all(row < PERSISTENT for row in self.rows.values())
