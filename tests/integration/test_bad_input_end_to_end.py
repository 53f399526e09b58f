"""Bad strategies and bad databases from outside: one sentence, the exit code, nothing changed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAD = "from tradetui.strategy import Strategy\nclass A(Strategy):\n    pass\n"
STRATEGIES = {
    "syntax": ("def (:\n", "invalid syntax"),
    "imports": ("import no_such_module\n" + HEAD, "ModuleNotFoundError"),
    "exits": (HEAD + "import sys\nsys.exit(3)\n", "sys.exit() was called"),
    "ends": (HEAD + "import os\nos._exit(0)\n", "ended the whole process"),
    "escapes": (HEAD + "    LABEL = 'x\\x1b]52;c;QQ==\\x07[red]' * 9\n", "LABEL must be"),
}
DATABASES = {
    "empty": (lambda data: b"", "is empty"),
    "one byte over a page": (lambda data: data[:4097], "cut short or altered"),
    "one byte under a page": (lambda data: data[:4095], "cut short or altered"),
    "foreign": (lambda data: b"not a database" * 40, "does not begin like an SQLite file"),
}


def tradetui(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, with its folders under ``home``."""
    return subprocess.run(
        [sys.executable, "-c", "from tradetui.bootstrap import main; main()", *words],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        stdin=subprocess.DEVNULL,
        env={
            **os.environ,
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_STATE_HOME": str(home / "state"),
            "TERM": "dumb",
        },
    )


@pytest.mark.parametrize("name", STRATEGIES)
def test_a_broken_strategy_is_named_and_nothing_else_fails(name: str, tmp_path: Path) -> None:
    text, problem = STRATEGIES[name]
    folder = tmp_path / "config" / "tradetui" / "strategies"
    folder.mkdir(parents=True)
    (folder / f"{name}.py").write_text(text)
    done = tradetui(tmp_path, "strategies", "check", name)
    assert done.returncode == 2
    assert problem in done.stdout
    assert "\x1b" not in done.stdout
    assert "Traceback" not in done.stderr
    assert tradetui(tmp_path, "strategies", "check", "ma_cross").returncode == 0


@pytest.mark.parametrize("damage", DATABASES)
def test_a_damaged_state_database_is_refused_and_left_alone(damage: str, tmp_path: Path) -> None:
    spoil, problem = DATABASES[damage]
    state = tmp_path / "folder"
    created = tradetui(
        tmp_path,
        *("instances", "create", "one", "--strategy", "ma_cross"),
        *("--account", "paper/main", "--market", "BTC/USDT", "--state", str(state)),
    )
    assert created.returncode == 0, created.stderr
    database = state / "state.db"
    spoiled = spoil(database.read_bytes())
    database.write_bytes(spoiled)
    for words in (("run", "--headless"), ("instances", "list")):
        done = tradetui(tmp_path, *words, "--state", str(state))
        assert done.returncode == 1
        assert problem in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
        assert "Traceback" not in done.stderr
        assert database.read_bytes() == spoiled


def test_the_console_without_a_terminal_says_so(tmp_path: Path) -> None:
    done = tradetui(tmp_path, "demo")
    assert done.returncode == 2
    assert "needs a terminal" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_damaged_journal_is_kept_aside_and_that_is_said(tmp_path: Path) -> None:
    state = tmp_path / "folder"
    state.mkdir(mode=0o700)
    (state / "journal.db").touch(mode=0o600)
    prices = tmp_path / "prices.csv"
    rows = [f"{1_514_764_800_000 + n * 60_000},100,101,99,100,5" for n in range(20)]
    prices.write_text("\n".join(["timestamp,open,high,low,close,volume", *rows]) + "\n")
    done = tradetui(
        tmp_path,
        *("demo", "--replay", str(prices), "--headless", "--until-end", "--state", str(state)),
    )
    assert done.returncode == 0, done.stderr
    assert "the journal was damaged" in done.stderr
    assert (state / "journal.db.damaged-1").exists()
