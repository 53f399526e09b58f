"""Makes what runs equal to the records, again and again; one instance's failure harms no other."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Protocol

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

    def report_failure(self, record: InstanceRecord | None, text: str, traceback: str) -> None:
        """Show that an action failed: in the instance's row, as an alert, in the log."""
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
            try:
                await self._executor.try_instance(record)
            except InstanceLoadError as error:
                return Failure(strategy_id, str(error), runs_on=True)
            return await self._carry_out(Reload(record, reason))

    async def poll(self) -> Reconciled | None:
        """Reconcile if another process wrote to the records; None if none did."""
        if not await self._store.changed_outside():
            return None
        return await self.reconcile()

    async def _carry_out(self, action: Action) -> Failure | None:
        record = None if isinstance(action, Unload) else action.record
        strategy_id = (
            action.strategy_id if isinstance(action, Unload) else action.record.strategy_id
        )
        try:
            await self._execute(action)
        except InstanceLoadError as error:
            text, traceback = str(error), error.traceback
        except Exception as error:  # noqa: BLE001 - the edge between one instance and all others
            text, traceback = f"{type(error).__name__}: {printable(str(error))}", ""
        else:
            self._failed.pop(strategy_id, None)
            return None
        if record is not None:
            self._failed[strategy_id] = record.revision
        self._executor.report_failure(record, text, traceback)
        return Failure(strategy_id, text)

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
