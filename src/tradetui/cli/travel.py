"""``tradetui travel``: the console over a recorded run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tradetui.cli.options import (
    FILE,
    config_option,
    run_options,
    state_option,
    wiring,
)
from tradetui.cli.output import exit_codes
from tradetui.cli.screen_options import screen_options
from tradetui.cli.wiring import JournalPart


@click.command()
@click.argument("journal", type=FILE, required=False)
@click.option("--run", "run_id", default=None, help="Id of a run (default: the newest).")
@click.option("--at", default=None, metavar="STEP|TIME", help="Where to begin (default: its end).")
@config_option
@state_option
@screen_options
@click.pass_context
def travel(
    context: click.Context,
    /,
    journal: Path | None,
    run_id: str | None,
    at: str | None,
    **options: Any,
) -> None:
    """Look at a recorded run as it was, at any of its steps.

    JOURNAL is a journal or a state folder (default: the profile's). i and I go a step on and back,
    ( and ) to what was done, D shows what a step changed, `:at 14:30` goes to a time,
    `:at ORDER` to the next step of an order or a trade.
    """
    with exit_codes():
        part = JournalPart(journal, run_id, at)
        raise SystemExit(wiring(context).open_travel(run_options(context, options), part))
