"""``tradetui config``, ``themes``, ``keys`` and ``completion``."""

from __future__ import annotations

from typing import Final

import click
from click.shell_completion import get_completion_class

from tradetui.cli.completing import BASH
from tradetui.cli.options import Call, csv_option, on_a_place, wiring
from tradetui.cli.output import exit_codes, print_json, put, say
from tradetui.cli.wiring import Row
from tradetui.services.errors import UserError

SHELLS: Final = ("bash", "zsh", "fish")
MOST_PROBLEMS: Final = 20
"""As many as a person mends before they look again; a file of rubbish must not flood a terminal."""


@click.group("config")
def settings() -> None:
    """Which config file wins, what it says, whether it is right, and what may be in it."""


@settings.command("path")
@on_a_place
def path(call: Call) -> None:
    """Print where everything is, and which config file won and why."""
    call.print_fields(call.wiring.config_paths(call.place))


@settings.command("show")
@csv_option
@on_a_place
def show(call: Call) -> None:
    """Print every setting as it holds, and where it comes from: the file (with line) or default."""
    call.print_rows(call.wiring.show_config(call.place), empty="no settings")


@settings.command("validate")
@on_a_place
def validate(call: Call) -> None:
    """Check the config file: every mistake with file, line and key.

    With --json the mistakes are a list on standard output.
    """
    try:
        row = call.wiring.validate_config(call.place)
    except UserError as error:
        _tell_problems(error, as_json=call.as_json)
        raise
    call.print_fields(row)


def _tell_problems(error: UserError, *, as_json: bool) -> None:
    """Print every problem as JSON; or say them where the error alone would name but one."""
    if as_json:
        print_json(list(error.problems))
    elif len(error.problems) > 1:
        for problem in error.problems[:MOST_PROBLEMS]:
            say(problem)
        all_of_them = ", --json lists all" if len(error.problems) > MOST_PROBLEMS else ""
        text = f"{len(error.problems)} problems in the config: see above{all_of_them}"
        raise type(error)(text) from error


@settings.command("schema")
@click.option("--json", is_flag=True, expose_value=False, help="Print JSON, as it is anyway.")
@click.pass_context
def schema(context: click.Context, /) -> None:
    """Print the JSON Schema of the config file, for editors and scripts."""
    with exit_codes():
        print_json(wiring(context).config_schema())


@click.command()
@csv_option
@on_a_place
def themes(call: Call) -> None:
    """List the themes, shipped and your own."""
    call.print_rows(call.wiring.list_themes(call.place), empty="no themes found")


@click.command()
@csv_option
@on_a_place
def keys(call: Call) -> None:
    """List the keys of the console as they hold for you."""
    call.print_rows(call.wiring.list_keys(call.place), empty="no keys", narrow=_short_key)


def _short_key(row: Row) -> Row:
    """Return a key with what it asks behind what it does, as `?` in the console has it."""
    asks = "" if row["asks"] == "-" else f" [{row['asks']}]"
    return {"id": row["id"], "keys": row["keys"], "does": f"{row['does']}{asks}"}


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, /, shell: str) -> None:
    """Print the completion script of a shell.

    bash: `eval "$(tradetui completion bash)"` in ~/.bashrc; zsh: the same in ~/.zshrc;
    fish: `tradetui completion fish > ~/.config/fish/completions/tradetui.fish`.
    """
    with exit_codes():
        if shell == "bash":
            put(BASH)
            return
        made = get_completion_class(shell)
        assert made is not None
        root = context.find_root().command
        put(made(root, {}, "tradetui", "_TRADETUI_COMPLETE").source())
