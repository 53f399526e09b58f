"""Rows of ``state.db``: what may be written, and what was read."""

from __future__ import annotations

from typing import Final, NoReturn

import aiosqlite
import msgspec

from tradetui.domain.enums import InstanceMode
from tradetui.domain.ids import ExecutionId, StrategyId
from tradetui.domain.instances import INSTANCE_ID, STRATEGY_TYPE, InstanceRecord
from tradetui.domain.text import printable
from tradetui.ports.store import RecordConflictError
from tradetui.storage.row_checks import check_number, row_line
from tradetui.storage.state_db import Row
from tradetui.storage.state_schema import MAX_CONFIG_LENGTH

MAX_NAME: Final = 64


def record_of(row: Row) -> InstanceRecord:
    """Build a record from a row of ``instances``."""
    return InstanceRecord(
        strategy_id=StrategyId(row[0]),
        strategy_type=row[1],
        account=ExecutionId(row[2]),
        market=row[3],
        mode=InstanceMode(row[4]),
        config_json=row[5],
        revision=row[6],
        config_version=row[7],
        created_time=row[8],
        changed_time=row[9],
        changed_by=row[10],
        keep_orders=row[12] == row[6],
        config_time=row[13] or 0,
        config_by=row[14],
    )


def is_sound(row: Row) -> bool:
    """Tell whether a row, whose last value is its check number, is what was written."""
    return bool(row[-1] == check_number(row_line(tuple(row[:-1]))))


async def write_audit(
    connection: aiosqlite.Connection,
    now: int,
    actor: str,
    act: str,
    target: str,
    detail: str,
    *,
    done: bool,
) -> None:
    """Add a line to the audit, within the caller's transaction."""
    await connection.execute(
        "INSERT INTO audit (time, actor, act, target, detail, done) VALUES (?, ?, ?, ?, ?, ?)",
        (
            now,
            actor,
            printable(act, MAX_NAME),
            printable(target, 2 * MAX_NAME),
            printable(detail, 2_000),
            done,
        ),
    )


def check_identity(record: InstanceRecord) -> None:
    """Raise RecordConflictError for an identity that is not made of names."""
    if not INSTANCE_ID.fullmatch(record.strategy_id):
        _refuse(
            record.strategy_id,
            "an id has 1 to 24 of a-z 0-9 _ - and begins with a letter or digit",
        )
    if not STRATEGY_TYPE.fullmatch(record.strategy_type):
        _refuse(
            record.strategy_id,
            f"strategy {printable(record.strategy_type, MAX_NAME)!r} is not a name "
            "(a-z 0-9 _, a letter first)",
        )
    for name, text in (("account", record.account), ("market", record.market)):
        if not text or len(text) > MAX_NAME or not text.isprintable() or " " in text:
            _refuse(record.strategy_id, f"{name} {printable(text, MAX_NAME)!r} is not a name")


def check_config(strategy_id: StrategyId, config_json: str) -> None:
    """Raise RecordConflictError unless the config is a JSON object of bounded length."""
    if len(config_json) > MAX_CONFIG_LENGTH:
        _refuse(strategy_id, f"the config is longer than {MAX_CONFIG_LENGTH:,} characters")
    try:
        value = msgspec.json.decode(config_json)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError) as error:
        _refuse(strategy_id, f"the config is not JSON ({error})")
    if not isinstance(value, dict):
        _refuse(strategy_id, "the config must be a JSON object {...}")


def _refuse(strategy_id: str, what: str) -> NoReturn:
    raise RecordConflictError(f"{printable(strategy_id, MAX_NAME)}: {what}")
