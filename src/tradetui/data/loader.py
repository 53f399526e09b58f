"""Read a file into a table: layout, exact numbers, checks, instrument.

A file of half a million bars takes about a second. A bad row is an error unless ``strict`` is
False; then it is left out, and the notes count it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tradetui.data import layout as layouts
from tradetui.data.infer import Evidence, build_instrument, needed_scales
from tradetui.data.instrument_spec import InstrumentSpec, read_sidecar
from tradetui.data.layout import DataKind, Layout
from tradetui.data.numbers import ColumnParser, Ints, ScaledColumn, rescale, step_of
from tradetui.data.problems import MAX_KEPT, DataError, Problem, error_of
from tradetui.data.source import Frame, Source, open_source
from tradetui.data.tables import MarketTable, timeframe_text
from tradetui.data.times import TimeParser
from tradetui.data.validate import DROP, findings
from tradetui.domain.text import printable
from tradetui.domain.units import I64_MAX, NumberError

if TYPE_CHECKING:
    import polars as pl

MAX_ROWS: Final = 50_000_000
_DEFAULT_SIZE_SCALE: Final = 8
_PRICES: Final[dict[DataKind, tuple[str, ...]]] = {
    DataKind.BARS: ("open", "high", "low", "close"),
    DataKind.TRADES: ("price",),
    DataKind.QUOTES: ("bid", "ask"),
}
_SIZES: Final[dict[DataKind, tuple[str, ...]]] = {
    DataKind.BARS: ("volume",),
    DataKind.TRADES: ("quantity",),
    DataKind.QUOTES: ("bid_quantity", "ask_quantity"),
}
_BUY_WORDS: Final = ("buy", "b", "bid")
_SELL_WORDS: Final = ("sell", "s", "ask")
_TRUE_WORDS: Final = ("true", "1", "t", "yes")
_FALSE_WORDS: Final = ("false", "0", "f", "no")


def load(
    path: Path, spec: InstrumentSpec | None = None, *, time_column: str = "", strict: bool = True
) -> MarketTable:
    """Read one file; raise DataError (one clear sentence) if it cannot be used as it is.

    ``time_column`` picks one of several time columns; by default the venue's clock wins over the
    recorder's.
    """
    stated = (spec or InstrumentSpec()).over(read_sidecar(path))
    source = open_source(path)
    plan = layouts.detect(str(path), source.header)
    reading = _Reading(source, plan, stated, time_column or stated.time_column)
    for frame in source.frames(reading.wanted):
        reading.take(frame)
    return reading.finish(strict=strict)


def common_time_column(paths: list[Path]) -> str:
    """Return the time column to use when files are merged: empty if each has its own best one full,
    else the best that all share.
    """
    if len(paths) < 2:
        return ""
    usable = []
    for path in paths:
        source = open_source(path)
        plan = layouts.detect(str(path), source.header)
        head = next(iter(source.frames(_columns_of(plan))), None)
        usable.append(
            [
                plan.time_name(columns)
                for columns in plan.times
                if head is not None and _has_value(head.frame, columns)
            ]
        )
    best = [names[0] if names else "" for names in usable]
    if len(frozenset(best)) == 1:
        return ""
    shared = [name for name in usable[0] if all(name in names for names in usable)]
    return shared[0] if shared else ""


def _columns_of(plan: Layout) -> list[int]:
    times = [index for columns in plan.times for index in columns]
    return sorted(frozenset([*plan.roles.values(), *times]))


def _has_value(frame: pl.DataFrame, columns: tuple[int, ...]) -> bool:
    return all(
        not frame[str(index)].fill_null("").str.strip_chars().eq("").all() for index in columns
    )


@dataclass
class _Reading:
    """One pass over a file."""

    source: Source
    plan: Layout
    spec: InstrumentSpec
    time_column: str
    wanted: list[int] = field(init=False)
    problems: list[Problem] = field(default_factory=list)
    total_bad: int = 0
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        kind = self.plan.kind
        self.wanted = _columns_of(self.plan)
        self.notes += self.source.notes
        self.parsers = {
            role: ColumnParser(
                self.plan.name(index), _DEFAULT_SIZE_SCALE if role == "volume" else None
            )
            for role, index in self.plan.roles.items()
            if role in _PRICES[kind] + _SIZES[kind]
        }
        self.times: TimeParser | None = None
        self.time_columns: tuple[int, ...] = ()
        self.aggressors: list[Ints] = []
        self.ids: list[Any] = []
        self.lines: list[Ints] = []
        self.bad_rows: list[Ints] = []
        self.rows = 0
        self.symbols: dict[str, tuple[str, int]] = {}

    @property
    def label(self) -> str:
        return printable(str(self.source.path))

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
        if self.times is None:
            self._choose_time(data)
        lines = data["line"].to_numpy().astype(np.int64)
        self.rows += len(lines)
        if self.rows > MAX_ROWS:
            raise DataError(f"{self.label}: more than {MAX_ROWS:,} rows; split the file")
        self.lines.append(lines)
        self._take_time(data, lines)
        try:
            self._take_numbers(data, lines)
        except NumberError as e:
            raise DataError(f"{self.label}: {e}; split the file or round its numbers") from e
        self._take_words(data, lines)

    def _choose_time(self, data: pl.DataFrame) -> None:
        names = {self.plan.time_name(columns): columns for columns in self.plan.times}
        if self.time_column and self.time_column not in names:
            raise DataError(
                f"{self.label}: no time column {printable(self.time_column, 40)!r}; "
                f"it has {', '.join(printable(name, 40) for name in names)}"
            )
        wanted = [names[self.time_column]] if self.time_column else list(self.plan.times)
        full = [columns for columns in wanted if _has_value(data, columns)]
        if not full:
            raise DataError(
                f"{self.label}: the time column {self.plan.time_name(wanted[0])} is empty; fill it"
            )
        self.time_columns = full[0]
        self.times = TimeParser(self.plan.time_name(full[0]), self.spec.time_unit or None)

    def _take_time(self, data: pl.DataFrame, lines: Ints) -> None:
        import polars as pl

        assert self.times is not None
        series = data[str(self.time_columns[0])]
        if len(self.time_columns) > 1:
            names = [str(index) for index in self.time_columns]
            series = data.select(pl.concat_str(names, separator=" ").alias("t"))["t"]
        self._note_bad(self.times.add(series), lines, self.times.name)

    def _take_numbers(self, data: pl.DataFrame, lines: Ints) -> None:
        import polars as pl

        for role, parser in self.parsers.items():
            series = data[str(self.plan.roles[role])]
            if self.plan.kind is DataKind.QUOTES:
                series = data.select(pl.col(series.name).fill_null("0").replace("", "0"))[
                    series.name
                ]
            self._note_bad(parser.add(series), lines, parser.name)

    def _take_words(self, data: pl.DataFrame, lines: Ints) -> None:
        roles = self.plan.roles
        for role in ("symbol", "venue"):
            if role in roles:
                self._one_value(role, data[str(roles[role])], lines)
        if self.plan.kind is not DataKind.TRADES:
            return
        if "trade_id" in roles:
            self.ids.append(data[str(roles["trade_id"])])
        maker = "buyer_is_maker" in roles
        role = "buyer_is_maker" if maker else "side"
        if role not in roles:
            self.aggressors.append(np.zeros(len(lines), np.int64))
            return
        buy, sell = (_FALSE_WORDS, _TRUE_WORDS) if maker else (_BUY_WORDS, _SELL_WORDS)
        words = data[str(roles[role])].fill_null("").str.strip_chars().str.to_lowercase()
        is_buy, is_sell = words.is_in(buy).to_numpy(), words.is_in(sell).to_numpy()
        said = words.ne("").to_numpy()
        what = f"is none of {', '.join((*buy[:2], *sell[:2]))}"
        rows = np.flatnonzero(~is_buy & ~is_sell & said).tolist()
        self._note_bad(
            [(row, words[row], what) for row in rows], lines, self.plan.name(roles[role])
        )
        self.aggressors.append(is_buy.astype(np.int64) - is_sell.astype(np.int64))

    def _one_value(self, role: str, series: pl.Series, lines: Ints) -> None:
        """Take the file's symbol or venue; two of them in one file are an error."""
        for value in series.drop_nulls().unique(maintain_order=True).to_list():
            known = self.symbols.setdefault(role, (value, int(lines[0])))[0]
            if value != known:
                row = int(series.eq(value).fill_null(False).arg_true()[0])
                raise DataError(
                    f"{self.label}: line {int(lines[row])}: {role} {printable(value, 40)!r} after "
                    f"{printable(known, 40)!r}; give each instrument its own file"
                )

    def _note_bad(self, bad: list[tuple[int, str, str]], lines: Ints, column: str) -> None:
        if not bad:
            return
        self.total_bad += len(bad)
        rows = np.array([lines[row] for row, _, _ in bad], np.int64)
        self.bad_rows.append(rows)
        for row, text, what in bad[: MAX_KEPT - len(self.problems)]:
            self.problems.append(Problem(int(lines[row]), column, text, what, DROP))

    def finish(self, *, strict: bool) -> MarketTable:
        """Join the blocks, run the checks, name the instrument."""
        if not self.rows or self.times is None:
            raise DataError(f"{self.label}: no rows after the header; copy the file again")
        if strict and self.problems:
            raise error_of(str(self.source.path), self.problems, self.total_bad)
        try:
            columns = {role: parser.finish() for role, parser in self.parsers.items()}
        except NumberError as e:
            raise DataError(f"{self.label}: {e}; split the file or round its numbers") from e
        times, lines = self.times.finish(), np.concatenate(self.lines)
        keep = ~np.isin(lines, np.concatenate(self.bad_rows)) if self.bad_rows else None
        keep = self._check(times, columns, lines, keep, strict=strict)
        return self._table(times, columns, keep)

    def _check(
        self,
        times: Ints,
        columns: dict[str, ScaledColumn],
        lines: Ints,
        keep: Any,
        *,
        strict: bool,
    ) -> Any:
        """Run the checks; return the rows to keep (None: all)."""
        kind = self.plan.kind
        aligned = _align(columns, _PRICES[kind], 0) | _align(columns, _SIZES[kind], 0)
        values = {role: column.values for role, column in aligned.items()}
        values.setdefault("volume", np.zeros(len(times), np.int64))
        kept = slice(None) if keep is None else keep
        assert self.times is not None
        found = findings(
            kind, times[kept], {r: v[kept] for r, v in values.items()}, self.times.name
        )
        if not found and keep is None:
            return None
        left = np.flatnonzero(keep) if keep is not None else np.arange(len(times))
        drop = np.zeros(len(left), np.bool_)
        for finding in found:
            drop |= finding.rows
            rows = np.flatnonzero(finding.rows)
            self.total_bad += len(rows)
            for row in rows[: MAX_KEPT - len(self.problems)].tolist():
                line = int(lines[left[row]])
                shown = self._shown(finding.column, int(left[row]), times, aligned)
                self.problems.append(
                    Problem(line, finding.column, shown, finding.what, finding.mend)
                )
        if strict:
            raise error_of(str(self.source.path), self.problems, self.total_bad)
        if drop.all():
            raise DataError(f"{self.label}: no good row is left; {self.problems[0]}")
        result = np.zeros(len(times), np.bool_)
        result[left[~drop]] = True
        self.notes.append(
            f"{len(times) - int(result.sum()):,} bad rows left out: {self.problems[0]}"
        )
        return result

    def _shown(self, column: str, row: int, times: Ints, columns: dict[str, ScaledColumn]) -> str:
        from tradetui.domain.formatting import timestamp
        from tradetui.domain.units import format_scaled

        if column in columns:
            return format_scaled(int(columns[column].values[row]), columns[column].scale)
        return timestamp(int(times[row]))

    def _table(self, times: Ints, columns: dict[str, ScaledColumn], keep: Any) -> MarketTable:
        kind = self.plan.kind
        need_price, need_size = needed_scales(self.spec)
        prices = self._aligned(columns, _PRICES[kind], need_price)
        sizes = self._aligned(columns, _SIZES[kind], max(need_size, self._size_scale(columns)))
        evidence = self._evidence(prices, sizes, need_price, max(need_size, _DEFAULT_SIZE_SCALE))
        instrument, said = build_instrument(self.source.path, self.spec, evidence)
        values = {role: column.values for role, column in (prices | sizes).items()}
        if kind is DataKind.BARS and "volume" not in values:
            values["volume"] = np.zeros(len(times), np.int64)
            self.notes.append("no volume column: volume is 0")
        if kind is DataKind.TRADES:
            values["aggressor"] = np.concatenate(self.aggressors)
        ids = _joined(self.ids)
        if keep is not None:
            times, values = times[keep], {role: v[keep] for role, v in values.items()}
            ids = None if ids is None else ids.filter(_mask(keep))
        timeframe = self._timeframe(times) if kind is DataKind.BARS else 0
        self._note_noise(columns)
        assert self.times is not None
        notes = tuple(filter(None, (*self.notes, self.times.note, *said)))
        return MarketTable(
            str(self.source.path), kind, instrument, times, values, timeframe, notes, ids
        )

    def _aligned(
        self, columns: dict[str, ScaledColumn], roles: tuple[str, ...], least: int
    ) -> dict[str, ScaledColumn]:
        try:
            return _align(columns, roles, least)
        except NumberError as e:
            raise DataError(f"{self.label}: {e}; split the file or round its numbers") from e

    def _size_scale(self, columns: dict[str, ScaledColumn]) -> int:
        """Return scale 8 for sizes, or as much of it as the largest one leaves room for."""
        sizes = [columns[role] for role in _SIZES[self.plan.kind] if role in columns]
        scale = _DEFAULT_SIZE_SCALE
        for column in sizes:
            top = int(np.abs(column.values).max())
            while scale > column.scale and top * 10 ** (scale - column.scale) > I64_MAX >> 8:
                scale -= 1
        return scale

    def _evidence(
        self,
        prices: dict[str, ScaledColumn],
        sizes: dict[str, ScaledColumn],
        price_scale: int,
        size_scale: int,
    ) -> Evidence:
        price, price_step = _step(prices, price_scale)
        size, size_step = _step(sizes, size_scale, sums=self.plan.kind is DataKind.BARS)
        symbol, venue = (self.symbols.get(role, ("", 0))[0] for role in ("symbol", "venue"))
        return Evidence(price, price_step, size, size_step, symbol, venue.replace(" ", "_"))

    def _timeframe(self, times: Ints) -> int:
        """Take the timeframe that is stated, or the most common distance of two bars."""
        from tradetui.data.resample import parse_timeframe

        if self.spec.timeframe:
            return parse_timeframe(self.spec.timeframe)
        if len(times) < 2:
            raise DataError(
                f"{self.label}: one bar does not tell the timeframe; "
                "state it: --instrument timeframe=1m"
            )
        steps, counts = np.unique(np.diff(times), return_counts=True)
        timeframe = int(steps[np.argmax(counts)])
        share = int(counts.max()) * 100 // (len(times) - 1)
        self.notes.append(
            f"timeframe {timeframe_text(timeframe)}: the distance of {share} % of the bars; "
            "a bar's time is its open"
        )
        return timeframe

    def _note_noise(self, columns: dict[str, ScaledColumn]) -> None:
        noisy = [column for column in columns.values() if column.noisy]
        if noisy:
            total = sum(column.noisy for column in noisy)
            self.notes.append(
                f"{total:,} numbers are prints of binary doubles and were read as the decimals "
                f"they "
                f"stand for, the first {noisy[0].noisy_example}"
            )
        rounded = sum(column.rounded for column in columns.values())
        if rounded:
            self.notes.append(
                f"{rounded:,} volumes have more than {_DEFAULT_SIZE_SCALE} decimals and were "
                f"rounded"
            )


