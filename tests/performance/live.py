"""The live path: one event in the inbox to its commands handed out; and one chart drawn."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from tests.performance.engine import VENUE, Resting, build, header, market_items
from tests.performance.figures import Figure
from tests.performance.floor import random_walk
from tests.support.memory_journal import MemoryJournal

from tradetui.domain.enums import RunMode
from tradetui.domain.ids import Currency, InstrumentId, StrategyId, instrument_id
from tradetui.domain.market_data import Bar
from tradetui.domain.replica import ChartBar, ChartView, InstrumentView
from tradetui.runtime.inbox import Inbox, policies_of
from tradetui.storage.journal import SqliteJournal
from tradetui.tui.widgets.chart import chart_lines
from tradetui.tui.widgets.chart_window import ChartWindow

EVENTS = 5_000
COMMITS = 500


def percentiles(times: list[float]) -> tuple[float, float]:
    """Return p50 and p99."""
    times.sort()
    return times[len(times) // 2], times[int(len(times) * 0.99)]


def without_commit() -> tuple[float, float]:
    """Return p50 and p99 in us: every event cancels an order and places another."""
    loop, _ = build(Resting, ["S0/USD"], sink=MemoryJournal(header(), keep=False))
    inbox = Inbox(policies_of(RunMode.PAPER, is_virtual=False), capacity=8_192)
    times = []
    for item in market_items(instrument_id("S0/USD", VENUE), random_walk(EVENTS, seed=3)):
        began = time.perf_counter()
        inbox.offer_market(item)
        for entry in inbox.take(16):
            loop.ingest(entry)  # type: ignore[arg-type]
        times.append((time.perf_counter() - began) * 1e6)
    return percentiles(times)


async def with_commit() -> tuple[float, float]:
    """Return p50 and p99 in us with each event durable in SQLite before it counts as done."""
    with tempfile.TemporaryDirectory(prefix="tradetui-bench-") as folder:
        state = Path(folder) / "state"
        state.mkdir(mode=0o700)
        journal = await SqliteJournal.open(state, header())
        loop, _ = build(Resting, ["S0/USD"], sink=journal)
        await journal.commit()
        times = []
        for item in market_items(instrument_id("S0/USD", VENUE), random_walk(COMMITS, seed=3)):
            began = time.perf_counter()
            loop.ingest(item)
            await journal.commit()
            times.append((time.perf_counter() - began) * 1e6)
        await journal.close()
    return percentiles(times)


def chart_ms() -> float:
    """Return the best ms to draw one chart of 500 candles at 200x50."""
    key = instrument_id("S0/USD", VENUE)
    bars = tuple(
        ChartBar(p.open_time, p.open, p.high, p.low, p.close, p.volume)
        for item in market_items(key, random_walk(500, seed=5))
        if isinstance(p := item.payload, Bar)
    )
    view = ChartView(StrategyId("bench"), InstrumentId(key), 60 * 10**9, bars, (), (), ())
    shown = InstrumentView(key, "S0/USD", Currency("S0"), Currency("USD"), 8, 8, 2, 0, 10**8, 10**6)
    best = float("inf")
    for _ in range(20):
        began = time.perf_counter()
        chart_lines(view, shown, ChartWindow(timeframe=0), width=200, height=50, ascii_only=False)
        best = min(best, (time.perf_counter() - began) * 1e3)
    return best


def measure() -> list[Figure]:
    """Measure the live path without and with the commit, and the chart."""
    p50, p99 = without_commit()
    durable50, durable99 = asyncio.run(with_commit())
    return [
        Figure("live_p50", p50, "us", note=f"with commit {durable50:,.0f}", target="<= 100"),
        Figure("live_p99", p99, "us", note=f"with commit {durable99:,.0f}", target="<= 1,000"),
        Figure("chart", chart_ms(), "ms", target="<= 5"),
    ]
