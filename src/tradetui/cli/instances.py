"""``tradetui instances``: the records, and acts on single instances."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tradetui.cli.completing import INSTANCES, STRATEGIES, names
from tradetui.cli.options import on_a_place, place_of, wiring, yes_option
from tradetui.cli.output import exit_codes, print_fields, print_reply, print_rows


@click.group()
def instances() -> None:
    """List, create, change and steer instances.

    Records live in the state folder; a running engine picks up every change within a second.
    """


@instances.command("list")
@on_a_place
def list_them(
    context: click.Context, /, as_json: bool, config: Path | None, state: Path | None
) -> None:
    """List the records."""
    with exit_codes():
        rows = wiring(context).list_instances(place_of(context, config, state))
        print_rows(rows, as_json=as_json, empty="no instances yet: tradetui instances create")


@instances.command("show")
@click.argument("name", shell_complete=names(INSTANCES))
@on_a_place
def show(
    context: click.Context, /, name: str, as_json: bool, config: Path | None, state: Path | None
) -> None:
    """Show a record, its config and its mode history."""
    with exit_codes():
        row = wiring(context).show_instance(place_of(context, config, state), name)
        print_fields(row, as_json=as_json)


@instances.command("create")
@click.argument("name")
@click.option(
    "--strategy",
    required=True,
    help="Name of the strategy file, without .py.",
    shell_complete=names(STRATEGIES),
)
@click.option("--account", required=True, help="Execution context, for example paper/main.")
@click.option("--market", required=True, help="Canonical symbol, for example BTC/USDT.")
@click.option("--config-json", default="{}", help="Config as a JSON object; the rest are defaults.")
@on_a_place
def create(
    context: click.Context,
    /,
    name: str,
    as_json: bool,
    config: Path | None,
    state: Path | None,
    config_json: str,
    **what: str,
) -> None:
    """Create an instance, in mode off."""
    with exit_codes():
        place = place_of(context, config, state)
        row = wiring(context).create_instance(place, name=name, config=config_json, **what)
        print_fields(row, as_json=as_json)


@instances.command("duplicate")
@click.argument("name", shell_complete=names(INSTANCES))
@click.argument("new_name")
@on_a_place
def duplicate(
    context: click.Context,
    /,
    name: str,
    new_name: str,
    as_json: bool,
    config: Path | None,
    state: Path | None,
) -> None:
    """Create an instance, in mode off, that is like another one in all but its name."""
    with exit_codes():
        place = place_of(context, config, state)
        row = wiring(context).duplicate_instance(place, name, new_name)
        print_fields(row, as_json=as_json)


@instances.command("mode")
@click.argument("name", shell_complete=names(INSTANCES))
@click.argument("mode", type=click.Choice(["off", "observe", "active"]))
@click.option("--yes", "confirmed", is_flag=True, help="Needed to become active.")
@click.option(
    "--keep-orders/--cancel-orders",
    default=False,
    help="What becomes of the entry orders when it leaves active; they are cancelled unless kept. "
    "Positions, exits and stops always stay.",
)
@on_a_place
def mode(
    context: click.Context,
    /,
    name: str,
    mode: str,
    confirmed: bool,
    keep_orders: bool,
    as_json: bool,
    config: Path | None,
    state: Path | None,
) -> None:
    """Write an instance's mode."""
    if keep_orders and mode == "active":
        raise click.UsageError("--keep-orders goes with off and observe: it is for leaving active")
    with exit_codes():
        place = place_of(context, config, state)
        row = wiring(context).set_mode(
            place, name, mode, confirmed=confirmed, keep_orders=keep_orders
        )
        print_fields(row, as_json=as_json)


@instances.command("config")
@click.argument("name", shell_complete=names(INSTANCES))
@click.argument("changes", nargs=-1)
@on_a_place
def config_of(
    context: click.Context,
    /,
    name: str,
    changes: tuple[str, ...],
    as_json: bool,
    config: Path | None,
    state: Path | None,
) -> None:
    """Show an instance's config, or change it: `tradetui instances config btc-mr z=2.5`."""
    with exit_codes():
        place = place_of(context, config, state)
        door = wiring(context)
        row = door.set_config(place, name, changes) if changes else door.get_config(place, name)
        print_fields(row, as_json=as_json)


@instances.command("delete")
@click.argument("name", shell_complete=names(INSTANCES))
@yes_option
@on_a_place
def delete(
    context: click.Context,
    /,
    name: str,
    confirmed: bool,
    as_json: bool,
    config: Path | None,
    state: Path | None,
) -> None:
    """Delete an instance that is off, flat and without orders; kept 30 days."""
    with exit_codes():
        place = place_of(context, config, state)
        row = wiring(context).delete_instance(place, name, confirmed=confirmed)
        print_fields(row, as_json=as_json)


@instances.command("restore")
@click.argument("name", shell_complete=names(INSTANCES))
@on_a_place
def restore(
    context: click.Context, /, name: str, as_json: bool, config: Path | None, state: Path | None
) -> None:
    """Bring a deleted instance back, in mode off."""
    with exit_codes():
        row = wiring(context).restore_instance(place_of(context, config, state), name)
        print_fields(row, as_json=as_json)


def steering(verb: str, text: str) -> None:
    """Add a command that asks the running engine for an act on one instance, or on all."""

    @instances.command(verb, help=text)
    @click.argument("name", shell_complete=names(INSTANCES, "all"))
    @on_a_place
    def command(context: click.Context, /, name: str, as_json: bool, **place: Any) -> None:
        with exit_codes():
            door = wiring(context)
            print_reply(door.steer(place_of(context, **place), verb, name), as_json=as_json)


steering("pause", "Pause a running instance (or `all`): no ticks, no entries; stops stay.")
steering("resume", "Let an instance (or `all`) go on that is PAUSED, HELD, exit-only or in ERROR.")
steering("exit-only", "Allow an instance (or `all`) exits only.")
steering("reload", "Load a running instance anew from its record and its file as they are now.")
