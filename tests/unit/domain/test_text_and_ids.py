"""Text from outside made safe; identities."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradetui.domain import ids
from tradetui.domain.instances import INSTANCE_ID, STRATEGY_TYPE
from tradetui.domain.text import MAX_MESSAGE, escaped_json, printable, visible


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("plain", "plain"),
        ("a\tb\nc\rd", "a b c d"),
        ("\x1b[31mred", "?[31mred"),
        ("\u202eabc\u200b", "?abc?"),
        ("\x00\x7f\x9b", "???"),
        ("\ud800", "?"),
        ("ünïcode €", "ünïcode €"),
    ],
)
def test_what_could_steer_a_terminal_is_replaced(text, safe):
    assert printable(text) == safe


@given(st.text(max_size=80), st.integers(3, 40))
def test_it_is_always_printable_and_bounded(text, limit):
    safe = printable(text, limit)
    assert safe.isprintable()
    assert len(safe) <= limit
    assert printable(safe, limit) == safe


def test_a_cut_is_shown():
    assert printable("x" * 501) == "x" * (MAX_MESSAGE - 3) + "..."
    assert printable("x" * 500) == "x" * 500


@given(st.text(max_size=80))
def test_what_is_whole_is_as_safe(text):
    assert visible(text) == printable(text)


@given(st.text(max_size=80))
def test_json_keeps_its_value_and_acts_on_nothing(text):
    written = escaped_json(json.dumps([text], ensure_ascii=False, indent=1))
    assert json.loads(written) == [text]
    assert written.replace("\n", "").isprintable()


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
