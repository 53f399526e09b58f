"""The figures of the line to the terminal, for the diagnostics."""

from __future__ import annotations

from typing import Final

from tradetui.domain import formatting
from tradetui.tui.link import TOP_RATE, Link
from tradetui.tui.widgets.instance_columns import Cell
from tradetui.tui.widgets.lists import ListContent, ListRow

LINK_TAB: Final = "Figures"
"""The list that they are a part of."""


def with_link(content: ListContent, link: Link) -> ListContent:
    """Return the figures of the engine with those of the line behind them."""
    if not content.rows:
        return content
    mode = ("on", "drawn once a second, charts every 10 s") if link.is_slow else ("off", "")
    figures = (
        ("terminal line", _rate(link.rate), _delay(link)),
        ("bytes under way", formatting.count(link.waiting), "sent, not yet on the terminal"),
        ("slow-link mode", *mode),
    )
    rows = tuple(
        ListRow(name, "", (Cell(name), Cell(value), Cell(note, "dim")))
        for name, value, note in figures
    )
    return content._replace(rows=content.rows + rows)


def _rate(rate: float | None) -> str:
    """Write characters a second; a rate beyond what can be told apart only as that."""
    if rate is None:
        return "?"
    if rate >= TOP_RATE:
        return "quick"
    return f"{formatting.count(round(rate))} B/s"


def _delay(link: Link) -> str:
    if link.delay is None:
        return "not measured: the terminal answers no question"
    return f"there and back in {link.delay * 1_000:.0f} ms at best"
