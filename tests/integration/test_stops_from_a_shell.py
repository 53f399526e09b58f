"""An engine in one process, and a shell that stops it: what it prints, and what is true then."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.outside import Done, Nursery

DEADLINE = 60.0


class Shell:
    """The next terminal, in the same state folder."""

    def __init__(self, nursery: Nursery, home: Path) -> None:
        self._nursery = nursery
        self._home = home

    def run(self, *words: str) -> Done:
        return self._nursery.run(self._home, *words, "--state", str(self._home / "folder"))

    def make_folder(self) -> None:
        """Make the state folder, with nothing in it."""
        (self._home / "folder").mkdir(mode=0o700)

    def read(self, *words: str) -> Any:
        return json.loads(self.run(*words, "--json").succeeded())

    def until_it_trades(self) -> None:
        """Wait until orders work at the venue; the engine has to load its strategies first."""
        end = time.monotonic() + DEADLINE
        while not self._has_orders():
            assert time.monotonic() < end, "no order came"
            time.sleep(0.1)

    def _has_orders(self) -> bool:
        """Whether a run has begun and holds an order; before, the answer is a refusal."""
        if not (self._home / "folder" / "journal.db").exists():
            return False
        done = self.run("orders", "--json")
        return done.code == 0 and json.loads(done.out) != []


@pytest.fixture
def shell(nursery: Nursery, tmp_path: Path) -> Shell:
    return Shell(nursery, tmp_path)


@pytest.fixture
def running(shell: Shell, nursery: Nursery, tmp_path: Path) -> Iterator[Shell]:
    """A demo without a screen that trades."""
    engine = nursery.begin(tmp_path, "demo", "--headless", "--state", tmp_path / "folder")
    try:
        shell.until_it_trades()
        yield shell
    finally:
        engine.end(signal.SIGKILL)


def active_states(shell: Shell) -> set[str]:
    instances = shell.read("status")["instances"]
    return {one["state"] for one in instances if one["mode"] == "active"}


def test_flatten_all_stops_cancels_and_says_so(running: Shell) -> None:
    running.run("kill", "--scope", "strategy:galery").refused(2, "did you mean gallery?")
    running.run("kill", "--scope", "route:nosuch").refused(2, "no route nosuch", "paper-main")
    running.run("flatten", "galery", "--yes").refused(2, "did you mean gallery?")
    said = running.run("flatten", "all", "--yes").succeeded()
    assert said.startswith("kill EXIT-ONLY (global), ")
    assert active_states(running) == {"exit-only"}
    working = [one for one in running.read("orders") if not one["route"].startswith("shadow")]
    assert [one for one in working if one["role"] == "ENTRY"] == []
    running.run("instances", "resume", "gallery")
    assert active_states(running) == {"exit-only"}
    running.run("release", "--yes", "--reason", "calm").succeeded()
    assert "exit-only" not in active_states(running)


def test_without_an_engine_a_name_that_does_not_exist_is_bad_input(shell: Shell) -> None:
    shell.run("kill").refused(2, "there is no such state folder. Nothing was done")
    shell.make_folder()
    shell.run("kill").refused(2, "nothing has run here and no instance is recorded")
    words = ("gallery", "--strategy", "grid", "--account", "paper/main", "--market", "XRP/USDT")
    shell.run("instances", "create", *words).succeeded()
    shell.run("kill", "--scope", "instrument:BTC/USD.SIM").refused(2, "BTC/USDT.SIM?")
    shell.run("kill", "--scope", "execution:paper/man").refused(2, "did you mean paper/main?")
    assert "at the next start" in shell.run("kill", "--scope", "strategy:gallery").succeeded()
