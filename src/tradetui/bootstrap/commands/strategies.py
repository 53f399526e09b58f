"""The commands on strategy files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tradetui.bootstrap.profile.catalogue import LoaderCatalogue
from tradetui.bootstrap.profile.places import own_strategies
from tradetui.bootstrap.profile.profile import profile_at
from tradetui.cli.wiring import Place, Row
from tradetui.services import strategy_template as template
from tradetui.services.errors import UserError
from tradetui.services.strategies import check_strategies, find_strategy


async def list_strategies(place: Place) -> list[Row]:
    """Return every strategy file found."""
    profile = profile_at(place)
    return [
        {
            "name": info.name,
            "label": info.label or None,
            "file": info.path,
            "sha256": info.file_hash[:12] or None,
            "problem": info.problem or None,
        }
        for info in LoaderCatalogue(profile.strategy_folders).found()
    ]


def new_strategy(place: Place, name: str, folder: Path | None) -> Row:
    """Write a strategy to begin with; say where, and from when on it is found."""
    profile = profile_at(place)
    path = template.new_strategy(own_strategies() if folder is None else folder, name)
    known = {one.expanduser().resolve() for one in profile.strategy_folders}
    if path.parent.resolve() in known:
        found = "at once, also by an engine that runs"
    else:
        found = (
            f'not yet: write folders = ["{path.parent.resolve()}"] under [strategies] in your '
            "config; an engine that runs reads that at its next start"
        )
    return {"written": str(path), "found": found, "next": f"tradetui strategies check {name}"}


async def check_all(place: Place, names: tuple[str, ...]) -> list[Row]:
    """Check strategies, each in a child process."""
    catalogue = LoaderCatalogue(profile_at(place).strategy_folders)
    return [
        {
            "name": check.name,
            "result": "FAIL" if check.problem else "ok",
            "tick": f"{check.tick_steps * 6} s" if check.tick_steps else None,
            "feeds": list(check.feeds),
            "problem": check.problem or None,
        }
        for check in await check_strategies(catalogue, names)
    ]


async def show_strategy(place: Place, name: str) -> Row:
    """Return what one strategy is; raises UserError for one that its trial in a child process does
    not allow.
    """
    catalogue = LoaderCatalogue(profile_at(place).strategy_folders)
    info = find_strategy(catalogue, name)
    check = await catalogue.check(name)
    if check.problem:
        raise UserError(f"strategy {name}: {check.problem}")
    schema = await catalogue.schema(name)
    return {
        "name": info.name,
        "label": info.label or None,
        "file": info.path,
        "sha256": info.file_hash,
        "tick": f"{check.tick_steps * 6} s",
        "feeds": list(check.feeds),
        "settings": [field_row(key, entry.get("default"), entry) for key, entry in schema.items()],
    }


def field_row(key: str, value: Any, entry: Any) -> Row:
    """Return one key of a config as a printable row."""
    bounds = [f"{word} {entry[word]}" for word in ("min", "max") if word in entry]
    return {
        "key": key,
        "value": value,
        "type": entry.get("type"),
        "unit": entry.get("unit"),
        "bounds": ", ".join(bounds) or None,
        "help": entry.get("help"),
    }
