"""A start that is ended by a signal, or by its own first step, ends in one sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.recovery import write_bars
from tests.support.terminal import Terminal

from tradetui.storage.verify import verify

_AT_FIRST_IMPORT = """
import os, signal, sys
import tradetui.bootstrap as ours
real = ours.quick_imports
def asked_to_end():
    os.kill(os.getpid(), signal.SIGTERM)
    return real()
ours.quick_imports = asked_to_end
ours.main()
"""
_WHILE_IT_OPENS = """
import os, signal, sys
import tradetui.bootstrap.run.engine as engine
real = engine.start_run
async def asked_to_end(*wanted):
    os.kill(os.getpid(), signal.SIGTERM)
    return await real(*wanted)
engine.start_run = asked_to_end
from tradetui.bootstrap import main
main()
"""
_FIRST_STEP_FAILS = """
from tradetui.core.kernel import Kernel
def fail(self, event):
    raise AssertionError("a planted fault")
Kernel.apply_event = fail
from tradetui.bootstrap import main
main()
"""


def run(tmp_path: Path, program: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *words, "--state", str(tmp_path / "state")],
        capture_output=True,
        text=True,
        env=os.environ | {"XDG_CONFIG_HOME": str(tmp_path / "none")},
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("program", [_AT_FIRST_IMPORT, _WHILE_IT_OPENS])
async def test_a_signal_during_the_start_of_a_run_ends_it_with_code_0(
    tmp_path: Path, program: str
) -> None:
    bars = write_bars(tmp_path / "BTC_USD-1m.csv", 30)
    done = run(tmp_path, program, "demo", "--headless", "--replay", str(bars))
    assert done.returncode == 0, done.stderr
    assert "SIGTERM: stopped before the run had begun" in done.stderr
    journal = tmp_path / "state" / "journal.db"
    assert not journal.exists() or (await verify(journal)).fault == ""


def test_a_signal_ends_any_other_command_as_signals_do(tmp_path: Path) -> None:
    assert run(tmp_path, _AT_FIRST_IMPORT, "instances", "list").returncode == -15


@pytest.mark.parametrize("program", [_AT_FIRST_IMPORT, _WHILE_IT_OPENS])
def test_a_signal_during_the_start_of_the_console_ends_it_with_code_0(
    tmp_path: Path, program: str
) -> None:
    words = [sys.executable, "-c", program, "demo", "--state", str(tmp_path / "state")]
    terminal = Terminal(words, env={"XDG_CONFIG_HOME": str(tmp_path / "none")})
    try:
        assert terminal.wait() == 0
    finally:
        terminal.close()


def test_a_first_step_that_fails_says_one_sentence_and_where_to_look(tmp_path: Path) -> None:
    bars = write_bars(tmp_path / "BTC_USD-1m.csv", 30)
    done = run(tmp_path, _FIRST_STEP_FAILS, "demo", "--headless", "--replay", str(bars))
    assert done.returncode == 1
    said = [line for line in done.stderr.splitlines() if "planted fault" in line]
    assert len(said) == 1
    assert said[0].startswith("tradetui: step 1 (InstrumentUpdated) failed: AssertionError")
    assert "`tradetui engine recover`" in said[0]
    assert "Traceback" not in done.stderr


def test_a_first_step_that_fails_leaves_the_console_with_one_sentence(tmp_path: Path) -> None:
    words = [sys.executable, "-c", _FIRST_STEP_FAILS, "demo", "--state", str(tmp_path / "state")]
    terminal = Terminal(words, env={"XDG_CONFIG_HOME": str(tmp_path / "none")}, keep_raw=True)
    try:
        assert terminal.wait() == 1
    finally:
        terminal.close()
    text = terminal.raw.decode(errors="replace")
    assert text.count("a planted fault") == 1
    assert "Traceback" not in text
