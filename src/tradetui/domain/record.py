"""The base of every record that crosses a boundary."""

from __future__ import annotations

import msgspec


class Record(msgspec.Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Immutable, tagged by its class name, an array on the wire.

    Fields are only ever appended, with defaults.
    """
