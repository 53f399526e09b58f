"""Whose private parts are used, and where: nowhere else, and of that very version."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import pytest

HOUSE = Path(__file__).resolve().parents[2]
SOURCE = HOUSE / "src" / "tradetui"

PLACES: Final = {
    "storage/database.py": "aiosqlite: work done in one go on the connection's own thread",
    "tui/app.py": "textual: what is painted, and how much of it a slow line has taken",
    "tui/output.py": "textual: the same; rich: how many colours there are",
    "tui/pasting.py": "textual: pastes and keys that arrive in pieces",
    "tui/widgets/line_view.py": "textual: one line painted without the others",
}
"""The modules that may, and what of which library."""

NAMED_TUPLES: Final = frozenset({"_asdict", "_field_defaults", "_fields", "_make", "_replace"})
"""Public parts of a NamedTuple, whatever they begin with."""


def own_names(texts: Iterable[str]) -> frozenset[str]:
    """Return the private names that our own code gives to anything."""
    given = re.compile(r"(?:def|class) (_\w+)|\b(_\w+)(?:: [^=\n]+)? [-+|]?= |^ {4}(_\w+): ", re.M)
    found = {name for text in texts for match in given.findall(text) for name in match if name}
    return frozenset(found) | NAMED_TUPLES


def foreign(source: str, known: frozenset[str]) -> Iterator[str]:
    """Yield the private parts of others that a module imports or reaches for."""
    if not set(re.findall(r"[.](_\w+)", source)) - known:
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and any(
            part.startswith("_") and not part.startswith("__")
            for part in (node.module or "").split(".")
        ):
            yield f"{node.lineno}: {node.module}"
        elif isinstance(node, ast.Attribute) and _is_private(node.attr) and node.attr not in known:
            yield f"{node.lineno}: {node.attr}"


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def test_private_parts_of_libraries_are_used_in_these_places_only() -> None:
    texts = {
        path.relative_to(SOURCE).as_posix(): path.read_text("utf-8")
        for path in SOURCE.rglob("*.py")
    }
    known = own_names(texts.values())
    found = {place: list(foreign(text, known)) for place, text in texts.items()}
    used = {place: parts for place, parts in found.items() if parts}
    assert {place: parts for place, parts in used.items() if place not in PLACES} == {}
    assert sorted(used) == sorted(PLACES), "take out of the list what has become clean"


def test_the_library_whose_private_parts_we_build_on_is_pinned_to_one_version() -> None:
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text("utf-8"))["project"]
    (wanted,) = (one for one in project["dependencies"] if one.startswith("textual"))
    version = importlib.metadata.version("textual")
    assert wanted == f"textual=={version}"
    assert f"textual=={version} \\" in (HOUSE / "requirements.lock").read_text("utf-8")


@pytest.mark.parametrize(
    ("planted", "expected"),
    [
        ("from textual._compositor import LayoutUpdate", ["1: textual._compositor"]),
        ("screen._compositor.reflow()", ["1: _compositor"]),
        ("self._console._color_system", ["1: _color_system"]),
        ("self._ours = other._ours", []),
        ("from __future__ import annotations", []),
        ("x.__class__", []),
        ("x._replace(a=1)", []),
    ],
)
def test_the_check_finds_what_is_planted(planted: str, expected: list[str]) -> None:
    assert (
        list(foreign(planted, own_names(["self._ours = 1", "    _console: Console"]))) == expected
    )
