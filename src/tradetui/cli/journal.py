"""``tradetui journal``, ``backup`` and ``restore``."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click

from tradetui.cli.options import (
    FILE,
    Call,
    config_option,
    csv_option,
    on_a_place,
    place_of,
    state_option,
    wiring,
)
from tradetui.cli.output import Exit, exit_codes, print_json, put, say
from tradetui.cli.wiring import JournalPart, Row
from tradetui.domain.enums import Source
from tradetui.domain.event_log import EventQuery
from tradetui.domain.formatting import timestamp
from tradetui.domain.text import escaped_json

file_option = click.option(
    "--file",
    type=FILE,
    default=None,
    help="A journal file, such as one that was put aside; default: the profile's own.",
)


MEND: Final = (
    "nothing was changed. `tradetui engine recover` tells what a start would bring back: what is "
    "damaged is passed over or put aside, never guessed. `tradetui restore FILE` brings a backup "
    "back into an empty folder"
)


@click.group("journal")
def journal() -> None:
    """The record of everything that happened: check it, read it, archive it."""


@journal.command("verify")
@file_option
@on_a_place
def verify(call: Call, file: Path | None) -> None:
    """Check every row, fill, checkpoint and archived segment, and the histories of state.db.

    Each fault is named with its run, step and row. Nothing is changed; an engine may run. Exit
    code 1 when anything is not as it was written.
    """
    row = call.wiring.verify_journal(call.place, file)
    call.print_fields(row)
    if not row["sound"]:
        say(MEND)
        raise SystemExit(int(Exit.FAILED))


@journal.command("runs")
@file_option
@csv_option
@on_a_place
def runs(call: Call, file: Path | None) -> None:
    """List the runs: when each began, how it ended, and which one it continues."""
    call.print_rows(call.wiring.list_runs(call.place, file), empty="no runs")


@journal.command("size")
@on_a_place
def size(call: Call) -> None:
    """Say how much room the journal takes, how fast it grows, and in how many days that ends."""
    call.print_fields(call.wiring.journal_usage(call.place))


@journal.command("archive")
@on_a_place
def archive(call: Call) -> None:
    """Move steps older than the newest checkpoint into compressed files, and keep the size cap.

    The chain goes through the files: everything can still be read and verified. Above
    `journal.max_size` the oldest market data is dropped; orders, decisions, fills and acts never. A
    running engine does this by itself, and then this command is refused.
    """
    row = call.wiring.archive_journal(call.place)
    call.print_fields(row)
    if row["over_max_size"]:
        say("tradetui: still above journal.max_size; what is left is kept for ever")


@journal.command("put-aside")
@on_a_place
def put_aside(call: Call) -> None:
    """Keep the journal under another name; the next start begins a new one, flat.

    Positions, orders and money of the journal are then no more known: active instances start HELD.
    Nothing is deleted, and --file reads what is kept. Refused while an engine runs.
    """
    call.print_fields(call.wiring.put_journal_aside(call.place))


@journal.command("export")
@file_option
@click.option("--run", default=None, help="Only this run; default: all.")
@click.option("--from", "first", type=click.IntRange(1), default=None, help="First step.")
@click.option("--to", "last", type=click.IntRange(1), default=None, help="Last step.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["jsonl"]),
    default="jsonl",
    show_default=True,
    help="JSON lines; their schema is docs/reference/schemas/named/journal_line.json.",
)
@config_option
@state_option
@click.pass_context
def export(
    context: click.Context,
    /,
    file: Path | None,
    run: str | None,
    first: int | None,
    last: int | None,
    form: str,
    config: Path | None,
    state: Path | None,
) -> None:
    """Print every record as a line of JSON: each run's header, then its steps.

    Numbers are exact integers (times in ns: beyond what a float holds).
    """
    with exit_codes():
        wiring(context).export_journal(
            place_of(context, config, state),
            file,
            run=run,
            first=first,
            last=last,
            write=lambda text: put(escaped_json(text).encode(), end=False),
        )


@journal.command("events")
@file_option
@click.option("--run", default=None, help="This run and those that it goes on with; newest.")
@click.option("--after", type=click.IntRange(0), default=0, help="Only later ones (a sequence).")
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=100,
    show_default=True,
    help="At most so many.",
)
@click.option("--family", type=click.Choice([one.value for one in Source]), help="Their source.")
@click.option("--name", default="", help="Their type, such as OrderFilled.")
@click.option("--instance", default=None, help="Of this instance, or that led to what it did.")
@click.option("--account", default=None, help="Of this account.")
@click.option("--route", default=None, help="Of this route.")
@click.option("--broker", default=None, help="Of this broker.")
@on_a_place
def events(call: Call, file: Path | None, run: str | None, **wanted: Any) -> None:
    """Page through what entered the engine: a log for programs, each event with an id of its own.

    With --json: `events`, `next_after_sequence` (ask with --after it for what follows),
    `has_more` and `gone_to` (up to there market data is no longer kept). An engine may run.
    """
    family = wanted["family"]
    query = EventQuery(
        wanted["after"],
        wanted["limit"],
        None if family is None else Source(family),
        wanted["name"],
        wanted["instance"],
        wanted["account"],
        wanted["route"],
        wanted["broker"],
    )
    part = JournalPart(file, run)
    page = call.wiring.runtime_events(call.place, part, query)
    if call.as_json:
        print_json(page)
        return
    call.print_rows([event_row(one) for one in page["events"]], empty="no events")
    if page["gone_to"]:
        gone = f"market data up to step {page['gone_to']:,} is no longer kept"
        say(f"{gone} (journal.max_size) and is not listed")
    if page["has_more"]:
        say(f"more follow: --after {page['next_after_sequence']}")


def event_row(one: Row) -> Row:
    """Return an event as a row of a table."""
    event = one["event"]
    return {
        "sequence": one["sequence"],
        "time": timestamp(event["event_time"]),
        "family": event["source"],
        "name": event["event_type"],
        "market": event["instrument"] or "-",
        "event_id": one["event_id"],
    }


@click.command()
@click.argument("target", metavar="FILE", type=FILE)
@on_a_place
def backup(call: Call, target: Path) -> None:
    """Back the state folder up into one compressed file, also while an engine runs.

    The copy is verified before it is written and after; a FILE that is there is never replaced.
    """
    call.print_fields(call.wiring.backup(call.place, target))


@click.command()
@click.argument("source", metavar="FILE", type=FILE)
@click.option("--force", is_flag=True, help="Restore over a folder in use; it is kept beside.")
@on_a_place
def restore(call: Call, source: Path, force: bool) -> None:
    """Restore a backup into an empty state folder.

    The backup is verified before anything is touched. The next start says that it runs on a backup,
    and of when: what happened after that is not in it.
    """
    call.print_fields(call.wiring.restore(call.place, source, force=force))
