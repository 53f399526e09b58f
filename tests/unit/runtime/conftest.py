"""A small engine on a clock that the test moves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.support import children

from tradetui.domain.capabilities import SIMULATED
from tradetui.domain.codec import encode_step
from tradetui.domain.enums import InstanceMode, InstrumentClass, RunMode, Source
from tradetui.domain.ids import (
    AccountId,
    BrokerId,
    ClientId,
    Currency,
    ExecutionId,
    InstrumentId,
    RouteId,
    RunId,
    StrategyId,
)
from tradetui.domain.instances import InstanceRecord
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import Bar, BarOpen, MarketItem, Quote
from tradetui.domain.risk import InstanceLimits
from tradetui.domain.steps import ExecutionContextConfig, KernelConfig, RouteConfig, StepRecord
from tradetui.engine.assembly import RunPlan
from tradetui.engine.errors import LoadError
from tradetui.engine.instance_spec import InstanceSpec
from tradetui.engine.loader.strategy_loader import LoadedStrategy, StrategyLoader
from tradetui.ports.journal import JournalStalledError
from tradetui.ports.room import DiskRoom
from tradetui.runtime.driver import LiveDriver
from tradetui.runtime.execution import ExecutionDesk
from tradetui.runtime.options import DriverHooks, DriverOptions

S = 10**9
M = 60 * S
START = 1_700_000_000 * S
BTC = InstrumentId("BTC/USDT.SIM")
MAIN = ExecutionId("paper/main")
ROUTE = RouteId("main")

INSTRUMENT = Instrument(
    BTC,
    "BTC/USDT",
    "SIM",
    InstrumentClass.SPOT,
    Currency("BTC"),
    Currency("USDT"),
    price_scale=2,
    size_scale=8,
    price_increment=1,
    size_increment=1_000,
    maker_fee_ppm=1_000,
    taker_fee_ppm=1_000,
    size_decimals=5,
)

QUIET = """
from tradetui.strategy import Strategy

class Quiet(Strategy):
    LABEL = "Does nothing"
    TICK_MINUTES = 0.1

    def on_tick(self, tick):
        self.plot("price", tick.price)

    def render(self):
        return {"widgets": [{"type": "metric", "label": "x", "value": 1}]}
"""

BUYER = """
from tradetui.strategy import Strategy

class Buyer(Strategy):
    LABEL = "Buys once"
    TICK_MINUTES = 0.1

    def on_tick(self, tick):
        if self.position or self.context.get_orders():
            return
        self.signal("always", yes=True)
        self.enter("long", amount=0.01, stop=tick.price * 0.9)
"""

FAILING = """
from tradetui.strategy import Strategy

class Failing(Strategy):
    TICK_MINUTES = 0.1

    def on_tick(self, tick):
        raise ValueError("it broke")
"""

SLOW = """
import time
from tradetui.strategy import Strategy

class Slow(Strategy):
    TICK_MINUTES = 0.1

    def on_tick(self, tick):
        while True:
            time.sleep(0.001)
"""

SLEEPY = """
import time
from tradetui.strategy import Strategy

time.sleep(60)

class Sleepy(Strategy):
    LABEL = "Takes its time to be imported"
"""

LAME = """
from tradetui.strategy import Strategy, quotes

class Lame(Strategy):
    TICK_MINUTES = 0.1
    DATA = {"quotes": quotes()}

    def on_tick(self, tick):
        pass

    def on_quote(self, quote):
        raise ValueError("it broke")
"""

RESTER = """
from tradetui.strategy import Strategy

class Rester(Strategy):
    LABEL = "Rests an entry below the market"
    TICK_MINUTES = 0.1

    def on_tick(self, tick):
        if not self.context.get_orders():
            self.context.place_order(side="buy", amount=0.01, price=tick.price * 0.9, type="limit")
"""

FILES = {
    "rester": RESTER,
    "lame": LAME,
    "quiet": QUIET,
    "buyer": BUYER,
    "failing": FAILING,
    "slow": SLOW,
    "sleepy": SLEEPY,
}
children.ask_once(*FILES.values())


IDLE_TURNS = 3
"""After so many turns in which nobody else ran, nobody will; a thread's answer comes in a turn."""


