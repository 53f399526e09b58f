"""Two clocks: ours for deadlines, the venue's as what is known of it."""

from __future__ import annotations

from tests.support.courier_house import SETTINGS
from tests.support.kernel_world import BTC, World

from tradetui.domain.control import OperatorNoted
from tradetui.domain.enums import Source
from tradetui.domain.units import NANOS_PER_SECOND as SECOND
from tradetui.engine.courier.edge import Edge


def made() -> Edge:
    return Edge(World().kernel, SETTINGS)


def test_the_venues_clock_is_what_it_told_until_its_offset_is_known() -> None:
    edge = made()
    assert edge.venue_now == 0
    edge.heard(0)
    assert (edge.offset, edge.venue_now) == (None, 0)
    edge.now = 10 * SECOND
    edge.heard(100 * SECOND)
    edge.now = 13 * SECOND
    assert edge.venue_now == 103 * SECOND


def test_a_later_reading_never_sets_the_clock_back() -> None:
    edge = made()
    edge.heard(100 * SECOND)
    edge.now = 10 * SECOND
    edge.heard(104 * SECOND)
    assert edge.venue_now == 110 * SECOND
    edge.heard(115 * SECOND)
    assert edge.venue_now == 115 * SECOND
    assert edge.venue_floor == 115 * SECOND


def test_a_request_is_dead_after_its_window_the_processing_and_a_margin() -> None:
    traits = SETTINGS.traits
    assert made().dies_after == traits.recv_window + traits.processing + traits.margin


def test_a_report_bears_the_venue_its_time_and_its_source() -> None:
    edge = made()
    edge.heard(50 * SECOND)
    edge.emit(OperatorNoted("me", "hello"))
    edge.emit(OperatorNoted("me", "hello"), BTC, 7)
    plain, of_market = edge.reports
    assert (plain.venue, plain.event_time, plain.source) == ("", 50 * SECOND, Source.CONTROL)
    assert (of_market.venue, of_market.event_time, of_market.instrument) == ("SIM", 7, BTC)
