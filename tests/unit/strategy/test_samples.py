"""The samples at the repository's root: they load, run, trade and draw."""

from __future__ import annotations

import ast
import importlib.util
import math
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from msgspec.structs import replace
from strategy_testing import (
    BTC,
    CASH,
    MINUTE,
    FakePort,
    feed_bar,
    make_bar,
    make_fill,
    make_order,
    order_of,
    send,
    started,
)

from tradetui.domain.enums import OrderRole, OrderSide, OrderState, OrderType
from tradetui.domain.intents import CancelOrder, PlaceOrder, ReplaceOrder
from tradetui.domain.market_data import Quote
from tradetui.domain.orders import Order
from tradetui.strategy import Strategy
from tradetui.strategy.check import check_class
from tradetui.strategy.events import ExitView, FillView, OrderView
from tradetui.strategy.schema import validate
from tradetui.strategy.widgets import Placeholder

FOLDER = Path(__file__).parents[3] / "strategies"
NAMES = ("ma_cross", "bollinger_reversion", "grid", "market_maker", "gallery")


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"sample_{name}", FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def kind_of(name: str) -> type[Strategy]:
    kinds = [
        value
        for value in vars(load(name)).values()
        if isinstance(value, type) and issubclass(value, Strategy) and value is not Strategy
    ]
    assert len(kinds) == 1
    return kinds[0]


def start(name: str, port: FakePort, **config: Any) -> Any:
    kind = kind_of(name)
    filled, problems = validate(kind.CONFIG_SCHEMA, config)
    assert problems == []
    return started(kind, port, filled)


def placeholders(strategy: Strategy) -> list[str]:
    return [widget.reason for widget in strategy.draw() if isinstance(widget, Placeholder)]


@pytest.fixture
def port() -> FakePort:
    port = FakePort()
    port.price(100.0)
    return port


def test_these_are_all() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.py")) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_it_imports_the_public_api_only(name: str) -> None:
    tree = ast.parse((FOLDER / f"{name}.py").read_text())
    assert ast.get_docstring(tree)
    for node in ast.walk(tree):
        assert not isinstance(node, ast.Import)
        if isinstance(node, ast.ImportFrom):
            assert node.module == "tradetui.strategy"


@pytest.mark.parametrize("name", NAMES)
def test_it_is_sound_and_says_what_its_settings_mean(name: str) -> None:
    kind = kind_of(name)
    assert check_class(kind) == []
    assert kind.LABEL
    for entry in kind.CONFIG_SCHEMA.values():
        assert entry["help"]


@pytest.mark.parametrize("name", NAMES)
def test_it_draws_before_it_has_seen_anything(name: str) -> None:
    assert placeholders(start(name, FakePort())) == []


@pytest.mark.parametrize("name", NAMES)
def test_it_lives_through_a_day_of_bars(name: str, port: FakePort) -> None:
    strategy = start(name, port)
    feeds = [feed for feed in strategy.feeds if feed.kind == "bars"]
    for number in range(1440):
        price = 100 + 5 * math.sin(number / 60) + math.sin(number)
        bar = make_bar(round(price, 2), index=number, high=price + 0.1, low=price - 0.1)
        for feed in feeds:
            if bar.close_time % feed.timeframe_ns == 0:
                feed_bar(strategy, port, bar, feed.name)
        send(strategy, strategy.context.tick(number))
        port.take()
    assert placeholders(strategy) == []
    assert len(strategy.draw()) > 0


