"""The InstanceStore on ``state.db``."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import aiosqlite

from tradetui.domain.enums import InstanceMode, KillState, RunMode, Scope
from tradetui.domain.ids import StrategyId
from tradetui.domain.instances import InstanceRecord
from tradetui.domain.risk import KillSwitch
from tradetui.domain.text import printable
from tradetui.domain.units import NANOS_PER_DAY
from tradetui.ports.store import AuditEntry, ModeChange, RecordConflictError
from tradetui.storage.history import (
    CHECKED_AT_OPEN,
    audit_entries,
    history_faults,
    mode_changes,
)
from tradetui.storage.record_rows import (
    MAX_NAME,
    check_config,
    check_identity,
    is_sound,
    record_of,
    write_audit,
)
from tradetui.storage.state_db import Row, StateDatabase
from tradetui.storage.state_schema import (
    INSTANCE_COLUMNS,
    KILL_COLUMNS,
    RESTORED_KEY,
    RESTORED_RUN_KEY,
)

DELETED_KEPT_NS: Final = 30 * NANOS_PER_DAY
_COLUMNS: Final = ", ".join((*INSTANCE_COLUMNS, "check_number"))
_KILLS: Final = ", ".join((*KILL_COLUMNS, "check_number"))


class SqliteInstanceStore:
    """Implements ``ports.store.InstanceStore``; see there for what each method means and raises.

    ``now`` gives the time of a write in ns UTC.
    """

    def __init__(self, database: StateDatabase, now: Callable[[], int] = time.time_ns) -> None:
        self._database = database
        self._now = now
        self._data_version: int | None = None
        self.notices: tuple[str, ...] = ()
        """What a person should know of the histories, found at the start; empty when all is
        sound."""

    @classmethod
    async def open(
        cls,
        folder: Path,
        run_mode: RunMode,
        *,
        now: Callable[[], int] = time.time_ns,
        busy_timeout_ms: int = 2_000,
        has_copy: bool = True,
    ) -> SqliteInstanceStore:
        """Open the folder's store and forget records that were deleted more than 30 days ago;
        raises StoreError. ``has_copy``: as ``StateDatabase.open`` has it.
        """
        database = await StateDatabase.open(
            folder, run_mode, busy_timeout_ms=busy_timeout_ms, has_copy=has_copy
        )
        store = cls(database, now)
        try:
            await store.check()
            faults = await history_faults(database, CHECKED_AT_OPEN)
            store.notices = (*database.notices, *faults)
            await store.purge_deleted()
            await store.changed_outside()
        except BaseException:
            await database.close()
            raise
        return store

    @classmethod
    async def open_to_read(cls, folder: Path, run_mode: RunMode) -> SqliteInstanceStore:
        """Open the store of a folder that cannot be written, for reading alone; raises StoreError.

        Whatever would write raises StoreError.
        """
        store = cls(await StateDatabase.open_to_read(folder, run_mode))
        try:
            await store.check()
        except BaseException:
            await store.close()
            raise
        return store

    @property
    def database(self) -> StateDatabase:
        """The open database, for the layouts and the command inbox."""
        return self._database

    async def close(self) -> None:
        """Close the database."""
        await self._database.close()

    async def check(self) -> None:
        """Read every record and kill-switch once; raises StoreError for the first that was altered
        on the disk.
        """
        for row in await self._database.read(f"SELECT {_COLUMNS} FROM instances"):
            self._record(row)
        await self.kill_switches()

    async def take_restored(self) -> str:
        """Return, once, that this folder was restored from a backup; empty when it was not."""

        async def work(connection: aiosqlite.Connection) -> str:
            rows = list(
                await connection.execute_fetchall(
                    "SELECT value FROM meta WHERE key = ?", (RESTORED_KEY,)
                )
            )
            await connection.execute("DELETE FROM meta WHERE key = ?", (RESTORED_KEY,))
            return printable(rows[0][0], 400) if rows else ""

        return await self._database.write(work)

    async def restored_run(self) -> str:
        """Return the run with which the folder was last restored from a backup: it was not cut off
        by a crash. Empty where it never was.
        """
        rows = await self._database.read(
            "SELECT value FROM meta WHERE key = ?", (RESTORED_RUN_KEY,)
        )
        return printable(rows[0][0], 64) if rows else ""

    async def records(self) -> tuple[InstanceRecord, ...]:
        rows = await self._database.read(
            f"SELECT {_COLUMNS} FROM instances WHERE deleted_time IS NULL ORDER BY id"
        )
        return tuple(self._record(row) for row in rows)

    async def record(self, strategy_id: StrategyId) -> InstanceRecord | None:
        rows = await self._database.read(
            f"SELECT {_COLUMNS} FROM instances WHERE id = ? AND deleted_time IS NULL",
            (strategy_id,),
        )
        return self._record(rows[0]) if rows else None

    async def deleted_time(self, strategy_id: StrategyId) -> int | None:
        rows = await self._database.read(
            "SELECT deleted_time FROM instances WHERE id = ?", (strategy_id,)
        )
        return rows[0][0] if rows else None

    async def create(self, record: InstanceRecord, actor: str) -> InstanceRecord:
        check_identity(record)
        check_config(record.strategy_id, record.config_json)
        now = self._now()
        actor = printable(actor, MAX_NAME)

        async def work(connection: aiosqlite.Connection) -> None:
            used = await connection.execute_fetchall(
                "SELECT 1 FROM mode_history WHERE id = ? "
                "UNION ALL SELECT 1 FROM instances WHERE id = ? LIMIT 1",
                (record.strategy_id, record.strategy_id),
            )
            if list(used):
                raise RecordConflictError(
                    f"{record.strategy_id}: this id was used before and is never used again; "
                    "choose another"
                )
            await connection.execute(
                "INSERT INTO instances (id, strategy_type, account, market, mode, config, "
                "created_time, changed_time, changed_by, config_time, config_by) "
                "VALUES (?, ?, ?, ?, 'off', ?, ?, ?, ?, ?, ?)",
                (
                    record.strategy_id,
                    record.strategy_type,
                    record.account,
                    record.market,
                    record.config_json,
                    now,
                    now,
                    actor,
                    now,
                    actor,
                ),
            )
            detail = f"{record.strategy_type} {record.account} {record.market} {record.config_json}"
            await write_audit(
                connection, now, actor, "create", record.strategy_id, detail, done=True
            )

        await self._database.write(work)
        return await self._existing(record.strategy_id)

    async def set_mode(
        self,
        strategy_id: StrategyId,
        mode: InstanceMode,
        *,
        seen_revision: int,
        actor: str,
        keep_orders: bool = False,
    ) -> InstanceRecord:
        now = self._now()
        actor = printable(actor, MAX_NAME)

        async def work(connection: aiosqlite.Connection) -> None:
            old = await self._seen(connection, strategy_id, seen_revision)
            if old.mode is InstanceMode.OFF and mode is InstanceMode.ACTIVE:
                raise RecordConflictError(
                    f"{strategy_id}: off to active is refused; switch it to observe first"
                )
            if old.mode is mode:
                return
            await connection.execute(
                "UPDATE instances SET mode = ?, revision = revision + 1, changed_time = ?, "
                "changed_by = ?, kept_revision = ? WHERE id = ?",
                (mode.value, now, actor, old.revision + 1 if keep_orders else 0, strategy_id),
            )
            kept = ", entry orders kept" if keep_orders else ""
            detail = f"{old.mode.value} -> {mode.value}{kept}"
            await write_audit(connection, now, actor, "mode", strategy_id, detail, done=True)

        await self._database.write(work)
        return await self._existing(strategy_id)

    async def set_config(
        self, strategy_id: StrategyId, config_json: str, *, seen_revision: int, actor: str
    ) -> InstanceRecord:
        check_config(strategy_id, config_json)
        now = self._now()
        actor = printable(actor, MAX_NAME)

        async def work(connection: aiosqlite.Connection) -> None:
            old = await self._seen(connection, strategy_id, seen_revision)
            if old.config_json == config_json:
                return
            await connection.execute(
                "UPDATE instances SET config = ?, config_version = config_version + 1, "
                "revision = revision + 1, changed_time = ?, changed_by = ?, config_time = ?, "
                "config_by = ? WHERE id = ?",
                (config_json, now, actor, now, actor, strategy_id),
            )
            detail = f"{old.config_json} -> {config_json}"
            await write_audit(connection, now, actor, "config", strategy_id, detail, done=True)

        await self._database.write(work)
        return await self._existing(strategy_id)

    async def delete(self, strategy_id: StrategyId, *, seen_revision: int, actor: str) -> None:
        now = self._now()
        actor = printable(actor, MAX_NAME)

        async def work(connection: aiosqlite.Connection) -> None:
            old = await self._seen(connection, strategy_id, seen_revision)
            if old.mode is not InstanceMode.OFF:
                raise RecordConflictError(
                    f"{strategy_id}: is {old.mode.value}; switch it off before it is deleted"
                )
            await connection.execute(
                "UPDATE instances SET deleted_time = ?, revision = revision + 1, changed_time = ?, "
                "changed_by = ? WHERE id = ?",
                (now, now, actor, strategy_id),
            )
            await write_audit(
                connection, now, actor, "delete", strategy_id, old.config_json, done=True
            )

        await self._database.write(work)

    async def restore(self, strategy_id: StrategyId, actor: str) -> InstanceRecord:
        now = self._now()
        actor = printable(actor, MAX_NAME)

        async def work(connection: aiosqlite.Connection) -> None:
            cursor = await connection.execute(
                "UPDATE instances SET deleted_time = NULL, mode = 'off', revision = revision + 1, "
                "changed_time = ?, changed_by = ? WHERE id = ? AND deleted_time IS NOT NULL",
                (now, actor, strategy_id),
            )
            if cursor.rowcount != 1:
                raise RecordConflictError(
                    f"{strategy_id}: is not among the deleted instances (they are kept 30 days)"
                )
            await write_audit(connection, now, actor, "restore", strategy_id, "", done=True)

        await self._database.write(work)
        return await self._existing(strategy_id)

    async def mode_history(self, strategy_id: StrategyId) -> tuple[ModeChange, ...]:
        return await mode_changes(self._database, strategy_id)

    async def audit(self, act: str, target: str, detail: str, *, actor: str, done: bool) -> None:
        now = self._now()

        async def work(connection: aiosqlite.Connection) -> None:
            await write_audit(
                connection, now, printable(actor, MAX_NAME), act, target, detail, done=done
            )

        await self._database.write(work)

    async def audit_entries(self, limit: int) -> tuple[AuditEntry, ...]:
        return await audit_entries(self._database, limit)

    async def kill_switches(self) -> tuple[KillSwitch, ...]:
        rows = await self._database.read(f"SELECT {_KILLS} FROM kill_switches ORDER BY scope, key")
        for row in rows:
            self._check_row("kill-switch", f"{row[0]} {row[1]}", row)
        switches = (
            KillSwitch(Scope(row[0]), row[1], KillState(row[2]), row[3], row[4], row[5])
            for row in rows
        )
        return tuple(switch for switch in switches if switch.state is not KillState.NORMAL)

    async def set_kill_switch(self, switch: KillSwitch) -> None:
        values = (
            switch.scope.value,
            printable(switch.key, 2 * MAX_NAME),
            switch.state.value,
            printable(switch.actor, MAX_NAME),
            printable(switch.reason),
            switch.time,
        )

        async def work(connection: aiosqlite.Connection) -> None:
            await connection.execute(
                "INSERT INTO kill_switches (scope, key, state, actor, reason, time) "
                "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (scope, key) DO UPDATE SET "
                "state = excluded.state, actor = excluded.actor, "
                "reason = excluded.reason, time = excluded.time",
                values,
            )
            target = f"{values[0]} {values[1]}".strip()
            await write_audit(
                connection,
                switch.time,
                values[3],
                f"kill {values[2]}",
                target,
                values[4],
                done=True,
            )

        await self._database.write(work)

    async def noted_run(self) -> tuple[str, int]:
        """Return the run that was noted last and the step it had reached then; ("", 0) if none
        was.
        """
        rows = await self._database.read("SELECT value FROM meta WHERE key = 'run'")
        run_id, _, step = (str(rows[0][0]) if rows else "").partition(" ")
        return run_id, int(step) if step.isdigit() else 0

    async def note_run(self, run_id: str, seq_id: int) -> None:
        """Note which run of the journal these records go with, and how far it has come."""

        async def work(connection: aiosqlite.Connection) -> None:
            await connection.execute(
                "INSERT INTO meta (key, value) VALUES ('run', ?) "
                "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (f"{run_id} {seq_id}",),
            )

        await self._database.write(work)

    async def changed_outside(self) -> bool:
        rows = await self._database.read("PRAGMA data_version")
        version = int(rows[0][0])
        changed = self._data_version is not None and self._data_version != version
        self._data_version = version
        return changed

    async def purge_deleted(self) -> int:
        """Forget records that were deleted more than 30 days ago (their history and audit stay);
        return how many.
        """
        limit = self._now() - DELETED_KEPT_NS

        async def work(connection: aiosqlite.Connection) -> int:
            cursor = await connection.execute(
                "DELETE FROM instances WHERE deleted_time IS NOT NULL AND deleted_time < ?",
                (limit,),
            )
            return cursor.rowcount

        return await self._database.write(work)

    async def _seen(
        self, connection: aiosqlite.Connection, strategy_id: StrategyId, seen_revision: int
    ) -> InstanceRecord:
        rows = list(
            await connection.execute_fetchall(
                f"SELECT {_COLUMNS} FROM instances WHERE id = ? AND deleted_time IS NULL",
                (strategy_id,),
            )
        )
        if not rows:
            raise RecordConflictError(f"{strategy_id}: there is no instance of this id")
        record = self._record(tuple(rows[0]))
        if record.revision != seen_revision:
            raise RecordConflictError(
                f"{strategy_id}: changed while you looked (by {record.changed_by}: "
                f"{record.mode.value}, revision {seen_revision} -> {record.revision}); "
                "nothing was done"
            )
        return record

    async def _existing(self, strategy_id: StrategyId) -> InstanceRecord:
        record = await self.record(strategy_id)
        if record is None:
            raise RecordConflictError(f"{strategy_id}: was deleted by another process meanwhile")
        return record

    def _record(self, row: Row) -> InstanceRecord:
        self._check_row("instance", str(row[0]), row)
        return record_of(row)

    def _check_row(self, kind: str, name: str, row: Row) -> None:
        if not is_sound(row):
            raise self._database.damaged(
                f"is damaged (the row of {kind} {printable(name, MAX_NAME)} "
                "is not what was written)"
            )
