"""Pages of the recorded fills, from the newest back to the first of all runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from tradetui.domain.ids import RunId
from tradetui.domain.orders import Fill
from tradetui.ports.history import FillBatch

Read = Callable[[str, tuple[object, ...]], Awaitable[Sequence[Any]]]
Decode = Callable[[bytes, type[Fill], str], Fill]

_NEWEST: Final = (2**63 - 1, 0)
_SQL: Final = (
    "SELECT row, place, body, (SELECT run_id FROM runs WHERE first_row <= fills.row "
    "ORDER BY first_row DESC LIMIT 1) FROM fills WHERE (row, place) < (?, ?) "
    "ORDER BY row DESC, place DESC LIMIT ?"
)


async def fill_batch(
    read: Read, decode: Decode, mark: tuple[int, int] | None, limit: int
) -> FillBatch:
    """Return the newest ``limit`` fills before a place; one more is asked for, to know whether
    there are older ones.
    """
    rows = await read(_SQL, (*(mark or _NEWEST), limit + 1))
    total = await read("SELECT count(*) FROM fills", ())
    shown = rows[:limit]
    fills = tuple(
        (RunId(run), decode(body, Fill, f"the fill of row {row}"))
        for row, _, body, run in reversed(shown)
    )
    oldest = (shown[-1][0], shown[-1][1]) if shown and len(rows) > limit else None
    return FillBatch(fills, total[0][0], oldest)
