"""What a person has chosen and the console remembers: looks, sorting, columns, sizes, locks.

Kept as a JSON object in the state folder; one that cannot be read costs the choices, never the
start.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from tradetui.domain.ids import StrategyId
from tradetui.domain.text import printable
from tradetui.tui.widgets.arranging import AS_IT_COMES, Arrangement

LIMITS: Final = {"table": (3, 40), "panel": (23, 100), "lower": (4, 60)}
"""How small and how large a person may make a pane: lines, and cells for the panel."""

MAX_HISTORY: Final = 200
"""So many lines of the ``:`` line are remembered."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes that a person gave; None: by the size of the terminal."""

    table: int | None = None
    panel: int | None = None
    lower: int | None = None

    def changed(self, pane: str, size: int | None) -> Shape:
        """Return the shape with one pane of another size, kept within its limits."""
        if size is not None:
            low, high = LIMITS[pane]
            size = min(max(size, low), high)
        return replace(self, **{pane: size})


@dataclass(frozen=True, slots=True)
class Preferences:
    """Everything that is remembered. ``timeframe`` is the place in the chart's list, None the
    usual.
    """

    theme: str = ""
    sort: str = "id"
    hidden: tuple[str, ...] = ()
    lists: tuple[tuple[str, Arrangement], ...] = ()
    timeframe: int | None = None
    shape: Shape = Shape()
    locked: tuple[StrategyId, ...] = ()
    """Instances whose keys only look."""
    pinned: tuple[str, ...] = ()
    """Columns of the instances that join before all others."""
    history: tuple[str, ...] = ()
    """What was typed on the ``:`` line, the newest last."""
    masked: bool = False
    """Whether money is hidden: also at the next start, until it is shown again."""

    def with_line(self, text: str) -> Preferences:
        """Return the preferences with one more line typed; a line typed again counts once."""
        kept = [line for line in self.history if line != text]
        return replace(self, history=(*kept, text)[-MAX_HISTORY:])

    def arrangement(self, tab: str) -> Arrangement:
        """Return how a list is wanted."""
        return dict(self.lists).get(tab, AS_IT_COMES)

    def with_list(self, tab: str, wanted: Arrangement) -> Preferences:
        """Return the preferences with one list arranged anew."""
        table = dict(self.lists) | {tab: wanted}
        kept = tuple((key, table[key]) for key in sorted(table) if table[key] != AS_IT_COMES)
        return replace(self, lists=kept)


def as_body(preferences: Preferences) -> dict[str, Any]:
    """Return preferences as a JSON object."""
    shape = preferences.shape
    return {
        "theme": preferences.theme,
        "sort": preferences.sort,
        "hidden": list(preferences.hidden),
        "lists": {
            tab: [one.sort, one.descending, list(one.hidden)] for tab, one in preferences.lists
        },
        "timeframe": preferences.timeframe,
        "shape": {pane: getattr(shape, pane) for pane in LIMITS},
        "locked": list(preferences.locked),
        "pinned": list(preferences.pinned),
        "history": list(preferences.history),
        "masked": preferences.masked,
    }


def from_body(body: Mapping[str, Any] | None) -> tuple[Preferences, str]:
    """Return preferences and, where some could not be read, the sentence that says so."""
    found: dict[str, Any] = {}
    problems = []
    for one in fields(Preferences):
        if not body or one.name not in body:
            continue
        try:
            found[one.name] = _READERS[one.name](body[one.name])
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            problems.append(f"{one.name} ({printable(str(error), 80)})")
    text = f"these choices could not be read and were left: {', '.join(problems)}"
    return Preferences(**found), text if problems else ""


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("is no text")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError("is no list")
    return tuple(_text(item) for item in value)


def _number(value: Any) -> int | None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise TypeError("is no whole number")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("is neither true nor false")
    return value


def _lists(value: Any) -> tuple[tuple[str, Arrangement], ...]:
    found = []
    for tab, (sort, descending, hidden) in sorted(value.items()):
        found.append((_text(tab), Arrangement(_text(sort), _flag(descending), _texts(hidden))))
    return tuple(found)


def _shape(value: Any) -> Shape:
    shape = Shape()
    for pane in LIMITS:
        shape = shape.changed(pane, _number(value[pane]))
    return shape


_READERS: Final[dict[str, Callable[[Any], Any]]] = {
    "theme": _text,
    "sort": _text,
    "hidden": _texts,
    "lists": _lists,
    "timeframe": _number,
    "shape": _shape,
    "locked": _texts,
    "pinned": _texts,
    "history": _texts,
    "masked": _flag,
}
