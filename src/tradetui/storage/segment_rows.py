"""Rows of ``segments``: which rows of the journal are in which file, under a seal."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass
from typing import Any, Final

import msgspec


@dataclass(frozen=True)
class SegmentRow:
    """A segment as it stands in the table.

    Its rows are ``first_row`` to ``last_row``; the chain comes in with ``hash_before`` (the hash of
    the row before, or of the run's header) and goes out with ``last_hash``. ``size`` is that of the
    file in bytes, ``market_bytes`` what the bodies of its prunable rows come to before compression.
    """

    first_row: int
    last_row: int
    hash_before: bytes
    last_hash: bytes
    name: str
    sha256: bytes
    size: int
    kept_rows: int
    pruned_rows: int
    market_bytes: int
    created_time: int
    pruned_time: int | None
    seal: bytes = b""

    def sealed(self) -> SegmentRow:
        """Return the row with its seal."""
        return dataclasses.replace(self, seal=self._own_seal())

    @property
    def is_sound(self) -> bool:
        """Tell whether the row is what was written."""
        return self.seal == self._own_seal()

    def values(self) -> tuple[Any, ...]:
        """Return the values in the order of ``SEGMENT_COLUMNS``."""
        return tuple(getattr(self, name) for name in _NAMES)

    def _own_seal(self) -> bytes:
        return hashlib.sha256(msgspec.msgpack.encode(self.values()[:-1])).digest()


_NAMES: Final = tuple(field.name for field in dataclasses.fields(SegmentRow))
SEGMENT_COLUMNS: Final = ", ".join("bytes" if name == "size" else name for name in _NAMES)
"""The column ``bytes`` is the field ``size``."""

SEGMENT_SQL: Final = (
    f"INSERT OR REPLACE INTO segments ({SEGMENT_COLUMNS}) VALUES ({', '.join('?' * len(_NAMES))})"
)
