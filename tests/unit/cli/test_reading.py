"""The commands that read: what they ask for and how they print it.

Also the tests of ``cli/options.py``, ``cli/travel.py``.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.support.wiring import Recorder

from tradetui.cli.main import cli
from tradetui.cli.wiring import JournalPart, Place


class Empty(Recorder):
    """Has nothing to list, and a status."""

    def __init__(self, row: dict[str, str]) -> None:
        super().__init__([])
        self._row = row

    def status(self, place: Place) -> dict[str, str]:
        return self._row


@pytest.mark.parametrize(
    ("line", "door", "named"),
    [
        ("positions", "positions", {}),
        ("orders", "orders", {"instance": None, "closed": False, "limit": 500}),
        ("orders --all --instance a", "orders", {"instance": "a", "closed": True, "limit": 500}),
        ("fills --limit 3", "fills", {"instance": None, "limit": 3}),
        (
            "decisions --outcome reject",
            "decisions",
            {"instance": None, "limit": 50, "outcome": "reject"},
        ),
        ("log --instance a", "log", {"instance": "a", "limit": 50}),
    ],
)
def test_lists(line: str, door: str, named: dict[str, Any]) -> None:
    recorder = Recorder([{"order": "a1", "state": "open"}])
    result = CliRunner().invoke(cli, line.split(), obj=recorder)
    assert result.exit_code == 0, result.output
    assert recorder.calls == [(door, (Place(),), named)]
    assert result.stdout.splitlines()[0].split() == ["ORDER", "STATE"]
    empty = CliRunner().invoke(cli, [*line.split(), "--json"], obj=Recorder([]))
    assert json.loads(empty.stdout) == []


def test_status_is_a_page() -> None:
    recorder = Recorder({"engine": "runs", "instances": [{"id": "a"}]})
    result = CliRunner().invoke(cli, ["status"], obj=recorder)
    assert result.exit_code == 0
    assert "engine  runs" in result.stdout and "ID" in result.stdout


@pytest.mark.parametrize("line", ["positions", "orders", "fills", "decisions", "log"])
def test_an_empty_list_says_where_the_demo_runs(line: str) -> None:
    beside = Empty({"demo": "runs, elsewhere: say --state /d"})
    result = CliRunner().invoke(cli, [line], obj=beside)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.endswith(" here; the demo runs, elsewhere: say --state /d\n")
    as_json = CliRunner().invoke(cli, [line, "--json"], obj=beside)
    assert (as_json.stdout, as_json.stderr) == ("[]\n", "")


def test_delete_asks_for_a_confirmation() -> None:
    recorder = Recorder({"id": "a", "mode": "deleted"})
    CliRunner().invoke(cli, ["instances", "delete", "a", "--yes"], obj=recorder)
    assert recorder.calls == [("delete_instance", (Place(), "a"), {"confirmed": True})]


def test_travel_opens_the_console() -> None:
    recorder = Recorder(0)
    result = CliRunner().invoke(cli, ["travel", "--run", "r1", "--at", "14:30"], obj=recorder)
    assert result.exit_code == 0
    name, positional, _ = recorder.calls[0]
    assert (name, positional[1]) == ("open_travel", JournalPart(None, "r1", "14:30"))


def test_whose_an_instance_is_stands_in_the_json_of_the_log() -> None:
    row = {"text": "x", "instance": "a", "strategy": "grid", "account": "paper/main", "market": "B"}
    plain = CliRunner().invoke(cli, ["log"], obj=Recorder([row]))
    assert "grid" not in plain.output and "INSTANCE" in plain.output
    told = CliRunner().invoke(cli, ["log", "--json"], obj=Recorder([row]))
    assert json.loads(told.output) == [row]


def invoke(recorder: Recorder, *words: str) -> Result:
    return CliRunner().invoke(cli, words, obj=recorder)


def test_lists_are_printed_as_csv_for_spreadsheets() -> None:
    rows = [
        {
            "id": "a",
            "fee": "1,000.5 BTC",
            "reason": "=cmd()",
            "steps": [1, 2],
            "is": True,
            "n": None,
        },
        {"id": "b", "fee": None, "reason": "x\x1b[2J", "steps": [], "is": False, "n": 3},
    ]
    result = invoke(Recorder(rows), "fills", "--csv")
    assert result.exit_code == 0, result.output
    assert result.stdout == (
        "id,fee,fee_currency,reason,steps,is,n\n"
        'a,1000.5,BTC,\'=cmd(),"1, 2",true,\n'
        "b,,,x?[2J,,false,3\n"
    )
    nothing = invoke(Empty({}), "orders", "--csv")
    assert (nothing.stdout, nothing.stderr) == ("", "no orders\n")
    both = invoke(Recorder(rows), "log", "--csv", "--json")
    assert (both.exit_code, both.stdout) == (2, "")
    assert "--json and --csv exclude each other" in both.stderr


@pytest.mark.parametrize(
    "line",
    ["positions", "instances list", "strategies list", "config show", "themes", "keys",
     "journal runs"],
)  # fmt: skip
def test_every_list_has_csv(line: str) -> None:
    result = invoke(Recorder([{"id": "a", "result": "ok"}]), *line.split(), "--csv")
    assert result.stdout == "id,result\na,ok\n"
