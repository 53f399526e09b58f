"""The config of an instance as it is in force: each key, its value, and whether a person set it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from tradetui.domain.replica import InstanceView
from tradetui.domain.text import printable
from tradetui.services.config_changes import differences, value_text
from tradetui.services.strategies import Schema
from tradetui.tui.key_names import SHIPPED, KeyNames
from tradetui.tui.lines import Line, Span, ellipsis, text_line
from tradetui.tui.widgets.reports import config_of, config_set

_HEADINGS: Final = ("NAME", "VALUE", "UNIT", "FROM")
_LEAST_HELP: Final = 24
"""Cells: with fewer, the help texts are left out."""
_MOST_VALUE: Final = 40


class _Setting(NamedTuple):
    """One key in words."""

    name: str
    value: str
    unit: str
    origin: str
    help: str
    is_own: bool


def config_lines(
    row: InstanceView,
    width: int,
    height: int,
    schema: Schema | None,
    names: KeyNames = SHIPPED,
) -> list[Line]:
    """Return the config of an instance, one key a line, with its version and who set it.

    ``schema`` is empty where there is none to read, None while it is read.
    """
    told = f" config {row.config_version}, {config_set(row)}"
    head = text_line(ellipsis(told + names("   {edit} edits"), width), "dim")
    try:
        config = config_of(row)
    except ValueError as e:
        text = f" the config cannot be read: {printable(str(e), 200)}"
        return [head, text_line(ellipsis(text, width), "problem")][:height]
    note, look = _note(row, config, schema)
    lines = [head, *([text_line(ellipsis(f" {note}", width), look)] if note else [])]
    settings = _settings(config, schema or {})
    if not settings:
        return lines[:height]
    table = _table(settings, width)
    room = height - len(lines)
    if len(table) > room:
        left = len(table) - max(room - 1, 0)
        table = [
            *table[: max(room - 1, 0)],
            text_line(names(f" {left} more: {{edit}} shows all"), "dim"),
        ]
    return [*lines, *table][:height]


def _note(row: InstanceView, config: Mapping[str, Any], schema: Schema | None) -> tuple[str, str]:
    """Say what is not known of the defaults, and how that looks."""
    if schema is None:
        return "the strategy's defaults are being read", "dim"
    if not schema and config:
        return "what the strategy has by default cannot be read here", "dim"
    if not schema:
        return "nothing is set; the strategy has no settings that can be read here", "dim"
    if row.file_changed:
        return "the file has changed on disk: the defaults are those of the new one", "refused"
    return "", ""


def _settings(config: Mapping[str, Any], schema: Schema) -> list[_Setting]:
    """Return every key: those of the schema in its order, then what only the config has."""
    found = []
    for key, entry in schema.items():
        default = entry.get("default")
        value = config.get(key, default)
        is_own = bool(differences({key: default}, {key: value}))
        origin = f"own, default {value_text(default)}" if is_own else "default"
        unit = printable(str(entry.get("unit") or "-"), 24)
        told = printable(str(entry.get("help", "")), 300)
        found.append(_Setting(printable(key, 40), value_text(value), unit, origin, told, is_own))
    origin = "own, no key of the strategy" if schema else "own"
    found += [
        _Setting(printable(str(key), 40), value_text(value), "-", origin, "", is_own=True)
        for key, value in config.items()
        if key not in schema
    ]
    return found


def _table(settings: Sequence[_Setting], width: int) -> list[Line]:
    """Return a heading and a line for each key; unit and help where there is room for them."""
    rows = [setting[:4] for setting in settings]
    sizes = [max(map(len, column)) for column in zip(_HEADINGS, *rows, strict=True)]
    sizes[1] = min(sizes[1], _MOST_VALUE)
    has_unit = 1 + sum(sizes) + 2 * 3 <= width
    taken = 1 + sizes[0] + 2 + sizes[1] + 2 + (sizes[2] + 2 if has_unit else 0)
    sizes[3] = max(min(sizes[3], width - taken), len(_HEADINGS[3]))
    rest = width - taken - sizes[3] - 2
    has_help = has_unit and rest >= _LEAST_HELP and any(setting.help for setting in settings)

    def cells(texts: Sequence[str]) -> list[str]:
        return [
            ellipsis(text, size).ljust(size) + "  " if at != 2 or has_unit else ""
            for at, (text, size) in enumerate(zip(texts, sizes, strict=True))
        ]

    head = f" {''.join(cells(_HEADINGS))}{'HELP' if has_help else ''}"
    lines = [text_line(head.rstrip(), "head")]
    for setting in settings:
        name, value, unit, origin = cells(setting[:4])
        shown: list[Span] = [
            (f" {name}", "label"),
            (value, "bold" if setting.is_own else "base"),
            (unit, "dim"),
            (origin.rstrip() if not has_help else origin, "base" if setting.is_own else "dim"),
        ]
        if has_help:
            shown.append((ellipsis(setting.help, rest), "dim"))
        lines.append(tuple(shown))
    return lines
