"""Events of the engine's own. (What else is in an envelope: the tests of records.)"""

from __future__ import annotations

from tradetui.domain.enums import Source
from tradetui.domain.envelope import own_event
from tradetui.domain.timers import Heartbeat


def test_an_event_of_the_engines_own_is_of_no_venue_and_no_market() -> None:
    event = own_event(Heartbeat(7, ()), 42_000_000_000)
    assert (event.event_time, event.ingest_time) == (42_000_000_000, 42_000_000_000)
    assert (event.source, event.venue, event.instrument) == (Source.TIMER, "", "")
    assert event.payload == Heartbeat(7, ())
