"""Exports: exact numbers, and text that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tradetui.domain.enums import InstrumentClass, LiquiditySide, OrderSide
from tradetui.domain.ids import (
    ClientOrderId,
    Currency,
    ExecutionId,
    InstrumentId,
    RouteId,
    StrategyId,
    TradeId,
)
from tradetui.domain.instruments import Instrument
from tradetui.domain.orders import Fill
from tradetui.services.export import to_csv, to_json_lines, with_currencies_apart

FILL = Fill(
    TradeId("t1"),
    ClientOrderId("ttx-0001"),
    StrategyId("btc"),
    ExecutionId("paper/main"),
    RouteId("paper-main"),
    InstrumentId("BTC/USDT.SIM"),
    OrderSide.SELL,
    2_350_000,
    6_741_230,
    1,
    -25_000_000,
    Currency("USDT"),
    LiquiditySide.MAKER,
    -150_000_001,
    0,
    1_800_000_000_123_456_789,
    7,
)
INSTRUMENT = Instrument(
    InstrumentId("BTC/USDT.SIM"),
    "BTC/USDT",
    "SIM",
    InstrumentClass.SPOT,
    Currency("BTC"),
    Currency("USDT"),
    2,
    8,
    1,
    1_000,
)


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=cmd()", "'=cmd()"),
        ("+1+1", "'+1+1"),
        ("-x", "'-x"),
        ("-", "-"),
        ("- ", "- "),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("  =x", "'  =x"),
        ("a\n=b", "a\n'=b"),
        ("-1.5", "-1.5"),
        ("-0.00000001", "-0.00000001"),
        ("1.2.3", "1.2.3"),
        ("-1.2.3", "'-1.2.3"),
        (-5, "-5"),
        (None, ""),
        (True, "true"),
        (False, "false"),
        ("", ""),
        ('a,"b"', 'a,"b"'),
    ],
)
def test_no_cell_is_a_formula(value: object, cell: str) -> None:
    rows = list(csv.reader(io.StringIO(to_csv(["x", "y"], [{"x": value, "y": 1}]))))
    assert rows == [["x", "y"], [cell, "1"]]


def test_json_lines_are_one_object_a_line() -> None:
    text = to_json_lines([{"a": "ä\n"}, {"a": 1}])
    assert [json.loads(line) for line in text.splitlines()] == [{"a": "ä\n"}, {"a": 1}]
    assert to_json_lines([]) == ""


def test_the_headings_of_a_csv_are_harmless_too() -> None:
    assert to_csv(["=cmd()"], [{"=cmd()": "x"}]) == "'=cmd()\nx\n"


def test_a_currency_has_a_column_of_its_own() -> None:
    columns, rows = with_currencies_apart(
        ["id", "fee", "pnl", "text", "size", "cash", "cash_currency"],
        [
            {"id": "a", "fee": "0.001 BTC", "pnl": "+1,250.00 USDT", "text": "3 BTC", "size": "1",
             "cash": "1 BTC", "cash_currency": "X"},
            {"id": "b", "fee": "-", "pnl": "-3", "text": "3 BTC or so", "size": "-",
             "cash": "1 BTC", "cash_currency": "X"},
            {"id": "c", "fee": None, "pnl": "", "text": "", "size": "",
             "cash": "1 BTC", "cash_currency": "X"},
        ],
    )  # fmt: skip
    assert columns == [
        "id", "fee", "fee_currency", "pnl", "pnl_currency", "text", "size", "cash", "cash_currency",
    ]  # fmt: skip
    assert [rows[0][name] for name in columns[:5]] == ["a", "0.001", "BTC", "1250.00", "USDT"]
    assert [rows[1][name] for name in columns[:5]] == ["b", "-", None, "-3", None]
    assert rows[0]["text"] == "3 BTC" and rows[0]["cash"] == "1 BTC"
