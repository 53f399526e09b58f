"""What a new run goes on with: the run before it, brought back from checkpoint and steps.

The run to go on with is found, its newest sound checkpoint read, the steps after it applied again
and compared, and the simulated venue brought to agree with the kernel. Only reads.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tradetui.bootstrap.recovery.comeback import back_words, crash_words, restored_words, was_crash
from tradetui.bootstrap.recovery.remaining import is_flat, remaining
from tradetui.core.carry import CarryError
from tradetui.core.checkpoint import state_hash
from tradetui.core.state import KernelState
from tradetui.core.venue.models import VenueConfig
from tradetui.domain.formatting import counted, timestamp
from tradetui.domain.ids import RunId
from tradetui.domain.market_data import MarketItem
from tradetui.domain.memory import ScreenMemory, encode_memory
from tradetui.domain.recovery import (
    CHECKPOINT_SCHEMA,
    RISK_IN_ENGINE,
    CheckpointTooNewError,
    CheckpointUnreadableError,
    EngineCheckpoint,
    FeedCursor,
    JournalCursor,
    TradeCursor,
    encode_checkpoint,
)
from tradetui.domain.steps import JournalHeader, KernelConfig
from tradetui.domain.units import NANOS_PER_MINUTE, NANOS_PER_SECOND
from tradetui.engine.recovery import Opening, Rebuild, open_next, read_checkpoint
from tradetui.engine.rerun import Rerun
from tradetui.ports.history import RunInfo
from tradetui.ports.journal import CheckpointInfo, JournalError, JournalSource, MadeCheckpoint
from tradetui.runtime.remembered import ScreenFollower
from tradetui.runtime.replica import LIST_LENGTH
from tradetui.services.errors import RefusedError
from tradetui.storage.reader import JournalReader

CLOCK_SLACK_NS: Final = 5 * NANOS_PER_SECOND
"""A clock may be so far behind the journal's last event: the kernel's time waits for it."""

UNWATCHED_NS: Final = NANOS_PER_MINUTE
"""After a longer time without an engine the bars under way are not whole."""

Feed = Callable[[FeedCursor | None], Iterator[MarketItem]]
"""Gives the items of recorded data behind a place (None: all)."""


@dataclass(frozen=True)
class Wanted:
    """The run that shall begin, as far as it is known before its past is.

    ``feed`` is None in real time; ``now`` is the wall clock. ``restored_run`` is the one with which
    a backup ended that was restored here.
    """

    config: KernelConfig
    venue: VenueConfig
    data_hash: str
    now: int
    feed: Feed | None = None
    restored_run: str = ""


@dataclass(frozen=True)
class Carried:
    """What a new run carries on."""

    continues: RunId
    seq_id: int
    opening: Opening
    opening_hash: str
    cursor: FeedCursor | None
    shown: ScreenMemory
    """What the screens of the run before showed."""
    trade_cursors: tuple[TradeCursor, ...] = ()
    """How far the trades of real venues were taken: for ``ExecutionRoute.resumed``."""


@dataclass
class Telling:
    """What is said on the way."""

    notes: list[str] = field(default_factory=list)
    alerts: list[str] = field(default_factory=list)
    headline: str = ""
    """What a person must see first: that there was a crash, and what came back of it."""
    has_left: bool = False
    """A run that is not gone on with holds something: nothing may enter before a person looked."""


class StateDiffersError(Exception):
    """The journal's steps do not lead to what was recorded; half a sentence.

    ``program`` is what wrote the run, empty where it was not recorded.
    """

    def __init__(self, message: str, program: str) -> None:
        super().__init__(message)
        self.program = program


def find_past(path: Path, wanted: Wanted, telling: Telling) -> Carried | None:
    """Return what the new run carries on; None when it begins flat.

    Raises RefusedError when it must not begin at all, StateDiffersError when its steps do not come
    out as recorded, JournalError when it cannot be read. Only reads.
    """
    began = time.perf_counter_ns()
    with JournalReader(path) as reader:
        header = run_to_continue(reader, wanted, telling)
        if header is None:
            return None
        rebuild = rebuild_run(reader, header, wanted, telling)
        is_crash = was_crash(reader.runs(), header.run_id)
    check_clock(rebuild, wanted)
    past, state = carry_on(rebuild, wanted, telling, began)
    if is_crash:
        is_restored = header.run_id == wanted.restored_run
        telling.headline = restored_words(state) if is_restored else crash_words(state)
        telling.notes.insert(0, telling.headline)
    return past


def run_to_continue(
    reader: JournalSource, wanted: Wanted, telling: Telling
) -> JournalHeader | None:
    """Return the newest run of the same data that has anything in it; say what a newer one of
    other data leaves behind.
    """
    newest = True
    for info in reversed(reader.runs()):
        header = reader.header(RunId(info.run_id))
        if header.run_mode is not wanted.config.run_mode:
            raise RefusedError(
                f"the journal is of a {header.run_mode} run ({info.run_id}), and this one is "
                f"{wanted.config.run_mode}: use another --state for it"
            )
        if not is_something(info, header):
            continue
        if header.data_hash == wanted.data_hash and header.is_virtual is (wanted.feed is not None):
            return header
        telling.notes.append(f"run {info.run_id} was of other data: it is not gone on with")
        if newest:
            tell_left(reader, header, telling)
        newest = False
    return None


def tell_left(reader: JournalSource, header: JournalHeader, telling: Telling) -> None:
    """Raise an alert that names what a run holds which is not gone on with; none if it is flat."""
    state = last_state(reader, header)
    if state is None:
        what = "what it held cannot be told (its steps do not come out as recorded)"
    elif is_flat(state):
        return
    else:
        what = remaining(state)
    telling.has_left = True
    telling.alerts.append(
        f"run {header.run_id} was of other data and is not gone on with; {what}. Nothing here "
        "manages that, and active instances start HELD"
    )


def last_state(reader: JournalSource, header: JournalHeader) -> KernelState | None:
    """Return the state at the end of a run, without its venue; None if it cannot be made."""
    checkpoint = newest_sound(reader, header, Telling())
    if checkpoint is None and header.opening_hash:
        return None
    rerun = Rerun(header.kernel_config, None if checkpoint is None else checkpoint.engine_state)
    for step in reader.steps(header.run_id, rerun.seq_id + 1):
        if rerun.apply(step) is not None:
            return None
    return rerun.kernel.state


def is_something(info: RunInfo, header: JournalHeader) -> bool:
    """Tell whether a run has a step, or carries an earlier one."""
    return info.steps > header.opening_seq or bool(header.opening_hash)


def rebuild_run(
    reader: JournalSource, header: JournalHeader, wanted: Wanted, telling: Telling
) -> Rebuild:
    """Bring a run back to its last durable step.

    From its newest sound checkpoint; without any, from the run that it carried on, or from its flat
    beginning.
    """
    checkpoint = newest_sound(reader, header, telling)
    if checkpoint is None and header.opening_hash:
        rebuild = rebuild_before(reader, header, wanted, telling)
    else:
        rebuild = Rebuild(header, checkpoint, wanted.venue)
    feed = None if wanted.feed is None else wanted.feed(rebuild.cursor)
    steps = reader.steps(header.run_id, rebuild.state.seq_id + 1)
    follower = ScreenFollower(rebuild.shown, rebuild.state, LIST_LENGTH)
    difference = rebuild.run(steps, feed, follower.take)
    if difference is not None:
        raise StateDiffersError(
            f"step {difference.seq_id} of run {header.run_id} ({difference.event_type}) comes out "
            f"otherwise than recorded ({difference.field or difference.part})",
            header.program,
        )
    rebuild.shown = follower.memory()
    return rebuild


def newest_sound(
    reader: JournalSource, header: JournalHeader, telling: Telling
) -> EngineCheckpoint | None:
    """Return the newest checkpoint of a run that can be used; say which ones cannot."""
    for info in reversed(reader.checkpoints(header.run_id)):
        try:
            return sound(reader, header, info)
        except CheckpointTooNewError as error:
            raise RefusedError(f"{where(header, info)} {error}; nothing was started") from error
        except CheckpointUnreadableError as error:
            telling.alerts.append(f"{where(header, info)} {error}: the one before it is used")
        except JournalError as error:
            telling.alerts.append(f"{error}: the one before it is used")
    return None


def sound(reader: JournalSource, header: JournalHeader, info: CheckpointInfo) -> EngineCheckpoint:
    """Read one checkpoint and check that it is what its row says."""
    body = reader.checkpoint(header.run_id, info.seq_id)
    checkpoint = read_checkpoint(body, header, info.state_hash)
    if checkpoint.cursor.seq_id != info.seq_id:
        raise CheckpointUnreadableError(f"is of step {checkpoint.cursor.seq_id}")
    return checkpoint


def where(header: JournalHeader, info: CheckpointInfo) -> str:
    """Name a checkpoint."""
    return f"the checkpoint of run {header.run_id} at step {info.seq_id}"


def rebuild_before(
    reader: JournalSource, header: JournalHeader, wanted: Wanted, telling: Telling
) -> Rebuild:
    """Make the opening of a run anew from the run before it, when every checkpoint is damaged."""
    before = reader.header(RunId(header.continues))
    telling.notes.append(f"run {before.run_id} is replayed too: no checkpoint after it is sound")
    rebuild = rebuild_run(reader, before, wanted, telling)
    is_seamless = is_watched(rebuild, header.created_time, is_virtual=header.is_virtual)
    opening, carried, _ = open_next(rebuild, header.kernel_config, is_seamless=is_seamless)
    if state_hash(carried.state) != header.opening_hash:
        raise StateDiffersError(
            f"the end of run {before.run_id} is not what run {header.run_id} says that it began "
            "with",
            header.program,
        )
    checkpoint = opening_checkpoint(header, opening, rebuild.cursor, rebuild.shown)
    return Rebuild(header, checkpoint, wanted.venue)


def check_clock(rebuild: Rebuild, wanted: Wanted) -> None:
    """Refuse a clock that is behind what was recorded: time would stand still until it is there."""
    last = rebuild.state.now
    if wanted.feed is None and wanted.now + CLOCK_SLACK_NS < last:
        raise RefusedError(
            f"the clock says {timestamp(wanted.now)}, but the journal's last event is of "
            f"{timestamp(last)}: set the clock, then start again; nothing was started"
        )


def carry_on(
    rebuild: Rebuild, wanted: Wanted, telling: Telling, began: int
) -> tuple[Carried, KernelState]:
    """Return what the new run begins with, under its own configuration, and that state."""
    last, run_id, cursor = rebuild.state.seq_id, rebuild.header.run_id, rebuild.cursor
    is_seamless = is_watched(rebuild, wanted.now, is_virtual=wanted.feed is not None)
    try:
        opening, carried, mended = open_next(rebuild, wanted.config, is_seamless=is_seamless)
    except CarryError as error:
        raise RefusedError(f"{error}; nothing was started") from error
    for one in mended:
        name = f"order {one.client_order_id} " if one.client_order_id else "the simulated venue: "
        telling.alerts.append(f"{name}{one.text}")
    state = carried.state
    took = (time.perf_counter_ns() - began) // 1_000_000
    telling.notes.insert(
        0,
        f"goes on from run {run_id}, step {last:,}: {back_words(state)} "
        f"({counted(rebuild.steps, 'step')} applied again from step {rebuild.start_step:,}, "
        f"{took:,} ms)",
    )
    telling.notes.extend((*carried.notes, *rebuild.notes))
    past = Carried(
        run_id,
        last,
        opening,
        state_hash(state),
        cursor,
        rebuild.shown,
        rebuild.trade_cursors,
    )
    return past, state


def is_watched(rebuild: Rebuild, now: int, *, is_virtual: bool) -> bool:
    """Tell whether the markets were watched until the new run begins, or nearly so: in recorded
    data no time passes between two runs.
    """
    return is_virtual or now - rebuild.state.now <= UNWATCHED_NS


def opening_checkpoint(
    header: JournalHeader, opening: Opening, cursor: FeedCursor | None, shown: ScreenMemory
) -> EngineCheckpoint:
    """Return the checkpoint that a run begins from."""
    return EngineCheckpoint(
        CHECKPOINT_SCHEMA,
        header.created_time,
        header.run_id,
        header.run_mode,
        header.config_hash,
        header.data_hash,
        opening.kernel,
        opening.venue,
        () if cursor is None else (cursor,),
        RISK_IN_ENGINE,
        opening.kept,
        JournalCursor(header.opening_seq, ""),
        header.seed,
        market_state=encode_memory(opening.memory),
        shown=encode_memory(shown),
    )


def made_opening(header: JournalHeader, past: Carried) -> MadeCheckpoint:
    """Return the opening checkpoint as it is stored with the run."""
    checkpoint = opening_checkpoint(header, past.opening, past.cursor, past.shown)
    return MadeCheckpoint(
        header.opening_seq, header.created_time, past.opening_hash, encode_checkpoint(checkpoint)
    )
