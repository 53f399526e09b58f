"""``tradetui replay``: what a recorded run did, made again, and under other rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click

from tradetui.cli.options import FILE, Call, on_a_place
from tradetui.cli.output import Exit, print_json_line, print_text
from tradetui.cli.wiring import JournalPart, OtherRules, Row
from tradetui.services.errors import UserError

_WHOLE: Final = ("with_strategies", "what_if")


@click.command()
@click.argument("journal", type=FILE, required=False)
@click.option("--run", "run_id", default=None, help="Id of a run (default: the newest).")
@click.option("--from", "first", default=None, metavar="STEP|TIME", help="Where to begin.")
@click.option("--to", "last", default=None, metavar="STEP|TIME", help="Where to end.")
@click.option("--steps", "as_steps", is_flag=True, help="Tell what happened, step by step.")
@click.option("--all", "also_quiet", is_flag=True, help="Also steps in which nothing followed.")
@click.option(
    "--speed", type=click.IntRange(1, 1_000_000), default=None, help="Pace it: N times real time."
)
@click.option("--verify", is_flag=True, help="Check the chain and make every step again.")
@click.option("--as-backtest", is_flag=True, help="With --verify: in the run mode of a backtest.")
@click.option("--with-strategies", is_flag=True, help="Also run the strategies again.")
@click.option("--what-if", is_flag=True, help="Run it again under other rules, and compare.")
@click.option(
    "--profile",
    "profiles",
    multiple=True,
    metavar="NAME|[NAME.]LIMIT=VALUE",
    help="Another risk profile, or another limit (`none` lifts it); can be repeated.",
)
@click.option(
    "--set",
    "configs",
    multiple=True,
    metavar="ID.KEY=VALUE",
    help="Another value in the config of an instance; can be repeated.",
)
@click.option("--fees", default=None, metavar="maker=F,taker=F", help="Other fees, as fractions.")
@click.option("--slippage", default=None, metavar="BPS", help="Other slippage, in basis points.")
@click.option("--force", is_flag=True, help="Run strategy files that have changed since.")
@on_a_place
def replay(
    call: Call,
    journal: Path | None,
    run_id: str | None,
    first: str | None,
    last: str | None,
    **how: Any,
) -> None:
    """Tell what a recorded run did; check it; try it out under other rules.

    JOURNAL is a journal file or a state folder (default: the profile's). Without an option: a
    summary. `--verify` and `--with-strategies` end with code 1 when anything differs. With
    `--from`, `--verify` begins at the newest checkpoint before that. `--steps` also tells what
    happened where prices have gone (`journal.max_size`); the others say where they can begin.
    """
    part = JournalPart(journal, run_id, first, last)
    check(how, first)
    door = call.wiring
    if how["what_if"]:
        rules = OtherRules(how["profiles"], how["configs"], how["fees"], how["slippage"])
        row = door.replay_what_if(call.place, part, rules, force=how["force"])
        call.print_fields(row)
    elif how["verify"] or how["with_strategies"]:
        row = door.replay_verify(
            call.place,
            part,
            with_strategies=how["with_strategies"],
            as_backtest=how["as_backtest"],
            force=how["force"],
        )
        call.print_fields(row)
        if not row["equal"]:
            raise SystemExit(int(Exit.FAILED))
    elif how["as_steps"] or how["also_quiet"] or how["speed"] is not None:
        lines = door.replay_steps(
            call.place, part, also_quiet=how["also_quiet"], speed=how["speed"]
        )
        for line in lines:
            print_line(line, as_json=call.as_json)
    else:
        call.print_fields(door.replay_summary(call.place, part))


def check(how: dict[str, Any], first: str | None) -> None:
    """Refuse options that do not go together; raises UserError."""
    rules = how["profiles"] or how["configs"] or how["fees"] or how["slippage"]
    if rules and not how["what_if"]:
        raise UserError("--profile, --set, --fees and --slippage go with --what-if")
    if how["what_if"] and (how["verify"] or how["with_strategies"]):
        raise UserError("--what-if stands alone: it runs everything again anyway")
    if how["as_backtest"] and (how["with_strategies"] or not how["verify"]):
        raise UserError("--as-backtest goes with --verify alone")
    if first is not None and any(how[name] for name in _WHOLE):
        raise UserError(
            "--from goes with the summary, --steps and --verify: strategies begin where their run "
            "began"
        )
    if how["force"] and not (how["with_strategies"] or how["what_if"]):
        raise UserError("--force goes with --with-strategies and --what-if")


def print_line(line: Row, *, as_json: bool) -> None:
    """Print one line of what happened; as JSON, one object a line."""
    if as_json:
        print_json_line(line)
        return
    owner = line["instance"] or "-"
    print_text(
        f"{line['step']:>8}  {line['time']:<19}  {line['what']:<16} {owner:<16} {line['text']}"
    )
