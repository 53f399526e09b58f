"""Rates come from the sequenced marks of spot instruments, and from nothing else."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradetui.core.conversion import convert, rate_between, to_reporting
from tradetui.core.state import KernelState, Mark
from tradetui.domain.enums import InstrumentClass, RunMode
from tradetui.domain.instruments import Instrument
from tradetui.domain.steps import KernelConfig

UNIT = 10**8


def make_state(*pairs: tuple[str, str, int], kind: InstrumentClass = InstrumentClass.SPOT):
    state = KernelState(KernelConfig("run", RunMode.PAPER, "USD", (), ()))
    for number, (base, quote, price) in enumerate(pairs):
        name = f"{base}/{quote}.V{number}"
        state.instruments[name] = Instrument(name, "", "", kind, base, quote, 2, 8, 1, 1)
        state.marks[name] = Mark(price, 0, 0)
    return state


def test_the_same_currency_and_nothing_need_no_rate():
    state = make_state()
    assert to_reporting(state, "USD", 7) == 7
    assert to_reporting(state, "XYZ", 0) == 0
    assert to_reporting(state, "XYZ", 1) is None


def test_direct_inverse_and_over_a_third():
    state = make_state(("BTC", "USD", 50_000_00), ("ETH", "BTC", 5))
    assert to_reporting(state, "BTC", UNIT) == 50_000 * UNIT
    assert convert(state, "USD", "BTC", 50_000 * UNIT) == UNIT
    assert to_reporting(state, "ETH", UNIT) == 2_500 * UNIT
    assert convert(state, "USD", "ETH", 2_500 * UNIT) == UNIT
    assert convert(state, "ETH", "XRP", UNIT) is None


def test_a_direct_rate_wins_over_a_longer_way():
    state = make_state(("ETH", "BTC", 5), ("BTC", "USD", 50_000_00), ("ETH", "USD", 9_00))
    assert to_reporting(state, "ETH", UNIT) == 9 * UNIT


def test_of_two_direct_rates_the_first_by_instrument_id():
    state = make_state(("BTC", "USD", 2_00), ("BTC", "USD", 3_00))
    reverse = make_state(("BTC", "USD", 2_00), ("BTC", "USD", 3_00))
    reverse.marks = dict(reversed(reverse.marks.items()))
    assert to_reporting(state, "BTC", UNIT) == to_reporting(reverse, "BTC", UNIT) == 2 * UNIT


@pytest.mark.parametrize("kind", [InstrumentClass.FUTURE, InstrumentClass.PREDICTION])
def test_only_spot_prices_are_rates(kind):
    assert to_reporting(make_state(("BTC", "USD", 5), kind=kind), "BTC", 1) is None


def test_marks_that_cannot_be_rates():
    state = make_state(("BTC", "USD", 0))
    state.marks["unlisted"] = Mark(5, 0, 0)
    assert to_reporting(state, "BTC", UNIT) is None


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**9), st.integers(1, 10**9))
def test_the_rounding_is_exact(amount, first, second):
    state = make_state(("AAA", "BBB", first), ("BBB", "USD", second))
    exact = Fraction(amount) * first * second / 10_000
    assert to_reporting(state, "AAA", amount) == round(exact)
    assert rate_between(state, "AAA", "BBB") == (first, 100)
