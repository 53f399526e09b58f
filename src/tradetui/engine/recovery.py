"""Bringing a run back from a checkpoint and the steps after it: kernel, venue, strategies' values.

Pure: records in, records out. What is read from where, and what a person is told, is others' work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from tradetui.core.carry import Carried, carry
from tradetui.core.checkpoint import CheckpointError, dump, load, state_hash
from tradetui.core.state import KernelState
from tradetui.core.venue.mending import Mended
from tradetui.core.venue.models import VenueConfig
from tradetui.core.venue.venue import SimulatedVenue
from tradetui.domain.difference import Difference
from tradetui.domain.enums import OrderState
from tradetui.domain.envelope import Unsequenced
from tradetui.domain.ids import RouteId, is_shadow
from tradetui.domain.market_data import MarketItem
from tradetui.domain.memory import (
    NOTHING_WATCHED,
    EngineMemory,
    MemoryUnreadableError,
    ScreenMemory,
    decode_memory,
)
from tradetui.domain.recovery import (
    CheckpointUnreadableError,
    EngineCheckpoint,
    FeedCursor,
    TradeCursor,
    decode_checkpoint,
)
from tradetui.domain.steps import JournalHeader, KernelConfig, StepRecord
from tradetui.engine.command_router import balance_in
from tradetui.engine.memory import MemoryFollower, unwatched
from tradetui.engine.rerun import Rerun
from tradetui.engine.venue_follower import VenueFollower, is_item, items_in

_CREATED: Final = OrderState.CREATED


@dataclass(frozen=True)
class Opening:
    """What a run begins with when it carries on an earlier one.

    ``kernel`` was made under the new run's own configuration. ``venue`` is the simulated venue's
    checkpoint, empty where none was. ``reports`` are what the venue still has to say. ``memory`` is
    what the engine remembers of its markets.
    """

    kernel: bytes
    venue: bytes
    kept: tuple[tuple[str, str], ...] = ()
    reports: tuple[Unsequenced, ...] = ()
    memory: EngineMemory = NOTHING_WATCHED


def read_checkpoint(body: bytes, header: JournalHeader, wanted_hash: str) -> EngineCheckpoint:
    """Return a checkpoint whose state is sound: it can be loaded and has the hash that was noted.

    Raises CheckpointUnreadableError (half a sentence), or CheckpointTooNewError.
    """
    checkpoint = decode_checkpoint(body)
    try:
        state = load(checkpoint.engine_state, header.kernel_config)
    except CheckpointError as error:
        raise CheckpointUnreadableError(f"cannot be used ({error})") from error
    if state_hash(state) != wanted_hash:
        raise CheckpointUnreadableError("holds another state than the one it was made of")
    return checkpoint


class Rebuild:
    """A run under reconstruction: begin, ``apply`` every step after it, then look at the result.

    ``checkpoint`` None: from the flat beginning of the run. ``feed``: the items of a recorded feed
    from the checkpoint's cursor on, where there are any. Steps are compared one by one.
    ``simulated``: the routes whose commands go to the simulated venue (None: all).
    """

    def __init__(
        self,
        header: JournalHeader,
        checkpoint: EngineCheckpoint | None,
        settings: VenueConfig,
        simulated: Iterable[RouteId] | None = None,
    ) -> None:
        self.header = header
        routes = (route.route_id for route in header.kernel_config.routes)
        self._simulated = tuple(routes if simulated is None else simulated)
        self.trade_cursors: tuple[TradeCursor, ...] = ()
        """How far the trades of real venues were in the kernel at the checkpoint."""
        self.start_step = header.opening_seq + 1
        self.steps = 0
        self.cursor: FeedCursor | None = None
        self.kept: dict[str, str] = {}
        self.strays = 0
        self.notes: list[str] = []
        """What could not be brought back and does not matter to orders and money."""
        self.memory = EngineMemory()
        """What the engine remembered of its markets after the last step."""
        self.shown = ScreenMemory()
        """What screens showed at the checkpoint; the caller brings it on (``run``'s ``watch``)."""
        self._opens = 0
        self.venue = SimulatedVenue(settings)
        kernel = None
        if checkpoint is not None:
            kernel = checkpoint.engine_state
            self.start_step = checkpoint.cursor.seq_id + 1
            self.kept = dict(checkpoint.strategy_state)
            self.trade_cursors = checkpoint.trade_cursors
            if checkpoint.cursor.seq_id > header.opening_seq:
                self._opens = checkpoint.opens
            if checkpoint.feed_cursors:
                self.cursor = checkpoint.feed_cursors[0]
            if checkpoint.broker_state:
                self.venue.restore(checkpoint.broker_state)
            self._recall(checkpoint)
        self.rerun = Rerun(header.kernel_config, kernel)
        self.venue.fund(balance_in(self.rerun.kernel))

    @property
    def state(self) -> KernelState:
        """The kernel's state after the last step."""
        return self.rerun.kernel.state

    def run(
        self,
        steps: Iterable[StepRecord],
        feed: Iterator[MarketItem] | None = None,
        watch: Callable[[StepRecord, KernelState], None] | None = None,
    ) -> Difference | None:
        """Apply all steps; return the first that comes out otherwise, and stop there.

        ``watch`` is told of each step with the state behind it.
        """
        suffix = tuple(steps)
        source = items_in(suffix) if feed is None else feed
        follower = VenueFollower(self.venue, self._simulated, source, opens=self._opens)
        markets = MemoryFollower(self.memory, self.state.instruments)
        for step in suffix:
            # The venue first: it was shown an item before the ledger had the fills on it.
            follower.take(step)
            difference = self.rerun.apply(step)
            if difference is not None:
                return difference
            markets.take(step)
            self._note(step)
            if watch is not None:
                watch(step, self.state)
        follower.end()
        self.strays = follower.strays
        self.memory = markets.memory()
        return None

    def _recall(self, checkpoint: EngineCheckpoint) -> None:
        try:
            self.memory = decode_memory(checkpoint.market_state, EngineMemory)
        except MemoryUnreadableError as error:
            self.notes.append(f"the newest bars {error}: strategies warm up anew")
        try:
            self.shown = decode_memory(checkpoint.shown, ScreenMemory)
        except MemoryUnreadableError as error:
            self.notes.append(f"the lists of the run before {error}: they begin anew")

    def _note(self, step: StepRecord) -> None:
        self.steps += 1
        for strategy_id, text in step.result.kept:
            self.kept[strategy_id] = text
        event = step.event
        if not is_item(event):
            return
        time = event.event_time
        before = self.cursor
        taken = before.taken + 1 if before is not None and before.time == time else 1
        self.cursor = FeedCursor("" if before is None else before.feed, time, taken)


def open_next(
    rebuild: Rebuild,
    config: KernelConfig,
    simulated: Iterable[RouteId] | None = None,
    *,
    is_seamless: bool = True,
) -> tuple[Opening, Carried, list[Mended]]:
    """Return what a new run of ``config`` begins with, and what was mended on the way.

    ``is_seamless``: no time has passed since in which the markets were not watched. Raises
    CarryError when the new configuration has no place for what is held.
    """
    carried = carry(rebuild.state, config)
    mended, reports = agree(rebuild.venue, carried.state, simulated)
    opening = Opening(
        dump(carried.state),
        rebuild.venue.checkpoint(),
        tuple(sorted(rebuild.kept.items())),
        tuple(reports),
        rebuild.memory if is_seamless else unwatched(rebuild.memory),
    )
    return opening, carried, mended


def agree(
    venue: SimulatedVenue, state: KernelState, simulated: Iterable[RouteId] | None = None
) -> tuple[list[Mended], list[Unsequenced]]:
    """Make the simulated venue agree with the kernel; return what was mended, and its answers.

    ``simulated`` None: it answers on every route.
    """
    routes = dict.fromkeys(state.routes if simulated is None else simulated)

    def is_ours(route_id: RouteId) -> bool:
        return route_id in routes or is_shadow(route_id)

    orders = [
        order
        for order in state.open_orders.values()
        if is_ours(order.terms.route_id) and order.state is not _CREATED
    ]
    positions = {
        (route_id, instrument_id, strategy_id): position.quantity
        for (strategy_id, route_id, instrument_id), position in sorted(state.positions.items())
        if position.quantity and is_ours(route_id)
    }
    for instrument in state.instruments.values():
        venue.on_instrument(instrument)
    venue.skip_numbers(
        (order.venue_order_id or "" for order in state.orders.values()),
        (key[2] for key in state.trade_ids),
    )
    return venue.mend(orders, positions, state.now)
