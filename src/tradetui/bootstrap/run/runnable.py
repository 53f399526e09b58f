"""Whether a profile can run: what a start refuses of it, found before a start.

One place for what ``run`` needs beyond a config that is right in itself: a run mode that is built,
routes that one simulated venue can serve, files that can be read and are of the venue named.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Set

from tradetui.bootstrap.profile.catalogue import LoaderCatalogue
from tradetui.bootstrap.profile.profile import Profile, profile_at
from tradetui.bootstrap.recorded.journal_part import opened as opened_journal
from tradetui.bootstrap.recorded.newest_run import has_journal, newest
from tradetui.bootstrap.run.feeds import Opened, open_feeds
from tradetui.bootstrap.run.run_settings import venue_of
from tradetui.cli.wiring import Place, RunOptions
from tradetui.domain.enums import RunMode
from tradetui.domain.naming import no_such
from tradetui.runtime.clock import SystemClock
from tradetui.services.errors import RefusedError, UserError


def check_mode(profile: Profile) -> None:
    """Raise RefusedError for a run mode that is not built."""
    run_mode = profile.config.profile.run_mode
    if run_mode is not RunMode.PAPER:
        raise RefusedError(
            f"{profile.loaded.found.path}: run_mode {run_mode.value} is not built yet; "
            "this version runs paper"
        )


async def opened_feeds(profile: Profile) -> Opened:
    """Open the feeds of a profile as a run does; raises UserError for what it would refuse."""
    config = profile.config
    try:
        return await open_feeds(RunOptions(), config, SystemClock(), config.engine.seed)
    except UserError as error:
        raise UserError(f"{profile.loaded.found.path}: [[feeds]]: {error}") from error


async def check_runnable(profile: Profile) -> tuple[str, ...]:
    """Raise what a start would raise; return a sentence for each instance that it would not load,
    for want of prices or of its strategy file.
    """
    check_mode(profile)
    venue_of(profile)
    symbols = {one.symbol for one in (await opened_feeds(profile)).instruments}
    files = {one.name: one.problem for one in LoaderCatalogue(profile.strategy_folders).found()}
    return tuple(
        f"instance {one.id} would not load: {reason}"
        for one in profile.config.instances
        for reason in _hindrances(one.strategy, one.market, files, symbols)
    )


def _hindrances(
    strategy: str, market: str, files: Mapping[str, str], symbols: Set[str]
) -> Iterator[str]:
    """Yield what keeps an instance from being loaded; ``files`` has each strategy's problem."""
    if strategy not in files:
        yield no_such("strategy", strategy, files)
    elif files[strategy]:
        yield f"strategy {strategy}: {files[strategy]}"
    if market not in symbols:
        yield no_such("market", market, symbols)


async def check_market(place: Place, market: str) -> None:
    """Raise UserError for a market that a profile's feeds do not have, nor the newest run in its
    folder (which may be led with other feeds).
    """
    profile = profile_at(place)
    symbols = {one.symbol for one in (await opened_feeds(profile)).instruments}
    if market not in symbols:
        symbols |= await asyncio.to_thread(_symbols_of_newest_run, place)
    if market not in symbols:
        said = no_such("market", market, symbols)
        raise UserError(f"{profile.loaded.found.path}: [[feeds]]: {said}")


def _symbols_of_newest_run(place: Place) -> set[str]:
    if not has_journal(place):
        return set()
    with opened_journal(place, None) as reader:
        return {one.symbol for one in newest(reader).state.instruments.values()}
