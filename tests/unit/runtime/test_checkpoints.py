"""When a checkpoint is due, what is in it, and that an unsound one is not stored."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from tradetui.core.checkpoint import state_hash
from tradetui.core.invariants import InvariantError
from tradetui.domain.codec import CODEC_VERSION
from tradetui.domain.enums import RunMode
from tradetui.domain.ids import InstrumentId, RunId
from tradetui.domain.market_data import BarOpen, MarketItem, Quote
from tradetui.domain.memory import EngineMemory, ScreenMemory, decode_memory
from tradetui.domain.recovery import FeedCursor, decode_checkpoint
from tradetui.domain.steps import JournalHeader
from tradetui.ports.journal import MadeCheckpoint
from tradetui.runtime.checkpoints import EVERY_NS, EVERY_STEPS, Checkpointer, FeedProgress

RigMaker = Callable[..., Any]


class Clocked:
    """A checkpointer whose clock the test moves, and what it stored."""

    def __init__(self, rig: Any) -> None:
        self.time = 0
        self.stored: list[tuple[MadeCheckpoint, str]] = []
        self.loop = rig.driver.loop
        config = self.loop.kernel.state.config
        header = JournalHeader(
            CODEC_VERSION, RunId("run-1"), RunMode.PAPER, (), "", config, (), 7, 0
        )
        self.one = Checkpointer(
            self.loop,
            rig.journal,
            header,
            self.put,
            shown=rig.driver.publisher.remember,
            wall=lambda: 5,
            elapsed=self.elapsed,
        )

    def elapsed(self) -> int:
        self.time += 1_000
        return self.time

    async def put(self, made: MadeCheckpoint, chain_hash: str) -> None:
        self.stored.append((made, chain_hash))


def item(time: int, payload: Any = None) -> MarketItem:
    return MarketItem(time, "SIM", InstrumentId("BTC/USDT.SIM"), payload or Quote(1, 1, 2, 1))


async def test_it_is_due_after_steps_after_time_and_when_instances_change(rig: RigMaker) -> None:
    one = rig([])
    made = Clocked(one)
    assert not made.one.is_due()
    await one.driver.start()
    await one.quote()
    made.one.take()
    assert not made.one.is_due()
    await one.quote()
    await one.clock.move(1)
    assert not made.one.is_due()
    made.time += EVERY_NS
    assert made.one.is_due()
    made.one.take()
    seen = made.loop.kernel.state.seq_id
    made.one._last_seq = seen - EVERY_STEPS
    assert not made.one.is_due()
    made.time += 1_000_000
    assert made.one.is_due()
    made.one.take()
    await one.quote()
    await one.clock.move(1)
    assert not made.one.is_due()
    made.loop.host.market.connect([])
    assert made.one.is_due()


async def test_what_is_stored_is_the_moment_it_was_taken(rig: RigMaker) -> None:
    one = rig(["buyer"])
    await one.driver.start()
    await one.ticks(3)
    made = Clocked(one)
    taken = made.one.take()
    seq_id, digest = made.loop.kernel.state.seq_id, state_hash(made.loop.kernel.state)
    shown, watched = one.driver.publisher.remember(), made.loop.host.remember()
    await one.ticks(2)
    await made.one.write(taken)
    (stored, chain_hash), checkpoint = made.stored[0], decode_checkpoint(made.stored[0][0].body)
    assert (stored.seq_id, stored.state_hash, chain_hash) == (seq_id, digest, taken.chain_hash)
    assert checkpoint.cursor.seq_id == seq_id < made.loop.kernel.state.seq_id
    assert decode_memory(checkpoint.market_state, EngineMemory) == watched
    assert decode_memory(checkpoint.shown, ScreenMemory) == shown
    assert shown.instances
    assert made.one.written == 1


async def test_what_is_dear_is_done_aside(rig: RigMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    one = rig([])
    await one.driver.start()
    made, threads = Clocked(one), []
    monkeypatch.setattr(
        "tradetui.runtime.checkpoints.check_all",
        lambda _: threads.append(threading.current_thread()),
    )
    await made.one.write(made.one.take())
    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()


async def test_a_state_that_is_not_sound_is_not_stored(
    rig: RigMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = rig([])
    await one.driver.start()
    made = Clocked(one)

    def broken(_: object) -> None:
        raise InvariantError("cash does not add up")

    monkeypatch.setattr("tradetui.runtime.checkpoints.check_all", broken)
    with pytest.raises(InvariantError, match="add up"):
        await made.one.write(made.one.take())
    assert made.stored == []
    assert made.one.written == 0


def test_the_place_in_a_feed_counts_the_items_of_one_time() -> None:
    progress = FeedProgress("file")
    assert progress.cursor() is None
    progress.note(item(5, BarOpen(5, 1)))
    assert progress.cursor() is None
    for time in (6, 6, 6, 7, 7):
        progress.note(item(time))
    assert progress.cursor() == FeedCursor("file", 7, 2)
    later = FeedProgress("file", progress.cursor())
    later.note(item(7))
    assert later.cursor() == FeedCursor("file", 7, 3)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(later.cursor()), type=FeedCursor)
