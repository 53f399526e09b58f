"""Crashes at every boundary of persistence, on real SQLite files.

The boundaries are not written down here: a reference run of the whole application passes through
every statement that the storage layer makes, and each transaction that it ends (on either
database) is a boundary, named by the tables it wrote. At each one the folder is copied as a dead
process would leave it, at four moments: before the commit, torn in the middle of what the commit
wrote (of the journal: its log is cut within the last frame), durable but not yet known to the
engine, and applied. Each copy is started again in four ways.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from unittest import mock

import aiosqlite
from tests.support.recovery import (
    all_steps,
    assert_same,
    assert_sums,
    opened,
    options_for,
    replayed,
    write_bars,
)

from tradetui.runtime import clock
from tradetui.storage import journal_group

MOMENTS: Final = ("before", "torn", "durable", "applied")
RESTARTS: Final = ("normal", "venue down", "skewed clock", "crash again")
BARS: Final = 60
_WRITES: Final = re.compile(
    r"^\s*(INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM|CREATE TABLE|ALTER TABLE|PRAGMA user_version"
    r" *=)\s*\"?(\w*)",
    re.IGNORECASE,
)
_OF_JOURNAL: Final = ("steps", "runs", "checkpoints", "segments")
_STEP: Final = 3_600 * 10**9


@dataclass(frozen=True)
class Snapshot:
    """A folder as it was left: at which boundary, which time, in which moment.

    ``acknowledged``: steps that anything outside the journal may have acted on by then.
    """

    boundary: str
    occurrence: int
    moment: str
    folder: Path
    acknowledged: int

    @property
    def name(self) -> str:
        return f"{self.boundary} #{self.occurrence} {self.moment}"


class Statements:
    """Takes down the statements that something would make."""

    in_transaction = False

    def __init__(self) -> None:
        self.made: list[tuple[str, tuple[Any, ...]]] = []

    def execute(self, *args: Any) -> None:
        self.made.append(("execute", args))

    def executemany(self, *args: Any) -> None:
        self.made.append(("executemany", args))


async def one_by_one(connection: Any, work: Any) -> None:
    """Make the statements of ``work`` each in a turn of its own, so that a crash between them can
    be looked at; none of them fails here.
    """
    statements = Statements()
    work(statements)
    for name, args in statements.made:
        await getattr(connection, name)(*args)


class Recorder:
    """Stands between the storage layer and SQLite, and copies the folder at what is wanted.

    ``wanted`` None: only count how often each boundary is passed.
    """

    def __init__(self, folder: Path, into: Path, wanted: dict[str, tuple[int, ...]] | None) -> None:
        self.folder, self.into, self.wanted = folder, into, wanted
        self.passed: Counter[str] = Counter()
        self.snapshots: list[Snapshot] = []
        self.watermark: Any = lambda: 0
        self._tables: dict[int, list[str]] = {}
        self._due: tuple[str, int] | None = None

    @contextmanager
    def listening(self) -> Iterator[Recorder]:
        """Record while the block runs."""
        execute, executemany = aiosqlite.Connection.execute, aiosqlite.Connection.executemany
        recorder = self

        async def one(connection: Any, sql: str, *args: Any) -> Any:
            recorder.enter(connection, sql)
            done = await execute(connection, sql, *args)
            recorder.leave(connection, sql)
            return done

        async def many(connection: Any, sql: str, *args: Any) -> Any:
            recorder.enter(connection, sql)
            return await executemany(connection, sql, *args)

        with (
            mock.patch.object(aiosqlite.Connection, "execute", one),
            mock.patch.object(aiosqlite.Connection, "executemany", many),
            mock.patch.object(journal_group, "in_one_go", one_by_one),
        ):
            yield self

    def enter(self, connection: Any, sql: str) -> None:
        """A statement is about to be made."""
        self._take_due()
        tables = self._tables.setdefault(id(connection), [])
        found = _WRITES.match(sql)
        if sql.upper().startswith("BEGIN"):
            tables.clear()
        elif found:
            table = found.group(2) or "version"
            if table not in tables:
                tables.append(table)
            if not connection.in_transaction:
                self._boundary("before", tables)
        elif sql.upper().startswith("COMMIT"):
            self._boundary("before", tables)

    def leave(self, connection: Any, sql: str) -> None:
        """A statement was made."""
        tables = self._tables.get(id(connection), [])
        if tables and not connection.in_transaction:
            boundary = self._boundary("torn", tables)
            self._boundary("durable", tables)
            occurrence = self.passed[boundary]
            self.passed[boundary] += 1
            self._due = (boundary, occurrence)
            tables.clear()

    def _take_due(self) -> None:
        """What a boundary made durable has been acted on by the time of the next statement."""
        if self._due is not None:
            boundary, occurrence = self._due
            self._due = None
            self._copy(boundary, occurrence, "applied")

    def _boundary(self, moment: str, tables: list[str]) -> str:
        boundary = "+".join(tables)
        self._copy(boundary, self.passed[boundary], moment)
        return boundary

    def _copy(self, boundary: str, occurrence: int, moment: str) -> None:
        if self.wanted is None or occurrence not in self.wanted.get(boundary, ()):
            return
        target = self.into / f"{len(self.snapshots):05d}"
        shutil.copytree(self.folder, target)
        if moment == "torn" and any(table in _OF_JOURNAL for table in boundary.split("+")):
            tear(target)
        self.snapshots.append(Snapshot(boundary, occurrence, moment, target, self.watermark()))


def tear(folder: Path) -> None:
    """Cut the newest write-ahead log within its last frame, as a power cut would."""
    wal = folder / "journal.db-wal"
    if wal.exists() and (size := wal.stat().st_size) > 2_000:
        with wal.open("r+b") as file:
            file.truncate(size - 1_500)


async def reference(data: Path, folder: Path, recorder: Recorder) -> None:
    """Run the application once, from its first start to its clean end, with an act of a person."""
    with recorder.listening():
        async with opened(options_for(folder, data)) as running:
            recorder.watermark = lambda: running.journal.watermark
            await running.driver.start()
            await running.driver.run_until_end()
        recorder._take_due()


@contextmanager
def skewed() -> Iterator[None]:
    """Have the machine's clock go one hour behind."""
    now = clock.SystemClock.now
    with mock.patch.object(clock.SystemClock, "now", lambda self: now(self) - _STEP):
        yield


