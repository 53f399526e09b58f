"""Columns of numbers: exact integers at one scale; each bad value named, nothing guessed."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradetui.data.numbers import ColumnParser, rescale, step_of
from tradetui.domain.units import I64_MAX, NumberError


def parser_of(*blocks: list[str | None], rounded_to: int | None = None) -> ColumnParser:
    parser = ColumnParser("close", rounded_to)
    for block in blocks:
        assert parser.add(pl.Series(block, dtype=pl.String)) == []
    return parser


@given(
    st.lists(
        st.decimals(-(10**9), 10**9, places=6, allow_nan=False).map(lambda one: f"{one:f}"),
        min_size=1,
        max_size=30,
    )
)
def test_every_decimal_comes_back(texts: list[str]) -> None:
    column = parser_of(texts).finish()
    assert [Decimal(int(one)).scaleb(-column.scale) for one in column.values] == [
        Decimal(text) for text in texts
    ]
    assert column.scale == 0 or any(int(one) % 10 for one in column.values)


def test_blocks_of_other_scales_are_brought_to_one() -> None:
    column = parser_of(["1.5", "2"], ["3.25"], ["+4e-1"]).finish()
    assert (column.values.tolist(), column.scale) == ([150, 200, 325, 40], 2)


def test_no_values_are_an_empty_column() -> None:
    column = ColumnParser("close").finish()
    assert (column.values.tolist(), column.scale, column.typical_decimals) == ([], 0, 0)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is empty"),
        (None, "is empty"),
        ("NaN", "is not a finite number"),
        ("-inf", "is not a finite number"),
        ("n/a", "is not a finite number"),
        ("1,5", "is not a number"),
        ("0x10", "is not a number"),
        ("1e999", "is out of range"),
        ("0.1234567890123456789", "has more than 18 decimals"),
        ("99999999999999999999", "does not fit into 64 bits"),
    ],
)
def test_a_bad_value_is_named_with_its_row_and_read_as_nothing(text: str | None, why: str) -> None:
    parser = ColumnParser("close")
    bad = parser.add(pl.Series(["1", text, "2"], dtype=pl.String))
    assert [(row, said) for row, _, said in bad] == [(1, why)]
    assert parser.finish().values.tolist() == [1, 0, 2]


def test_the_print_of_a_double_is_read_as_the_decimal_it_stands_for_and_counted() -> None:
    column = parser_of(["13752.179999999999", "0.30000000000000004", "1.5"]).finish()
    assert (column.values.tolist(), column.scale) == ([1_375_218, 30, 150], 2)
    assert column.noisy == 2
    assert column.noisy_example == "13752.179999999999 as 13752.18"


def test_many_digits_that_are_no_double_are_kept() -> None:
    column = parser_of(["0.123456789012345678"]).finish()
    assert (column.values.tolist(), column.scale, column.noisy) == ([123456789012345678], 18, 0)


def test_volumes_are_rounded_half_to_even_and_counted() -> None:
    column = parser_of(["1.25", "1.35", "1.4", "0.12345678901234567890123"], rounded_to=1).finish()
    assert (column.values.tolist(), column.scale, column.rounded) == ([12, 14, 14, 1], 1, 3)


def test_numbers_that_cannot_share_a_scale_are_refused() -> None:
    parser = ColumnParser("close")
    with pytest.raises(NumberError, match=r"column close: numbers of this size with 12 decimals"):
        parser.add(pl.Series(["900000000000", "0.000000000001"]))
    parser = parser_of(["900000000000"], ["0.000000000001"])
    with pytest.raises(NumberError, match="column close: numbers of this size and precision"):
        parser.finish()


def test_a_few_odd_prints_do_not_make_the_tick() -> None:
    column = parser_of(["1.25"] * 95 + ["1.2512"] * 5).finish()
    assert (column.scale, column.typical_decimals) == (4, 2)


def test_a_column_is_raised_to_a_finer_scale_or_refused() -> None:
    assert rescale(np.array([5, -7]), 1, 3, "size").tolist() == [500, -700]
    assert rescale(np.array([5]), 2, 2, "size").tolist() == [5]
    with pytest.raises(NumberError, match="column size"):
        rescale(np.array([I64_MAX // 5]), 0, 1, "size")


@pytest.mark.parametrize("step", [1, 2, 5, 25, 50])
def test_the_step_is_what_enough_values_agree_on(step: int) -> None:
    values = np.arange(1, 300) * step * 100
    assert step_of(values, 4, 2) == step * 100
    assert step_of(values[:150], 4, 2) == 100
