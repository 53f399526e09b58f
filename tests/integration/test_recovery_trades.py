"""A replay of recorded trades that is cut off between trades of one and the same moment goes on
with the next one: none is given twice, none is left out.
"""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import aiosqlite
import pytest
from tests.support.kernel_world import UNIT
from tests.support.recovery import (
    DATA_START,
    all_steps,
    assert_same,
    assert_sums,
    opened,
    options_for,
    replayed,
    run_to_end,
    runs_of,
)

from tradetui.cli.wiring import RunOptions
from tradetui.domain.codec import decode_step
from tradetui.domain.market_data import Trade
from tradetui.domain.steps import StepRecord
from tradetui.storage import journal as journal_module
from tradetui.storage.journal_group import Group, write_group
from tradetui.storage.verify import verify

TRADES = 240
AT_ONCE = 60
"""So many trades have one time."""


def write_trades(path: Path) -> Path:
    """Write trades that are told apart by their quantity: 1, 2, 3 and so on."""
    lines = ["ts_ms,price,quantity,side"]
    for number in range(TRADES):
        time = DATA_START + 250 * (number // AT_ONCE)
        side = "buy" if number % 3 else "sell"
        lines.append(f"{time},{10_000 + number % 7},{number + 1},{side}")
    path.write_text("\n".join([*lines, ""]))
    return path


def trades_in(steps: list[StepRecord]) -> list[int]:
    """Return the numbers of the trades that were steps."""
    payloads = [step.event.payload for step in steps]
    return [trade.quantity // UNIT for trade in payloads if isinstance(trade, Trade)]


async def crash_in_trades(
    options: RunOptions, trades: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run until exactly so many trades of this run are durable, then drop dead."""
    full = asyncio.Event()
    written = 0

    async def write(connection: aiosqlite.Connection, group: Group) -> None:
        nonlocal written
        fits = Group()
        while not full.is_set() and len(fits.steps) < len(group.steps):
            step = group.steps[len(fits.steps)]
            written += isinstance(decode_step(step[2]).event.payload, Trade)
            if written > trades:
                full.set()
            else:
                fits.steps.append(step)
        rows = [step[0] for step in fits.steps]
        fits.fills = [fill for fill in group.fills if fill[0] in rows]
        fits.instruments = [row for row in group.instruments if row[0] in rows]
        if rows:
            await write_group(connection, fits)
        if full.is_set():
            raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(journal_module, "write_group", write)
        async with opened(options) as running:
            await running.driver.start()
            await asyncio.wait_for(full.wait(), 60)
            await running.driver.abandon()


async def test_trades_of_one_time_are_neither_doubled_nor_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "state"
    options = options_for(folder, write_trades(tmp_path / "BTC_USD-trades.csv"))
    so_far = 0
    for trades in (AT_ONCE // 2, 1):
        await crash_in_trades(options, trades, monkeypatch)
        so_far += trades
        assert trades_in(all_steps(folder)) == list(range(1, so_far + 1))
    running = await run_to_end(options)
    assert trades_in(all_steps(folder)) == list(range(1, TRADES + 1))
    kernel = running.driver.loop.kernel
    assert_same(kernel.state, replayed(folder))
    assert_sums(folder, kernel)
    assert len(runs_of(folder)) == 3
    assert (await verify(folder / "journal.db")).fault == ""