async def start_and_finish(folder: Path, data: Path) -> None:
    """Start on a folder, run to the end of the data, and check that nothing is lost or doubled."""
    async with opened(options_for(folder, data)) as running:
        await running.driver.start()
        await running.driver.run_until_end()
        kernel = running.driver.loop.kernel
    assert_sums(folder, kernel)
    assert_same(kernel.state, replayed(folder))


async def restart(snapshot: Snapshot, how: str, data: Path, place: Path) -> str:
    """Start again from a snapshot; return what is wrong, empty when nothing is."""
    folder = place / "state"
    shutil.copytree(snapshot.folder, folder)
    try:
        kept = len(all_steps(folder)) if (folder / "journal.db").exists() else 0
        if kept < snapshot.acknowledged:
            return f"{snapshot.acknowledged} steps were acknowledged, {kept} are kept"
        if how == "normal":
            await start_and_finish(folder, data)
        elif how == "venue down":
            hidden = data.with_suffix(".gone")
            data.rename(hidden)
            try:
                async with opened(options_for(folder, data)) as running:
                    await running.driver.start()
                return "it started without its data"
            except Exception as error:  # noqa: BLE001 - any refusal, as long as it is in words
                if not str(error):
                    return f"it refused without a word: {error!r}"
            finally:
                hidden.rename(data)
            await start_and_finish(folder, data)
        elif how == "skewed clock":
            with skewed():
                await start_and_finish(folder, data)
        else:
            again = Recorder(folder, place, dict.fromkeys(("runs+checkpoints", "runs"), (0,)))
            with again.listening():
                await start_and_finish(folder, data)
            for number, crashed in enumerate(again.snapshots):
                shutil.copytree(crashed.folder, place / f"again{number}")
                await start_and_finish(place / f"again{number}", data)
    except AssertionError as error:
        return f"{type(error).__name__}: {str(error)[:300]}"
    except Exception as error:  # noqa: BLE001 - a finding, whatever it is
        return f"{type(error).__name__}: {error}"
    return ""


async def run_cases(most: int | None, each: int, bars: int = BARS) -> tuple[int, int, list[str]]:
    """Run the cases (every ``n``-th when there are more than ``most``); return how many boundaries
    there are, how many cases ran, and what was wrong.
    """
    with tempfile.TemporaryDirectory(prefix="tradetui-crash-") as text:
        base = Path(text)
        data = write_bars(base / "bars_1m.csv", bars)
        counted = Recorder(base / "count", base, None)
        await reference(data, base / "count", counted)
        wanted = {}
        for boundary, times in counted.passed.items():
            picked = dict.fromkeys(
                (0, times // 2, times - 1, *range(0, times, max(1, times // each)))
            )
            wanted[boundary] = tuple(picked)
        recorder = Recorder(base / "run", base / "snapshots", wanted)
        recorder.into.mkdir()
        await reference(data, base / "run", recorder)
        cases = [(s, how) for s in recorder.snapshots for how in RESTARTS]
        stride = 1 if most is None else max(1, len(cases) // most)
        wrong = []
        picked_cases = cases[::stride]
        for number, (snapshot, how) in enumerate(picked_cases):
            place = base / f"case{number}"
            place.mkdir()
            text = await restart(snapshot, how, data, place)
            if text:
                wrong.append(f"{snapshot.name}, {how}: {text}")
            shutil.rmtree(place)
        return len(wanted), len(picked_cases), wrong


def main() -> int:
    """Run the cases and print their number; 1 if any went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.crash_points")
    parser.add_argument("--cases", type=int, help="so many of all cases, evenly chosen")
    parser.add_argument(
        "--each", type=int, default=3, help="each boundary so often, and at its last time"
    )
    args = parser.parse_args()
    started = time.perf_counter()
    boundaries, cases, wrong = asyncio.run(run_cases(args.cases, args.each))
    print(
        f"{boundaries} boundaries of persistence, {len(MOMENTS)} moments, {len(RESTARTS)} "
        f"restarts: {cases} cases on SQLite, {len(wrong)} violations, "
        f"{time.perf_counter() - started:.1f} s"
    )
    for text in wrong[:20]:
        print(f"  {text}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
