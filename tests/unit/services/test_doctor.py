"""The doctor: every check has its ok, its warning and its failure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tradetui.config.errors import ConfigError
from tradetui.config.finding import Found
from tradetui.config.loading import LoadedConfig, load_config
from tradetui.config.resources import shipped_config
from tradetui.ports.store import StoreError
from tradetui.services import doctor
from tradetui.services.doctor import (
    FAIL,
    OK,
    SOME_TIME_AGO,
    WARN,
    Check,
    Patient,
    check_config,
    check_python,
    check_strategies,
    check_terminal,
    check_tmux,
    examine,
)

UTF8 = {"TERM": "xterm-256color", "LANG": "C.UTF-8"}


class FakeProbe:
    """A folder that answers as told."""

    def __init__(self, answers: dict[str, str | Exception] | None = None, last: int = 0) -> None:
        self.answers = answers or {}
        self.last = last

    def _answer(self, name: str) -> str:
        answer = self.answers.get(name, "sound")
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def check_folder(self, folder: Path) -> str:
        return self._answer("folder")

    async def check_state(self, folder: Path) -> str:
        return self._answer("state")

    async def check_journal(self, folder: Path) -> str:
        return self._answer("journal")

    async def last_time(self, folder: Path) -> int:
        if self.last < 0:
            raise StoreError("unreadable")
        return self.last


def demo() -> LoadedConfig:
    return load_config(Found(shipped_config("demo"), "shipped"))


def patient(catalogue: Any, **changes: Any) -> Patient:
    values: dict[str, Any] = {
        "folder": Path("/state"),
        "config": demo,
        "catalogue": catalogue,
        "storage": FakeProbe(),
        "environment": UTF8,
        "now": SOME_TIME_AGO + 5,
        "is_terminal": True,
    }
    return Patient(**{**values, **changes})


def by_name(checks: tuple[Check, ...]) -> dict[str, Check]:
    return {check.check: check for check in checks}


async def test_a_sound_machine(catalogue: Any) -> None:
    catalogue.infos = catalogue.infos[1:]
    checks = await examine(patient(catalogue))
    assert [check.result for check in checks] == [OK] * 9
    assert [check.check for check in checks] == [
        "python",
        "terminal",
        "tmux",
        "config",
        "strategies",
        "state folder",
        "state.db",
        "journal.db",
        "clock",
    ]


async def test_one_failing_check_stops_no_other(catalogue: Any) -> None:
    probe = FakeProbe({"state": StoreError("state.db: is damaged"), "folder": OSError("odd")})
    checks = by_name(await examine(patient(catalogue, storage=probe)))
    assert checks["state.db"] == Check("state.db", FAIL, "state.db: is damaged")
    assert checks["state folder"].result == FAIL
    assert checks["journal.db"].result == OK


def test_a_python_that_is_too_old_fails() -> None:
    assert check_python((3, 11, 7)) == Check("python", OK, "3.11.7")
    assert check_python((3, 10, 2)).result == FAIL


@pytest.mark.parametrize(
    ("environment", "is_terminal", "result", "said"),
    [
        (UTF8, True, OK, "xterm-256color, UTF-8"),
        ({**UTF8, "LC_ALL": "de_DE.utf8"}, True, OK, "UTF-8"),
        (UTF8, False, WARN, "only --headless"),
        ({"TERM": "dumb"}, True, FAIL, "TERM is dumb"),
        ({}, True, FAIL, "TERM is not set"),
        ({"TERM": "linux", "LANG": "C"}, True, WARN, "locale C is not UTF-8: use --ascii"),
        ({"TERM": "linux"}, True, WARN, "locale not set is not UTF-8"),
        ({"TERM": "x", "LC_ALL": "C", "LANG": "C.UTF-8"}, True, WARN, "locale C"),
    ],
)
def test_a_terminal_that_cannot_show_the_console_is_said(
    environment: dict[str, str], is_terminal: bool, result: str, said: str
) -> None:
    check = check_terminal(environment, is_terminal=is_terminal)
    assert check.result == result
    assert said in check.text


@pytest.fixture
def fake_tmux(tmp_path: Path) -> Callable[[str], dict[str, str]]:
    """Puts a tmux into the path that runs a line of shell."""

    def make(line: str) -> dict[str, str]:
        tool = tmp_path / "tmux"
        tool.write_text(f"#!/bin/sh\n{line}\n")
        tool.chmod(0o755)
        return {"TMUX": "/tmp/tmux-0/default", "PATH": f"{tmp_path}:/usr/bin:/bin"}

    return make


async def test_tmux_that_draws_utf8(
    fake_tmux: Callable[[str], dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = fake_tmux('test "$1 $2 $3" = "display -p #{client_utf8}" && echo 1')
    monkeypatch.setenv("PATH", environment["PATH"])
    assert (await check_tmux(environment)).result == OK


async def test_tmux_that_does_not(
    fake_tmux: Callable[[str], dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = fake_tmux("echo 0")
    monkeypatch.setenv("PATH", environment["PATH"])
    check = await check_tmux(environment)
    assert check == Check(
        "tmux", WARN, "its client does not draw UTF-8: use --ascii, or start tmux -u"
    )


async def test_tmux_that_hangs(
    fake_tmux: Callable[[str], dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = fake_tmux("exec sleep 60")
    monkeypatch.setenv("PATH", environment["PATH"])
    monkeypatch.setattr(doctor, "_TMUX_TIMEOUT", 0.05)
    check = await check_tmux(environment)
    assert (check.result, check.text) == (WARN, "tmux did not answer (timeout)")


async def test_no_tmux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await check_tmux({})).result == OK
    monkeypatch.setenv("PATH", str(tmp_path))
    check = await check_tmux({"TMUX": "x", "PATH": str(tmp_path)})
    assert check.result == WARN


@pytest.mark.parametrize("name", ["SSH_TTY", "SSH_CONNECTION"])
async def test_a_line_that_can_break_without_tmux(name: str) -> None:
    check = await check_tmux({name: "x"})
    assert check.result == WARN
    assert "a line that breaks stops the console and its engine" in check.text
    assert await check_tmux({name: "x", "STY": "1.pts"}) == Check("tmux", OK, "inside screen")


def test_config(tmp_path: Path) -> None:
    assert check_config(demo).text.endswith("demo.toml (shipped)")

    def broken() -> LoadedConfig:
        raise ConfigError("c.toml, line 3: x: y")

    assert check_config(broken) == Check("config", FAIL, "c.toml, line 3: x: y")
    path = tmp_path / "c.toml"
    path.write_text(shipped_config("demo").read_text().replace("5_000", "500_000"))
    check = check_config(lambda: load_config(Found(path, "your own")))
    assert check.result == WARN
    assert "is more than all opening cash" in check.text


def test_strategies(catalogue: Any) -> None:
    check = check_strategies(catalogue)
    assert check.result == WARN
    assert check.text == "1 of 3 cannot be used: broken: line 3: invalid syntax"
    catalogue.infos = ()
    assert check_strategies(catalogue) == Check("strategies", WARN, "none found")


@pytest.mark.parametrize(
    ("now", "last", "result", "said"),
    [
        (SOME_TIME_AGO - 1, 0, FAIL, "set the clock"),
        (SOME_TIME_AGO + 5, SOME_TIME_AGO + 6, FAIL, "before the last act on record"),
        (SOME_TIME_AGO + 5, SOME_TIME_AGO + 5, OK, "2024-10-04 00:00:00 UTC"),
        (SOME_TIME_AGO + 5, -1, OK, "2024-10-04"),
    ],
)
async def test_clock(catalogue: Any, now: int, last: int, result: str, said: str) -> None:
    checks = by_name(await examine(patient(catalogue, now=now, storage=FakeProbe(last=last))))
    assert checks["clock"].result == result
    assert said in checks["clock"].text
