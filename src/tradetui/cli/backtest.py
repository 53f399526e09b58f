"""``tradetui backtest``: one's own instances on recorded files, to their end."""

from __future__ import annotations

from pathlib import Path

import click

from tradetui.cli.completing import INSTANCES, names
from tradetui.cli.options import FILE, Call, on_a_place
from tradetui.cli.output import say
from tradetui.cli.summary import end_where_broken_off, print_summary
from tradetui.cli.wiring import BacktestOptions


@click.command()
@click.argument("files", nargs=-1, type=FILE)
@click.option(
    "--instance",
    "instances",
    multiple=True,
    help="Try this one (several may be named; default: all that are not off).",
    shell_complete=names(INSTANCES),
)
@click.option(
    "--instrument",
    default=None,
    help="What the files are of: `ETH/BTC tick=0.000001 lot=0.001 fee=0.001`.",
)
@click.option(
    "--keep", type=FILE, default=None, help="Keep the run in this new folder, for why and travel."
)
@click.option("--seed", type=int, default=None, help="Seed of the strategies' chance.")
@click.option("--plot", is_flag=True, help="Draw price, fills and equity.")
@on_a_place
def backtest(
    call: Call,
    files: tuple[Path, ...],
    instances: tuple[str, ...],
    instrument: str | None,
    keep: Path | None,
    seed: int | None,
    plot: bool,
) -> None:
    """Try your instances on recorded FILES (default: those of the config), to their end.

    They are active from the first item on, with the limits, fees and money of the config. What the
    profile keeps is not touched. FILES are bars, trades or quotes as CSV, gzip CSV or Parquet. A
    signal breaks it off: the summary is that of the items so far, the exit code 130.
    """
    if instrument is not None and not files:
        raise click.UsageError("--instrument goes with FILES; the config has its own")
    options = BacktestOptions(call.place, files, instrument, instances, keep, seed)
    summary = call.wiring.backtest(options, say)
    print_summary(summary, as_json=call.as_json, plot=plot)
    end_where_broken_off(summary)
