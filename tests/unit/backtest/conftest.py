"""A recorded run with everything in it: entries, brackets, refusals, errors, acts of people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from msgspec.structs import replace
from tests.engine_kit import BTC, ETH, START, Steps, bar
from tests.support.recorded import Classes, RecordedSource, header_of

from tradetui.backtest.recorded import RecordedRun, recorded_run
from tradetui.backtest.strategy_files import StrategyFiles
from tradetui.core.carry import Carried
from tradetui.core.checkpoint import state_hash
from tradetui.core.venue.models import VenueConfig, read_settings
from tradetui.domain.control import (
    CancelEntriesRequested,
    CloseRequested,
    ErrorCleared,
    InstanceLoaded,
    KillSwitchChanged,
    OperatorNoted,
    PauseChanged,
)
from tradetui.domain.enums import InstanceMode, KillState, Scope
from tradetui.domain.ids import RunId, StrategyId
from tradetui.domain.market_data import Bar, BarOpen, MarketItem
from tradetui.domain.memory import encode_memory
from tradetui.domain.recovery import (
    CHECKPOINT_SCHEMA,
    RISK_IN_ENGINE,
    EngineCheckpoint,
    JournalCursor,
    encode_checkpoint,
)
from tradetui.domain.steps import KernelConfig, StepRecord
from tradetui.engine.assembly import RunPlan
from tradetui.engine.recovery import Opening, Rebuild, open_next
from tradetui.engine.session import Session
from tradetui.engine.session_config import SessionSettings, SimulatedBroker
from tradetui.strategy import Strategy, bars

A, B = StrategyId("a"), StrategyId("b")


class Trader(Strategy):
    """Enters with a bracket on a signal, now and then too large, and now and then fails."""

    DATA = {"bars": bars("1m")}
    CONFIG_SCHEMA = {"size": {"type": "float", "default": 1.0}}
    STATE_SCHEMA = {"seen": {"type": "int", "default": 0}}

    def on_bar(self, bar: Any) -> None:
        self.state["seen"] = self.state.get("seen", 0) + 1
        turn = self.bars.count % 7
        if turn == 6:
            raise ValueError("a bug")
        if turn == 4:
            self.context.place_order("buy", 1e6)
        if self.signal("long", turn=(turn, "<", 2), price=(bar.close, ">", 100.5)):
            self.enter("long", amount=self.cfg.size, stop=bar.close * 0.995, target_r=1.5)
        elif turn == 5 and self.position:
            self.close(reason="time is up")


class Random(Strategy):
    """Rests limit orders at prices that its own randomness chooses, ticks and times."""

    TICK_MINUTES = 0.5
    DATA = {"bars": bars("1m")}

    def on_start(self) -> None:
        self.every("90s", "beat")

    def on_timer(self, name: str) -> None:
        self.signal("beat", even=(self.rng.randrange(4), "<", 2))

    def on_tick(self, tick: Any) -> None:
        if not self.orders and not self.position:
            price = tick.price * (0.998 + self.rng.random() * 0.002)
            self.enter("long", amount=0.5, limit=round(price, 2), stop=tick.price * 0.9)

    def on_fill(self, fill: Any) -> None:
        if self.position and self.rng.random() < 0.5:
            self.close()


@dataclass
class Recorded:
    """A run as it was, and as the journal has it."""

    session: Session
    steps: Steps
    source: RecordedSource
    classes: Classes

    @property
    def run(self) -> RecordedRun:
        return recorded_run(self.source)


def candles(count: int, first: int = 0) -> Iterator[MarketItem]:
    """Bars of two markets, each open shown at its time, as a replay of two files gives them."""
    for n in range(first, first + count):
        for market, base in ((BTC, 10_000), (ETH, 2_000)):
            item = bar(n, base + (n * 37) % 211 - 100, market)
            payload = item.payload
            assert isinstance(payload, Bar)
            opened = BarOpen(payload.open_time, payload.open)
            yield MarketItem(payload.open_time, market.venue, market.instrument_id, opened)
        for market, base in ((BTC, 10_000), (ETH, 2_000)):
            yield bar(n, base + (n * 37) % 211 - 100, market)


def acts(session: Session, n: int, *, random_class: type[Strategy] = Random) -> None:
    """What people do after item ``n``."""
    loop = session.loop
    what: dict[int, Any] = {
        30: PauseChanged(A, True, "me"),
        45: PauseChanged(A, False, "me"),
        61: CancelEntriesRequested(B, "me", "too many"),
        75: OperatorNoted("me", "looked"),
        90: KillSwitchChanged(Scope.GLOBAL, "", KillState.REDUCING, "me", "calm"),
        101: KillSwitchChanged(Scope.GLOBAL, "", KillState.NORMAL, "me", "go on"),
        112: ErrorCleared(A, "me"),
    }
    if n in what:
        loop.control(what[n])
    if n % 17 == 0:
        positions = loop.kernel.state.positions
        held = [key for key in sorted(positions) if key[0] == B and positions[key].quantity]
        if held:
            ids = tuple(loop.host.order_ids.next_id() for _ in held)
            loop.control(CloseRequested(B, ids, "me", "enough"))
    if n == 84:
        spec = loop.host.running_instances[B].spec
        loop.unload_instance(B, "me", "reload")
        loop.load_instance(spec, random_class)


@pytest.fixture
def record() -> Callable[..., Recorded]:
    """Run two strategies over minutes of two markets, with acts in between."""

    def make(
        minutes: int = 50,
        *,
        trader: type[Strategy] = Trader,
        random_class: type[Strategy] = Random,
        venue: VenueConfig | None = None,
        with_acts: bool = True,
    ) -> Recorded:
        steps = Steps()
        settings = SessionSettings(
            venue=venue or VenueConfig(), seed=7, run_code="x1", check_every_step=False
        )
        session = Session(settings, sink=steps)
        session.add_instrument(BTC)
        session.add_instrument(ETH)
        session.add_broker("paper", SimulatedBroker("SIM"))
        session.add_route("main", "paper", "me", opening_cash={"USD": "100000"})
        session.add_execution_context("acc", ["main"])
        session.add_strategy("a", trader, [BTC.instrument_id], "acc")
        session.add_strategy("b", random_class, [ETH.instrument_id], "acc")
        session.add_strategy("o", trader, [BTC.instrument_id], "acc", mode=InstanceMode.OBSERVE)
        session.start(at=START)
        for n, item in enumerate(candles(minutes)):
            session.loop.ingest(item)
            if with_acts:
                acts(session, n, random_class=random_class)
        session.close()
        source = RecordedSource().add(header_of(session), steps.records)
        classes = Classes(**{trader.__name__: trader, random_class.__name__: random_class})
        return Recorded(session, steps, source, classes)

    return make


@pytest.fixture
def carry_on() -> Callable[..., RecordedRun]:
    """Go on from a recorded run with a second one, which its source then holds as well."""

    def make(recorded: Recorded, minutes: int = 15, *, after: int, is_lost: bool = False) -> Any:
        before = recorded.run
        was = before.header
        venue = read_settings(was.venue)
        rebuild = Rebuild(was, None, venue)
        assert rebuild.run(before.steps(), candles(after)) is None
        if is_lost:
            rebuild.venue = type(rebuild.venue)(venue)
        config = replace(was.kernel_config, run_id=RunId("second"))
        opening, carried, mended = open_next(rebuild, config)
        assert bool(mended) is is_lost
        steps = Steps()
        plan = RunPlan(config, "x2", seed=was.seed, venue=venue, opening=opening)
        session = Session.of(plan, is_virtual=True, sink=steps)
        loop = session.start()
        loop.now = max(loop.now, START)
        session.add_instrument(BTC)
        session.add_instrument(ETH)
        files = StrategyFiles(recorded.classes)
        kept = dict(opening.kept)
        for step in before.steps():
            event = step.event.payload
            if isinstance(event, InstanceLoaded) and event.strategy_id not in (
                loop.host.running_instances
            ):
                loop.load_instance(*files.load(event, kept.get(event.strategy_id, "")))
        for item in candles(minutes, after):
            loop.ingest(item)
        carry(recorded.source, before, config, opening, carried, steps.records)
        return recorded.run

    return make


def carry(
    source: RecordedSource,
    before: RecordedRun,
    config: KernelConfig,
    opening: Opening,
    carried: Carried,
    steps: list[StepRecord],
) -> None:
    """Add a run that went on from ``before``, with what it carried."""
    header = replace(
        before.header,
        run_id=config.run_id,
        kernel_config=config,
        run_code="x2",
        continues=before.header.run_id,
        opening_seq=before.last,
        opening_hash=state_hash(carried.state),
    )
    source.add(header, steps)
    source.bodies[header.run_id, header.opening_seq] = encode_checkpoint(
        EngineCheckpoint(
            CHECKPOINT_SCHEMA,
            0,
            header.run_id,
            header.run_mode,
            "",
            "",
            opening.kernel,
            opening.venue,
            (),
            RISK_IN_ENGINE,
            opening.kept,
            JournalCursor(header.opening_seq, ""),
            market_state=encode_memory(opening.memory),
        )
    )
