"""Exports: exact numbers, and text that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
import json

import msgspec
import pytest

from tradetui.domain.enums import InstrumentClass, LiquiditySide, OrderSide
from tradetui.domain.ids import (
    ClientOrderId,
    Currency,
    ExecutionId,
    InstrumentId,
    RouteId,
    RunId,
    StrategyId,
    TradeId,
)
from tradetui.domain.instruments import Instrument
from tradetui.domain.orders import Fill
from tradetui.ports.history import RunFill
from tradetui.services.export import FILL_COLUMNS, fill_row, to_csv, to_json_lines

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


def test_a_fill_is_exact() -> None:
    row = fill_row(RunFill(RunId("r1"), FILL, INSTRUMENT))
    assert tuple(row) == FILL_COLUMNS
    assert (row["quantity"], row["price"]) == ("0.0235", "67412.3")
    assert (row["fee"], row["realised_pnl"]) == ("-0.25", "-1.50000001")
    assert row["time_ns"] == 1_800_000_000_123_456_789
    assert row["shadow"] is False


def test_without_its_instrument_the_scales_are_not_guessed() -> None:
    row = fill_row(RunFill(RunId("r1"), FILL, None))
    assert (row["quantity"], row["price"]) == ("", "")


def test_a_shadow_fill_is_marked() -> None:
    shadow = msgspec.structs.replace(FILL, route_id=RouteId("shadow:btc"))
    assert fill_row(RunFill(RunId("r1"), shadow, INSTRUMENT))["shadow"] is True


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