def test_ma_cross_enters_on_a_cross_and_leaves_on_the_next(port: FakePort) -> None:
    strategy = start("ma_cross", port, fast=2, slow=3)
    for number, price in enumerate([*[100.0, 99.0] * 8, 98.0, 97.0, 96.0]):
        feed_bar(strategy, port, make_bar(price, index=number, high=price + 1, low=price - 1))
    port.take()
    feed_bar(strategy, port, make_bar(110.0, index=30, high=111.0, low=95.0))
    entry, stop = port.take()
    assert (entry.side, entry.order_type) == (OrderSide.BUY, OrderType.MARKET)
    distance = 3.0 * strategy.atr.value
    assert stop.trigger_price == pytest.approx((110.0 - distance) * 100, abs=1)
    assert entry.quantity / 10**8 == pytest.approx(10_000 * 0.005 / distance, abs=1e-4)
    port.hold(1.0, 110.0)
    send(strategy, FillView(make_fill(OrderSide.BUY, 1.0, 110.0, 1.0), BTC))
    feed_bar(strategy, port, make_bar(90.0, index=31))
    feed_bar(strategy, port, make_bar(80.0, index=32))
    assert port.take()[-1].role is OrderRole.EXIT
    send(strategy, FillView(make_fill(OrderSide.SELL, 1.0, 80.0, 0.0, pnl=-30.0), BTC))
    assert "closed: -30.00 after fees" in port.logs[-1][1]


def test_ma_cross_wants_fast_below_slow(port: FakePort) -> None:
    with pytest.raises(ValueError, match=r"fast \(30\) must be less than slow \(30\)"):
        start("ma_cross", port, fast=30)


def warm_reversion(port: FakePort) -> Any:
    strategy = start("bollinger_reversion", port, trend=2)
    for number in range(2):
        feed_bar(strategy, port, make_bar(90.0, index=number * 15, warmup=True), "slow")
    for number in range(30):
        price = 100.0 + number % 2
        bar = make_bar(price, index=number, high=price + 1, low=price - 1, warmup=True)
        feed_bar(strategy, port, bar, "fast")
    return strategy


def test_reversion_buys_the_dip_and_sells_at_the_average(port: FakePort) -> None:
    strategy = warm_reversion(port)
    feed_bar(strategy, port, make_bar(95.0, index=30), "slow")
    feed_bar(strategy, port, make_bar(97.0, index=31), "fast")
    entry, stop = port.take()
    assert (entry.side, stop.role) == (OrderSide.BUY, OrderRole.STOP_LOSS)
    port.hold(1.0, 97.0)
    feed_bar(strategy, port, make_bar(102.0, index=32), "fast")
    assert port.take()[-1].role is OrderRole.EXIT


def test_reversion_cools_after_a_loss(port: FakePort) -> None:
    strategy = warm_reversion(port)
    win = ExitView("BTC/USD", "long", 1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 0, 1)
    strategy.on_exit(win)
    assert strategy.state["cool_until"] == 0
    strategy.on_exit(ExitView("BTC/USD", "long", 1.0, 1.0, 1.0, 1.0, 2.0, -1.0, 0, 1))
    assert strategy.state["cool_until"] == port.time + 30 * MINUTE
    feed_bar(strategy, port, make_bar(97.0, index=31), "fast")
    assert port.take() == []
    assert not port.signals[-1].gates[-1].passed
    assert strategy.dump_state() == {"cool_until": strategy.state["cool_until"]}


def tick(strategy: Strategy, port: FakePort, price: float) -> list[Any]:
    port.time += MINUTE
    port.price(price)
    send(strategy, strategy.context.tick(1))
    return port.take()


def test_grid_lays_its_levels_once(port: FakePort) -> None:
    strategy = start("grid", port, levels=3, step=0.01)
    placed = tick(strategy, port, 100.0)
    assert [intent.price for intent in placed] == [9_900, 9_800, 9_700]
    assert all(
        intent.quantity == pytest.approx(10**10 / i.price * 100, rel=1e-3)
        for intent, i in zip(placed, placed, strict=True)
    )
    for intent in placed:
        port.open[intent.client_order_id] = order_of(intent)
    assert tick(strategy, port, 100.2) == []
    assert strategy.dump_state()["middle"] == 100.0


def test_grid_sells_one_level_up_what_it_bought(port: FakePort) -> None:
    strategy = start("grid", port, levels=2, step=0.01)
    placed = tick(strategy, port, 100.0)
    port.open["low"] = order_of(placed[1])
    port.hold(1.01, 99.0)
    (sell,) = tick(strategy, port, 99.0)
    assert (sell.side, sell.price, sell.reduce_only) == (OrderSide.SELL, 10_000, True)
    assert sell.quantity == 101_000_000
    port.open["sell"] = order_of(sell)
    assert tick(strategy, port, 99.0) == []


