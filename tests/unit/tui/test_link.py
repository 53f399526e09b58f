"""When a frame may be sent, and when a line counts as slow."""

from __future__ import annotations

import os

import pytest

from tradetui.tui.link import (
    FRAME_BYTES,
    FRAME_SECONDS,
    KEY_BYTES,
    KEY_FRAMES,
    LOST_FRAMES,
    LOST_SECONDS,
    MAX_WRITES,
    QUICK_FRAMES,
    SLOW_FRAMES,
    SLOW_SECONDS,
    TOP_RATE,
    Link,
    LinkDriver,
    _CountedFile,
)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def frame(link: Link, clock: Clock, seconds: float, size: int = 100) -> None:
    link.sent(size)
    clock.now += seconds
    link.answered()


def test_the_next_frame_waits_until_the_last_has_arrived(clock: Clock) -> None:
    link = Link(clock)
    assert link.is_free()
    link.sent(2_000)
    assert not link.is_free()
    assert not link.is_free(for_key=True)  # it would wait behind a big one anyway
    link.answered()
    assert link.is_free()
    assert link.is_asking


def test_small_frames_that_answer_keys_may_follow_one_another(clock: Clock) -> None:
    link = Link(clock)
    for _ in range(KEY_FRAMES):
        assert link.is_free(for_key=True)
        link.sent(KEY_BYTES // KEY_FRAMES)
        assert not link.is_free()
    assert not link.is_free(for_key=True)
    link.answered()
    assert link.is_free(for_key=True)


def test_an_answer_that_never_comes_is_not_waited_for_for_ever(clock: Clock) -> None:
    link = Link(clock)
    link.sent(10)
    clock.now += LOST_SECONDS
    assert not link.is_free()
    clock.now += 0.1
    assert link.is_free()
    link.answered()  # after all: nothing is under way, nothing happens
    assert link.is_free()


def test_a_terminal_that_stops_answering_is_not_asked_any_more(clock: Clock) -> None:
    link = Link(clock)
    link.answered()
    for _ in range(LOST_FRAMES):
        assert link.is_asking
        link.sent(0)
        clock.now += LOST_SECONDS + 0.1
        assert link.is_free()
    assert not link.is_asking


def test_it_is_slow_after_two_slow_frames_and_quick_after_many_quick_ones(clock: Clock) -> None:
    link = Link(clock)
    frame(link, clock, SLOW_SECONDS + 0.1)
    frame(link, clock, 0.1)
    assert not link.is_slow
    for _ in range(SLOW_FRAMES):
        frame(link, clock, SLOW_SECONDS + 0.1)
    assert link.is_slow
    for _ in range(QUICK_FRAMES - 1):
        frame(link, clock, 0.1)
    assert link.is_slow
    frame(link, clock, 0.1)
    assert not link.is_slow


def test_a_delay_of_200_ms_each_way_is_not_slow(clock: Clock) -> None:
    link = Link(clock)
    for _ in range(10):
        frame(link, clock, 0.45)
    assert not link.is_slow


def test_what_a_person_said_stays(clock: Clock) -> None:
    link = Link(clock, is_slow=True)
    for _ in range(2 * QUICK_FRAMES):
        frame(link, clock, 0.01)
    assert link.is_slow


def test_writes_that_the_kernel_does_not_take_hold_frames_back(clock: Clock) -> None:
    link = Link(clock)
    waiting = 1
    link.writes_waiting = lambda: waiting
    for _ in range(SLOW_FRAMES):
        waiting = 1
        assert not link.is_free()
        assert link.has_room()
        clock.now += SLOW_SECONDS + 0.1
        waiting = 0
        assert link.is_free()
    assert link.is_slow  # found out though the terminal answers nothing
    waiting = MAX_WRITES
    assert not link.has_room()


def test_a_terminal_that_is_gone_breaks_no_write() -> None:
    reader, writer = os.pipe()
    with os.fdopen(writer, "w") as file:
        counted = _CountedFile(file)
        counted.write("seen")
        counted.flush()
        os.close(reader)
        counted.write("lost")
        counted.flush()
        counted.write("after it\n")
        counted.flush()
        assert counted.taken == 3


def test_the_rate_is_what_a_line_takes_beside_its_delay(clock: Clock) -> None:
    link = Link(clock)
    assert link.rate is None and link.delay is None
    assert link.frame_room == FRAME_BYTES
    for size in (100, 2_000, 300, 900):
        frame(link, clock, 0.4 + size / 5_000, size)
    assert link.rate == pytest.approx(5_000)
    assert link.delay == pytest.approx(0.42)
    assert link.frame_room == int(5_000 * FRAME_SECONDS)


def test_frames_behind_one_another_are_measured_as_one(clock: Clock) -> None:
    link = Link(clock)
    for first, second in ((100, 50), (400, 30), (250, 90)):
        link.sent(first)
        link.sent(second)
        assert link.waiting == first + second
        clock.now += 0.2 + first / 1_000
        link.answered()
        clock.now += second / 1_000
        link.answered()
    assert link.rate == pytest.approx(1_000)
    assert link.waiting == 0


def test_frames_of_one_size_say_at_least_what_has_passed(clock: Clock) -> None:
    link = Link(clock)
    for _ in range(3):
        frame(link, clock, 0.5, 100)
    assert link.rate == pytest.approx(200)
    frame(link, clock, 0.4, 900)
    assert link.rate == TOP_RATE  # the delay alone: the size does not matter


def test_a_quick_line_takes_a_key_behind_a_big_frame(clock: Clock) -> None:
    link = Link(clock)
    for size in (1_000, 30_000):
        frame(link, clock, 0.4 + size / 100_000, size)
    link.sent(20_000)
    assert link.is_free(for_key=True)
    link.sent(20_000)
    assert not link.is_free(for_key=True)


def test_a_terminal_that_hung_up_is_gone() -> None:
    main, side = os.openpty()
    try:
        driver = LinkDriver.__new__(LinkDriver)
        driver.fileno = side
        assert not driver.is_gone
    finally:
        os.close(main)
    assert driver.is_gone
    os.close(side)
