"""Money in what commands print: one text for a person, number and currency apart for a program."""

from __future__ import annotations

from typing import Any

from tradetui.cli.wiring import Row


class Amount(str):
    """Money as a person reads it: ``1234.50 USD``."""


def with_amounts_apart(data: Any) -> Any:
    """Give the currency of each amount a key of its own behind it, ``NAME_currency``; in all rows
    of a list where one has it, so that they have the same keys.
    """
    if isinstance(data, list):
        rows = [row for row in data if isinstance(row, dict)]
        money = {key for row in rows for key in _amounts_of(row)}
        return [_apart(row, money) if isinstance(row, dict) else row for row in data]
    return _apart(data, _amounts_of(data)) if isinstance(data, dict) else data


def _amounts_of(row: Row) -> set[str]:
    return {key for key, value in row.items() if isinstance(value, Amount)}


def _apart(row: Row, money: set[str]) -> Row:
    told: Row = {}
    for key, value in row.items():
        if key not in money:
            told[key] = with_amounts_apart(value)
            continue
        number, _, currency = (value or "").partition(" ")
        told[key], told[f"{key}_currency"] = number or None, currency or None
    return told
