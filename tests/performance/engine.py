"""W1, W2, W3: the whole step loop with kernel, risk and venue, against the floor of this run."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Iterable
from typing import ClassVar

from tests.performance.figures import Figure
from tests.performance.floor import SmaCross, floor_ns, random_walk, reference
from tests.support.memory_journal import MemoryJournal

from tradetui.core.kernel import Kernel
from tradetui.core.sequencer import Sequencer
from tradetui.core.venue.venue import SimulatedVenue
from tradetui.domain.capabilities import SIMULATED
from tradetui.domain.enums import InstanceMode, InstrumentClass, RunMode, Scope
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
    instrument_id,
)
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import Bar, MarketItem
from tradetui.domain.risk import InstanceLimits, ProfileBinding, RiskProfile
from tradetui.domain.steps import ExecutionContextConfig, JournalHeader, KernelConfig, RouteConfig
from tradetui.domain.units import CASH_SCALE
from tradetui.engine.heartbeat import HeartbeatSchedule
from tradetui.engine.host import StrategyHost
from tradetui.engine.instance_spec import InstanceSpec
from tradetui.engine.reference_data import ReferenceData
from tradetui.engine.sinks import StepSink
from tradetui.engine.step_loop import StepLoop
from tradetui.strategy import Strategy, bars

START = 1_577_836_800 * 10**9
MINUTE = 60 * 10**9
UNIT = 10**CASH_SCALE
CASH = 1_000_000 * UNIT
VENUE = "BENCH"


class Cross(Strategy):
    """W1, W2: one market order for ten when the averages cross, on every closed bar."""

    DATA: ClassVar = {"bars": bars("1m")}
    TICK_MINUTES = 100_000.0

    def setup(self) -> None:
        """Start flat."""
        self.averages = SmaCross()

    def on_bar(self, bar) -> None:  # type: ignore[no-untyped-def]
        """Buy ten when the fast average is above, sell them when below."""
        side = self.averages.update(bar.close)
        if not side:
            return
        held = self.position
        if side > 0:
            if not held:
                self.context.place_order("buy", 10)
        elif held:
            self.context.place_order("sell", 10)


class Resting(Strategy):
    """W3: on every bar, cancel the resting order and place another."""

    DATA: ClassVar = {"bars": bars("1m")}
    TICK_MINUTES = 100_000.0

    def setup(self) -> None:
        """Have no order yet."""
        self.order = None

    def on_bar(self, bar) -> None:  # type: ignore[no-untyped-def]
        """Cancel and place."""
        if self.order is not None:
            self.context.cancel_order(self.order)
        self.order = self.context.place_order("buy", 1, type="limit", price=1.0)


class Turns(Strategy):
    """One of many: buys one when it holds nothing, sells it again; an order on every other bar."""

    DATA: ClassVar = {"bars": bars("1m")}
    TICK_MINUTES = 100_000.0

    def setup(self) -> None:
        """Have seen no bar."""
        self.bars_seen = 0

    def on_bar(self, bar) -> None:  # type: ignore[no-untyped-def]
        """Buy or sell on every other bar."""
        self.bars_seen += 1
        if self.bars_seen % 2:
            self.context.place_order("sell" if self.position else "buy", 1)


def instrument(symbol: str) -> Instrument:
    """Return a made-up market with a cent tick and a lot of one."""
    return Instrument(
        instrument_id=instrument_id(symbol, VENUE),
        symbol=symbol,
        venue=VENUE,
        instrument_class=InstrumentClass.SPOT,
        base=Currency(symbol.split("/")[0]),
        quote=Currency("USD"),
        price_scale=8,
        size_scale=8,
        price_increment=10**6,
        size_increment=UNIT,
        price_decimals=2,
        size_decimals=0,
    )


def market_items(key: InstrumentId, closes: list[float]) -> list[MarketItem]:
    """Return bars whose open is the close before, so that next-open fills are exact."""
    items, opened, before = [], START, 100 * UNIT
    for close in closes:
        price = round(close * 100) * 10**6
        high, low = max(before, price), min(before, price)
        bar = Bar(opened, opened + MINUTE, before, high, low, price, 1000 * UNIT)
        items.append(MarketItem(opened + MINUTE, VENUE, key, bar))
        opened, before = opened + MINUTE, price
    return items


def profile() -> RiskProfile:
    """Return a profile with every kind of limit set, wide enough not to stop anything."""
    huge = 10**17
    return RiskProfile(
        name="bench",
        max_order_quantity=huge,
        max_order_notional=huge,
        max_position_quantity=huge,
        max_position_notional=huge,
        max_exposure=huge,
        max_open_orders=1000,
        max_orders=1000,
        price_collar_ppm=999_999,
        max_daily_loss=huge,
        max_drawdown_ppm=999_999,
        max_data_age_ns=10 * MINUTE,
        max_clock_skew_ns=10 * MINUTE,
    )


def build(
    strategy: type[Strategy],
    symbols: list[str],
    *,
    sink: StepSink | None = None,
    instances: int | None = None,
) -> tuple[StepLoop, Kernel]:
    """Build a whole engine with so many active instances in turn on the symbols: default one on
    each.
    """
    route, account = RouteId("bench"), ExecutionId("bench")
    config = KernelConfig(
        run_id=RunId("bench"),
        run_mode=RunMode.BACKTEST,
        reporting_currency=Currency("USD"),
        routes=(
            RouteConfig(
                route,
                account,
                BrokerId("simulated"),
                AccountId("bench"),
                VENUE,
                SIMULATED,
                ((Currency("USD"), CASH),),
            ),
        ),
        contexts=(ExecutionContextConfig(account, (route,)),),
        profiles=(profile(),),
        bindings=(ProfileBinding("bench", Scope.GLOBAL),),
    )
    kernel, schedule, known = Kernel(config), HeartbeatSchedule(is_virtual=True), ReferenceData()
    host = StrategyHost(kernel, known, schedule, run_code="bn")
    loop = StepLoop(
        kernel,
        Sequencer(),
        SimulatedVenue(),
        host,
        schedule,
        is_virtual=True,
        simulated=(route,),
        sink=sink,
    )
    loop.advance(START)
    for symbol in symbols:
        known.register(instrument(symbol))
        loop.register(instrument(symbol))
    for number in range(len(symbols) if instances is None else instances):
        spec = InstanceSpec(
            strategy_id=StrategyId(f"bench-{number}"),
            strategy_type="bench",
            execution_id=account,
            account_id=AccountId("bench"),
            client_id=ClientId("bench"),
            market=instrument_id(symbols[number % len(symbols)], VENUE),
            mode=InstanceMode.ACTIVE,
            limits=InstanceLimits(budget=10**17),
            config={},
        )
        loop.load_instance(spec, strategy)
    return loop, kernel


def timed(loop: StepLoop, items: Iterable[MarketItem]) -> float:
    """Run the items through the loop and return the seconds."""
    ingest = loop.ingest
    gc.collect()
    gc.freeze()
    start = time.perf_counter()
    for item in items:
        ingest(item)
    seconds = time.perf_counter() - start
    gc.unfreeze()
    return seconds


def header() -> JournalHeader:
    """Return a header for the journal in memory."""
    config = KernelConfig(RunId("bench"), RunMode.BACKTEST, Currency("USD"), (), ())
    return JournalHeader(1, RunId("bench"), RunMode.BACKTEST, (), "", config, (), 0, 0)


def check_result(kernel: Kernel, closes: list[list[float]]) -> None:
    """Compare fills and money with what the arithmetic alone says; raises if they differ."""
    fills, equity = 0, CASH
    for series in closes:
        more, alone = reference(series)
        fills, equity = fills + more, equity + round((alone - 1_000_000) * UNIT)
    worth = kernel.state.cash[RouteId("bench"), Currency("USD")]
    for (_, _, key), position in kernel.state.positions.items():
        worth += position.quantity * kernel.state.marks[key].price // UNIT
    assert abs(worth - equity) < UNIT // 10_000, f"equity {worth} instead of {equity}"


def crossing(count: int, symbols: int, *, journal: bool = False) -> float:
    """Return nanoseconds a bar of W1 (one symbol) or W2 (several)."""
    names = [f"S{number}/USD" for number in range(symbols)]
    closes = [random_walk(count, seed=1 + number) for number in range(symbols)]
    sink = MemoryJournal(header(), keep=False) if journal else None
    loop, kernel = build(Cross, names, sink=sink)
    series = [
        market_items(instrument_id(name, VENUE), one)
        for name, one in zip(names, closes, strict=True)
    ]
    items = [item for together in zip(*series, strict=True) for item in together]
    seconds = timed(loop, items)
    check_result(kernel, closes)
    return seconds / len(items) * 1e9


def resting(count: int) -> float:
    """Return nanoseconds a bar of W3: one cancel and one place."""
    loop, kernel = build(Resting, ["S0/USD"])
    seconds = timed(loop, market_items(instrument_id("S0/USD", VENUE), random_walk(count, seed=1)))
    assert kernel.state.max_order_counter >= count - 1
    return seconds / count * 1e9


def flatness(orders: int = 100_000, few: int = 1_000, pairs: int = 20) -> tuple[float, float]:
    """Return nanoseconds of CPU per order after ``orders``, and of an engine's first ``few``.

    The last orders of a long run and the first of a fresh one take turns, and of each the median is
    taken: what else the machine does slows both alike. (The best of several short runs beside the
    mean of one long run finds a growth where there is none.)
    """
    old, _ = build(Resting, ["S0/USD"])
    items = market_items(instrument_id("S0/USD", VENUE), random_walk(orders, seed=1))
    last = orders - pairs * few
    for item in items[:last]:
        old.ingest(item)
    many, first = [], []
    for begin in range(last, orders, few):
        fresh, _ = build(Resting, ["S0/USD"])
        first.append(_cpu_seconds(fresh, items[:few]))
        many.append(_cpu_seconds(old, items[begin : begin + few]))
    return statistics.median(many) / few * 1e9, statistics.median(first) / few * 1e9


def _cpu_seconds(loop: StepLoop, items: list[MarketItem]) -> float:
    ingest, start = loop.ingest, time.process_time()
    for item in items:
        ingest(item)
    return time.process_time() - start


def best(run, *args, repeats: int = 3, **options) -> float:  # type: ignore[no-untyped-def]
    """Return the best of several runs."""
    return min(run(*args, **options) for _ in range(repeats))


def measure(*, scale: float = 1.0) -> list[Figure]:
    """Measure all engine figures; ``scale`` below 1 makes a quick look."""
    bars_w1, bars_w2, orders = int(100_000 * scale), int(20_000 * scale), int(20_000 * scale)
    floor = floor_ns()
    w1 = best(crossing, bars_w1, 1)
    w1_journal = best(crossing, bars_w1, 1, journal=True)
    w2 = best(crossing, bars_w2, 10)
    w3 = best(resting, orders)
    many, few = flatness()
    return [
        Figure("floor", floor, "ns/bar", 1.0),
        Figure("W1", w1, "ns/bar", w1 / floor, f"{1e9 / w1:,.0f} bars/s", "<= 8x"),
        Figure("W1_journal", w1_journal, "ns/bar", w1_journal / floor, target="<= 15x"),
        Figure("W2", w2, "ns/bar", w2 / floor, f"{1e9 / w2:,.0f} bars/s", "<= 12x"),
        Figure("W3", w3, "ns/bar", w3 / floor, f"{1e9 / w3:,.0f} orders/s", "<= 40x"),
        Figure(
            "W3_flat", many, "ns/order at 100,000", many / few, f"{few:,.0f} at 1,000", "<= 1.1"
        ),
    ]
