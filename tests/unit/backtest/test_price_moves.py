"""Profit from prices in another currency: each stretch at the rate of its own time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace
from tests.engine_kit import BTC, ETH

from tradetui.backtest.price_moves import PriceMoves, profit_by_currency
from tradetui.backtest.state_at import state_at
from tradetui.core.state import KernelState
from tradetui.domain.enums import OrderSide
from tradetui.domain.ids import Currency
from tradetui.domain.orders import Fill
from tradetui.domain.units import CASH_SCALE

KEY, OTHER = BTC.instrument_id, ETH.instrument_id
CASH = 10**CASH_SCALE
UNIT = 10**BTC.size_scale


@pytest.fixture
def state(record: Callable[..., Any]) -> KernelState:
    """Markets in USD, reported in BTC; 700 USD were earned before, and nothing is held."""
    run = record(20, with_acts=False).run
    found = state_at(run, run.last).kernel.state
    found.config = replace(found.config, reporting_currency=Currency("BTC"))
    for number, key in enumerate(sorted(found.positions)):
        was = found.positions[key]
        earned = 700 * CASH if not number else 0
        found.positions[key] = replace(was, quantity=0, cost=0, realised_pnl=earned)
    price(found, 100)
    return found


def price(state: KernelState, usd: int) -> None:
    """Set what one BTC costs."""
    state.marks[KEY] = replace(state.marks[KEY], price=usd * 10**BTC.price_scale)


def eth(state: KernelState, usd: int) -> None:
    state.marks[OTHER] = replace(state.marks[OTHER], price=usd * 10**ETH.price_scale)


def a_fill(state: KernelState, side: OrderSide, usd: int, fee: int = 0) -> Fill:
    key = next(key for key in sorted(state.positions) if key[2] == OTHER)
    return _fill(key, side, usd, fee)


def _fill(key: Any, side: OrderSide, usd: int, fee: int) -> Fill:
    values: dict[str, Any] = dict.fromkeys(Fill.__struct_fields__, 0)
    currency = ETH.base if fee else ETH.quote
    values |= {"strategy_id": key[0], "route_id": key[1], "instrument_id": key[2], "side": side}
    values |= {"quantity": UNIT, "price": usd * 10**ETH.price_scale}
    return Fill(**values | {"commission": fee, "commission_currency": currency})


def test_what_was_earned_before_does_not_move(state: KernelState) -> None:
    moves = PriceMoves(state)
    price(state, 200)
    assert moves.end(state) == 0


def test_each_stretch_has_the_rate_of_its_end(state: KernelState) -> None:
    eth(state, 10)
    moves = PriceMoves(state)
    moves.reach(state)
    moves.fill(state, a_fill(state, OrderSide.BUY, 10))
    eth(state, 30)
    price(state, 200)
    moves.reach(state)
    moves.fill(state, a_fill(state, OrderSide.SELL, 29))
    price(state, 400)
    key = next(key for key in sorted(state.positions) if key[2] == OTHER)
    state.positions[key] = replace(
        state.positions[key], realised_pnl=state.positions[key].realised_pnl + 19 * CASH
    )
    # 20 USD of move and 1 USD lost at the fill, all at 200 USD a coin; nothing at 400.
    assert moves.end(state) == 19 * CASH // 200


def test_what_was_closed_without_a_fill_has_the_rate_of_the_end(state: KernelState) -> None:
    moves = PriceMoves(state)
    key = next(key for key in sorted(state.positions) if key[2] == OTHER)
    price(state, 400)
    state.positions[key] = replace(
        state.positions[key], realised_pnl=state.positions[key].realised_pnl + 8 * CASH
    )
    assert moves.end(state) == 8 * CASH // 400


@pytest.mark.parametrize("size_scale", [ETH.size_scale, 2])
def test_a_fee_in_the_coin_is_held_no_more(state: KernelState, size_scale: int) -> None:
    """Sizes have their market's own scale, a fee has that of money."""
    state.instruments[OTHER] = replace(ETH, size_scale=size_scale)
    one = 10**size_scale
    eth(state, 10)
    moves = PriceMoves(state)
    bought = a_fill(state, OrderSide.BUY, 10, fee=CASH // 2)
    moves.fill(state, replace(bought, quantity=one))
    eth(state, 30)
    moves.reach(state)
    key = next(key for key in sorted(state.positions) if key[2] == OTHER)
    held = replace(state.positions[key], quantity=one // 2, cost=5 * CASH)
    state.positions[key] = held
    price(state, 1_000)
    # Half a coin made 10 USD, while a BTC was 100 USD.
    assert moves.end(state) == 10 * CASH // 100


def test_what_cannot_be_valued_is_not_known(state: KernelState) -> None:
    moves = PriceMoves(state)
    key = next(key for key in sorted(state.positions) if key[2] == OTHER)
    state.positions[key] = replace(state.positions[key], quantity=UNIT, cost=0)
    del state.marks[OTHER]
    assert profit_by_currency(state) is None
    assert moves.end(state) is None
