"""Bad commands, bad terminals, bad outputs, bad files of the console.

Lines 27 to 31, 34 and 35 of the bad inputs (tests/support/numbered.py).
"""

from __future__ import annotations

import fcntl
import os
import random
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.numbered import proves
from tests.support.outside import (
    BROKEN,
    CLOSED,
    OURS,
    PROGRAM,
    Nursery,
    environment,
    foreign,
)
from tests.support.terminal import Terminal

WHERE = ("--account", "paper/main", "--market", "BTC/USDT")
PLACELESS = (("completion", "bash"), ("--help",), ("--version",), ("config", "schema"))
READS = (
    *(("status",), ("positions",), ("orders", "--all"), ("fills",), ("decisions",), ("log",)),
    *(("instances", "list"), ("instances", "show", "one"), ("instances", "config", "one")),
    *(("strategies", "list"), ("strategies", "show", "ma_cross"), ("config", "path")),
    *(("config", "show"), ("config", "validate"), ("themes",), ("keys",), ("doctor",)),
    *(("journal", "runs"), ("journal", "verify"), ("journal", "size"), ("journal", "export")),
    *(("replay",), ("replay", "--steps"), ("replay", "--verify"), ("since", "1"), ("why", "1")),
    ("engine", "recover"),
    *PLACELESS,
)
NOTHING = ("nothing is held", "no orders", "no fills", "no decisions")


