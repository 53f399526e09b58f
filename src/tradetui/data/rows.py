"""Blocks of text to columns of integers: one pass over a file, before anything is checked across
rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tradetui.data.instrument_spec import InstrumentSpec
from tradetui.data.layout import DataKind, Layout
from tradetui.data.numbers import ColumnParser, Ints, ScaledColumn
from tradetui.data.problems import MAX_KEPT, DataError, Problem
from tradetui.data.source import Frame, Source
from tradetui.data.times import TimeParser
from tradetui.data.validate import DROP
from tradetui.domain.text import printable
from tradetui.domain.units import NumberError

if TYPE_CHECKING:
    import polars as pl

MAX_ROWS: Final = 50_000_000
SIZE_SCALE: Final = 8
"""Decimals of sizes unless the file needs more; volumes are rounded to it."""

PRICES: Final[dict[DataKind, tuple[str, ...]]] = {
    DataKind.BARS: ("open", "high", "low", "close"),
    DataKind.TRADES: ("price",),
    DataKind.QUOTES: ("bid", "ask"),
}
SIZES: Final[dict[DataKind, tuple[str, ...]]] = {
    DataKind.BARS: ("volume",),
    DataKind.TRADES: ("quantity",),
    DataKind.QUOTES: ("bid_quantity", "ask_quantity"),
}
_BUY_WORDS: Final = ("buy", "b", "bid")
_SELL_WORDS: Final = ("sell", "s", "ask")
_TRUE_WORDS: Final = ("true", "1", "t", "yes")
_FALSE_WORDS: Final = ("false", "0", "f", "no")
_TRADE_ID: Final = "^[ -~]{0,64}$"


@dataclass(slots=True)
class RawRows:
    """What one pass gives. Bad cells are 0 and their lines are in ``bad_lines``."""

    times: Ints
    time_name: str
    columns: dict[str, ScaledColumn]
    lines: Ints
    bad_lines: Ints
    problems: list[Problem]
    total_bad: int
    notes: list[str]
    said: dict[str, str]
    """The file's own symbol and venue."""

    aggressors: Ints | None
    trade_ids: pl.Series | None


def columns_of(plan: Layout) -> list[int]:
    """Return the columns of a file that are read at all."""
    times = [index for columns in plan.times for index in columns]
    return sorted(frozenset([*plan.roles.values(), *times]))


def has_value(frame: pl.DataFrame, columns: tuple[int, ...]) -> bool:
    """Tell whether none of these columns is empty throughout."""
    return all(
        not frame[str(index)].fill_null("").str.strip_chars().eq("").all() for index in columns
    )


