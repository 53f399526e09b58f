"""What a change would do, from the command line to the state folder; nothing is written."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace
from tests.support.recorded import RecordedSource, header

from tradetui.bootstrap.commands import previews
from tradetui.bootstrap.wiring import Application
from tradetui.cli import instances
from tradetui.cli.main import cli
from tradetui.cli.wiring import Place
from tradetui.core.sequencer import Sequencer
from tradetui.domain.control import InstanceLoaded, InstanceUnloaded
from tradetui.domain.enums import InstanceMode, RunMode
from tradetui.domain.envelope import own_event
from tradetui.domain.ids import ExecutionId, InstrumentId, RunId, StrategyId
from tradetui.domain.instances import InstanceRecord
from tradetui.domain.risk import InstanceLimits
from tradetui.domain.steps import KernelConfig, StepRecord, StepResult
from tradetui.engine.session_config import SessionSettings


def run(state: Path, *args: str, typed: str = "") -> Result:
    line = [*args, "--state", str(state)]
    return CliRunner().invoke(cli, line, obj=Application(), input=typed)


def create(state: Path) -> None:
    args = ("--strategy", "ma_cross", "--account", "paper/main", "--market", "BTC/USDT")
    assert run(state, "instances", "create", "btc-1", *args).exit_code == 0


def version(state: Path) -> int:
    return int(json.loads(run(state, "instances", "list", "--json").stdout)[0]["config"])


def test_a_check_shows_difference_ratio_and_worst_case_and_writes_nothing(state: Path) -> None:
    create(state)
    before = version(state)
    result = run(state, "instances", "config", "btc-1", "slow=200", "--check", "--json")
    assert result.exit_code == 0, result.output
    row = json.loads(result.stdout)
    assert any(line.startswith("slow: ") and "-> 200  x" in line for line in row["changes"])
    assert any(line.startswith("may use") for line in row["worst_case"])
    assert row["check"] == "ok"
    assert version(state) == before


def test_a_check_of_the_same_says_that_nothing_changes(state: Path) -> None:
    create(state)
    result = run(state, "instances", "config", "btc-1", "fast=10", "--check")
    again = run(state, "instances", "config", "btc-1", "--json")
    value = next(f["value"] for f in json.loads(again.stdout)["fields"] if f["key"] == "fast")
    same = run(state, "instances", "config", "btc-1", f"fast={value}", "--check")
    assert result.exit_code == same.exit_code == 0
    assert "nothing changes" in same.stdout


def test_a_value_that_is_not_allowed_is_bad_input(state: Path) -> None:
    create(state)
    result = run(state, "instances", "config", "btc-1", "slow=abc", "--check")
    assert result.exit_code == 2
    assert "slow must be a whole number" in result.stderr


def test_a_check_of_a_reload_of_what_does_not_run(state: Path) -> None:
    create(state)
    result = run(state, "instances", "reload", "btc-1", "--check", "--json")
    assert result.exit_code == 0, result.output
    row = json.loads(result.stdout)
    assert row["file"] == "not loaded now" and row["check"] == "ok"


def test_on_a_terminal_an_active_instance_is_asked_about(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(state)
    assert run(state, "instances", "mode", "btc-1", "observe").exit_code == 0
    assert run(state, "instances", "mode", "btc-1", "active", "--yes").exit_code == 0
    before = version(state)
    monkeypatch.setattr(instances, "is_interactive", lambda: True)
    refused = run(state, "instances", "config", "btc-1", "slow=200", typed="\n")
    assert refused.exit_code == 3
    assert "slow: " in refused.stderr and "not confirmed. Nothing done." in refused.stderr
    assert version(state) == before
    agreed = run(state, "instances", "config", "btc-1", "slow=200", typed="y\n")
    assert agreed.exit_code == 0
    assert version(state) == before + 1
    told = run(state, "instances", "config", "btc-1", "slow=100", "--yes")
    assert told.exit_code == 0 and "do it?" not in told.stderr
    assert version(state) == before + 2


def test_a_reload_names_the_file_and_the_settings_that_differ(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(state)
    shown = json.loads(run(state, "strategies", "show", "ma_cross", "--json").stdout)
    seen = InstanceLoaded(
        StrategyId("btc-1"), "ma_cross", ExecutionId("paper/main"), InstrumentId("BTC/USDT.SIM"),
        InstanceMode.ACTIVE, InstanceLimits(budget=1), "", shown["sha256"], "op",
        config_json='{"slow": 5}',
    )  # fmt: skip
    monkeypatch.setattr(previews, "_running", lambda place, record: seen)
    row = json.loads(run(state, "instances", "reload", "btc-1", "--check", "--json").stdout)
    assert row["file"] == "as it was loaded"
    assert any(line.startswith("slow: 5 -> ") and "x" in line for line in row["changes"])
    seen = replace(seen, file_hash="3f9a1c07")
    row = json.loads(run(state, "instances", "reload", "btc-1", "--check", "--json").stdout)
    assert row["file"].startswith("3f9a1c07 -> ")


LOADED = InstanceLoaded(
    StrategyId("btc-1"), "ma_cross", ExecutionId("paper/main"), InstrumentId("BTC/USDT.SIM"),
    InstanceMode.ACTIVE, InstanceLimits(budget=1), "", "", "op",
)  # fmt: skip
OTHER = replace(LOADED, strategy_id=StrategyId("eth-1"))
NEWER = replace(LOADED, config_json='{"slow": 7}')


@pytest.mark.parametrize(
    ("acts", "found"),
    [
        ([LOADED, NEWER, OTHER], NEWER),
        ([LOADED, InstanceUnloaded(OTHER.strategy_id, "me")], LOADED),
        ([LOADED, InstanceUnloaded(LOADED.strategy_id, "me"), OTHER], None),
        ([InstanceUnloaded(LOADED.strategy_id, "me"), LOADED], LOADED),
        ([OTHER], None),
    ],
)
def test_what_runs_is_what_the_journal_loaded_last(
    state: Path, monkeypatch: pytest.MonkeyPatch, acts: list[Any], found: InstanceLoaded | None
) -> None:
    stamp = Sequencer().stamp
    steps = [StepRecord(stamp(own_event(act, 5)), (), (), (), StepResult()) for act in acts]
    config = KernelConfig(RunId("run-1"), RunMode.PAPER, "USD", (), ())
    source = RecordedSource().add(header(config, SessionSettings()), steps)
    monkeypatch.setattr(previews, "has_journal", lambda place: True)
    monkeypatch.setattr(previews, "opened", lambda place, run: nullcontext(source))
    place = Place(state=state)
    record = InstanceRecord(
        LOADED.strategy_id, "ma_cross", LOADED.execution_id, "BTC/USDT", InstanceMode.OFF, "{}"
    )
    assert previews._running(place, record) == found


def test_a_file_that_is_gone_fails_the_check(state: Path, tmp_path: Path) -> None:
    folder = tmp_path / "config" / "tradetui" / "strategies"
    folder.mkdir(parents=True)
    (folder / "mine.py").write_text(
        "from tradetui.strategy import Strategy\n\n\nclass Mine(Strategy):\n    pass\n", "utf-8"
    )
    args = ("--strategy", "mine", "--account", "paper/main", "--market", "BTC/USDT")
    assert run(state, "instances", "create", "m", *args).exit_code == 0
    (folder / "mine.py").write_text("class Mine(\n", "utf-8")
    result = run(state, "instances", "reload", "m", "--check")
    assert result.exit_code == 3
    assert "the check fails" in result.stderr and "Nothing done." in result.stderr


def test_the_end_of_the_input_is_no_yes(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    create(state)
    run(state, "instances", "mode", "btc-1", "observe")
    run(state, "instances", "mode", "btc-1", "active", "--yes")
    monkeypatch.setattr(instances, "is_interactive", lambda: True)
    before = version(state)
    ended = run(state, "instances", "config", "btc-1", "slow=200")
    assert ended.exit_code == 130 and version(state) == before
