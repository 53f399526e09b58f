"""The commands that read: status, positions, orders, fills, decisions, log."""

from __future__ import annotations

from typing import Final

import click

from tradetui.cli.completing import INSTANCES, names
from tradetui.cli.options import Call, csv_option, on_a_place
from tradetui.cli.wiring import Row

instance_option = click.option(
    "--instance",
    default=None,
    help="Only those of this instance.",
    shell_complete=names(INSTANCES),
)
limit_option = click.option(
    "--limit",
    type=click.IntRange(1, 1_000_000),
    default=50,
    show_default=True,
    help="At most so many, the newest.",
)


def _print_rows(call: Call, rows: list[Row], *, empty: str) -> None:
    """Print a list; where it is empty while a demo runs, say how to see that."""
    if not rows and not call.as_json:
        demo = call.wiring.status(call.place).get("demo")
        empty = f"{empty} here; the demo {demo}" if demo else empty
    call.print_rows(rows, empty=empty)


@click.command()
@on_a_place
def status(call: Call) -> None:
    """Show the engine, the money, the limits and every instance as of the last durable step."""
    call.print_fields(call.wiring.status(call.place))


@click.command()
@csv_option
@on_a_place
def positions(call: Call) -> None:
    """List what is held, by instance and route."""
    rows = call.wiring.positions(call.place)
    _print_rows(call, rows, empty="nothing is held")


@click.command()
@instance_option
@click.option("--all", "closed", is_flag=True, help="Also the newest closed ones.")
@click.option(
    "--limit",
    type=click.IntRange(1, 1_000_000),
    default=500,
    show_default=True,
    help="At most so many closed ones.",
)
@csv_option
@on_a_place
def orders(call: Call, instance: str | None, closed: bool, limit: int) -> None:
    """List the open orders; with --all first the closed ones, in the order in which they ended."""
    rows = call.wiring.orders(call.place, instance=instance, closed=closed, limit=limit)
    _print_rows(call, rows, empty="no orders")


@click.command()
@instance_option
@limit_option
@csv_option
@on_a_place
def fills(call: Call, instance: str | None, limit: int) -> None:
    """List the newest fills, also of runs that were carried on.

    What an observing instance would have filled is on the screens of the console only.
    """
    rows = call.wiring.fills(call.place, instance=instance, limit=limit)
    _print_rows(call, rows, empty="no fills")


@click.command()
@instance_option
@limit_option
@click.option("--outcome", type=click.Choice(["allow", "modify", "reject"]), default=None)
@csv_option
@on_a_place
def decisions(call: Call, instance: str | None, limit: int, outcome: str | None) -> None:
    """List the newest risk decisions; `why STEP` tells one in full."""
    rows = call.wiring.decisions(call.place, instance=instance, limit=limit, outcome=outcome)
    _print_rows(call, rows, empty="no decisions")


_IDENTITY: Final = ("strategy", "account", "market")


@click.command()
@instance_option
@limit_option
@csv_option
@on_a_place
def log(call: Call, instance: str | None, limit: int) -> None:
    """List acts, warnings and errors, the newest last."""
    rows = call.wiring.log(call.place, instance=instance, limit=limit)
    if not call.as_json:  # whose an instance is, `instances list` says once
        rows = [{key: row[key] for key in row if key not in _IDENTITY} for row in rows]
    _print_rows(call, rows, empty="nothing logged")
