"""Rows of ``checkpoints``: a body is stored compressed, and a seal covers all of the row."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from typing import Any, Final

import msgspec

CHECKPOINT_COLUMNS: Final = "run, seq_id, row, created_time, state_hash, anchor, body, seal"
CHECKPOINT_SQL: Final = (
    f"INSERT OR REPLACE INTO checkpoints ({CHECKPOINT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_LEVEL: Final = 1
"""Of zlib: a checkpoint is written while the engine runs, so fast wins over small."""


class CheckpointDamagedError(ValueError):
    """A checkpoint's row is not what was written; the message is half a sentence."""


@dataclass(frozen=True)
class CheckpointRow:
    """A checkpoint as it stands in the table; ``body`` is compressed.

    ``anchor`` is the hash of the chain at ``row``: of that row, or, before the first row of its
    run, of the run's header.
    """

    run: int
    seq_id: int
    row: int
    created_time: int
    state_hash: str
    anchor: bytes
    body: bytes
    seal: bytes

    @classmethod
    def pack(
        cls,
        *,
        run: int,
        seq_id: int,
        row: int,
        created_time: int,
        state_hash: str,
        anchor: bytes,
        body: bytes,
    ) -> CheckpointRow:
        """Return the row for a plain ``body``: compressed and sealed."""
        small = zlib.compress(body, _LEVEL)
        seal = _seal(run, seq_id, row, created_time, state_hash, anchor, small)
        return cls(run, seq_id, row, created_time, state_hash, anchor, small, seal)

    def values(self) -> tuple[Any, ...]:
        """Return what ``CHECKPOINT_SQL`` wants."""
        return (
            self.run,
            self.seq_id,
            self.row,
            self.created_time,
            self.state_hash,
            self.anchor,
            self.body,
            self.seal,
        )

    @property
    def is_sound(self) -> bool:
        """Tell whether the row is as it was written."""
        return self.seal == _seal(*self.values()[:-1])

    def unpack(self) -> bytes:
        """Return the plain body; raises CheckpointDamagedError when the row was altered."""
        if not self.is_sound:
            raise CheckpointDamagedError("was altered")
        try:
            return zlib.decompress(self.body)
        except zlib.error as error:
            raise CheckpointDamagedError(f"cannot be read ({error})") from error


def _seal(*values: Any) -> bytes:
    return hashlib.sha256(msgspec.msgpack.encode(values)).digest()
