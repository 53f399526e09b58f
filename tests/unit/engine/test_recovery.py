"""A run is rebuilt from a checkpoint and the steps after it: kernel, venue, values, memories."""

from __future__ import annotations

from itertools import takewhile
from typing import Any

import pytest
from msgspec.structs import replace
from tests.engine_kit import BTC, START, Steps, bar, trade

from tradetui.core.carry import CarryError
from tradetui.core.checkpoint import dump, state_hash
from tradetui.core.state import KernelState
from tradetui.core.venue.funds import INSUFFICIENT_FUNDS
from tradetui.core.venue.models import VenueConfig
from tradetui.core.venue.venue import SimulatedVenue
from tradetui.domain.codec import CODEC_VERSION
from tradetui.domain.enums import RunMode
from tradetui.domain.ids import ClientOrderId, RouteId, RunId
from tradetui.domain.market_data import BarOpen, MarketItem
from tradetui.domain.memory import EngineMemory, ScreenMemory, encode_memory
from tradetui.domain.recovery import (
    CHECKPOINT_SCHEMA,
    RISK_IN_ENGINE,
    CheckpointUnreadableError,
    EngineCheckpoint,
    FeedCursor,
    JournalCursor,
    TradeCursor,
    encode_checkpoint,
)
from tradetui.domain.reports import OrderAccepted, OrderCancelled
from tradetui.domain.risk import InstanceLimits
from tradetui.domain.steps import JournalHeader, StepRecord, SubmitCommand
from tradetui.domain.units import NANOS_PER_HOUR
from tradetui.engine.recovery import Rebuild, agree, open_next, read_checkpoint
from tradetui.strategy import Strategy, bars


class Trader(Strategy):
    """Holds with a bracket, rests an entry far away, and keeps a count."""

    DATA = {"bars": bars("1m"), "five": bars("5m")}
    STATE_SCHEMA = {"turns": {"type": "int", "default": 0}}

    def on_bar(self, bar: Any) -> None:
        if bar.feed != "bars":
            return
        self.state["turns"] += 1
        turn = self.bars.count % 6
        if turn == 1:
            self.enter("long", amount=1.0, stop=bar.close * 0.9, target_r=2.0)
        elif turn == 4:
            self.close()
        elif turn == 5:
            self.context.place_order("buy", 1.0, "limit", bar.close * 0.8)


class AllIn(Strategy):
    """Puts nearly all of its cash into a market order, then sells what it got."""

    DATA = {"bars": bars("1m")}

    def on_bar(self, bar: Any) -> None:
        if self.position:
            self.close()
        elif not self.orders:
            free = self.context.get_account_info()["cash"]["USD"]
            self.context.place_order("buy", 0.98 * free / bar.close)


class World:
    """A run that went on for some bars, and what its journal would hold."""

    def __init__(
        self,
        session: Any,
        steps: Steps,
        length: int,
        *,
        strategy: type[Strategy] = Trader,
        swing: int = 37,
        with_opens: bool = False,
    ) -> None:
        limits = InstanceLimits(10**17)
        session.add_strategy("a", strategy, [BTC.instrument_id], "acc", limits=limits)
        session.start(at=START)
        self.loop = session.loop
        self.records = steps.records
        self.checkpoint: EngineCheckpoint | None = None
        self.items: list[MarketItem] = []
        for number in range(length):
            if number == length // 2:
                self.checkpoint = self.take()
                self.items.clear()
            item = bar(number, 10_000 + swing * (number % 7))
            if with_opens:
                self.ingest(as_open(item))
            self.ingest(item)
        config = self.loop.kernel.state.config
        self.header = JournalHeader(
            CODEC_VERSION, RunId("run-1"), RunMode.BACKTEST, (), "", config, (), 0, 0
        )

    def ingest(self, item: MarketItem) -> None:
        self.items.append(item)
        self.loop.ingest(item)

    def take(self) -> EngineCheckpoint:
        loop = self.loop
        state = loop.kernel.state
        return EngineCheckpoint(
            CHECKPOINT_SCHEMA,
            0,
            RunId("run-1"),
            RunMode.BACKTEST,
            "",
            "",
            dump(state),
            loop.venue.checkpoint(),
            (FeedCursor("file", state.now, 1),) if state.now > START else (),
            RISK_IN_ENGINE,
            tuple(sorted(loop.host.kept.texts.items())),
            JournalCursor(state.seq_id, ""),
            opens=loop.opens_shown,
            market_state=encode_memory(loop.host.remember()),
        )

    def after(self, checkpoint: EngineCheckpoint | None) -> list[StepRecord]:
        begin = 0 if checkpoint is None else checkpoint.cursor.seq_id
        return self.records[begin:]


