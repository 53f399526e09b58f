"""Names for the shell's Tab key, read from the files at once: no config is checked, no engine's
module is loaded.
"""

from __future__ import annotations

import re
import sqlite3
import tomllib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from tradetui.bootstrap.profile.places import found_config, own_strategies, own_themes, user_state
from tradetui.cli.wiring import Place
from tradetui.config.resources import strategies_folder, themes_folder

RECENT_STEPS: Final = 2_000
"""In so many of the newest steps order ids are looked for."""
_ORDER_ID: Final = re.compile(rb"tt[0-9a-z]+-[0-9]{4,}")
_MOST: Final = 200


def known_names(place: Place, kind: str) -> tuple[str, ...]:
    """Return the names of ``instances``, ``strategies``, ``themes`` or ``orders`` at a place."""
    match kind:
        case "instances":
            sql = "SELECT id FROM instances WHERE deleted_time IS NULL ORDER BY id"
            return tuple(str(row[0]) for row in _rows(_state(place) / "state.db", sql))
        case "orders":
            return _order_ids(_state(place) / "journal.db")
        case "strategies":
            folders = _strategy_folders(place)
        case _:
            folders = (own_themes(), themes_folder())
    ending = "toml" if kind == "themes" else "py"
    found = {path.stem for folder in folders for path in folder.glob(f"*.{ending}")}
    return tuple(sorted(name for name in found if not name.startswith("_")))


def _order_ids(path: Path) -> tuple[str, ...]:
    """Return the ids of orders that the newest steps speak of, the newest first."""
    sql = f"SELECT body FROM steps ORDER BY row DESC LIMIT {RECENT_STEPS}"
    found: dict[bytes, None] = {}
    for row in _rows(path, sql):
        for order_id in reversed(_ORDER_ID.findall(row[0])):
            found.setdefault(order_id)
        if len(found) >= _MOST:
            break
    return tuple(order_id.decode("ascii") for order_id in found)


def _rows(path: Path, sql: str) -> Iterator[tuple[Any, ...]]:
    if not path.exists():
        return
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=0.2)) as connection:
        yield from connection.execute(sql)


def _state(place: Place) -> Path:
    """Return the state folder as the config's text says, unchecked."""
    if place.state is not None:
        return place.state.expanduser().absolute()
    section = _section(place, "profile")
    named = section.get("state")
    return Path(named).expanduser() if named else user_state() / str(section.get("name", "default"))


def _strategy_folders(place: Place) -> tuple[Path, ...]:
    named = _section(place, "strategies").get("folders", [])
    return (*(Path(one).expanduser() for one in named), own_strategies(), strategies_folder())


def _section(place: Place, name: str) -> dict[str, Any]:
    text = found_config(place).path.read_text(encoding="utf-8")
    section = tomllib.loads(text).get(name, {})
    return section if isinstance(section, dict) else {}
