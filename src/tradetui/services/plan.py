"""What must be done so that what runs is what the records say: a pure function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tradetui.domain.enums import InstanceMode
from tradetui.domain.ids import StrategyId
from tradetui.domain.instances import InstanceRecord


@dataclass(frozen=True)
class Running:
    """A running instance, by the record that it was loaded from (or last changed to)."""

    record: InstanceRecord


@dataclass(frozen=True)
class Load:
    """Start an instance."""

    record: InstanceRecord


@dataclass(frozen=True)
class Unload:
    """Stop an instance; its positions and protective orders stay, with ``keep_orders`` its entry
    orders too.
    """

    strategy_id: StrategyId
    reason: str
    keep_orders: bool = False


@dataclass(frozen=True)
class Reload:
    """Stop an instance and start it again from a changed record; ``reason`` says what changed.

    ``before`` is the record that it runs with, None when it may not go on with that: then it is
    stopped even if it cannot be started again.
    """

    record: InstanceRecord
    reason: str
    before: InstanceRecord | None = None


@dataclass(frozen=True)
class ChangeMode:
    """Switch a running instance between observe and active, as its record says: with its entry
    orders cancelled or kept.
    """

    record: InstanceRecord
    from_mode: InstanceMode


Action = Load | Unload | Reload | ChangeMode


def plan(
    desired: Sequence[InstanceRecord],
    observed: Sequence[Running],
    failed: Mapping[StrategyId, int] | None = None,
) -> tuple[Action, ...]:
    """Return the actions that lead from ``observed`` to ``desired``.

    First all unloads, then changes of mode that leave active, then reloads, then loads, then
    activations; each in ascending id: what reduces risk comes first. ``failed`` holds the revision
    at which loading an instance (anew) failed: it is not tried again before its record has changed.
    """
    wanted = {record.strategy_id: record for record in desired}
    running = {instance.record.strategy_id: instance.record for instance in observed}
    unloads: list[Action] = []
    calming: list[Action] = []
    reloads: list[Action] = []
    activations: list[Action] = []
    for strategy_id in sorted(running):
        action = _change(running[strategy_id], wanted.get(strategy_id), failed or {})
        if isinstance(action, Unload):
            unloads.append(action)
        elif isinstance(action, Reload):
            reloads.append(action)
        elif isinstance(action, ChangeMode):
            entering = action.record.mode is InstanceMode.ACTIVE
            (activations if entering else calming).append(action)
    loads: list[Action] = [
        Load(wanted[strategy_id])
        for strategy_id in sorted(wanted)
        if strategy_id not in running and _may_load(wanted[strategy_id], failed or {})
    ]
    return (*unloads, *calming, *reloads, *loads, *activations)


def _may_load(record: InstanceRecord, failed: Mapping[StrategyId, int]) -> bool:
    return record.mode is not InstanceMode.OFF and not _has_failed(record, failed)


def _has_failed(record: InstanceRecord, failed: Mapping[StrategyId, int]) -> bool:
    return failed.get(record.strategy_id) == record.revision


def _change(
    now: InstanceRecord, wanted: InstanceRecord | None, failed: Mapping[StrategyId, int]
) -> Action | None:
    """Return what to do with one running instance, None if it is as wanted."""
    if wanted is None:
        return Unload(now.strategy_id, "its record was deleted")
    if wanted.mode is InstanceMode.OFF:
        return Unload(now.strategy_id, "its mode is off", wanted.keep_orders)
    if _identity(now) != _identity(wanted):
        return Reload(wanted, "another record has its id")
    if now.config_json != wanted.config_json:
        if _has_failed(wanted, failed):
            return None
        return Reload(wanted, f"config {now.config_version} -> {wanted.config_version}", now)
    if now.mode is not wanted.mode:
        return ChangeMode(wanted, now.mode)
    return None


def _identity(record: InstanceRecord) -> tuple[str, str, str, int]:
    return (record.strategy_type, record.account, record.market, record.created_time)
