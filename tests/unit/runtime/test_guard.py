from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from tradetui.domain.ids import StrategyId
from tradetui.runtime.guard import TimeGuard
from tradetui.runtime.telemetry import FEW, Telemetry
from tradetui.strategy.errors import StrategyTimeout

SID = StrategyId("s")
MS = 1_000_000
NOTHING: dict[type, Callable[[object], None]] = {str: lambda view: None}


@pytest.fixture
def telemetry() -> Telemetry:
    return Telemetry()


@pytest.fixture
def guard(telemetry: Telemetry) -> Iterator[TimeGuard]:
    guard = TimeGuard(telemetry, soft_ns=1_000 * MS, hard_ns=20 * MS)
    guard.install()
    yield guard
    guard.remove()


def spin(seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass


def test_a_quick_callback_is_measured(guard: TimeGuard, telemetry: Telemetry) -> None:
    guard.enter(SID, "on_bar")
    guard.leave()
    assert telemetry.by_instance[SID].count == 1
    assert telemetry.slow_callbacks == 0


def test_a_callback_over_the_hard_limit_is_interrupted(
    guard: TimeGuard, telemetry: Telemetry
) -> None:
    guard.enter(SID, "on_tick")
    with pytest.raises(StrategyTimeout, match=r"^ran longer than 0\.02 s"):
        spin(5)
    guard.leave()
    assert telemetry.timeouts == 1


def test_code_that_catches_everything_is_interrupted_again(guard: TimeGuard) -> None:
    caught = 0
    guard.enter(SID, "on_tick")
    try:
        while caught < 2:
            try:
                spin(5)
            except BaseException:  # noqa: BLE001 - what such code does
                caught += 1
    finally:
        guard.leave()
    assert caught == 2


def test_nothing_fires_outside_a_callback(guard: TimeGuard) -> None:
    guard.enter(SID, "on_tick")
    guard.leave()
    spin(0.05)
    guard.enter(SID, "on_tick")
    guard.leave()


def test_one_timer_serves_many_callbacks_and_is_let_go(
    guard: TimeGuard, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = signal.setitimer, []

    def counted(*values: float) -> tuple[float, float]:
        calls.append(values[1])
        return real(*values)  # type: ignore[arg-type]

    monkeypatch.setattr(signal, "setitimer", counted)
    for _ in range(100):
        guard.enter(SID, "on_bar")
        guard.leave()
    assert len(calls) == 1
    spin(0.06)
    assert calls[-1] == 0
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


def test_a_timer_set_by_an_earlier_callback_leaves_a_later_one_its_time(
    telemetry: Telemetry,
) -> None:
    guard = TimeGuard(telemetry, hard_ns=400 * MS)
    guard.install()
    try:
        guard.enter(SID, "on_bar")
        guard.leave()
        spin(0.3)
        guard.enter(SID, "on_tick")
        spin(0.2)  # the first one's timer goes off in here
        guard.leave()
        guard.enter(SID, "on_tick")
        with pytest.raises(StrategyTimeout):
            spin(5)
        guard.leave()
    finally:
        guard.remove()
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


def test_our_own_bookkeeping_is_never_interrupted(guard: TimeGuard) -> None:
    guard.enter(SID, "on_bar")
    guard._is_inside = False
    spin(0.06)  # over its time, but not in the callback's own code
    guard.leave()


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


def test_nested_callbacks_count_as_one(guard: TimeGuard, telemetry: Telemetry) -> None:
    guard.enter(SID, "on_tick")
    guard.enter(SID, "render")
    guard.leave()
    with pytest.raises(StrategyTimeout):
        spin(5)
    guard.leave()
    assert telemetry.by_instance[SID].count == 1


def test_somebody_elses_timer_goes_on(telemetry: Telemetry) -> None:
    fired: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda number, frame: fired.append(number))
    old = signal.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        guard = TimeGuard(telemetry, hard_ns=2_000 * MS)
        guard.install()
        guard.enter(SID, "on_tick")
        guard.leave()
        assert 0 < signal.getitimer(signal.ITIMER_REAL)[0] <= 0.05
        spin(0.1)
        guard.remove()
        assert fired == [signal.SIGALRM]
    finally:
        signal.signal(signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, *old)


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
    guard: TimeGuard, telemetry: Telemetry
) -> None:
    for number in (1, 2):
        guard.call(SID, "on_bar", NOTHING, "bar")
        with pytest.raises(StrategyTimeout, match=r"^ran longer than 0\.02 s"):
            guard.call(SID, "on_tick", {int: spin}, 5)
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
    guard: TimeGuard, telemetry: Telemetry, times: int
) -> None:
    calls: list[str] = []
    touched: dict[StrategyId, object] = {}
    fails = Instance("fails", lambda view: calls.append("fails") or spin(5))
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
