"""What the shell offers for a name: instances, strategies, themes, orders, kill-switch scopes.

Pressing Tab must never print an error or wait: whatever prevents an answer, nothing is offered.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import click

from tradetui.cli.options import place_of, wiring

INSTANCES: Final = "instances"
STRATEGIES: Final = "strategies"
THEMES: Final = "themes"
ORDERS: Final = "orders"
SCOPES: Final = ("all", "instance:", "account:", "market:", "route:")

Complete = Callable[[click.Context, click.Parameter, str], list[str]]


def names(kind: str, *more: str) -> Complete:
    """Return what completes names of a kind, with some words beside them."""

    def complete(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
        return [word for word in (*more, *known(context, kind)) if word.startswith(incomplete)]

    return complete


def scopes(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Complete ``instance:NAME`` and the other scopes of a kill-switch."""
    found = (*SCOPES, *(f"instance:{name}" for name in known(context, INSTANCES)))
    return [word for word in found if word.startswith(incomplete)]


def known(context: click.Context, kind: str) -> tuple[str, ...]:
    """Return the names of a kind at the place that the line names so far."""
    params = context.params
    try:
        place = place_of(context, params.get("config"), params.get("state"))
        return wiring(context).known_names(place, kind)
    except Exception:  # noqa: BLE001 - the edge to a shell's Tab key: no error may be printed there
        return ()