def _align(
    columns: dict[str, ScaledColumn], roles: tuple[str, ...], least: int
) -> dict[str, ScaledColumn]:
    """Bring columns of one meaning to one scale, at least ``least``."""
    present = [role for role in roles if role in columns]
    scale = max([least, *(columns[role].scale for role in present)])
    return {
        role: ScaledColumn(
            rescale(columns[role].values, columns[role].scale, scale, role),
            scale,
            columns[role].typical_decimals,
            columns[role].noisy,
            columns[role].noisy_example,
            columns[role].rounded,
        )
        for role in present
    }


def _step(
    columns: dict[str, ScaledColumn], default_scale: int, *, sums: bool = False
) -> tuple[int, int]:
    """Return the scale and the finest increment among columns of one meaning.

    Sums (volumes) only show the decimals: a common divisor of them says nothing of a lot.
    """
    if not columns:
        return default_scale, 1
    decimals = max(column.typical_decimals for column in columns.values())
    scale = max(column.scale for column in columns.values())
    if sums:
        return scale, 10 ** (scale - decimals)
    return scale, min(step_of(column.values, scale, decimals) for column in columns.values())


def _joined(parts: list[Any]) -> pl.Series | None:
    if not parts:
        return None
    import polars as pl

    joined: pl.Series = pl.concat(parts)
    return joined


def _mask(keep: Any) -> pl.Series:
    import polars as pl

    return pl.Series(keep)
