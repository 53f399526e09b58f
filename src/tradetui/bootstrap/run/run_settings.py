"""What a run is made of, taken from its profile, its options and its feeds. Pure functions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Final

import msgspec

from tradetui.bootstrap.process.program import this_program
from tradetui.bootstrap.profile.catalogue import LoaderCatalogue
from tradetui.bootstrap.profile.operator import operator
from tradetui.bootstrap.profile.profile import Profile
from tradetui.bootstrap.recovery.past import Carried
from tradetui.bootstrap.recovery.rebuilding import Wanted
from tradetui.bootstrap.run.feeds import Opened, scaled_limits
from tradetui.bootstrap.run.records import RecordKeeper
from tradetui.bootstrap.run.samples import replay_records
from tradetui.cli.wiring import RunOptions
from tradetui.config.domain_records import config_hash, first_records, instance_limits
from tradetui.core.venue.models import FillModel, VenueConfig, settings_json
from tradetui.domain.codec import CODEC_VERSION
from tradetui.domain.ids import AccountId, ClientId, RunId, StrategyId
from tradetui.domain.instances import InstanceRecord
from tradetui.domain.memory import NOTHING_SHOWN
from tradetui.domain.risk import InstanceLimits
from tradetui.domain.steps import JournalHeader, KernelConfig
from tradetui.domain.units import NANOS_PER_HOUR, NANOS_PER_SECOND, div_floor
from tradetui.engine.errors import LoadError
from tradetui.engine.instance_spec import InstanceSpec
from tradetui.engine.loader.strategy_loader import LoadedStrategy
from tradetui.runtime.options import DriverOptions
from tradetui.runtime.pump import GROUP_NS
from tradetui.services.errors import UserError
from tradetui.strategy.schema import validate

VENUE_SETTINGS: Final = (
    "fill_model",
    "volume_cap",
    "slippage_bps",
    "latency_ms",
    "latency_bars",
    "fee_in_base",
    "touch_fills",
    "maker_fee",
    "taker_fee",
)
"""What all routes must agree on: one simulated venue serves them."""
REPLAY_SPEED: Final = 1_000
"""How fast files that are named on the command line are played, unless they say otherwise."""

_EPOCH_2026_NS: Final = 1_767_225_600 * NANOS_PER_SECOND
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


def driver_options(
    profile: Profile, options: RunOptions, feeds: Opened, past: Carried | None
) -> DriverOptions:
    """Return how the driver shall run."""
    section = profile.config.engine
    speed = options.speed or feeds.speed or REPLAY_SPEED
    return DriverOptions(
        account=profile.config.accounts[0].id,
        speed=None if options.until_end and not options.speed else speed,
        start_time=feeds.start,
        soft_budget_ns=section.callback_soft,
        hard_budget_ns=section.callback_hard,
        capacity=section.queue_size,
        queue_policy=section.queue_policy,
        group_ns=GROUP_NS,
        data_hash=feeds.data_hash,
        cursor=None if past is None else past.cursor,
        shown=NOTHING_SHOWN if past is None else past.shown,
        least_room=profile.config.journal.min_free,
        verify_every_ns=profile.config.journal.verify_every * NANOS_PER_HOUR,
        edges=feeds.counts,
    )


def venue_of(profile: Profile) -> VenueConfig:
    """Return the simulated venue's settings, from the first route; raises UserError for routes that
    one venue cannot serve.
    """
    route = profile.config.routes[0]
    for other in profile.config.routes[1:]:
        if any(getattr(other, name) != getattr(route, name) for name in VENUE_SETTINGS):
            raise UserError(
                f"{profile.loaded.found.path}: routes {route.id} and {other.id} differ in "
                f"{', '.join(VENUE_SETTINGS)}; one simulated venue serves all: make them equal"
            )
    return VenueConfig(
        fill_model=FillModel(route.fill_model),
        volume_share_ppm=route.volume_cap,
        slippage_ppm=route.slippage_bps,
        latency_ns=route.latency_ms * 1_000_000,
        latency_bars=route.latency_bars,
        fee_in_base=route.fee_in_base,
        touch_fills=route.touch_fills,
        maker_fee_ppm=route.maker_fee,
        taker_fee_ppm=route.taker_fee,
    )


def wanted_run(config: KernelConfig, venue: VenueConfig, feeds: Opened, now: int) -> Wanted:
    """Return what is known of the run before its past is looked up."""
    feed = None if feeds.replay is None else feeds.replay.iter_items
    return Wanted(config, venue, feeds.data_hash, now, feed)


def wanted_records(
    profile: Profile,
    options: RunOptions,
    config: KernelConfig,
    feeds: Opened,
) -> tuple[InstanceRecord, ...]:
    """Return the records that a new state folder begins with."""
    if not options.replay:
        return first_records(profile.config)
    account = config.contexts[0].execution_id
    return replay_records(
        account,
        feeds.instruments,
        has_quotes=feeds.has_quotes,
        bar_lengths=feeds.bar_lengths,
    )


def limits_for(
    profile: Profile, config: KernelConfig, *, is_replay: bool
) -> Callable[[StrategyId], InstanceLimits]:
    """Return the function that knows each instance's limits."""

    def limits(strategy_id: StrategyId) -> InstanceLimits:
        own = instance_limits(profile.config, strategy_id)
        return scaled_limits(own, config.reporting_currency) if is_replay else own

    return limits


