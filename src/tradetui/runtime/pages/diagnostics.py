"""Diagnostics: queues, lag, latencies, drops, and how long each instance's callbacks take."""

from __future__ import annotations

import resource
from pathlib import Path
from typing import Final

from tradetui.domain.pages import CallbackLine, DiagnosticsPage
from tradetui.domain.replica import InstanceView
from tradetui.domain.units import NANOS_PER_SECOND, div_floor
from tradetui.runtime.inbox import Inbox
from tradetui.runtime.telemetry import Histogram, Telemetry

_KIB: Final = 1024


class Rate:
    """Steps a second between two looks."""

    def __init__(self) -> None:
        self._steps = 0
        self._wall = 0

    def of(self, steps: int, wall: int) -> int | None:
        """Return the rate since the last look, None at the first."""
        passed, done = wall - self._wall, steps - self._steps
        is_first = self._wall == 0
        self._steps, self._wall = steps, wall
        if is_first or passed <= 0:
            return None
        return div_floor(done * NANOS_PER_SECOND, passed)


def diagnostics_page(
    telemetry: Telemetry,
    inbox: Inbox,
    instances: tuple[InstanceView, ...],
    *,
    now: int,
    rate: int | None,
    journal_waits: int,
) -> DiagnosticsPage:
    """Return the page as of now."""
    figures = telemetry.snapshot()
    disk, verified = figures.disk, figures.verified
    return DiagnosticsPage(
        now=now,
        steps=figures.steps,
        steps_per_second=rate,
        event_lag=figures.event_lag,
        queue_depth=len(inbox),
        queue_capacity=inbox.capacity,
        queue_deepest=figures.deepest_queue,
        queue_policy=figures.queue_policy,
        drops=figures.drops,
        conflated=figures.conflated,
        transition_failures=figures.transition_failures,
        invalid_attempts=figures.invalid_attempts,
        slow_callbacks=figures.slow_callbacks,
        timeouts=figures.timeouts,
        commit_p50=telemetry.commits.percentile(50),
        commit_p99=telemetry.commits.percentile(99),
        journal_waits=journal_waits,
        memory=resident_memory(),
        callbacks=tuple(_callbacks(telemetry, view) for view in instances if view.is_loaded),
        journal_size=None if disk is None else disk.journal,
        disk_free=None if disk is None else disk.free,
        journal_growth=None if disk is None else disk.per_day,
        days_to_cap=None if disk is None else disk.days_to_cap,
        days_to_full=None if disk is None else disk.days_to_full,
        reordered=figures.reordered,
        late=figures.late,
        malformed=figures.malformed,
        verified_at=None if verified is None else verified.time,
        verified_steps=0 if verified is None else verified.steps,
        journal_faults=0 if verified is None else verified.faults,
    )


def _callbacks(telemetry: Telemetry, view: InstanceView) -> CallbackLine:
    found = telemetry.by_instance.get(view.strategy_id) or Histogram()
    return CallbackLine(
        view.strategy_id,
        view.mode,
        view.state,
        found.count,
        found.percentile(50),
        found.percentile(95),
        found.percentile(99),
        found.highest,
        telemetry.errors.get(view.strategy_id, 0),
    )


def resident_memory() -> int | None:
    """Return the resident memory of this process in bytes (its peak where only that is known)."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
        return pages * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIB
