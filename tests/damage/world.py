"""A state folder as a real engine leaves it, and what a person sees of one.

Everything goes through the commands, in this process.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from click.testing import CliRunner, Result

from tradetui.bootstrap.wiring import Application
from tradetui.cli.main import cli

PAGE: Final = 4_096
_BARS: Final = 150


@dataclass(frozen=True)
class Seen:
    """What is in a folder: every record of the journal, and the instances."""

    records: str
    instances: Any


@dataclass(frozen=True)
class Base:
    """An undamaged folder, the file that was replayed into it, and what is in it."""

    folder: Path
    prices: Path
    seen: Seen


def command(*words: str | Path) -> Result:
    """Run a command."""
    return CliRunner().invoke(cli, [str(word) for word in words], obj=Application())


def start(folder: Path, prices: Path) -> Result:
    """Start the engine in a folder, let it take what is left of the prices, and stop it."""
    return command(
        "demo", "--replay", prices, "--headless", "--until-end", "--json", "--state", folder
    )


def look(folder: Path) -> Seen:
    """Read what is in a sound folder."""
    records = command("journal", "export", "--state", folder)
    instances = command("instances", "list", "--json", "--state", folder)
    assert (records.exit_code, instances.exit_code) == (0, 0), (records.stderr, instances.stderr)
    return Seen(records.stdout, json.loads(instances.stdout))


def build(folder: Path) -> Base:
    """Make a folder with two runs, the first archived, and checkpoints."""
    prices = folder / "btcusd.csv"
    folder.mkdir(parents=True)
    lines = ["time,open,high,low,close,volume"]
    for minute in range(_BARS):
        price = 100 + (minute * 7919) % 13
        stamp = 1_700_000_000 + 60 * minute
        lines.append(f"{stamp},{price},{price + 2},{price - 2},{price + 1},5")
    prices.write_text("\n".join(lines) + "\n")
    state = folder / "state"
    for _ in range(2):
        done = start(state, prices)
        assert done.exit_code == 0, done.output
        if not (state / "journal.db-segments").exists():
            assert command("journal", "archive", "--state", state).exit_code == 0
    for suffix in ("-wal", "-shm"):
        (state / f"journal.db{suffix}").unlink(missing_ok=True)
    return Base(state, prices, look(state))


def copy(base: Base, folder: Path) -> Path:
    """Copy the base folder, without what readers left in it."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(base.folder, folder)
    for path in (folder / "journal.db-wal", folder / "journal.db-shm", folder / "journal.reserve"):
        path.unlink(missing_ok=True)
    return folder


def flip(path: Path, position: int, bit: int = 0) -> None:
    """Flip one bit of a file."""
    with path.open("r+b") as file:
        file.seek(position)
        (value,) = file.read(1)
        file.seek(position)
        file.write(bytes([value ^ (1 << bit)]))


def cut(path: Path, length: int) -> None:
    """Cut a file to a length, or make it longer by zeros."""
    data = path.read_bytes()
    path.write_bytes((data + b"\0")[:length])


def change(path: Path, *statements: str) -> None:
    """Change a database behind its owner's back."""
    connection = sqlite3.connect(path)
    with connection:
        for sql in statements:
            connection.execute(sql)
    connection.close()
