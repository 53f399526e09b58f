"""Read a file into a table: layout, exact numbers, checks, instrument.

A file of half a million bars takes about a second. A bad row is an error unless ``strict`` is
False; then it is left out, and the notes count it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np

from tradetui.data import layout as layouts
from tradetui.data.infer import Evidence, build_instrument, needed_scales
from tradetui.data.instrument_spec import InstrumentSpec, read_sidecar
from tradetui.data.layout import DataKind, Layout
from tradetui.data.numbers import Ints, ScaledColumn, rescale, step_of
from tradetui.data.problems import MAX_KEPT, DataError, Problem, error_of
from tradetui.data.resample import parse_timeframe
from tradetui.data.row_order import Arrange, put_in_order
from tradetui.data.rows import PRICES, SIZE_SCALE, SIZES, RawRows, RowReader, columns_of, has_value
from tradetui.data.source import open_source
from tradetui.data.tables import MarketTable, timeframe_text
from tradetui.data.validate import Finding, Mask, findings
from tradetui.domain.formatting import timestamp
from tradetui.domain.instruments import Instrument
from tradetui.domain.text import printable
from tradetui.domain.units import I64_MAX, NumberError, format_scaled


def load(
    path: Path,
    spec: InstrumentSpec | None = None,
    *,
    time_column: str = "",
    strict: bool = True,
    arrange: Arrange | None = None,
) -> MarketTable:
    """Read one file; raise DataError (one clear sentence) if it cannot be used as it is.

    ``time_column`` picks one of several time columns; by default the venue's clock wins over the
    recorder's. ``arrange`` puts rows in order of time; without one a file that is not in order is
    refused.
    """
    stated = (spec or InstrumentSpec()).over(read_sidecar(path))
    source = open_source(path)
    plan = layouts.detect(str(path), source.header)
    reader = RowReader(source, plan, stated, time_column or stated.time_column)
    for frame in source.frames(reader.wanted):
        reader.take(frame)
    raw = reader.finish()
    if strict and raw.problems:
        raise error_of(str(path), raw.problems, raw.total_bad)
    order = None if arrange is None else put_in_order(raw, arrange)
    keep = _check(path, plan, raw, strict=strict)
    table = _table(path, plan, stated, raw, keep)
    return table if order is None else replace(table, reordered=order.reordered, late=order.late)


def load_all(
    paths: list[Path],
    spec: InstrumentSpec,
    *,
    strict: bool = True,
    arrange: Arrange | None = None,
) -> list[MarketTable]:
    """Read several files by one time column, where they share one."""
    column = common_time_column(paths)
    return [load(path, spec, time_column=column, strict=strict, arrange=arrange) for path in paths]


def common_time_column(paths: list[Path]) -> str:
    """Return the time column to use when files are merged: empty if the best one of each has the
    same name, else the best that all share.
    """
    if len(paths) < 2:
        return ""
    usable = []
    for path in paths:
        source = open_source(path)
        plan = layouts.detect(str(path), source.header)
        head = next(iter(source.frames(columns_of(plan))), None)
        usable.append(
            [
                plan.time_name(columns)
                for columns in plan.times
                if head is not None and has_value(head.frame, columns)
            ]
        )
    best = [names[0] if names else "" for names in usable]
    if len(frozenset(best)) == 1:
        return ""
    shared = [name for name in usable[0] if all(name in names for names in usable)]
    return shared[0] if shared else ""


def _check(path: Path, plan: Layout, raw: RawRows, *, strict: bool) -> Mask | None:
    """Run the checks across rows; return the rows to keep (None: all)."""
    good = ~np.isin(raw.lines, raw.bad_lines) if len(raw.bad_lines) else None
    left = np.flatnonzero(good) if good is not None else np.arange(len(raw.times))
    aligned = _align(raw.columns, PRICES[plan.kind], 0) | _align(raw.columns, SIZES[plan.kind], 0)
    values = {role: column.values[left] for role, column in aligned.items()}
    values.setdefault("volume", np.zeros(len(left), np.int64))
    found = findings(plan.kind, raw.times[left], values, raw.time_name)
    found += _doubled_ids(raw, left)
    if not found and good is None:
        return None
    drop = np.zeros(len(left), np.bool_)
    for finding in found:
        drop |= finding.rows
        _note(plan, raw, aligned, finding, left[finding.rows])
    if strict:
        raise error_of(str(path), raw.problems, raw.total_bad)
    first = min(raw.problems, key=lambda problem: problem.line)
    if drop.all():
        raise DataError(f"{printable(str(path))}: no good row is left; {first}")
    keep = np.zeros(len(raw.times), np.bool_)
    keep[left[~drop]] = True
    raw.notes.append(f"{len(keep) - int(keep.sum()):,} bad rows left out: {first}")
    return keep


def _note(
    plan: Layout, raw: RawRows, aligned: dict[str, ScaledColumn], finding: Finding, rows: Ints
) -> None:
    """Keep the places of a failed check, with the values as people read them."""
    raw.total_bad += len(rows)
    role = finding.column
    name = plan.name(plan.roles[role]) if role in plan.roles else role
    for row in rows[: MAX_KEPT - len(raw.problems)].tolist():
        if role in aligned:
            shown = format_scaled(int(aligned[role].values[row]), aligned[role].scale)
        elif role == "trade_id" and raw.trade_ids is not None:
            shown = str(raw.trade_ids[row])
        else:
            shown = timestamp(int(raw.times[row]))
        raw.problems.append(Problem(int(raw.lines[row]), name, shown, finding.what, finding.mend))


def _doubled_ids(raw: RawRows, left: Ints) -> list[Finding]:
    if raw.trade_ids is None:
        return []
    ids = raw.trade_ids.gather(left)
    doubled = (ids.is_duplicated() & ~ids.is_first_distinct() & ids.is_not_null()).to_numpy()
    what = Finding(doubled, "trade_id", "is there twice", "keep one line for each trade")
    return [what] if bool(doubled.any()) else []


def _table(
    path: Path, plan: Layout, spec: InstrumentSpec, raw: RawRows, keep: Mask | None
) -> MarketTable:
    try:
        need_price, need_size = needed_scales(spec)
        prices = _align(raw.columns, PRICES[plan.kind], need_price)
        need_size = max(need_size, _size_scale(plan.kind, raw.columns))
        sizes = _align(raw.columns, SIZES[plan.kind], need_size)
        evidence = _evidence(plan.kind, prices, sizes, need_price, need_size, raw.said)
        instrument, inferred = build_instrument(path, spec, evidence)
    except NumberError as e:
        raise DataError(f"{printable(str(path))}: {e}; split the file or round its numbers") from e
    values = {role: column.values for role, column in (prices | sizes).items()}
    notes = list(raw.notes)
    if plan.kind is DataKind.BARS and "volume" not in values:
        values["volume"] = np.zeros(len(raw.times), np.int64)
        notes.append("no volume column: volume is 0")
    if raw.aggressors is not None:
        values["aggressor"] = raw.aggressors
    times, ids = raw.times, raw.trade_ids
    if keep is not None:
        times, values = times[keep], {role: column[keep] for role, column in values.items()}
        ids = None if ids is None else ids.gather(np.flatnonzero(keep))
    timeframe = 0
    if plan.kind is DataKind.BARS:
        timeframe, note = _timeframe(path, spec, times)
        notes.append(note)
    notes += [*_number_notes(raw.columns), *inferred]
    if spec.price_increment:
        notes += _off_tick(instrument, [column.values for column in prices.values()])
    return MarketTable(
        str(path), plan.kind, instrument, times, values, timeframe, tuple(notes), ids
    )


def _size_scale(kind: DataKind, columns: dict[str, ScaledColumn]) -> int:
    """Return the scale of sizes: 8, or as much of it as the largest one leaves room for."""
    scale = SIZE_SCALE
    for column in (columns[role] for role in SIZES[kind] if role in columns):
        top = int(np.abs(column.values).max())
        while scale > column.scale and top * 10 ** (scale - column.scale) > I64_MAX >> 8:
            scale -= 1
    return scale


def _evidence(
    kind: DataKind,
    prices: dict[str, ScaledColumn],
    sizes: dict[str, ScaledColumn],
    price_scale: int,
    size_scale: int,
    said: dict[str, str],
) -> Evidence:
    price, price_step = _step(prices, price_scale)
    size, size_step = _step(sizes, size_scale, sums=kind is DataKind.BARS)
    venue = said.get("venue", "").replace(" ", "_")
    return Evidence(price, price_step, size, size_step, said.get("symbol", ""), venue)


def _off_tick(instrument: Instrument, columns: Sequence[Ints]) -> tuple[str, ...]:
    """Say how many prices lie between the ticks that were stated, for orders fill at them."""
    tick, scale = instrument.price_increment, instrument.price_scale
    between = [column[column % tick != 0] for column in columns]
    count = sum(len(one) for one in between)
    if not count:
        return ()
    first = next(int(one[0]) for one in between if len(one))
    total = sum(len(column) for column in columns)
    text = f"{count:,} of {total:,} prices are between the ticks of {format_scaled(tick, scale)}"
    mend = "market orders fill at such prices too; state a finer tick, or none"
    return (f"{text}, the first {format_scaled(first, scale)}: {mend}",)


def _timeframe(path: Path, spec: InstrumentSpec, times: Ints) -> tuple[int, str]:
    """Take the timeframe that is stated, or the most common distance of two bars."""
    if spec.timeframe:
        return parse_timeframe(spec.timeframe), f"timeframe {spec.timeframe}, as stated"
    if len(times) < 2:
        raise DataError(
            f"{printable(str(path))}: one bar does not tell the timeframe; "
            "state it: --instrument timeframe=1m"
        )
    steps, counts = np.unique(np.diff(times), return_counts=True)
    timeframe = int(steps[np.argmax(counts)])
    share = int(counts.max()) * 100 // (len(times) - 1)
    return timeframe, (
        f"timeframe {timeframe_text(timeframe)}: the distance of {share} % of the bars; "
        "a bar's time is its open"
    )


def _number_notes(columns: dict[str, ScaledColumn]) -> list[str]:
    notes = []
    noisy = [column for column in columns.values() if column.noisy]
    if noisy:
        total = sum(column.noisy for column in noisy)
        notes.append(
            f"{total:,} numbers are prints of binary doubles and were read as the decimals they "
            f"stand for, the first {noisy[0].noisy_example}"
        )
    rounded = sum(column.rounded for column in columns.values())
    if rounded:
        notes.append(f"{rounded:,} volumes have more than {SIZE_SCALE} decimals and were rounded")
    return notes


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
        return scale, cast("int", 10 ** (scale - decimals))
    return scale, min(step_of(column.values, scale, decimals) for column in columns.values())
