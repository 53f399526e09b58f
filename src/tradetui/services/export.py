"""Fills, decisions and orders as CSV or JSON lines: exact numbers, harmless text."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

Row = Mapping[str, Any]

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


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
