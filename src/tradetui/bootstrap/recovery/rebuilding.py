"""One recorded run brought back to its last durable step: a sound checkpoint, the steps after it.

Each step is applied again and compared with what was recorded. Only reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from tradetui.core.checkpoint import state_hash
from tradetui.core.state import KernelState
from tradetui.core.venue.models import VenueConfig
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
)
from tradetui.domain.steps import JournalHeader, KernelConfig
from tradetui.domain.units import NANOS_PER_MINUTE
from tradetui.engine.recovery import Opening, Rebuild, open_next, read_checkpoint
from tradetui.engine.rerun import Rerun
from tradetui.ports.journal import CheckpointInfo, JournalError, JournalSource
from tradetui.runtime.remembered import ScreenFollower
from tradetui.runtime.replica import LIST_LENGTH
from tradetui.services.errors import RefusedError

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


def rebuild_run(
    reader: JournalSource, header: JournalHeader, wanted: Wanted, telling: Telling
) -> Rebuild:
    """Bring a run back to its last durable step.

    From its newest sound checkpoint; without any, from the run that it carried on, or from its flat
    beginning. Raises StateDiffersError for a step that comes out otherwise than recorded.
    """
    checkpoint = newest_sound(reader, header, telling)
    if checkpoint is None and header.opening_hash:
        rebuild = _rebuild_before(reader, header, wanted, telling)
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
    """Return the newest checkpoint of a run that can be used; say which ones cannot.

    Raises RefusedError for one of a later version: what wrote it knows more than this program.
    """
    for info in reversed(reader.checkpoints(header.run_id)):
        try:
            return _sound(reader, header, info)
        except CheckpointTooNewError as error:
            raise RefusedError(f"{_where(header, info)} {error}; nothing was started") from error
        except CheckpointUnreadableError as error:
            telling.alerts.append(f"{_where(header, info)} {error}: the one before it is used")
        except JournalError as error:
            telling.alerts.append(f"{error}: the one before it is used")
    return None


def _sound(reader: JournalSource, header: JournalHeader, info: CheckpointInfo) -> EngineCheckpoint:
    """Read one checkpoint and check that it is what its row says."""
    body = reader.checkpoint(header.run_id, info.seq_id)
    checkpoint = read_checkpoint(body, header, info.state_hash)
    if checkpoint.cursor.seq_id != info.seq_id:
        raise CheckpointUnreadableError(f"is of step {checkpoint.cursor.seq_id}")
    return checkpoint


def _where(header: JournalHeader, info: CheckpointInfo) -> str:
    """Name a checkpoint."""
    return f"the checkpoint of run {header.run_id} at step {info.seq_id}"


def _rebuild_before(
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
