"""Which column is what: the kind of a file, told from its header."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tradetui.data.problems import DataError
from tradetui.domain.text import printable


class DataKind(StrEnum):
    """What the rows of a file are."""

    BARS = "bars"
    TRADES = "trades"
    QUOTES = "quotes"


_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "open": ("open", "o", "open_price"),
    "high": ("high", "h", "high_price"),
    "low": ("low", "l", "low_price"),
    "close": ("close", "c", "close_price"),
    "volume": ("volume", "vol", "v", "base_volume"),
    "price": ("price", "px", "last_price"),
    "quantity": ("qty", "quantity", "amount", "size", "volume", "base_qty"),
    "side": ("side", "aggressor", "aggressor_side", "taker_side"),
    "buyer_is_maker": ("buyer_is_maker", "buyer_maker", "is_buyer_maker", "isbuyermaker"),
    "trade_id": ("trade_id", "id", "tid", "agg_trade_id"),
    "bid": ("bid", "bid_price", "best_bid", "best_bid_price", "bids[0].price"),
    "bid_quantity": (
        "bid_qty",
        "bid_size",
        "bid_quantity",
        "bid_amount",
        "best_bid_qty",
        "bids[0].amount",
    ),
    "ask": ("ask", "ask_price", "best_ask", "best_ask_price", "asks[0].price"),
    "ask_quantity": (
        "ask_qty",
        "ask_size",
        "ask_quantity",
        "ask_amount",
        "best_ask_qty",
        "asks[0].amount",
    ),
    "symbol": ("symbol",),
    "venue": ("exchange", "venue"),
}
"""Names a column may have, best first; compared in lower case."""

_REQUIRED: Final[dict[DataKind, tuple[str, ...]]] = {
    DataKind.BARS: ("open", "high", "low", "close"),
    DataKind.QUOTES: ("bid", "bid_quantity", "ask", "ask_quantity"),
    DataKind.TRADES: ("price", "quantity"),
}
_OPTIONAL: Final[dict[DataKind, tuple[str, ...]]] = {
    DataKind.BARS: ("volume", "symbol", "venue"),
    DataKind.QUOTES: ("symbol", "venue"),
    DataKind.TRADES: ("side", "buyer_is_maker", "trade_id", "symbol", "venue"),
}
_TIME_NAMES: Final = (
    "exch_ns",
    "exch_us",
    "exch_ms",
    "ts_ns",
    "ts_us",
    "ts_ms",
    "open_time",
    "timestamp",
    "datetime",
    "date",
    "time",
    "ts",
    "recv_ns",
    "local_timestamp",
    "",
)
"""Time columns, the venue's clock before the recorder's; an unnamed first column is a time too."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a file by what they mean.

    ``times`` are the time columns that the file has, best first; each is one column, or a date and
    a time to be joined.
    """

    kind: DataKind
    roles: dict[str, int]
    times: tuple[tuple[int, ...], ...]
    header: tuple[str, ...]

    def name(self, index: int) -> str:
        """Return a column's name as the file has it."""
        return self.header[index]

    def time_name(self, columns: tuple[int, ...]) -> str:
        """Return the name of a time column (or of the two it is joined from)."""
        return "+".join(self.header[index] or "first column" for index in columns)


def detect(file: str, header: tuple[str, ...]) -> Layout:
    """Tell the layout from the header, or raise DataError and say what is missing."""
    plain = tuple(name.strip().lower() for name in header)
    _refuse_odd_header(file, header, plain)
    kind = _kind_of(file, plain)
    roles: dict[str, int] = {}
    for role in _REQUIRED[kind] + _OPTIONAL[kind]:
        index = next((plain.index(name) for name in _NAMES[role] if name in plain), None)
        if index is not None:
            roles[role] = index
    times = _times_of(plain)
    if not times:
        raise DataError(
            f"{printable(file)}: line 1: no time column among {_listed(header)}; "
            "name one timestamp, ts_ms, date or datetime"
        )
    return Layout(kind, roles, times, header)


def _kind_of(file: str, plain: tuple[str, ...]) -> DataKind:
    for kind in (DataKind.BARS, DataKind.QUOTES, DataKind.TRADES):
        if all(any(name in plain for name in _NAMES[role]) for role in _REQUIRED[kind]):
            return kind
    wanted = {kind: _missing(kind, plain) for kind in DataKind}
    nearest = min(DataKind, key=lambda kind: len(wanted[kind]) - len(_REQUIRED[kind]))
    raise DataError(
        f"{printable(file)}: line 1: the header {_listed(plain)} is none of ours; "
        f"for {nearest} it lacks {', '.join(wanted[nearest])} "
        "(bars need open, high, low, close; trades price, quantity; quotes bid, bid_qty, ask, "
        "ask_qty)"
    )


def _missing(kind: DataKind, plain: tuple[str, ...]) -> list[str]:
    return [role for role in _REQUIRED[kind] if not any(name in plain for name in _NAMES[role])]


def _times_of(plain: tuple[str, ...]) -> tuple[tuple[int, ...], ...]:
    joined: tuple[tuple[int, ...], ...] = ()
    if "date" in plain and "time" in plain:
        joined = ((plain.index("date"), plain.index("time")),)
    single = tuple(
        (plain.index(name),)
        for name in _TIME_NAMES
        if name in plain and not (joined and name in ("date", "time"))
    )
    return joined + tuple(columns for columns in single if plain[columns[0]] or columns[0] == 0)


def _refuse_odd_header(file: str, header: tuple[str, ...], plain: tuple[str, ...]) -> None:
    label = printable(file)
    if len(header) == 1:
        for mark, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
            if mark in header[0]:
                raise DataError(
                    f"{label}: line 1: the columns are separated by {name}; separate them by commas"
                )
    if any(cell and cell.replace(".", "", 1).lstrip("-").isdigit() for cell in plain):
        raise DataError(
            f"{label}: line 1 is data, not a header; put the names of the columns first, "
            "for example ts_ms,open,high,low,close,volume"
        )
    doubled = sorted(name for name in frozenset(plain) if name and plain.count(name) > 1)
    if doubled:
        raise DataError(
            f"{label}: line 1: column {printable(doubled[0], 40)} is there twice; keep one"
        )


def _listed(header: tuple[str, ...]) -> str:
    shown = ",".join(header[:12]) + (",..." if len(header) > 12 else "")
    return repr(printable(shown, 120))
