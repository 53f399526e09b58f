"""``tradetui engine recover``: what a start would bring back, told without starting anything."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tradetui.bootstrap.commands.journal import journal_of
from tradetui.cli.wiring import Place, Row
from tradetui.core.invariants import InvariantError
from tradetui.domain.ids import RunId, is_shadow
from tradetui.domain.recovery import (
    CheckpointTooNewError,
    CheckpointUnreadableError,
    EngineCheckpoint,
    decode_checkpoint,
)
from tradetui.domain.steps import JournalHeader
from tradetui.engine.recovery import read_checkpoint
from tradetui.engine.rerun import Rerun
from tradetui.ports.journal import (
    CheckpointInfo,
    JournalError,
    JournalPrunedError,
    JournalSource,
)
from tradetui.ports.kept_steps import gone_text
from tradetui.services.errors import RefusedError, RuntimeProblemError, UserError
from tradetui.storage.reader import JournalReader
from tradetui.storage.verify import verify_file

MOST_MISMATCHES: Final = 20


@dataclass(frozen=True)
class Question:
    """What to recover: see the command's help."""

    checkpoint: Path | None = None
    replay: Path | None = None
    start_step: int | None = None
    strict: bool = False


@dataclass
class Report:
    """What was found."""

    mismatches: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def note_mismatch(self, step: int, what: str, was: str, now: str) -> None:
        """Add a mismatch."""
        self.mismatches.append({"step": step, "what": what, "recorded": was, "now": now})


def recover(place: Place, question: Question) -> Row:
    """Bring a run of a journal back, the newest, and report; nothing is written or started.

    Raises UserError for a file or step that is wrong, RefusedError for a checkpoint of a later
    version, RuntimeProblemError for a journal that cannot be read.
    """
    path = journal_of(place, question.replay)
    report = Report()
    if question.strict:
        for fault in verify_file(path).faults:
            report.note_mismatch(fault.seq_id or 0, fault.what, "", "")
    try:
        with JournalReader(path) as reader:
            return _recover(reader, path, question, report)
    except JournalError as error:
        raise RuntimeProblemError(str(error)) from error


def _recover(reader: JournalSource, path: Path, question: Question, report: Report) -> Row:
    began = time.perf_counter()
    header = _newest(reader, path, question.start_step)
    checkpoint = _begin_with(reader, header, question, report)
    kernel = None if checkpoint is None else checkpoint.engine_state
    rerun = Rerun(header.kernel_config, kernel)
    start = rerun.seq_id + 1
    try:
        replayed = _replay(reader, header, rerun, question, report)
    except JournalPrunedError as error:
        raise UserError(gone_text(reader, header, "--start-step")) from error
    state = rerun.kernel.state
    try:
        rerun.kernel.check_all()
    except InvariantError as error:
        report.note_mismatch(rerun.seq_id, f"an invariant is broken: {error}", "", "")
    held = [key for key, position in state.positions.items() if position.quantity]
    would_be = [is_shadow(route_id) for _, route_id, _ in held]
    would_open = sum(is_shadow(order.terms.route_id) for order in state.open_orders.values())
    return {
        "journal": str(path),
        "run": str(header.run_id),
        "checkpoint_step": None if checkpoint is None else checkpoint.cursor.seq_id,
        "start_step": start,
        "end_step": rerun.seq_id,
        "replayed_steps": replayed,
        "deterministic": not report.mismatches,
        "positions": len(held) - sum(would_be),
        "positions_would_be": sum(would_be),
        "orders_open": len(state.open_orders) - would_open,
        "orders_would_open": would_open,
        "state_hash": rerun.state_hash(),
        "seconds": round(time.perf_counter() - began, 3),
        "notes": report.notes,
        "mismatches": report.mismatches[:MOST_MISMATCHES],
    }


