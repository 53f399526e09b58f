"""The ``tradetui`` command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tradetui import __version__
from tradetui.cli.output import exit_codes, print_fields, print_json, print_rows, say
from tradetui.cli.wiring import Place, RunOptions, Wiring
from tradetui.services.errors import UserError

FILE = click.Path(path_type=Path)

config_option = click.option(
    "--config", type=FILE, default=None, help="Config file (default: see `doctor`)."
)
state_option = click.option("--state", type=FILE, default=None, help="State folder of the profile.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
SCREEN_OPTIONS = (
    click.option("--ascii", "ascii_only", is_flag=True, help="Draw with plain ASCII."),
    click.option("--fps", type=click.IntRange(1, 30), default=None, help="Redraws a second."),
    click.option("--theme", default=None, help="Name of a theme."),
)


def screen_options(command: Any) -> Any:
    """Add the options of everything that opens the console."""
    for option in reversed(SCREEN_OPTIONS):
        command = option(command)
    return command


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
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
        raise SystemExit(wiring(context).open_console(run_options(options)))


def wiring(context: click.Context) -> Wiring:
    """Return the doors that bootstrap gave us."""
    door: Wiring = context.find_root().obj
    return door


def place_of(context: click.Context, config: Path | None, state: Path | None) -> Place:
    """Combine a command's own --config and --state with those before the command."""
    root = context.find_root().params
    return Place(config or root.get("config"), state or root.get("state"))


def run_options(options: dict[str, Any], **more: Any) -> RunOptions:
    """Build RunOptions from parsed options."""
    return RunOptions(
        place=Place(options["config"], options["state"]),
        ascii_only=options["ascii_only"],
        frames_per_second=options["fps"],
        theme=options["theme"],
        **more,
    )


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

    `tradetui demo --replay FILE...` reads CSV, gzip CSV or Parquet.
    """
    with exit_codes():
        if files and not replay:
            raise UserError(f"what is {str(files[0])!r}? Files to replay go after --replay")
        if (until_end or plot or as_json) and not headless:
            raise UserError("--until-end, --plot and --json go with --headless")
        run = run_options(
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
        print_summary(wiring(context).run_headless(run, say), as_json=as_json, plot=plot)


def print_summary(summary: dict[str, Any], *, as_json: bool, plot: bool) -> None:
    """Print what a run came to: trades, fees, PnL, refusals by reason."""
    if plot and not as_json:
        from tradetui.cli.plot import draw

        draw(summary)
    hidden = ("plots", "equity", "equity_title", "labels", "no_colour")
    shown = {key: value for key, value in summary.items() if key not in hidden}
    print_fields(shown, as_json=as_json)


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
        chosen = run_options(options)
        if not headless:
            raise SystemExit(wiring(context).open_console(chosen))
        print_summary(wiring(context).run_headless(chosen, say), as_json=as_json, plot=False)


@cli.group()
def strategies() -> None:
    """List and check strategy files."""


@strategies.command("list")
@json_option
@config_option
@state_option
@click.pass_context
def strategies_list(
    context: click.Context, /, as_json: bool, config: Path | None, state: Path | None
) -> None:
    """List what is in the strategies folders, without executing anything."""
    with exit_codes():
        rows = wiring(context).list_strategies(place_of(context, config, state))
        print_rows(rows, as_json=as_json, empty="no strategies found")


@strategies.command("check")
@click.argument("names", nargs=-1)
@json_option
@config_option
@state_option
@click.pass_context
def strategies_check(
    context: click.Context,
    /,
    names: tuple[str, ...],
    as_json: bool,
    config: Path | None,
    state: Path | None,
) -> None:
    """Check strategies (all, or those named), each in a child process with limits."""
    with exit_codes():
        rows = wiring(context).check_strategies(place_of(context, config, state), names)
        print_rows(rows, as_json=as_json, empty="no strategies found")
        if any(row["result"] != "ok" for row in rows):
            raise SystemExit(2)


@cli.group()
def instances() -> None:
    """List, create and change instances (the records in the state folder)."""


@instances.command("list")
@json_option
@config_option
@state_option
@click.pass_context
def instances_list(
    context: click.Context, /, as_json: bool, config: Path | None, state: Path | None
) -> None:
    """List the records."""
    with exit_codes():
        rows = wiring(context).list_instances(place_of(context, config, state))
        print_rows(rows, as_json=as_json, empty="no instances yet: tradetui instances create")


@instances.command("create")
@click.argument("name")
@click.option("--strategy", required=True, help="Name of the strategy file, without .py.")
@click.option("--account", required=True, help="Execution context, for example paper/main.")
@click.option("--market", required=True, help="Canonical symbol, for example BTC/USDT.")
@click.option("--config-json", default="{}", help="Config as a JSON object; the rest are defaults.")
@json_option
@config_option
@state_option
@click.pass_context
def instances_create(
    context: click.Context,
    /,
    name: str,
    strategy: str,
    account: str,
    market: str,
    config_json: str,
    as_json: bool,
    config: Path | None,
    state: Path | None,
) -> None:
    """Create an instance, in mode off."""
    with exit_codes():
        row = wiring(context).create_instance(
            place_of(context, config, state),
            name=name,
            strategy=strategy,
            account=account,
            market=market,
            config=config_json,
        )
        print_fields(row, as_json=as_json)


@instances.command("mode")
@click.argument("name")
@click.argument("mode", type=click.Choice(["off", "observe", "active"]))
@click.option(
    "--yes", "confirmed", is_flag=True, help="Needed to leave active or to become active."
)
@json_option
@config_option
@state_option
@click.pass_context
def instances_mode(
    context: click.Context,
    /,
    name: str,
    mode: str,
    confirmed: bool,
    as_json: bool,
    config: Path | None,
    state: Path | None,
) -> None:
    """Write an instance's mode; a running engine picks it up within a second."""
    with exit_codes():
        place = place_of(context, config, state)
        row = wiring(context).set_mode(place, name, mode, confirmed=confirmed)
        print_fields(row, as_json=as_json)


@instances.command("config")
@click.argument("name")
@click.argument("changes", nargs=-1)
@json_option
@config_option
@state_option
@click.pass_context
def instances_config(
    context: click.Context,
    /,
    name: str,
    changes: tuple[str, ...],
    as_json: bool,
    config: Path | None,
    state: Path | None,
) -> None:
    """Show an instance's config, or change it: `tradetui instances config btc-mr z=2.5`."""
    with exit_codes():
        place = place_of(context, config, state)
        door = wiring(context)
        row = door.set_config(place, name, changes) if changes else door.get_config(place, name)
        print_fields(row, as_json=as_json)


@cli.command()
@json_option
@config_option
@state_option
@click.pass_context
def doctor(
    context: click.Context, /, as_json: bool, config: Path | None, state: Path | None
) -> None:
    """Check this machine, the config and the state folder."""
    with exit_codes():
        rows = wiring(context).doctor(place_of(context, config, state))
        if as_json:
            print_json(rows)
        else:
            print_rows(rows, as_json=False, empty="")
        if any(row["result"] == "FAIL" for row in rows):
            raise SystemExit(1)