def spec_for(
    record: InstanceRecord,
    loaded: LoadedStrategy,
    config: KernelConfig,
    limits_of: Callable[[StrategyId], InstanceLimits],
    keeper: RecordKeeper,
) -> InstanceSpec:
    """Make an instance's spec of its record; raises LoadError with one sentence."""
    wanted, problems = validate(loaded.strategy_class.CONFIG_SCHEMA, json.loads(record.config_json))
    if problems:
        raise LoadError(f"config of {record.strategy_id}: {'; '.join(problems)}")
    return InstanceSpec(
        strategy_id=record.strategy_id,
        strategy_type=record.strategy_type,
        execution_id=record.account,
        account_id=AccountId(record.account),
        client_id=ClientId(f"tt-{record.strategy_id}"),
        market=keeper.market_of(record, config),
        mode=record.mode,
        limits=limits_of(record.strategy_id),
        config=wanted,
        config_hash=hashlib.sha256(record.config_json.encode()).hexdigest(),
        file_hash=loaded.file_hash,
        actor=record.changed_by or operator(),
        held=keeper.holds(record),
    )


def header_of(
    config: KernelConfig,
    catalogue: LoaderCatalogue,
    seed: int,
    began: int,
    venue: VenueConfig,
    feeds: Opened,
) -> JournalHeader:
    """Return what the journal of this run begins with, if nothing is carried on."""
    return JournalHeader(
        CODEC_VERSION,
        config.run_id,
        config.run_mode,
        config.source_priority,
        config_hash(msgspec.structs.replace(config, run_id=RunId(""))),
        config,
        tuple((info.name, info.file_hash) for info in catalogue.found()),
        seed,
        began,
        run_code=run_code_at(began),
        venue=settings_json(venue),
        is_virtual=feeds.start is not None,
        data_hash=feeds.data_hash,
        program=this_program(),
    )


def run_id_at(moment: int) -> RunId:
    """Return a run's id: unique per folder as long as two runs do not begin in one nanosecond."""
    return RunId(f"run-{moment}")


def run_code_at(moment: int) -> str:
    """Return what the client order ids of a run begin with: its moment since 2026, in base 36.

    The last digit counts 36ths of a second, less than any start takes, for no two runs of a folder
    may share a code.
    """
    number = max(div_floor((moment - _EPOCH_2026_NS) * 36, NANOS_PER_SECOND), 0)
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return text or "0"