def as_open(item: MarketItem) -> MarketItem:
    """Return the open of a bar, as a feed shows it at its time."""
    payload: Any = item.payload
    opened = BarOpen(payload.open_time, payload.open)
    return MarketItem(payload.open_time, item.venue, item.instrument_id, opened)


@pytest.fixture
def world(make_session: Any, steps: Steps) -> World:
    return World(make_session(check_every_step=False), steps, 47)


@pytest.mark.parametrize("from_checkpoint", [True, False])
def test_everything_comes_back(world: World, from_checkpoint: bool) -> None:
    checkpoint = world.checkpoint if from_checkpoint else None
    rebuild = Rebuild(world.header, checkpoint, VenueConfig())
    watched: list[int] = []
    assert rebuild.start_step == (checkpoint.cursor.seq_id + 1 if checkpoint else 1)
    difference = rebuild.run(
        world.after(checkpoint), watch=lambda step, state: watched.append(state.seq_id)
    )
    loop = world.loop
    assert difference is None
    assert rebuild.strays == 0
    assert state_hash(rebuild.state) == loop.kernel.state_hash()
    assert rebuild.venue.checkpoint() == loop.venue.checkpoint()
    assert rebuild.kept == loop.host.kept.texts
    assert rebuild.steps == len(watched) == len(world.after(checkpoint))
    assert watched == list(range(rebuild.start_step, rebuild.state.seq_id + 1))
    assert rebuild.cursor == FeedCursor("file" if checkpoint else "", loop.now, 1)
    if checkpoint is not None:
        assert rebuild.memory == loop.host.remember()


@pytest.mark.parametrize("with_opens", [True, False])
def test_the_venue_finds_the_cash_of_then(
    make_session: Any, steps: Steps, with_opens: bool
) -> None:
    session = make_session(check_every_step=False)
    world = World(session, steps, 40, strategy=AllIn, swing=1_500, with_opens=with_opens)
    assert world.checkpoint is not None
    reasons = [
        payload.reason
        for step in world.after(world.checkpoint)
        if isinstance(payload := step.event.payload, OrderCancelled)
    ]
    assert reasons.count(INSUFFICIENT_FUNDS) > 3
    rebuild = Rebuild(world.header, world.checkpoint, VenueConfig())
    feed = iter(world.items) if with_opens else None
    assert rebuild.run(world.after(world.checkpoint), feed) is None
    assert rebuild.strays == 0
    assert rebuild.venue.checkpoint() == world.loop.venue.checkpoint()
    _, _, mended = open_next(rebuild, world.header.kernel_config)
    assert mended == []


@pytest.mark.parametrize("taken_before", [0, 1, 2])
def test_the_place_in_the_feed_counts_the_items_of_one_time(
    world: World, taken_before: int
) -> None:
    time = NANOS_PER_HOUR
    for _ in range(taken_before):
        world.ingest(trade(time))
    checkpoint = replace(
        world.take(), feed_cursors=(FeedCursor("file", world.loop.now, max(taken_before, 1)),)
    )
    for price in (10_010, 10_020):
        world.ingest(trade(time, price))
    rebuild = Rebuild(world.header, checkpoint, VenueConfig())
    assert rebuild.run(world.after(checkpoint)) is None
    assert rebuild.cursor == FeedCursor("file", START + time, taken_before + 2)
    whole = Rebuild(world.header, None, VenueConfig())
    assert whole.run(world.after(None)) is None
    assert whole.cursor == FeedCursor("", START + time, taken_before + 2)
    world.ingest(trade(time + 1))
    behind = Rebuild(world.header, checkpoint, VenueConfig())
    assert behind.run(world.after(checkpoint)) is None
    assert behind.cursor == FeedCursor("file", START + time + 1, 1)


def test_a_step_that_comes_out_otherwise_stops_it(world: World) -> None:
    steps = world.after(None)
    place = next(n for n, step in enumerate(steps) if step.transitions)
    steps[place] = replace(steps[place], transitions=())
    rebuild = Rebuild(world.header, None, VenueConfig())
    difference = rebuild.run(steps)
    assert difference is not None
    assert (difference.seq_id, difference.part) == (place + 1, "transitions")
    assert rebuild.steps == place


