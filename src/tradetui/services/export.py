"""Fills, decisions and orders as CSV or JSON lines: exact numbers, harmless text."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from tradetui.domain.ids import is_shadow
from tradetui.domain.units import CASH_SCALE, format_scaled
from tradetui.ports.history import RunFill

Row = Mapping[str, Any]

FILL_COLUMNS: Final = (
    "run",
    "seq",
    "time_ns",
    "instance",
    "route",
    "instrument",
    "side",
    "quantity",
    "price",
    "fee",
    "fee_currency",
    "liquidity",
    "realised_pnl",
    "order",
    "trade",
    "shadow",
)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def fill_row(item: RunFill) -> dict[str, Any]:
    """Return one fill as a row: numbers as exact text, times in ns UTC.

    Without its instrument the scales are unknown: then quantity and price are empty.
    """
    fill, instrument = item.fill, item.instrument
    return {
        "run": item.run_id,
        "seq": fill.seq_id,
        "time_ns": fill.event_time,
        "instance": fill.strategy_id,
        "route": fill.route_id,
        "instrument": fill.instrument_id,
        "side": fill.side.value,
        "quantity": format_scaled(fill.quantity, instrument.size_scale) if instrument else "",
        "price": format_scaled(fill.price, instrument.price_scale) if instrument else "",
        "fee": format_scaled(fill.commission, CASH_SCALE),
        "fee_currency": fill.commission_currency,
        "liquidity": fill.liquidity.value,
        "realised_pnl": format_scaled(fill.realised_pnl, CASH_SCALE),
        "order": fill.client_order_id,
        "trade": fill.trade_id,
        "shadow": is_shadow(fill.route_id),
    }


def to_csv(columns: Sequence[str], rows: Iterable[Row]) -> str:
    """Write rows as CSV; a text that a spreadsheet would run as a formula gets ``'`` first."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([_cell(column) for column in columns])
    for row in rows:
        writer.writerow([_cell(row.get(column)) for column in columns])
    return buffer.getvalue()


def to_json_lines(rows: Iterable[Row]) -> str:
    """Write each row as one line of JSON."""
    return "".join(json.dumps(dict(row), ensure_ascii=False) + "\n" for row in rows)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    if isinstance(value, str) and not _is_number(text):
        return "\n".join(_harmless(line) for line in text.split("\n"))
    return text


def _harmless(line: str) -> str:
    """Mark a line that is a formula; the dash of what does not apply is none."""
    is_formula = line.lstrip(" ").startswith(_FORMULA) and line.strip(" ") != "-"
    return f"'{line}" if is_formula else line


def _is_number(text: str) -> bool:
    digits = text[1:] if text[:1] == "-" else text
    return digits.replace(".", "", 1).isdigit() and digits.isascii()
