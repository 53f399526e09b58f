"""What a change of config, or a reload, would do: said before anything is done."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Final

from tradetui.backtest.recorded import recorded_run
from tradetui.bootstrap.profile.catalogue import LoaderCatalogue
from tradetui.bootstrap.profile.opened_records import instance_service
from tradetui.bootstrap.profile.profile import profile_at
from tradetui.bootstrap.recorded.journal_part import opened
from tradetui.bootstrap.recorded.newest_run import has_journal
from tradetui.cli.wiring import Place, Row
from tradetui.config.domain_records import instance_limits, kernel_config
from tradetui.domain.control import InstanceLoaded, InstanceUnloaded
from tradetui.domain.ids import RunId
from tradetui.domain.instances import InstanceRecord
from tradetui.services.config_changes import (
    checked_config,
    differences,
    effective,
    parse_assignments,
    parse_config,
)
from tradetui.services.errors import UserError
from tradetui.services.strategies import Schema, find_strategy
from tradetui.services.worst_case import limit_lines, share_lines

SOUND: Final = "ok"


async def preview_config(place: Place, name: str, changes: tuple[str, ...]) -> Row:
    """Return what a config would be: the difference, its worst case, and whether it loads.

    Raises UserError for values that are not allowed, and for an instance that is not there.
    """
    catalogue = LoaderCatalogue(profile_at(place).strategy_folders)
    async with instance_service(place, to_read=True) as service:
        record = await service.record(name)
        schema = await catalogue.schema(record.strategy_type)
        edited = await service.preview_config(record, parse_assignments(schema, changes))
    before = effective(schema, parse_config(record.config_json))
    problem = await catalogue.try_config(record.strategy_type, edited.config)
    return {
        "id": record.strategy_id,
        "mode": record.mode.value,
        "changes": [str(change) for change in edited.changes] or ["nothing changes"],
        "worst_case": worst_case(place, record, schema, before, edited.config),
        "check": problem or SOUND,
    }


def preview_reload(place: Place, name: str) -> Row:
    """Return what loading an instance anew would change: its file, its config, its worst case, and
    whether the file passes its check. Raises UserError for an instance that is not there.
    """
    row, record, now = asyncio.run(_as_recorded(place, name))
    loaded = _running(place, record)
    if loaded is None:
        return row | {"file": "not loaded now", "changes": ["nothing runs that would change"]}
    on_disk = str(row["file"])
    is_same = on_disk == loaded.file_hash
    before = json.loads(loaded.config_json or "{}")
    changes = [str(change) for change in differences(before, now)]
    return row | {
        "file": "as it was loaded" if is_same else f"{loaded.file_hash[:12]} -> {on_disk[:12]}",
        "changes": changes or ["no setting changes"],
    }


async def _as_recorded(place: Place, name: str) -> tuple[Row, InstanceRecord, dict[str, Any]]:
    catalogue = LoaderCatalogue(profile_at(place).strategy_folders)
    async with instance_service(place, to_read=True) as service:
        record = await service.record(name)
    row: Row = {"id": record.strategy_id, "mode": record.mode.value, "file": "", "changes": []}
    check = await catalogue.check(record.strategy_type)
    problem = check.problem
    worst: list[str] = []
    config = parse_config(record.config_json)
    try:
        row["file"] = find_strategy(catalogue, record.strategy_type).file_hash
        schema = await catalogue.schema(record.strategy_type)
        config = checked_config(schema, effective(schema, parse_config(record.config_json)))
        worst = worst_case(place, record, schema, config, config)
    except UserError as error:
        problem = problem or str(error)
    return row | {"worst_case": worst, "check": problem or SOUND}, record, config


def _running(place: Place, record: InstanceRecord) -> InstanceLoaded | None:
    """Return how the newest run loaded an instance last, None where it does not run."""
    if not has_journal(place):
        return None
    with opened(place, None) as reader:
        for step in recorded_run(reader).acts_backwards():
            match step.event.payload:
                case InstanceLoaded(strategy_id=sid) as loaded if sid == record.strategy_id:
                    return loaded
                case InstanceUnloaded(strategy_id=sid) if sid == record.strategy_id:
                    return None
    return None


def worst_case(
    place: Place,
    record: InstanceRecord,
    schema: Schema,
    before: Mapping[str, Any],
    config: Mapping[str, Any],
) -> list[str]:
    """Say what an instance may use and lose with a config, and with the one before."""
    written = profile_at(place).config
    limits = instance_limits(written, record.strategy_id)
    known = kernel_config(written, RunId("preview"))
    currency = known.reporting_currency
    shares = share_lines(schema, before, config, limits, currency)
    return [*shares, *limit_lines(limits, known.profiles, currency)]
