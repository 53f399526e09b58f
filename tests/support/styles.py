"""One parsing of the app's style sheets for all apps of a process, as one app does for itself; and
one text of each style of a cell, of which the pictures' own names are made.
"""

from __future__ import annotations

import functools
from typing import Any, Final

from rich.style import Style
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

_parse: Final = Stylesheet._parse_rules
_parsed: Final[dict[object, list[RuleSet]]] = {}


def share_parsed_styles() -> None:
    """Let every app take the rules that another has parsed from the same text and variables."""

    def parsed_once(self: Stylesheet, css: str, read_from: Any, *more: Any, **named: Any) -> Any:
        variables = tuple(sorted(self._variables.items()))
        key = (css, read_from, more, tuple(sorted(named.items())), variables)
        if key not in _parsed:
            _parsed[key] = _parse(self, css, read_from, *more, **named)
        return _parsed[key]

    Stylesheet._parse_rules = parsed_once  # type: ignore[method-assign]


def share_texts_of_styles() -> None:
    """Let equal styles have one text, made once."""
    Style.__repr__ = functools.lru_cache(10_000)(Style.__repr__)  # type: ignore[method-assign]
