"""The short way of a market order at a bar's open: who takes it, and that it is the long one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.core.venue.conftest import BAR
from tests.unit.core.venue.test_venue_properties import CONFIGS, RELAXED, STORIES, Played

from tradetui.core.venue import venue as venue_module
from tradetui.core.venue.band import band_of
from tradetui.core.venue.models import FillModel, VenueConfig
from tradetui.domain.enums import TimeInForce
from tradetui.domain.units import CASH_SCALE

Make = Callable[..., Any]


class Counted:
    """Stands in for ``fill_at_open`` and counts the bars that went the short way."""

    def __init__(self, *, is_used: bool) -> None:
        self.taken = 0
        self._is_used = is_used
        self._real = venue_module.fill_at_open

    def __call__(self, *args: Any) -> bool:
        is_done = self._is_used and self._real(*args)
        self.taken += is_done
        return is_done


def both_ways(play: Callable[[], Any]) -> tuple[int, list[str]]:
    """Play a story by the short way and by the long one; return how often it was taken."""
    ends = []
    for is_used in (True, False):
        with pytest.MonkeyPatch.context() as patch:
            count = Counted(is_used=is_used)
            patch.setattr(venue_module, "fill_at_open", count)
            desk, lines = play()
            ends.append((count.taken, lines, desk.venue.checkpoint()))
    (taken, lines, state), (_, slow_lines, slow_state) = ends
    assert lines == slow_lines
    assert state == slow_state
    return taken, lines


def funded(desk: Any, dollars: int | None) -> Any:
    """Let every route of a desk have so much, always; None: it may spend what it likes."""
    if dollars is not None:
        desk.venue.fund(lambda route_id, currency: dollars * 10**CASH_SCALE)
    return desk


@RELAXED
@given(story=STORIES, config=CONFIGS, dollars=st.none() | st.integers(0, 2_000))
def test_the_short_way_is_the_long_one(
    make_desk: Make, story: list[Any], config: VenueConfig, dollars: int | None
) -> None:
    def play() -> Any:
        played = Played(funded(make_desk(config), dollars), story, with_open=False)
        return played.desk, played.lines

    both_ways(play)


@RELAXED
@given(story=STORIES, config=CONFIGS)
def test_a_band_that_is_kept_is_that_of_all_orders(
    make_desk: Make, story: list[Any], config: VenueConfig
) -> None:
    desk = make_desk(config)
    show, place = desk.show, desk.place
    instrument_id = desk.instrument.instrument_id

    def check(lines: list[str]) -> list[str]:
        known = desk.venue._bands.get(instrument_id)
        state = desk.venue._state
        if known is not None and not state.pending.get(instrument_id):
            assert known == band_of(state.books[instrument_id].values())
        return lines

    desk.show = lambda *args: check(show(*args))
    desk.place = lambda *args, **fields: check(place(*args, **fields))
    Played(desk, story)


def run(make_desk: Make, before: Callable[[Any], None], **config: Any) -> tuple[int, list[str]]:
    """Tell a desk what ``before`` says, then show it the bar 100-110-90-105."""

    def play() -> Any:
        desk = make_desk(VenueConfig(**config))
        desk.bar(100, 100, 100, 100, 50)
        before(desk)
        return desk, desk.bar(100, 110, 90, 105, 50)

    return both_ways(play)


def test_a_market_order_alone_fills_at_the_open(make_desk: Make) -> None:
    taken, lines = run(make_desk, lambda desk: desk.place("1", "BUY", "market", 5))
    assert (taken, lines) == (1, ["fill 1 5@100 taker"])


@pytest.mark.parametrize(
    ("dollars", "found"),
    [
        (500, (1, ["fill 1 5@100 taker"])),
        (499, (0, ["fill 1 4@100 taker", "cancel 1 insufficient funds"])),
    ],
)
def test_what_cannot_be_paid_for_goes_the_long_way(
    make_desk: Make, dollars: int, found: tuple[int, list[str]]
) -> None:
    assert found == run(
        make_desk, lambda desk: funded(desk, dollars).place("1", "BUY", "market", 5)
    )


def test_a_sale_goes_the_short_way_whatever_there_is(make_desk: Make) -> None:
    taken, lines = run(make_desk, lambda desk: funded(desk, 0).place("1", "SELL", "market", 5))
    assert (taken, lines) == (1, ["fill 1 5@100 taker"])


def test_slippage_counts(make_desk: Make) -> None:
    taken, lines = run(
        make_desk, lambda desk: desk.place("1", "BUY", "market", 5), slippage_ppm=50_000
    )
    assert (taken, lines) == (1, ["fill 1 5@105 taker"])


def also(*calls: tuple[Any, ...], **fields: Any) -> Callable[[Any], None]:
    def tell(desk: Any) -> None:
        for call in calls:
            desk.place(*call, **(fields if call is calls[-1] else {}))

    return tell


def after_its_open(desk: Any) -> None:
    desk.place("1", "BUY", "market", 5)
    desk.open(100)
    desk.place("2", "BUY", "market", 5)


def inside_the_bar(desk: Any) -> None:
    desk.now += 10
    desk.place("1", "BUY", "market", 5)
    desk.now -= 10


def after_another_open(desk: Any) -> None:
    """The bar of that open never closes."""
    after_its_open(desk)
    desk.now += BAR


LONG: dict[str, tuple[Callable[[Any], None], dict[str, Any]]] = {
    "two orders": (also(("1", "BUY", "market", 5), ("2", "BUY", "market", 5)), {}),
    "a limit order": (also(("1", "BUY", "limit", 5), price=101), {}),
    "reduce-only": (
        also(("1", "BUY", "market", 5), ("2", "SELL", "market", 5), reduce_only=True),
        {},
    ),
    "of a group": (also(("1", "BUY", "market", 5), oco_group="g"), {}),
    "a day order": (also(("1", "BUY", "market", 5), time_in_force=TimeInForce.DAY), {}),
    "its bar's open was shown": (after_its_open, {}),
    "another bar's open was shown": (after_another_open, {}),
    "a part of the volume": (
        also(("1", "BUY", "market", 5)),
        {"fill_model": FillModel.VOLUME_CAP},
    ),
    "came inside the bar": (inside_the_bar, {}),
}


@pytest.mark.parametrize("name", LONG)
def test_all_else_goes_the_long_way(make_desk: Make, name: str) -> None:
    before, config = LONG[name]
    taken, _ = run(make_desk, before, **config)
    assert taken == 0


def test_a_bar_without_an_open_goes_the_long_way(make_desk: Make) -> None:
    def play() -> Any:
        desk = make_desk()
        desk.bar(100, 100, 100, 100, 50)
        desk.place("1", "BUY", "market", 5)
        return desk, desk.bar(0, 110, 90, 105, 50)

    assert both_ways(play) == (0, ["fill 1 5@105 taker"])