def test_grid_moves_up_when_nothing_is_bought(port: FakePort) -> None:
    strategy = start("grid", port, levels=1, step=0.01)
    (placed,) = tick(strategy, port, 100.0)
    port.open["a"] = order_of(placed)
    assert tick(strategy, port, 101.5) == [CancelOrder(placed.client_order_id, "grid moves up")]
    port.open.clear()
    assert tick(strategy, port, 101.5)[0].price == pytest.approx(101.5 * 99, abs=1)


def test_grid_leaves_below_its_floor(port: FakePort) -> None:
    strategy = start("grid", port, levels=2, step=0.01, floor=1, pause=10)
    for intent in tick(strategy, port, 100.0):
        port.open[intent.client_order_id] = order_of(intent)
    port.hold(1.0, 98.0)
    *cancels, leave = tick(strategy, port, 96.0)
    assert len(cancels) == 2
    assert (leave.role, leave.quantity) == (OrderRole.EXIT, 10**8)
    assert strategy.state["middle"] == 0.0
    port.open.clear()
    port.positions.clear()
    assert tick(strategy, port, 96.0) == []
    port.time += 10 * MINUTE
    assert len(tick(strategy, port, 96.0)) == 2


def quote(strategy: Strategy, port: FakePort, bid: float, ask: float) -> list[Any]:
    port.time += 30_000_000_000
    port.price((bid + ask) / 2)
    record = Quote(round(bid * 100), 10**8, round(ask * 100), 10**8)
    send(strategy, strategy.quotes.push(record, port.time))
    return port.take()


def test_maker_rests_on_both_sides_of_what_it_holds(port: FakePort) -> None:
    strategy = start("market_maker", port, half_spread=0.01, tolerance=0.005)
    (buy,) = quote(strategy, port, 99.9, 100.1)
    assert (buy.side, buy.price, buy.post_only) == (OrderSide.BUY, 9_900, True)
    port.open[buy.client_order_id] = order_of(buy)
    port.hold(1.0, 99.0)
    (sell,) = quote(strategy, port, 99.9, 100.1)
    assert (sell.side, sell.reduce_only, sell.quantity) == (OrderSide.SELL, True, 10**8)
    assert 10_000 < sell.price < 10_100
    port.open[sell.client_order_id] = order_of(sell)
    first, second = quote(strategy, port, 101.9, 102.1)
    assert {first.client_order_id, second.client_order_id} == {
        buy.client_order_id,
        sell.client_order_id,
    }
    assert isinstance(first, CancelOrder)
    assert placeholders(strategy) == []


def test_maker_looks_again_when_a_price_or_an_order_changes(port: FakePort) -> None:
    strategy = start("market_maker", port, half_spread=0.01, tolerance=0.005, refresh=600)
    (buy,) = quote(strategy, port, 99.9, 100.1)
    port.open[buy.client_order_id] = aged(order_of(buy), port.time)
    assert quote(strategy, port, 99.9, 100.1) == []
    assert strategy.settled is not None
    port.hold(1.0, 99.0)
    port.open[buy.client_order_id] = aged(order_of(buy), port.time)
    (sell,) = quote(strategy, port, 99.9, 100.1)
    port.open[sell.client_order_id] = aged(order_of(sell), port.time)
    assert quote(strategy, port, 99.9, 100.1) == []
    assert strategy.settled is not None
    assert quote(strategy, port, 101.9, 102.1) == []
    # Too soon to move what is off its price: it is looked at again, though no price changes.
    assert strategy.due > port.time
    port.time += 600 * 10**9
    assert len(quote(strategy, port, 101.9, 102.1)) == 2
    port.open.clear()
    assert len(quote(strategy, port, 101.9, 102.1)) == 2


def aged(order: Order, created: int) -> Order:
    return replace(order, terms=replace(order.terms, created_time=created))


