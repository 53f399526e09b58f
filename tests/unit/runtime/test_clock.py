"""The clock follows the machine's forward, and goes on where that is set back."""

from __future__ import annotations

import asyncio
import time

import pytest

from tradetui.runtime.clock import SystemClock

S = 10**9


class Machine:
    """The two clocks of a machine, moved by the test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall, self.passed = 1_700_000_000 * S, 50 * S
        self.slept: list[float] = []
        monkeypatch.setattr(time, "time_ns", lambda: self.wall)
        monkeypatch.setattr(time, "monotonic_ns", lambda: self.passed)
        monkeypatch.setattr(asyncio, "sleep", self._sleep)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def move(self, seconds: int, *, step: int = 0) -> None:
        """Let time pass; ``step`` is what the wall clock is set by meanwhile."""
        self.passed += seconds * S
        self.wall += (seconds + step) * S


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


def test_it_is_the_clock_of_the_machine(machine: Machine) -> None:
    clock = SystemClock()
    for step in (0, 3_600, 0):
        machine.move(10, step=step)
        assert clock.now() == machine.wall
        assert clock.lag() == 0


def test_where_that_is_set_back_it_goes_on(machine: Machine) -> None:
    clock = SystemClock()
    begun = clock.now()
    machine.move(10, step=-3_600)
    assert clock.now() == begun + 10 * S
    assert clock.lag() == 3_600 * S
    machine.move(10, step=3_599)
    assert clock.now() == begun + 20 * S
    assert clock.lag() == S
    machine.move(10, step=5)
    assert clock.now() == machine.wall
    assert clock.lag() == 0


async def test_a_sleep_is_as_long_as_it_was_meant_to_be(machine: Machine) -> None:
    clock = SystemClock()
    until = clock.now() + 5 * S
    machine.move(2, step=-3_600)
    await clock.sleep_until(until)
    await clock.sleep_until(until - 60 * S)
    assert machine.slept == [3.0, 0.0]
