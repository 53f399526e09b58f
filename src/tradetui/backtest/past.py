"""What was known at steps far apart, looked up without making the steps between them again.

A kernel at the beginning of the span, whose marks, instruments and instances are led on from the
record. Everything else in its state stays as it was there: who needs more makes the steps again
(``state_at``).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tradetui.backtest.recorded import RecordedRun
from tradetui.backtest.state_at import state_at
from tradetui.core.market import price_mark, quote_mark
from tradetui.core.state import KernelState, Mark
from tradetui.domain.control import InstanceLoaded, InstanceUnloaded
from tradetui.domain.envelope import Envelope
from tradetui.domain.ids import InstrumentId, StrategyId
from tradetui.domain.market_data import Bar, InstrumentUpdated, Quote, Trade
from tradetui.domain.steps import StepRecord


class Past:
    """A state at one step after another of a run, each time as far as was asked for.

    What it knows after ``lead``: the *prices* of the marks that were named. It takes it that no
    item was from the future of its own arrival, so that the walk back may end where an arrival is
    older than the price found.
    """

    def __init__(self, run: RecordedRun, first: int) -> None:
        """Begin before step ``first``; raises ReplayError where that cannot be made again."""
        self.state: KernelState = state_at(run, first - 1).kernel.state
        self.markets: dict[StrategyId, InstrumentId] = {
            key: one.instrument_id for key, one in self.state.instances.items()
        }
        """The market of each instance that runs."""
        self._run = run
        self._begin = first - 1
        self._known: dict[InstrumentId, int] = {}
        """The step up to which a mark has been led on."""

    def take(self, step: StepRecord) -> None:
        """Take in a step in which more happened than that a price passed by."""
        payload: Any = step.event.payload
        if step.result.diagnostics or step.result.is_duplicate:
            return
        if isinstance(payload, InstrumentUpdated):
            self.state.instruments[payload.instrument.instrument_id] = payload.instrument
        elif isinstance(payload, InstanceLoaded):
            self.markets[payload.strategy_id] = payload.instrument_id
        elif isinstance(payload, InstanceUnloaded):
            self.markets.pop(payload.strategy_id, None)

    def lead(self, instruments: Iterable[InstrumentId], seq_id: int) -> None:
        """Make the prices of some marks those after step ``seq_id``, which never goes back."""
        walks = {}
        for key in instruments:
            if self._known.get(key, self._begin) < seq_id:
                walks[key] = _Walk(self._known.get(key, self._begin))
        pending = dict(walks)
        if not pending:
            return
        for step in self._run.backwards(seq_id, self._begin + 1):
            event = step.event
            walk = pending.get(event.instrument)
            if walk is not None and not step.result.is_duplicate:
                walk.add(event)
            for key in [key for key, walk in pending.items() if walk.is_over(event)]:
                del pending[key]
            if not pending:
                break
        for key, walk in walks.items():
            mark = walk.mark(self.state.marks.get(key))
            if mark is not None:
                self.state.marks[key] = mark
            self._known[key] = seq_id


class _Walk:
    """The items of one instrument, from the newest back to where its price is certain."""

    def __init__(self, known: int) -> None:
        self._known = known
        self._items: list[Envelope] = []
        self._sure: int | None = None
        """The newest time of an item that sets the price whatever it was, unless one before it is
        newer.
        """
        self._is_sure = False

    def add(self, event: Envelope) -> None:
        """Take in the next older step of the instrument."""
        payload, time = event.payload, event.event_time
        if event.seq_id <= self._known or not isinstance(payload, Bar | Trade | Quote):
            return
        if isinstance(payload, Bar) and payload.warmup_for is not None:
            return
        self._items.append(event)
        if not isinstance(payload, Quote) or (payload.bid and payload.ask):
            self._sure = time if self._sure is None else max(self._sure, time)
        elif self._sure is not None and time > self._sure:
            # Half a quote keeps the price of before it, and what is sure so far came too late.
            self._sure = None

    def is_over(self, event: Envelope) -> bool:
        """Tell whether nothing before a step can change the price any more."""
        self._is_sure = self._sure is not None and event.ingest_time <= self._sure
        return self._is_sure or event.seq_id <= self._known + 1

    def mark(self, known: Mark | None) -> Mark | None:
        """Return the mark after all items; ``known`` is the one of before the walk."""
        mark = None if self._is_sure else known
        for event in reversed(self._items):
            mark = _moved(mark, event) or mark
        return mark


def _moved(old: Mark | None, event: Envelope) -> Mark | None:
    """Return the mark that an item makes, None where it makes none."""
    payload = event.payload
    if isinstance(payload, Bar):
        return price_mark(old, payload.close, event)
    if isinstance(payload, Trade):
        return price_mark(old, payload.price, event)
    assert isinstance(payload, Quote)
    return quote_mark(old, payload, event)
