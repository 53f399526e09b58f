"""Bad configs and state databases from the command line: one sentence, the exit code, no harm."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PROGRAM = (sys.executable, "-c", "from tradetui.bootstrap import main; main()")
GOOD = """\
[profile]
run_mode = "paper"
reporting_currency = "USDT"
[[accounts]]
id = "paper/main"
[[routes]]
id = "paper-main"
account = "paper/main"
venue = "SIM"
[[feeds]]
kind = "synthetic"
markets = ["BTC/USDT"]
"""
CONFIGS: dict[str, tuple[bytes, str]] = {
    "1 empty": (b"", "is empty"),
    "2 not UTF-8": (GOOD.encode() + b"# \xff\n", "UTF-8"),
    "3 a key twice": ((GOOD + 'kind = "synthetic"\n').encode(), "Cannot overwrite a value"),
    "4 an unknown key": ((GOOD + "[risk.base]\nmax_notinal = 1\n").encode(), "max_notinal"),
    "5 not a number": ((GOOD + "[risk.base]\nmax_exposure = nan\n").encode(), "max_exposure"),
    "6 a text for a number": ((GOOD + '[engine]\nseed = "1"\n').encode(), "seed"),
    "11 an unknown account": (GOOD.replace('account = "p', 'account = "q').encode(), "qaper/main"),
    "escapes": ((GOOD + '[engine]\n"\\u001b]52;c;QQ==\\u0007[red]" = 1\n').encode(), "engine"),
}


def run(home: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own, its folders under ``home``."""
    return subprocess.run(
        [*PROGRAM, *map(str, words)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **folders(home), "TERM": "dumb"},
    )


def folders(home: Path) -> dict[str, str]:
    return {"XDG_STATE_HOME": str(home / "state"), "XDG_CONFIG_HOME": str(home / "config")}


def refused(done: subprocess.CompletedProcess[str], code: int, said: str) -> None:
    """Check for one clear sentence, the exit code, and nothing that could act on a terminal."""
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (code, 1), done.stderr
    assert said in done.stderr
    assert "\x1b" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", CONFIGS)
def test_a_bad_config_is_one_sentence(name: str, tmp_path: Path) -> None:
    text, said = CONFIGS[name]
    path = tmp_path / "config.toml"
    path.write_bytes(text)
    done = run(tmp_path, "run", "--headless", "--config", path)
    refused(done, 2, said)
    assert "config.toml" in done.stderr
    assert not (tmp_path / "state").exists()


def newer(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


DATABASES: dict[str, tuple[Callable[[Path], None], str]] = {
    "40 newer schema": (newer, "newer"),
    "37 one byte short": (truncated, "cut short"),
}


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    words = ("--strategy", "ma_cross", "--account", "paper/main", "--market", "BTC/USDT")
    done = run(tmp_path, "instances", "create", "one", *words, "--state", folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("name", DATABASES)
def test_a_bad_state_database_is_one_sentence(name: str, state: Path, tmp_path: Path) -> None:
    spoil, said = DATABASES[name]
    spoil(state / "state.db")
    before = (state / "state.db").read_bytes()
    refused(run(tmp_path, "instances", "list", "--state", state), 1, said)
    assert (state / "state.db").read_bytes() == before


def test_44_a_locked_state_database_is_one_sentence(state: Path, tmp_path: Path) -> None:
    holder = sqlite3.connect(state / "state.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        refused(run(tmp_path, "instances", "list", "--state", state), 1, "lock")
    finally:
        holder.close()
    assert run(tmp_path, "instances", "list", "--state", state).returncode == 0
