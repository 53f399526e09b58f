"""What came of a run, from the projections of its journal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tradetui.domain.ids import Currency, RunId
from tradetui.storage.row_source import RowSource

_ACCOUNTS: Final = 64
"""How many rows of equity are looked at from either end of a run: one of each account is there."""
_EQUITY: Final = "SELECT key, currency, equity FROM equity WHERE row >= ? AND row < ? ORDER BY row"


@dataclass(frozen=True)
class RunResult:
    """How many fills a run has, and by how much the equity of its accounts moved, by currency in
    ascending order, at CASH_SCALE.
    """

    run_id: RunId
    fills: int
    changes: tuple[tuple[Currency, int], ...]

    @classmethod
    def of(cls, run_id: RunId, first_row: int, end_row: int, source: RowSource) -> RunResult:
        """Read the result of the run whose rows are from ``first_row`` to before ``end_row``.

        Raises JournalError. An account begins with what it had before the run, else with the first
        that is known of it.
        """
        ((fills,),) = source.query(
            "SELECT count(*) FROM fills WHERE row >= ? AND row < ?", first_row, end_row
        )
        begun: dict[str, int] = {}
        for before in (
            source.query(f"{_EQUITY} DESC LIMIT {_ACCOUNTS}", 0, first_row),
            source.query(f"{_EQUITY} LIMIT {_ACCOUNTS}", first_row, end_row),
        ):
            for key, _, equity in before:
                begun.setdefault(key, equity)
        moved: dict[str, tuple[str, int]] = {}
        for key, currency, equity in source.query(
            f"{_EQUITY} DESC LIMIT {_ACCOUNTS}", first_row, end_row
        ):
            moved.setdefault(key, (currency, equity - begun.get(key, equity)))
        sums: dict[str, int] = {}
        for currency, change in moved.values():
            sums[currency] = sums.get(currency, 0) + change
        return cls(run_id, fills, tuple((Currency(one), sums[one]) for one in sorted(sums)))
