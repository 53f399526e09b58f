"""The commands on instance records; a running engine follows what they write."""

from __future__ import annotations

import asyncio

from tradetui.bootstrap.commands.strategies import field_row
from tradetui.bootstrap.profile.catalogue import LoaderCatalogue
from tradetui.bootstrap.profile.opened_records import instance_service
from tradetui.bootstrap.profile.operator import operator
from tradetui.bootstrap.profile.profile import profile_at
from tradetui.bootstrap.recorded.journal_part import opened
from tradetui.bootstrap.recorded.newest_run import has_journal, newest
from tradetui.bootstrap.run.runnable import check_market
from tradetui.cli.wiring import Place, Row
from tradetui.domain.enums import InstanceMode
from tradetui.domain.formatting import timestamp
from tradetui.domain.ids import is_shadow
from tradetui.domain.instances import InstanceRecord
from tradetui.domain.units import format_scaled
from tradetui.services.config_changes import parse_assignments, parse_config
from tradetui.services.errors import RefusedError


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


def _config_set(record: InstanceRecord) -> Row:
    """Return when and by whom the config was set, None where that is not known."""
    return {
        "config_time": timestamp(record.config_time) if record.config_time else None,
        "config_by": record.config_by or None,
    }


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


async def delete_instance(place: Place, name: str, *, confirmed: bool) -> Row:
    """Delete a record that is off, flat and without orders; raises RefusedError otherwise."""
    async with instance_service(place, to_read=True) as service:
        record = await service.record(name)
    if has_journal(place):
        held = await asyncio.to_thread(_held, place, name)
        if held:
            raise RefusedError(f"{name} still has {held}; close it first. Nothing done.")
    if not confirmed:
        raise RefusedError(f"{name} would leave the list: confirm it with --yes. Nothing done.")
    async with instance_service(place) as service:
        await service.delete(record, actor=operator())
    return record_row(record) | {"mode": "deleted", "kept": "30 days: instances restore"}


async def duplicate_instance(place: Place, name: str, new_name: str) -> Row:
    """Create a record, off, that is like another one."""
    async with instance_service(place, makes=False) as service:
        return record_row(await service.duplicate(name, new_name, actor=operator()))


async def restore_instance(place: Place, name: str) -> Row:
    """Bring a deleted record back, off."""
    async with instance_service(place, makes=False) as service:
        return record_row(await service.undo_delete(name, actor=operator()))


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
        return {**record_row(record), **_config_set(record), "fields": fields}


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


def _held(place: Place, name: str) -> str:
    """Return what an instance still has, empty for nothing."""
    with opened(place, None) as reader:
        state = newest(reader).state
    held = [
        f"{format_scaled(one.quantity, state.instruments[key[2]].size_scale)} "
        f"{state.instruments[key[2]].symbol}"
        for key, one in sorted(state.positions.items())
        if key[0] == name and one.quantity and not is_shadow(key[1])
    ]
    open_orders = [
        order
        for order in state.open_orders.values()
        if order.terms.strategy_id == name and not is_shadow(order.terms.route_id)
    ]
    if open_orders:
        held.append(f"{len(open_orders)} open orders")
    return ", ".join(held)
