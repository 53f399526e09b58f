"""Acts on instance records: every one names its actor and the state that was seen."""

from __future__ import annotations

import difflib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from tradetui.domain.enums import InstanceMode, RunMode
from tradetui.domain.formatting import timestamp
from tradetui.domain.ids import ExecutionId, StrategyId
from tradetui.domain.instances import INSTANCE_ID, InstanceRecord
from tradetui.domain.text import printable
from tradetui.ports.store import InstanceStore, ModeChange, RecordConflictError
from tradetui.services.config_changes import (
    ConfigChange,
    canonical,
    checked_config,
    differences,
    effective,
    parse_config,
)
from tradetui.services.errors import RefusedError, UserError
from tradetui.services.strategies import StrategyCatalogue, find_strategy

T = TypeVar("T")
Reconcile = Callable[[], Awaitable[object]]


@dataclass(frozen=True)
class Choices:
    """What a new instance may name; an empty ``markets`` allows any."""

    accounts: tuple[str, ...]
    markets: tuple[str, ...] = ()


@dataclass(frozen=True)
class EditedConfig:
    """A config as it would be (or now is), and the keys that change."""

    record: InstanceRecord
    config: dict[str, Any]
    changes: tuple[ConfigChange, ...]


class InstanceService:
    """Creates, switches, edits and deletes instances; after each write ``reconcile`` is run.

    Every method raises UserError for bad input, RefusedError when the record changed since it was
    seen or the act needs a confirmation, StoreError when the database cannot be used.
    """

    def __init__(
        self,
        store: InstanceStore,
        catalogue: StrategyCatalogue,
        choices: Callable[[], Choices],
        run_mode: RunMode,
        reconcile: Reconcile | None = None,
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._choices = choices
        self._run_mode = run_mode
        self._reconcile = reconcile

    async def records(self) -> tuple[InstanceRecord, ...]:
        """Return all records in ascending id."""
        return await self._store.records()

    async def record(self, name: str) -> InstanceRecord:
        """Return one record; raises UserError that names the nearest id if there is none, and what
        brings it back if it was deleted.
        """
        record = await self._store.record(StrategyId(name))
        if record is not None:
            return record
        if deleted := await self._deleted(name):
            raise UserError(deleted)
        ids = [other.strategy_id for other in await self._store.records()]
        near = difflib.get_close_matches(name, ids, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(ids) or 'none'}"
        raise UserError(f"there is no instance {printable(name, 64)}; {hint}")

    async def _deleted(self, name: str) -> str:
        """Say what brings a deleted instance back, empty for one that is not kept."""
        deleted = await self._store.deleted_time(StrategyId(name))
        if deleted is None:
            return ""
        return (
            f"instance {name} was deleted at {timestamp(deleted)} UTC and is kept 30 days: "
            f"`tradetui instances restore {name}` brings it back, off"
        )

    async def history(self, name: str) -> tuple[ModeChange, ...]:
        """Return the mode changes of an instance, oldest first."""
        return await self._store.mode_history((await self.record(name)).strategy_id)

    async def create(
        self,
        *,
        name: str,
        strategy: str,
        account: str,
        market: str,
        config: Mapping[str, Any] | str,
        actor: str,
    ) -> InstanceRecord:
        """Add an instance, always off; ``config`` is an object or its JSON, checked."""
        if not INSTANCE_ID.fullmatch(name):
            raise UserError(
                f"{printable(name, 40)!r} is not an id: 1 to 24 of a-z 0-9 _ -, "
                "a letter or digit first"
            )
        if await self._store.record(StrategyId(name)) is not None:
            raise RefusedError(
                f"there is an instance {name} already: `tradetui instances show {name}` tells of "
                "it. Nothing done."
            )
        if deleted := await self._deleted(name):
            raise RefusedError(f"{deleted}; a new one needs another id. Nothing done.")
        find_strategy(self._catalogue, strategy)
        choices = self._choices()
        _choose("account", account, choices.accounts)
        if choices.markets:
            _choose("market", market, choices.markets)
        given = parse_config(config) if isinstance(config, str) else dict(config)
        filled = checked_config(await self._catalogue.schema(strategy), given)
        record = InstanceRecord(
            strategy_id=StrategyId(name),
            strategy_type=strategy,
            account=ExecutionId(account),
            market=market,
            mode=InstanceMode.OFF,
            config_json=canonical(filled),
        )
        return await self._write(self._store.create(record, actor))

    async def duplicate(self, name: str, new_name: str, *, actor: str) -> InstanceRecord:
        """Add an instance, off, that is like another one in all but its id."""
        source = await self.record(name)
        return await self.create(
            name=new_name,
            strategy=source.strategy_type,
            account=source.account,
            market=source.market,
            config=source.config_json,
            actor=actor,
        )

    async def delete(self, seen: InstanceRecord, *, actor: str) -> None:
        """Delete an instance that is off; it is kept 30 days."""
        await self._write(
            self._store.delete(seen.strategy_id, seen_revision=seen.revision, actor=actor)
        )

    async def undo_delete(self, name: str, *, actor: str) -> InstanceRecord:
        """Bring a deleted instance back, off."""
        return await self._write(self._store.restore(StrategyId(name), actor))

    async def set_mode(
        self,
        seen: InstanceRecord,
        mode: InstanceMode,
        *,
        actor: str,
        confirmed: bool = False,
        keep_orders: bool = False,
    ) -> InstanceRecord:
        """Switch to a mode by the legal steps: from active to off there are two, both recorded.

        ``confirmed`` says that a person confirmed going active; without it that is refused.
        ``keep_orders`` leaves active without cancelling the entry orders, this once; refused where
        active is not left.
        """
        if keep_orders and (seen.mode is not InstanceMode.ACTIVE or mode is InstanceMode.ACTIVE):
            raise RefusedError(
                f"{seen.strategy_id} is {seen.mode.value}: entry orders are kept, or cancelled, "
                "only when it leaves active"
            )
        if seen.mode is mode:
            return await self.record(seen.strategy_id)
        if mode is InstanceMode.ACTIVE:
            self._check_activation(seen, confirmed=confirmed)
        record = seen
        if seen.mode is InstanceMode.ACTIVE and mode is InstanceMode.OFF:
            record = await self._step(record, InstanceMode.OBSERVE, actor, keep_orders)
        return await self._step(record, mode, actor, keep_orders)

    async def preview_config(
        self, seen: InstanceRecord, changes: Mapping[str, Any]
    ) -> EditedConfig:
        """Return what the config would be with ``changes``, checked; nothing is written."""
        schema = await self._catalogue.schema(seen.strategy_type)
        old = parse_config(seen.config_json)
        new = checked_config(schema, {**old, **changes})
        return EditedConfig(seen, new, differences(effective(schema, old), new))

    async def edit_config(
        self, seen: InstanceRecord, changes: Mapping[str, Any], *, actor: str
    ) -> EditedConfig:
        """Change keys of the config; the instance is loaded anew.

        The config is tried first: raises RefusedError when the strategy cannot be made with it, and
        then nothing is written, and what runs goes on as it is.
        """
        edited = await self.preview_config(seen, changes)
        if not edited.changes:
            return edited
        problem = await self._catalogue.try_config(seen.strategy_type, edited.config)
        if problem:
            stays = f"it keeps config {seen.config_version}"
            raise RefusedError(f"{seen.strategy_id} does not load with that; {stays}: {problem}")
        record = await self._write(
            self._store.set_config(
                seen.strategy_id,
                canonical(edited.config),
                seen_revision=seen.revision,
                actor=actor,
            )
        )
        return EditedConfig(record, edited.config, edited.changes)

    async def add_first(self, records: Sequence[InstanceRecord], *, actor: str) -> bool:
        """Fill a new store with the config's instances, led to their modes step by step; tell
        whether it was new.

        Does nothing if the store ever had an instance. Configs are checked when the instances are
        loaded.
        """
        if await self._store.records() or await self._store.audit_entries(1):
            return False
        walks = [(wanted, self._first_steps(wanted)) for wanted in records]
        for wanted, modes in walks:
            record = await self._refusable(self._store.create(wanted, actor))
            for mode in modes:
                record = await self._refusable(
                    self._store.set_mode(
                        record.strategy_id, mode, seen_revision=record.revision, actor=actor
                    )
                )
        await self._reconciled()
        return True

    def _check_activation(self, seen: InstanceRecord, *, confirmed: bool) -> None:
        if seen.mode is InstanceMode.OFF:
            raise RefusedError(f"{seen.strategy_id} is off; switch it to observe first")
        if not confirmed:
            raise RefusedError(
                f"{seen.strategy_id}: going active in {self._run_mode.value} needs a confirmation; "
                "in a shell: --yes"
            )

    def _first_steps(self, wanted: InstanceRecord) -> tuple[InstanceMode, ...]:
        if wanted.mode is InstanceMode.OFF:
            return ()
        if wanted.mode is InstanceMode.OBSERVE:
            return (InstanceMode.OBSERVE,)
        if self._run_mode.is_real:
            raise RefusedError(
                f"{wanted.strategy_id}: a config cannot start an instance active in "
                f"{self._run_mode.value}; activate it by hand"
            )
        return (InstanceMode.OBSERVE, InstanceMode.ACTIVE)

    async def _step(
        self, seen: InstanceRecord, mode: InstanceMode, actor: str, keep_orders: bool
    ) -> InstanceRecord:
        return await self._write(
            self._store.set_mode(
                seen.strategy_id,
                mode,
                seen_revision=seen.revision,
                actor=actor,
                keep_orders=keep_orders,
            )
        )

    async def _write(self, act: Awaitable[T]) -> T:
        result = await self._refusable(act)
        await self._reconciled()
        return result

    async def _refusable(self, act: Awaitable[T]) -> T:
        try:
            return await act
        except RecordConflictError as error:
            raise RefusedError(str(error)) from error

    async def _reconciled(self) -> None:
        if self._reconcile is not None:
            await self._reconcile()


def _choose(what: str, name: str, known: tuple[str, ...]) -> None:
    if name in known:
        return
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known) or 'none'}"
    raise UserError(f"there is no {what} {printable(name, 64)}; {hint}")
