"""``tradetui strategies``: what is in the strategy folders, and a new file to begin with."""

from __future__ import annotations

from pathlib import Path

import click

from tradetui.cli.completing import STRATEGIES
from tradetui.cli.completing import names as names_of
from tradetui.cli.options import FILE, Call, csv_option, on_a_place
from tradetui.cli.output import Exit


@click.group()
def strategies() -> None:
    """List, show and check strategy files, or begin a new one."""


@strategies.command("list")
@csv_option
@on_a_place
def list_strategies(call: Call) -> None:
    """List what is in the strategies folders, without executing anything."""
    call.print_rows(call.wiring.list_strategies(call.place), empty="no strategies found")


@strategies.command("show")
@click.argument("name", shell_complete=names_of(STRATEGIES))
@on_a_place
def show(call: Call, name: str) -> None:
    """Show one strategy: file, hash, feeds, cadence, and every setting with its bounds."""
    call.print_fields(call.wiring.show_strategy(call.place, name))


@strategies.command("check")
@click.argument("names", nargs=-1, shell_complete=names_of(STRATEGIES))
@csv_option
@on_a_place
def check(call: Call, names: tuple[str, ...]) -> None:
    """Check strategies (all, or those named), each in a child process with limits."""
    rows = call.wiring.check_strategies(call.place, names)
    call.print_rows(rows, empty="no strategies found")
    if any(row["result"] != "ok" for row in rows):
        raise SystemExit(int(Exit.BAD_INPUT))


@strategies.command("new")
@click.argument("name")
@click.option("--folder", type=FILE, default=None, help="Where to (default: your own folder).")
@on_a_place
def new(call: Call, name: str, folder: Path | None) -> None:
    """Write a small working strategy to begin with; a file that exists is never overwritten."""
    call.print_fields(call.wiring.new_strategy(call.place, name, folder))
