"""The commands, with a wiring that only records what it was asked.

Also the tests of ``cli/strategies.py``.
"""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tradetui import __version__
from tradetui.cli import main
from tradetui.cli.main import cli
from tradetui.cli.wiring import Place, RunOptions
from tradetui.services.errors import RefusedError, RuntimeProblemError, UserError

SUMMARY: dict[str, Any] = {
    "trades": 3,
    "fees": "1.20 USDT",
    "refusals": [{"reason": "max_order_notional", "count": 2}],
    "plots": [
        {
            "title": "BTC/USDT",
            "price": [[float(i), 100.0 + i % 7] for i in range(600)],
            "fills": [(10.0, 103.0, "BUY"), (20.0, 106.0, "SELL")],
            "labels": ["00:00", "12:00", "24:00"],
        }
    ],
    "equity": [[float(i), 1000.0 + i] for i in range(50)],
    "equity_title": "equity, USDT",
    "labels": ["00:00", "24:00"],
    "no_colour": True,
}


class FakeWiring:
    """Records calls; raises ``error`` if one is set."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []
        self.error: Exception | None = None
        self.rows: list[dict[str, Any]] = [{"name": "ma_cross", "result": "ok", "ticks": 1.0}]

    def note(self, name: str, *details: Any) -> None:
        self.calls.append((name, details))
        if self.error:
            raise self.error

    def open_console(self, options: RunOptions) -> int:
        self.note("open_console", options)
        return 0

    def run_headless(self, options: RunOptions, say: Any) -> dict[str, Any]:
        self.note("run_headless", options)
        say("replaying")
        return SUMMARY

    def list_strategies(self, place: Place) -> list[dict[str, Any]]:
        self.note("list_strategies", place)
        return self.rows

    def check_strategies(self, place: Place, names: tuple[str, ...]) -> list[dict[str, Any]]:
        self.note("check_strategies", place, names)
        return self.rows

    def list_instances(self, place: Place) -> list[dict[str, Any]]:
        self.note("list_instances", place)
        return self.rows

    def create_instance(self, place: Place, **fields: str) -> dict[str, Any]:
        self.note("create_instance", place, fields)
        return {"id": fields["name"], "mode": "off"}

    def set_mode(
        self, place: Place, name: str, mode: str, *, confirmed: bool, keep_orders: bool
    ) -> dict[str, Any]:
        self.note("set_mode", name, mode, confirmed, keep_orders)
        return {"id": name, "mode": mode}

    def get_config(self, place: Place, name: str) -> dict[str, Any]:
        self.note("get_config", name)
        return {"id": name, "fields": [{"key": "z", "value": 2.0}]}

    def set_config(self, place: Place, name: str, changes: tuple[str, ...]) -> dict[str, Any]:
        self.note("set_config", name, changes)
        return {"id": name, "changed": True}

    def doctor(self, place: Place) -> list[dict[str, Any]]:
        self.note("doctor", place)
        return self.rows


@pytest.fixture
def fake() -> FakeWiring:
    return FakeWiring()


def invoke(fake: FakeWiring, *args: str) -> Result:
    return CliRunner().invoke(cli, list(args), obj=fake)


def test_without_a_command_it_opens_the_console(fake: FakeWiring) -> None:
    result = invoke(fake, "--ascii", "--fps", "4", "--state", "/tmp/s")
    assert result.exit_code == 0
    options = fake.calls[0][1][0]
    assert (options.ascii_only, options.frames_per_second) == (True, 4)
    assert options.place.state == Path("/tmp/s")


def test_version(fake: FakeWiring) -> None:
    assert invoke(fake, "--version").output.strip() == f"tradetui {__version__}"


def test_demo_takes_several_files_after_replay(fake: FakeWiring) -> None:
    result = invoke(fake, "demo", "--replay", "a.csv", "b.csv", "--speed", "100", "--headless")
    assert result.exit_code == 0
    options = fake.calls[0][1][0]
    assert options.replay == (Path("a.csv"), Path("b.csv"))
    assert (options.speed, options.demo) == (100, True)
    assert "max_order_notional" in result.output
    assert "replaying" in result.stderr


def test_demo_opens_the_console(fake: FakeWiring) -> None:
    assert invoke(fake, "demo").exit_code == 0
    assert fake.calls[0][0] == "open_console"


def test_demo_prints_json_without_the_series(fake: FakeWiring) -> None:
    result = invoke(fake, "demo", "--headless", "--json")
    assert set(json.loads(result.stdout)) == {"trades", "fees", "refusals"}


def test_demo_plots(fake: FakeWiring) -> None:
    result = invoke(fake, "demo", "--headless", "--until-end", "--plot")
    assert result.exit_code == 0
    assert "BTC/USDT" in result.stdout
    assert "equity, USDT" in result.stdout
    assert "B" in result.stdout


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("demo", "a.csv"), "go after --replay"),
        (("demo", "--plot"), "go with --headless"),
        (("demo", "--replay", "--headless"), "--replay wants files behind it, got '--headless'"),
        (("demo", "--speed", "0"), "0 is out of bounds (1 to 10000)"),
        (("demo", "--speed", "x"), "'x' is no whole number"),
        (("instances", "mode", "x", "on"), "is not one of"),
        (("nonsense",), "no command 'nonsense'"),
        (("--nonsense",), "no option --nonsense"),
        (("instances", "create", "x"), "wants --strategy"),
    ],
)
def test_bad_input_is_exit_code_2(fake: FakeWiring, args: tuple[str, ...], sentence: str) -> None:
    result = invoke(fake, *args)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert fake.calls == []


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UserError("no such market"), 2),
        (RefusedError("it is active"), 3),
        (RuntimeProblemError("disk full"), 1),
        (KeyboardInterrupt(), 130),
    ],
)
def test_errors_have_their_exit_codes(fake: FakeWiring, error: Exception, code: int) -> None:
    fake.error = error
    result = invoke(fake, "instances", "list")
    assert result.exit_code == code
    assert result.stderr.startswith("tradetui: ")
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_reads_have_json(fake: FakeWiring) -> None:
    for command in (
        ("strategies", "list"),
        ("strategies", "check"),
        ("instances", "list"),
        ("doctor",),
    ):
        assert json.loads(invoke(fake, *command, "--json").stdout) == fake.rows
        assert "ma_cross" in invoke(fake, *command).stdout


def test_failed_checks_have_exit_codes(fake: FakeWiring) -> None:
    fake.rows = [{"name": "broken", "result": "FAIL", "text": "line 3: invalid syntax"}]
    assert invoke(fake, "strategies", "check").exit_code == 2
    assert invoke(fake, "doctor").exit_code == 1


def test_instances_commands_pass_on_what_was_written(fake: FakeWiring) -> None:
    args = ("--strategy", "ma_cross", "--account", "paper/main", "--market", "BTC/USDT")
    assert invoke(fake, "instances", "create", "btc-1", *args).exit_code == 0
    assert invoke(fake, "instances", "mode", "btc-1", "active", "--yes").exit_code == 0
    assert invoke(fake, "instances", "config", "btc-1").exit_code == 0
    assert invoke(fake, "instances", "config", "btc-1", "z=2.5").exit_code == 0
    assert [name for name, _ in fake.calls] == [
        "create_instance",
        "set_mode",
        "get_config",
        "set_config",
    ]
    assert fake.calls[1][1] == ("btc-1", "active", True, False)


def test_a_mode_says_what_becomes_of_the_entry_orders(fake: FakeWiring) -> None:
    for words, kept in ((("--keep-orders",), True), (("--cancel-orders",), False), ((), False)):
        assert invoke(fake, "instances", "mode", "btc-1", "off", *words).exit_code == 0
        assert fake.calls[-1][1] == ("btc-1", "off", False, kept)
    refused = invoke(fake, "instances", "mode", "btc-1", "active", "--yes", "--keep-orders")
    assert refused.exit_code == 2
    assert "--keep-orders goes with off and observe" in refused.stderr
    assert len(fake.calls) == 3


def test_nothing_to_list_is_said_on_standard_error(fake: FakeWiring) -> None:
    fake.rows = []
    result = invoke(fake, "instances", "list")
    assert result.stdout == ""
    assert "no instances yet" in result.stderr


def test_run_opens_the_console_or_runs_without_one(fake: FakeWiring) -> None:
    assert invoke(fake, "run").exit_code == 0
    assert invoke(fake, "run", "--headless").exit_code == 0
    assert [name for name, _ in fake.calls] == ["open_console", "run_headless"]


@pytest.mark.parametrize("command", [("run",), ("run", "--headless"), ("demo",)])
def test_options_before_a_command_are_its_own(fake: FakeWiring, command: tuple[str, ...]) -> None:
    """A folder, or a wish only to look, must never be passed over."""
    before = ("--state", "here", "--config", "c.toml", "--read-only", "--fps", "3", "--ascii")
    assert invoke(fake, *before, *command).exit_code == 0
    assert invoke(fake, "--state", "there", *command, *before).exit_code == 0
    for _, (options, *_) in fake.calls:
        assert options.place == Place(Path("c.toml"), Path("here"))
        assert (options.read_only, options.frames_per_second, options.ascii_only) == (True, 3, True)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_the_first_start_asks_before_the_console_opens(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Greeting(FakeWiring):
        def first_run(self, place: Place, ask: Any, say: Any) -> str:
            self.note("first_run", ask("name? "))
            return "a profile was made"

    fake = Greeting()
    monkeypatch.setattr(sys, "stdin", Terminal("desk\n"))
    monkeypatch.setattr(sys, "stdout", Terminal())
    with pytest.raises(SystemExit) as left:
        cli([], obj=fake)
    assert left.value.code == 0
    assert [name for name, _ in fake.calls] == ["first_run", "open_console"]
    assert fake.calls[0][1] == ("desk",)
    assert "a profile was made" in capsys.readouterr().err


def test_who_leaves_the_first_start_hears_that_nothing_was_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Greeting(FakeWiring):
        def first_run(self, place: Place, ask: Any, say: Any) -> str:
            return str(ask("[5000] "))

    fake = Greeting()
    monkeypatch.setattr(sys, "stdin", Terminal(""))
    monkeypatch.setattr(sys, "stdout", Terminal())
    with pytest.raises(SystemExit) as left:
        cli([], obj=fake)
    assert left.value.code == 130
    said = capsys.readouterr().err
    assert said.strip().count("\n") == 0 and "nothing was written" in said
    assert fake.calls == [], "no console opens"


def test_the_end_of_the_input_is_a_wish_to_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(KeyboardInterrupt):
        main.ask("name? ")
