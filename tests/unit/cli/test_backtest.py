"""``tradetui backtest``: what it hands on, and how its summary reads."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.cli.test_acts import Recorder, invoke

from tradetui.cli.wiring import BacktestOptions, Place


def test_a_backtest_hands_on_its_files_and_prints_no_python() -> None:
    recorder = Recorder(
        {
            "trades": 2,
            "fees": {"BTC": "0.1", "BNB": "2"},
            "refusals": {},
            "instances": [{"instance": "a", "fees": {"BTC": "0.1"}, "max_drawdown": {}}],
        }
    )
    line = "backtest a.csv b.csv --instance a --instance b --keep /tmp/k --seed 3 --state /tmp/s"
    result = invoke(recorder, *line.split())
    assert result.exit_code == 0, result.output
    ((door, (options, _), _),) = recorder.calls
    assert door == "backtest"
    assert options == BacktestOptions(
        Place(None, Path("/tmp/s")),
        (Path("a.csv"), Path("b.csv")),
        None,
        ("a", "b"),
        Path("/tmp/k"),
        3,
    )
    assert "fees      0.10000000 BTC, 2.00000000 BNB" in result.stdout
    assert "refusals  -" in result.stdout
    assert "{" not in result.stdout
    wrong = invoke(Recorder({}), "backtest", "--instrument", "A/B")
    assert wrong.exit_code == 2 and "goes with FILES" in wrong.stderr


def test_a_backtest_that_was_broken_off_is_not_taken_for_a_whole_one() -> None:
    row = {"trades": 2, "steps": 1_204, "to": "2018-03-04 11:20:00", "broken_off": "SIGINT"}
    result = invoke(Recorder(row), "backtest", "a.csv", "--json")
    assert result.exit_code == 130
    assert '"broken_off": "SIGINT"' in result.stdout
    assert result.stderr == (
        "tradetui: SIGINT: broken off after 1,204 steps, at 2018-03-04 11:20:00 of the data, "
        "before the end of the files\n"
    )


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_demo_to_the_end_of_its_files_that_was_broken_off_says_so(name: str) -> None:
    row = {"trades": 0, "steps": 0, "to": "-", "broken_off": name}
    result = invoke(Recorder(row), "demo", "--replay", "a.csv", "--headless", "--until-end")
    assert result.exit_code == 130
    assert result.stderr == (
        f"tradetui: {name}: broken off at its start, before the end of the files\n"
    )
    assert f"broken_off  {name}" in result.stdout
    whole = invoke(Recorder({"trades": 0}), "demo", "--replay", "a.csv", "--headless")
    assert (whole.exit_code, whole.stderr) == (0, "")
