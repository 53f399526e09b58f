"""Checkpoints of a running engine: when one is due, its bytes, and its way to the journal.

The engine's thread only makes the bytes, between two steps; everything dear (reading them back,
checking every invariant on that copy, the hash, compressing) is done in another thread.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol, TypeVar

from msgspec.structs import replace

from tradetui.core.check_all import check_all
from tradetui.core.checkpoint import dump, load, state_hash
from tradetui.core.venue.venue import SimulatedVenue
from tradetui.domain.market_data import BarOpen, MarketItem
from tradetui.domain.memory import EngineMemory, ScreenMemory, encode_memory
from tradetui.domain.recovery import (
    CHECKPOINT_SCHEMA,
    RISK_IN_ENGINE,
    EngineCheckpoint,
    FeedCursor,
    JournalCursor,
    TradeCursor,
    encode_checkpoint,
)
from tradetui.domain.steps import JournalHeader
from tradetui.domain.units import NANOS_PER_SECOND
from tradetui.engine.step_loop import StepLoop
from tradetui.ports.journal import Journal, MadeCheckpoint

T = TypeVar("T")

EVERY_STEPS: Final = 10_000
"""A checkpoint is due after so many steps, if making one is cheap."""
EVERY_NS: Final = 60 * NANOS_PER_SECOND
"""... or after so much time, if there was any step."""
SHARE: Final = 20
"""Making checkpoints takes at most one part in so many of the engine's time."""

PutCheckpoint = Callable[[MadeCheckpoint, str], Awaitable[None]]
"""Stores a checkpoint, with the head of the chain after its step."""


class Aside(Protocol):
    """Runs a piece of work in another thread, and returns its result."""

    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]: ...


@dataclass(frozen=True, slots=True)
class Taken:
    """A checkpoint as the engine's thread made it."""

    checkpoint: EngineCheckpoint
    chain_hash: str
    memory: EngineMemory
    shown: ScreenMemory


class FeedProgress:
    """How far the feed of a replay was taken; told of every item as it is applied."""

    __slots__ = ("feed", "taken", "time")

    def __init__(self, feed: str, cursor: FeedCursor | None = None) -> None:
        self.feed = feed
        self.time = -1 if cursor is None else cursor.time
        self.taken = 0 if cursor is None else cursor.taken

    def note(self, item: MarketItem) -> None:
        """Take in one item."""
        if item.payload.__class__ is BarOpen:
            return
        if item.event_time == self.time:
            self.taken += 1
        else:
            self.time, self.taken = item.event_time, 1

    def cursor(self) -> FeedCursor | None:
        """Return the place, None before the first item."""
        return None if self.taken == 0 else FeedCursor(self.feed, self.time, self.taken)


class Checkpointer:
    """Makes the checkpoints of one run."""

    def __init__(
        self,
        loop: StepLoop,
        journal: Journal,
        header: JournalHeader,
        put: PutCheckpoint,
        *,
        aside: Aside = asyncio.to_thread,
        data_hash: str = "",
        progress: FeedProgress | None = None,
        shown: Callable[[], ScreenMemory] = ScreenMemory,
        trade_cursors: Callable[[], tuple[TradeCursor, ...]] = tuple,
        wall: Callable[[], int] = time.time_ns,
        elapsed: Callable[[], int] = time.perf_counter_ns,
    ) -> None:
        self._loop = loop
        self._journal = journal
        self._header = header
        self._put = put
        self._aside = aside
        self._data_hash = data_hash
        self._progress = progress
        self._shown = shown
        self._trade_cursors = trade_cursors
        self._wall = wall
        self._elapsed = elapsed
        self._last_seq = loop.kernel.state.seq_id
        self._last_time = elapsed()
        self._cost = 0
        self._connections = loop.host.market.connections
        self.written = 0

    def is_due(self) -> bool:
        """Tell whether it is time for one: also when an instance has come or gone, so that the next
        start knows which bars are wanted.
        """
        steps = self._loop.kernel.state.seq_id - self._last_seq
        if not steps or self._loop.is_broken:
            return False
        if self._connections != self._loop.host.market.connections:
            return True
        waited = self._elapsed() - self._last_time
        return waited >= EVERY_NS or (steps >= EVERY_STEPS and waited >= SHARE * self._cost)

    def take(self) -> Taken:
        """Make the bytes of this moment; only between two steps."""
        began = self._elapsed()
        loop, header = self._loop, self._header
        state = loop.kernel.state
        chain_hash = self._journal.head
        cursor = None if self._progress is None else self._progress.cursor()
        venue = loop.venue
        checkpoint = EngineCheckpoint(
            CHECKPOINT_SCHEMA,
            self._wall(),
            header.run_id,
            header.run_mode,
            header.config_hash,
            self._data_hash,
            dump(state),
            venue.checkpoint() if isinstance(venue, SimulatedVenue) else b"",
            () if cursor is None else (cursor,),
            RISK_IN_ENGINE,
            tuple(sorted(loop.host.kept.texts.items())),
            JournalCursor(state.seq_id, chain_hash),
            header.seed,
            loop.opens_shown,
            trade_cursors=self._trade_cursors(),
        )
        taken = Taken(checkpoint, chain_hash, loop.host.remember(), self._shown())
        self._connections = loop.host.market.connections
        self._last_seq = state.seq_id
        self._last_time = self._elapsed()
        self._cost = self._last_time - began
        return taken

    async def write(self, taken: Taken) -> None:
        """Check and store a checkpoint; raises InvariantError when the state is not sound,
        JournalError when it cannot be written.
        """
        made = await self._aside(partial(checked, taken, self._header))
        await self._put(made, taken.chain_hash)
        self.written += 1


def checked(taken: Taken, header: JournalHeader) -> MadeCheckpoint:
    """Return a checkpoint ready to be stored, after reading it back and checking every invariant.

    Raises InvariantError, CheckpointError.
    """
    checkpoint = replace(
        taken.checkpoint,
        market_state=encode_memory(taken.memory),
        shown=encode_memory(taken.shown),
    )
    state = load(checkpoint.engine_state, header.kernel_config)
    check_all(state)
    return MadeCheckpoint(
        checkpoint.cursor.seq_id,
        checkpoint.created_at,
        state_hash(state),
        encode_checkpoint(checkpoint),
    )
