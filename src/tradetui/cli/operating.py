"""The acts that stop and release trading, for the running engine."""

from __future__ import annotations

from typing import Any

import click

from tradetui.cli.completing import INSTANCES, ORDERS, names, scopes
from tradetui.cli.options import Call, on_a_place, reason_option, yes_option

scope_option = click.option(
    "--scope",
    default="all",
    metavar="SCOPE",
    help="all (default), or instance:NAME, account:NAME, market:SYMBOL, route:NAME.",
    shell_complete=scopes,
)


@click.command()
@scope_option
@click.option(
    "--exit-only", is_flag=True, help="Let exits and stops pass; without it only cancels do."
)
@click.option("--keep-entries", is_flag=True, help="Do not cancel working entry orders.")
@reason_option
@on_a_place
def kill(call: Call, **what: Any) -> None:
    """Engage a kill-switch: HALTED (only cancels leave), or exit-only.

    It is durable. Without a running engine it waits, and holds from the next start, before anything
    trades. Exit code 1: it is not known to hold (the engine has not answered, or could not be
    reached); the sentence says what to do.
    """
    call.print_reply(call.wiring.kill(call.place, **what))


@click.command()
@scope_option
@click.option("--reason", required=True, help="Why it is safe to trade again.")
@yes_option
@on_a_place
def release(call: Call, **what: Any) -> None:
    """Release a kill-switch; needs a reason and --yes."""
    call.print_reply(call.wiring.release(call.place, **what))


@click.command()
@click.argument("name", required=False, shell_complete=names(INSTANCES, "all"))
@click.option("--scope", help="NAME as `kill` takes it: all, or instance:NAME.")
@reason_option
@yes_option
@on_a_place
def flatten(call: Call, **what: Any) -> None:
    """Close at market: exit-only, cancel entries, then sell or buy back; NAME or `all`."""
    name = what.pop("scope") or what["name"]
    if name is None:
        raise click.UsageError("say whose positions: flatten NAME, or flatten all")
    what["name"] = name
    call.print_reply(call.wiring.flatten(call.place, **what))


@click.command()
@click.argument("order", shell_complete=names(ORDERS))
@yes_option
@on_a_place
def cancel(call: Call, **what: Any) -> None:
    """Cancel one open order by its client order id."""
    call.print_reply(call.wiring.cancel(call.place, **what))
