"""When time itself must become an event: ticks on the 6 s grid, strategies' timers, wake-ups.

Heartbeat ``n`` is at ``n * HEARTBEAT_NS`` since the epoch. One is made only when an instance is due
or something asked to be woken. The schedule holds no clock: ``pop(now)`` is told the time. In
virtual time (replay, backtest) every due moment is delivered at its own time; in wall time a moment
that was slept through is delivered once, late, and the ticks that were missed are counted, never
made up for.
"""

from __future__ import annotations

import heapq
from decimal import Decimal, InvalidOperation
from typing import Final

from tradetui.domain.ids import StrategyId
from tradetui.domain.memory import TickMemory
from tradetui.domain.record import Record
from tradetui.domain.timers import HEARTBEAT_NS, Heartbeat, StrategyTimer
from tradetui.domain.units import I64_MAX, div_ceil, div_floor

NEVER: Final = I64_MAX
"""The due time of a schedule that waits for nothing."""

MAX_TICK_MINUTES: Final = 1_000_000
"""About two years; longer is a mistake."""

_HEARTBEATS_PER_MINUTE: Final = 10
_HALF: Final = Decimal("0.5")


class CadenceError(ValueError):
    """TICK_MINUTES is not a number above zero; the message says what it is."""


class TimerDue(Record, frozen=True):
    """A moment that has come: what to sequence, and its time (ns UTC)."""

    time: int
    payload: Heartbeat | StrategyTimer


class _Tick:
    """The cadence of one instance: a tick every ``steps`` heartbeats, next at number ``due``."""

    __slots__ = ("due", "last", "missed", "steps")

    def __init__(self, steps: int, due: int) -> None:
        self.steps = steps
        self.due = due
        self.last: int | None = None
        self.missed = 0


def heartbeat_steps(tick_minutes: object) -> int:
    """Return how many heartbeats lie between two ticks: ``max(1, floor(TICK_MINUTES * 10 + 0.5))``.

    Computed on the shortest decimal of the number, so that 2.1 is 21 and not what a binary float
    makes of it. Raises CadenceError unless it is a finite number above 0.
    """
    if isinstance(tick_minutes, bool) or not isinstance(tick_minutes, int | float | Decimal):
        raise CadenceError(f"TICK_MINUTES must be a number of minutes, not {tick_minutes!r:.40}")
    try:
        minutes = Decimal(str(tick_minutes))
    except InvalidOperation:  # a number with a text of its own, as a member of an Enum has
        raise CadenceError(f"TICK_MINUTES is not a number: {tick_minutes!r:.40}") from None
    if not minutes.is_finite() or minutes <= 0 or minutes > MAX_TICK_MINUTES:
        raise CadenceError(
            f"TICK_MINUTES must be above 0 and at most {MAX_TICK_MINUTES}, not {tick_minutes!r:.40}"
        )
    return max(1, int(minutes * _HEARTBEATS_PER_MINUTE + _HALF))


class Moment:
    """A single moment in the place of a schedule."""

    __slots__ = ("next_due",)

    def __init__(self, next_due: int) -> None:
        self.next_due = next_due


