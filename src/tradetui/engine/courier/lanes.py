"""The budget of requests: what each lane may spend of it.

One bucket fills evenly at the venue's rate. A lane may spend only down to its own floor, so what
lies below it is kept for the lanes before: data can never use up what orders need, orders never
what lookups need, and nothing what cancels need.
"""

from __future__ import annotations

from typing import Final

from tradetui.domain.units import div_floor
from tradetui.engine.courier.records import Lane
from tradetui.ports.execution import Request, VenueTraits

_FLOOR_PERCENT: Final[dict[Lane, int]] = {
    Lane.CANCEL: 0,
    Lane.RESOLVE: 15,
    Lane.ORDER: 30,
    Lane.DATA: 50,
}
_BURST_PERCENT: Final = 50
"""The bucket holds half of a window's weight and half of it flows in per window, so that no window,
wherever it begins, sees more than all of it."""


class Budget:
    """Weights spent at one venue account; ``now`` is the local monotonic clock, ns."""

    def __init__(self, traits: VenueTraits) -> None:
        self._weights = dict(traits.weights)
        self._window = traits.window
        self._full = div_floor(traits.weight * _BURST_PERCENT, 100) * traits.window
        self._rate = div_floor(traits.weight * (100 - _BURST_PERCENT), 100)
        self._floors = {
            lane: div_floor(self._full * percent, 100) for lane, percent in _FLOOR_PERCENT.items()
        }
        self._level = self._full
        """In units of weight times ns of the window."""
        self._filled_at = 0
        self._quiet_until = 0
        self._banned_until = 0

    def refill(self, now: int) -> None:
        """Let time pass."""
        passed = now - self._filled_at
        if passed > 0:
            self._level = min(self._full, self._level + passed * self._rate)
            self._filled_at = now

    def spend(self, lane: Lane, request: Request, now: int) -> bool:
        """Take the request's weight if its lane may have it now; tell whether."""
        if now < self._banned_until or (now < self._quiet_until and lane is not Lane.CANCEL):
            return False
        cost = self._weights.get(type(request).__name__, 1) * self._window
        if self._level - cost < self._floors[lane]:
            return False
        self._level -= cost
        return True

    def be_quiet(self, until: int) -> None:
        """Spend on nothing but cancels until a moment: the venue asked for it."""
        self._quiet_until = max(self._quiet_until, until)

    def stay_away(self, until: int) -> None:
        """Spend on nothing at all until a moment: the venue shut us out."""
        self._banned_until = max(self._banned_until, until)
