"""Market data: marks, streams that go forward only, and what an instrument is."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from tests.support.kernel_world import BTC, INSTRUMENTS, NANOS_PER_SECOND, World, codes

from tradetui.core.changes import NOTHING
from tradetui.domain.enums import InstrumentClass
from tradetui.domain.market_data import Bar, DataGap, InstrumentUpdated, Quote, Trade
from tradetui.domain.timers import Heartbeat, StrategyTimer


def bar(close: int, **more: Any) -> Bar:
    return replace(Bar(0, 1, close, close, close, close, 1), **more)


class TestMarks:
    def test_a_trade_moves_the_mark_and_nothing_else(self) -> None:
        world = World()
        assert world.trade(10_500) is NOTHING
        mark = world.state.marks[BTC]
        assert (mark.price, mark.event_time, mark.ingest_time) == (10_500, world.now, world.now)

    def test_a_bar_moves_it_to_its_close(self) -> None:
        world = World()
        for close in (10_100, 10_200):
            assert world.event(bar(close, open=1, high=2, low=1), BTC) is NOTHING
            assert world.state.marks[BTC].price == close

    def test_a_quote_moves_it_to_the_middle_halves_to_even(self) -> None:
        world = World()
        for bid, ask, middle in ((10_000, 10_002, 10_001), (10_000, 10_001, 10_000)):
            assert world.event(Quote(bid, 3, ask, 4), BTC) is NOTHING
            assert world.state.marks[BTC].price == middle
        mark = world.state.marks[BTC]
        assert (mark.bid, mark.ask, mark.bid_quantity, mark.ask_quantity) == (10_000, 10_001, 3, 4)

    def test_while_a_side_is_empty_the_last_price_stays(self) -> None:
        world = World()
        world.trade(10_500)
        world.event(Quote(0, 0, 11_000, 1), BTC)
        assert world.state.marks[BTC].price == 10_500
        assert world.state.marks[BTC].ask == 11_000

    def test_without_any_price_an_empty_side_makes_no_mark(self) -> None:
        world = World()
        del world.state.marks[BTC]
        for _ in range(2):
            assert world.event(Quote(0, 0, 11_000, 1), BTC) is NOTHING
        assert BTC not in world.state.marks

    def test_a_trade_and_a_bar_keep_the_quote(self) -> None:
        world = World()
        world.event(Quote(10_000, 1, 10_010, 1), BTC)
        world.trade(10_500)
        assert (world.state.marks[BTC].bid, world.state.marks[BTC].price) == (10_000, 10_500)
        for close in (10_600, 10_700):
            world.event(bar(close), BTC)
            assert (world.state.marks[BTC].bid, world.state.marks[BTC].price) == (10_000, close)

    def test_a_warm_up_bar_moves_nothing(self) -> None:
        world = World()
        mark = world.state.marks[BTC]
        assert world.event(bar(1, warmup_for="one"), BTC) is NOTHING
        assert world.state.marks[BTC] is mark


class TestStreams:
    @pytest.mark.parametrize(
        "payload", [Trade(9, 1), bar(9), Quote(9, 1, 9, 1)], ids=lambda p: type(p).__name__
    )
    def test_an_item_older_than_the_newest_of_its_stream_is_ignored_and_said(
        self, payload: Any
    ) -> None:
        world = World()
        world.event(payload, BTC)
        mark = world.state.marks[BTC]
        applied = world.event(payload, BTC, after=-1)
        assert codes(applied) == ["invariant"]
        assert "came after one at" in applied.diagnostics[0].message
        assert world.state.marks[BTC] is mark

    @pytest.mark.parametrize(
        "payload", [Trade(9, 1), bar(9), Quote(9, 1, 9, 1)], ids=lambda p: type(p).__name__
    )
    def test_an_item_older_than_another_stream_leaves_the_mark(self, payload: Any) -> None:
        world = World()
        other: Any = Quote(7, 1, 7, 1) if not isinstance(payload, Quote) else Trade(7, 1)
        world.event(payload, BTC)
        world.event(other, BTC)
        world.now += NANOS_PER_SECOND
        world.event(other, BTC)
        mark = world.state.marks[BTC]
        assert world.event(payload, BTC, after=-5) is NOTHING
        assert world.state.marks[BTC] is mark

    def test_the_first_bar_may_be_older_than_the_trades_before_it(self) -> None:
        world = World()
        mark = world.state.marks[BTC]
        world.now = mark.event_time
        assert world.event(bar(9), BTC, after=-1) is NOTHING
        assert world.state.marks[BTC] is mark
        assert world.event(bar(9), BTC, after=1) is NOTHING
        assert world.state.marks[BTC].price == 9

    def test_the_first_trade_may_be_older_than_the_quotes_before_it(self) -> None:
        world = World()
        del world.state.trade_times[BTC]
        mark = world.state.marks[BTC]
        world.now = mark.event_time
        assert world.event(Trade(9, 1), BTC, after=-1) is NOTHING
        assert world.state.marks[BTC] is mark

    @pytest.mark.parametrize(
        "payload", [Trade(9, 1), bar(9), Quote(9, 1, 9, 1)], ids=lambda p: type(p).__name__
    )
    def test_a_market_that_is_not_known_is_ignored_and_said(self, payload: Any) -> None:
        world = World()
        for _ in range(2):
            assert codes(world.event(payload, "NO.SIM")) == ["unknown_instrument"]
        assert "NO.SIM" not in world.state.marks

    @pytest.mark.parametrize(
        "payload", [Trade(9, 1), bar(9), Quote(9, 1, 9, 1)], ids=lambda p: type(p).__name__
    )
    def test_an_item_with_a_key_is_applied_once(self, payload: Any) -> None:
        world = World()
        world.event(payload, BTC, key="k")
        mark = world.state.marks[BTC]
        assert world.event(payload, BTC, key="k").is_duplicate
        assert world.state.marks[BTC] is mark

    def test_time_never_goes_back(self) -> None:
        world = World()
        now = world.state.now
        world.event(bar(9), BTC, after=-NANOS_PER_SECOND)
        world.event(bar(9), BTC, after=0)
        assert world.state.now == now


class TestInstruments:
    def test_increments_limits_and_fees_are_data(self) -> None:
        world = World()
        changed = replace(INSTRUMENTS[0], price_increment=5, taker_fee_ppm=700, min_quantity=9)
        assert world.event(InstrumentUpdated(changed), BTC) is NOTHING
        assert world.state.instruments[BTC] == changed

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("price_scale", 3),
            ("size_scale", 3),
            ("multiplier", 3),
            ("multiplier_scale", 3),
            ("instrument_class", InstrumentClass.FUTURE),
            ("base", "ETH"),
            ("quote", "EUR"),
            ("venue", "ELSE"),
        ],
    )
    def test_what_gives_its_numbers_their_meaning_never_changes(
        self, field: str, value: Any
    ) -> None:
        world = World()
        changed = replace(INSTRUMENTS[0], **{field: value})
        applied = world.event(InstrumentUpdated(changed), BTC)
        assert codes(applied) == ["schema!"]
        assert f"its {field} is" in applied.diagnostics[0].message
        assert world.state.instruments[BTC] == INSTRUMENTS[0]

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("price_increment", 0),
            ("price_increment", -1),
            ("size_increment", 0),
            ("size_increment", -1),
            ("price_scale", -1),
            ("size_scale", -1),
            ("multiplier", 0),
        ],
    )
    def test_one_that_cannot_be_reckoned_with_is_refused(self, field: str, value: int) -> None:
        world = World()
        odd = replace(INSTRUMENTS[0], instrument_id="ODD.SIM", **{field: value})
        assert codes(world.event(InstrumentUpdated(odd), "ODD.SIM")) == ["schema!"]
        assert "ODD.SIM" not in world.state.instruments

    def test_the_least_that_can_be_reckoned_with_is_taken(self) -> None:
        world = World()
        least = {
            "price_increment": 1,
            "size_increment": 1,
            "price_scale": 0,
            "size_scale": 0,
            "multiplier": 1,
        }
        new = replace(INSTRUMENTS[0], instrument_id="NEW.SIM", **least)
        assert world.event(InstrumentUpdated(new), "NEW.SIM") is NOTHING
        assert world.state.instruments["NEW.SIM"] == new

    def test_a_known_one_cannot_become_so(self) -> None:
        world = World()
        changed = replace(INSTRUMENTS[0], price_increment=0)
        assert codes(world.event(InstrumentUpdated(changed), BTC)) == ["schema!"]


@pytest.mark.parametrize(
    "payload",
    [DataGap(1, 2, "lost"), Heartbeat(1, ("one",)), StrategyTimer("one", "x")],
    ids=lambda p: type(p).__name__,
)
def test_what_is_for_others_moves_the_time_alone(payload: Any) -> None:
    world = World()
    before = world.state.now
    assert world.event(payload) is NOTHING
    assert world.state.now > before
