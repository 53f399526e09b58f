"""The commands that read: status, positions, orders, fills, decisions, log."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from tradetui.cli.completing import INSTANCES, names
from tradetui.cli.options import csv_option, on_a_place, place_of, wiring
from tradetui.cli.output import exit_codes, print_fields, print_rows
from tradetui.cli.wiring import Place, Row

instance_option = click.option(
    "--instance",
    default=None,
    help="Only those of this instance.",
    shell_complete=names(INSTANCES),
)
limit_option = click.option(
    "--limit", type=click.IntRange(1, 1_000_000), default=50, help="At most so many, the newest."
)


def _print_rows(
    context: click.Context, place: Place, rows: list[Row], *, as_json: bool, empty: str
) -> None:
    """Print a list; where it is empty while a demo runs, say how to see that."""
    if not rows and not as_json:
        demo = wiring(context).status(place).get("demo")
        empty = f"{empty} here; the demo {demo}" if demo else empty
    print_rows(rows, as_json=as_json, empty=empty)


@click.command()
@on_a_place
def status(
    context: click.Context, /, as_json: bool, config: Path | None, state: Path | None
) -> None:
    """Show the engine, the money, the limits and every instance as of the last durable step."""
    with exit_codes():
        row = wiring(context).status(place_of(context, config, state))
        print_fields(row, as_json=as_json)


@click.command()
@csv_option
@on_a_place
def positions(
    context: click.Context, /, as_json: bool, config: Path | None, state: Path | None
) -> None:
    """List what is held, by instance and route."""
    with exit_codes():
        place = place_of(context, config, state)
        rows = wiring(context).positions(place)
        _print_rows(context, place, rows, as_json=as_json, empty="nothing is held")


@click.command()
@instance_option
@click.option("--all", "closed", is_flag=True, help="Also the newest closed ones.")
@click.option(
    "--limit", type=click.IntRange(1, 1_000_000), default=500, help="At most so many closed ones."
)
@csv_option
@on_a_place
def orders(
    context: click.Context,
    /,
    instance: str | None,
    closed: bool,
    limit: int,
    as_json: bool,
    config: Path | None,
    state: Path | None,
) -> None:
    """List the open orders; with --all first the closed ones, in the order in which they ended."""
    with exit_codes():
        place = place_of(context, config, state)
        rows = wiring(context).orders(place, instance=instance, closed=closed, limit=limit)
        _print_rows(context, place, rows, as_json=as_json, empty="no orders")


@click.command()
@instance_option
@limit_option
@csv_option
@on_a_place
def fills(
    context: click.Context,
    /,
    instance: str | None,
    limit: int,
    as_json: bool,
    config: Path | None,
    state: Path | None,
) -> None:
    """List the newest fills, also of runs that were carried on."""
    with exit_codes():
        place = place_of(context, config, state)
        rows = wiring(context).fills(place, instance=instance, limit=limit)
        _print_rows(context, place, rows, as_json=as_json, empty="no fills")


@click.command()
@instance_option
@limit_option
@click.option("--outcome", type=click.Choice(["allow", "modify", "reject"]), default=None)
@csv_option
@on_a_place
def decisions(
    context: click.Context,
    /,
    instance: str | None,
    limit: int,
    outcome: str | None,
    as_json: bool,
    config: Path | None,
    state: Path | None,
) -> None:
    """List the newest risk decisions; `why STEP` tells one in full."""
    with exit_codes():
        place = place_of(context, config, state)
        rows = wiring(context).decisions(place, instance=instance, limit=limit, outcome=outcome)
        _print_rows(context, place, rows, as_json=as_json, empty="no decisions")


_IDENTITY: Final = ("strategy", "account", "market")


@click.command()
@instance_option
@limit_option
@csv_option
@on_a_place
def log(
    context: click.Context,
    /,
    instance: str | None,
    limit: int,
    as_json: bool,
    config: Path | None,
    state: Path | None,
) -> None:
    """List acts, warnings and errors, the newest last."""
    with exit_codes():
        place = place_of(context, config, state)
        rows = wiring(context).log(place, instance=instance, limit=limit)
        if not as_json:  # whose an instance is, `instances list` says once
            rows = [{key: row[key] for key in row if key not in _IDENTITY} for row in rows]
        _print_rows(context, place, rows, as_json=as_json, empty="nothing logged")
