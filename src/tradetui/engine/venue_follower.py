"""Brings the simulated venue through recorded steps: to where it was when the last one was written.

The venue is given what it was given then (items, commands, time) in the same order; what it answers
must be the reports that were recorded. An item that was shown and whose reports came before its own
step is found by looking ahead in the feed; opens of bars are in the feed alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from tradetui.core.venue.venue import SimulatedVenue
from tradetui.domain.control import InstanceLoaded, InstanceUnloaded, ModeChanged
from tradetui.domain.enums import InstanceMode, Source
from tradetui.domain.envelope import Envelope, Payload, Unsequenced
from tradetui.domain.ids import RouteId, StrategyId, is_shadow, shadow_route
from tradetui.domain.market_data import Bar, BarOpen, InstrumentUpdated, MarketItem
from tradetui.domain.reports import OrderDenied, OrderModified
from tradetui.domain.steps import CancelCommand, Command, StepRecord, SubmitCommand


def is_item(event: Envelope) -> bool:
    """Tell whether a step was an item of the feed (not history, not the engine's own)."""
    payload = event.payload
    if event.source is not Source.MARKET_DATA or isinstance(payload, InstrumentUpdated):
        return False
    return not (isinstance(payload, Bar) and payload.warmup_for is not None)


def items_in(steps: Iterable[StepRecord]) -> Iterator[MarketItem]:
    """Yield the items that are steps: the whole feed where no opens of bars are shown."""
    for step in steps:
        event = step.event
        if is_item(event):
            payload: Any = event.payload
            yield MarketItem(event.event_time, event.venue, event.instrument, payload)


class VenueFollower:
    """Feeds one venue with recorded steps.

    ``simulated`` are the routes whose commands go to it, ``feed`` the items from the first step on,
    ``opens`` how many opens of bars were shown in the run before.
    """

    def __init__(
        self,
        venue: SimulatedVenue,
        simulated: Iterable[RouteId],
        feed: Iterator[MarketItem],
        *,
        opens: int = 0,
    ) -> None:
        self.venue = venue
        self.opens = opens
        self.strays = 0
        """Recorded reports that the venue did not come to, and its own that were not recorded."""
        self._simulated = dict.fromkeys(simulated)
        self._feed = feed
        self._next: MarketItem | None = next(feed, None)
        self._is_shown = False
        """Whether the item that comes as the next step was shown already."""
        self._expected: deque[Payload] = deque()
        self._now = 0

    def take(self, step: StepRecord) -> None:
        """Take the next recorded step."""
        event = step.event
        self._now = max(self._now, event.ingest_time)
        if event.source is Source.MARKET_DATA:
            self._take_item(event)
        elif event.source is Source.BROKER_REPORT:
            self._take_report(event)
        elif event.source is Source.TIMER:
            self._expect(self.venue.on_time(self._now))
        else:
            self._show_opens(step.result.opens)
        for command in step.result.commands:
            self._hand_over(command)
        self._after_act(event.payload)

    def end(self) -> None:
        """Count what the venue said at the end and nobody wrote down."""
        self.strays += len(self._expected)
        self._expected.clear()

    def _take_item(self, event: Envelope) -> None:
        payload = event.payload
        if isinstance(payload, InstrumentUpdated):
            item = MarketItem(event.event_time, event.venue, event.instrument, payload)
            self._expect(self.venue.show(item))
            self.venue.on_instrument(payload.instrument)
        elif is_item(event):
            while not self._is_shown and self._next is not None:
                self._show_next()
            self._is_shown = False

    def _take_report(self, event: Envelope) -> None:
        payload = event.payload
        if isinstance(payload, OrderDenied | OrderModified):
            return
        if payload not in self._expected:
            self._look_for(event)
        while self._expected:
            if self._expected.popleft() == payload:
                return
            self.strays += 1
        self.strays += 1

    def _look_for(self, event: Envelope) -> None:
        """Show what must have been shown for this report: items up to its time, then time."""
        while not self._is_shown and self._next is not None:
            time = self._next.event_time
            is_open = isinstance(self._next.payload, BarOpen)
            if time > event.event_time or (time < event.event_time and not is_open):
                break
            self._show_next()
            if event.payload in self._expected:
                return
        self._expect(self.venue.on_time(event.event_time))

    def _show_opens(self, count: int) -> None:
        while self.opens < count and self._next is not None and not self._is_shown:
            if not isinstance(self._next.payload, BarOpen):
                return
            self._show_next()

    def _show_next(self) -> None:
        item = self._next
        assert item is not None
        self._next = next(self._feed, None)
        self._now = max(self._now, item.event_time)
        if isinstance(item.payload, BarOpen):
            self.opens += 1
        else:
            self._is_shown = True
        self._expect(self.venue.show(item))

    def _hand_over(self, command: Command) -> None:
        route_id = (
            command.route_id if isinstance(command, CancelCommand) else command.terms.route_id
        )
        if route_id not in self._simulated and not is_shadow(route_id):
            return
        if isinstance(command, SubmitCommand):
            self._expect(self.venue.submit(command, self._now))
        elif isinstance(command, CancelCommand):
            self._expect(self.venue.cancel(command, self._now))
        else:
            self._expect(self.venue.replace(command, self._now))

    def _after_act(self, payload: Payload) -> None:
        """Forget the book of an instance that left it, as the step loop does."""
        left = left_shadow(payload)
        if left is not None:
            self.venue.drop_route(shadow_route(left))

    def _expect(self, reports: Iterable[Unsequenced]) -> None:
        self._expected.extend(report.payload for report in reports)


def left_shadow(payload: object) -> StrategyId | None:
    """Return the instance whose shadow book an act ends at the venue, None for any other act."""
    if isinstance(payload, InstanceUnloaded):
        return payload.strategy_id
    if isinstance(payload, ModeChanged | InstanceLoaded) and payload.mode is InstanceMode.ACTIVE:
        return payload.strategy_id
    return None
