"""The first lines of the program: signals wait, characters can be written, the rest comes late."""

from __future__ import annotations

import gc
import io
import os
import runpy
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import tradetui.bootstrap as program
from tradetui.bootstrap import wiring
from tradetui.bootstrap.process.held_signals import HELD_SIGNALS, release_signals
from tradetui.cli import main as commands
from tradetui.cli import output


def waiting() -> set[int]:
    """Return the signals that are held back."""
    return set(signal.pthread_sigmask(signal.SIG_BLOCK, ()))


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    release_signals()
    gc.unfreeze()


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was said of the end of the output."""
    said: list[str] = []
    monkeypatch.setattr(output, "end_output", lambda: said.append("ended"))
    return said


def test_the_command_runs_with_the_signals_held_and_the_output_ended(
    monkeypatch: pytest.MonkeyPatch, ended: list[str]
) -> None:
    seen: list[Any] = []

    def cli(obj: Any) -> None:
        seen.extend((obj, waiting()))

    monkeypatch.delenv("PYDANTIC_DISABLE_PLUGINS", raising=False)
    monkeypatch.setattr(commands, "cli", cli)
    program.main()
    door, held = seen
    assert held.issuperset(HELD_SIGNALS)
    assert ended == ["ended"]
    assert os.environ["PYDANTIC_DISABLE_PLUGINS"] == "__all__"
    assert type(door).__name__ == "_LateWiring"


def test_the_output_is_ended_after_a_failure_too(
    monkeypatch: pytest.MonkeyPatch, ended: list[str]
) -> None:
    def cli(obj: Any) -> None:
        raise SystemExit(2)

    monkeypatch.setattr(commands, "cli", cli)
    with pytest.raises(SystemExit):
        program.main()
    assert ended == ["ended"]


class Door:
    """Stands for the wiring: what is asked of it, and which signals wait meanwhile."""

    def run_headless(self) -> set[int]:
        return waiting()

    def show_status(self) -> set[int]:
        return waiting()


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], set[int]]:
    """Ask the late wiring for something, as a command does that began with signals held."""
    monkeypatch.setattr(wiring, "Application", Door)

    def ask(name: str) -> set[int]:
        signal.pthread_sigmask(signal.SIG_BLOCK, HELD_SIGNALS)
        found: set[int] = getattr(program._LateWiring(), name)()
        return found

    return ask


def test_what_takes_signals_itself_gets_those_that_waited(
    late: Callable[[str], set[int]],
) -> None:
    assert late("run_headless").issuperset(HELD_SIGNALS)


def test_any_other_command_is_ended_by_a_signal_as_usual(late: Callable[[str], set[int]]) -> None:
    assert late("show_status").isdisjoint(HELD_SIGNALS)


def test_a_character_that_the_locale_has_not_is_a_question_mark(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    raw = io.BytesIO()
    plain = io.StringIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    monkeypatch.setattr(sys, "stderr", plain)
    program._write_any_character()
    print("µ and a")
    print("µ", file=plain)
    sys.stdout.flush()
    assert raw.getvalue() == b"? and a\n"
    assert plain.getvalue() == "µ\n"


def test_the_package_runs_as_the_command_does(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    monkeypatch.setattr(program, "main", lambda: called.append("main"))
    runpy.run_module("tradetui", run_name="__main__")
    assert called == ["main"]


def test_reading_the_module_runs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    monkeypatch.setattr(program, "main", lambda: called.append("main"))
    runpy.run_module("tradetui.__main__", run_name="tradetui.__main__")
    assert called == []
