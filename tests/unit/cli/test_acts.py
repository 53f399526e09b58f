"""The commands that act: what they ask for, what they print, how they end.

Also the tests of ``cli/instances.py``, ``cli/operating.py``, ``cli/settings.py``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.support.wiring import Recorder

from tradetui.cli.main import cli
from tradetui.cli.wiring import Place


def invoke(recorder: Recorder, *args: str) -> Result:
    return CliRunner().invoke(cli, list(args), obj=recorder)


DONE = {"done": True, "text": "btc-mr paused: PAUSED"}
REFUSED = {"done": False, "text": "there is nothing to resume"}


@pytest.mark.parametrize(
    ("line", "door", "positional", "named"),
    [
        ("instances pause btc-mr", "steer", (Place(), "pause", "btc-mr"), {}),
        ("instances resume all", "steer", (Place(), "resume", "all"), {}),
        ("instances exit-only all", "steer", (Place(), "exit-only", "all"), {}),
        ("instances reload a", "steer", (Place(), "reload", "a"), {}),
        (
            "kill",
            "kill",
            (Place(),),
            {"scope": "all", "exit_only": False, "keep_entries": False, "reason": ""},
        ),
        (
            "kill --scope strategy:a --exit-only --keep-entries --reason chop",
            "kill",
            (Place(),),
            {"scope": "strategy:a", "exit_only": True, "keep_entries": True, "reason": "chop"},
        ),
        (
            "release --reason calm --yes",
            "release",
            (Place(),),
            {"scope": "all", "reason": "calm", "confirmed": True},
        ),
        (
            "flatten a --yes --state /tmp/s",
            "flatten",
            (Place(None, Path("/tmp/s")),),
            {"name": "a", "reason": "", "confirmed": True},
        ),
        (
            "flatten --scope instance:a --yes",
            "flatten",
            (Place(),),
            {"name": "instance:a", "reason": "", "confirmed": True},
        ),
        ("cancel a1", "cancel", (Place(),), {"order": "a1", "confirmed": False}),
    ],
)
def test_acts_reach_the_engine(
    line: str, door: str, positional: tuple[Any, ...], named: dict[str, Any]
) -> None:
    recorder = Recorder(DONE)
    result = invoke(recorder, *line.split())
    assert result.exit_code == 0, result.output
    assert recorder.calls == [(door, positional, named)]
    assert result.stdout == "btc-mr paused: PAUSED\n"


def test_to_flatten_names_whose_positions() -> None:
    result = invoke(Recorder(DONE), "flatten", "--yes")
    assert result.exit_code == 2
    assert "flatten NAME, or flatten all" in result.stderr


def test_a_refusal_ends_with_its_code() -> None:
    result = invoke(Recorder(REFUSED), "instances", "resume", "btc-mr")
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr == "tradetui: there is nothing to resume\n"
    as_json = invoke(Recorder(REFUSED), "instances", "resume", "btc-mr", "--json")
    assert as_json.exit_code == 3
    assert json.loads(as_json.stdout) == REFUSED


@pytest.mark.parametrize(
    ("line", "door"),
    [
        ("instances show a", "show_instance"),
        ("instances duplicate a b", "duplicate_instance"),
        ("instances restore a", "restore_instance"),
        ("strategies show grid", "show_strategy"),
        ("strategies new dip", "new_strategy"),
        ("config path", "config_paths"),
        ("config validate", "validate_config"),
        ("config schema", "config_schema"),
    ],
)
def test_rows_are_printed(line: str, door: str) -> None:
    recorder = Recorder({"id": "a", "mode": "off"})
    result = invoke(recorder, *line.split())
    assert result.exit_code == 0, result.output
    assert recorder.calls[0][0] == door
    assert "off" in result.stdout


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_the_schema_is_json_whether_one_asks_for_it_or_not(more: tuple[str, ...]) -> None:
    result = invoke(Recorder({"type": "object"}), "config", "schema", *more)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == {"type": "object"}


@pytest.mark.parametrize("line", ["config show", "themes", "keys"])
def test_tables_are_printed(line: str) -> None:
    recorder = Recorder([{"key": "ui.fps", "value": "10"}])
    result = invoke(recorder, *line.split())
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[0].split() == ["KEY", "VALUE"]
    as_json = invoke(Recorder([]), *line.split(), "--json")
    assert json.loads(as_json.stdout) == []


@pytest.mark.parametrize(
    ("shell", "mark"),
    [("bash", "complete -o nosort -F"), ("zsh", "#compdef tradetui"), ("fish", "complete --no-")],
)
def test_completion_scripts(shell: str, mark: str) -> None:
    result = invoke(Recorder(None), "completion", shell)
    assert result.exit_code == 0
    assert mark in result.stdout
    assert "_TRADETUI_COMPLETE" in result.stdout


def test_a_release_needs_a_reason() -> None:
    result = invoke(Recorder(DONE), "release", "--yes")
    assert result.exit_code == 2
    assert "--reason" in result.stderr


def test_a_check_that_fails_is_a_refusal_and_nothing_is_done() -> None:
    preview = {"id": "a", "mode": "active", "changes": ["z: 1 -> 2"], "check": "no such column"}
    for line in (("config", "a", "z=2", "--check"), ("reload", "a", "--check")):
        recorder = Recorder(preview)
        result = invoke(recorder, "instances", *line)
        assert result.exit_code == 3
        assert "the check fails: no such column. Nothing done." in result.stderr
        assert "z: 1 -> 2" in result.stdout
        assert [name for name, _, _ in recorder.calls] == [f"preview_{line[0]}"]


def test_a_check_needs_something_to_check() -> None:
    result = invoke(Recorder({}), "instances", "config", "a", "--check")
    assert result.exit_code == 2 and "--check goes with changes" in result.stderr
