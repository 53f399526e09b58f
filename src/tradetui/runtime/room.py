"""What happens when the disk fills: entries halt while there is still room for everything else.

Nothing leaves the house before it is durable, so an engine that cannot write can neither cancel nor
exit. Therefore entries stop early, at a floor of free room, by halting every route in the journal;
cancels and exits go on and are written into the room that is left. If others take that too, a
commit fails: then a reserve that was set aside is given to the journal, and it goes on. Only when
that is used up nothing is applied any more. With room again the routes that were halted here, and
no other, are declared sound.
"""

from __future__ import annotations

from typing import Final

from tradetui.domain.control import RouteHealthChanged
from tradetui.domain.enums import Severity
from tradetui.domain.formatting import clock as time_of_day
from tradetui.domain.ids import RouteId, is_shadow
from tradetui.domain.units import NANOS_PER_SECOND
from tradetui.engine.step_loop import StepLoop
from tradetui.ports.clock import Clock
from tradetui.ports.room import DiskRoom
from tradetui.runtime.alerts import Condition
from tradetui.runtime.pump import Pump
from tradetui.runtime.replica import ReplicaPublisher

ROOM_ALERT: Final = "disk"
HALT_REASON: Final = "disk full: "
"""How the reason begins of a halt that is ours to lift."""

LOOKED_EVERY_NS: Final = NANOS_PER_SECOND
_MEGABYTE: Final = 1_000_000


class RoomWatch:
    """Watches the free room of the disk and halts entries below ``floor`` bytes."""

    def __init__(
        self,
        room: DiskRoom,
        floor: int,
        loop: StepLoop,
        pump: Pump,
        publisher: ReplicaPublisher,
        clock: Clock,
        *,
        is_virtual: bool,
    ) -> None:
        self._room = room
        self._floor = floor
        self._enough = floor + floor // 10
        """A little more than the floor, so that it does not flap."""
        self._loop = loop
        self._pump = pump
        self._publisher = publisher
        self._clock = clock
        self._is_virtual = is_virtual
        self._since: str | None = None

    @property
    def is_low(self) -> bool:
        """Tell whether entries are halted for want of room."""
        return self._since is not None

    async def keep(self) -> None:
        """Look again and again."""
        while True:
            await self.look()
            await self._clock.sleep_until(self._clock.now() + LOOKED_EVERY_NS)

    async def look(self) -> None:
        """Look once, and halt entries or let them go on."""
        free = self._room.free()
        if free is None or self._pump.is_stalled:
            return
        if self.is_low:
            if free >= self._needed() and self._room.reserve():
                await self._resume()
            else:
                await self._halt(free)
        elif free < self._floor or not self._room.reserve():
            self._since = time_of_day(self._clock.now())
            await self._halt(free)
        elif self._ours():
            await self._resume()  # halted by a run before this one

    def on_stall(self) -> None:
        """Give the journal the reserve: a commit has failed."""
        if self._room.release():
            self._publisher.say(
                Severity.WARNING, "the journal cannot be written: its reserve on the disk is freed"
            )

    def _needed(self) -> int:
        """Return the free bytes at which entries go on: the reserve is set aside of them first."""
        return self._enough + self._room.lacking()

    async def _halt(self, free: int) -> None:
        text = f"DISK FULL: no new orders since {self._since}; cancels and exits go on"
        self._publisher.room_trouble = text
        more = f"{free // _MEGABYTE:,} MB are free below {self._room.where}, make room"
        floor = f"entries go on above {-(-self._needed() // _MEGABYTE):,} MB"
        if lacking := self._room.lacking():
            floor += f", {-(-lacking // _MEGABYTE):,} of them for the journal's reserve"
        self._publisher.raise_alert(
            ROOM_ALERT, Condition(Severity.ALERT, None, f"{text}; {more}: {floor}")
        )
        halted = self._loop.kernel.state.halted_routes
        wanted = [route for route in self._routes() if route not in halted]
        if wanted:
            reason = f"{HALT_REASON}{free // _MEGABYTE:,} MB are free"
            await self._pump.act(lambda: self._declare(wanted, reason, is_halted=True))
        self._publisher.show_header()

    async def _resume(self) -> None:
        self._since = None
        self._publisher.room_trouble = ""
        self._publisher.clear_alert(ROOM_ALERT)
        if ours := self._ours():
            reason = "there is room on the disk again"
            await self._pump.act(lambda: self._declare(ours, reason, is_halted=False))
            self._publisher.say(Severity.INFO, f"{reason}: entries go on")
        self._publisher.show_header()

    def _declare(self, routes: list[RouteId], reason: str, *, is_halted: bool) -> None:
        now = None if self._is_virtual else self._clock.now()
        for route_id in routes:
            self._loop.control(RouteHealthChanged(route_id, is_halted, reason), now)

    def _routes(self) -> list[RouteId]:
        return [route for route in self._loop.kernel.state.routes if not is_shadow(route)]

    def _ours(self) -> list[RouteId]:
        halted = self._loop.kernel.state.halted_routes
        return [route for route, why in halted.items() if why.startswith(HALT_REASON)]
