"""Fills, decisions and orders as CSV or JSON lines: exact numbers, harmless text."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

Row = Mapping[str, Any]

_GROUPED: Final = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_AMOUNT: Final = re.compile(r"([+-]?[0-9][0-9,]*(?:\.[0-9]+)?) ([A-Z][A-Z0-9]{1,11})")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def to_csv(columns: Sequence[str], rows: Iterable[Row]) -> str:
    """Write rows as CSV; a text that a spreadsheet would run as a formula gets ``'`` first."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([_cell(column) for column in columns])
    for row in rows:
        writer.writerow([_cell(row.get(column)) for column in columns])
    return buffer.getvalue()


def with_currencies_apart(
    columns: Sequence[str], rows: Sequence[Row]
) -> tuple[list[str], list[dict[str, Any]]]:
    """Give the currency of a column of amounts a column of its own behind it, ``NAME_currency``.

    Such a column has at least one text like ``-1,250.00 USDT``, and beside those only blanks,
    dashes and plain numbers. A row may name that column already; then nothing is split.
    """
    split = [
        name
        for name in columns
        if f"{name}_currency" not in columns and _is_of_amounts([row.get(name) for row in rows])
    ]
    told = [
        one
        for name in columns
        for one in ((name, f"{name}_currency") if name in split else (name,))
    ]
    made = []
    for row in rows:
        cells = dict(row)
        for name in split:
            found = _AMOUNT.fullmatch(str(row.get(name)))
            if found is not None:
                cells[name], cells[f"{name}_currency"] = ungrouped(found[1]), found[2]
        made.append({name: cells.get(name) for name in told})
    return told, made


def _is_of_amounts(values: Sequence[Any]) -> bool:
    texts = [str(value) for value in values if value not in (None, "", "-")]
    amounts = [text for text in texts if _AMOUNT.fullmatch(text)]
    return bool(amounts) and all(text in amounts or _is_number(ungrouped(text)) for text in texts)


def ungrouped(text: str) -> str:
    """Take the thousands separators out of a number, and a leading plus."""
    number, blank, rest = text.partition(" ")
    if _GROUPED.fullmatch(number):
        number = number.replace(",", "")
    if number.startswith("+") and number[1:].replace(".", "", 1).isdigit():
        number = number[1:]
    return f"{number}{blank}{rest}"


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
