"""What came of a run: its own fills, and by how much its accounts moved from what it began with to
its last step.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tradetui.domain.codec import encode
from tradetui.domain.ids import RouteId, RunId, StrategyId, shadow_route
from tradetui.storage.journal_schema import JOURNAL_SCHEMA
from tradetui.storage.row_source import RowSource
from tradetui.storage.run_results import RunResult, RunRows, results

FIRST = RunRows(RunId("r1"), 1, 10)
SECOND = RunRows(RunId("r2"), 10, 20, "r1")
OTHER = RunRows(RunId("r3"), 20, 30)
BTC = StrategyId("btc")


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(tmp_path / "journal.db", isolation_level=None)
    connection.execute(f"PRAGMA user_version = {JOURNAL_SCHEMA.version}")
    connection.execute("CREATE TABLE fills (row INTEGER, strategy_id TEXT, body BLOB)")
    connection.execute("CREATE TABLE equity (row INTEGER, key TEXT, currency TEXT, equity INTEGER)")
    yield connection
    connection.close()


def told(
    connection: sqlite3.Connection, runs: tuple[RunRows, ...], *equity: tuple[int, str, str, int]
) -> list[tuple[tuple[str, int], ...]]:
    """Return the changes of each run of a journal with these points of equity."""
    connection.executemany("INSERT INTO equity VALUES (?, ?, ?, ?)", equity)
    source = RowSource(connection, Path("journal.db"))
    return [one.changes for one in results(runs, len(runs), source)]


def test_a_run_begins_and_the_one_before_ends_with_what_was_carried_on(
    connection: sqlite3.Connection,
) -> None:
    points = (
        (2, "main", "USD", 1_000),
        (7, "main", "USD", 1_300),
        (10, "main", "USD", 1_420),  # the first run came to this before it was cut off
        (12, "main", "USD", 1_400),
        (14, "main", "USD", 1_350),
    )
    assert told(connection, (FIRST, SECOND), *points) == [(("USD", 420),), (("USD", -70),)]


def test_a_run_that_notes_no_beginning_begins_with_the_last_that_the_one_before_noted(
    connection: sqlite3.Connection,
) -> None:
    points = (
        (2, "main", "USD", 1_000),
        (7, "main", "USD", 1_300),
        (12, "main", "USD", 1_250),
        (14, "third", "EUR", 70),
        (15, "third", "EUR", 75),
    )
    changes = told(connection, (FIRST, SECOND), *points)
    assert changes == [(("USD", 300),), (("EUR", 5), ("USD", -50))]


def test_a_run_that_began_flat_has_nothing_to_do_with_the_one_before(
    connection: sqlite3.Connection,
) -> None:
    points = (
        (2, "main", "USD", 1_000),
        (7, "main", "USD", 1_300),
        (20, "main", "USD", 1_000),
        (25, "main", "USD", 990),
    )
    assert told(connection, (FIRST, OTHER), *points) == [(("USD", 300),), (("USD", -10),)]


def test_a_run_is_continued_by_the_first_that_says_so(connection: sqlite3.Connection) -> None:
    again = RunRows(RunId("r4"), 30, 40, "r1")
    points = (
        (2, "main", "USD", 1_000),
        (10, "main", "USD", 1_100),
        (30, "main", "USD", 1_900),
        (31, "main", "USD", 1_950),
    )
    changes = told(connection, (FIRST, SECOND, OTHER, again), *points)
    assert changes == [(("USD", 100),), (("USD", 0),), (), (("USD", 50),)]


def test_only_the_newest_are_told(connection: sqlite3.Connection) -> None:
    source = RowSource(connection, Path("journal.db"))
    assert [one.run_id for one in results((FIRST, SECOND), 1, source)] == ["r2"]
    assert [one.run_id for one in results((FIRST,), 5, source)] == ["r1"]


def test_fills_of_a_shadow_book_are_none(connection: sqlite3.Connection) -> None:
    rows = [(2, BTC, RouteId("paper")), (3, BTC, shadow_route(BTC)), (12, BTC, RouteId("paper"))]
    connection.executemany(
        "INSERT INTO fills VALUES (?, ?, ?)",
        [(row, who, encode(route)) for row, who, route in rows],
    )
    source = RowSource(connection, Path("journal.db"))
    found = [RunResult.of(run, None, None, source).fills for run in (FIRST, SECOND, OTHER)]
    assert found == [1, 1, 0]
