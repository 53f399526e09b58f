"""``tradetui why``, ``why-not`` and ``since``: explanations of what is in the journal."""

from __future__ import annotations

from pathlib import Path

import click

from tradetui.cli.completing import INSTANCES, ORDERS, names
from tradetui.cli.options import FILE, Call, on_a_place
from tradetui.cli.output import folded, print_json, print_text, terminal_width
from tradetui.cli.since_row import since_row
from tradetui.cli.wiring import JournalPart
from tradetui.domain.difference import plain
from tradetui.domain.record import Record
from tradetui.services.since import since_lines
from tradetui.services.why_lines import why_lines, why_not_lines

journal_option = click.option(
    "--journal", type=FILE, default=None, help="A journal or state folder (default: the profile's)."
)
run_option = click.option("--run", "run_id", default=None, help="Id of a run.")


@click.command()
@click.argument("subject", metavar="ORDER|FILL|DECISION", shell_complete=names(ORDERS))
@journal_option
@run_option
@on_a_place
def why(call: Call, subject: str, journal: Path | None, run_id: str | None) -> None:
    """Show why an order, a fill or a decision is: the chain from the event that began it.

    Name a client order id, a trade id, a step (`1204`), one decision of a step (`1204:0`), or what
    one instance did in a step (`1204@btc-mr`).
    """
    report = call.wiring.why(call.place, JournalPart(journal, run_id), subject)
    show(report, why_lines(report), as_json=call.as_json)


@click.command("why-not")
@click.argument("instance", shell_complete=names(INSTANCES))
@click.option("--from", "first", default=None, metavar="STEP|TIME", help="Where to begin.")
@click.option("--to", "last", default=None, metavar="STEP|TIME", help="Where to end.")
@journal_option
@run_option
@on_a_place
def why_not(
    call: Call,
    instance: str,
    first: str | None,
    last: str | None,
    journal: Path | None,
    run_id: str | None,
) -> None:
    """Show why an instance did not trade: its signals gate by gate, and what risk stopped."""
    part = JournalPart(journal, run_id, first, last)
    report = call.wiring.why_not(call.place, part, instance)
    show(report, why_not_lines(report), as_json=call.as_json)


@click.command()
@click.argument("moment", metavar="[STEP|TIME]", required=False)
@journal_option
@run_option
@on_a_place
def since(call: Call, moment: str | None, journal: Path | None, run_id: str | None) -> None:
    """Show what happened since a moment (default: since a person was last there).

    TIME is UTC, as 2018-03-04T11:20, or an age before the newest step, as 10m, 2h or 3d.

    Fills, the change of equity taken apart, gaps, restarts, refusals, kill-switches and errors.
    Where prices have gone (`journal.max_size`) it counts from where they begin, and says so.
    """
    report = call.wiring.since(call.place, JournalPart(journal, run_id), moment)
    if call.as_json:
        print_json(since_row(report))
    else:
        _print_lines(since_lines(report))


def show(report: Record, lines: list[str], *, as_json: bool) -> None:
    """Print a report as lines, or the record itself as JSON."""
    if as_json:
        print_json(plain(report))
        return
    _print_lines(lines)


def _print_lines(lines: list[str]) -> None:
    for line in lines:
        for piece in folded(line, terminal_width()):
            print_text(piece)
