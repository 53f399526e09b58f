"""How many rows stand behind a tab; and whether these are the newest of more."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tradetui.domain.ids import StrategyId
from tradetui.tui.replica import Replica
from tradetui.tui.screens.older_lists import OlderLists

Listed = Callable[[str, str | None], int]
"""Counts the rows of a tab's list, of one instance."""


class Count(NamedTuple):
    """A number of rows; ``is_last``: they are the newest of more."""

    rows: int | None = None
    is_last: bool = False


def count_of(
    tab: str, owner: StrategyId | None, replica: Replica, older: OlderLists, listed: Listed
) -> Count:
    """Count what a tab has, of one instance or of all; None for one that is not counted.

    What the screen keeps is bounded over all instances: of one it keeps fewer when others are busy.
    """
    match tab:
        case "Orders":
            orders = replica.orders.values()
            open_ones = (one for one in orders if one.is_open and not one.is_shadow)
            return Count(sum(owner in (None, one.strategy_id) for one in open_ones))
        case "Fills" if owner is None:
            rows = max(older.fills.total or 0, len(replica.fills))
            return Count(rows, older.fills.total is None and not older.fills.is_whole)
        case "Fills":
            return Count(listed(tab, owner), not older.fills.is_whole)
        case "Decisions" if owner is not None:
            return Count(_decisions(owner, replica, older, listed), not older.decisions.is_whole)
    return Count()


def _decisions(owner: StrategyId, replica: Replica, older: OlderLists, listed: Listed) -> int:
    """Count those of the replica, cheaply; the list where more have been read."""
    if older.decisions.is_begun:
        return listed("Decisions", owner)
    return sum(one.strategy_id == owner for one in replica.decisions)