class ManualClock:
    """Time stands still until the test moves it; sleepers wake in order."""

    def __init__(self, now: int = START) -> None:
        self.time = now
        self.behind = 0
        self._sleepers: list[tuple[int, asyncio.Future[None]]] = []

    def now(self) -> int:
        return self.time

    def lag(self) -> int:
        return self.behind

    async def sleep_until(self, time_ns: int) -> None:
        if time_ns <= self.time:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((time_ns, future))
        await future

    async def move(self, nanos: int) -> None:
        """Let time pass, a sleeper at a time, and everybody else have their turns."""
        until = self.time + nanos
        while True:
            await settle()
            self._sleepers = [one for one in self._sleepers if not one[1].done()]
            due = [one for one in self._sleepers if one[0] <= until]
            if not due:
                break
            moment, future = min(due, key=lambda one: one[0])
            self.time = max(self.time, moment)
            future.set_result(None)
        self.time = until
        await settle()


async def settle() -> None:
    """Give every task that can run its turns, until none can any more, at most fifty each."""
    ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]
    idle = 0
    for _ in range(50):
        await asyncio.sleep(0)
        idle = 0 if ready else idle + 1
        if idle == IDLE_TURNS:
            break


class StubJournal:
    """Keeps records; ``is_full`` makes commits fail."""

    def __init__(self) -> None:
        self.rows: list[StepRecord] = []
        self.watermark = 0
        self.is_full = False
        self.is_closed = False
        self.is_abandoned = False
        self.head = ""

    def append(self, record: StepRecord) -> bytes:
        assert not self.is_closed
        self.rows.append(record)
        return encode_step(record)

    async def commit(self) -> int:
        if self.is_full:
            raise JournalStalledError("journal.db: no space left on the disk; make room")
        self.watermark = self.rows[-1].event.seq_id if self.rows else 0
        return self.watermark

    async def close(self) -> None:
        await self.commit()
        self.is_closed = True

    async def abandon(self) -> None:
        self.is_abandoned = True


class StubFeed:
    """Yields what the test pushes, or a fixed list."""

    def __init__(
        self, items: Sequence[MarketItem] | None = None, *, is_virtual: bool = False
    ) -> None:
        self.name = "stub"
        self.is_virtual = is_virtual
        self.error: Exception | None = None
        self.bars: tuple[Bar, ...] = ()
        self._items = items
        self._queue: asyncio.Queue[MarketItem | None] = asyncio.Queue()

    def instruments(self) -> tuple[Instrument, ...]:
        return (INSTRUMENT,)

    def history(
        self, instrument_id: InstrumentId, timeframe_ns: int, count: int, before: int
    ) -> tuple[Bar, ...]:
        found = [
            bar
            for bar in self.bars
            if bar.close_time <= before and bar.close_time - bar.open_time == timeframe_ns
        ]
        return tuple(found[-count:])

    async def push(self, item: MarketItem | None) -> None:
        await self._queue.put(item)
        await settle()

    async def items(self) -> AsyncIterator[MarketItem]:
        if self._items is not None:
            for item in self._items:
                yield item
            return
        while True:
            item = await self._queue.get()
            if self.error is not None:
                raise self.error
            if item is None:
                return
            yield item


def quote(time: int, price: int = 10_000_00) -> MarketItem:
    """A quote about a price (at scale 2), one tick wide on each side."""
    return MarketItem(time, "SIM", BTC, Quote(price - 1, 10**8, price + 1, 10**8))


def bars(count: int, first: int) -> list[MarketItem]:
    """Minutes from a moment on, each with its open, as a replay gives them."""
    found = []
    for n in range(count):
        opened = first + n * M
        price = 10_000_00 + n
        found.append(MarketItem(opened, "SIM", BTC, BarOpen(opened, price)))
        bar = Bar(opened, opened + M, price, price + 5, price - 5, price, 10**8)
        found.append(MarketItem(opened + M, "SIM", BTC, bar))
    return found


def record(
    name: str, mode: InstanceMode = InstanceMode.ACTIVE, revision: int = 1
) -> InstanceRecord:
    """An instance called like its strategy."""
    return InstanceRecord(StrategyId(name), name, MAIN, "BTC/USDT", mode, "{}", revision)


@dataclass
class Rig:
    """A driver with its surroundings."""

    driver: LiveDriver
    clock: ManualClock
    journal: StubJournal
    feed: StubFeed
    records: list[InstanceRecord]
    audit: list[tuple[str, str, str, str, bool]]
    committed: list[int] = field(default_factory=list)

    async def quote(self, price: int = 10_000_00) -> None:
        await self.feed.push(quote(self.clock.time, price))

    async def ticks(self, count: int, price: int = 10_000_00) -> None:
        """Let heartbeats pass, each with a fresh quote."""
        for _ in range(count):
            await self.quote(price)
            await self.clock.move(6 * S)


