"""What came of the runs of a journal, from its projections.

A run begins with what the run before it that it continues ended with, and ends with its last
journalled step. What prices do while no engine runs is of the run that goes on: its first price
brings it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tradetui.domain.ids import Currency, RunId, StrategyId, shadow_route
from tradetui.storage.row_source import RowSource

_ACCOUNTS: Final = 64
"""How many rows of equity are looked at from either end of a run: one of each account is there."""
_EQUITY: Final = "SELECT key, currency, equity FROM equity WHERE row >= ? AND row < ? ORDER BY row"
_FILLS: Final = (
    "SELECT count(*) FROM fills WHERE row >= ? AND row < ? "
    "AND NOT instr(body, CAST(? || strategy_id AS BLOB))"
)

Amounts = Mapping[str, tuple[str, int]]
"""Account -> (currency, equity)."""


@dataclass(frozen=True)
class RunRows:
    """Where a run's rows are: from ``first_row`` to before ``end_row``; ``continues`` names the run
    whose state it carries on, empty where it began flat.
    """

    run_id: RunId
    first_row: int
    end_row: int
    continues: str = ""


@dataclass(frozen=True)
class RunResult:
    """How many fills a run has, those of shadow books left out, and by how much the equity of its
    accounts moved, by currency in ascending order, at CASH_SCALE.
    """

    run_id: RunId
    fills: int
    changes: tuple[tuple[Currency, int], ...]

    @classmethod
    def of(
        cls, run: RunRows, before: RunRows | None, after: RunRows | None, source: RowSource
    ) -> RunResult:
        """Read the result of a run; ``before`` is the run that it continues, ``after`` the one that
        continues it.

        Raises JournalError. An account of which neither tells begins with the first, and ends with
        the last, that is known of it in the run itself.
        """
        ((fills,),) = source.query(_FILLS, run.first_row, run.end_row, shadow_route(StrategyId("")))
        begun = dict(_first_of(run, source))
        if before is not None:
            begun |= {} if _opens(run, source) else _last_of(before, source)
        ended = dict(_last_of(run, source))
        if after is not None:
            ended |= _opens(after, source)
        sums: dict[str, int] = {}
        for key, (currency, equity) in ended.items():
            sums[currency] = sums.get(currency, 0) + equity - begun.get(key, ("", equity))[1]
        return cls(run.run_id, fills, tuple((Currency(one), sums[one]) for one in sorted(sums)))


def results(runs: Sequence[RunRows], newest: int, source: RowSource) -> tuple[RunResult, ...]:
    """Return the results of the newest of all runs of a journal, oldest first; raises
    JournalError.
    """
    by_id = {str(run.run_id): run for run in runs}
    continued = {run.continues: run for run in reversed(runs) if run.continues}
    return tuple(
        RunResult.of(run, by_id.get(run.continues), continued.get(str(run.run_id)), source)
        for run in runs[max(len(runs) - newest, 0) :]
    )


def _opens(run: RunRows, source: RowSource) -> Amounts:
    """Return what a run that continues another began with, noted with its first step."""
    return _newest(source.query(_EQUITY, run.first_row, run.first_row + 1))


def _first_of(run: RunRows, source: RowSource) -> Amounts:
    rows = source.query(f"{_EQUITY} LIMIT {_ACCOUNTS}", run.first_row, run.end_row)
    return _newest(reversed(rows))


def _last_of(run: RunRows, source: RowSource) -> Amounts:
    rows = source.query(f"{_EQUITY} DESC LIMIT {_ACCOUNTS}", run.first_row, run.end_row)
    return _newest(reversed(rows))


def _newest(rows: Iterable[tuple[str, str, int]]) -> Amounts:
    """Return the amounts of rows; of an account that comes twice the later one."""
    return {key: (currency, equity) for key, currency, equity in rows}