class RowReader:
    """Takes the blocks of one file."""

    def __init__(
        self, source: Source, plan: Layout, spec: InstrumentSpec, time_column: str
    ) -> None:
        self._label = printable(str(source.path))
        self._plan = plan
        self._spec = spec
        self._time_column = time_column
        self._notes = list(source.notes)
        self.wanted = columns_of(plan)
        self._parsers = {
            role: ColumnParser(plan.name(index), SIZE_SCALE if role == "volume" else None)
            for role, index in plan.roles.items()
            if role in PRICES[plan.kind] + SIZES[plan.kind]
        }
        self._times: TimeParser | None = None
        self._time_columns: tuple[int, ...] = ()
        self._aggressors: list[Ints] = []
        self._ids: list[Any] = []
        self._lines: list[Ints] = []
        self._bad_lines: list[Ints] = []
        self._problems: list[Problem] = []
        self._total_bad = 0
        self._rows = 0
        self._said: dict[str, str] = {}

    def take(self, frame: Frame) -> None:
        """Parse one block."""
        import polars as pl

        data = frame.frame.with_columns(
            pl.int_range(frame.first_line, frame.first_line + pl.len()).alias("line")
        )
        blank = pl.all_horizontal(pl.col(*[str(i) for i in self.wanted]).is_null())
        data = data.filter(~blank)
        if data.height == 0:
            return
        if self._times is None:
            self._choose_time(data)
        lines = data["line"].to_numpy().astype(np.int64)
        self._rows += len(lines)
        if self._rows > MAX_ROWS:
            raise DataError(f"{self._label}: more than {MAX_ROWS:,} rows; split the file")
        self._lines.append(lines)
        self._take_time(data, lines)
        try:
            self._take_numbers(data, lines)
        except NumberError as e:
            raise DataError(f"{self._label}: {e}; split the file or round its numbers") from e
        self._take_words(data, lines)

    def _choose_time(self, data: pl.DataFrame) -> None:
        names = {self._plan.time_name(columns): columns for columns in self._plan.times}
        if self._time_column and self._time_column not in names:
            raise DataError(
                f"{self._label}: no time column {printable(self._time_column, 40)!r}; "
                f"it has {', '.join(printable(name, 40) for name in names)}"
            )
        wanted = [names[self._time_column]] if self._time_column else list(self._plan.times)
        full = [columns for columns in wanted if has_value(data, columns)]
        if not full:
            raise DataError(
                f"{self._label}: the time column {self._plan.time_name(wanted[0])} is empty; "
                f"fill it"
            )
        self._time_columns = full[0]
        self._times = TimeParser(self._plan.time_name(full[0]), self._spec.time_unit or None)

    def _take_time(self, data: pl.DataFrame, lines: Ints) -> None:
        import polars as pl

        assert self._times is not None
        series = data[str(self._time_columns[0])]
        if len(self._time_columns) > 1:
            names = [str(index) for index in self._time_columns]
            series = data.select(pl.concat_str(names, separator=" ").alias("t"))["t"]
        self._note_bad(self._times.add(series), lines, self._times.name)

    def _take_numbers(self, data: pl.DataFrame, lines: Ints) -> None:
        import polars as pl

        for role, parser in self._parsers.items():
            series = data[str(self._plan.roles[role])]
            if self._plan.kind is DataKind.QUOTES:
                series = data.select(pl.col(series.name).fill_null("0").replace("", "0"))[
                    series.name
                ]
            self._note_bad(parser.add(series), lines, parser.name)

    def _take_words(self, data: pl.DataFrame, lines: Ints) -> None:
        roles = self._plan.roles
        for role in ("symbol", "venue"):
            if role in roles:
                self._one_value(role, data[str(roles[role])], lines)
        if self._plan.kind is not DataKind.TRADES:
            return
        if "trade_id" in roles:
            self._take_ids(data[str(roles["trade_id"])], lines)
        maker = "buyer_is_maker" in roles
        role = "buyer_is_maker" if maker else "side"
        if role not in roles:
            self._aggressors.append(np.zeros(len(lines), np.int64))
            return
        buy, sell = (_FALSE_WORDS, _TRUE_WORDS) if maker else (_BUY_WORDS, _SELL_WORDS)
        words = data[str(roles[role])].fill_null("").str.strip_chars().str.to_lowercase()
        is_buy, is_sell = words.is_in(buy).to_numpy(), words.is_in(sell).to_numpy()
        said = words.ne("").to_numpy()
        what = f"is none of {', '.join((*buy[:2], *sell[:2]))}"
        rows = np.flatnonzero(~is_buy & ~is_sell & said).tolist()
        self._note_bad(
            [(row, words[row], what) for row in rows], lines, self._plan.name(roles[role])
        )
        self._aggressors.append(is_buy.astype(np.int64) - is_sell.astype(np.int64))

    def _take_ids(self, ids: pl.Series, lines: Ints) -> None:
        odd = (~ids.fill_null("").str.contains(_TRADE_ID)).arg_true().to_list()
        what = "is not a printable id of at most 64 characters"
        bad = [(row, ids[row], what) for row in odd]
        self._note_bad(bad, lines, self._plan.name(self._plan.roles["trade_id"]))
        self._ids.append(ids)

    def _one_value(self, role: str, series: pl.Series, lines: Ints) -> None:
        """Take the file's symbol or venue; two of them in one file are an error."""
        for value in series.drop_nulls().unique(maintain_order=True).to_list():
            known = self._said.setdefault(role, value)
            if value != known:
                row = int(series.eq(value).fill_null(False).arg_true()[0])
                raise DataError(
                    f"{self._label}: line {int(lines[row])}: {role} {printable(value, 40)!r} after "
                    f"{printable(known, 40)!r}; give each instrument its own file"
                )

    def _note_bad(self, bad: list[tuple[int, str, str]], lines: Ints, column: str) -> None:
        if not bad:
            return
        self._total_bad += len(bad)
        rows = np.array([lines[row] for row, _, _ in bad], np.int64)
        self._bad_lines.append(rows)
        for row, text, what in bad[: MAX_KEPT - len(self._problems)]:
            self._problems.append(Problem(int(lines[row]), column, text, what, DROP))

    def finish(self) -> RawRows:
        """Join the blocks; raise DataError if there is no row or no room for a number."""
        if not self._rows or self._times is None:
            raise DataError(f"{self._label}: no rows after the header; copy the file again")
        try:
            columns = {role: parser.finish() for role, parser in self._parsers.items()}
        except NumberError as e:
            raise DataError(f"{self._label}: {e}; split the file or round its numbers") from e
        if self._times.note:
            self._notes.append(self._times.note)
        return RawRows(
            times=self._times.finish(),
            time_name=self._times.name,
            columns=columns,
            lines=np.concatenate(self._lines),
            bad_lines=_joined_ints(self._bad_lines),
            problems=self._problems,
            total_bad=self._total_bad,
            notes=self._notes,
            said=self._said,
            aggressors=np.concatenate(self._aggressors) if self._aggressors else None,
            trade_ids=_joined_ids(self._ids),
        )


def _joined_ints(parts: list[Ints]) -> Ints:
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def _joined_ids(parts: list[Any]) -> pl.Series | None:
    if not parts:
        return None
    import polars as pl

    joined: pl.Series = pl.concat(parts)
    return joined
