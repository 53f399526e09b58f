"""Between the records in ``state.db`` and the running driver."""

from __future__ import annotations

import os
import time
from functools import partial
from typing import Final

from msgspec.structs import replace

from tradetui.bootstrap.run.kept_switches import KeptSwitches
from tradetui.bootstrap.run.older_lists import OlderLists
from tradetui.domain.commands import CommandReply, OperatorCommand
from tradetui.domain.control import InstanceUnloaded, ModeChanged
from tradetui.domain.enums import InstanceMode, Severity
from tradetui.domain.ids import InstrumentId, StrategyId
from tradetui.domain.instances import InstanceRecord
from tradetui.domain.risk import KillSwitch
from tradetui.domain.steps import KernelConfig
from tradetui.domain.units import NANOS_PER_MINUTE
from tradetui.engine.errors import LoadError
from tradetui.ports.history import EquityPoint
from tradetui.ports.journal import MadeCheckpoint
from tradetui.runtime.alerts import Condition
from tradetui.runtime.driver import LiveDriver
from tradetui.runtime.header import total_equity
from tradetui.runtime.taking_on import market_of, starts_held
from tradetui.services.instances import InstanceService
from tradetui.services.plan import Running
from tradetui.services.reconciler import InstanceLoadError, Reconciler
from tradetui.services.remote import STOPPING, answer_waiting, keeps
from tradetui.storage.inbox import SqliteCommandInbox
from tradetui.storage.instance_store import SqliteInstanceStore
from tradetui.storage.journal import SqliteJournal
from tradetui.storage.kill_slots import KillSlots

EQUITY_EVERY_NS: Final = NANOS_PER_MINUTE
ACTOR: Final = "engine"
MISPLACED_ALERT: Final = "state.db"


