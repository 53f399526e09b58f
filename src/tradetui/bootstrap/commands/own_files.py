"""``doctor`` on what a person has made for the console: keys, themes, layouts."""

from __future__ import annotations

import json
from pathlib import Path

from tradetui.bootstrap.profile.places import own_keys, own_themes
from tradetui.domain.text import printable
from tradetui.ports.store import StoreError
from tradetui.services.doctor import FAIL, OK, WARN, Check
from tradetui.storage.layouts import PREFERENCES
from tradetui.storage.probe import FolderProbe
from tradetui.tui.keymap import BINDINGS
from tradetui.tui.own_keys import KeymapError, load_bindings
from tradetui.tui.preferences import from_body
from tradetui.tui.theme import ThemeError, load_theme


async def own_checks(folder: Path, storage: FolderProbe) -> tuple[Check, ...]:
    """Check the keys, the themes and the layouts; one that is wrong hides no other."""
    return (check_keys(), check_themes(), await check_layouts(folder, storage))


def check_keys() -> Check:
    """Check ``keys.toml``."""
    path = own_keys()
    if not path.exists():
        return Check("keys", OK, "the shipped ones; none of your own")
    try:
        bindings = load_bindings(path)
    except KeymapError as error:
        return Check("keys", FAIL, str(error))
    changed = sum(one != other for one, other in zip(bindings, BINDINGS, strict=True))
    return Check("keys", OK, f"{path}: {changed} bindings of your own")


def check_themes() -> Check:
    """Check every theme of this user's own."""
    folder = own_themes()
    names = sorted(path.stem for path in folder.glob("*.toml"))
    problems = []
    for name in names:
        try:
            load_theme(name, (folder,))
        except ThemeError as error:
            problems.append(str(error))
    if problems:
        return Check("themes", FAIL, "; ".join(problems))
    if not names:
        return Check("themes", OK, "the shipped ones; none of your own")
    return Check("themes", OK, f"{folder}: {printable(', '.join(names), 200)}")


async def check_layouts(folder: Path, storage: FolderProbe) -> Check:
    """Check every layout that is kept in the state folder, and what holds at a start."""
    try:
        kept = await storage.layouts(folder)
    except StoreError as error:
        return Check("layouts", FAIL, str(error))
    problems = []
    for name, text in kept:
        shown = f'layout "{printable(name, 40)}"'
        try:
            body = json.loads(text)
        except ValueError:
            problems.append(f"{shown} is no JSON")
            continue
        problem = from_body(body)[1] if isinstance(body, dict) else "is no table"
        if problem:
            problems.append(f"{shown}: {problem}")
    if problems:
        return Check("layouts", WARN, f"{folder / 'state.db'}: {'; '.join(problems)}")
    named = [printable(name, 40) for name, _ in kept if name and name != PREFERENCES]
    return Check("layouts", OK, ", ".join(named) or "none of your own")