class HeartbeatSchedule:
    """All moments that will become timer events, in order of (time, kind, instance, name)."""

    def __init__(self, *, is_virtual: bool) -> None:
        self._is_virtual = is_virtual
        self._ticks: dict[StrategyId, _Tick] = {}
        self._timers: dict[tuple[StrategyId, str], tuple[int, int | None]] = {}
        self._timer_heap: list[tuple[int, StrategyId, str]] = []
        self._wakes: list[int] = []
        self._next_tick = NEVER
        self.next_due = NEVER
        """The earliest moment at which ``pop`` has something; the hot path compares with this
        alone.
        """

    def add(self, strategy_id: StrategyId, steps: int, now: int) -> None:
        """Tick an instance from the first heartbeat after ``now`` on, every ``steps``
        heartbeats.
        """
        assert steps >= 1
        self._ticks[strategy_id] = _Tick(steps, div_floor(now, HEARTBEAT_NS) + 1)
        self._refresh()

    def cadences(self) -> tuple[TickMemory, ...]:
        """Return when each instance ticks, in ascending id, for a later ``resume``."""
        return tuple(
            TickMemory(strategy_id, tick.steps, tick.due, tick.last, tick.missed)
            for strategy_id, tick in sorted(self._ticks.items())
        )

    def resume(self, known: TickMemory) -> None:
        """Go on with the cadence that an instance had, if it still has the same."""
        tick = self._ticks.get(known.strategy_id)
        if tick is not None and tick.steps == known.steps:
            tick.due, tick.last, tick.missed = known.due, known.last, known.missed
            self._refresh()

    def remove(self, strategy_id: StrategyId) -> None:
        """Forget an instance's ticks and all its timers."""
        self._ticks.pop(strategy_id, None)
        for key in [key for key in self._timers if key[0] == strategy_id]:
            del self._timers[key]
        self._refresh()

    def schedule(self, strategy_id: StrategyId, name: str, at: int, every: int | None) -> None:
        """Deliver a timer at a moment and, with ``every``, each so many ns after it; the same name
        replaces.
        """
        assert every is None or every > 0
        self._timers[(strategy_id, name)] = (at, every)
        heapq.heappush(self._timer_heap, (at, strategy_id, name))
        self._refresh()

    def unschedule(self, strategy_id: StrategyId, name: str) -> None:
        """Forget one timer; nothing happens if there is none."""
        if self._timers.pop((strategy_id, name), None) is not None:
            self._refresh()

    def wake_at(self, time: int) -> None:
        """Ask for a heartbeat at the first one at or after ``time``, though no instance
        may be due.
        """
        number = div_ceil(time, HEARTBEAT_NS)
        if number not in self._wakes:
            heapq.heappush(self._wakes, number)
            self._refresh()

    def next_tick(self, strategy_id: StrategyId) -> int | None:
        """Return when an instance ticks next (ns UTC), None if it does not tick."""
        tick = self._ticks.get(strategy_id)
        return None if tick is None else tick.due * HEARTBEAT_NS

    def last_tick(self, strategy_id: StrategyId) -> int | None:
        """Return when an instance last ticked (ns UTC), None before the first."""
        tick = self._ticks.get(strategy_id)
        return None if tick is None or tick.last is None else tick.last * HEARTBEAT_NS

    def tick_steps(self, strategy_id: StrategyId) -> int | None:
        """Return how many heartbeats an instance's ticks are apart, None if it has none."""
        tick = self._ticks.get(strategy_id)
        return None if tick is None else tick.steps

    def missed_ticks(self, strategy_id: StrategyId) -> int:
        """Return how many ticks of an instance were slept through and not made up for."""
        tick = self._ticks.get(strategy_id)
        return 0 if tick is None else tick.missed

    def pop(self, now: int) -> TimerDue | None:
        """Take the earliest moment at or before ``now``; None when there is no more.

        At one time the heartbeat comes before timers, and timers in ascending (instance, name).
        """
        if self.next_due > now:
            return None
        timer_time = self._timer_heap[0][0] if self._timer_heap else NEVER
        beat_time = self._beat_time()
        due = self._pop_beat(now) if beat_time <= timer_time else self._pop_timer(now)
        self._refresh()
        return due

    def _beat_time(self) -> int:
        wake = self._wakes[0] * HEARTBEAT_NS if self._wakes else NEVER
        return min(self._next_tick, wake)

    def _pop_beat(self, now: int) -> TimerDue:
        number = div_floor(self._beat_time(), HEARTBEAT_NS)
        if not self._is_virtual:
            number = div_floor(now, HEARTBEAT_NS)
        while self._wakes and self._wakes[0] <= number:
            heapq.heappop(self._wakes)
        due: list[StrategyId] = []
        for strategy_id in sorted(self._ticks):
            tick = self._ticks[strategy_id]
            if tick.due > number:
                continue
            skipped = div_floor(number - tick.due, tick.steps)
            tick.missed += skipped
            tick.last = number
            tick.due += (skipped + 1) * tick.steps
            due.append(strategy_id)
        return TimerDue(number * HEARTBEAT_NS, Heartbeat(number, tuple(due)))

    def _pop_timer(self, now: int) -> TimerDue:
        at, strategy_id, name = heapq.heappop(self._timer_heap)
        every = self._timers[(strategy_id, name)][1]
        if every is None:
            del self._timers[(strategy_id, name)]
        else:
            following = at + every
            if not self._is_virtual and following <= now:
                following += (div_floor(now - following, every) + 1) * every
            self._timers[(strategy_id, name)] = (following, every)
            heapq.heappush(self._timer_heap, (following, strategy_id, name))
        return TimerDue(at, StrategyTimer(strategy_id, name))

    def _refresh(self) -> None:
        """Drop dead timers from the top of the heap and find the earliest moment."""
        heap = self._timer_heap
        while heap:
            at, strategy_id, name = heap[0]
            known = self._timers.get((strategy_id, name))
            if known is not None and known[0] == at:
                break
            heapq.heappop(heap)
        self._next_tick = min(
            (tick.due * HEARTBEAT_NS for tick in self._ticks.values()), default=NEVER
        )
        self.next_due = min(self._beat_time(), heap[0][0] if heap else NEVER)
