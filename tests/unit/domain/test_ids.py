"""Identities."""

from __future__ import annotations

import pytest

from tradetui.domain import ids
from tradetui.domain.instances import INSTANCE_ID, STRATEGY_TYPE


def test_identities():
    assert ids.instrument_id("BTC/USDT", "BINANCE") == "BTC/USDT.BINANCE"
    assert ids.client_order_id("7k", 412) == "tt7k-0412"
    assert ids.client_order_id("7k", 123_456) == "tt7k-123456"


@pytest.mark.parametrize(("code", "counter"), [("7k", 0), ("x" * 30, 1)])
def test_an_order_id_counts_up_and_stays_short(code, counter):
    with pytest.raises(AssertionError):
        ids.client_order_id(code, counter)


def test_the_kernels_own_order_ids():
    first = ids.kernel_order_id("run-1", 7, 0)
    assert first == ids.kernel_order_id("run-1", 7, 0)
    assert first.endswith("-k7-0")
    others = {
        ids.kernel_order_id("run-2", 7, 0),
        ids.kernel_order_id("run-1", 8, 0),
        ids.kernel_order_id("run-1", 7, 1),
    }
    assert first not in others
    assert len(others) == 3
    assert first.replace("-", "").isalnum()
    for seq_id, index in ((0, 0), (1, 10**30)):
        with pytest.raises(AssertionError):
            ids.kernel_order_id("run-1", seq_id, index)


def test_shadow_routes():
    assert ids.is_shadow(ids.shadow_route("btc-mr"))
    assert not ids.is_shadow("main")


@pytest.mark.parametrize(
    ("text", "is_legal"),
    [("btc-mr", True), ("9a_b", True), ("a" * 24, True), ("a" * 25, False), ("-a", False),
     ("A", False), ("", False), ("a b", False), ("a\n", False)],
)  # fmt: skip
def test_ids_of_instances(text, is_legal):
    assert bool(INSTANCE_ID.fullmatch(text)) is is_legal


@pytest.mark.parametrize(
    ("text", "is_legal"),
    [("ma_cross", True), ("a" * 64, True), ("a" * 65, False), ("1a", False), ("a-b", False)],
)
def test_types_of_strategies(text, is_legal):
    assert bool(STRATEGY_TYPE.fullmatch(text)) is is_legal
