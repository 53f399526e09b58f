"""The console in a real terminal: a second engine, kill -9 and a new start, a dropped line."""

from __future__ import annotations

import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support.outside import PROGRAM, Nursery
from tests.support.terminal import Terminal

from tradetui.storage.verify import verify

Open = Callable[..., Terminal]
SOON = 8.0
"""Seconds; a quiet machine takes half of one. What hangs is given up, with another exit code."""


@pytest.fixture
def console(nursery: Nursery, tmp_path: Path) -> Iterator[Open]:
    """Open the demo's console in the test's state folder, as often as asked; ``whole``: with the
    program's own time to start.
    """
    opened: list[Terminal] = []

    def start(cols: int = 80, rows: int = 24, *, whole: bool = False) -> Terminal:
        terminal = Terminal(
            [*(PROGRAM if whole else ()), "demo", "--state", str(tmp_path / "folder")],
            cols=cols,
            rows=rows,
            env={"XDG_STATE_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "none")},
            launcher=None if whole else nursery,
        )
        opened.append(terminal)
        return terminal

    yield start
    for terminal in opened:
        terminal.close()


def modes(tmp_path: Path) -> list[tuple[str, str]]:
    """Return the recorded modes, as another program reads them."""
    database = sqlite3.connect(tmp_path / "folder" / "state.db")
    try:
        return database.execute("SELECT id, mode FROM instances ORDER BY 1").fetchall()
    finally:
        database.close()


def ended_how(journal: Path) -> list[str]:
    """Return how each run of a journal ended."""
    database = sqlite3.connect(journal)
    try:
        return [how for (how,) in database.execute("SELECT ended_how FROM runs ORDER BY run")]
    finally:
        database.close()


def test_a_second_engine_in_the_folder_is_refused(console: Open) -> None:
    first = console()
    first.wait_for("ACTIVE")
    second = console()
    assert second.wait() == 3
    assert f"process {first.pid} already runs an engine here" in second.text()
    assert "ACTIVE" in first.text()


@pytest.mark.parametrize(("cols", "rows"), [(80, 24), (120, 40)])
async def test_after_a_kill_the_records_are_as_they_were(
    console: Open, tmp_path: Path, cols: int, rows: int
) -> None:
    first = console(cols, rows)
    first.wait_for("ACTIVE")
    assert first.drawn() == (cols, rows)
    before = modes(tmp_path)
    first.kill(signal.SIGKILL)
    assert first.wait() == 128 + signal.SIGKILL
    assert (await verify(tmp_path / "folder" / "journal.db")).fault == ""
    again = console(cols, rows)
    shown = again.wait_for("ACTIVE")  # in paper a run goes on where it was cut off
    assert "HELD" not in shown
    assert modes(tmp_path) == before


def test_an_outside_edit_shows_without_a_restart(console: Open, tmp_path: Path) -> None:
    terminal = console()
    terminal.wait_for("ACTIVE")
    database = sqlite3.connect(tmp_path / "folder" / "state.db", timeout=10)
    database.execute("UPDATE instances SET mode = 'off' WHERE id = 'gallery'")
    database.commit()
    database.close()
    terminal.wait_for(
        lambda text: any("gallery" in line and " off " in line for line in text.splitlines())
    )


@pytest.mark.parametrize("seen", ["gallery", "tradetui"])
async def test_a_signal_while_it_starts_ends_it_cleanly_and_soon(
    console: Open, tmp_path: Path, seen: str
) -> None:
    terminal = console(whole=True)
    terminal.wait_for(seen)
    begun = time.perf_counter()
    terminal.kill(signal.SIGTERM)
    assert terminal.wait() == 0, terminal.text()
    assert time.perf_counter() - begun < SOON
    journal = tmp_path / "folder" / "journal.db"
    assert not journal.exists() or ended_how(journal) in ([], ["clean"])


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
async def test_a_signal_ends_it_cleanly_and_soon(
    console: Open, tmp_path: Path, number: signal.Signals
) -> None:
    terminal = console()
    terminal.wait_for("ACTIVE")
    begun = time.perf_counter()
    terminal.kill(number)
    assert terminal.wait() == 0
    assert time.perf_counter() - begun < SOON
    assert (await verify(tmp_path / "folder" / "journal.db")).fault == ""
