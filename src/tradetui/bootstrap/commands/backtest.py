"""A backtest: the instances of a profile on recorded files, to their end, in a folder of its own.

It is a run like any other, as fast as it goes: the profile's limits, fees and records on the files'
markets. What the profile keeps is neither carried on nor touched.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from tradetui.bootstrap.profile.profile import Profile, profile_at
from tradetui.bootstrap.recorded.newest_run import records_of
from tradetui.bootstrap.run.feeds import open_replay
from tradetui.bootstrap.run.headless import run_headless
from tradetui.cli.wiring import BacktestOptions, Place, Row, RunOptions
from tradetui.config.domain_records import first_records
from tradetui.config.feeds import ReplayFeed
from tradetui.config.models import BindingSection, Config, InstanceSection, RouteSection
from tradetui.domain.enums import InstanceMode, Scope
from tradetui.domain.formatting import counted
from tradetui.domain.ids import instrument_id
from tradetui.domain.instances import InstanceRecord
from tradetui.domain.instruments import Instrument
from tradetui.domain.naming import no_such
from tradetui.ports.market_data import FeedError
from tradetui.ports.store import StoreError
from tradetui.services.errors import RefusedError, UserError
from tradetui.storage.folder import prepare_folder

Say = Callable[[str], None]


async def run_backtest(options: BacktestOptions, say: Say) -> Row:
    """Run to the end of the files and return the summary.

    Raises UserError for files, instances or a config that do not fit together, RefusedError for a
    folder to keep it in that holds something.
    """
    profile = profile_at(options.place)
    if options.keep is not None:
        _check_keep(options.keep)
    records = await _chosen(profile, options.instances, say)
    config = profile.config
    if options.files:
        markets = await _markets(options, config)
        config = _on_venue(_with_files(config, options, markets), markets[0].venue)
        records = _with_prices(records, markets, say)
        _check_cash(profile, config, records, markets)
    elif not any(isinstance(feed, ReplayFeed) for feed in config.feeds):
        raise UserError(
            f"{profile.loaded.found.path}: its [[feeds]] never end; name the files to try it on: "
            "tradetui backtest FILE..."
        )
    if options.keep is not None:
        _make_keep(options.keep)
    config = config.model_copy(update={"instances": [_section(one) for one in records]})
    names = ", ".join(one.strategy_id for one in records)
    say(f"tries {counted(len(records), 'instance')}, active from the first item on: {names}")
    tried = replace(
        profile,
        loaded=replace(profile.loaded, config=config),
        state=options.keep or profile.state,
    )
    run = RunOptions(
        Place(state=options.keep),
        until_end=True,
        seed=options.seed,
        is_throwaway=options.keep is None,
    )
    return await run_headless(run, say, profile=tried)


def _check_keep(folder: Path) -> None:
    """Raise RefusedError for a folder that holds something, UserError for what is none."""
    try:
        is_empty = not any(folder.iterdir())
    except FileNotFoundError:
        return
    except OSError as error:
        raise UserError(
            f"{folder}: cannot keep the run ({error.strerror}); name a new folder with --keep"
        ) from error
    if not is_empty:
        raise RefusedError(f"{folder} is not empty; name a new folder to keep the run in")


def _make_keep(folder: Path) -> None:
    """Make the folder that the run is kept in; raises UserError where that cannot be."""
    try:
        prepare_folder(folder, "--keep")
    except StoreError as error:
        raise UserError(str(error)) from error


async def _chosen(profile: Profile, names: Sequence[str], say: Say) -> tuple[InstanceRecord, ...]:
    """Return the records to try: those that are named, or all that are not off.

    They are those of the state folder; of the config where that has none yet.
    """
    known: tuple[InstanceRecord, ...] = ()
    if (profile.state / "state.db").exists():
        known = await records_of(Place(profile.loaded.found.path, profile.state))
    known = known or first_records(profile.config)
    for name in names:
        if name not in {one.strategy_id for one in known}:
            raise UserError(no_such("instance", name, [one.strategy_id for one in known]))
    if names:
        return tuple(one for one in known if one.strategy_id in names)
    off = [one.strategy_id for one in known if one.mode is InstanceMode.OFF]
    chosen = tuple(one for one in known if one.mode is not InstanceMode.OFF)
    if not chosen:
        there = f"{', '.join(off)} off; try one with --instance" if off else "there are none"
        raise UserError(f"no instance to try: {there}")
    if off:
        say(f"left out, for off: {', '.join(off)}; --instance NAME tries one all the same")
    return chosen


async def _markets(options: BacktestOptions, config: Config) -> tuple[Instrument, ...]:
    """Return the markets of the named files, which are of one venue."""
    venues = {route.venue for route in config.routes}
    venue = min(venues) if len(venues) == 1 else ""
    try:
        opened = await open_replay(options.files, options.instrument or "", venue)
    except FeedError as error:
        raise UserError(str(error)) from error
    found = sorted({one.venue for one in opened.instruments})
    if len(found) > 1:
        raise UserError(
            f"the files are of several venues ({', '.join(found)}); try one venue at a time"
        )
    return opened.instruments


def _with_files(config: Config, options: BacktestOptions, markets: Sequence[Instrument]) -> Config:
    """Return the config with the named files as its only feed."""
    feed = ReplayFeed(
        kind="replay",
        files=tuple(str(path) for path in options.files),
        venue=markets[0].venue,
        instrument=options.instrument or _own_words(config, markets),
    )
    return config.model_copy(update={"feeds": [feed]})


def _own_words(config: Config, markets: Sequence[Instrument]) -> str:
    """Return what the config's own feed says of the only market of the files: its tick, lot and
    fees hold for other files of it too. Empty where it says nothing, or speaks of another.
    """
    for feed in config.feeds:
        if not isinstance(feed, ReplayFeed) or not feed.instrument or len(markets) > 1:
            continue
        head, *rest = feed.instrument.replace(",", " ").split()
        if markets[0].symbol in (head, head.rpartition(".")[0]):
            return " ".join((f"{markets[0].symbol}.{markets[0].venue}", *rest))
    return ""


def _on_venue(config: Config, venue: str) -> Config:
    """Return the config with its routes, and limits on markets, at the venue of the files."""

    def route(one: RouteSection) -> RouteSection:
        return one.model_copy(update={"venue": venue})

    def binding(one: BindingSection) -> BindingSection:
        symbol = one.key.rpartition(".")[0]
        key = instrument_id(symbol, venue) if one.scope is Scope.INSTRUMENT else one.key
        return one.model_copy(update={"key": key})

    return config.model_copy(
        update={
            "routes": [route(one) for one in config.routes],
            "bindings": [binding(one) for one in config.bindings],
        }
    )


def _with_prices(
    records: Sequence[InstanceRecord], markets: Sequence[Instrument], say: Say
) -> tuple[InstanceRecord, ...]:
    """Return the records whose market the files have; say which are left out."""
    symbols = {one.symbol for one in markets}
    there = ", ".join(sorted(symbols))
    without = [f"{one.strategy_id} ({one.market})" for one in records if one.market not in symbols]
    found = tuple(one for one in records if one.market in symbols)
    if not found:
        raise UserError(
            f"the files have {there}, and no instance is on that: {', '.join(without)}; "
            "--instrument 'SYMBOL tick=... lot=...' says what the files are of, `tradetui "
            "instances create` makes an instance on their market"
        )
    if without:
        say(f"left out, for the files have only {there}: {', '.join(without)}")
    return found


def _check_cash(
    profile: Profile,
    config: Config,
    records: Sequence[InstanceRecord],
    markets: Sequence[Instrument],
) -> None:
    """Raise UserError where there is no money of a currency that the files trade in."""
    wanted = {one.market for one in records}
    for market in markets:
        if market.symbol not in wanted:
            continue
        currency = config.profile.reporting_currency
        if not any(market.quote in route.opening_cash for route in config.routes):
            raise UserError(
                f"{profile.loaded.found.path}: {market.symbol} trades in {market.quote}, and no "
                f"route has money of that: write opening_cash = {{ {market.quote} = ... }} in "
                "[[routes]]"
            )
        if market.quote != currency:
            raise UserError(
                f"{profile.loaded.found.path}: {market.symbol} trades in {market.quote}, and the "
                f"limits are in {currency}, for which the files have no rate: try it with a config "
                f'that says reporting_currency = "{market.quote}"'
            )


def _section(record: InstanceRecord) -> InstanceSection:
    """Return a record as a config has it, active from the start."""
    return InstanceSection(
        id=record.strategy_id,
        strategy=record.strategy_type,
        account=record.account,
        market=record.market,
        mode=InstanceMode.ACTIVE,
        config=json.loads(record.config_json, parse_float=Decimal),
    )
