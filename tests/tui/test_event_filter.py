"""The journal's filter by source, market and instance reaches the engine's query."""

from __future__ import annotations

import pytest
from tests.tui.fixtures import FakeEngine
from tests.tui.hand import Hand, opened

from tradetui.domain.enums import Source
from tradetui.domain.ids import InstrumentId, StrategyId
from tradetui.domain.pages import EventFilter, EventsPage
from tradetui.tui.replica import Replica
from tradetui.tui.screens.event_filter import SOURCES, EventWords, read_filter
from tradetui.tui.widgets.page_lists import _SOURCE_WORDS

REPLICA = Replica(FakeEngine())
BTC = InstrumentId("BTC/USDT.BINANCE")


class Asked(FakeEngine):
    """Remembers what events it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.wanted: list[EventFilter] = []

    async def events_page(self, wanted: EventFilter, count: int) -> EventsPage:
        self.wanted.append(wanted)
        return await super().events_page(wanted, count)


def test_sources_are_called_as_the_list_calls_them() -> None:
    assert {source.value: word for word, source in SOURCES.items()} == _SOURCE_WORDS


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("", EventWords()),
        ("fill", EventWords(rest="fill")),
        ("!bar one", EventWords(rest="!bar one")),
        ("time:14", EventWords(rest="time:14")),
        ("source:control", EventWords(EventFilter((Source.CONTROL,)))),
        ("source:con source:timer x", EventWords(
            EventFilter((Source.CONTROL, Source.TIMER)), "x")),
        ("source:broker_report", EventWords(EventFilter((Source.BROKER_REPORT,)))),
        ("source:broker source:MARKET_DATA", EventWords(
            EventFilter((Source.BROKER_REPORT, Source.MARKET_DATA)))),
        ("source:market_", EventWords(EventFilter((Source.MARKET_DATA,)))),
        ("market:btc/usdt", EventWords(EventFilter(instrument_id=BTC))),
        ("market:btc instance:btc-mr ~a", EventWords(
            EventFilter((), BTC, StrategyId("btc-mr")), "~a")),
        ("instance:btc", EventWords(
            problem="instance:btc is more than one: btc-mr, btc-trend")),
        ("source:disk", EventWords(
            problem="source:disk is not known: control, market, report, timer")),
    ],
)  # fmt: skip
def test_what_a_filter_says(pattern: str, words: EventWords) -> None:
    assert read_filter(pattern, REPLICA) == words


async def filtered(hand: Hand, pattern: str) -> list[str]:
    await hand.press("/", *pattern, "enter")
    await hand.push()
    return hand.pane("lower")


async def test_the_filter_reaches_the_query_and_the_rows() -> None:
    engine = Asked()
    async with opened((140, 40), engine=engine) as hand:
        await hand.press("8")
        await hand.push()
        assert engine.wanted[-1] == EventFilter()
        lines = await filtered(hand, "source:control")
        assert engine.wanted[-1] == EventFilter((Source.CONTROL,))
        assert any("control" in line for line in lines)
        assert not any("report" in line for line in lines)
        await hand.press("escape")
        await hand.push()
        assert engine.wanted[-1] == EventFilter()


async def test_a_filter_that_names_nothing_says_so() -> None:
    async with opened((140, 40)) as hand:
        await hand.press("8", "/")
        assert "source:control   market:BTC/USDT" in hand.message
        await hand.press("escape")
        lines = await filtered(hand, "instance:nosuch")
        assert any("instance:nosuch is not known: ada-test" in line for line in lines)
