"""Journals of real runs whose oldest market data is gone, as the size cap takes it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from msgspec.structs import replace

from tradetui.backtest.recorded import RecordedRun
from tradetui.backtest.state_at import state_at
from tradetui.domain.recovery import JournalCursor, decode_checkpoint, encode_checkpoint
from tradetui.storage.archive import Archive
from tradetui.storage.checkpoint_rows import CHECKPOINT_SQL, CheckpointRow


def keep_checkpoint(path: Path, run: RecordedRun, seq_id: int) -> None:
    """Make the checkpoint at a step of a run of the journal at ``path`` the only one of that run,
    beside its opening and its end.
    """
    infos = run.source.checkpoints(run.header.run_id)
    end = decode_checkpoint(run.source.checkpoint(run.header.run_id, infos[-1].seq_id))
    rerun = state_at(run, seq_id)
    body = encode_checkpoint(
        replace(
            end,
            engine_state=rerun.kernel.checkpoint(),
            cursor=JournalCursor(seq_id, ""),
            shown=b"",
            market_state=b"",
        )
    )
    with sqlite3.connect(path) as connection:
        number, first_row = connection.execute(
            "SELECT run, first_row FROM runs WHERE run_id = ?", (run.header.run_id,)
        ).fetchone()
        row = first_row + seq_id - run.first
        (anchor,) = connection.execute("SELECT hash FROM steps WHERE row = ?", (row,)).fetchone()
        connection.execute(
            "DELETE FROM checkpoints WHERE run = ? AND seq_id > ? AND seq_id < ?",
            (number, run.first - 1, infos[-1].seq_id),
        )
        packed = CheckpointRow.pack(
            run=number,
            seq_id=seq_id,
            row=row,
            created_time=infos[-1].created_time,
            state_hash=rerun.state_hash(),
            anchor=anchor,
            body=body,
        )
        connection.execute(CHECKPOINT_SQL, packed.values())
    connection.close()


def prune(path: Path, last_row: int) -> None:
    """Archive the rows of a journal up to one, and let their market data go."""
    archive = Archive(path, lambda: 1)
    segment = archive.write(1, last_row)
    archive.publish(segment)
    while archive.sweep():
        pass
    archive.replace_segment(segment, archive.write_pruned(segment))
