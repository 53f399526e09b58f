"""What counts as a crash, and what came back in words."""

from __future__ import annotations

from tradetui.bootstrap.comeback import was_crash
from tradetui.domain.ids import RunId
from tradetui.ports.history import RunInfo


def info(name: str, ended_how: str) -> RunInfo:
    return RunInfo(RunId(name), 0, None, ended_how, 1, "")


def test_a_crash_is_one_of_the_run_gone_on_with_or_of_a_later_start() -> None:
    runs = [info("a", "crashed"), info("b", "clean"), info("c", "clean")]
    assert was_crash(runs, RunId("a"))
    assert not was_crash(runs, RunId("b"))
    assert was_crash([*runs, info("d", "running")], RunId("b"))
    assert not was_crash(runs, RunId("gone"))
