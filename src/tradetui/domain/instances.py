"""Instance records (desired state) and what is true of a running instance."""

from __future__ import annotations

import re
from typing import Final

from tradetui.domain.enums import InstanceMode, InstanceState
from tradetui.domain.ids import ExecutionId, StrategyId
from tradetui.domain.reasons import Reason
from tradetui.domain.record import Record

INSTANCE_ID: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,23}")
STRATEGY_TYPE: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")


class InstanceRecord(Record, frozen=True):
    """One persisted instance.

    ``strategy_id`` (the record's ``id``), type, account and market never change.
    ``config_json`` is the canonical JSON object of the config. ``revision`` counts changes of the
    row: an act that was decided on an older revision is refused. ``config_version`` counts
    changes of the config. ``keep_orders`` says that the change which made this revision leaves
    active without cancelling the entry orders; every later change forgets it. ``config_time`` (0:
    not known) and ``config_by`` say when and by whom the config was set.
    """

    strategy_id: StrategyId
    strategy_type: str
    account: ExecutionId
    market: str
    mode: InstanceMode
    config_json: str
    revision: int = 1
    config_version: int = 1
    created_time: int = 0
    changed_time: int = 0
    changed_by: str = ""
    keep_orders: bool = False
    config_time: int = 0
    config_by: str = ""


class InstanceStatus(Record, frozen=True):
    """All that decides the state word of a running instance.

    ``blocks`` are the engine's reasons, worst first.
    """

    mode: InstanceMode
    has_error: bool = False
    paused: bool = False
    held: bool = False
    exit_only: str = ""
    blocks: tuple[Reason, ...] = ()


def state_of(status: InstanceStatus) -> InstanceState:
    """Derive the state word from the status; the first that applies, as the table of states has
    it.
    """
    if status.mode is InstanceMode.OFF:
        return InstanceState.OFF
    if status.has_error:
        return InstanceState.ERROR
    if status.paused:
        return InstanceState.PAUSED
    if status.mode is InstanceMode.OBSERVE:
        return InstanceState.OBSERVE
    if status.held:
        return InstanceState.HELD
    if status.exit_only:
        return InstanceState.EXIT_ONLY
    if status.blocks:
        return InstanceState.BLOCKED
    return InstanceState.ACTIVE
