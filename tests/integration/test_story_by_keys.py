"""The whole story of an instance by keys, in one real terminal, with a shell beside it."""

from __future__ import annotations

import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support.outside import Nursery
from tests.support.terminal import Terminal

CREATE = "\x19"  # ^y
A_DIALOG_LISTENS = 0.6
"""Seconds after which a dialog that has just opened takes keys, and the screen again after it."""

Open = Callable[..., Terminal]


def folders(home: Path) -> dict[str, str]:
    return {"XDG_STATE_HOME": str(home / "state"), "XDG_CONFIG_HOME": str(home / "config")}


def shell(nursery: Nursery, home: Path, *words: str) -> None:
    """Run a command in the console's state folder, as a person in the next terminal."""
    nursery.run(home, *words, "--state", home / "folder", env=folders(home)).succeeded()


@pytest.fixture
def console(nursery: Nursery, tmp_path: Path) -> Iterator[Open]:
    """Open the demo's console in the test's state folder, as often as asked."""
    opened: list[Terminal] = []

    def start(cols: int = 120, rows: int = 40, wanted: str = "ACTIVE") -> Terminal:
        words = ["demo", "--state", str(tmp_path / "folder")]
        env = folders(tmp_path)
        opened.append(Terminal(words, cols=cols, rows=rows, env=env, launcher=nursery))
        opened[-1].wait_for("gallery")
        opened[-1].wait_for(wanted)
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()


def row_says(name: str, *words: str) -> Callable[[str], bool]:
    """Return a test for the table's row of an instance."""

    def seen(text: str) -> bool:
        rows = [line[2:].split() for line in text.splitlines() if line[2:].startswith(f"{name} ")]
        return any(all(word in row for word in words) for row in rows)

    return seen


def create(terminal: Terminal, name: str) -> None:
    """Make an instance of the first strategy from the form, with the keys of a person."""
    terminal.press("n")
    terminal.wait_for("NEW INSTANCE")
    terminal.read_for(A_DIALOG_LISTENS)
    terminal.press(*name, pause=0.15)
    terminal.read_for(A_DIALOG_LISTENS)
    terminal.press(CREATE)
    terminal.wait_for("settings of")
    terminal.read_for(A_DIALOG_LISTENS)
    terminal.press(CREATE)
    terminal.wait_for(f"{name} created, off")
    terminal.wait_for(row_says(name, "off"))
    terminal.read_for(A_DIALOG_LISTENS)


def ended_how(folder: Path) -> list[str | None]:
    database = sqlite3.connect(folder / "journal.db")
    try:
        return [how for (how,) in database.execute("SELECT ended_how FROM runs ORDER BY run")]
    finally:
        database.close()


def test_the_cursor_stands_on_what_was_created_and_moves_by_rows(console: Open) -> None:
    terminal = console(80, 24)
    create(terminal, "aaa")
    terminal.wait_for("> aaa")
    for key, name in zip("jjkk", ("btc-cross", "eth-bands", "btc-cross", "aaa"), strict=True):
        terminal.press(key, pause=0.2)
        terminal.wait_for(f"> {name} ")


def test_the_story_by_keys(console: Open, nursery: Nursery, tmp_path: Path) -> None:
    terminal = console()
    create(terminal, "aaa")
    terminal.press("o")
    terminal.wait_for(row_says("aaa", "observe"))
    terminal.read_for(A_DIALOG_LISTENS)
    terminal.press("a")
    terminal.wait_for("ACTIVATE aaa")
    terminal.read_for(A_DIALOG_LISTENS)
    terminal.press("y")
    terminal.wait_for(row_says("aaa", "ACTIVE"))
    terminal.wait_for(row_says("sol-maker", "allow"))  # a quote of its own rests at the venue
    terminal.press("p")
    terminal.wait_for(row_says("aaa", "PAUSED"))
    terminal.press("r")
    terminal.wait_for(row_says("aaa", "ACTIVE"))
    edit(terminal)
    shell(nursery, tmp_path, "instances", "mode", "aaa", "observe")
    terminal.wait_for(row_says("aaa", "observe"))
    terminal.press("!", pause=0.6)
    terminal.wait_for("! again")
    terminal.press("!")
    terminal.wait_for(row_says("gallery", "exit-only"))
    terminal.wait_for("kill EXIT-ONLY")
    terminal.kill(signal.SIGKILL)
    terminal.wait()

    again = console(wanted="exit-only")
    again.wait_for(row_says("aaa", "observe"))
    again.read_for(A_DIALOG_LISTENS)
    again.press("j", "j", "j")
    again.wait_for("> gallery")
    again.press("r")
    again.wait_for("RELEASE")
    again.wait_for(row_says("gallery", "exit-only"))
    again.read_for(A_DIALOG_LISTENS)
    again.press("y")
    again.wait_for("kill NORMAL (global)")
    again.wait_for(row_says("gallery", "ACTIVE"))
    again.read_for(A_DIALOG_LISTENS)
    again.press("q")
    again.wait_for("leave all orders as they are, and quit")
    again.read_for(A_DIALOG_LISTENS)
    again.press("l")
    again.wait_for("quit?")
    again.read_for(A_DIALOG_LISTENS)
    again.press("y")
    assert again.wait() == 0
    again.read_for(0.5)
    assert "left behind: " in again.text()
    assert ended_how(tmp_path / "folder") == ["crashed", "clean"]

    last = console()
    last.wait_for(row_says("aaa", "observe"))
    begun = time.perf_counter()
    last.kill(signal.SIGHUP)
    assert last.wait() == 0
    assert time.perf_counter() - begun < 10
    assert ended_how(tmp_path / "folder")[-1] == "clean"


def edit(terminal: Terminal) -> None:
    """Change the first value of the selected instance's config in the form."""
    terminal.press("e")
    terminal.wait_for("CONFIG aaa")
    terminal.read_for(A_DIALOG_LISTENS)
    terminal.press("backspace", "backspace", "1", "2")
    terminal.press(CREATE)
    terminal.wait_for("fast: 10 -> 12")
    terminal.wait_for("keep this config?")
    terminal.read_for(A_DIALOG_LISTENS)
    terminal.press("y")
    terminal.wait_for("aaa: fast: 10 -> 12")
    terminal.read_for(A_DIALOG_LISTENS)