def test_maker_waits_for_both_sides_of_the_quote(port: FakePort) -> None:
    strategy = start("market_maker", port)
    port.price(100.0)
    send(strategy, strategy.quotes.push(Quote(0, 0, 10_000, 1), port.time))
    assert port.take() == []


def test_maker_keeps_one_stop_under_all_it_holds(port: FakePort) -> None:
    strategy = start("market_maker", port, stop=0.1)
    fill = FillView(make_fill(OrderSide.BUY, 1.0, 100.0, 1.0), BTC)
    port.hold(1.0, 100.0)
    send(strategy, fill)
    (stop,) = port.take()
    assert (stop.order_type, stop.trigger_price, stop.quantity) == (OrderType.STOP, 9_000, 10**8)
    port.open["s"] = make_order(
        "s",
        side=OrderSide.SELL,
        kind=OrderType.STOP,
        price=None,
        trigger=9_000,
        role=OrderRole.STOP_LOSS,
    )
    port.hold(2.0, 99.0)
    send(strategy, fill)
    (replace,) = port.take()
    assert isinstance(replace, ReplaceOrder)
    assert (replace.quantity, replace.trigger_price) == (2 * 10**8, 8_910)


def test_maker_rests_after_a_loss(port: FakePort) -> None:
    strategy = start("market_maker", port)
    send(strategy, FillView(make_fill(OrderSide.BUY, 1.0, 100.0, 1.0), BTC))
    port.open["a"] = make_order("a")
    send(strategy, FillView(make_fill(OrderSide.SELL, 1.0, 99.0, 0.0, pnl=-1.0), BTC))
    assert port.take() == [CancelOrder("a", "rest after a loss")]
    port.open.clear()
    assert quote(strategy, port, 99.9, 100.1) == []
    assert [type(widget).__name__ for widget in strategy.draw()].count("BarChart") == 1


def test_the_gallery_makes_each_answer_of_the_risk_gate(port: FakePort) -> None:
    strategy = start("gallery", port)
    entry, *guards = tick(strategy, port, 100.0)
    assert entry.quantity * 100 == 25 * CASH
    assert len(guards) == 2
    port.hold(1.0, 100.0)
    (large,) = tick(strategy, port, 100.0)
    # Twice what the demo's profile allows for one order: cut to it.
    assert large.quantity * large.price / 10**10 == pytest.approx(2_000, rel=1e-3)
    assert large.price == 9_900
    port.open[large.client_order_id] = order_of(large)
    cancel, senseless = tick(strategy, port, 100.0)
    assert isinstance(cancel, CancelOrder)
    # Buying does not reduce a long position: rejected, whatever the market.
    assert (senseless.side, senseless.reduce_only) == (OrderSide.BUY, True)
    port.open.clear()
    (leave,) = tick(strategy, port, 100.0)
    assert (leave.side, leave.role) == (OrderSide.SELL, OrderRole.EXIT)


def test_the_gallery_shows_every_widget(port: FakePort) -> None:
    strategy = start("gallery", port, style="pairs")
    tick(strategy, port, 100.0)
    order = OrderView(make_order("a", state=OrderState.REJECTED), BTC, "OrderDenied", "budget")
    send(strategy, order)
    strategy.on_exit(ExitView("BTC/USD", "long", 1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 0, 1))
    kinds = {type(widget).__name__ for widget in strategy.draw()}
    assert kinds == {
        "Candles", "LineChart", "Metric", "Progress", "Table", "BarChart", "Histogram", "Text",
        "Log",
    }  # fmt: skip
    assert "a buy Rejected OrderDenied budget" in strategy.state["lines"]


def test_the_gallery_can_be_told_not_to_trade(port: FakePort) -> None:
    strategy = start("gallery", port, trade=False)
    for _ in range(4):
        assert tick(strategy, port, 100.0) == []


def test_orders_of_samples_are_legal(port: FakePort) -> None:
    strategy = start("gallery", port)
    for intent in tick(strategy, port, 100.0):
        assert isinstance(intent, PlaceOrder)
        assert intent.quantity % BTC.size_increment == 0
