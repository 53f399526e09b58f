"""Keys that act may not come in a burst (a paste, the wrong window) nor from a key held down."""

from __future__ import annotations

from typing import NamedTuple


class KeyTimes(NamedTuple):
    """How keys are told apart, in seconds.

    ``burst``: two different characters nearer than this were not typed for us by a hand.
    ``repeat``: the same key again within this time is a key held down. ``dialog``: how long a fresh
    dialog hears no key.
    """

    burst: float = 0.03
    repeat: float = 0.12
    dialog: float = 0.3


class KeyGuard:
    """Remembers the times of the last keys; times are those of the key events, in seconds."""

    def __init__(self, times: KeyTimes | None = None) -> None:
        self.times = times or KeyTimes()
        self._last_key = ""
        self._last_time = float("-inf")
        self._previous_is_burst = False
        self._repeating = False

    def note(self, key: str, time: float) -> None:
        """Take a key in; ask the others after it."""
        gap = time - self._last_time
        self._previous_is_burst = key != self._last_key and gap < self.times.burst
        self._repeating = key == self._last_key and gap < self.times.repeat
        self._last_key = key
        self._last_time = time

    @property
    def is_repeat(self) -> bool:
        """The last key was the same as the one before, too soon for a hand."""
        return self._repeating

    @property
    def is_burst(self) -> bool:
        """The last key came on the heels of another."""
        return self._previous_is_burst

    def is_newest(self, time: float) -> bool:
        """Tell whether no key has come since the one at ``time``."""
        return time == self._last_time
