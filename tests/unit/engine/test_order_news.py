"""Who is told of which order, in what words, and how often."""

from __future__ import annotations

from typing import Any

from tests.support.kernel_world import BTC, UNIT, World

from tradetui.core.changes import NOTHING
from tradetui.domain.control import CancelRequested
from tradetui.domain.enums import LiquiditySide, OrderSide
from tradetui.domain.ids import ClientOrderId, InstrumentId, StrategyId
from tradetui.domain.intents import PlaceOrder
from tradetui.domain.reasons import Reason
from tradetui.domain.reports import OrderDenied, OrderFilled, OrderRejected
from tradetui.domain.steps import Applied
from tradetui.engine.order_news import order_news, verdict_news

ONE = StrategyId("one")


class Listener:
    """What a runner says that it wants."""

    def __init__(self, *, orders: bool = True, fills: bool = True) -> None:
        self.wants_orders = orders
        self.wants_fills = fills


class Newsroom:
    """A world that tells what its instances would be told of each event."""

    def __init__(self, **runners: Listener) -> None:
        self.world = World()
        self.runners: Any = runners or {"one": Listener()}

    def told(self, payload: Any, applied: Applied | None = None) -> list[tuple[str, str, str]]:
        """Apply an event; return (instance, cause, note) of each order, or its fill."""
        world = self.world
        world.now += 1
        envelope = world.sequencer.stamp_payload(world.now, world.now, "SIM", BTC, payload, None)
        found = world.kernel.apply_event(envelope) if applied is None else applied
        news = order_news(world.state, self.runners, envelope, found)
        return [
            (name, getattr(view, "cause", "fill"), getattr(view, "note", "")) for name, view in news
        ]

    def refused(self, payload: OrderDenied, asked: PlaceOrder | None) -> list[tuple[str, str]]:
        """Return (instance, status) of what is told of a verdict."""
        world = self.world
        envelope = world.sequencer.stamp_payload(world.now, world.now, "", "", payload, None)
        news = verdict_news(world.state, self.runners, envelope, asked)
        return [(name, view.note) for name, view in news]


def rejected(order_id: str) -> OrderRejected:
    return OrderRejected("main", ClientOrderId(order_id), "no funds")


def fill_report(world: World, order_id: str) -> Any:
    return OrderFilled(
        world.route_of(order_id), ClientOrderId(order_id), "v", "t", OrderSide.BUY, UNIT, 9_000, 0,
        "USD", LiquiditySide.TAKER,
    )  # fmt: skip


def test_an_order_that_moved_is_told_once_with_the_words_that_came() -> None:
    room = Newsroom()
    order_id = room.world.place()
    assert room.told(rejected(order_id)) == [("one", "OrderRejected", "no funds")]


def test_a_report_that_changed_nothing_is_still_told() -> None:
    room = Newsroom()
    order_id = room.world.place()
    assert room.told(rejected(order_id), NOTHING) == [("one", "OrderRejected", "no funds")]


def test_what_a_person_did_to_an_order_is_told_as_its_move() -> None:
    room = Newsroom()
    order_id = room.world.place()
    room.world.accept(order_id)
    told = room.told(CancelRequested(ClientOrderId(order_id), "me"))
    assert [(name, cause) for name, cause, _ in told] == [("one", "cancel")]


def test_a_duplicate_is_told_to_nobody() -> None:
    room = Newsroom()
    order_id = room.world.place()
    assert room.told(rejected(order_id), Applied(is_duplicate=True)) == []


def test_an_order_nobody_knows_is_told_to_nobody() -> None:
    assert Newsroom().told(rejected("tt-none"), NOTHING) == []


def test_only_those_hear_of_orders_and_fills_who_want_to() -> None:
    for listener, kinds in (
        (Listener(), ["OrderFilled", "fill"]),
        (Listener(orders=False), ["fill"]),
        (Listener(fills=False), ["OrderFilled"]),
        (Listener(orders=False, fills=False), []),
    ):
        room = Newsroom(one=listener)
        order_id = room.world.place()
        room.world.accept(order_id)
        applied = room.world.fill(order_id, UNIT)
        report = fill_report(room.world, order_id)
        assert [cause for _, cause, _ in room.told(report, applied)] == kinds


def test_one_that_does_not_run_is_told_nothing() -> None:
    room = Newsroom(two=Listener())
    order_id = room.world.place()
    assert room.told(rejected(order_id)) == []


def test_a_refused_order_is_shown_as_it_was_asked() -> None:
    room = Newsroom()
    asked = room.world.intent()
    verdict = OrderDenied(ONE, asked.client_order_id, Reason.MAX_EXPOSURE)
    assert room.refused(verdict, asked) == [("one", "max_exposure")]


def test_a_refused_cancel_is_news_of_its_order() -> None:
    room = Newsroom()
    order_id = room.world.place()
    verdict = OrderDenied(ONE, ClientOrderId(order_id), Reason.ORDER_RATE)
    assert room.refused(verdict, None) == [("one", "order_rate")]


def test_a_verdict_nobody_can_hear_is_no_news() -> None:
    room = Newsroom(one=Listener(orders=False))
    asked = room.world.intent()
    verdict = OrderDenied(ONE, asked.client_order_id, Reason.MAX_EXPOSURE)
    assert room.refused(verdict, asked) == []
    other = OrderDenied(StrategyId("gone"), asked.client_order_id, Reason.MAX_EXPOSURE)
    assert room.refused(other, asked) == []


def test_a_verdict_on_what_is_not_known_is_no_news() -> None:
    room = Newsroom()
    verdict = OrderDenied(ONE, ClientOrderId("tt-none"), Reason.UNKNOWN_ORDER)
    assert room.refused(verdict, None) == []
    asked = room.world.intent(instrument_id=InstrumentId("NONE.SIM"))
    assert room.refused(verdict, asked) == []
