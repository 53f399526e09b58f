"""Every statement that writes the journal fails once, each in a run of its own: nothing is lost.

As SQLite tests itself: let the first write fail, then the second, and so on until a run passes
without reaching the failure. The failure is a full disk, a lock or an error of the device, before
the statement or (a commit that reports an error and has happened) after it.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from unittest import mock

from tests.support.recovery import (
    all_steps,
    assert_same,
    assert_sums,
    opened,
    options_for,
    replayed,
    write_bars,
)

from tradetui.ports.journal import JournalError
from tradetui.services.errors import RuntimeProblemError
from tradetui.storage.held_files import HeldConnection

CODES: Final = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_IOERR)
_TABLES: Final = ("INTO steps", "INTO fills", "INTO equity", "INTO instruments")


def of_a_worker() -> bool:
    """Tell whether the storage layer makes a statement, in a connection's own thread: not what is
    read or archived aside.
    """
    return "_connection_worker_thread" in threading.current_thread().name


class Failures:
    """Fails the ``wanted``-th write of the journal (counted from 0); ``passed`` counts them."""

    def __init__(self, wanted: int, code: int, *, after: bool) -> None:
        self.wanted, self.code, self.after = wanted, code, after
        self.passed = 0
        self.stopped = False
        """Whether the run ended with a sentence instead of going on."""
        self._writers: dict[int, None] = {}

    def _is_due(self, connection: Any, sql: str) -> bool:
        if any(table in sql for table in _TABLES):
            self._writers[id(connection)] = None
        elif not (sql == "COMMIT" and id(connection) in self._writers):
            return False
        self.passed += 1
        return self.passed - 1 == self.wanted

    def _error(self) -> sqlite3.OperationalError:
        error = sqlite3.OperationalError("planned")
        error.sqlite_errorcode = self.code
        return error

    @contextmanager
    def injected(self) -> Iterator[None]:
        """Have the write fail while the block runs."""
        execute, executemany = sqlite3.Connection.execute, sqlite3.Connection.executemany
        failures = self

        def wrap(original: Any) -> Any:
            def statement(connection: Any, sql: str, *args: Any) -> Any:
                is_due = of_a_worker() and failures._is_due(connection, sql)
                if is_due and not (failures.after and sql == "COMMIT"):
                    raise failures._error()
                done = original(connection, sql, *args)
                if is_due:
                    raise failures._error()
                return done

            return statement

        with (
            mock.patch.object(HeldConnection, "execute", wrap(execute)),
            mock.patch.object(HeldConnection, "executemany", wrap(executemany)),
        ):
            yield


async def run_once(folder: Path, data: Path, failures: Failures) -> str:
    """Run the application with one failing write; return what is wrong, empty when nothing is."""
    try:
        with failures.injected():
            async with opened(options_for(folder, data)) as running:
                await running.driver.start()
                await running.driver.run_until_end()
                kernel = running.driver.loop.kernel
        assert len(all_steps(folder)) == kernel.state.seq_id
        assert_same(kernel.state, replayed(folder))
    except (RuntimeProblemError, JournalError) as error:
        # It may stop with a sentence; then the next start must go on as if nothing had been.
        if not str(error):
            return f"write {failures.wanted}: it stopped without a word"
        failures.stopped = True
        return await run_again(folder, data, failures)
    except Exception as error:  # noqa: BLE001 - a finding, whatever it is
        return f"write {failures.wanted}, code {failures.code}: {type(error).__name__}: {error}"
    return ""


async def run_again(folder: Path, data: Path, failures: Failures) -> str:
    """Start again on a folder whose run could not end; return what is wrong."""
    try:
        async with opened(options_for(folder, data)) as running:
            await running.driver.start()
            await running.driver.run_until_end()
            kernel = running.driver.loop.kernel
        assert_sums(folder, kernel)
        assert_same(kernel.state, replayed(folder))
    except Exception as error:  # noqa: BLE001 - as above
        return f"restart after write {failures.wanted}: {type(error).__name__}: {error}"
    return ""


async def run_failures(stride: int, bars: int = 20) -> tuple[int, list[str]]:
    """Fail every ``stride``-th write, one run each; return how many runs there were, and what was
    wrong.
    """
    wrong: list[str] = []
    number = runs = 0
    with tempfile.TemporaryDirectory(prefix="tradetui-io-") as text:
        base = Path(text)
        data = write_bars(base / "bars_1m.csv", bars)
        while True:
            failures = Failures(number, CODES[runs % 3], after=runs % 2 == 0)
            found = await run_once(base / str(number), data, failures)
            if failures.passed <= number:
                return runs, wrong
            runs += 1
            if found:
                wrong.append(found)
            number += stride


def main() -> int:
    """Fail writes and print what came of it; 1 if anything was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.io_failures")
    parser.add_argument("--stride", type=int, default=1, help="fail every so many-th write")
    args = parser.parse_args()
    started = time.perf_counter()
    runs, wrong = asyncio.run(run_failures(args.stride))
    took = time.perf_counter() - started
    print(f"{runs} failing writes on SQLite, {len(wrong)} violations, {took:.1f} s")
    for text in wrong[:20]:
        print(f"  {text}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
