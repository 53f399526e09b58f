"""The 6 s grid, cadence, timers and wake-ups."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum

import pytest

from tradetui.domain.ids import StrategyId
from tradetui.domain.timers import HEARTBEAT_NS, Heartbeat, StrategyTimer
from tradetui.engine.heartbeat import (
    NEVER,
    CadenceError,
    HeartbeatSchedule,
    TimerDue,
    heartbeat_steps,
)

A, B = StrategyId("a"), StrategyId("b")


class Named(int, Enum):
    """Numbers whose text is no number."""

    FIVE = 5


def drain(schedule: HeartbeatSchedule, now: int) -> list[TimerDue]:
    found = []
    while (due := schedule.pop(now)) is not None:
        found.append(due)
    return found


@pytest.mark.parametrize(
    ("minutes", "steps"),
    [
        (1.0, 10),
        (2.1, 21),
        (0.05, 1),
        (0.1, 1),
        (0.25, 3),
        (1, 10),
        (Decimal("1.5"), 15),
        (0.04, 1),
    ],
)
def test_cadence_in_heartbeats(minutes: object, steps: int) -> None:
    assert heartbeat_steps(minutes) == steps


@pytest.mark.parametrize(
    "minutes",
    [0, -1.0, float("nan"), float("inf"), "1.0", None, True, 1e300, Decimal("NaN"), Named.FIVE],
)
def test_bad_cadence_is_refused(minutes: object) -> None:
    with pytest.raises(CadenceError, match="TICK_MINUTES"):
        heartbeat_steps(minutes)


def test_tick_minutes_of_one_ticks_every_ten_heartbeats_exactly() -> None:
    schedule = HeartbeatSchedule(is_virtual=True)
    schedule.add(A, 10, now=0)
    beats = drain(schedule, 100 * HEARTBEAT_NS)
    assert [due.payload for due in beats] == [Heartbeat(n, (A,)) for n in range(1, 101, 10)]
    assert [due.time for due in beats] == [n * HEARTBEAT_NS for n in range(1, 101, 10)]


def test_the_first_tick_is_on_the_first_heartbeat_after_the_load() -> None:
    schedule = HeartbeatSchedule(is_virtual=True)
    schedule.add(A, 21, now=5 * HEARTBEAT_NS)
    assert schedule.next_tick(A) == 6 * HEARTBEAT_NS
    assert schedule.last_tick(A) is None
    schedule.pop(6 * HEARTBEAT_NS)
    assert schedule.last_tick(A) == 6 * HEARTBEAT_NS
    assert schedule.next_tick(A) == 27 * HEARTBEAT_NS


def test_two_instances_share_a_heartbeat_in_ascending_order() -> None:
    schedule = HeartbeatSchedule(is_virtual=True)
    schedule.add(B, 2, now=0)
    schedule.add(A, 1, now=0)
    due = [item.payload for item in drain(schedule, 3 * HEARTBEAT_NS)]
    assert due == [Heartbeat(1, (A, B)), Heartbeat(2, (A,)), Heartbeat(3, (A, B))]


def test_no_heartbeat_where_nothing_is_due() -> None:
    schedule = HeartbeatSchedule(is_virtual=True)
    assert schedule.next_due == NEVER
    assert schedule.pop(NEVER - 1) is None


def test_wall_time_makes_no_catch_up_burst_and_counts_what_it_missed() -> None:
    schedule = HeartbeatSchedule(is_virtual=False)
    schedule.add(A, 10, now=0)
    late = 45 * HEARTBEAT_NS + 7
    assert [due.payload for due in drain(schedule, late)] == [Heartbeat(45, (A,))]
    assert schedule.missed_ticks(A) == 4
    assert schedule.next_tick(A) == 51 * HEARTBEAT_NS


def test_virtual_time_misses_nothing() -> None:
    schedule = HeartbeatSchedule(is_virtual=True)
    schedule.add(A, 1, now=0)
    assert len(drain(schedule, 1000 * HEARTBEAT_NS)) == 1000
    assert schedule.missed_ticks(A) == 0


def test_removing_an_instance_takes_its_ticks_and_timers() -> None:
    schedule = HeartbeatSchedule(is_virtual=True)
    schedule.add(A, 1, now=0)
    schedule.schedule(A, "x", 5, None)
    schedule.schedule(B, "x", 6, None)
    schedule.remove(A)
    assert [due.payload for due in drain(schedule, NEVER - 1)] == [StrategyTimer(B, "x")]
    assert schedule.next_tick(A) is None
    assert schedule.last_tick(A) is None
    assert schedule.missed_ticks(A) == 0
    assert schedule.tick_steps(A) is None


def test_how_far_ticks_are_apart() -> None:
    schedule = HeartbeatSchedule(is_virtual=True)
    schedule.add(A, 7, now=0)
    assert (schedule.tick_steps(A), schedule.tick_steps(B)) == (7, None)


def test_a_timer_comes_once_or_again_and_again() -> None:
    schedule = HeartbeatSchedule(is_virtual=True)
    schedule.schedule(A, "once", 10, None)
    schedule.schedule(A, "often", 5, 5)
    due = [(item.time, item.payload.name) for item in drain(schedule, 15)]  # type: ignore[union-attr]
    assert due == [(5, "often"), (10, "often"), (10, "once"), (15, "often")] or due == [
        (5, "often"),
        (10, "once"),
        (10, "often"),
        (15, "often"),
    ]


def test_timers_of_one_moment_come_by_instance_and_name() -> None:
    schedule = HeartbeatSchedule(is_virtual=True)
    schedule.schedule(B, "a", 10, None)
    schedule.schedule(A, "z", 10, None)
    schedule.schedule(A, "b", 10, None)
    assert [item.payload for item in drain(schedule, 10)] == [
        StrategyTimer(A, "b"),
        StrategyTimer(A, "z"),
        StrategyTimer(B, "a"),
    ]


def test_the_same_name_replaces_a_timer() -> None:
    schedule = HeartbeatSchedule(is_virtual=True)
    schedule.schedule(A, "x", 10, None)
    schedule.schedule(A, "x", 20, None)
    assert [item.time for item in drain(schedule, 30)] == [20]


def test_an_unscheduled_timer_does_not_come() -> None:
    schedule = HeartbeatSchedule(is_virtual=True)
    schedule.schedule(A, "x", 10, None)
    schedule.unschedule(A, "x")
    schedule.unschedule(A, "never was")
    assert drain(schedule, 30) == []


def test_a_repeating_timer_in_wall_time_skips_what_was_slept_through() -> None:
    schedule = HeartbeatSchedule(is_virtual=False)
    schedule.schedule(A, "x", 10, 10)
    assert [item.time for item in drain(schedule, 55)] == [10]
    assert [item.time for item in drain(schedule, 60)] == [60]


def test_a_heartbeat_comes_before_a_timer_of_the_same_moment() -> None:
    schedule = HeartbeatSchedule(is_virtual=True)
    schedule.schedule(A, "x", HEARTBEAT_NS, None)
    schedule.add(A, 1, now=0)
    kinds = [type(item.payload) for item in drain(schedule, HEARTBEAT_NS)]
    assert kinds == [Heartbeat, StrategyTimer]


def test_a_wake_up_makes_a_heartbeat_at_or_after_its_moment() -> None:
    schedule = HeartbeatSchedule(is_virtual=True)
    schedule.wake_at(HEARTBEAT_NS + 1)
    schedule.wake_at(HEARTBEAT_NS + 2)
    schedule.wake_at(3 * HEARTBEAT_NS)
    assert [item.payload for item in drain(schedule, 9 * HEARTBEAT_NS)] == [
        Heartbeat(2, ()),
        Heartbeat(3, ()),
    ]
