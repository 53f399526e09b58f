"""``tradetui engine recover``: what it asks for, prints, and leaves with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tradetui.cli.main import cli
from tradetui.cli.wiring import Place


class Recovering:
    """Records what it was asked."""

    def __init__(self, is_deterministic: bool = True) -> None:
        self.is_deterministic = is_deterministic
        self.asked: dict[str, Any] = {}

    def recover(self, place: Place, **wanted: Any) -> dict[str, Any]:
        self.asked = {"state": place.state, **wanted}
        return {"replayed_steps": 7, "deterministic": self.is_deterministic}


def run(wiring: Recovering, *args: str) -> Result:
    return CliRunner().invoke(cli, ["engine", "recover", *args], obj=wiring)


def test_every_option_is_passed_on(tmp_path: Path) -> None:
    body, journal = tmp_path / "checkpoint", tmp_path / "journal.db"
    for file in (body, journal):
        file.touch()
    wiring = Recovering()
    result = run(
        wiring,
        *("--checkpoint", str(body), "--replay", str(journal), "--start-step", "9", "--strict"),
        *("--state", str(tmp_path), "--json"),
    )
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["replayed_steps"] == 7
    assert wiring.asked == {
        "state": tmp_path,
        "checkpoint": body,
        "replay": journal,
        "start_step": 9,
        "strict": True,
    }


@pytest.mark.parametrize(("is_deterministic", "code"), [(True, 0), (False, 1)])
def test_a_difference_is_shown_and_fails(is_deterministic: bool, code: int) -> None:
    result = run(Recovering(is_deterministic))
    assert result.exit_code == code
    assert "replayed_steps" in result.stdout


def test_a_step_below_the_first_is_bad_input() -> None:
    assert run(Recovering(), "--start-step", "0").exit_code == 2