class RecordKeeper:
    """Reconciles, audits, keeps kill-switches and the equity curve; the driver's hooks."""

    def __init__(
        self,
        store: SqliteInstanceStore,
        journal: SqliteJournal,
        *,
        is_carried: bool = False,
        is_doubtful: bool = False,
    ) -> None:
        self._store = store
        self._is_carried = is_carried
        self._is_doubtful = is_doubtful
        self._journal = journal
        self._lists: OlderLists | None = None
        self._first: tuple[InstanceRecord, ...] = ()
        self._switches = KeptSwitches(store, KillSlots(journal.path.parent))
        self._driver: LiveDriver | None = None
        self._reconciler: Reconciler | None = None
        self._is_taking_over = False
        self._has_begun = False
        self._next_equity = 0
        self.service: InstanceService | None = None

    def connect(self, driver: LiveDriver, first: tuple[InstanceRecord, ...]) -> None:
        """Take the driver whose instances follow the records; ``first`` fills a new store."""
        self._driver = driver
        self._first = first
        self._reconciler = Reconciler(self._store, _Executor(driver))
        self._switches.connect(driver, self._answer)
        self._lists = OlderLists(self._journal, driver)
        self._lists.connect()
        self._note_opening()

    def close(self) -> None:
        """Let go of what is held open beside the records."""
        self._switches.close()

    @property
    def driver(self) -> LiveDriver:
        """The driver; only after ``connect``."""
        assert self._driver is not None
        return self._driver

    def holds(self, record: InstanceRecord) -> bool:
        """Tell whether an instance must start HELD (``taking_on.starts_held``)."""
        before = self.driver.loop.kernel.state.instances.get(record.strategy_id)
        return self._is_taking_over and starts_held(record, before, is_carried=self._is_carried)

    def market_of(self, record: InstanceRecord, config: KernelConfig) -> InstrumentId:
        """Find a record's market on the routes of its account; raises LoadError."""
        return market_of(record, config, self.driver.loop.kernel.state.instruments)

    async def reconcile(self) -> None:
        """Bring the running instances to what the records say; the first time, begin."""
        if not self._has_begun:
            self._has_begun = True
            await self._begin()
        else:
            await self.reconcile_now(retry=True)

    async def reconcile_now(self, *, retry: bool = False) -> None:
        """Reconcile, then show the records as they are."""
        assert self._reconciler is not None
        await self._reconciler.reconcile(retry=retry)
        await self._show()

    async def reload(self, strategy_id: StrategyId) -> str:
        """Load one running instance anew, if its file can be loaded: returns why not when it runs
        on as it was, else nothing; why it does not run any more is in its row.
        """
        assert self._reconciler is not None
        failure = await self._reconciler.reload(strategy_id, "reloaded by a person")
        await self._show()
        return failure.text if failure is not None and failure.runs_on else ""

    async def poll(self) -> None:
        """Pick up what another process wrote, and strategy files that changed."""
        assert self._reconciler is not None
        if await self._reconciler.poll() is not None:
            await self.answer_commands()
            await self._show()
        self.driver.instances.check_files()

    async def stops(self) -> None:
        """Take kill-switches that came through the door, or through the inbox while the journal is
        stalled; keep those that could not be kept; look whether ``state.db`` is where it was.
        """
        self._show_misplaced()
        try:
            await self._switches.take()
        finally:
            await self._switches.keep_again()
        if self.driver.pump.is_stalled:
            inbox = SqliteCommandInbox(self._store.database)
            await answer_waiting(inbox, self._answer, time.time_ns(), only=STOPPING)

    def _show_misplaced(self) -> None:
        publisher, problem = self.driver.publisher, self._store.database.misplaced()
        if not problem:
            publisher.clear_alert(MISPLACED_ALERT)
            return
        text = (
            f"{problem}, while process {os.getpid()} runs an engine on it: what a shell writes "
            "there does not reach this engine, and what this one records is lost at its end; put "
            "it back, or stop the engine and start it again"
        )
        publisher.raise_alert(MISPLACED_ALERT, Condition(Severity.ALERT, None, text))

    async def answer_commands(self) -> None:
        """Do what other processes have asked for through the command inbox."""
        inbox = SqliteCommandInbox(self._store.database)
        while await answer_waiting(inbox, self._answer, time.time_ns()):
            pass

    async def _answer(self, command: OperatorCommand) -> CommandReply:
        """Do what another process asked for; a stop that is refused is said here too: who left it
        for a later start does not wait for the answer.
        """
        reply = await self.driver.client.send(command)
        if not reply.done and keeps(command):
            text = f"a kill-switch from a shell is NOT engaged: {reply.text}"
            self.driver.publisher.say(Severity.ERROR, text)
        return reply

    async def audit(self, act: str, target: str, detail: str, actor: str, done: bool) -> None:
        """Keep an act of a person."""
        await self._store.audit(act, target, detail, actor=actor, done=done)

    async def keep_kill_switch(self, switch: KillSwitch) -> str:
        """Keep a kill-switch over restarts; as ``runtime.stopping.KeepKillSwitch``."""
        return await self._switches.keep(switch)

    def note_equity(self, _watermark: int) -> None:
        """Add a point to the equity curve, at most one a minute of the run's own time. The first
        step of a run that continues another has the point that it began with.
        """
        now, seq_id = self.driver.loop.now, self.driver.loop.kernel.state.seq_id
        if now < self._next_equity or seq_id <= self._journal.header.opening_seq + 1:
            return
        self._next_equity = now - now % EQUITY_EVERY_NS + EQUITY_EVERY_NS
        point = equity_point(self.driver)
        if point is not None:
            self._journal.note_equity(point)

    async def put_checkpoint(self, made: MadeCheckpoint, chain_hash: str) -> None:
        """Keep a checkpoint, and the equity with it: the last of a run is of its last step."""
        point = equity_point(self.driver)
        if point is not None and point.seq_id > self._journal.header.opening_seq + 1:
            self._journal.note_equity(point)
        await self._journal.put_checkpoint(made, chain_hash)

    def _note_opening(self) -> None:
        """Add what a run that continues another begins with: the other one ended with it, whatever
        prices do in between, and however long before it had noted its last point.
        """
        header = self._journal.header
        point = equity_point(self.driver) if header.continues else None
        if point is not None:
            self._journal.note_equity(replace(point, seq_id=header.opening_seq + 1))

    async def _begin(self) -> None:
        assert self.service is not None
        assert self._lists is not None
        await self._lists.preload()
        await self._switches.engage_kept()
        is_new = await self._first_records()
        self._is_taking_over = self._is_doubtful or not is_new
        await self._show()
        await self.answer_commands()
        self._switches.prepare()
        await self._switches.take()
        await self._leave_active_as_told()
        await self.reconcile_now()
        self._is_taking_over = False
        await self._stop_what_does_not_run()

    async def _leave_active_as_told(self) -> None:
        """Lead instances to observe that were told to while the engine was down and to keep their
        entry orders: to load one anew in another mode would cancel them.
        """
        driver = self.driver
        for record in await self._store.records():
            known = driver.loop.kernel.state.instances.get(record.strategy_id)
            was_active = known is not None and known.mode is InstanceMode.ACTIVE
            if was_active and record.keep_orders and record.mode is InstanceMode.OBSERVE:
                event = ModeChanged(
                    record.strategy_id, record.mode, record.changed_by or ACTOR, keep_orders=True
                )
                await driver.pump.act(partial(driver.loop.control, event))

    async def _stop_what_does_not_run(self) -> None:
        """Unload instances that the kernel remembers and no record wants, or that cannot be loaded:
        their entries are cancelled unless the record keeps them, what protects stays.
        """
        driver = self.driver
        records = {record.strategy_id: record for record in await self._store.records()}
        running = {record.strategy_id for record in driver.instances.running_records()}
        for strategy_id in sorted(driver.loop.kernel.state.instances):
            if strategy_id in running:
                continue
            record = records.get(strategy_id)
            is_off = record is None or record.mode is InstanceMode.OFF
            reason = "switched off while the engine was down" if is_off else "could not be loaded"
            actor = (record.changed_by if record is not None else "") or ACTOR
            keep = is_off and record is not None and record.keep_orders
            event = InstanceUnloaded(strategy_id, actor, reason, keep)
            await driver.pump.act(partial(driver.loop.control, event))
            if is_off:
                driver.publisher.say(Severity.WARNING, reason, strategy_id)

    async def _first_records(self) -> bool:
        """Fill a new store; True if it was new."""
        assert self.service is not None
        self._is_taking_over = self._is_doubtful
        return await self.service.add_first(self._first, actor="first run")

    async def _show(self) -> None:
        self.driver.publisher.set_records(await self._store.records())
        await self.driver.pump.commit()


