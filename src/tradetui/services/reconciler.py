"""Makes what runs equal to the records, again and again; one instance's failure harms no other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Protocol

from msgspec.structs import replace

from tradetui.domain.enums import InstanceMode
from tradetui.domain.ids import StrategyId
from tradetui.domain.instances import InstanceRecord
from tradetui.domain.text import printable
from tradetui.ports.store import InstanceStore
from tradetui.services.plan import Action, ChangeMode, Load, Reload, Running, Unload, plan


class InstanceLoadError(Exception):
    """An instance cannot run; the message is one sentence, ``traceback`` the strategy's own."""

    def __init__(self, text: str, traceback: str = "") -> None:
        self.traceback = traceback
        super().__init__(text)


class Executor(Protocol):
    """Who carries a plan out: the runtime, by control envelopes.

    A method that cannot do its part raises InstanceLoadError and leaves the instance not running.
    """

    def running_instances(self) -> tuple[Running, ...]:
        """Return what runs now."""
        ...

    async def load_instance(self, record: InstanceRecord) -> None:
        """Start an instance."""
        ...

    async def try_instance(self, record: InstanceRecord) -> None:
        """Find out whether an instance would load now; raises InstanceLoadError if not. What runs
        goes on as it is.
        """
        ...

    async def unload_instance(
        self, strategy_id: StrategyId, reason: str, *, keep_orders: bool = False
    ) -> None:
        """Stop an instance; its entry orders are cancelled unless they are kept."""
        ...

    async def change_mode(self, record: InstanceRecord) -> None:
        """Switch a running instance to its record's mode."""
        ...

    async def report_failure(
        self, record: InstanceRecord | None, text: str, traceback: str
    ) -> None:
        """Show that an action failed, and record it: in the instance's row or as an alert, in the
        log, in the journal. An instance that runs goes on as it is.
        """
        ...


@dataclass(frozen=True)
class Failure:
    """An action that was tried and failed."""

    strategy_id: StrategyId
    text: str
    runs_on: bool = False
    """The instance was left running as it was."""


@dataclass(frozen=True)
class Reconciled:
    """What one pass did."""

    done: tuple[Action, ...]
    failures: tuple[Failure, ...]


class Reconciler:
    """Runs ``plan`` and carries it out; passes never overlap."""

    def __init__(self, store: InstanceStore, executor: Executor) -> None:
        self._store = store
        self._executor = executor
        self._failed: dict[StrategyId, int] = {}
        self._lock = asyncio.Lock()

    async def reconcile(self, *, retry: bool = False) -> Reconciled:
        """Bring the running instances to what the records say.

        ``retry`` also tries again what failed before and has not changed since. Raises StoreError
        when the records cannot be read; then nothing was done.
        """
        async with self._lock:
            records = await self._store.records()
            if retry:
                self._failed.clear()
            actions = plan(records, self._executor.running_instances(), self._failed)
            done: list[Action] = []
            failures: list[Failure] = []
            for action in actions:
                failure = await self._carry_out(action)
                if failure is None:
                    done.append(action)
                else:
                    failures.append(failure)
            return Reconciled(tuple(done), tuple(failures))

    async def reload(self, strategy_id: StrategyId, reason: str) -> Failure | None:
        """Load one running instance anew from its record and its file as they are now.

        Its file is tried first: one that cannot be loaded changes nothing. Returns None when it was
        loaded anew, or else why not, and whether it runs on as it was. Does nothing when it does
        not run.
        """
        async with self._lock:
            running = {one.record.strategy_id for one in self._executor.running_instances()}
            record = await self._store.record(strategy_id)
            if record is None or strategy_id not in running:
                return None
            problem = await self._problem_of(self._executor.try_instance(record))
            if problem is not None:
                return Failure(strategy_id, str(problem), runs_on=True)
            return await self._carry_out(Reload(record, reason))

    async def poll(self) -> Reconciled | None:
        """Reconcile if another process wrote to the records; None if none did."""
        if not await self._store.changed_outside():
            return None
        return await self.reconcile()

    async def _carry_out(self, action: Action) -> Failure | None:
        if isinstance(action, Reload) and action.before is not None:
            problem = await self._problem_of(self._executor.try_instance(action.record))
            if problem is not None:
                return await self._keep_running(action.record, action.before, problem)
        record = None if isinstance(action, Unload) else action.record
        strategy_id = (
            action.strategy_id if isinstance(action, Unload) else action.record.strategy_id
        )
        problem = await self._problem_of(self._execute(action))
        if problem is None:
            self._failed.pop(strategy_id, None)
            return None
        if record is not None:
            self._failed[strategy_id] = record.revision
        await self._executor.report_failure(record, str(problem), problem.traceback)
        return Failure(strategy_id, str(problem))

    async def _keep_running(
        self, record: InstanceRecord, before: InstanceRecord, problem: InstanceLoadError
    ) -> Failure:
        """Leave an instance with the config that it has, as its new one cannot be loaded, and say
        so; if its record also leaves active, that is done all the same.
        """
        sid = record.strategy_id
        self._failed[sid] = record.revision
        old, new = before.config_version, record.config_version
        text = f"config {new} is not taken, it runs on with config {old}: {problem}"
        await self._executor.report_failure(record, text, problem.traceback)
        if before.mode is InstanceMode.ACTIVE and record.mode is InstanceMode.OBSERVE:
            calmed = replace(
                before,
                mode=record.mode,
                changed_by=record.changed_by,
                keep_orders=record.keep_orders,
            )
            failed = await self._problem_of(self._executor.change_mode(calmed))
            if failed is not None:
                await self._executor.report_failure(record, str(failed), failed.traceback)
        return Failure(sid, text, runs_on=True)

    async def _problem_of(self, act: Awaitable[None]) -> InstanceLoadError | None:
        """Do one thing to one instance; return what went wrong, None if nothing did."""
        try:
            await act
        except InstanceLoadError as error:
            return error
        except Exception as error:  # noqa: BLE001 - the edge between one instance and all others
            return InstanceLoadError(f"{type(error).__name__}: {printable(str(error))}")
        return None

    async def _execute(self, action: Action) -> None:
        match action:
            case Load(record):
                await self._executor.load_instance(record)
            case Unload(strategy_id, reason, keep_orders):
                await self._executor.unload_instance(strategy_id, reason, keep_orders=keep_orders)
            case Reload(record, reason):
                await self._executor.unload_instance(
                    record.strategy_id, reason, keep_orders=record.keep_orders
                )
                await self._executor.load_instance(record)
            case ChangeMode(record):
                await self._executor.change_mode(record)
