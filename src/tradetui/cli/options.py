"""Options that several commands share, and the way from a command to what does it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from tradetui.cli.output import CSV
from tradetui.cli.wiring import Place, RunOptions, Wiring

FILE: Final = click.Path(path_type=Path)

config_option = click.option(
    "--config", type=FILE, default=None, help="Config file (default: see `config path`)."
)
state_option = click.option("--state", type=FILE, default=None, help="State folder of the profile.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def _note_csv(context: click.Context, _: click.Parameter, is_chosen: bool) -> None:
    context.meta[CSV] = is_chosen


csv_option = click.option(
    "--csv",
    is_flag=True,
    expose_value=False,
    callback=_note_csv,
    help="Print CSV, safe for spreadsheets.",
)
"""For commands that print a list; ``output.print_rows`` heeds it."""
yes_option = click.option("--yes", "confirmed", is_flag=True, help="Confirm; nobody is asked.")
reason_option = click.option("--reason", default="", help="Why; it is kept in the audit.")


def on_a_place(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --json, --config and --state, and the click context, to a command."""
    for option in (state_option, config_option, json_option):
        command = option(command)
    return click.pass_context(command)


def wiring(context: click.Context) -> Wiring:
    """Return the doors that bootstrap gave us."""
    door: Wiring = context.find_root().obj
    return door


def place_of(context: click.Context, config: Path | None, state: Path | None) -> Place:
    """Combine a command's own --config and --state with those before the command."""
    root = context.find_root().params
    return Place(config or root.get("config"), state or root.get("state"))


def run_options(context: click.Context, given: dict[str, Any], **more: Any) -> RunOptions:
    """Build RunOptions from a command's own options and those before the command."""
    before = context.find_root().params
    options: dict[str, Any] = {name: own or before.get(name) for name, own in given.items()}
    return RunOptions(
        place=Place(options["config"], options["state"]),
        ascii_only=options["ascii_only"],
        frames_per_second=options["fps"],
        slow_link=options["slow_link"],
        mouse=options["mouse"],
        theme=options["theme"],
        read_only=options["read_only"],
        **more,
    )
