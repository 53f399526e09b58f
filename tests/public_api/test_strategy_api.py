"""What users import is a promise: names, signatures and defaults of ``tradetui.strategy``.

A change here is a change for every strategy file out there; it needs an entry in the changelog.
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import tradetui.strategy as api
from tradetui.strategy.check import check_class

DOCUMENT = Path(__file__).parents[2] / "docs" / "reference" / "strategy_api.md"

NAMES = [
    "ATR", "EMA", "MACD", "RSI", "SMA", "BarFeed", "BarView", "Bollinger", "Bracket", "CancelOrder",
    "Context", "Donchian", "EventView", "ExitView", "FillView", "GapView", "Intent", "InvalidOrder",
    "InvalidParameter", "ModeView", "NoOp", "OrderView", "PlaceOrder", "PositionView", "QuoteFeed",
    "QuoteView", "ReplaceOrder", "SchemaError", "SetRiskFlag", "StartView", "StopView", "Strategy",
    "StrategyError", "StrategyTimeout", "TickView", "TimerView", "TradeFeed", "TradeView",
    "TradingNotAllowed", "UnknownSymbol", "WrongMoment", "bars", "days", "hours", "minutes",
    "quotes", "seconds", "trades",
]  # fmt: skip

HOOKS = {
    "init": "(self)",
    "setup": "(self)",
    "on_start": "(self)",
    "on_tick": "(self, tick)",
    "on_bar": "(self, bar)",
    "on_quote": "(self, quote)",
    "on_market_trade": "(self, trade)",
    "on_order": "(self, order)",
    "on_fill": "(self, fill)",
    "on_exit": "(self, trip)",
    "on_timer": "(self, name)",
    "on_mode": "(self, change)",
    "on_gap": "(self, gap)",
    "on_stop": "(self)",
    "render": "(self)",
    "on_event": "(self, ctx, event)",
}

PLACE = (
    "(self, side, amount, type='market', price=None, *, symbol=None, stop=None, trail=None, "
    "tif='gtc', expire=None, post_only=False, reduce_only=False, oco=None, parent=None, "
    "role=None, reason='')"
)

METHODS = {
    "__init__": "(self, context, config)",
    "enter": (
        "(self, side, *, amount=None, risk=None, value=None, stop=None, target=None, "
        "target_r=None, "
        "limit=None, trail=None, add=False, tif='gtc', expire=None, post_only=False, symbol=None, "
        "reason='')"
    ),
    "bracket": (
        "(self, side, *, stop, target=None, target_r=None, amount=None, risk=None, value=None, "
        "limit=None, add=False, symbol=None, reason='')"
    ),
    "place": PLACE,
    "close": "(self, *, symbol=None, reason='')",
    "reduce": "(self, amount=None, *, fraction=None, limit=None, symbol=None, reason='')",
    "protect": "(self, *, stop=None, target=None, trail=None, symbol=None)",
    "move_stop": "(self, price, *, symbol=None)",
    "cancel": "(self, order, *, reason='')",
    "signal": "(self, name, /, **gates)",
    "explain": "(self)",
    "log": "(self, message, level='info')",
    "plot": "(self, name, value)",
    "every": "(self, interval, name='timer')",
    "at": "(self, time, name='timer')",
    "after": "(self, delay, name='timer')",
    "cancel_timer": "(self, name='timer')",
}

CONTEXT = {
    "get_price": "(self, symbol=None)",
    "price_age": "(self, symbol=None)",
    "get_orders": "(self, symbol=None)",
    "get_open_orders": "(self, symbol=None)",
    "get_order": "(self, client_order_id)",
    "get_position": "(self, symbol=None)",
    "get_account_info": "(self)",
    "instrument": "(self, symbol=None)",
    "place_order": PLACE,
    "build_order": PLACE,
    "cancel_order": "(self, order, reason='')",
    "replace_order": "(self, order, *, amount=None, price=None, stop=None, reason='')",
    "cancel_all_orders": "(self, symbol=None, *, protective=False, reason='')",
    "cancel_all_orders_confirmed": "(self, symbol=None)",
    "suggest_order_amount": (
        "(self, side='buy', *, price=None, fraction=1.0, risk=None, stop=None, value=None, "
        "symbol=None)"
    ),
    "set_risk_flag": "(self, state, reason='')",
    "log": "(self, message, level='info')",
    "explain": "(self)",
}

PROPERTIES = {
    api.Strategy: ["position", "orders", "now", "rng", "plots"],
    api.Context: [
        "strategy_id",
        "account_id",
        "client_id",
        "run_id",
        "symbol",
        "mode",
        "can_trade",
        "now",
    ],
}

FEED = {
    "sma": "(self, period, *, source='close')",
    "ema": "(self, period, *, source='close')",
    "rsi": "(self, period=14, *, source='close')",
    "macd": "(self, fast=12, slow=26, signal=9, *, source='close')",
    "bollinger": "(self, period=20, deviations=2.0, *, source='close')",
    "atr": "(self, period=14)",
    "donchian": "(self, period=20)",
}

FUNCTIONS = {
    "bars": "(timeframe='1m', *, warm=None, market=None, keep=500, setting=None)",
    "quotes": "(*, market=None, keep=1)",
    "trades": "(*, market=None, keep=500)",
    "seconds": "(count)",
    "minutes": "(count)",
    "hours": "(count)",
    "days": "(count)",
}


def signature(function: object) -> str:
    """Names, kinds and defaults, without annotations."""
    found = inspect.signature(function)
    plain = [p.replace(annotation=inspect.Parameter.empty) for p in found.parameters.values()]
    return str(inspect.Signature(plain))


def test_the_public_names_are_these_and_no_other() -> None:
    assert sorted(api.__all__) == sorted(NAMES)
    for name in NAMES:
        assert hasattr(api, name)


@pytest.mark.parametrize("name", HOOKS)
def test_hooks(name: str) -> None:
    assert signature(getattr(api.Strategy, name)) == HOOKS[name]


@pytest.mark.parametrize("name", METHODS)
def test_methods(name: str) -> None:
    assert signature(getattr(api.Strategy, name)) == METHODS[name]


@pytest.mark.parametrize("name", CONTEXT)
def test_context(name: str) -> None:
    assert signature(getattr(api.Context, name)) == CONTEXT[name]


@pytest.mark.parametrize("name", FEED)
def test_indicators_of_a_feed(name: str) -> None:
    assert signature(getattr(api.BarFeed, name)) == FEED[name]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name: str) -> None:
    assert signature(getattr(api, name)) == FUNCTIONS[name]


@pytest.mark.parametrize("kind", PROPERTIES)
def test_properties(kind: type) -> None:
    for name in PROPERTIES[kind]:
        assert isinstance(getattr(kind, name), property)


def test_class_attributes() -> None:
    strategy = api.Strategy
    assert (strategy.LABEL, strategy.CONFIG_SCHEMA, strategy.STATE_SCHEMA) == ("", {}, {})
    assert (strategy.TICK_MINUTES, strategy.ON_ERROR) == (1.0, "exit-only")
    assert list(strategy.DATA) == ["quotes", "bars"]


def test_errors_are_one_family() -> None:
    for name in (
        "InvalidOrder",
        "TradingNotAllowed",
        "WrongMoment",
        "SchemaError",
        "InvalidParameter",
    ):
        assert issubclass(getattr(api, name), api.StrategyError)
    assert issubclass(api.UnknownSymbol, api.InvalidOrder)
    assert not issubclass(api.StrategyTimeout, Exception)


PUBLIC = sorted(
    {
        *NAMES, *HOOKS, *METHODS, *CONTEXT, *FEED,
        *PROPERTIES[api.Strategy], *PROPERTIES[api.Context],
        *(name for name in dir(api.Strategy) if name.isupper()),
    }
    - {"__init__"}
)  # fmt: skip


@pytest.mark.parametrize("name", PUBLIC)
def test_it_is_in_the_reference(name: str) -> None:
    code = re.findall(r"`[^`\n]+`", DOCUMENT.read_text())
    assert any(re.search(rf"\b{name}\b", part) for part in code)


@pytest.mark.parametrize("view", [name for name in NAMES if name.endswith(("View", "Feed"))])
def test_every_attribute_of_what_a_hook_gets_is_in_the_reference(view: str) -> None:
    kind = getattr(api, view)
    if view == "EventView":
        kinds = kind.__args__
        assert all(each.__name__ in NAMES for each in kinds)
        return
    text = DOCUMENT.read_text()
    for name in vars(kind):
        if not name.startswith("_") and name not in ("kind", "keys"):
            assert f"`{name}`" in text or f"`{name}(" in text, f"{view}.{name}"


def test_the_example_of_the_reference_is_a_strategy() -> None:
    code = re.search(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert code is not None
    names: dict[str, type[api.Strategy]] = {}
    exec(code[1], names)
    assert check_class(names["Dip"]) == []
