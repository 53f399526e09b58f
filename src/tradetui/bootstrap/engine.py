"""One running engine with everything around it, put together from a profile."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from tradetui.bootstrap.actions import operator
from tradetui.bootstrap.catalogue import LoaderCatalogue
from tradetui.bootstrap.feeds import (
    Opened,
    open_feeds,
    replay_config,
    replay_records,
    resume_synthetic,
    scaled_limits,
)
from tradetui.bootstrap.housekeeping import Housekeeper
from tradetui.bootstrap.past import Past, Wanted
from tradetui.bootstrap.profile import Profile, is_throwaway
from tradetui.bootstrap.records import RecordKeeper
from tradetui.bootstrap.starting import Started, start_run
from tradetui.cli.wiring import RunOptions
from tradetui.config.records import config_hash, first_records, instance_limits, kernel_config
from tradetui.core.venue.models import FillModel, VenueConfig, settings_json
from tradetui.domain.codec import CODEC_VERSION
from tradetui.domain.enums import RunMode, Severity
from tradetui.domain.ids import AccountId, ClientId, RunId, StrategyId
from tradetui.domain.instances import InstanceRecord
from tradetui.domain.memory import NOTHING_SHOWN
from tradetui.domain.risk import InstanceLimits
from tradetui.domain.steps import JournalHeader, KernelConfig
from tradetui.domain.units import NANOS_PER_SECOND, div_floor
from tradetui.engine.loader import LoadedStrategy
from tradetui.engine.records import EngineError, InstanceSpec, LoadError
from tradetui.ports.journal import Journal, JournalError
from tradetui.ports.store import StoreError
from tradetui.runtime.assembly import RunPlan
from tradetui.runtime.clock import SystemClock
from tradetui.runtime.driver import LiveDriver
from tradetui.runtime.options import DriverHooks, DriverOptions
from tradetui.runtime.pump import GROUP_NS
from tradetui.services.errors import RefusedError, RuntimeProblemError, UserError
from tradetui.services.instances import Choices, InstanceService
from tradetui.storage.folder import prepare_folder, private_umask
from tradetui.storage.instance_store import SqliteInstanceStore
from tradetui.storage.journal import SqliteJournal
from tradetui.storage.lock import FolderLock, FolderLockedError
from tradetui.storage.room import FolderRoom
from tradetui.strategy.schema import validate

Wrap = Callable[[Journal], Journal]
"""Lets a caller listen to the journal."""

_EPOCH_2026_NS = 1_767_225_600 * NANOS_PER_SECOND
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
REPLAY_SPEED: Final = 1_000
"""How fast files that are named on the command line are played, unless they say otherwise."""
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass
class Engine:
    """A running engine and the services around it."""

    profile: Profile
    driver: LiveDriver
    store: SqliteInstanceStore
    journal: SqliteJournal
    catalogue: LoaderCatalogue
    service: InstanceService
    keeper: RecordKeeper
    config: KernelConfig
    notes: tuple[str, ...] = ()
    headline: str = ""
    """That there was a crash, and what came back of it; empty where there was none."""
    limits_of: Callable[[StrategyId], InstanceLimits] = field(kw_only=True)

    def choices(self) -> Choices:
        """Return the accounts of the config and the markets that have prices."""
        return choices_of(self.config, self.driver)


@asynccontextmanager
async def engine(
    profile: Profile, options: RunOptions, folder: Path, *, wrap: Wrap | None = None
) -> AsyncIterator[Engine]:
    """Lock the folder, open everything, and yield an engine that has not started yet.

    Raises RefusedError if another process holds the folder or the run mode is not built,
    RuntimeProblemError if a database cannot be used, UserError for files that are wrong.
    """
    run_mode = profile.config.profile.run_mode
    if run_mode is not RunMode.PAPER:
        raise RefusedError(
            f"{profile.loaded.found.path}: run_mode {run_mode.value} is not built yet; "
            "this version runs paper"
        )
    async with AsyncExitStack() as stack:
        try:
            private_umask()
            prepare_folder(folder)
            stack.enter_context(FolderLock(folder))
            store = await SqliteInstanceStore.open(folder, run_mode)
            stack.push_async_callback(store.close)
            running = await _assemble(profile, options, folder, store, wrap, stack)
            yield running
            await store.note_run(str(running.config.run_id), running.journal.watermark)
        except FolderLockedError as error:
            raise RefusedError(str(error)) from error
        except (StoreError, JournalError) as error:
            raise RuntimeProblemError(str(error)) from error
        except EngineError as error:
            raise RuntimeProblemError(
                f"{error}; what was durable before it is kept in {folder}: `tradetui engine "
                "recover` tells what the next start brings back"
            ) from error


@asynccontextmanager
async def stopped_after(running: Engine) -> AsyncIterator[None]:
    """Stop a run in order after the block. When that failed, the stop can only fail in its turn: it
    is what failed first that is raised.
    """
    try:
        yield
    except BaseException:
        with suppress(EngineError, JournalError):
            await running.driver.stop("the run has failed")
        raise
    await running.driver.stop("the run has ended")


async def _assemble(
    profile: Profile,
    options: RunOptions,
    folder: Path,
    store: SqliteInstanceStore,
    wrap: Wrap | None,
    stack: AsyncExitStack,
) -> Engine:
    clock = SystemClock()
    seed = profile.config.engine.seed if options.seed is None else options.seed
    feeds = await open_feeds(options, profile.config, clock, seed)
    began = clock.now()
    if feeds.start is not None and is_throwaway(options):
        began = feeds.start
    config = kernel_config(profile.config, run_id_at(began))
    if options.replay:
        config = replay_config(config, feeds.instruments)
    limits_of = limits_for(profile, config, is_replay=bool(options.replay))
    catalogue = LoaderCatalogue(profile.strategy_folders)
    venue = venue_of(profile)
    header = header_of(config, catalogue, seed, began, venue, feeds)
    started = await start_run(folder, store, header, wanted_run(config, venue, feeds, began))
    journal, header, past = started.journal, started.header, started.past
    opening = None if past is None else past.opening
    stack.push_async_callback(journal.abandon)
    keeper = RecordKeeper(store, journal, is_carried=started.is_carried)
    driver = LiveDriver(
        RunPlan(config, header.run_code, seed, venue, opening=opening),
        feeds.clients,
        journal if wrap is None else wrap(journal),
        clock,
        catalogue.loader,
        DriverHooks(
            audit=keeper.audit,
            reconcile=keeper.reconcile,
            poll=keeper.poll,
            reload=keeper.reload,
            spec_of=lambda record, loaded: spec_for(record, loaded, config, limits_of, keeper),
            keep_kill_switch=keeper.keep_kill_switch,
            label_of=lambda name: label_of(catalogue, name),
            on_commit=keeper.note_equity,
            put_checkpoint=journal.put_checkpoint,
            aside=journal.aside,
            room=FolderRoom(folder),
            chore=Housekeeper(journal, profile.config.journal.max_size).chore,
        ),
        driver_options(profile, options, feeds, past),
        header=header,
    )
    _take_up(driver, feeds, started)
    keeper.connect(driver, wanted_records(profile, options, config, feeds))
    service = InstanceService(
        store, catalogue, lambda: choices_of(config, driver), RunMode.PAPER, keeper.reconcile_now
    )
    keeper.service = service
    notes = await _folder_notes(store, options)
    notes += profile.loaded.warnings + feeds.notes + started.alerts + started.notes
    return Engine(
        profile,
        driver,
        store,
        journal,
        catalogue,
        service,
        keeper,
        config,
        notes,
        started.headline,
        limits_of=limits_of,
    )


def _take_up(driver: LiveDriver, feeds: Opened, started: Started) -> None:
    """Go on behind the last item that the run before took, and say what was found at the start."""
    past = started.past
    if past is not None and past.cursor is not None and feeds.replay is not None:
        feeds.replay.resume(past.cursor)
    if past is not None:
        marks = driver.loop.kernel.state.marks
        resume_synthetic(feeds, {key: mark.price for key, mark in marks.items()})
    for number, text in enumerate(started.alerts):
        driver.publisher.raise_alert(f"recovery:{number}", (Severity.ALERT, None, text))


async def _folder_notes(store: SqliteInstanceStore, options: RunOptions) -> tuple[str, ...]:
    """Return what a person should know of the state folder."""
    restored = await store.take_restored()
    notes = (restored, *store.notices) if restored else store.notices
    if is_throwaway(options):
        notes += ("nothing of this replay is kept; name a folder with --state to keep it",)
    return notes


def wanted_run(config: KernelConfig, venue: VenueConfig, feeds: Opened, now: int) -> Wanted:
    """Return what is known of the run before its past is looked up."""
    feed = None if feeds.replay is None else feeds.replay.iter_items
    return Wanted(config, venue, feeds.data_hash, now, feed)


def driver_options(
    profile: Profile, options: RunOptions, feeds: Opened, past: Past | None
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
    )


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
    return replay_records(account, feeds.instruments, has_quotes=feeds.has_quotes)


def limits_for(
    profile: Profile, config: KernelConfig, *, is_replay: bool
) -> Callable[[StrategyId], InstanceLimits]:
    """Return the function that knows each instance's limits."""

    def limits(strategy_id: StrategyId) -> InstanceLimits:
        own = instance_limits(profile.config, strategy_id)
        return scaled_limits(own, config.reporting_currency) if is_replay else own

    return limits


def choices_of(config: KernelConfig, driver: LiveDriver) -> Choices:
    """Return the accounts of the config and the markets that have prices."""
    known = driver.loop.kernel.state.instruments.values()
    accounts = tuple(sorted(context.execution_id for context in config.contexts))
    return Choices(accounts, tuple(sorted({instrument.symbol for instrument in known})))


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


def venue_of(profile: Profile) -> VenueConfig:
    """Return the simulated venue's settings, from the first route."""
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
    )


def label_of(catalogue: LoaderCatalogue, strategy_type: str) -> str:
    """Return a strategy's label, its name if it has none."""
    for info in catalogue.found():
        if info.name == strategy_type:
            return info.label or strategy_type
    return strategy_type


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