def _newest(reader: JournalSource, path: Path, start_step: int | None) -> JournalHeader:
    """Return the newest run with a step, or, of those, the newest that has ``start_step``."""
    for info in reversed(reader.runs()):
        header = reader.header(RunId(info.run_id))
        if start_step is not None and not header.opening_seq < start_step <= info.steps:
            continue
        if info.steps > header.opening_seq or header.opening_hash:
            return header
    what = "a step" if start_step is None else f"step {start_step}"
    raise UserError(f"{path}: holds no run with {what}: there is nothing to recover")


def _begin_with(
    reader: JournalSource, header: JournalHeader, question: Question, report: Report
) -> EngineCheckpoint | None:
    """Return the checkpoint to begin with: the named one, else the newest sound one that is early
    enough.
    """
    before = None if question.start_step is None else question.start_step - 1
    if question.checkpoint is not None:
        return _from_file(question.checkpoint, header, before)
    for info in reversed(reader.checkpoints(header.run_id)):
        if before is not None and info.seq_id > before:
            continue
        found = _sound(reader, header, info, report)
        if found is not None:
            return found
    if header.opening_hash:
        raise UserError(
            f"run {header.run_id} carries step {header.opening_seq} of run {header.continues}, and "
            f"no sound checkpoint stands at or before step {before or header.opening_seq}"
        )
    return None


def _sound(
    reader: JournalSource, header: JournalHeader, info: CheckpointInfo, report: Report
) -> EngineCheckpoint | None:
    name = f"the checkpoint at step {info.seq_id}"
    try:
        return read_checkpoint(
            reader.checkpoint(header.run_id, info.seq_id), header, info.state_hash
        )
    except CheckpointTooNewError as error:
        raise RefusedError(f"{name} {error}") from error
    except CheckpointUnreadableError as error:
        text = f"{name} {error}"
    except JournalError as error:
        text = str(error)
    report.notes.append(f"{text}: the one before it is used")
    report.note_mismatch(info.seq_id, text, "", "")
    return None


def _from_file(path: Path, header: JournalHeader, before: int | None) -> EngineCheckpoint:
    """Read a checkpoint from a file of its own."""
    try:
        checkpoint = decode_checkpoint(path.read_bytes())
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from error
    except CheckpointTooNewError as error:
        raise RefusedError(f"{path}: the checkpoint {error}") from error
    except CheckpointUnreadableError as error:
        raise UserError(f"{path}: is no checkpoint: it {error}") from error
    if checkpoint.run_id != header.run_id:
        raise UserError(
            f"{path}: is a checkpoint of run {checkpoint.run_id}, and the journal's newest run is "
            f"{header.run_id}"
        )
    if before is not None and checkpoint.cursor.seq_id > before:
        raise UserError(
            f"{path}: is of step {checkpoint.cursor.seq_id}, behind --start-step {before + 1}"
        )
    return checkpoint


def _replay(
    reader: JournalSource,
    header: JournalHeader,
    rerun: Rerun,
    question: Question,
    report: Report,
) -> int:
    """Apply every step; compare from ``start_step`` on, and at each checkpoint on the way."""
    compare_from = question.start_step or 0
    hashes = _hashes(reader, header)
    due = next(hashes, None)
    replayed = 0
    for step in reader.steps(header.run_id, rerun.seq_id + 1):
        difference = rerun.apply(step)
        replayed += 1
        seq_id = step.event.seq_id
        if difference is not None and seq_id >= compare_from:
            what = f"{step.event.event_type} {difference.field or difference.part}"
            report.note_mismatch(seq_id, what, difference.was, difference.now)
            if question.strict or difference.part == "failure":
                break
        while due is not None and due[0] < seq_id:
            due = next(hashes, None)
        is_due = question.strict and due is not None and due[0] == seq_id
        if is_due and due is not None and (now := rerun.state_hash()) != due[1]:
            report.note_mismatch(seq_id, "state_hash", due[1], now)
            break
    return replayed


def _hashes(reader: JournalSource, header: JournalHeader) -> Iterator[tuple[int, str]]:
    """Yield step and state hash of every checkpoint of a run."""
    for info in reader.checkpoints(header.run_id):
        yield info.seq_id, info.state_hash
