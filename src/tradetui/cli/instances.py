"""``tradetui instances``: the records, and acts on single instances."""

from __future__ import annotations

from collections.abc import Callable

import click

from tradetui.cli.completing import INSTANCES, STRATEGIES, names
from tradetui.cli.options import Call, csv_option, on_a_place, yes_option
from tradetui.cli.output import is_interactive, say
from tradetui.cli.wiring import Row
from tradetui.services.errors import RefusedError

check_option = click.option(
    "--check", is_flag=True, help="Only say what would change: exit 0, or 3 if it would fail."
)
yes_to_active = click.option(
    "--yes", "confirmed", is_flag=True, help="Do not ask, also of an active instance."
)


@click.group()
def instances() -> None:
    """List, create, change and steer instances.

    Records live in the state folder; a running engine picks up every change within a second.
    """


@instances.command("list")
@csv_option
@on_a_place
def list_instances(call: Call) -> None:
    """List the records."""
    rows = call.wiring.list_instances(call.place)
    call.print_rows(rows, empty="no instances yet: tradetui instances create")


@instances.command("show")
@click.argument("name", shell_complete=names(INSTANCES))
@on_a_place
def show(call: Call, name: str) -> None:
    """Show a record, its config with when and by whom it was set, and its mode history."""
    call.print_fields(call.wiring.show_instance(call.place, name))


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
def create(call: Call, name: str, config_json: str, **what: str) -> None:
    """Create an instance, in mode off."""
    row = call.wiring.create_instance(call.place, name=name, config=config_json, **what)
    call.print_fields(row)


@instances.command("duplicate")
@click.argument("name", shell_complete=names(INSTANCES))
@click.argument("new_name")
@on_a_place
def duplicate(call: Call, name: str, new_name: str) -> None:
    """Create an instance, in mode off, that is like another one in all but its name."""
    call.print_fields(call.wiring.duplicate_instance(call.place, name, new_name))


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
def mode(call: Call, name: str, mode: str, confirmed: bool, keep_orders: bool) -> None:
    """Write an instance's mode."""
    if keep_orders and mode == "active":
        raise click.UsageError("--keep-orders goes with off and observe: it is for leaving active")
    row = call.wiring.set_mode(call.place, name, mode, confirmed=confirmed, keep_orders=keep_orders)
    call.print_fields(row)


@instances.command("config")
@click.argument("name", shell_complete=names(INSTANCES))
@click.argument("changes", nargs=-1)
@check_option
@yes_to_active
@on_a_place
def config_of(
    call: Call, name: str, changes: tuple[str, ...], check: bool, confirmed: bool
) -> None:
    """Show an instance's config, or change it: `tradetui instances config btc-mr z=2.5`.

    On a terminal the difference, the worst case and the check of the strategy are shown before,
    and of an active instance it is asked whether they shall hold.
    """
    if check and not changes:
        raise click.UsageError("--check goes with changes: z=2.5")

    def preview() -> Row:
        return call.wiring.preview_config(call.place, name, changes)

    if not changes:
        call.print_fields(call.wiring.get_config(call.place, name))
    elif not is_only_checked(call, preview, check=check, confirmed=confirmed):
        call.print_fields(call.wiring.set_config(call.place, name, changes))


@instances.command("delete")
@click.argument("name", shell_complete=names(INSTANCES))
@yes_option
@on_a_place
def delete(call: Call, name: str, confirmed: bool) -> None:
    """Delete an instance that is off, flat and without orders; kept 30 days."""
    call.print_fields(call.wiring.delete_instance(call.place, name, confirmed=confirmed))


@instances.command("restore")
@click.argument("name", shell_complete=names(INSTANCES))
@on_a_place
def restore(call: Call, name: str) -> None:
    """Bring a deleted instance back, in mode off."""
    call.print_fields(call.wiring.restore_instance(call.place, name))


def steering(verb: str, text: str) -> None:
    """Add a command that asks the running engine for an act on one instance, or on all."""

    @instances.command(verb, help=text)
    @click.argument("name", shell_complete=names(INSTANCES, "all"))
    @on_a_place
    def command(call: Call, name: str) -> None:
        call.print_reply(call.wiring.steer(call.place, verb, name))


steering("pause", "Pause a running instance (or `all`): no ticks, no entries; stops stay.")
steering("resume", "Let an instance (or `all`) go on that is PAUSED, HELD, exit-only or in ERROR.")
steering("exit-only", "Allow an instance (or `all`) exits only.")


@instances.command("reload")
@click.argument("name", shell_complete=names(INSTANCES))
@check_option
@yes_to_active
@on_a_place
def reload(call: Call, name: str, check: bool, confirmed: bool) -> None:
    """Load a running instance anew from its record and its file as they are now.

    On a terminal what changes, the worst case and the check of the file are shown before, and of an
    active instance it is asked whether they shall hold.
    """

    def preview() -> Row:
        return call.wiring.preview_reload(call.place, name)

    if not is_only_checked(call, preview, check=check, confirmed=confirmed):
        call.print_reply(call.wiring.steer(call.place, "reload", name))


def is_only_checked(
    call: Call, preview: Callable[[], Row], *, check: bool, confirmed: bool
) -> bool:
    """Show what would be done, where a person can see it or asked for it; tell whether that is all
    that was wanted (``--check``).

    Raises RefusedError when the check fails, and when a person does not agree to a change of an
    active instance.
    """
    if not check and not is_interactive():
        return False
    shown = preview()
    if check:
        call.print_fields(shown)
    else:
        for key, value in shown.items():
            for at, line in enumerate(value if isinstance(value, list) else [value]):
                say(f"{'' if at else key:<10}  {line}")
    if shown["check"] != "ok":
        raise RefusedError(f"the check fails: {shown['check']}. Nothing done.")
    if check or confirmed or shown["mode"] != "active":
        return check
    name = shown["id"]
    try:
        said = click.prompt(f"{name} is active; do it? [y/N]", "n", show_default=False, err=True)
    except click.Abort:
        raise KeyboardInterrupt from None
    if said != "y":
        raise RefusedError("not confirmed. Nothing done.")
    return False
