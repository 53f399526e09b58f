"""A price's recent course in a few cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

BLOCKS: Final = "▁▂▃▄▅▆▇█"
ASCII_BLOCKS: Final = "_.-=+*#@"


def spark(values: Sequence[int], width: int, *, ascii_only: bool = False) -> str:
    """Draw ``values`` as ``width`` cells of rising height, the newest at the right.

    More values than cells are joined, each cell showing the last of its share; what never moved is
    a thin line, for there is nothing to see.
    """
    if not values or width <= 0:
        return ""
    shown = _resampled(values, width)
    levels = ASCII_BLOCKS if ascii_only else BLOCKS
    low, high = min(shown), max(shown)
    if low == high:
        return levels[0] * len(shown)
    steps = len(levels) - 1
    return "".join(levels[(value - low) * steps // (high - low)] for value in shown)


def _resampled(values: Sequence[int], width: int) -> list[int]:
    count = len(values)
    if count <= width:
        return list(values)
    return [values[(at + 1) * count // width - 1] for at in range(width)]


def meter(part: int | None, whole: int, width: int, *, ascii_only: bool = False) -> str:
    """Draw how much of ``whole`` is used as a bar of ``width`` cells; full from the limit on."""
    full, empty = ("#", ".") if ascii_only else ("█", "░")
    used = 0 if part is None or part <= 0 or whole <= 0 else min(part * width // whole, width)
    if part is not None and part > 0 and used == 0:
        used = 1
    return full * used + empty * (width - used)
