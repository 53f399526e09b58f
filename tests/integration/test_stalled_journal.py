"""A journal that cannot be written, under a whole engine and a real SQLite: said, and nothing lost.

Nothing is applied or shown meanwhile that is not durable; with the trouble gone everything goes on,
and the journal is sound.
"""

from __future__ import annotations

import contextlib
import resource
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.support.waiting import until

from tradetui.bootstrap.profile.profile import profile_for
from tradetui.bootstrap.run.engine import Engine, engine
from tradetui.cli.wiring import Place, RunOptions
from tradetui.storage.verify import verify_file

Trouble = Callable[[Engine], contextlib.AbstractAsyncContextManager[None]]


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    """Some hours of made-up bars of a minute."""
    lines = ["time,open,high,low,close,volume"]
    for minute in range(400):
        price = 100 + (minute * 7919) % 13
        stamp = 1_700_000_000 + 60 * minute
        lines.append(f"{stamp},{price},{price + 2},{price - 2},{price + 1},5")
    path = tmp_path / "btcusd.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@asynccontextmanager
async def full(one: Engine) -> AsyncIterator[None]:
    """No page more: SQLITE_FULL."""
    connection: Any = one.journal._connection
    rows = await connection.execute_fetchall("PRAGMA page_count")
    await connection.execute_fetchall(f"PRAGMA max_page_count = {rows[0][0]}")
    yield
    await connection.execute_fetchall("PRAGMA max_page_count = 1000000")


@asynccontextmanager
async def locked(one: Engine) -> AsyncIterator[None]:
    """Another connection writes and does not end: SQLITE_BUSY."""
    with contextlib.closing(sqlite3.connect(one.journal.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@asynccontextmanager
async def refused(one: Engine) -> AsyncIterator[None]:
    """The system refuses to let the file grow: SQLITE_IOERR or SQLITE_FULL."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    wal = one.journal.path.with_name("journal.db-wal")
    resource.setrlimit(resource.RLIMIT_FSIZE, (wal.stat().st_size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("trouble", [full, locked, refused])
async def test_it_is_said_and_goes_on_and_nothing_is_lost(
    tmp_path: Path, prices: Path, trouble: Trouble
) -> None:
    folder = tmp_path / "state"
    options = RunOptions(Place(state=folder), demo=True, replay=(prices,), speed=10_000)
    async with engine(profile_for(options), options, folder) as one:
        driver = one.driver
        await driver.start()
        await until(lambda: driver.journal.watermark > 200)
        async with trouble(one):
            await until(lambda: driver.client.snapshot().header.trouble.startswith("JOURNAL"))
            stopped = driver.loop.kernel.state.seq_id
            durable = driver.journal.watermark
            shown = driver.client.snapshot()
            assert shown.header.trouble.endswith("nothing is applied or sent until it recovers")
            assert any(alert.alert_id == "journal" for alert in shown.alerts)
            waiting = len(driver.inbox)
            await until(lambda: len(driver.inbox) > waiting + 10)
            assert driver.loop.kernel.state.seq_id == stopped
            assert driver.journal.watermark == durable
            assert all(fill.seq_id <= durable for fill in shown.fills)
            assert all(decision.seq_id <= durable for decision in shown.decisions)
        await until(lambda: driver.client.snapshot().header.trouble == "")
        await driver.run_until_end()
        applied = driver.loop.kernel.state.seq_id
    assert applied > stopped
    found = verify_file(folder / "journal.db")
    assert found.is_sound, found.fault
    assert found.rows == applied