@pytest.fixture(scope="module")
def home(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with an instance and a short run."""
    folder = tmp_path_factory.mktemp("home")
    rows = [f"{1_600_000_020 + 60 * number},100,101,99,100,5" for number in range(30)]
    (folder / "btcusdt.csv").write_text(
        "time,open,high,low,close,volume\n" + "\n".join(rows) + "\n"
    )
    state = ("--state", folder / "state" / "tradetui" / "default")
    nursery.run(folder, "instances", "create", "one", "--strategy", "ma_cross", *WHERE).succeeded()
    replay = ("demo", "--replay", "btcusdt.csv", "--headless", "--until-end")
    nursery.run(folder, *replay, *state).succeeded()
    return folder


@proves(27)
def test_what_is_no_command_and_no_option(nursery: Nursery, home: Path) -> None:
    for words in (
        *(
            ("nosuch",),
            ("--nosuch",),
            ("status", "--nosuch"),
            ("instances",),
            ("instances", "nosuch"),
        ),
        *(("\x1b]52;c;QQ==\x07",), ("--\x1b[2J",), ("run", "--fps", "0"), ("run", "--fps", "x")),
        *(("demo", "file.csv"), ("demo", "--json"), ("fills", "--limit", "-1"), ("\u202e\udcff",)),
    ):
        done = nursery.run(home, *words)
        assert (done.code, done.out) == (2, ""), done
        assert words == ("instances",) or "rror: " in done.err or "tradetui: " in done.err, done
        done.is_clean()


@proves(28)
def test_without_a_terminal_the_console_says_so(nursery: Nursery, home: Path) -> None:
    for words, instead in (
        ((), "--headless"),
        (("run",), "--headless"),
        (("demo",), "--headless"),
        (("travel",), "replay --steps"),
    ):
        nursery.run(home, *words).refused(2, "the console needs a terminal", instead)
        nursery.run(home, *words, stdout=CLOSED).refused(2, "the console needs a terminal")
    for term in ("dumb", ""):
        done = nursery.show(home, "run", env={"TERM": term})
        done.refused(2, f"TERM is {term or 'not set'}: a full screen cannot be drawn")
    web = {"TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver"}
    nursery.show(home, "run", env=web).refused(3, "is not served over the web")


@proves(29)
@pytest.mark.parametrize("output", [BROKEN, CLOSED, "/dev/full"])
def test_an_output_that_cannot_be_written(output: str, nursery: Nursery, home: Path) -> None:
    for words in READS:
        done = nursery.run(home, *words, stdout=output)
        if output != "/dev/full":
            assert done.code == 0 or words[0] in ("--help", "--version"), done
            assert done.err.strip() in ("", *NOTHING), done
        elif done.err.strip() not in NOTHING:
            done.refused(1, "the output cannot be written (No space left on device)")


@pytest.mark.parametrize(
    "locale", [{"LC_ALL": "C"}, {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}]
)
def test_a_locale_without_our_characters(locale: dict[str, str], home: Path) -> None:
    for words in (
        ("doctor",),
        ("keys",),
        ("instances", "create", "caf\u00e9", "--strategy", "x", *WHERE),
    ):
        done = subprocess.run(
            [*PROGRAM, *words],
            capture_output=True,
            env={**environment(home), **locale},
            check=False,
        )
        assert done.returncode == (2 if "create" in words else 0), done
        assert b"Traceback" not in done.stderr


def test_latin_1_output(nursery: Nursery, home: Path) -> None:
    folder = home / "config" / "tradetui" / "themes"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "\u6f22.toml").write_text("extends = 'dark'\n[looks]\n")
    listed = nursery.run(home, "themes", encoding="latin-1")
    (folder / "\u6f22.toml").unlink()
    assert listed.code == 0, listed
    assert "?" in listed.out


@proves(31)
def test_a_second_engine_is_refused_and_the_first_goes_on(nursery: Nursery, tmp_path: Path) -> None:
    first = nursery.begin(tmp_path, "run", "--headless")
    try:
        end = time.monotonic() + 60
        while "runs (process" not in nursery.run(tmp_path, "status").out:
            assert time.monotonic() < end
            time.sleep(0.1)
        for done in (nursery.run(tmp_path, "run", "--headless"), nursery.show(tmp_path, "run")):
            done.refused(3, str(first.pid))
        nursery.run(tmp_path, "instances", "list").is_clean()
        assert first.runs()
    finally:
        code = first.end(signal.SIGINT, times=3)
    assert (code, "Traceback" in first.err) in ((0, False), (130, False)), first.err
    nursery.run(tmp_path, "journal", "verify").succeeded()


@proves(35)
def test_odd_numbers_in_a_config_are_refused_by_name(nursery: Nursery, home: Path) -> None:
    before = nursery.run(home, "instances", "config", "one").succeeded()
    for text in (
        "fast=1,5",
        "fast=\uff11\uff12",
        "fast=--1",
        "fast=",
        "fast=" + "9" * 40,
        "fast=1e-9",
    ):
        nursery.run(home, "instances", "config", "one", text).refused(2, "fast")
    for text in ("risk=nan", "risk=1e999", "risk=\uff11", "=", "nosuch=1", "\x1b[2J=1"):
        nursery.run(home, "instances", "config", "one", text).refused(2)
    assert nursery.run(home, "instances", "config", "one").succeeded() == before


FILES: dict[str, tuple[str, bytes, str, bool]] = {
    "theme: no TOML": (
        "themes/mine.toml",
        b"[looks\n",
        "themes/mine.toml: is not valid TOML",
        True,
    ),
    "theme: bytes": ("themes/mine.toml", b"\xff\xfe\x00", "line 1: is not UTF-8", True),
    "theme: huge": ("themes/mine.toml", b"#" * 2_000_000, "has more than 1,000,000 bytes", True),
    "theme: deep": ("themes/mine.toml", b"a=" + b"[" * 90_000, "is nested too deeply", True),
    "theme: digits": ("themes/mine.toml", b"a=" + b"9" * 5_000, "is not valid TOML", True),
    "theme: extends": (
        "themes/mine.toml",
        b"extends = []\n[looks]\n",
        "extends [], but there",
        True,
    ),
    "theme: look": ("themes/mine.toml", b"[looks]\nbase = '\\u001b[2J'\n", "looks.base: ", True),
    "theme: link": ("themes/mine.toml", b"[looks]\nbase = 'link http://x'\n", "looks.base: ", True),
    "keys: no TOML": ("keys.toml", b"[keys\n", "keys.toml: is not valid TOML", False),
    "keys: bytes": ("keys.toml", b"\xff", "keys.toml, line 1: is not UTF-8", False),
    "keys: digits": ("keys.toml", b"a=" + b"9" * 5_000, "keys.toml: is not valid TOML", False),
    "keys: unknown": ("keys.toml", b"[keys]\n'\\u001b[2J' = 'x'\n", "there is no binding", False),
    "keys: a key": ("keys.toml", b'[keys]\nwhy = "\\u001b[2J"\n', "is no key", False),
    "keys: taken": ("keys.toml", b"[keys]\nwhy = 'ctrl+z'\n", "cannot be bound", False),
}


@pytest.mark.parametrize("name", FILES)
def test_a_bad_theme_or_keys_file_is_one_sentence(
    name: str, nursery: Nursery, tmp_path: Path
) -> None:
    path, text, said, is_theme = FILES[name]
    file = tmp_path / "config" / "tradetui" / path
    file.parent.mkdir(parents=True)
    file.write_bytes(text)
    options = ("--theme", "mine") if is_theme else ()
    nursery.show(tmp_path, "run", *options).refused(2, said)
    listed = nursery.run(tmp_path, "themes" if is_theme else "keys")
    if is_theme:
        assert said in listed.succeeded()
    else:
        listed.refused(2, said)


@pytest.fixture
def console(nursery: Nursery, tmp_path: Path) -> Iterator[Terminal]:
    """The demo in a terminal."""
    env = {**environment(tmp_path), "TERM": "xterm-256color"}
    terminal = Terminal(["demo"], cols=100, rows=30, env=env, keep_raw=True, launcher=nursery)
    try:
        terminal.wait_for("gallery")
        yield terminal
    finally:
        terminal.close()


def resize(terminal: Terminal, cols: int, rows: int) -> None:
    fcntl.ioctl(terminal.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
    terminal.screen.resize(rows, cols)


def paste(terminal: Terminal, text: bytes) -> None:
    data = b"\x1b[200~" + text + b"\x1b[201~"
    while data:
        readable, writable, _ = select.select([terminal.fd], [terminal.fd], [], 5)
        if writable:
            data = data[os.write(terminal.fd, data[:1_024]) :]
        if readable:
            terminal.read(0)


@proves(28, 30, 34)
def test_a_console_that_is_treated_badly_goes_on(
    console: Terminal, nursery: Nursery, tmp_path: Path
) -> None:
    odd = random.Random(5)
    for _ in range(200):
        sizes = [(1, 1), (2, 1), (1, 50), (300, 1), (odd.randrange(1, 300), odd.randrange(1, 99))]
        resize(console, *odd.choice(sizes))
        console.read_for(0.002)
    resize(console, 100, 30)
    console.wait_for("gallery")
    console.press(":")
    paste(console, b"\x1b]52;c;QQ==\x07\x1b[2J[red]abc\n" * 50_000)
    console.wait_for("?]52;c;QQ==")
    console.press("escape", "escape")
    paste(console, b"qy\x1bqy!xo" * 1_000)
    console.wait_for("a paste outside a field is dropped")
    console.press("ctrl+c", "ctrl+c", "ctrl+c", pause=0.1)
    console.press("\x1c", "\x1a", "\x11", "\x13", "\x00", "\x7f", "\xff", pause=0.02)
    console.press("1", "?", pause=0.3)
    console.press("escape", pause=0.5)
    console.kill(signal.SIGTERM)
    assert console.wait(60) == 0
    assert not foreign(console.raw.decode().replace("\r", ""), *OURS)
    place = ("--state", tmp_path / "state" / "tradetui" / "demo")
    nursery.run(tmp_path, "journal", "verify", *place).succeeded()
