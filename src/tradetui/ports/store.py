"""Desired state: the instance records and what else people decide."""

from __future__ import annotations

from typing import Protocol

from tradetui.domain.enums import InstanceMode
from tradetui.domain.ids import StrategyId
from tradetui.domain.instances import InstanceRecord
from tradetui.domain.record import Record
from tradetui.domain.risk import KillSwitch


class StoreError(Exception):
    """The state database cannot be used; the message says which file, what is wrong, and the
    mend.
    """


class RecordConflictError(Exception):
    """The record has changed since it was seen, does not exist, or may not change so; the message
    says which.
    """


class ModeChange(Record, frozen=True):
    """One line of an instance's mode history."""

    strategy_id: StrategyId
    from_mode: InstanceMode | None
    to_mode: InstanceMode
    time: int
    actor: str


class AuditEntry(Record, frozen=True):
    """One act of an operator, done or refused."""

    time: int
    actor: str
    act: str
    target: str
    detail: str
    done: bool


class InstanceStore(Protocol):
    """The persisted records.

    Every write names its actor and is in the audit; identity never changes.
    """

    async def records(self) -> tuple[InstanceRecord, ...]:
        """Return all records that are not deleted, in ascending id."""
        ...

    async def record(self, strategy_id: StrategyId) -> InstanceRecord | None:
        """Return one record, None if there is none or it is deleted."""
        ...

    async def deleted_time(self, strategy_id: StrategyId) -> int | None:
        """Return when a record that can be brought back was deleted (ns UTC), None if it was not
        or is kept no longer.
        """
        ...

    async def create(self, record: InstanceRecord, actor: str) -> InstanceRecord:
        """Add a record, always in mode off.

        Raises RecordConflictError if the id was ever used.
        """
        ...

    async def set_mode(
        self,
        strategy_id: StrategyId,
        mode: InstanceMode,
        *,
        seen_revision: int,
        actor: str,
        keep_orders: bool = False,
    ) -> InstanceRecord:
        """Change the mode; ``keep_orders`` is written with this change and forgotten by the next.

        Raises RecordConflictError for off -> active, an older revision or an unknown id.
        """
        ...

    async def set_config(
        self, strategy_id: StrategyId, config_json: str, *, seen_revision: int, actor: str
    ) -> InstanceRecord:
        """Change the config.

        Raises RecordConflictError for an older revision or an unknown id.
        """
        ...

    async def delete(self, strategy_id: StrategyId, *, seen_revision: int, actor: str) -> None:
        """Delete a record that is off; it is kept 30 days.

        Raises RecordConflictError otherwise.
        """
        ...

    async def restore(self, strategy_id: StrategyId, actor: str) -> InstanceRecord:
        """Bring back a deleted record, in mode off."""
        ...

    async def mode_history(self, strategy_id: StrategyId) -> tuple[ModeChange, ...]:
        """Return all mode changes of an instance, oldest first."""
        ...

    async def audit(self, act: str, target: str, detail: str, *, actor: str, done: bool) -> None:
        """Record an act that is not a write of a record."""
        ...

    async def audit_entries(self, limit: int) -> tuple[AuditEntry, ...]:
        """Return the newest acts, oldest first."""
        ...

    async def kill_switches(self) -> tuple[KillSwitch, ...]:
        """Return every kill-switch that is not NORMAL, as it was last written."""
        ...

    async def set_kill_switch(self, switch: KillSwitch) -> None:
        """Keep the state of a kill-switch over restarts (the journal has it first)."""
        ...

    async def changed_outside(self) -> bool:
        """Tell whether another process wrote to the database since this was last asked."""
        ...
