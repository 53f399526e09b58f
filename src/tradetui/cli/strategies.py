"""``tradetui strategies``: what is in the strategy folders, and a new file to begin with."""

from __future__ import annotations

from pathlib import Path

import click

from tradetui.cli.completing import STRATEGIES
from tradetui.cli.completing import names as names_of
from tradetui.cli.options import FILE, csv_option, on_a_place, place_of, wiring
from tradetui.cli.output import Exit, exit_codes, print_fields, print_rows


@click.group()
def strategies() -> None:
    """List, show and check strategy files, or begin a new one."""


@strategies.command("list")
@csv_option
@on_a_place
def list_them(
    context: click.Context, /, as_json: bool, config: Path | None, state: Path | None
) -> None:
    """List what is in the strategies folders, without executing anything."""
    with exit_codes():
        rows = wiring(context).list_strategies(place_of(context, config, state))
        print_rows(rows, as_json=as_json, empty="no strategies found")


@strategies.command("show")
@click.argument("name", shell_complete=names_of(STRATEGIES))
@on_a_place
def show(
    context: click.Context, /, name: str, as_json: bool, config: Path | None, state: Path | None
) -> None:
    """Show one strategy: file, hash, feeds, cadence, and every setting with its bounds."""
    with exit_codes():
        row = wiring(context).show_strategy(place_of(context, config, state), name)
        print_fields(row, as_json=as_json)


@strategies.command("check")
@click.argument("names", nargs=-1, shell_complete=names_of(STRATEGIES))
@csv_option
@on_a_place
def check(
    context: click.Context,
    /,
    names: tuple[str, ...],
    as_json: bool,
    config: Path | None,
    state: Path | None,
) -> None:
    """Check strategies (all, or those named), each in a child process with limits."""
    with exit_codes():
        rows = wiring(context).check_strategies(place_of(context, config, state), names)
        print_rows(rows, as_json=as_json, empty="no strategies found")
        if any(row["result"] != "ok" for row in rows):
            raise SystemExit(int(Exit.BAD_INPUT))


@strategies.command("new")
@click.argument("name")
@click.option("--folder", type=FILE, default=None, help="Where to (default: your own folder).")
@on_a_place
def new(
    context: click.Context,
    /,
    name: str,
    folder: Path | None,
    as_json: bool,
    config: Path | None,
    state: Path | None,
) -> None:
    """Write a small working strategy to begin with; a file that exists is never overwritten."""
    with exit_codes():
        row = wiring(context).new_strategy(place_of(context, config, state), name, folder)
        print_fields(row, as_json=as_json)
