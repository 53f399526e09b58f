"""The feeds of a run, and the demo's config bent to the files that are replayed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tradetui.adapters.ordered import OrderedFeed
from tradetui.adapters.reorder import AS_THEY_COME, Ordering
from tradetui.adapters.synthetic.client import SyntheticClient
from tradetui.bootstrap.run.samples import UNITS_PER_DOLLAR_PPM
from tradetui.cli.wiring import RunOptions
from tradetui.config.feeds import ReplayFeed, SyntheticFeed
from tradetui.config.models import Config
from tradetui.domain.formatting import counted
from tradetui.domain.ids import Currency, InstrumentId
from tradetui.domain.instruments import Instrument
from tradetui.domain.risk import MONEY_LIMITS, InstanceLimits, RiskProfile
from tradetui.domain.steps import KernelConfig
from tradetui.domain.units import PPM, div_floor
from tradetui.ports.clock import Clock
from tradetui.ports.market_data import EdgeCounts, FeedError, MarketDataClient
from tradetui.services.errors import UserError

if TYPE_CHECKING:
    from tradetui.adapters.replay.client import ReplayClient


@dataclass(frozen=True, slots=True)
class Opened:
    """The feeds of a run. ``start`` is the first moment of recorded data, None in real time."""

    clients: tuple[MarketDataClient, ...]
    start: int | None = None
    has_quotes: bool = False
    notes: tuple[str, ...] = ()
    data_hash: str = ""
    replay: ReplayClient | None = None
    """The client of recorded files, None in real time."""
    bar_lengths: Mapping[InstrumentId, int] = field(default_factory=dict)
    """How long (ns) the bars are of the markets that come in nothing else."""
    counts: tuple[EdgeCounts, ...] = ()
    """What was put in order, or dropped, before the engine: of each feed, as it goes on."""
    speed: int | None = None
    """How many times as fast as they happened the config plays recorded data; None: it names none.
    """

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """Every market that has prices."""
        return tuple(one for client in self.clients for one in client.instruments())


async def open_feeds(options: RunOptions, config: Config, clock: Clock, seed: int) -> Opened:
    """Open every feed; raises UserError for a file that cannot be used."""
    if options.instrument is not None and not options.replay:
        raise UserError("--instrument goes with --replay")
    try:
        if options.replay:
            opened = await open_replay(options.replay, options.instrument or "")
            return replace(opened, notes=_left_out(options, config) + opened.notes)
        replays = [feed for feed in config.feeds if isinstance(feed, ReplayFeed)]
        if replays and len(config.feeds) > 1:
            raise UserError("a replay feed stands alone: take the other [[feeds]] out")
        if replays:
            files = [Path(name) for name in replays[0].files]
            ordering = ordering_of(replays[0])
            opened = await open_replay(files, replays[0].instrument, replays[0].venue, ordering)
            check_venue(opened, replays[0].venue)
            return replace(opened, speed=replays[0].speed)
        if options.until_end:
            raise UserError("--until-end goes with --replay: a made-up market has no end")
        made_up = [feed for feed in config.feeds if isinstance(feed, SyntheticFeed)]
        clients = tuple(
            OrderedFeed(open_synthetic(feed, clock, seed), ordering_of(feed), clock=clock)
            for feed in made_up
        )
        return Opened(clients, counts=tuple(client.counts for client in clients))
    except FeedError as error:
        raise UserError(str(error)) from error


def _left_out(options: RunOptions, config: Config) -> tuple[str, ...]:
    """Say that the instances of a config that was named do not run on named files."""
    if options.place.config is None or not config.instances:
        return ()
    own = f"{counted(len(config.instances), 'instance')} of {options.place.config}"
    mend = f"`tradetui backtest FILE --config {options.place.config}` runs those"
    return (f"--replay runs the samples on these files, not the {own}: {mend}",)


def ordering_of(feed: ReplayFeed | SyntheticFeed) -> Ordering:
    """Return how far a feed's items are put in order of time."""
    return Ordering(feed.reorder_buffer_size, feed.reorder_buffer_timeout)


