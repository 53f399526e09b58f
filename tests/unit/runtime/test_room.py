"""A disk that fills: entries halt at the floor and go on with room again; all else goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tradetui.domain.commands import SetKillSwitch
from tradetui.domain.control import RouteHealthChanged
from tradetui.domain.enums import KillState, Scope
from tradetui.domain.ids import RouteId
from tradetui.domain.units import NANOS_PER_SECOND
from tradetui.runtime.options import DriverOptions
from tradetui.runtime.room import HALT_REASON

S = NANOS_PER_SECOND
FLOOR = 500_000_000
RESERVE = 16_777_216
Rigs = Callable[..., Any]


class StubRoom:
    """A disk of which the test says how full it is."""

    where = "/state"

    def __init__(self) -> None:
        self.bytes: int | None = 10 * FLOOR
        self.is_reserved = False
        self.can_reserve = True

    def free(self) -> int | None:
        return self.bytes

    def lacking(self) -> int:
        return 0 if self.is_reserved else RESERVE

    def release(self) -> bool:
        had, self.is_reserved = self.is_reserved, False
        return had

    def reserve(self) -> bool:
        self.is_reserved = self.can_reserve
        return self.is_reserved


def options() -> DriverOptions:
    return DriverOptions("paper/main", least_room=FLOOR)


def halts(one: Any) -> list[tuple[bool, str]]:
    return [
        (record.event.payload.halted, record.event.payload.reason)
        for record in one.journal.rows
        if isinstance(record.event.payload, RouteHealthChanged)
    ]


async def test_below_the_floor_entries_halt_and_above_it_they_go_on(rig: Rigs) -> None:
    room = StubRoom()
    one = rig(["buyer"], options=options(), room=room)
    await one.driver.start()
    await one.clock.move(S)
    assert room.is_reserved
    room.bytes = FLOOR - 1
    await one.clock.move(S)
    header = one.driver.client.snapshot().header
    since = header.trouble.removeprefix("DISK FULL: no new orders since ")
    assert header.trouble == f"DISK FULL: no new orders since {since}"
    assert since.endswith("; cancels and exits go on")
    (alert,) = [a for a in one.driver.client.snapshot().alerts if a.alert_id == "disk"]
    assert "499 MB are free below /state, make room: entries go on above 550 MB" in alert.text
    assert halts(one) == [(True, HALT_REASON + "499 MB are free")]
    seq = one.driver.loop.kernel.state.seq_id
    await one.ticks(3)
    assert one.driver.loop.kernel.state.seq_id > seq  # prices and time go on
    assert len(one.driver.loop.kernel.state.orders) == 0
    assert {d.reason.value for r in one.journal.rows[seq:] for d in r.decisions} >= {"route_halted"}
    assert len(halts(one)) == 1
    room.bytes = FLOOR + 1  # not enough: it would flap
    await one.clock.move(2 * S)
    assert one.driver.room_watch.is_low
    room.bytes = 2 * FLOOR
    await one.clock.move(2 * S)
    assert not one.driver.room_watch.is_low
    assert halts(one)[-1] == (False, "there is room on the disk again")
    assert one.driver.client.snapshot().header.trouble == ""
    (alert,) = [a for a in one.driver.client.snapshot().alerts if a.alert_id == "disk"]
    assert alert.is_over
    await one.ticks(3)
    assert len(one.driver.loop.kernel.state.orders) > 0


async def test_acts_go_on_below_the_floor(rig: Rigs) -> None:
    room = StubRoom()
    one = rig(["buyer"], options=options(), room=room)
    await one.driver.start()
    await one.ticks(2)
    room.bytes = 0
    await one.clock.move(S)
    reply = await one.driver.client.send(
        SetKillSwitch(Scope.GLOBAL, "", KillState.REDUCING, KillState.NORMAL, "op", "disk")
    )
    assert reply.done, reply.text


async def test_a_route_that_is_halted_for_another_reason_is_left_alone(rig: Rigs) -> None:
    room = StubRoom()
    one = rig(["quiet"], options=options(), room=room)
    await one.driver.start()
    route = next(iter(one.driver.loop.kernel.state.routes))
    await one.driver.pump.act(
        lambda: one.driver.loop.control(
            RouteHealthChanged(route, True, "a person"), one.clock.now()
        )
    )
    room.bytes = 0
    await one.clock.move(2 * S)
    assert halts(one) == [(True, "a person")]
    room.bytes = 2 * FLOOR
    await one.clock.move(2 * S)
    assert one.driver.loop.kernel.state.halted_routes == {route: "a person"}


async def test_a_halt_of_a_run_before_is_lifted(rig: Rigs) -> None:
    room = StubRoom()
    one = rig(["quiet"], options=options(), room=room)
    await one.driver.start()
    route = RouteId(next(iter(one.driver.loop.kernel.state.routes)))
    await one.driver.pump.act(
        lambda: one.driver.loop.control(
            RouteHealthChanged(route, True, HALT_REASON + "1 MB are free"), one.clock.now()
        )
    )
    await one.clock.move(2 * S)
    assert one.driver.loop.kernel.state.halted_routes == {}


async def test_a_full_disk_uses_the_reserve_and_then_stalls(rig: Rigs) -> None:
    room = StubRoom()
    one = rig(["buyer"], options=options(), room=room)
    await one.driver.start()
    await one.ticks(2)
    room.bytes, room.can_reserve = 0, False
    one.journal.is_full = True
    await one.quote()
    await one.clock.move(S)
    assert not room.is_reserved
    shown = one.driver.client.snapshot()
    assert shown.header.trouble.startswith("JOURNAL STALLED since")
    one.journal.is_full = False  # what the reserve was for
    await one.clock.move(2 * S)
    log = one.driver.client.snapshot().log
    assert any("reserve on the disk is freed" in line.text for line in log)
    assert one.driver.client.snapshot().header.trouble.startswith("DISK FULL: no new orders")
    assert halts(one)[-1][0]
    room.bytes, room.can_reserve = 10 * FLOOR, True
    await one.clock.move(2 * S)
    assert room.is_reserved
    assert one.driver.client.snapshot().header.trouble == ""


async def test_a_disk_that_cannot_be_measured_changes_nothing(rig: Rigs) -> None:
    room = StubRoom()
    room.bytes = None
    one = rig(["quiet"], options=options(), room=room)
    await one.driver.start()
    await one.clock.move(2 * S)
    assert not one.driver.room_watch.is_low
    assert halts(one) == []


async def test_the_reserve_counts_to_what_is_needed_and_the_alert_says_so(rig: Rigs) -> None:
    room = StubRoom()
    one = rig(["quiet"], options=options(), room=room)
    await one.driver.start()
    await one.clock.move(S)
    room.release()
    room.bytes, room.can_reserve = FLOOR + FLOOR // 10 + RESERVE - 1, False
    await one.clock.move(2 * S)
    (alert,) = [a for a in one.driver.client.snapshot().alerts if a.alert_id == "disk"]
    assert alert.text.endswith(
        "566 MB are free below /state, make room: entries go on above 567 MB, "
        "17 of them for the journal's reserve"
    )
    room.can_reserve = True
    await one.clock.move(2 * S)
    assert one.driver.room_watch.is_low
    room.bytes += 1
    await one.clock.move(2 * S)
    assert not one.driver.room_watch.is_low
    assert room.is_reserved
