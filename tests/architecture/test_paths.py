"""What a page or a docstring names by its path is there: a rename takes its mentions along."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

HOUSE = Path(__file__).resolve().parents[2]
SOURCE = HOUSE / "src" / "tradetui"
PACKAGES: Final = tuple(
    sorted(path.name for path in SOURCE.iterdir() if (path / "__init__.py").exists())
)
_TOPS: Final = "|".join(f"{name}/" for name in ("src", "tests", "docs", *PACKAGES))
_PATH: Final = re.compile(rf"`((?:{_TOPS})[\w/.-]*\w)/?`")
_DOTTED: Final = re.compile(rf"``((?:{'|'.join(PACKAGES)})(?:\.[a-z_]+)+)(?:\.[A-Z]\w*)?``")
FILE_NAMES: Final = {"engine.lock"}
"""What looks like a module and is a file of a state folder."""


def missing(text: str) -> Iterator[str]:
    """Yield the paths and modules that a text names and that are not there."""
    for path in _PATH.findall(text):
        places = (HOUSE / path, SOURCE / path, SOURCE / f"{path}.py")
        if not any(place.exists() for place in places):
            yield path
    for name in _DOTTED.findall(text):
        if name not in FILE_NAMES and not _leads_somewhere(name.split(".")):
            yield name


def _leads_somewhere(parts: list[str]) -> bool:
    """Tell whether a dotted name is a package, a module, or something in a module."""
    place = SOURCE
    for at, part in enumerate(parts):
        module = (place / part).with_suffix(".py")
        if module.exists():
            rest = parts[at + 1 :]
            return not rest or re.search(rf"\b{rest[0]}\b", module.read_text("utf-8")) is not None
        place /= part
        if not place.is_dir():
            return False
    return True


def texts(folder: str) -> dict[str, str]:
    """Return pages and modules of a folder, by path."""
    paths = [path for path in (HOUSE / folder).rglob("*") if path.suffix in (".md", ".py")]
    return {path.relative_to(HOUSE).as_posix(): path.read_text("utf-8") for path in paths}


@pytest.mark.parametrize("folder", ["docs", "src", "tests"])
def test_what_is_named_is_there(folder: str) -> None:
    here = Path(__file__).relative_to(HOUSE).as_posix()
    found = {path: list(missing(text)) for path, text in texts(folder).items() if path != here}
    assert {path: names for path, names in found.items() if names} == {}


def test_links_between_pages_lead_somewhere() -> None:
    pages = [*(HOUSE / "docs").rglob("*.md"), *HOUSE.glob("*.md"), *(HOUSE / "tests").rglob("*.md")]
    dead = [
        f"{page.relative_to(HOUSE)}: {link}"
        for page in pages
        for link in re.findall(r"\]\(([^)#:\s]+)[^):]*\)", page.read_text("utf-8"))
        if not (page.parent / link).exists()
    ]
    assert dead == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("`core/kernel.py`, `src/tradetui/core`, ``tests/unit/core/``, `cli/why`", []),
        ("see `core/no_such.py`", ["core/no_such.py"]),
        ("``core.kernel.Kernel``, ``domain.ids``, ``engine.sinks.Outbox``", []),
        ("``engine.no_such.Thing``", ["engine.no_such"]),
        ("``ledger.trade`` is named from inside its package", []),
    ],
)
def test_the_check_finds_what_is_planted(text: str, expected: list[str]) -> None:
    assert list(missing(text)) == expected