def check_venue(opened: Opened, venue: str) -> None:
    """Raise UserError when files are of another venue than the config says: no route is there."""
    for instrument in opened.instruments:
        if instrument.venue != venue:
            raise UserError(
                f"feeds.venue is {venue}, and the files are of {instrument.symbol} at "
                f'{instrument.venue}; write venue = "{instrument.venue}" there and in [[routes]], '
                f'or instrument = "{instrument.symbol}.{venue}" in [[feeds]]'
            )


async def open_replay(
    paths: Sequence[Path], instrument: str, venue: str = "", ordering: Ordering = AS_THEY_COME
) -> Opened:
    """Read files off the event loop, in a child process: half a million rows take a second.

    ``venue`` is that of files that name none.
    """
    from tradetui.adapters.replay.client import ReplayClient  # numpy: only where files are read

    def read() -> tuple[ReplayClient, str]:
        client = ReplayClient.open(
            list(paths), instrument, venue=venue, apart=True, ordering=ordering
        )
        return client, client.data_hash

    client, data_hash = await asyncio.to_thread(read)
    return Opened(
        (client,),
        client.span[0],
        client.has_quotes,
        client.notes,
        data_hash,
        client,
        client.bar_lengths,
        (client.counts,),
    )


def open_synthetic(feed: SyntheticFeed, clock: Clock, seed: int) -> SyntheticClient:
    """Open the made-up market in real time."""
    chosen = seed if feed.seed is None else feed.seed
    return SyntheticClient(seed=chosen, clock=clock, symbols=feed.markets, rate=float(feed.rate))


def resume_synthetic(opened: Opened, prices: Mapping[InstrumentId, int]) -> None:
    """Have made-up markets go on from the prices that were last seen."""
    for client in opened.clients:
        source = client.source if isinstance(client, OrderedFeed) else client
        if isinstance(source, SyntheticClient):
            source.resume(prices)


def replay_config(config: KernelConfig, instruments: tuple[Instrument, ...]) -> KernelConfig:
    """Bend the demo's config to replayed markets: their venue, their money, limits to scale.

    Raises UserError for files of several venues.
    """
    first = instruments[0]
    currency = first.quote
    rate = UNITS_PER_DOLLAR_PPM.get(currency, PPM)
    venues = sorted({instrument.venue for instrument in instruments})
    if len(venues) > 1:
        raise UserError(
            f"the files are of several venues ({', '.join(venues)}); replay one venue at a time"
        )
    currencies = sorted({instrument.quote for instrument in instruments})
    cash = tuple((name, opening(config, name)) for name in currencies)
    route = msgspec.structs.replace(config.routes[0], venue=first.venue, opening_cash=cash)
    return msgspec.structs.replace(
        config,
        reporting_currency=currency,
        routes=(route,),
        profiles=tuple(scaled_profile(profile, rate) for profile in config.profiles),
    )


def opening(config: KernelConfig, currency: Currency) -> int:
    """Return the demo's opening cash in a currency, of roughly the same worth."""
    amount = config.routes[0].opening_cash[0][1]
    return div_floor(amount * UNITS_PER_DOLLAR_PPM.get(currency, PPM), PPM)


def scaled_profile(profile: RiskProfile, rate_ppm: int) -> RiskProfile:
    """Return a profile with its money limits at another rate."""
    changes = {
        name: div_floor(getattr(profile, name) * rate_ppm, PPM)
        for name in MONEY_LIMITS
        if getattr(profile, name) is not None
    }
    # The age of recorded data says nothing: a minute bar is a minute old by nature.
    return msgspec.structs.replace(profile, **changes, max_data_age_ns=None)


def scaled_limits(limits: InstanceLimits, currency: Currency) -> InstanceLimits:
    """Return an instance's limits in another reporting currency, of roughly the same worth."""
    rate = UNITS_PER_DOLLAR_PPM.get(currency, PPM)
    names = ("budget", "max_fees_per_day", "max_loss_per_day")
    changes = {
        name: div_floor(getattr(limits, name) * rate, PPM)
        for name in names
        if getattr(limits, name) is not None
    }
    return msgspec.structs.replace(limits, **changes)
