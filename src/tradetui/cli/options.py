"""Options that several commands share, and the way from a command to what does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, Final

import click

from tradetui.cli.output import CSV, exit_codes, print_fields, print_reply, print_rows
from tradetui.cli.wiring import Place, Row, RunOptions, Wiring

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


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a command: what does it, for which place, and how its answer is printed."""

    wiring: Wiring
    place: Place
    as_json: bool

    def print_rows(
        self, rows: list[Row], *, empty: str, narrow: Callable[[Row], Row] | None = None
    ) -> None:
        """Print a list; ``empty`` is said when there is nothing in it, ``narrow`` makes of a row
        what a narrow terminal has room for.
        """
        print_rows(rows, as_json=self.as_json, empty=empty, narrow=narrow)

    def print_fields(self, row: Row) -> None:
        """Print one row, a line for each of its fields."""
        print_fields(row, as_json=self.as_json)

    def print_reply(self, reply: Row) -> None:
        """Print the engine's answer to an act; one that was refused ends with the code for that."""
        print_reply(reply, as_json=self.as_json)


def on_a_place(command: Callable[..., None]) -> Callable[..., None]:
    """Add --json, --config and --state to a command, which gets a ``Call`` and its own options; our
    errors become one sentence and the exit code.
    """

    @click.pass_context
    @wraps(command)
    def run(
        context: click.Context,
        /,
        *,
        as_json: bool,
        config: Path | None,
        state: Path | None,
        **own: Any,
    ) -> None:
        with exit_codes():
            command(Call(wiring(context), place_of(context, config, state), as_json), **own)

    whole: Callable[..., None] = run
    for option in (state_option, config_option, json_option):
        whole = option(whole)
    return whole


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
