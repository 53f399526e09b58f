"""The time budget of callbacks: a warning beyond the soft one, an interruption at the hard one.

The hard limit is an interval timer (SIGALRM): its handler raises ``StrategyTimeout`` in the main
thread, inside the callback, and again every quarter of a second until the callback has ended, for
code that catches everything. Code that never comes back to the interpreter (an endless call into C)
is beyond it.

Setting a timer is a call into the kernel, and callbacks come by the thousand: so it is set by one
and left running. When it goes off during another callback, it is set to that one's limit; outside
of all it is let go. A timer that somebody else had running goes on after each callback.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any, Final

from tradetui.domain.ids import StrategyId
from tradetui.domain.units import NANOS_PER_SECOND
from tradetui.engine.guard import Called, Handlers
from tradetui.runtime.telemetry import FEW, Telemetry
from tradetui.strategy.errors import StrategyTimeout

SOFT_BUDGET_NS: Final = 50_000_000
HARD_BUDGET_NS: Final = 2 * NANOS_PER_SECOND
_AGAIN_SECONDS: Final = 0.25
_SOON_NS: Final = 1_000_000
_SMALLEST_SECONDS: Final = 1e-6

SlowCallback = Callable[[StrategyId, str, int], None]
"""Told of (instance, hook, duration in ns)."""


class TimeGuard:
    """Implements ``engine.guard.CallbackGuard``. ``install`` and ``remove`` frame its use.

    Outside the main thread, or with ``hard_ns`` None, only the soft budget is watched.
    """

    def __init__(
        self,
        telemetry: Telemetry,
        *,
        soft_ns: int = SOFT_BUDGET_NS,
        hard_ns: int | None = HARD_BUDGET_NS,
        on_slow: SlowCallback | None = None,
    ) -> None:
        self._telemetry = telemetry
        self._noted = telemetry.noted
        self._soft_ns = soft_ns
        self._hard_ns = hard_ns
        self._on_slow = on_slow
        self._limit = soft_ns if hard_ns is None else min(soft_ns, hard_ns)
        """What takes longer is more than a duration to be counted."""
        self._depth = 0
        self._strategy_id = StrategyId("")
        self._hook = ""
        self._started = 0
        self._before: tuple[float, float] = (0.0, 0.0)
        """What was left of somebody else's timer when the callback began."""
        self._is_running = False
        """Our timer is set, with nobody else's to go back to."""
        self._is_inside = False
        """The callback's own code runs: only that is interrupted, never our bookkeeping."""
        self._previous: Any = None
        self._is_installed = False
        self._has_fired = False

    def install(self) -> None:
        """Take over SIGALRM; does nothing outside the main thread or without a hard limit."""
        in_main = threading.current_thread() is threading.main_thread()
        if self._is_installed or self._hard_ns is None or not in_main:
            return
        self._previous = signal.signal(signal.SIGALRM, self._on_alarm)
        self._is_installed = True

    def remove(self) -> None:
        """Give SIGALRM back."""
        if self._is_installed:
            if self._is_running:
                self._is_running = False
                signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, self._previous or signal.SIG_DFL)
            self._is_installed = False

    def enter(self, strategy_id: StrategyId, hook: str) -> None:
        """A callback begins now. Inside another one it counts as a part of it."""
        self._depth += 1
        if self._depth > 1:
            return
        self._strategy_id = strategy_id
        self._hook = hook
        self._started = time.perf_counter_ns()
        if self._is_installed and not self._is_running:
            self._is_running = True
            self._before = self._set_timer(self._hard_ns or 0)
            self._is_running = not self._before[0]
        self._is_inside = True

    def leave(self) -> None:
        """It is over."""
        if self._depth > 1:
            self._depth -= 1
            return
        self._is_inside = False
        self._depth = 0
        duration = time.perf_counter_ns() - self._started
        if self._before[0]:
            self._restore_timer(duration)
        self._note(duration)

    def call(self, strategy_id: StrategyId, hook: str, handlers: Handlers, view: Any) -> None:
        """Call a handler between ``enter`` and ``leave``, which are written out here: callbacks
        come by the thousand. Only the one that sets the timer goes the long way.
        """
        if self._depth or (self._is_installed and not self._is_running):
            self.enter(strategy_id, hook)
            try:
                handlers[view.__class__](view)
            finally:
                self.leave()
            return
        self._depth = 1
        self._strategy_id = strategy_id
        self._hook = hook
        self._started = started = time.perf_counter_ns()
        self._is_inside = True
        try:
            handlers[view.__class__](view)
        finally:
            self._is_inside = False
            self._depth = 0
            duration = time.perf_counter_ns() - started
            noted = self._noted.get(strategy_id)
            if noted is None or len(noted) >= FEW or self._has_fired or duration > self._soft_ns:
                self._note(duration)
            else:
                noted.append(duration)

    def call_each(
        self, called: Sequence[Called], hook: str, view: Any, note: Callable[[Any, Any], None]
    ) -> None:
        """Call a hook of many, ``enter`` and ``leave`` being written out here too: the clock is
        read twice for each, and that is nearly all that goes with a callback.
        """
        if self._depth or (self._is_installed and not self._is_running):
            self._call_apart(called, hook, view, note)
            return
        clock, known, kind, limit = time.perf_counter_ns, self._noted, view.__class__, self._limit
        self._hook = hook
        self._depth = 1
        try:
            for one in called:
                handler = one.called.get(kind)
                if handler is None:
                    continue
                self._strategy_id = strategy_id = one.strategy_id
                if one.touched is not None:
                    one.touched[strategy_id] = one
                self._started = started = clock()
                self._is_inside = True
                try:
                    handler(view)
                except (Exception, SystemExit, StrategyTimeout) as error:  # noqa: BLE001 - isolation edge
                    self._is_inside = False
                    self._note(clock() - started)
                    if one.has_raised(view, error):
                        note(one, view)
                    continue
                self._is_inside = False
                duration = clock() - started
                noted = known.get(strategy_id)
                if noted is None or duration > limit or len(noted) >= FEW:
                    self._note(duration)
                else:
                    noted.append(duration)
                if (one.port.is_touched or one.failing_rows) and one.has_ended(view):
                    note(one, view)
        finally:
            self._is_inside = False
            self._depth = 0

    def _call_apart(
        self, called: Sequence[Called], hook: str, view: Any, note: Callable[[Any, Any], None]
    ) -> None:
        """The same where the timer is to be set, or another callback is under way."""
        for one in called:
            if view.__class__ not in one.called:
                continue
            if one.touched is not None:
                one.touched[one.strategy_id] = one
            try:
                self.call(one.strategy_id, hook, one.called, view)
            except (Exception, SystemExit, StrategyTimeout) as raised:  # noqa: BLE001 - isolation edge
                is_to_note = one.has_raised(view, raised)
            else:
                is_to_note = one.has_ended(view)
            if is_to_note:
                note(one, view)

    def _note(self, duration: int) -> None:
        """Count the callback that is over, and say it if it was slow."""
        self._telemetry.note_callback(self._strategy_id, duration)
        if self._has_fired:
            self._has_fired = False
            self._telemetry.timeouts += 1
        if duration > self._soft_ns:
            self._telemetry.slow_callbacks += 1
            if self._on_slow is not None:
                self._on_slow(self._strategy_id, self._hook, duration)

    def _set_timer(self, duration: int) -> tuple[float, float]:
        seconds = max(duration / NANOS_PER_SECOND, _SMALLEST_SECONDS)
        return signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN_SECONDS)

    def _restore_timer(self, duration: int) -> None:
        left, interval = self._before
        self._before = (0.0, 0.0)
        left = max(left - duration / NANOS_PER_SECOND, _SMALLEST_SECONDS)
        signal.setitimer(signal.ITIMER_REAL, left, interval)

    def _on_alarm(self, number: int, frame: FrameType | None) -> None:
        """Interrupt the callback under way if its time is over; outside of one the alarm is
        somebody else's, or the end of our timer.
        """
        if not self._depth:
            if self._is_running:
                self._is_running = False
                signal.setitimer(signal.ITIMER_REAL, 0)
            elif callable(self._previous):
                self._previous(number, frame)
            return
        left = (self._hard_ns or 0) - (time.perf_counter_ns() - self._started)
        if left > 0 or not self._is_inside:
            self._set_timer(max(left, _SOON_NS))
            return
        self._has_fired = True
        budget = (self._hard_ns or 0) / NANOS_PER_SECOND
        raise StrategyTimeout(f"ran longer than {budget:g} s and was interrupted")
