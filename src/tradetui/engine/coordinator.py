"""The state coordinator: what is observed and derived beside the kernel's own state.

Three registrations, each by name: an *observation* keeps the newest value that some events carry; a
*projection* is computed from the step's shared snapshot when it is asked for, at most once a step;
an *indicator* is fed with the closed bars of one market and timeframe.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from tradetui.core.view import Snapshot
from tradetui.domain.envelope import Envelope
from tradetui.domain.ids import InstrumentId
from tradetui.engine.host import StrategyHost
from tradetui.strategy.feeds import BarFeed, bars
from tradetui.strategy.indicators.base import CloseIndicator

Observe = Callable[[Envelope], Any]
"""Returns the value that an event carries, None when it carries none."""

Project = Callable[[Snapshot], Any]

_BARS_PER_STEP: Final = 2
"""One step closes at most the bar that a gap left open, and its own."""


class StateCoordinator:
    """Owns observations, projections and indicators, and hands out the step's one snapshot."""

    def __init__(self, host: StrategyHost) -> None:
        self._host = host
        self._observations: dict[str, tuple[Observe, Any]] = {}
        self._projections: dict[str, tuple[Project, int, Any]] = {}
        self._indicators: dict[str, tuple[BarFeed, CloseIndicator]] = {}

    @property
    def snapshots_materialised(self) -> int:
        """How many steps had their snapshot looked at: at most one each."""
        return self._host.snapshots_taken

    def snapshot(self) -> Snapshot:
        """Return the shared snapshot of the newest step."""
        return self._host.snapshot()

    def add_observation(self, name: str, observe: Observe) -> None:
        """Keep the newest value that ``observe`` finds in an event."""
        self._check_new(name)
        self._observations[name] = (observe, None)

    def add_projection(self, name: str, project: Project) -> None:
        """Compute a value from the shared snapshot when it is asked for."""
        self._check_new(name)
        self._projections[name] = (project, -1, None)

    def add_indicator(
        self, name: str, instrument_id: InstrumentId, timeframe: str, indicator: CloseIndicator
    ) -> None:
        """Feed an indicator with the closes of one market and timeframe: what is kept,
        then each.
        """
        self._check_new(name)
        desk = self._host.market.desks[instrument_id]
        feed = BarFeed(name, bars(timeframe), desk.instrument)
        feed.attach(indicator)
        desk.want(feed.timeframe_ns)
        self._indicators[name] = (feed, indicator)
        self._feed(feed)

    def observation(self, name: str) -> Any:
        """Return the newest value observed, None before the first."""
        return self._observations[name][1]

    def projection(self, name: str) -> Any:
        """Return the value of a projection for the newest step."""
        project, seq_id, value = self._projections[name]
        snapshot = self._host.snapshot()
        if seq_id != snapshot.snapshot_id:
            value = project(snapshot)
            self._projections[name] = (project, snapshot.snapshot_id, value)
        return value

    def indicator(self, name: str) -> CloseIndicator:
        """Return an indicator as it is after the newest closed bar."""
        return self._indicators[name][1]

    def on_step(self, envelope: Envelope) -> None:
        """Take in a step that is over."""
        for name, (observe, _) in self._observations.items():
            value = observe(envelope)
            if value is not None:
                self._observations[name] = (observe, value)
        for feed, _ in self._indicators.values():
            self._feed(feed)

    def _feed(self, feed: BarFeed) -> None:
        series = self._host.market.desks[feed.instrument_id].series[feed.timeframe_ns]
        newest = series.last()
        last = feed.last
        if newest is None or (last is not None and newest.close_time <= last.close_time):
            return
        for bar in series.newest(len(series) if last is None else _BARS_PER_STEP):
            if last is None or bar.close_time > last.close_time:
                feed.push(bar)

    def _check_new(self, name: str) -> None:
        for table in (self._observations, self._projections, self._indicators):
            if name in table:
                raise ValueError(f"{name} is registered already; names are unique")
