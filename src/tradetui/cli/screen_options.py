"""The options of everything that opens the console."""

from __future__ import annotations

from typing import Any, Final

import click

from tradetui.cli.completing import THEMES, names

SCREEN_OPTIONS: Final = (
    click.option("--ascii", "ascii_only", is_flag=True, help="Draw with plain ASCII."),
    click.option("--fps", type=click.IntRange(1, 30), default=None, help="Redraws a second."),
    click.option("--slow-link", is_flag=True, help="Draw once a second (else found out)."),
    click.option(
        "--mouse", is_flag=True, help="A click selects, the wheel moves (else the terminal's own)."
    ),
    click.option("--theme", default=None, help="Name of a theme.", shell_complete=names(THEMES)),
    click.option(
        "--read-only",
        is_flag=True,
        help="Only look: your acts are refused. An engine that is started trades all the same.",
    ),
)


def screen_options(command: Any) -> Any:
    """Add the options of everything that opens the console."""
    for option in reversed(SCREEN_OPTIONS):
        command = option(command)
    return command
