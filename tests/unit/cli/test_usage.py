"""Wrong usages of the shell: one sentence with the mend, exit code 2, nothing done."""

from __future__ import annotations

from typing import Any

import click
import pytest
from click.testing import CliRunner

from tradetui.cli.main import cli
from tradetui.cli.usage import usage_text

WRONG = [
    ("--nosuch", "`tradetui` has no option --nosuch; `tradetui --help` tells what there is"),
    ("nosuch", "`tradetui` has no command 'nosuch'; `tradetui --help` tells what there is"),
    ("statsu", "`tradetui` has no command 'statsu', did you mean status?"),
    ("run --headles", "`tradetui run` has no option --headles, did you mean --headless?"),
    ("orders --limit x", "--limit: 'x' is no whole number (1 to 1000000); "),
    ("orders --limit -3", "--limit: -3 is out of bounds (1 to 1000000); "),
    ("engine recover --start-step 0", "--start-step: 0 is out of bounds (at least 1); "),
    ("backtest --seed x", "--seed: 'x' is no whole number; `tradetui backtest --help` tells"),
    ("orders --limit", "--limit wants a value behind it; "),
    ("why", "`tradetui why` wants ORDER|FILL|DECISION; `tradetui why --help` tells"),
    ("release --scope all", "`tradetui release` wants --reason; "),
    ("instances mode x on", "{off|observe|active}: 'on' is not one of 'off', 'observe', 'active'"),
    ("kill all", "`tradetui kill` does not know what to do with 'all'; `tradetui kill --help`"),
    ("keys a b", "`tradetui keys` does not know what to do with 'a b'; "),
]


@pytest.mark.parametrize(("line", "said"), WRONG)
def test_a_wrong_usage_is_one_sentence(line: str, said: str) -> None:
    result = CliRunner().invoke(cli, line.split())
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"tradetui: {said}")
    assert result.stderr.count("\n") == 1


def test_a_group_without_a_command_tells_its_commands() -> None:
    result = CliRunner().invoke(cli, ["journal"])
    assert result.exit_code == 2
    assert "verify" in result.stderr


def test_what_click_says_otherwise_is_passed_on() -> None:
    assert usage_text(click.UsageError("Odd.")) == "Odd; `tradetui --help` tells what there is"


@pytest.mark.parametrize(
    ("kind", "bounds"),
    [(click.IntRange(max=5), "(at most 5)"), (click.FloatRange(0.5, 2), "(0.5 to 2)")],
)
def test_bounds_of_other_numbers(kind: click.ParamType[Any], bounds: str) -> None:
    option = click.Option(["--n"], type=kind)
    context = click.Context(click.Command("x"), info_name="x")
    with pytest.raises(click.BadParameter) as caught:
        option.type_cast_value(context, "9")
    assert bounds in usage_text(caught.value)


def test_a_file_that_may_not_be_read_is_said_without_help() -> None:
    error = click.BadParameter("Path 'a.csv' is not readable.")
    assert usage_text(error) == "a.csv: is not readable; look at its permissions and its owner"
