"""How the C library keeps memory that was given back to it.

By itself it has a heap for each thread that ever asked for memory, and keeps in each the most that
was in use there at once; and it takes ever larger pieces from these heaps once one of their size
was given back. A run that packs checkpoints and old steps in threads of its own then grows for an
hour, though nothing of it is in use.
"""

from __future__ import annotations

import ctypes
from typing import Final

HEAPS: Final = 1
"""Python's own objects do not come from there: nothing waits for another thread's piece."""
LARGE: Final = 128 * 1024
"""Bytes: pieces from this size on are taken from the system, and go back there at once."""

_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
_M_ARENA_MAX: Final = -8


def keep_little() -> bool:
    """Have the C library keep little for itself, before threads begin; tell whether it can be told
    so (glibc can).
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    wanted = ((_M_ARENA_MAX, HEAPS), (_M_MMAP_THRESHOLD, LARGE), (_M_TRIM_THRESHOLD, LARGE))
    return all(mallopt(option, value) == 1 for option, value in wanted)