class _Executor:
    """Carries the plan out on the driver's instances; its failures become the services' own."""

    def __init__(self, driver: LiveDriver) -> None:
        self._driver = driver

    def running_instances(self) -> tuple[Running, ...]:
        return tuple(Running(record) for record in self._driver.instances.running_records())

    async def load_instance(self, record: InstanceRecord) -> None:
        try:
            await self._driver.instances.load_instance(record)
        except LoadError as error:
            raise InstanceLoadError(str(error), error.traceback) from error

    async def try_instance(self, record: InstanceRecord) -> None:
        try:
            await self._driver.instances.try_instance(record)
        except LoadError as error:
            raise InstanceLoadError(str(error), error.traceback) from error

    async def unload_instance(
        self, strategy_id: StrategyId, reason: str, *, keep_orders: bool = False
    ) -> None:
        await self._driver.instances.unload_instance(strategy_id, reason, keep_orders=keep_orders)

    async def change_mode(self, record: InstanceRecord) -> None:
        await self._driver.instances.change_mode(record)

    async def report_failure(
        self, record: InstanceRecord | None, text: str, traceback: str
    ) -> None:
        await self._driver.instances.report_failure(record, text, traceback)


def equity_point(driver: LiveDriver) -> EquityPoint | None:
    """Return the equity of all real routes now, None while a price or a rate lacks."""
    state = driver.loop.kernel.state
    equity = total_equity(state)
    if equity is None:
        return None
    return EquityPoint(
        state.seq_id,
        driver.loop.now or time.time_ns(),
        driver.options.account,
        state.config.reporting_currency,
        equity,
        0,
    )
