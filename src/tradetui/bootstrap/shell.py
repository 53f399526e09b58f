"""The commands that work on records and files, without an engine."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import platformdirs

from tradetui.bootstrap.own_files import own_checks
from tradetui.bootstrap.profile.catalogue import LoaderCatalogue
from tradetui.bootstrap.profile.opened_records import instance_service
from tradetui.bootstrap.profile.operator import operator
from tradetui.bootstrap.profile.places import APPLICATION, found_config, own_strategies, user_state
from tradetui.bootstrap.profile.profile import build, profile_at
from tradetui.bootstrap.run.runnable import check_market
from tradetui.cli.output import WINDOW
from tradetui.cli.wiring import Place, Row
from tradetui.config.loading import load_config
from tradetui.domain.enums import InstanceMode
from tradetui.domain.formatting import timestamp
from tradetui.domain.instances import InstanceRecord
from tradetui.services import strategy_template as template
from tradetui.services.config_changes import parse_assignments, parse_config
from tradetui.services.doctor import Patient, examine
from tradetui.services.errors import UserError
from tradetui.services.strategies import check_strategies, find_strategy
from tradetui.storage.probe import FolderProbe


def record_row(record: InstanceRecord) -> Row:
    """Return a record as a printable row."""
    return {
        "id": record.strategy_id,
        "strategy": record.strategy_type,
        "account": record.account,
        "market": record.market,
        "mode": record.mode.value,
        "config": record.config_version,
        "changed": timestamp(record.changed_time) if record.changed_time else None,
        "by": record.changed_by or None,
    }


async def list_strategies(place: Place) -> list[Row]:
    """Return every strategy file found."""
    profile = profile_at(place)
    return [
        {
            "name": info.name,
            "label": info.label or None,
            "file": info.path,
            "sha256": info.file_hash[:12] or None,
            "problem": info.problem or None,
        }
        for info in LoaderCatalogue(profile.strategy_folders).found()
    ]


def new_strategy(place: Place, name: str, folder: Path | None) -> Row:
    """Write a strategy to begin with; say where, and from when on it is found."""
    profile = profile_at(place)
    path = template.new_strategy(own_strategies() if folder is None else folder, name)
    known = {one.expanduser().resolve() for one in profile.strategy_folders}
    if path.parent.resolve() in known:
        found = "at once, also by an engine that runs"
    else:
        found = (
            f'not yet: write folders = ["{path.parent.resolve()}"] under [strategies] in your '
            "config; an engine that runs reads that at its next start"
        )
    return {"written": str(path), "found": found, "next": f"tradetui strategies check {name}"}


async def check_all(place: Place, names: tuple[str, ...]) -> list[Row]:
    """Check strategies, each in a child process."""
    catalogue = LoaderCatalogue(profile_at(place).strategy_folders)
    return [
        {
            "name": check.name,
            "result": "FAIL" if check.problem else "ok",
            "tick": f"{check.tick_steps * 6} s" if check.tick_steps else None,
            "feeds": list(check.feeds),
            "problem": check.problem or None,
        }
        for check in await check_strategies(catalogue, names)
    ]


async def list_instances(place: Place) -> list[Row]:
    """Return the records."""
    async with instance_service(place, to_read=True) as service:
        return [record_row(record) for record in await service.records()]


async def create_instance(
    place: Place, *, name: str, strategy: str, account: str, market: str, config: str
) -> Row:
    """Create a record, off; raises UserError for a market that there are no prices of."""
    await check_market(place, market)
    async with instance_service(place) as service:
        record = await service.create(
            name=name,
            strategy=strategy,
            account=account,
            market=market,
            config=config,
            actor=operator(),
        )
        return record_row(record)


async def show_instance(place: Place, name: str) -> Row:
    """Return a record with its config and its mode history."""
    row = await get_config(place, name)
    async with instance_service(place, to_read=True) as service:
        changes = [
            {
                "time": timestamp(change.time),
                "from": change.from_mode.value if change.from_mode else None,
                "to": change.to_mode.value,
                "by": change.actor,
            }
            for change in await service.history(name)
        ]
    return {**row, "modes": changes}


async def duplicate_instance(place: Place, name: str, new_name: str) -> Row:
    """Create a record, off, that is like another one."""
    async with instance_service(place, makes=False) as service:
        return record_row(await service.duplicate(name, new_name, actor=operator()))


async def restore_instance(place: Place, name: str) -> Row:
    """Bring a deleted record back, off."""
    async with instance_service(place, makes=False) as service:
        return record_row(await service.undo_delete(name, actor=operator()))


async def show_strategy(place: Place, name: str) -> Row:
    """Return what one strategy is; it is tried out in a child process first."""
    catalogue = LoaderCatalogue(profile_at(place).strategy_folders)
    info = find_strategy(catalogue, name)
    check = await catalogue.check(name)
    if check.problem:
        raise UserError(f"strategy {name}: {check.problem}")
    schema = await catalogue.schema(name)
    return {
        "name": info.name,
        "label": info.label or None,
        "file": info.path,
        "sha256": info.file_hash,
        "tick": f"{check.tick_steps * 6} s",
        "feeds": list(check.feeds),
        "settings": [field_row(key, entry.get("default"), entry) for key, entry in schema.items()],
    }


async def set_mode(
    place: Place, name: str, mode: str, *, confirmed: bool, keep_orders: bool = False
) -> Row:
    """Write the mode of a record; of one that leaves active, say what becomes of its entries."""
    async with instance_service(place, makes=False) as service:
        seen = await service.record(name)
        record = await service.set_mode(
            seen,
            InstanceMode(mode),
            actor=operator(),
            confirmed=confirmed,
            keep_orders=keep_orders,
        )
        row = record_row(record)
        if seen.mode is InstanceMode.ACTIVE and record.mode is not InstanceMode.ACTIVE:
            row["entry_orders"] = "kept" if record.keep_orders else "cancelled"
        return row


async def get_config(place: Place, name: str) -> Row:
    """Return a record's config, key by key, with the schema's words."""
    async with instance_service(place, to_read=True) as service:
        record = await service.record(name)
        catalogue = LoaderCatalogue(profile_at(place).strategy_folders)
        schema = await catalogue.schema(record.strategy_type)
        values = {key: entry.get("default") for key, entry in schema.items()}
        values |= parse_config(record.config_json)
        fields = [field_row(key, values[key], schema.get(key, {})) for key in sorted(values)]
        return {**record_row(record), "fields": fields}


def field_row(key: str, value: Any, entry: Any) -> Row:
    """Return one key of a config as a printable row."""
    bounds = [f"{word} {entry[word]}" for word in ("min", "max") if word in entry]
    return {
        "key": key,
        "value": value if isinstance(value, int | float | str) else json.dumps(value),
        "type": entry.get("type"),
        "unit": entry.get("unit"),
        "bounds": ", ".join(bounds) or None,
        "help": entry.get("help"),
    }


async def set_config(place: Place, name: str, changes: tuple[str, ...]) -> Row:
    """Change keys of a record's config."""
    async with instance_service(place, makes=False) as service:
        record = await service.record(name)
        catalogue = LoaderCatalogue(profile_at(place).strategy_folders)
        schema = await catalogue.schema(record.strategy_type)
        wanted = parse_assignments(schema, changes)
        edited = await service.edit_config(record, wanted, actor=operator())
        changed = [str(change) for change in edited.changes] or ["nothing changed"]
        return {**record_row(edited.record), "changes": changed}


async def doctor(place: Place) -> list[Row]:
    """Examine this machine; a config that cannot be read does not stop the other checks."""
    found = found_config(place)
    folders: tuple[Path, ...] = ()
    state = place.state or user_state() / "default"
    storage = FolderProbe()
    try:
        profile = build(load_config(found), place.state or state)
        folders, state = profile.strategy_folders, profile_at(place).state
        storage = FolderProbe(profile.config.journal.max_size)
    except Exception:  # noqa: BLE001 - the config check below says what is wrong with it
        folders = (platformdirs.user_config_path(APPLICATION) / "strategies",)
    patient = Patient(
        folder=state,
        config=lambda: load_config(found),
        catalogue=LoaderCatalogue(folders),
        storage=storage,
        environment=os.environ,
        now=time.time_ns(),
        is_terminal=WINDOW in os.environ or (sys.stdout is not None and sys.stdout.isatty()),
    )
    checks = (*await examine(patient), *await own_checks(state, storage))
    return [asdict(check) for check in checks]
