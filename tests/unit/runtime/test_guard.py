"""The time of these tests is their own: a busy machine makes no callback slow. One test alone is of
the real timer.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest

from tradetui.domain.ids import StrategyId
from tradetui.runtime.guard import TimeGuard
from tradetui.runtime.telemetry import FEW, Telemetry
from tradetui.strategy.errors import StrategyTimeout

SID = StrategyId("s")
MS = 1_000_000
NOTHING: dict[type, Callable[[object], None]] = {str: lambda view: None}


class Time:
    """A clock, and the interval timer that goes by it; an alarm is a real signal."""

    def __init__(self) -> None:
        self.now = 0
        self.due: int | None = None
        self.interval = 0
        self.asked: list[float] = []
        """What the timer was set to, in seconds."""

    def perf_counter_ns(self) -> int:
        return self.now

    def getitimer(self, which: int) -> tuple[float, float]:
        assert which == signal.ITIMER_REAL
        left = 0 if self.due is None else self.due - self.now
        return left / 1e9, self.interval / 1e9

    def setitimer(self, which: int, seconds: float, interval: float = 0.0) -> tuple[float, float]:
        before = self.getitimer(which)
        self.asked.append(seconds)
        self.due = self.now + round(seconds * 1e9) if seconds else None
        self.interval = round(interval * 1e9)
        return before

    def spend(self, seconds: float) -> None:
        """Let time pass, and the alarm go off when its time comes."""
        until = self.now + round(seconds * 1e9)
        while self.due is not None and self.due <= until:
            self.now = self.due
            self.due = self.now + self.interval if self.interval else None
            signal.raise_signal(signal.SIGALRM)
        self.now = until


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Time:
    clock = Time()
    monkeypatch.setattr("tradetui.runtime.guard.time", clock)
    own = SimpleNamespace(**{**vars(signal), "setitimer": clock.setitimer})
    monkeypatch.setattr("tradetui.runtime.guard.signal", own)
    return clock


@pytest.fixture
def telemetry() -> Telemetry:
    return Telemetry()


@pytest.fixture
def guard(clock: Time, telemetry: Telemetry) -> Iterator[TimeGuard]:
    guard = TimeGuard(telemetry, soft_ns=1_000 * MS, hard_ns=20 * MS)
    guard.install()
    yield guard
    guard.remove()


def test_a_quick_callback_is_measured(guard: TimeGuard, telemetry: Telemetry) -> None:
    guard.enter(SID, "on_bar")
    guard.leave()
    assert telemetry.by_instance[SID].count == 1
    assert telemetry.slow_callbacks == 0


def test_a_callback_over_the_hard_limit_is_interrupted(
    guard: TimeGuard, telemetry: Telemetry, clock: Time
) -> None:
    guard.enter(SID, "on_tick")
    with pytest.raises(StrategyTimeout, match=r"^ran longer than 0\.02 s"):
        clock.spend(5)
    guard.leave()
    assert clock.now == 20 * MS
    assert telemetry.timeouts == 1


def test_the_real_timer_interrupts_real_code(telemetry: Telemetry) -> None:
    def spin(view: str) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            pass

    guard = TimeGuard(telemetry, hard_ns=20 * MS)
    guard.install()
    try:
        with pytest.raises(StrategyTimeout, match=r"^ran longer than 0\.02 s"):
            guard.call(SID, "on_tick", {str: spin}, "tick")
    finally:
        guard.remove()
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


def test_code_that_catches_everything_is_interrupted_again(guard: TimeGuard, clock: Time) -> None:
    caught: list[int] = []
    guard.enter(SID, "on_tick")
    while len(caught) < 3:
        try:
            clock.spend(5)
        except BaseException:  # noqa: BLE001 - what such code does
            caught.append(clock.now // MS)
    guard.leave()
    assert caught == [20, 270, 520]


def test_nothing_fires_outside_a_callback(
    guard: TimeGuard, clock: Time, telemetry: Telemetry
) -> None:
    guard.enter(SID, "on_tick")
    guard.leave()
    clock.spend(0.05)
    guard.enter(SID, "on_tick")
    guard.leave()
    assert telemetry.timeouts == 0


def test_one_timer_serves_many_callbacks_and_is_let_go(guard: TimeGuard, clock: Time) -> None:
    for _ in range(100):
        guard.enter(SID, "on_bar")
        guard.leave()
    assert clock.asked == [0.02]
    clock.spend(0.06)
    assert clock.asked == [0.02, 0]
    assert clock.due is None


def test_a_timer_set_by_an_earlier_callback_leaves_a_later_one_its_time(
    guard: TimeGuard, clock: Time
) -> None:
    guard.enter(SID, "on_bar")
    guard.leave()
    clock.spend(0.015)
    guard.enter(SID, "on_tick")
    clock.spend(0.010)  # the first one's timer goes off in here
    guard.leave()
    assert clock.asked == [0.02, 0.015]
    guard.enter(SID, "on_tick")
    with pytest.raises(StrategyTimeout):
        clock.spend(5)
    guard.leave()
    assert clock.now == 45 * MS
    guard.remove()
    assert clock.due is None


def test_our_own_bookkeeping_is_never_interrupted(
    guard: TimeGuard, clock: Time, telemetry: Telemetry
) -> None:
    guard.enter(SID, "on_bar")
    guard._is_inside = False
    clock.spend(0.06)  # over its time, but not in the callback's own code
    guard.leave()
    assert telemetry.timeouts == 0


def test_the_soft_budget_is_a_warning(telemetry: Telemetry) -> None:
    told: list[tuple[str, str]] = []
    guard = TimeGuard(
        telemetry,
        soft_ns=0,
        hard_ns=None,
        on_slow=lambda sid, hook, duration: told.append((sid, hook)),
    )
    guard.enter(SID, "on_bar")
    guard.leave()
    assert told == [("s", "on_bar")]
    assert telemetry.slow_callbacks == 1


def test_nested_callbacks_count_as_one(guard: TimeGuard, telemetry: Telemetry, clock: Time) -> None:
    guard.enter(SID, "on_tick")
    guard.enter(SID, "render")
    guard.leave()
    with pytest.raises(StrategyTimeout):
        clock.spend(5)
    guard.leave()
    assert telemetry.by_instance[SID].count == 1


def test_somebody_elses_timer_goes_on(telemetry: Telemetry, clock: Time) -> None:
    fired: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda number, frame: fired.append(clock.now // MS))
    clock.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        guard = TimeGuard(telemetry, hard_ns=2_000 * MS)
        guard.install()
        guard.enter(SID, "on_tick")
        clock.spend(0.03)
        guard.leave()
        assert clock.getitimer(signal.ITIMER_REAL) == (0.02, 0)
        clock.spend(0.1)
        guard.remove()
        assert fired == [50]
    finally:
        signal.signal(signal.SIGALRM, before)


def test_outside_the_main_thread_there_is_no_hard_limit(telemetry: Telemetry) -> None:
    guard = TimeGuard(telemetry)
    before = signal.getsignal(signal.SIGALRM)
    thread = threading.Thread(target=guard.install)
    thread.start()
    thread.join()
    assert signal.getsignal(signal.SIGALRM) is before
    guard.remove()


def test_installing_twice_is_one_installation(guard: TimeGuard) -> None:
    ours = signal.getsignal(signal.SIGALRM)
    guard.install()
    assert signal.getsignal(signal.SIGALRM) is ours
    guard.remove()
    assert signal.getsignal(signal.SIGALRM) is not ours


def test_a_hook_called_within_is_counted_whatever_becomes_of_it(
    guard: TimeGuard, telemetry: Telemetry
) -> None:
    seen: list[object] = []

    def broken(view: object) -> None:
        raise ValueError

    for _ in range(3):
        guard.call(SID, "on_bar", {str: seen.append}, "bar")
        with pytest.raises(ValueError):
            guard.call(SID, "on_bar", {str: broken}, "bar")
    assert seen == ["bar"] * 3
    assert telemetry.by_instance[SID].count == 6
    assert (telemetry.timeouts, telemetry.slow_callbacks) == (0, 0)


def test_a_hook_called_within_is_interrupted_the_first_time_and_later(
    guard: TimeGuard, telemetry: Telemetry, clock: Time
) -> None:
    for number in (1, 2):
        guard.call(SID, "on_bar", NOTHING, "bar")
        with pytest.raises(StrategyTimeout, match=r"^ran longer than 0\.02 s"):
            guard.call(SID, "on_tick", {int: clock.spend}, 5)
        assert telemetry.timeouts == number


def test_a_hook_called_within_another_is_a_part_of_it(
    guard: TimeGuard, telemetry: Telemetry
) -> None:
    guard.call(SID, "on_bar", NOTHING, "bar")
    guard.call(SID, "on_tick", {str: lambda view: guard.call(SID, "on_bar", NOTHING, view)}, "tick")
    assert telemetry.by_instance[SID].count == 2


def test_a_slow_hook_called_within_is_told(telemetry: Telemetry) -> None:
    told: list[str] = []
    guard = TimeGuard(
        telemetry, soft_ns=0, hard_ns=None, on_slow=lambda sid, hook, duration: told.append(hook)
    )
    guard.call(SID, "on_bar", NOTHING, "bar")
    guard.call(SID, "on_tick", NOTHING, "bar")
    assert told == ["on_bar", "on_tick"]
    assert telemetry.slow_callbacks == 2


def test_durations_are_counted_before_too_many_wait(guard: TimeGuard, telemetry: Telemetry) -> None:
    for _ in range(FEW + 10):
        guard.call(SID, "on_bar", NOTHING, "bar")
    assert len(telemetry.noted[SID]) <= FEW
    assert telemetry.by_instance[SID].count == FEW + 10


class Instance:
    """What a guard sees of an instance: one hook, for texts."""

    def __init__(self, name: str, hook: Callable[[str], object] = str) -> None:
        self.strategy_id = StrategyId(name)
        self.called: dict[type, Callable[[str], object]] = {str: hook}
        self.failing_rows: dict[type, int] = {}
        self.touched: dict[StrategyId, object] | None = None
        self.port = self
        self.is_touched = False
        self.ended: list[object] = []

    def has_ended(self, view: object) -> bool:
        self.ended.append(view)
        return self.is_touched or bool(self.failing_rows)

    def has_raised(self, view: object, error: BaseException) -> bool:
        self.ended.append(error)
        return True


@pytest.mark.parametrize("times", [1, 2], ids=["the first", "while the timer runs"])
def test_many_are_called_in_turn_and_what_one_raises_stays_with_it(
    guard: TimeGuard, telemetry: Telemetry, clock: Time, times: int
) -> None:
    calls: list[str] = []
    touched: dict[StrategyId, object] = {}
    fails = Instance("fails", lambda view: calls.append("fails") or clock.spend(5))
    well = Instance("well", lambda view: calls.append("well"))
    well.touched = fails.touched = touched
    idle = Instance("idle")
    idle.called = {}
    asks = Instance("asks", lambda view: setattr(asks, "is_touched", True))
    noted: list[object] = []
    for _ in range(times):
        guard.call_each(
            [fails, well, idle, asks], "on_quote", "q", lambda one, _: noted.append(one)
        )
    assert calls == ["fails", "well"] * times
    assert all(isinstance(error, StrategyTimeout) for error in fails.ended)
    assert touched == {StrategyId("fails"): fails, StrategyId("well"): well}
    assert noted[-2:] == [fails, asks] and not idle.ended
    assert telemetry.timeouts == times
    assert {key: one.count for key, one in telemetry.by_instance.items()} == {
        StrategyId("fails"): times, StrategyId("well"): times, StrategyId("asks"): times
    }  # fmt: skip


def test_an_instance_of_which_something_is_to_be_noted_is_asked(guard: TimeGuard) -> None:
    well, failing = Instance("well"), Instance("failing")
    failing.failing_rows = {str: 1}
    guard.call(SID, "on_bar", NOTHING, "bar")
    noted: list[object] = []
    guard.call_each([well, failing], "on_quote", "quote", lambda one, view: noted.append(one))
    assert (well.ended, failing.ended, noted) == ([], ["quote"], [failing])


def test_what_no_instance_may_keep_ends_the_calls(guard: TimeGuard, telemetry: Telemetry) -> None:
    def interrupt(view: object) -> None:
        raise KeyboardInterrupt

    guard.call(SID, "on_bar", NOTHING, "bar")
    with pytest.raises(KeyboardInterrupt):
        guard.call_each([Instance("a", interrupt), Instance("b")], "on_quote", "quote", print)
    guard.call(SID, "on_bar", NOTHING, "bar")
    assert telemetry.by_instance[SID].count == 2
