"""The options of every command that opens the console."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from tradetui.cli.screen_options import screen_options


@click.command()
@screen_options
def opening(**options: object) -> None:
    click.echo(sorted((name, value) for name, value in options.items() if value))


def test_none_is_chosen_unless_it_is_named() -> None:
    assert CliRunner().invoke(opening, []).output == "[]\n"


def test_each_reaches_the_command() -> None:
    words = ["--ascii", "--fps", "4", "--slow-link", "--mouse", "--theme", "light", "--read-only"]
    assert CliRunner().invoke(opening, words).output == (
        "[('ascii_only', True), ('fps', 4), ('mouse', True), ('read_only', True),"
        " ('slow_link', True), ('theme', 'light')]\n"
    )


@pytest.mark.parametrize("rate", ["0", "31", "x"])
def test_a_rate_that_no_screen_has_is_refused(rate: str) -> None:
    result = CliRunner().invoke(opening, ["--fps", rate])
    assert result.exit_code == 2
    assert "--fps" in result.output
