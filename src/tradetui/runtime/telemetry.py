"""Measurements of the running engine: how late, how deep, how slow, how often refused.

Latencies go into histograms of fixed size, four buckets to each power of two: a percentile is at
most 25 % too high, whatever was measured and however long.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

from tradetui.domain.enums import CallbackOutcome
from tradetui.domain.ids import StrategyId
from tradetui.domain.reasons import Reason
from tradetui.domain.steps import QUIET, StepRecord
from tradetui.ports.market_data import EdgeCounts

_EXACT: Final = 8
FEW: Final = 1_023
"""While fewer durations of an instance wait to be counted, one more may be added."""
_BUCKETS: Final = 200
"""Four buckets to each power of two: the last one begins at about a week."""


class Histogram:
    """Durations in ns, counted in buckets."""

    __slots__ = ("_counts", "_tail", "count", "highest")

    def __init__(self) -> None:
        self._counts = [0] * _BUCKETS
        self.count = 0
        self.highest = 0
        self._tail = (0, 0)

    def add(self, duration_ns: int) -> None:
        """Count one duration; a negative one counts as 0."""
        duration_ns = max(duration_ns, 0)
        self._counts[_bucket_of(duration_ns)] += 1
        self.count += 1
        self.highest = max(self.highest, duration_ns)

    def add_all(self, durations: list[int]) -> None:
        """Count many durations (at least one); cheaper for each than ``add``."""
        counts = self._counts
        ordered = sorted(durations)
        count = len(ordered)
        done = 0
        while done < count:
            bucket = _bucket_of(ordered[done])
            before = done
            done = count
            if bucket < _BUCKETS - 1:
                done = bisect_right(ordered, _end_of(bucket), before)
            counts[bucket] += done - before
        self.count += count
        self.highest = max(self.highest, ordered[-1])

    def percentile(self, percent: int) -> int:
        """Return the duration that ``percent`` of all did not exceed (the end of its bucket, at
        most the highest); 0 when nothing was counted.
        """
        wanted = -(-self.count * percent // 100)
        seen = 0
        for bucket, number in enumerate(self._counts):
            seen += number
            if number and seen >= wanted:
                return min(_end_of(bucket), self.highest)
        return self.highest

    def tail(self) -> int:
        """Return ``percentile(99)`` as it was when there was at most a sixteenth less: for rows
        that are built several times a second.
        """
        counted, value = self._tail
        if self.count - counted > counted >> 4:
            value = self.percentile(99)
            self._tail = (self.count, value)
        return value


def _bucket_of(duration_ns: int) -> int:
    """Return the bucket of a duration."""
    if duration_ns < _EXACT:
        return duration_ns if duration_ns > 0 else 0
    shift = duration_ns.bit_length() - 3
    bucket = 4 * shift + (duration_ns >> shift)
    return bucket if bucket < _BUCKETS else _BUCKETS - 1


def _end_of(bucket: int) -> int:
    """Return the largest duration that falls into a bucket."""
    if bucket < _EXACT:
        return bucket
    shift, mantissa = bucket // 4 - 1, 4 + bucket % 4
    return ((mantissa + 1) << shift) - 1


@dataclass(frozen=True, slots=True)
class DiskUse:
    """What the journal takes and what is free, in bytes; growth in bytes a day of running and the
    days until the journal's cap and the disk's end: None when that is not known yet.
    """

    journal: int
    free: int
    per_day: int | None
    days_to_cap: int | None
    days_to_full: int | None


@dataclass(frozen=True, slots=True)
class VerifiedJournal:
    """The last check of the whole journal: when (ns UTC), of how many steps, and what was found not
    to be as it was written.
    """

    time: int
    steps: int
    faults: int


@dataclass(frozen=True, slots=True)
class TelemetrySnapshot:
    """The measurements at one moment; durations in ns."""

    event_lag: int
    queue_depth: int
    queue_policy: str
    deepest_queue: int
    drops: int
    conflated: int
    transition_failures: int
    invalid_attempts: int
    slow_callbacks: int
    timeouts: int
    journal_latency: int | None
    steps: int
    disk: DiskUse | None = None
    reordered: int = 0
    late: int = 0
    malformed: int = 0
    verified: VerifiedJournal | None = None


class Telemetry:
    """Collects; reading it changes nothing."""

    def __init__(self) -> None:
        self.commits = Histogram()
        self._by_instance: dict[StrategyId, Histogram] = {}
        self.noted: dict[StrategyId, list[int]] = {}
        """Durations of callbacks that are not in the histograms yet: callbacks come by the
        thousand, and are looked at a few times a second.
        """
        self.errors: dict[StrategyId, int] = {}
        """Callbacks that raised or took too long."""
        self.event_lag = 0
        self.queue_depth = 0
        self.queue_policy = ""
        self.deepest_queue = 0
        self.drops = 0
        self.conflated = 0
        self.transition_failures = 0
        """Reports and intents that asked for a move the order table does not have."""
        self.invalid_attempts = 0
        """Intents that were malformed, unknown or not the instance's own."""
        self.slow_callbacks = 0
        self.timeouts = 0
        self.journal_latency: int | None = None
        self.steps = 0
        self.disk: DiskUse | None = None
        """As the last chore measured it."""
        self.verified: VerifiedJournal | None = None
        """What the last check of the whole journal came to; None: there was none yet."""
        self.edges: tuple[EdgeCounts, ...] = ()
        """What was put in order, or dropped, between each feed and the queue."""

    def note_callback(self, strategy_id: StrategyId, duration_ns: int) -> None:
        """Count one callback of an instance."""
        noted = self.noted.get(strategy_id)
        if noted is None:
            noted = self.noted[strategy_id] = []
        noted.append(duration_ns)
        if len(noted) > FEW:
            self._count(strategy_id, noted)

    @property
    def by_instance(self) -> dict[StrategyId, Histogram]:
        """How long callbacks took, by instance."""
        self._count_noted()
        return self._by_instance

    def callback_tail(self, strategy_id: StrategyId) -> int | None:
        """Return what 99 of 100 callbacks of an instance did not exceed (``Histogram.tail``); None
        before the first.
        """
        noted = self.noted.get(strategy_id)
        if noted:
            self._count(strategy_id, noted)
        histogram = self._by_instance.get(strategy_id)
        return None if histogram is None else histogram.tail()

    def _count_noted(self) -> None:
        for strategy_id, noted in self.noted.items():
            if noted:
                self._count(strategy_id, noted)

    def _count(self, strategy_id: StrategyId, noted: list[int]) -> None:
        histogram = self._by_instance.get(strategy_id)
        if histogram is None:
            histogram = self._by_instance[strategy_id] = Histogram()
        histogram.add_all(noted)
        noted.clear()

    def note_step(self, record: StepRecord) -> None:
        """Count what a step says of refused moves."""
        self.steps += 1
        if record.result is QUIET:
            return
        for diagnostic in record.result.diagnostics:
            if diagnostic.code is Reason.ILLEGAL_TRANSITION:
                self.transition_failures += 1
        for decision in record.decisions:
            if decision.reason in _INVALID:
                self.invalid_attempts += 1
        for callback in record.result.callbacks:
            if callback.outcome is not CallbackOutcome.OK:
                self.errors[callback.strategy_id] = self.errors.get(callback.strategy_id, 0) + 1

    def note_commit(self, duration_ns: int) -> None:
        """Count one commit of the journal."""
        self.commits.add(duration_ns)
        self.journal_latency = duration_ns

    def note_drain(self, *, lag_ns: int, depth: int) -> None:
        """Note how late the newest drained event was, and how many wait."""
        self.event_lag = max(lag_ns, 0)
        self.queue_depth = depth

    def forget(self, strategy_id: StrategyId) -> None:
        """Drop the histogram of an instance that is gone."""
        self._count_noted()
        self.noted.pop(strategy_id, None)
        self._by_instance.pop(strategy_id, None)
        self.errors.pop(strategy_id, None)

    def snapshot(self) -> TelemetrySnapshot:
        """Return the measurements of now."""
        return TelemetrySnapshot(
            event_lag=self.event_lag,
            queue_depth=self.queue_depth,
            queue_policy=self.queue_policy,
            deepest_queue=self.deepest_queue,
            drops=self.drops,
            conflated=self.conflated,
            transition_failures=self.transition_failures,
            invalid_attempts=self.invalid_attempts,
            slow_callbacks=self.slow_callbacks,
            timeouts=self.timeouts,
            journal_latency=self.journal_latency,
            steps=self.steps,
            disk=self.disk,
            verified=self.verified,
            reordered=sum(edge.reordered for edge in self.edges),
            late=sum(edge.late for edge in self.edges),
            malformed=sum(edge.malformed for edge in self.edges),
        )


_INVALID: Final = (
    Reason.SCHEMA,
    Reason.UNKNOWN_INSTRUMENT,
    Reason.UNKNOWN_ORDER,
    Reason.NOT_OWNER,
    Reason.DUPLICATE_ID,
)
