"""Moments in files: their unit or format is told from the first value, and said."""

from __future__ import annotations

import polars as pl
import pytest

from tradetui.data.times import TimeParser
from tradetui.domain.units import NANOS_PER_SECOND as SECOND

NOON = 1_600_000_000
"""2020-09-13 12:26:40 UTC, in seconds."""


def parsed(*texts: str | None, name: str = "time", unit: str | None = None):
    parser = TimeParser(name, unit)
    bad = parser.add(pl.Series(texts, dtype=pl.String))
    return parser.finish().tolist(), bad, parser.note


@pytest.mark.parametrize(
    ("text", "unit"),
    [(f"{NOON}", "s"), (f"{NOON}000", "ms"), (f"{NOON}000000", "us"), (f"{NOON}000000000", "ns")],
)
def test_the_unit_of_a_number_is_told_by_its_size(text: str, unit: str) -> None:
    assert parsed(text) == ([NOON * SECOND], [], f"times in column time are {unit}, by their size")


def test_a_unit_in_the_name_or_as_stated_wins_over_the_size() -> None:
    times, _, note = parsed("90", name="open_ms")
    assert (times, note) == ([90_000_000], "times in column open_ms are ms, by its name")
    times, _, note = parsed("90", name="open_ms", unit="s")
    assert (times, note) == ([90 * SECOND], "times in column open_ms are s, as stated")


def test_decimals_of_seconds_are_exact() -> None:
    times, bad, _ = parsed(f"{NOON}.123456789", f"{NOON}.5", f"{NOON}", unit="s")
    assert times == [NOON * SECOND + 123_456_789, NOON * SECOND + SECOND // 2, NOON * SECOND]
    assert bad == []


def test_more_decimals_than_a_nanosecond_are_no_time() -> None:
    _, bad, _ = parsed(f"{NOON}.5", f"{NOON}.1234567891", unit="s")
    assert [row for row, *_ in bad] == [1]


@pytest.mark.parametrize(
    "text",
    [
        "2020-09-13 12:26:40",
        "2020-09-13T12:26:40",
        "2020-09-13T12:26:40Z",
        "2020-09-13T14:26:40+02:00",
        "2020-09-13 12:26:40.000",
        "2020/09/13 12:26:40",
        "20200913 12:26:40",
    ],
)
def test_dates_are_read_as_utc_or_by_their_zone(text: str) -> None:
    times, bad, note = parsed(text)
    assert (times, bad) == ([NOON * SECOND], [])
    assert note == "times are dates in column time, read as UTC"


def test_a_day_alone_begins_at_midnight() -> None:
    assert parsed("2020-09-13")[0] == [NOON // 86_400 * 86_400 * SECOND]


def test_a_first_value_that_is_no_time_makes_the_column_bad() -> None:
    times, bad, _ = parsed("soon", "2020-09-13")
    assert times == [0, 0]
    assert [what for *_, what in bad] == ["is not a time", "is not a time"]


def test_each_bad_value_is_named_with_its_row_and_why() -> None:
    texts = (f"{NOON}", "", None, "time", "x1", "9999999999999", "-5", "0")
    times, bad, _ = parsed(*texts, unit="s")
    assert times == [NOON * SECOND, 0, 0, 0, 0, 0, 0, 0]
    assert bad == [
        (1, "", "is empty"),
        (2, "", "is empty"),
        (3, "time", "is the header again"),
        (4, "x1", "is not a time"),
        (5, "9999999999999", "is no time in s between 1970 and 2100"),
        (6, "-5", "is not a time"),
        (7, "0", "is no time in s between 1970 and 2100"),
    ]


def test_the_form_is_told_once_for_all_blocks() -> None:
    parser = TimeParser("time")
    assert parser.add(pl.Series(["", f"{NOON}000"])) == [(0, "", "is empty")]
    assert parser.add(pl.Series([f"{NOON}001", "2020-09-13"]))[0][0] == 1
    assert parser.finish().tolist() == [0, NOON * SECOND, NOON * SECOND + 1_000_000, 0]


def test_no_blocks_are_no_times() -> None:
    assert TimeParser("time").finish().tolist() == []
