"""The sequencer: one order, without a gap, whatever came first."""

from __future__ import annotations

import itertools

import pytest

from tradetui.core.sequencer import Sequencer
from tradetui.domain.control import OperatorNoted
from tradetui.domain.enums import Source
from tradetui.domain.envelope import DEFAULT_SOURCE_PRIORITY, Unsequenced
from tradetui.domain.market_data import Trade
from tradetui.domain.reports import OrderAccepted
from tradetui.domain.timers import Heartbeat

TRADE = Trade(1, 1)
PAYLOADS = {
    Source.CONTROL: OperatorNoted("me", "x"),
    Source.BROKER_REPORT: OrderAccepted("main", "o", "v"),
    Source.MARKET_DATA: TRADE,
    Source.TIMER: Heartbeat(1, ()),
}


def item(
    source: Source = Source.MARKET_DATA, venue: str = "A", instrument: str = "X", producer: int = 0
) -> Unsequenced:
    return Unsequenced(5, 6, source, venue, instrument, PAYLOADS[source], None, producer)


def test_numbers_begin_at_one_and_have_no_gap() -> None:
    sequencer = Sequencer()
    assert [sequencer.stamp(item()).seq_id for _ in range(3)] == [1, 2, 3]


def test_numbers_go_on_after_a_restart() -> None:
    sequencer = Sequencer(next_seq=41)
    assert sequencer.stamp(item()).seq_id == 41
    assert sequencer.next_seq == 42


def test_an_envelope_carries_what_came() -> None:
    envelope = Sequencer().stamp(Unsequenced(5, 6, Source.MARKET_DATA, "A", "X", TRADE, "key", 3))
    assert (envelope.event_time, envelope.ingest_time, envelope.venue) == (5, 6, "A")
    assert (envelope.source, envelope.event_type) == (Source.MARKET_DATA, "Trade")
    assert (envelope.instrument, envelope.idempotency_key) == ("X", "key")


def test_the_short_way_stamps_the_same_envelope() -> None:
    short = Sequencer().stamp_payload(5, 6, "A", "X", TRADE, "key")
    long = Sequencer().stamp(Unsequenced(5, 6, Source.MARKET_DATA, "A", "X", TRADE, "key", 3))
    assert short == long


def test_an_event_cannot_lie_about_its_source() -> None:
    liar = Unsequenced(5, 6, Source.CONTROL, "A", "X", TRADE)
    with pytest.raises(ValueError, match="a Trade is of source market_data, not control"):
        Sequencer().stamp(liar)


def test_ties_break_by_source_then_venue_then_instrument_then_producer() -> None:
    wanted = [
        item(Source.CONTROL, "Z"),
        item(Source.BROKER_REPORT, "Z"),
        item(Source.MARKET_DATA, "A", "X", 0),
        item(Source.MARKET_DATA, "A", "X", 1),
        item(Source.MARKET_DATA, "A", "Y", 0),
        item(Source.MARKET_DATA, "B", "X", 0),
        item(Source.TIMER, "A"),
    ]
    for mixed in itertools.islice(itertools.permutations(wanted), 0, 5_040, 97):
        assert Sequencer().order_batch(list(mixed)) == wanted


def test_what_ties_in_everything_keeps_the_order_of_arrival() -> None:
    batch = [Unsequenced(time, 0, Source.MARKET_DATA, "A", "X", TRADE) for time in (3, 1, 2)]
    ordered = Sequencer().order_batch(batch)
    assert [one.event_time for one in ordered] == [3, 1, 2]


def test_the_priority_of_sources_can_be_chosen() -> None:
    priority = tuple(reversed(DEFAULT_SOURCE_PRIORITY))
    sequencer = Sequencer(priority)
    batch = [item(source) for source in DEFAULT_SOURCE_PRIORITY]
    assert [one.source for one in sequencer.order_batch(batch)] == list(priority)
    assert sequencer.source_priority == priority


def test_a_single_event_is_its_own_order() -> None:
    batch = [item()]
    assert Sequencer().order_batch(batch) is batch


@pytest.mark.parametrize(
    "priority",
    [(Source.CONTROL,), (*DEFAULT_SOURCE_PRIORITY, Source.TIMER)],
    ids=["too few", "one twice"],
)
def test_a_priority_that_does_not_name_each_source_once_is_refused(
    priority: tuple[Source, ...],
) -> None:
    with pytest.raises(ValueError, match="source_priority must name each of market_data"):
        Sequencer(priority)
