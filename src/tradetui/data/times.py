"""Moments in files: integers of some unit, decimals of seconds, or dates; all become ns UTC."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tradetui.data.numbers import Ints
from tradetui.domain.units import NANOS_PER_SECOND, NumberError, parse_scaled

if TYPE_CHECKING:
    import polars as pl

UNITS: Final[dict[str, int]] = {"s": NANOS_PER_SECOND, "ms": 1_000_000, "us": 1_000, "ns": 1}
_MIN_TIME: Final = 1
"""The engine takes 0 for a time that is not known."""
_MAX_TIME: Final = 4_102_444_800 * NANOS_PER_SECOND
"""2100-01-01: later than that is a mistake of the unit."""

_FORMATS: Final = (
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%dT%H:%M",
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M:%S",
    "%Y%m%d %H:%M:%S",
)
_ZONED: Final = ("%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f%#z")


class TimeParser:
    """Collects a time column, block by block; the unit or the format is told from the first
    value.
    """

    def __init__(self, name: str, unit: str | None = None) -> None:
        self.name = name
        self.note = ""
        self._unit = unit or _unit_of_name(name)
        self._said = unit is not None
        self._form = ""
        self._blocks: list[Ints] = []

    def add(self, series: pl.Series) -> list[tuple[int, str, str]]:
        """Take a block; return (row in the block, text, what is wrong) for each bad value, read as
        0.
        """
        if not self._form:
            first = next((text for text in series.to_list() if text and text.strip()), "")
            self._form = self._form_of(first.strip())
        values = self._numbers(series) if self._form == "number" else self._dates(series)
        bad_mask = values.is_null() | (values < _MIN_TIME) | (values > _MAX_TIME)
        bad = [
            (row, text or "", self._explain(text or ""))
            for row, text in zip(
                bad_mask.arg_true().to_list(), series.filter(bad_mask).to_list(), strict=True
            )
        ]
        self._blocks.append(values.fill_null(0).to_numpy().astype(np.int64))
        return bad

    def finish(self) -> Ints:
        """Return all moments, ns UTC."""
        return np.concatenate(self._blocks) if self._blocks else np.empty(0, np.int64)

    def _form_of(self, first: str) -> str:
        digits = first.replace(".", "", 1)
        if not digits.isascii() or not digits.isdigit():
            self.note = f"times are dates in column {self.name or 'one'}, read as UTC"
            return next((form for form in _ZONED + _FORMATS if _fits(first, form)), "date")
        if self._unit is None:
            self._unit = _unit_of_size(int(first.partition(".")[0]))
            self.note = f"times in column {self.name or 'one'} are {self._unit}, by their size"
        else:
            how = "as stated" if self._said else "by its name"
            self.note = f"times in column {self.name} are {self._unit}, {how}"
        return "number"

    def _numbers(self, series: pl.Series) -> pl.Series:
        import polars as pl

        factor = UNITS[self._unit or "ms"]
        whole = series.str.strip_chars().cast(pl.Int64, strict=False)
        in_range = (whole >= 0) & (whole <= _MAX_TIME // factor)
        values = whole.set(~in_range.fill_null(False), None) * factor
        if "." not in "".join(series.head(3).fill_null("").to_list()):
            return values
        exact = [_decimal_time(text, factor) for text in series.to_list()]
        return pl.Series(exact, dtype=pl.Int64)

    def _dates(self, series: pl.Series) -> pl.Series:
        import polars as pl

        if self._form == "date":
            return pl.Series([None] * len(series), dtype=pl.Int64)
        stamps = series.str.strip_chars().str.to_datetime(
            self._form,
            time_unit="ns",
            strict=False,
            time_zone="UTC" if "%#z" in self._form else None,
        )
        return stamps.dt.timestamp("ns")

    def _explain(self, text: str) -> str:
        if not text.strip():
            return "is empty"
        if text.strip().lower() == self.name.strip().lower():
            return "is the header again"
        if self._form == "number" and text.strip().isdigit():
            return f"is no time in {self._unit} between 1970 and 2100"
        return "is not a time"


def _fits(text: str, form: str) -> bool:
    import polars as pl

    parsed = pl.Series([text]).str.to_datetime(
        form, time_unit="ns", strict=False, time_zone="UTC" if "%#z" in form else None
    )
    return parsed.null_count() == 0


def _decimal_time(text: str | None, factor: int) -> int | None:
    digits = len(str(factor)) - 1
    try:
        return parse_scaled(text or "", digits) if text else None
    except NumberError:
        return None


def _unit_of_name(name: str) -> str | None:
    tail = name.strip().lower().rpartition("_")[2]
    return tail if tail in UNITS and "_" in name else None


def _unit_of_size(value: int) -> str:
    """Tell the unit of a moment after 1973 and before 2286 from how many digits it has."""
    if value < 10**11:
        return "s"
    if value < 10**14:
        return "ms"
    return "us" if value < 10**17 else "ns"
