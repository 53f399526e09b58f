"""Numbers in files: text in, scaled integers out, exactly, a block of rows at a time.

The common form (``13752.18``) is taken apart by vectorised string work: the mantissa is the text
without its point, the decimals are counted. Whatever is not of that form goes through
:func:`tradetui.domain.units.parse_scaled`, one value at a time. Only one thing is not taken
literally: a number that is plainly the print of a binary double (16 or 17 digits that agree with a
decimal of at most 13) is read as that decimal, counted, and said in the table's notes.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from tradetui.domain.units import I64_MAX, NumberError, decimals_of, div_half_even, parse_scaled

if TYPE_CHECKING:
    import polars as pl

Ints = NDArray[np.int64]

MAX_DECIMALS: Final = 18
_FAST_LENGTH: Final = 16
"""Longest text that the vectorised path takes: 15 digits and a point always fit into 64 bits."""

_DOUBLE_DIGITS: Final = 16
_PLAIN_DIGITS: Final = 13
_EXACT: Final = Context(prec=100)
_TYPICAL_SHARE: Final = 0.9
_ENOUGH_FOR_STEP: Final = 200


@dataclass(frozen=True, slots=True)
class ScaledColumn:
    """A whole column at one scale.

    ``typical_decimals`` cover 90 % of the values: a few odd prints do not make the tick.
    """

    values: Ints
    scale: int
    typical_decimals: int
    noisy: int = 0
    noisy_example: str = ""
    rounded: int = 0


class ColumnParser:
    """Collects one column of text, block by block.

    ``rounded_to`` decimals (bar volumes: sums that files give as doubles) longer values are
    rounded, half to even, and counted; without it every digit is kept.
    """

    def __init__(self, name: str, rounded_to: int | None = None) -> None:
        self.name = name
        self._rounded_to = rounded_to
        self._rounded = 0
        self._blocks: list[tuple[Ints, int]] = []
        self._noisy = 0
        self._noisy_example = ""

    def add(self, series: pl.Series) -> list[tuple[int, str, str]]:
        """Take a block; return (row in the block, text, what is wrong) for each bad value, read as
        0.
        """
        import polars as pl

        length = series.str.len_bytes()
        without_point = series.str.replace(".", "", literal=True)
        mantissas = without_point.cast(pl.Int64, strict=False)
        points = series.str.find(".", literal=True)
        fractions = (length.cast(pl.Int64) - points.cast(pl.Int64) - 1).fill_null(0)
        slow = (
            mantissas.is_null()
            | (length > _FAST_LENGTH)
            | (fractions > (MAX_DECIMALS if self._rounded_to is None else self._rounded_to))
            | series.str.contains("[+-]", literal=False)
        ).fill_null(True)
        values = mantissas.fill_null(0).to_numpy().astype(np.int64)
        places = fractions.to_numpy().astype(np.int64)
        rows = slow.arg_true().to_list()
        bad = self._take_slow(series, rows, values, places) if rows else []
        self._append(values, places)
        return bad

    def _take_slow(
        self, series: pl.Series, rows: list[int], values: Ints, places: Ints
    ) -> list[tuple[int, str, str]]:
        """Parse the uncommon values one by one, in place; return the bad ones."""
        bad: list[tuple[int, str, str]] = []
        for row, text in zip(rows, series.gather(rows).to_list(), strict=True):
            values[row] = 0
            places[row] = 0
            try:
                values[row], places[row] = self._parse(text or "")
            except NumberError as e:
                bad.append((row, text or "", _explain(text or "", e)))
        return bad

    def _parse(self, text: str) -> tuple[int, int]:
        decimals = decimals_of(text)
        if _is_double_print(text):
            plain = f"{float(text):.15g}"
            if sum(char.isdigit() for char in plain.partition("e")[0].strip("0.")) <= _PLAIN_DIGITS:
                self._noisy += 1
                self._noisy_example = self._noisy_example or f"{text} as {plain}"
                text, decimals = plain, decimals_of(plain)
        if self._rounded_to is not None and decimals > self._rounded_to:
            return self._round(text, decimals, self._rounded_to)
        if decimals > MAX_DECIMALS:
            raise NumberError(f"{text[:40]!r} has more than {MAX_DECIMALS} decimals")
        return parse_scaled(text, decimals), decimals

    def _round(self, text: str, decimals: int, to: int) -> tuple[int, int]:
        """Round a value with too many decimals; what it had of them is counted."""
        self._rounded += 1
        kept = text if decimals <= MAX_DECIMALS else f"{float(text):.{MAX_DECIMALS}f}"
        places = min(decimals, MAX_DECIMALS)
        return div_half_even(_mantissa(kept, places), 10 ** (places - to)), to

    def _append(self, values: Ints, places: Ints) -> None:
        """Bring a block to one scale; Python integers guard the products against overflow."""
        scale = int(places.max()) if len(places) else 0
        factors = 10 ** (scale - places)
        limit = I64_MAX // np.maximum(factors, 1)
        if bool((np.abs(values) > limit).any()):
            raise NumberError(
                f"column {self.name}: numbers of this size with {scale} decimals do not fit"
            )
        self._blocks.append((values * factors, scale))

    def finish(self) -> ScaledColumn:
        """Join the blocks at the fewest decimals that keep every digit."""
        scale = max((scale for _, scale in self._blocks), default=0)
        parts = [_raise(values, scale - own, self.name) for values, own in self._blocks]
        values = np.concatenate(parts) if parts else np.empty(0, np.int64)
        self._blocks.clear()
        values, scale = _trim(values, scale)
        return ScaledColumn(
            values,
            scale,
            _typical_decimals(values, scale),
            self._noisy,
            self._noisy_example,
            self._rounded,
        )


def rescale(values: Ints, from_scale: int, to_scale: int, name: str) -> Ints:
    """Bring a column to a scale that is not smaller; raise NumberError if it does not fit 64
    bits.
    """
    return _raise(values, to_scale - from_scale, name)


def step_of(values: Ints, scale: int, decimals: int) -> int:
    """Infer the increment of prices or sizes, at ``scale``: a power of ten, or 2, 5, 25 or 50 of
    one when at least 200 values agree on it.
    """
    unit: int = 10 ** (scale - decimals)
    typical = values[(values % unit == 0) & (values != 0)]
    if len(typical) < _ENOUGH_FOR_STEP:
        return unit
    common = int(np.gcd.reduce(typical)) // unit
    return unit * next((step for step in (50, 25, 5, 2) if common % step == 0), 1)


def _mantissa(text: str, places: int) -> int:
    """Return the digits of an exact decimal with that many places, whatever their number."""
    scaled = Decimal(text).scaleb(places, _EXACT)
    return int(scaled)


def _raise(values: Ints, by: int, name: str) -> Ints:
    factor = 10**by
    if by and len(values) and int(np.abs(values).max()) * factor > I64_MAX:
        raise NumberError(f"column {name}: numbers of this size and precision do not fit 64 bits")
    return values * factor if by else values


def _trim(values: Ints, scale: int) -> tuple[Ints, int]:
    while scale > 0 and not bool((values % 10).any()):
        values = values // 10
        scale -= 1
    return values, scale


def _typical_decimals(values: Ints, scale: int) -> int:
    total = int(np.count_nonzero(values))
    decimals = scale
    while decimals > 0:
        unit = 10 ** (scale - decimals + 1)
        if np.count_nonzero(values % unit) > total * (1 - _TYPICAL_SHARE):
            return decimals
        decimals -= 1
    return 0


def _is_double_print(text: str) -> bool:
    digits = text.strip().lower().partition("e")[0].replace(".", "").lstrip("+-0")
    return len(digits) >= _DOUBLE_DIGITS


def _explain(text: str, error: NumberError) -> str:
    stripped = text.strip().lower()
    if not stripped:
        return "is empty"
    if stripped.lstrip("+-") in ("nan", "inf", "infinity", "null", "none", "na", "n/a"):
        return "is not a finite number"
    if "out of range" in str(error):
        return "is out of range"
    if "decimals" in str(error):
        return f"has more than {MAX_DECIMALS} decimals"
    return "does not fit into 64 bits" if "64 bits" in str(error) else "is not a number"
