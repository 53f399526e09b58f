"""Several files played together: one instrument has one set of scales, whatever each file
showed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

import msgspec.structs

from tradetui.data.layout import DataKind
from tradetui.data.numbers import rescale
from tradetui.data.problems import DataError
from tradetui.data.tables import MarketTable
from tradetui.domain.ids import InstrumentId
from tradetui.domain.instruments import Instrument, price_decimals
from tradetui.domain.text import printable
from tradetui.domain.units import NumberError

_PRICE_COLUMNS: Final = frozenset(("open", "high", "low", "close", "price", "bid", "ask"))
_SIZE_COLUMNS: Final = frozenset(("volume", "quantity", "bid_quantity", "ask_quantity"))


def unify(tables: Sequence[MarketTable]) -> tuple[MarketTable, ...]:
    """Return the tables with one Instrument for each instrument id: the finest scales and
    increments of its files.

    Raises DataError when files contradict each other: two classes, or bars that overlap.
    """
    if not tables:
        raise DataError("no file was given; name at least one CSV or Parquet file")
    groups: dict[InstrumentId, list[MarketTable]] = {}
    for table in tables:
        groups.setdefault(table.instrument.instrument_id, []).append(table)
    merged = {key: _merged(group) for key, group in groups.items()}
    return tuple(_moved(table, merged[table.instrument.instrument_id]) for table in tables)


def _merged(group: list[MarketTable]) -> Instrument:
    first = group[0].instrument
    for table in group[1:]:
        if table.instrument.instrument_class is not first.instrument_class:
            raise DataError(
                f"{printable(table.path)}: {first.symbol} is "
                f"{table.instrument.instrument_class} here and "
                f"{first.instrument_class} in {printable(group[0].path)}; state it: "
                f"--instrument class=spot"
            )
    _refuse_overlap([table for table in group if table.kind is DataKind.BARS])
    if len(group) == 1:
        return first
    price_scale = max(table.instrument.price_scale for table in group)
    size_scale = max(table.instrument.size_scale for table in group)
    moved = [_at_scales(table.instrument, price_scale, size_scale) for table in group]
    tick = min(instrument.price_increment for instrument in moved)
    lot = min(instrument.size_increment for instrument in moved)
    return _with_increments(moved[0], tick, lot)


def _with_increments(instrument: Instrument, tick: int, lot: int) -> Instrument:
    return msgspec.structs.replace(
        instrument,
        price_increment=tick,
        size_increment=lot,
        min_quantity=min(instrument.min_quantity, lot),
        price_decimals=price_decimals(tick, instrument.price_scale),
        size_decimals=price_decimals(lot, instrument.size_scale),
    )


def _at_scales(instrument: Instrument, price_scale: int, size_scale: int) -> Instrument:
    price: int = 10 ** (price_scale - instrument.price_scale)
    size: int = 10 ** (size_scale - instrument.size_scale)
    top = instrument.max_quantity
    return msgspec.structs.replace(
        instrument,
        price_scale=price_scale,
        size_scale=size_scale,
        price_increment=instrument.price_increment * price,
        size_increment=instrument.size_increment * size,
        min_quantity=instrument.min_quantity * size,
        max_quantity=None if top is None else top * size,
        price_min=None if instrument.price_min is None else instrument.price_min * price,
        price_max=None if instrument.price_max is None else instrument.price_max * price,
    )


def _moved(table: MarketTable, to: Instrument) -> MarketTable:
    own = table.instrument
    if own is to:
        return table
    columns = dict(table.columns)
    try:
        for name, values in table.columns.items():
            if name in _PRICE_COLUMNS:
                columns[name] = rescale(values, own.price_scale, to.price_scale, name)
            elif name in _SIZE_COLUMNS:
                columns[name] = rescale(values, own.size_scale, to.size_scale, name)
    except NumberError as e:
        raise DataError(f"{printable(table.path)}: {e}; play this file alone") from e
    return replace(table, columns=columns, instrument=to)


def _refuse_overlap(bars: list[MarketTable]) -> None:
    ordered = sorted((table for table in bars if len(table)), key=lambda table: int(table.times[0]))
    for earlier, later in pairwise(ordered):
        if int(later.times[0]) < int(earlier.close_times()[-1]):
            raise DataError(
                f"{printable(later.path)}: its bars begin before those of "
                f"{printable(earlier.path)} end; "
                "give files that do not overlap"
            )
