"""The ``tradetui`` command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tradetui import __version__
from tradetui.cli import (
    backtest,
    engine,
    instances,
    journal,
    operating,
    reading,
    replay,
    settings,
    strategies,
    travel,
    why,
)
from tradetui.cli.options import (
    FILE,
    Call,
    config_option,
    json_option,
    on_a_place,
    run_options,
    state_option,
    wiring,
)
from tradetui.cli.output import (
    Exit,
    exit_codes,
    fail,
    is_interactive,
    say,
    tell,
)
from tradetui.cli.screen_options import screen_options
from tradetui.cli.summary import end_where_broken_off, print_summary
from tradetui.cli.usage import Shell
from tradetui.cli.wiring import Place
from tradetui.services.errors import UserError


@click.group(
    "tradetui",
    cls=Shell,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="tradetui", message="%(prog)s %(version)s")
@config_option
@state_option
@screen_options
@click.pass_context
def cli(context: click.Context, /, **options: Any) -> None:
    """Run automated trading strategies from a full-screen console.

    Without a command: open the console on your profile. `tradetui demo` shows it on a made-up
    market, without a network and without keys.

    Exit codes: 0 done, 1 failed, 2 bad input, 3 refused, 130 interrupted.
    """
    if context.invoked_subcommand is not None:
        return
    with exit_codes():
        chosen = run_options(context, options)
        if is_interactive():
            greet(context, chosen.place)
        raise SystemExit(wiring(context).open_console(chosen))


def ask(question: str) -> str:
    """Ask a person; the end of the input is a wish to leave."""
    try:
        return input(question)
    except EOFError as error:
        raise KeyboardInterrupt from error


def greet(context: click.Context, place: Place) -> None:
    """Ask what a first start asks, and say what it came to."""
    try:
        text = wiring(context).first_run(place, ask, tell)
    except KeyboardInterrupt:
        say("")
        fail(
            "left at the first start, nothing was written",
            Exit.INTERRUPTED,
        )
    if text:
        tell(text)


@cli.command()
@click.option(
    "--replay", multiple=True, type=FILE, help="Replay these files of bars, trades or quotes."
)
@click.argument("files", nargs=-1, type=FILE)
@click.option(
    "--instrument",
    default=None,
    help="Tick, lot and fees: `BTC/USD tick=0.1 lot=0.0001 fee=0.001`.",
)
@click.option(
    "--speed", type=click.IntRange(1, 10_000), default=None, help="Replay factor, 1 to 10000."
)
@click.option("--seed", type=int, default=None, help="Seed of the made-up market.")
@click.option("--headless", is_flag=True, help="No screen; print a summary at the end.")
@click.option("--until-end", is_flag=True, help="With --headless: stop when the files end.")
@click.option("--plot", is_flag=True, help="With --headless: draw price, fills and equity.")
@json_option
@config_option
@state_option
@screen_options
@click.pass_context
def demo(
    context: click.Context,
    /,
    replay: tuple[Path, ...],
    files: tuple[Path, ...],
    instrument: str | None,
    speed: int | None,
    seed: int | None,
    headless: bool,
    until_end: bool,
    plot: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Show the console with sample strategies, on a made-up market or on recorded files.

    `tradetui demo --replay FILE...` reads CSV, gzip CSV or Parquet. A signal ends a run without a
    screen in order, with exit code 0; with --until-end it breaks it off, with 130.
    """
    with exit_codes():
        if replay and str(replay[0]).startswith("--"):
            raise UserError(f"--replay wants files behind it, got {str(replay[0])!r}")
        if files and not replay:
            raise UserError(f"what is {str(files[0])!r}? Files to replay go after --replay")
        if (until_end or plot or as_json) and not headless:
            raise UserError("--until-end, --plot and --json go with --headless")
        run = run_options(
            context,
            options,
            demo=True,
            replay=replay + files,
            instrument=instrument,
            speed=speed,
            seed=seed,
            until_end=until_end,
        )
        if not headless:
            raise SystemExit(wiring(context).open_console(run))
        summary = wiring(context).run_headless(run, say)
        print_summary(summary, as_json=as_json, plot=plot)
        end_where_broken_off(summary)


@cli.command()
@click.option("--headless", is_flag=True, help="No screen: for tmux, systemd and tests.")
@json_option
@config_option
@state_option
@screen_options
@click.pass_context
def run(context: click.Context, /, headless: bool, as_json: bool, **options: Any) -> None:
    """Run your profile; with --headless until SIGTERM, SIGHUP or ctrl-c."""
    with exit_codes():
        chosen = run_options(context, options)
        if not headless:
            raise SystemExit(wiring(context).open_console(chosen))
        print_summary(wiring(context).run_headless(chosen, say), as_json=as_json, plot=False)


@cli.command()
@on_a_place
def doctor(call: Call) -> None:
    """Check this machine, the config and the state folder."""
    rows = call.wiring.doctor(call.place)
    call.print_rows(rows, empty="")
    if any(row["result"] == "FAIL" for row in rows):
        raise SystemExit(int(Exit.FAILED))


for command in (
    backtest.backtest,
    instances.instances,
    strategies.strategies,
    operating.kill,
    operating.release,
    operating.flatten,
    operating.cancel,
    engine.engine,
    journal.journal,
    journal.backup,
    journal.restore,
    replay.replay,
    why.why,
    why.why_not,
    why.since,
    settings.settings,
    settings.themes,
    settings.keys,
    settings.completion,
    travel.travel,
    reading.status,
    reading.positions,
    reading.orders,
    reading.fills,
    reading.decisions,
    reading.log,
):
    cli.add_command(command)
