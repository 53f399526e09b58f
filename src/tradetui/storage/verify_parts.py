"""Checking what stands beside the rows of a journal: checkpoints and archived segments."""

from __future__ import annotations

from typing import Final

import msgspec

from tradetui.domain.codec import decode_header
from tradetui.storage.checkpoint_rows import (
    CHECKPOINT_COLUMNS,
    CheckpointDamagedError,
    CheckpointRow,
)
from tradetui.storage.journal_schema import EQUITY_COLUMNS, RUN_COLUMNS
from tradetui.storage.row_checks import check_number, row_line
from tradetui.storage.row_source import ARCHIVED_SINCE, RowSource
from tradetui.storage.segment_file import sha256_of
from tradetui.storage.segment_rows import SegmentRow
from tradetui.storage.verify_rows import Fault, Faults

_CHECKED_SINCE: Final = 3
"""The schema version that brought these check numbers."""


def check_checkpoints(source: RowSource, faults: Faults) -> int:
    """Check the seal, the body and the anchor of every checkpoint; return how many there are."""
    if source.version < ARCHIVED_SINCE:
        return 0
    keys = source.query("SELECT run, seq_id FROM checkpoints ORDER BY run, seq_id")
    for run, seq_id in keys:
        rows = source.query(
            f"SELECT {CHECKPOINT_COLUMNS} FROM checkpoints WHERE run = ? AND seq_id = ?",
            run,
            seq_id,
        )
        for values in rows:
            _check_checkpoint(source, faults, CheckpointRow(*values))
    _check_opening(source, faults)
    return len(keys)


def check_numbers(source: RowSource, faults: Faults) -> int:
    """Check what has a check number only: when a run was, and the points of the equity curve;
    return how many rows there are.
    """
    if source.version < _CHECKED_SINCE:
        return 0
    rows = source.query(f"SELECT {', '.join(RUN_COLUMNS)}, check_number FROM runs ORDER BY run")
    for row in rows:
        if row[-1] != check_number(row_line(tuple(row[:-1]))):
            faults.add(Fault(f"the times or the end of run {row[1]} were altered", row[1]))
    return len(rows) + _check_equity(source, faults)


def _check_equity(source: RowSource, faults: Faults) -> int:
    count, row, key = 0, -1, ""
    wanted = f"SELECT {', '.join(EQUITY_COLUMNS)}, check_number FROM equity"
    while points := source.query(
        f"{wanted} WHERE (row, key) > (?, ?) ORDER BY row, key LIMIT 1000", row, key
    ):
        for point in points:
            if point[-1] != check_number(row_line(tuple(point[:-1]))):
                what = f"the equity of {point[1]} at step {point[2]} (row {point[0]}) was altered"
                faults.add(Fault(what, seq_id=point[2], row=point[0]))
        row, key = points[-1][:2]
        count += len(points)
    return count


def check_segments(source: RowSource, faults: Faults) -> int:
    """Check the seal of every segment and its file's size and SHA-256, and that one follows the
    other; return how many there are.

    The rows in them are checked with all others.
    """
    segments = source.segments()
    before: SegmentRow | None = None
    for segment in segments:
        _check_segment(source, faults, segment)
        if before is not None and segment.first_row <= before.last_row:
            faults.add(Fault(f"segment {segment.name} repeats rows of {before.name}"))
        before = segment
    return len(segments)


def _check_checkpoint(source: RowSource, faults: Faults, row: CheckpointRow) -> None:
    runs = source.query("SELECT run_id, first_row, hash FROM runs WHERE run = ?", row.run)
    if not runs:
        faults.add(
            Fault(f"the checkpoint at step {row.seq_id} belongs to run {row.run}, which is missing")
        )
        return
    run_id, first_row, own_hash = runs[0]
    name = f"the checkpoint of run {run_id} at step {row.seq_id}"
    try:
        row.unpack()
    except CheckpointDamagedError as error:
        faults.add(Fault(f"{name} {error}", run_id, row.seq_id, row.row))
        return
    if row.row < first_row:
        reached = own_hash
    else:
        reached = _hash_at(source, row.row)
        if reached is None:
            return  # the missing row is a fault of its own
    if reached != row.anchor:
        faults.add(
            Fault(f"{name} was not made at row {row.row} as it is", run_id, row.seq_id, row.row)
        )


def _hash_at(source: RowSource, row: int) -> bytes | None:
    """Return the hash of the chain at a row; None where the row is missing or no longer kept."""
    return next(
        (entry.hash for entry in source.entries(row, row + 1) if entry.last_row == row), None
    )


def _check_opening(source: RowSource, faults: Faults) -> None:
    """The newest run must have the checkpoint that it began from."""
    rows = source.query("SELECT run, run_id, header FROM runs ORDER BY run DESC LIMIT 1")
    for run, run_id, body in rows:
        try:
            header = decode_header(body)
        except msgspec.MsgspecError:
            return  # a fault of its own
        found = source.query(
            "SELECT 1 FROM checkpoints WHERE run = ? AND seq_id = ?", run, header.opening_seq
        )
        if header.opening_hash and not found:
            faults.add(
                Fault(
                    f"the checkpoint that run {run_id} began from (step {header.opening_seq}) is "
                    "missing",
                    run_id,
                    header.opening_seq,
                )
            )


def _check_segment(source: RowSource, faults: Faults, segment: SegmentRow) -> None:
    name = f"segment {segment.name} (rows {segment.first_row} to {segment.last_row})"
    if not segment.is_sound:
        faults.add(Fault(f"the entry of {name} was altered", row=segment.first_row))
        return
    path = source.folder / segment.name
    try:
        size, digest = path.stat().st_size, sha256_of(path)
    except FileNotFoundError:
        faults.add(Fault(f"{name} is missing: {path} is not there", row=segment.first_row))
        return
    except OSError as error:
        faults.add(Fault(f"{name} cannot be read ({error.strerror})", row=segment.first_row))
        return
    if size != segment.size or digest != segment.sha256:
        faults.add(
            Fault(
                f"{name} was altered or cut ({size} bytes; {segment.size} were written)",
                row=segment.first_row,
            )
        )
