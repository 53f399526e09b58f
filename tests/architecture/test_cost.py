"""The cost of a bar and of an order, in steps of the interpreter: it may fall, and not creep up."""

from __future__ import annotations

import sys

import pytest
from tests.performance.counts import count, per_order

pytestmark = pytest.mark.skipif(
    sys.version_info[:2] != (3, 11) or sys.gettrace() is not None,
    reason="the counts are those of CPython 3.11, and nothing else may trace",
)

LIMITS = {"W1": 843, "W1_journal": 931, "W2": 924, "W3": 5_080}
"""Bytecodes a bar, some two per cent above what they are. Lower them with what is won."""


@pytest.mark.parametrize("workload", LIMITS)
def test_a_bar_costs_no_more(workload: str) -> None:
    bars = 40 if workload == "W3" else 500
    assert count(workload, bars, warm=1_000).bytecodes.total() / bars <= LIMITS[workload]


def test_an_order_costs_the_same_whatever_came_before() -> None:
    few, many = (count("W3", 40, warm=warm).bytecodes.total() for warm in (100, 3_000))
    assert many <= few * 1.01


def test_an_order_costs_little_more_among_many_sub_positions() -> None:
    few, many = per_order(4, 2), per_order(20, 2)
    assert many <= few * 1.02
