"""What a new run goes on with: the run before it, brought back from checkpoint and steps.

The run to go on with is found and rebuilt (``rebuilding``), the clock checked, and the simulated
venue brought to agree with the kernel. Only reads.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tradetui.bootstrap.recovery.comeback import back_words, crash_words, restored_words, was_crash
from tradetui.bootstrap.recovery.rebuilding import (
    Telling,
    Wanted,
    is_watched,
    last_state,
    opening_checkpoint,
    rebuild_run,
)
from tradetui.bootstrap.recovery.remaining import is_flat, remaining
from tradetui.core.carry import CarryError
from tradetui.core.checkpoint import state_hash
from tradetui.core.state import KernelState
from tradetui.domain.formatting import counted, timestamp
from tradetui.domain.ids import RunId
from tradetui.domain.memory import ScreenMemory
from tradetui.domain.recovery import (
    FeedCursor,
    TradeCursor,
    encode_checkpoint,
)
from tradetui.domain.steps import JournalHeader
from tradetui.domain.units import NANOS_PER_SECOND
from tradetui.engine.recovery import Opening, Rebuild, open_next
from tradetui.ports.history import RunInfo
from tradetui.ports.journal import JournalSource, MadeCheckpoint
from tradetui.services.errors import RefusedError
from tradetui.storage.reader import JournalReader

CLOCK_SLACK_NS: Final = 5 * NANOS_PER_SECOND
"""A clock may be so far behind the journal's last event: the kernel's time waits for it."""


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
    other data leaves behind. Raises RefusedError for a journal of another run mode.
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


def is_something(info: RunInfo, header: JournalHeader) -> bool:
    """Tell whether a run has a step, or carries an earlier one."""
    return info.steps > header.opening_seq or bool(header.opening_hash)


def check_clock(rebuild: Rebuild, wanted: Wanted) -> None:
    """Raise RefusedError for a clock that is behind what was recorded: time would stand still until
    it is there.
    """
    last = rebuild.state.now
    if wanted.feed is None and wanted.now + CLOCK_SLACK_NS < last:
        raise RefusedError(
            f"the clock says {timestamp(wanted.now)}, but the journal's last event is of "
            f"{timestamp(last)}: set the clock, then start again; nothing was started"
        )


def carry_on(
    rebuild: Rebuild, wanted: Wanted, telling: Telling, began: int
) -> tuple[Carried, KernelState]:
    """Return what the new run begins with, under its own configuration, and that state.

    Raises RefusedError where that configuration has no place for what is held.
    """
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


def made_opening(header: JournalHeader, past: Carried) -> MadeCheckpoint:
    """Return the opening checkpoint as it is stored with the run."""
    checkpoint = opening_checkpoint(header, past.opening, past.cursor, past.shown)
    return MadeCheckpoint(
        header.opening_seq, header.created_time, past.opening_hash, encode_checkpoint(checkpoint)
    )
