"""A common order is built like any other, only sooner; every door takes the same words for one."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from strategy_testing import BTC

from tradetui.domain.intents import PlaceOrder
from tradetui.strategy import orders
from tradetui.strategy.context import Context
from tradetui.strategy.errors import InvalidOrder
from tradetui.strategy.helpers import OrderHelpers

SIDES = ("buy", "sell", "long", "SELL", "up", 1, None, ["buy"])
KINDS = ("market", "limit", "stop", "iceberg", None)
NUMBERS = (1, 0.5, "0.25", 1e-12, -1, float("nan"), True, None)
PRICES = (None, 100, 99.999, "1e5", 0, "x")
OPTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"stop": 90},
    {"trail": 5},
    {"tif": "ioc"},
    {"tif": "GTC"},
    {"tif": "never"},
    {"expire": 5},
    {"post_only": True},
    {"reduce_only": True},
    {"oco": "pair"},
    {"parent": "ttx-0001"},
    {"role": "exit"},
    {"role": "boss"},
    {"reason": "because\n", "signal": 3},
)
DEFAULTS: dict[str, Any] = {
    "stop": None,
    "trail": None,
    "tif": "gtc",
    "expire": None,
    "post_only": False,
    "reduce_only": False,
    "oco": None,
    "parent": None,
    "role": None,
    "reason": "",
    "signal": None,
}


def built(build: Any, side: Any, amount: Any, kind: Any, price: Any, options: Any) -> Any:
    """Return the order, or the sentence that refuses it."""
    values = {**DEFAULTS, **options}.values()
    try:
        return build(BTC, "ttx-0002", lambda: 0, side, amount, kind, price, *values)
    except InvalidOrder as error:
        return str(error)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_a_common_order_is_what_the_long_way_builds(options: dict[str, Any]) -> None:
    made = 0
    for side, kind, amount, price in product(SIDES, KINDS, NUMBERS, PRICES):
        short = built(orders.build_place_order, side, amount, kind, price, options)
        assert short == built(orders._build_any, side, amount, kind, price, options)
        made += isinstance(short, PlaceOrder)
    if not {"stop", "trail", "expire"} & set(options) and options.get("tif") != "never":
        assert made or options.get("role") == "boss"


def test_a_common_order_is_built_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(orders, "_build_any")
    assert isinstance(built(orders.build_place_order, "buy", 1, "limit", 100.0, {}), PlaceOrder)
    assert isinstance(built(orders.build_place_order, "sell", 1, "market", None, {}), PlaceOrder)


def taken(door: Callable[..., Any]) -> list[inspect.Parameter]:
    return list(inspect.signature(door).parameters.values())


@pytest.mark.parametrize("door", [Context.build_order, OrderHelpers.place])
def test_every_door_takes_the_same_words(door: Callable[..., Any]) -> None:
    assert taken(door) == taken(Context.place_order)


def test_the_long_way_takes_what_the_short_one_does() -> None:
    assert taken(orders._build_any) == taken(orders.build_place_order)