@pytest.fixture
def stub_feed() -> type[StubFeed]:
    return StubFeed


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def rig(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Callable[..., Rig]]:
    """Make a rig: ``rig(["quiet"])``; it is stopped at the end."""
    rigs: list[Rig] = []

    def make(
        names: Sequence[str] = (),
        *,
        mode: InstanceMode = InstanceMode.ACTIVE,
        run_mode: RunMode = RunMode.PAPER,
        feed: StubFeed | None = None,
        options: DriverOptions | None = None,
        room: DiskRoom | None = None,
        execution: ExecutionDesk | None = None,
        source_priority: tuple[Source, ...] = (),
    ) -> Rig:
        for name, source in FILES.items():
            (tmp_path / f"{name}.py").write_text(source)
        cash = ((Currency("USDT"), 100_000 * 10**8),)
        config = KernelConfig(
            RunId("run-1"),
            run_mode,
            Currency("USDT"),
            (RouteConfig(ROUTE, MAIN, BrokerId("paper"), AccountId("me"), "SIM", SIMULATED, cash),),
            (ExecutionContextConfig(MAIN, (ROUTE,)),),
            source_priority=source_priority,
        )
        made: list[Rig] = []
        audit: list[tuple[str, str, str, str, bool]] = []

        async def write_audit(*entry: object) -> None:
            audit.append(entry)  # type: ignore[arg-type]

        async def reconcile() -> None:
            await reconcile_rig(made[0])

        async def reload(strategy_id: StrategyId) -> str:
            kept = next(r for r in made[0].records if r.strategy_id == strategy_id)
            try:
                await made[0].driver.instances.try_instance(kept)
            except LoadError as error:
                return str(error)
            await made[0].driver.instances.unload_instance(strategy_id, "reloaded")
            await made[0].driver.instances.load_instance(kept)
            return ""

        driver = LiveDriver(
            RunPlan(config, "7k", simulated=None if execution is None else ()),
            [feed or StubFeed()],
            journal := StubJournal(),
            clock,
            StrategyLoader([tmp_path]),
            DriverHooks(
                write_audit,
                reconcile,
                reconcile,
                spec_of,
                reload,
                on_commit=lambda watermark: made[0].committed.append(watermark),
                room=room,
            ),
            options or DriverOptions("paper/main"),
            execution=execution,
        )
        feed_used = driver.feeds[0]
        assert isinstance(feed_used, StubFeed)
        new = Rig(driver, clock, journal, feed_used, [record(n, mode) for n in names], audit)
        made.append(new)
        rigs.append(new)
        return new

    yield make
    for one in rigs:
        one.journal.is_full = False
        await one.driver.stop("the test is over")


def spec_of(one: InstanceRecord, loaded: LoadedStrategy) -> InstanceSpec:
    """Make the spec of a record, all defaults."""
    return InstanceSpec(
        one.strategy_id,
        one.strategy_type,
        one.account,
        AccountId("me"),
        ClientId("tt"),
        BTC,
        one.mode,
        InstanceLimits(10_000 * 10**8),
        {},
        file_hash=loaded.file_hash,
    )


async def reconcile_rig(rig: Rig) -> None:
    """Load what shall run and unload what shall not; a small stand-in for the services."""
    instances = rig.driver.instances
    rig.driver.publisher.set_records(tuple(rig.records))
    running = {one.strategy_id: one for one in instances.running_records()}
    for one in rig.records:
        known = running.get(one.strategy_id)
        if one.mode is InstanceMode.OFF:
            if known is not None:
                await instances.unload_instance(one.strategy_id, "its mode is off")
        elif known is None:
            try:
                await instances.load_instance(one)
            except Exception as error:  # noqa: BLE001 - as the reconciler does
                await instances.report_failure(one, str(error), "")
        elif known.mode is not one.mode:
            await instances.change_mode(one)


async def started(rig: Any, *names: str, ticks: int = 4, **options: Any) -> Any:
    """Return a rig with these strategies after so many ticks of the heartbeat."""
    one = rig(list(names), **options)
    await one.driver.start()
    await one.ticks(ticks)
    return one
