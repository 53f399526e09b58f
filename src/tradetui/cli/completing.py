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

BASH: Final = r"""_tradetui_completion() {
    local IFS=$'\n'
    local completion cword=-1 kept response type value word words=()

    # bash parts words at ":" and "=", and replaces only what stands behind the last one
    for word in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
        if [[ $cword -ge 0 && ( $word == [:=]* || ${words[cword]} == *[:=] ) ]]; then
            words[cword]+=$word
        else
            words[++cword]=$word
        fi
    done
    kept=""
    if [[ $COMP_WORDBREAKS == *:* ]]; then
        kept=${words[cword]%"${words[cword]##*:}"}
        kept=${kept#--*=}
    fi

    response=$(env COMP_WORDS="${words[*]}" COMP_CWORD=$cword _TRADETUI_COMPLETE=bash_complete "$1")

    for completion in $response; do
        IFS=',' read -r type value <<< "$completion"

        if [[ $type == 'dir' ]]; then
            COMPREPLY=()
            compopt -o dirnames
        elif [[ $type == 'file' ]]; then
            COMPREPLY=()
            compopt -o default
        elif [[ $type == 'plain' ]]; then
            COMPREPLY+=("${value#"$kept"}")
            # the name of a scope follows its colon
            [[ $value == *: ]] && compopt -o nospace
        fi
    done

    return 0
}

complete -o nosort -F _tradetui_completion tradetui
"""
"""As click's own, but for what stands behind a colon or an equals sign (``instance:btc-mr``,
``--theme=light``), which that cannot.
"""

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
