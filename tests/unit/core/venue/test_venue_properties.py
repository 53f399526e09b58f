"""What holds for any market and any orders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tradetui.core.venue import venue as venue_module
from tradetui.core.venue.models import FillModel, VenueConfig
from tradetui.domain.enums import OrderSide, OrderType, TimeInForce
from tradetui.domain.orders import OrderTerms

Make = Callable[..., Any]

PRICES = st.integers(90, 110)
RELAXED = settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def bars(draw: st.DrawFn) -> tuple[str, tuple[int, ...]]:
    """A bar: open, high, low, close, volume."""
    open_, close, top, bottom = (draw(PRICES) for _ in range(4))
    prices = (open_, close, top, bottom)
    return "bar", (open_, max(prices), min(prices), close, draw(st.integers(0, 60)))


@st.composite
def quotes(draw: st.DrawFn) -> tuple[str, tuple[int, ...]]:
    """A quote, sometimes with an empty side."""
    bid = draw(PRICES)
    ask = bid + draw(st.integers(0, 4))
    empty = draw(st.sampled_from(["", "", "", "bid", "ask"]))
    return "quote", (0 if empty == "bid" else bid, 0 if empty == "ask" else ask)


@st.composite
def orders(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """An order of any type; the ids are given when it is placed."""
    kind = draw(st.sampled_from([*OrderType]))
    fields: dict[str, Any] = {
        "kind": kind.value,
        "side": draw(st.sampled_from(["BUY", "SELL"])),
        "quantity": draw(st.integers(1, 20)),
        "time_in_force": draw(st.sampled_from([*TimeInForce])),
        "reduce_only": draw(st.booleans()),
        "oco_group": draw(st.sampled_from([None, None, "g"])),
        "parent": draw(st.booleans()),
    }
    if kind in (OrderType.LIMIT, OrderType.STOP_LIMIT):
        fields["price"] = draw(PRICES)
    if kind in (OrderType.STOP, OrderType.STOP_LIMIT):
        fields["trigger_price"] = draw(PRICES)
    if kind is OrderType.TRAILING_STOP:
        fields["trail_offset"] = draw(st.integers(1, 8))
    if kind is OrderType.LIMIT:
        fields["post_only"] = draw(st.booleans())
    if fields["time_in_force"] is TimeInForce.GTD:
        fields["life"] = draw(st.integers(1, 10**11))
    return "place", fields


CANCELS = st.tuples(st.just("cancel"), st.integers(0, 8))
OTHERS = st.one_of(orders(), orders(), CANCELS)
BAR_STORIES = st.lists(st.one_of(OTHERS, bars(), bars()), max_size=30)
TICK_STORIES = st.lists(
    st.one_of(OTHERS, quotes(), st.tuples(st.just("trade"), st.tuples(PRICES, st.integers(1, 30)))),
    max_size=40,
)
STORIES = st.one_of(BAR_STORIES, TICK_STORIES)
CONFIGS = st.sampled_from(
    [
        VenueConfig(),
        VenueConfig(slippage_ppm=20_000),
        VenueConfig(touch_fills=False, latency_bars=1),
        VenueConfig(FillModel.VOLUME_CAP, volume_share_ppm=300_000),
        VenueConfig(FillModel.VOLUME_CAP, volume_share_ppm=300_000, latency_ns=30_000_000_000),
    ]
)


class Played:
    """A story told to a desk: every event, with the item that brought it."""

    def __init__(self, desk: Any, story: list[tuple[str, Any]], with_open: bool = True) -> None:
        self.desk = desk
        self.terms: dict[str, OrderTerms] = {}
        self.lines: list[str] = []
        self.fills: list[tuple[Any, tuple[str, Any]]] = []
        for number, (kind, what) in enumerate(story):
            if kind == "place":
                self._place(str(number), dict(what))
            elif kind == "cancel":
                self._keep(desk.cancel(str(what)), (kind, what))
            elif kind == "bar":
                if with_open:
                    self._keep(desk.open(what[0]), ("open", what))
                self._keep(desk.bar(*what), (kind, what))
            else:
                self._keep(getattr(desk, kind)(*what), (kind, what))

    def _place(self, order_id: str, fields: dict[str, Any]) -> None:
        desk = self.desk
        if "life" in fields:
            fields["expire_time"] = desk.now + fields.pop("life")
        if fields.pop("parent") and self.terms:
            fields["parent_order_id"] = [*self.terms][-1]
        side, kind, quantity = (fields.pop(name) for name in ("side", "kind", "quantity"))
        self.terms[order_id] = desk.terms(order_id, side, kind, quantity, **fields)
        self._keep(desk.place(order_id, side, kind, quantity, **fields), ("place", order_id))

    def _keep(self, lines: list[str], item: tuple[str, Any]) -> None:
        self.lines += lines
        for event, text in zip(self.desk.last, lines, strict=True):
            if text.startswith("fill"):
                self.fills.append((event.payload, item))


@RELAXED
@given(story=STORIES, config=CONFIGS)
def test_the_band_changes_nothing(make_desk: Make, story: list[Any], config: VenueConfig) -> None:
    """Items that pass as quiet would have done nothing."""
    quick = Played(make_desk(config), story)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(venue_module, "is_quiet", lambda band, item: False)
        slow = Played(make_desk(config), story)
    assert quick.lines == slow.lines


@RELAXED
@given(story=STORIES, config=CONFIGS, at=st.integers(0, 30))
def test_a_checkpoint_on_the_way_changes_nothing(
    make_desk: Make, story: list[Any], config: VenueConfig, at: int
) -> None:
    straight = Played(make_desk(config), story)
    desk = make_desk(config)
    played = Played(desk, [])
    real = desk.show
    count = [0]

    def show(*args: Any) -> list[str]:
        count[0] += 1
        if count[0] == at:
            desk.venue.restore(desk.venue.checkpoint())
        return list(real(*args))

    desk.show = show
    played.__init__(desk, story)  # type: ignore[misc]
    assert played.lines == straight.lines


@RELAXED
@given(story=STORIES, config=CONFIGS)
def test_no_order_fills_beyond_its_quantity(
    make_desk: Make, story: list[Any], config: VenueConfig
) -> None:
    played = Played(make_desk(config), story)
    filled: dict[str, int] = {}
    for fill, _ in played.fills:
        filled[fill.client_order_id] = filled.get(fill.client_order_id, 0) + fill.last_quantity
    for order_id, quantity in filled.items():
        assert 0 < quantity <= played.terms[order_id].quantity


@RELAXED
@given(story=STORIES, config=CONFIGS)
def test_limits_hold_whatever_the_slippage(
    make_desk: Make, story: list[Any], config: VenueConfig
) -> None:
    for fill, _ in (played := Played(make_desk(config), story)).fills:
        limit = played.terms[fill.client_order_id].price
        if limit is None:
            continue
        sign = 1 if fill.side is OrderSide.BUY else -1
        assert sign * fill.last_price <= sign * limit


@RELAXED
@given(story=BAR_STORIES)
def test_a_bar_never_gives_more_than_it_had(make_desk: Make, story: list[Any]) -> None:
    """At a bar's open: its open. Inside: nothing beyond its extremes, and what waited at a limit or
    a stop gets no better than that price.
    """
    played = Played(make_desk(), story)
    for fill, (kind, bar) in played.fills:
        open_, high, low, close, _ = bar
        terms = played.terms[fill.client_order_id]
        price = fill.last_price
        assert low <= price <= high
        if kind == "open":
            own = [terms.price] if terms.post_only else []
            assert price in [open_, *own]
            continue
        points = [open_, close, low, high, terms.price, terms.trigger_price]
        assert price in points or terms.order_type is OrderType.TRAILING_STOP
        sign = 1 if fill.side is OrderSide.BUY else -1
        if terms.price is not None and fill.liquidity == "maker":
            assert sign * price >= min(sign * terms.price, sign * low, sign * high)
        if terms.order_type is OrderType.STOP and terms.trigger_price is not None:
            assert sign * price >= sign * terms.trigger_price or price == close


@RELAXED
@given(story=STORIES, config=CONFIGS)
def test_reduce_only_never_opens_or_turns(
    make_desk: Make, story: list[Any], config: VenueConfig
) -> None:
    played = Played(make_desk(config), story)
    held = 0
    for fill, _ in played.fills:
        change = fill.last_quantity if fill.side is OrderSide.BUY else -fill.last_quantity
        if played.terms[fill.client_order_id].reduce_only:
            assert held * change < 0
            assert abs(change) <= abs(held)
        held += change


@RELAXED
@given(story=BAR_STORIES, share=st.integers(1, 1_000_000))
def test_volume_cap_no_bar_gives_more_than_its_share(
    make_desk: Make, story: list[Any], share: int
) -> None:
    """Its own volume's, or what the one before allowed at the open."""
    played = Played(make_desk(VenueConfig(FillModel.VOLUME_CAP, share)), story)
    before = 0
    fills = list(played.fills)
    for what in [what for kind, what in story if kind == "bar"]:
        taken = sum(fill.last_quantity for fill, item in fills if item[1] is what)
        if [w for k, w in story if k == "bar" and w == what] == [what]:
            assert taken <= max(before, what[4] * share // 1_000_000)
        before = what[4] * share // 1_000_000


@RELAXED
@given(story=STORIES, config=CONFIGS)
def test_every_order_is_answered_and_ends_once(
    make_desk: Make, story: list[Any], config: VenueConfig
) -> None:
    """One acceptance or one refusal; after its end nothing more is said of it."""
    played = Played(make_desk(config), story)
    state = played.desk.venue._state
    answers: dict[str, int] = {}
    ended: dict[str, str] = {}
    for text in played.lines:
        word, order_id, *_ = text.split()
        if word == "cancel-refused":
            continue
        assert order_id not in ended
        if word in ("accept", "reject"):
            answers[order_id] = answers.get(order_id, 0) + 1
        if word in ("cancel", "expire", "reject"):
            ended[order_id] = word
    assert [count for count in answers.values() if count != 1] == []
    assert all(order_id in answers for order_id in state.orders)
    assert all(member in state.orders for g in state.groups.values() for member in g.members)
    assert all(child in state.orders for b in state.brackets.values() for child in b.children)