def test_what_the_venue_said_last_and_nobody_wrote_down_is_counted(world: World) -> None:
    steps = world.after(None)
    place = next(n for n, one in enumerate(steps) if one.event.event_type == "OrderAccepted")
    rebuild = Rebuild(world.header, None, VenueConfig())
    unheard = takewhile(lambda one: one.event.event_type == "OrderAccepted", steps[place:])
    assert rebuild.run(steps[:place]) is None
    assert rebuild.strays == sum(1 for _ in unheard) > 0


def test_memories_that_cannot_be_read_are_said_and_do_not_matter(world: World) -> None:
    assert world.checkpoint is not None
    harmed = replace(world.checkpoint, market_state=b"\xc1", shown=b"\x00")
    rebuild = Rebuild(world.header, harmed, VenueConfig())
    assert rebuild.run(world.after(harmed)) is None
    assert state_hash(rebuild.state) == world.loop.kernel.state_hash()
    assert [text.split(" cannot")[0] for text in rebuild.notes] == [
        "the newest bars",
        "the lists of the run before",
    ]
    assert rebuild.shown == ScreenMemory()
    empty = Rebuild(world.header, replace(harmed, market_state=b"", shown=b""), VenueConfig())
    assert (empty.memory, empty.notes) == (EngineMemory(), [])


def test_a_checkpoint_is_read_only_if_it_is_what_was_noted(world: World) -> None:
    assert world.checkpoint is not None
    body = encode_checkpoint(world.checkpoint)
    noted = state_hash(_state_of(world, world.checkpoint))
    assert read_checkpoint(body, world.header, noted) == world.checkpoint
    with pytest.raises(CheckpointUnreadableError, match="another state"):
        read_checkpoint(body, world.header, "0" * 64)
    broken = encode_checkpoint(replace(world.checkpoint, engine_state=b"nothing"))
    with pytest.raises(CheckpointUnreadableError, match="cannot be used"):
        read_checkpoint(broken, world.header, noted)


def test_the_next_run_begins_with_it(world: World) -> None:
    rebuild = Rebuild(world.header, world.checkpoint, VenueConfig())
    rebuild.run(world.after(world.checkpoint))
    opening, carried, mended = open_next(rebuild, world.header.kernel_config)
    assert mended == []
    assert opening.kernel == dump(carried.state)
    assert opening.venue == world.loop.venue.checkpoint()
    assert opening.kept == tuple(sorted(world.loop.host.kept.texts.items()))
    assert opening.memory == rebuild.memory
    later, _, _ = open_next(rebuild, world.header.kernel_config, is_seamless=False)
    assert not any(one.buckets for one in later.memory.markets)
    gone = replace(world.header.kernel_config, routes=(), contexts=())
    with pytest.raises(CarryError):
        open_next(rebuild, gone)


def test_an_order_that_the_venue_has_lost_is_given_back_to_it(world: World) -> None:
    state = world.loop.kernel.state
    assert state.open_orders
    venue = SimulatedVenue(VenueConfig())
    mended, _ = agree(venue, state)
    assert sorted(one.client_order_id or "" for one in mended if one.client_order_id) == sorted(
        state.open_orders
    )
    again, reports = agree(venue, state)
    assert (again, reports) == ([], [])
    order = next(iter(state.open_orders.values()))
    new = replace(order.terms, client_order_id=ClientOrderId("tt-new"))
    (taken, *_) = venue.submit(SubmitCommand(new), state.now)
    given = {one.venue_order_id for one in state.orders.values()}
    assert isinstance(taken.payload, OrderAccepted)
    assert taken.payload.venue_order_id not in given
    assert agree(SimulatedVenue(VenueConfig()), state, [RouteId("elsewhere")]) == ([], [])


def _state_of(world: World, checkpoint: EngineCheckpoint) -> KernelState:
    return Rebuild(world.header, checkpoint, VenueConfig()).state


def test_the_simulated_venue_is_shown_the_commands_of_its_own_routes_only(world: World) -> None:
    rebuild = Rebuild(world.header, None, VenueConfig(), simulated=())
    assert rebuild.run(world.after(None)) is None
    assert state_hash(rebuild.state) == state_hash(world.loop.kernel.state)
    assert not rebuild.venue._state.orders
    whole = Rebuild(world.header, None, VenueConfig())
    whole.run(world.after(None))
    assert whole.venue._state.orders


def test_the_cursors_of_a_checkpoint_are_given_back(world: World) -> None:
    assert world.checkpoint is not None
    kept = (TradeCursor(RouteId("main"), BTC.instrument_id, "17"),)
    checkpoint = replace(world.checkpoint, trade_cursors=kept)
    assert Rebuild(world.header, checkpoint, VenueConfig()).trade_cursors == kept
    assert Rebuild(world.header, None, VenueConfig()).trade_cursors == ()
