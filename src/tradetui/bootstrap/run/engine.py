"""One running engine with everything around it, put together from a profile."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tradetui.bootstrap.process.allocation import keep_little
from tradetui.bootstrap.profile.catalogue import LoaderCatalogue
from tradetui.bootstrap.profile.profile import Profile, is_throwaway
from tradetui.bootstrap.recovery.starting import Started, start_run
from tradetui.bootstrap.run.feeds import (
    Opened,
    open_feeds,
    replay_config,
    resume_synthetic,
)
from tradetui.bootstrap.run.housekeeping import Housekeeper
from tradetui.bootstrap.run.journal_check import JournalCheck
from tradetui.bootstrap.run.records import RecordKeeper
from tradetui.bootstrap.run.run_settings import (
    driver_options,
    header_of,
    limits_for,
    run_id_at,
    spec_for,
    venue_of,
    wanted_records,
    wanted_run,
)
from tradetui.bootstrap.run.runnable import check_mode
from tradetui.cli.wiring import RunOptions
from tradetui.config.domain_records import kernel_config
from tradetui.core.venue.models import VenueConfig
from tradetui.domain.enums import RunMode, Severity
from tradetui.domain.ids import StrategyId
from tradetui.domain.risk import InstanceLimits
from tradetui.domain.steps import KernelConfig
from tradetui.engine.assembly import RunPlan
from tradetui.engine.errors import EngineError
from tradetui.ports.journal import Journal, JournalError
from tradetui.ports.store import StoreError
from tradetui.runtime.alerts import Condition
from tradetui.runtime.clock import SystemClock
from tradetui.runtime.driver import LiveDriver
from tradetui.runtime.options import DriverHooks, DriverOptions
from tradetui.services.errors import RefusedError, RuntimeProblemError
from tradetui.services.instances import Choices, InstanceService
from tradetui.storage.folder import prepare_folder, private_umask
from tradetui.storage.instance_store import SqliteInstanceStore
from tradetui.storage.journal import SqliteJournal
from tradetui.storage.lock import FolderLock, FolderLockedError
from tradetui.storage.room import FolderRoom

Wrap = Callable[[Journal], Journal]
"""Lets a caller listen to the journal."""


@dataclass
class Engine:
    """A running engine and the services around it."""

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
    check_mode(profile)
    keep_little()
    run_mode = profile.config.profile.run_mode
    async with AsyncExitStack() as stack:
        try:
            private_umask()
            prepare_folder(folder)
            lock = stack.enter_context(FolderLock(folder))
            store = await SqliteInstanceStore.open(folder, run_mode)
            stack.push_async_callback(store.close)
            lock.note_file(store.database.path)
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
    basis = await _basis_of(profile, options)
    config, feeds = basis.config, basis.feeds
    limits_of = limits_for(profile, config, is_replay=bool(options.replay))
    catalogue = LoaderCatalogue(profile.strategy_folders)
    started = await _begin_run(basis, folder, store, catalogue)
    journal = started.journal
    stack.push_async_callback(journal.abandon)
    keeper = RecordKeeper(
        store, journal, is_carried=started.is_carried, is_doubtful=started.is_doubtful
    )
    stack.callback(keeper.close)
    driver = _driver_of(
        basis,
        started,
        journal if wrap is None else wrap(journal),
        catalogue,
        hooks_of(keeper, journal, profile, catalogue, config, limits_of),
        driver_options(profile, options, feeds, started.past),
    )
    keeper.connect(driver, wanted_records(profile, options, config, feeds))
    service = InstanceService(
        store, catalogue, lambda: choices_of(config, driver), RunMode.PAPER, keeper.reconcile_now
    )
    keeper.service = service
    notes = await _folder_notes(store, options)
    return Engine(
        driver=driver,
        store=store,
        journal=journal,
        catalogue=catalogue,
        service=service,
        keeper=keeper,
        config=config,
        notes=notes + profile.loaded.warnings + feeds.notes + started.alerts + started.notes,
        headline=started.headline,
        limits_of=limits_of,
    )


@dataclass(frozen=True, slots=True)
class _Basis:
    """What a run is to be, before anything of it is written: its prices, its config, its venue."""

    clock: SystemClock
    seed: int
    feeds: Opened
    began: int
    config: KernelConfig
    venue: VenueConfig


async def _basis_of(profile: Profile, options: RunOptions) -> _Basis:
    """Open the feeds, and bend the config to those of a replay; one that is not kept begins when
    its data does.
    """
    clock = SystemClock()
    seed = profile.config.engine.seed if options.seed is None else options.seed
    feeds = await open_feeds(options, profile.config, clock, seed)
    began = clock.now()
    if feeds.start is not None and is_throwaway(options):
        began = feeds.start
    config = kernel_config(profile.config, run_id_at(began))
    if options.replay:
        config = replay_config(config, feeds.instruments)
    return _Basis(clock, seed, feeds, began, config, venue_of(profile))


async def _begin_run(
    basis: _Basis, folder: Path, store: SqliteInstanceStore, catalogue: LoaderCatalogue
) -> Started:
    """Begin the run in the journal of a folder, behind what it carries on."""
    config, venue, feeds, began = basis.config, basis.venue, basis.feeds, basis.began
    header = header_of(config, catalogue, basis.seed, began, venue, feeds)
    return await start_run(folder, store, header, wanted_run(config, venue, feeds, began))


def _driver_of(
    basis: _Basis,
    started: Started,
    journal: Journal,
    catalogue: LoaderCatalogue,
    hooks: DriverHooks,
    options: DriverOptions,
) -> LiveDriver:
    """Return the driver of a run that was begun, where the run before left off."""
    header, past = started.header, started.past
    opening = None if past is None else past.opening
    driver = LiveDriver(
        RunPlan(basis.config, header.run_code, basis.seed, basis.venue, opening=opening),
        basis.feeds.clients,
        journal,
        basis.clock,
        catalogue.loader,
        hooks,
        options,
        header=header,
    )
    _take_up(driver, basis.feeds, started)
    return driver


def hooks_of(
    keeper: RecordKeeper,
    journal: SqliteJournal,
    profile: Profile,
    catalogue: LoaderCatalogue,
    config: KernelConfig,
    limits_of: Callable[[StrategyId], InstanceLimits],
) -> DriverHooks:
    """Return whom a run asks for what is not its own."""
    return DriverHooks(
        audit=keeper.audit,
        reconcile=keeper.reconcile,
        poll=keeper.poll,
        reload=keeper.reload,
        spec_of=lambda record, loaded: spec_for(record, loaded, config, limits_of, keeper),
        keep_kill_switch=keeper.keep_kill_switch,
        stops=keeper.stops,
        label_of=lambda name: label_of(catalogue, name),
        on_commit=keeper.note_equity,
        put_checkpoint=keeper.put_checkpoint,
        aside=journal.aside,
        room=FolderRoom(journal.path.parent),
        chore=Housekeeper(journal, profile.config.journal.max_size).chore,
        verify=JournalCheck(journal.path).chore,
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
        driver.publisher.raise_alert(f"recovery:{number}", Condition(Severity.ALERT, None, text))


async def _folder_notes(store: SqliteInstanceStore, options: RunOptions) -> tuple[str, ...]:
    """Return what a person should know of the state folder."""
    restored = await store.take_restored()
    notes = (restored, *store.notices) if restored else store.notices
    if is_throwaway(options):
        what = "run is kept; --keep" if options.is_throwaway else "replay is kept; --state"
        notes += (f"nothing of this {what} FOLDER keeps it",)
    return notes


def choices_of(config: KernelConfig, driver: LiveDriver) -> Choices:
    """Return the accounts of the config and the markets that have prices."""
    known = driver.loop.kernel.state.instruments.values()
    accounts = tuple(sorted(context.execution_id for context in config.contexts))
    return Choices(accounts, tuple(sorted({instrument.symbol for instrument in known})))


def label_of(catalogue: LoaderCatalogue, strategy_type: str) -> str:
    """Return a strategy's label, its name if it has none."""
    for info in catalogue.found():
        if info.name == strategy_type:
            return info.label or strategy_type
    return strategy_type
