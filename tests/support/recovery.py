"""Runs that are cut off and gone on with, and the independent replay that they must agree with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tradetui.bootstrap.profile.profile import profile_for
from tradetui.bootstrap.run.engine import Engine, engine
from tradetui.cli.wiring import Place, RunOptions
from tradetui.core.carry import carry
from tradetui.core.checkpoint import state_hash
from tradetui.core.kernel import Kernel
from tradetui.core.state import KernelState
from tradetui.domain.ids import RunId
from tradetui.domain.market_data import Bar
from tradetui.domain.steps import StepRecord
from tradetui.engine.rerun import Rerun
from tradetui.storage.reader import JournalReader

DATA_START = 1_599_999_960_000
CLOSES = (0, 9, 18, 6, -9, -14, 3, 22, 30, 12, -4, -21, -9, 5)


class CrashError(Exception):
    """The planned end of a run."""


def write_bars(path: Path, count: int) -> Path:
    """Write minute bars that swing enough for every sample strategy to trade."""
    lines = ["ts_ms,open,high,low,close,volume"]
    last = 10_000
    for number in range(count):
        close = 10_000 + 10 * CLOSES[number % len(CLOSES)] + 7 * (number % 11)
        high, low = max(last, close) + 15, min(last, close) - 15
        time = DATA_START + 60_000 * number
        lines.append(f"{time},{last},{high},{low},{close},{50 + number % 7}.12345678")
        last = close
    path.write_text("\n".join(lines) + "\n")
    return path


def options_for(folder: Path, *files: Path) -> RunOptions:
    """Return a replay of files as fast as it can go, in a folder that is kept."""
    return RunOptions(Place(state=folder), demo=True, replay=files, until_end=True)


@asynccontextmanager
async def opened(options: RunOptions) -> AsyncIterator[Engine]:
    """Yield an engine that has not started yet."""
    assert options.place.state is not None
    async with engine(profile_for(options), options, options.place.state) as running:
        yield running


async def run_to_end(options: RunOptions) -> Engine:
    """Run until the data end, and stop cleanly."""
    async with opened(options) as running:
        await running.driver.start()
        await running.driver.run_until_end()
    return running


async def crash_after(options: RunOptions, steps: int) -> Engine:
    """Run until so many steps of this run are durable, then drop dead; at the latest at the end of
    the data.
    """
    try:
        async with opened(options) as running:
            await running.driver.start()
            first = running.journal.header.opening_seq
            feed = running.driver._feed_tasks[0]
            inbox = running.driver.inbox
            while running.journal.watermark < first + steps and not (
                feed.done() and not len(inbox)
            ):
                await asyncio.sleep(0)
            await running.driver.abandon()
            raise CrashError
    except CrashError:
        return running


def runs_of(folder: Path) -> list[RunId]:
    """Return the ids of all runs."""
    with JournalReader(folder) as reader:
        return [RunId(info.run_id) for info in reader.runs()]


def all_steps(folder: Path) -> list[StepRecord]:
    """Return the steps of all runs, oldest first."""
    with JournalReader(folder) as reader:
        return [step for info in reader.runs() for step in reader.steps(RunId(info.run_id))]


def replayed(folder: Path) -> KernelState:
    """Return the state after the last durable step, from the very first step on, without any
    checkpoint; each run must have begun with what the one before it ended with.
    """
    with JournalReader(folder) as reader:
        state: KernelState | None = None
        for info in reader.runs():
            header = reader.header(RunId(info.run_id))
            rerun = Rerun(header.kernel_config)
            if header.opening_hash:
                assert state is not None
                rerun.kernel.state = carry(state, header.kernel_config).state
                rerun.kernel.restore(rerun.kernel.checkpoint())
                assert rerun.state_hash() == header.opening_hash
            for step in reader.steps(header.run_id):
                assert rerun.apply(step) is None
            state = rerun.kernel.state
    assert state is not None
    return state


def assert_same(state: KernelState, other: KernelState) -> None:
    """Compare what a person would look at first, then everything."""
    assert state.positions == other.positions
    assert state.open_orders == other.open_orders
    assert (state.cash, state.cash_flows) == (other.cash, other.cash_flows)
    assert state.days == other.days
    assert state.kill_switches == other.kill_switches
    assert state.instances == other.instances
    carried = carry(other.copy(), state.config).state
    assert state_hash(state) == state_hash(carried)


def bars_taken(steps: list[StepRecord]) -> list[int]:
    """Return the open times of the bars of the feed, in the order in which they were steps."""
    return [
        payload.open_time
        for step in steps
        if isinstance(payload := step.event.payload, Bar) and payload.warmup_for is None
    ]


def assert_sums(folder: Path, kernel: Kernel) -> None:
    """Nothing lost, nothing doubled: fills by trade id, the sequence, the sums."""
    steps = all_steps(folder)
    assert [step.event.seq_id for step in steps] == list(range(1, len(steps) + 1))
    fills = [fill for step in steps for fill in step.result.fills]
    keys = [(fill.route_id, fill.instrument_id, fill.trade_id) for fill in fills]
    assert len(keys) == len(set(keys))
    orders = [
        command.terms.client_order_id
        for step in steps
        for command in step.result.commands
        if hasattr(command, "terms")
    ]
    assert len(orders) == len(set(orders))
    held: dict[tuple[str, str, str], int] = {}
    for fill in fills:
        key = (fill.strategy_id, fill.route_id, fill.instrument_id)
        held[key] = fill.position_after
    for key, position in kernel.state.positions.items():
        assert held.get(key, 0) == position.quantity
    kernel.check_all()
