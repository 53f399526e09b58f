"""The moves of time travel: a step, a time or a name to go to, and why one cannot go there."""

from __future__ import annotations

from collections.abc import Awaitable

from tradetui.bootstrap.recorded.journal_part import time_of
from tradetui.domain.units import NANOS_PER_SECOND
from tradetui.ports.journal import JournalError
from tradetui.runtime.travel.errors import PlaceGoneError, TravelError
from tradetui.runtime.travel.traveller import Traveller
from tradetui.services.errors import UserError


class TravelDoor:
    """Implements ``tui.actions.Travel``: what goes wrong becomes a sentence."""

    def __init__(self, traveller: Traveller) -> None:
        self._traveller = traveller

    async def begin(self, text: str) -> None:
        """Go to where a person wants to begin.

        Raises UserError for what is no place, PlaceGoneError for one that cannot be gone to. One
        that comes out otherwise than recorded can be looked at all the same.
        """
        try:
            await self._to(text)
        except PlaceGoneError:
            raise
        except (TravelError, JournalError):
            return

    async def move(self, steps: int) -> str:
        """Go some steps on, or back."""
        return await self._tried(self._traveller.move(steps))

    async def next_act(self) -> str:
        """Go to the next step in which something was done."""
        return await self._tried(self._traveller.next_act())

    async def previous_act(self) -> str:
        """Go back to the step before in which something was."""
        return await self._tried(self._traveller.previous_act())

    async def go_to(self, text: str) -> str:
        """Go to a step, a time, a time of the day, or the next step of an order or trade."""
        return await self._tried(self._to(text))

    def changed(self) -> tuple[str, ...]:
        """Return what the step changed."""
        return self._traveller.changed()

    async def _tried(self, move: Awaitable[str | None]) -> str:
        try:
            return await move or ""
        except (TravelError, JournalError, UserError) as error:
            return str(error)

    async def _to(self, text: str) -> str:
        digits = text.replace(",", "")
        if digits.isascii() and digits.isdigit():
            return await self._traveller.seek(int(digits[:18]))
        try:
            moment = time_of_day(text)
            if moment is None:
                moment = time_of(text, "at")
        except UserError as error:
            named = await self._traveller.to_named(text.strip())
            if named is None:
                also = "or an order or a trade of this run by its id"
                raise UserError(f"{error}; {also}") from error
            return named
        return await self._traveller.at_time(moment)


def time_of_day(text: str) -> int | None:
    """Return ``14:30`` or ``14:30:07`` as ns of the day, None for what is no time of day."""
    parts = text.split(":")
    if len(parts) not in (2, 3) or not all(p.isascii() and p.isdigit() for p in parts):
        return None
    numbers = [int(part[:4]) for part in parts] + [0]
    hours, minutes, seconds = numbers[:3]
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    return (hours * 3600 + minutes * 60 + seconds) * NANOS_PER_SECOND
