from __future__ import annotations

from tradetui.domain.units import NANOS_PER_MINUTE as M
from tradetui.runtime.course import LENGTH, Course


def course(*values: tuple[int, int]) -> Course:
    made = Course()
    for minute, value in values:
        made.add(minute * M, value)
    return made


def test_the_newest_value_of_a_step_stands_for_it() -> None:
    made = course((10, 1), (10, 2), (11, 5))
    assert made.values == (2, 5)


def test_steps_that_nobody_looked_at_keep_the_value_before() -> None:
    assert course((10, 1), (13, 4)).values == (1, 1, 1, 4)


def test_the_steps_double_when_there_are_too_many() -> None:
    made = course(*((minute, minute) for minute in range(2 * LENGTH)))
    assert made.values == tuple(range(1, 2 * LENGTH, 2))
    made.add(2 * LENGTH * M, 7)
    assert len(made.values) == LENGTH // 2 + 1
    assert made.values[-1] == 7


def test_a_long_silence_costs_no_memory() -> None:
    made = course((0, 1), (10**9, 2))
    assert len(made.values) <= LENGTH
    assert made.values[0] == 1
    assert made.values[-1] == 2


def test_a_clock_that_went_back_changes_nothing() -> None:
    made = course((10, 1), (12, 3))
    made.add(10 * M, 99)
    assert made.values == (1, 1, 3)


def test_nothing_yet() -> None:
    assert Course().values == ()
