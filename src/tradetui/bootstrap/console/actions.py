"""The acts of the console on records and forms, done by the services."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tradetui.bootstrap.profile.operator import operator
from tradetui.domain.commands import CommandReply
from tradetui.domain.enums import InstanceMode, InstanceState
from tradetui.domain.ids import Currency, StrategyId
from tradetui.domain.instances import InstanceRecord
from tradetui.domain.replica import InstanceView, ReplicaSnapshot
from tradetui.domain.risk import InstanceLimits, RiskProfile
from tradetui.ports.store import InstanceStore, StoreError
from tradetui.services.config_changes import (
    canonical,
    checked_config,
    differences,
    effective,
    parse_config,
)
from tradetui.services.errors import RefusedError, UserError
from tradetui.services.instances import Choices, InstanceService
from tradetui.services.strategies import Schema, StrategyCatalogue
from tradetui.services.worst_case import limit_lines, share_lines
from tradetui.storage.layouts import PREFERENCES, LayoutStore
from tradetui.tui.actions import ConfigDiff, Draft, MarketChoice, StrategyChoice


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionSources:
    """What the console's acts write to and ask: the records, the strategy files, the engine."""

    service: InstanceService
    store: InstanceStore
    layouts: LayoutStore
    catalogue: StrategyCatalogue
    file_changes: Callable[[str, str], Awaitable[tuple[str, ...]]]
    """What a strategy's file has become, line by line, since the one of a hash was loaded."""
    loaded_config: Callable[[StrategyId], Mapping[str, Any] | None]
    """The config that an instance runs with, defaults filled in; None while it does not."""
    snapshot: Callable[[], ReplicaSnapshot]
    choices: Callable[[], Choices]
    limits_of: Callable[[StrategyId], InstanceLimits]
    profiles: tuple[RiskProfile, ...]
    currency: Currency


class ConsoleActions:
    """Implements ``tui.actions.Actions``: refusals become replies, never exceptions."""

    def __init__(self, sources: ActionSources) -> None:
        self._sources = sources
        self._actor = operator()

    async def set_mode(
        self,
        strategy_id: StrategyId,
        mode: InstanceMode,
        *,
        seen_revision: int,
        seen_state: InstanceState,
        keep_orders: bool = False,
    ) -> CommandReply:
        """Record a mode; refused if the revision or the state has changed since it was seen."""

        async def act() -> str:
            record = self._unchanged(await self._sources.service.record(strategy_id), seen_revision)
            self._same_state(strategy_id, seen_state)
            await self._sources.service.set_mode(
                record, mode, actor=self._actor, confirmed=True, keep_orders=keep_orders
            )
            return f"{strategy_id} is {mode.value}{', entry orders kept' if keep_orders else ''}"

        return await self._reply("mode", strategy_id, f"-> {mode.value}", act)

    async def create(self, draft: Draft) -> CommandReply:
        """Add an instance, always off."""

        async def act() -> str:
            await self._sources.service.create(
                name=draft.strategy_id,
                strategy=draft.strategy_type,
                account=draft.account,
                market=draft.market,
                config=draft.config_json or "{}",
                actor=self._actor,
            )
            return f"{draft.strategy_id} created, off"

        return await self._reply("create", draft.strategy_id, draft.strategy_type, act)

    async def delete(self, strategy_id: StrategyId, *, seen_revision: int) -> CommandReply:
        """Delete an instance that is off, flat and without orders."""

        async def act() -> str:
            record = self._unchanged(await self._sources.service.record(strategy_id), seen_revision)
            view = self._view(strategy_id)
            if view is not None and (view.position or view.orders_open or view.orders_unknown):
                raise RefusedError(f"{strategy_id} still has a position or orders")
            await self._sources.service.delete(record, actor=self._actor)
            return f"{strategy_id} deleted, kept 30 days"

        return await self._reply("delete", strategy_id, "", act)

    async def set_config(
        self, strategy_id: StrategyId, config_json: str, *, seen_revision: int
    ) -> CommandReply:
        """Record a config; the instance is loaded anew with it."""

        async def act() -> str:
            record = self._unchanged(await self._sources.service.record(strategy_id), seen_revision)
            edited = await self._sources.service.edit_config(
                record, parse_config(config_json), actor=self._actor
            )
            changed = ", ".join(str(change) for change in edited.changes)
            return f"{strategy_id}: {changed}" if changed else f"{strategy_id}: nothing changed"

        return await self._reply("config", strategy_id, config_json, act)

    async def check_config(
        self,
        strategy_type: str,
        old_json: str,
        new_json: str,
        strategy_id: StrategyId | None = None,
    ) -> ConfigDiff:
        """Check a config against the strategy's schema and say what changes."""
        try:
            schema = await self._sources.catalogue.schema(strategy_type)
            new = checked_config(schema, parse_config(new_json))
            old = effective(schema, parse_config(old_json))
        except UserError as error:
            return ConfigDiff(new_json, problems=tuple(str(error).split("; ")))
        changes = tuple(str(change) for change in differences(old, new))
        worst = () if strategy_id is None else self._worst_case(strategy_id, schema, old, new)
        return ConfigDiff(canonical(new), changes=changes, worst_case=worst)

    def _worst_case(
        self,
        strategy_id: StrategyId,
        schema: Schema,
        old: Mapping[str, Any],
        new: Mapping[str, Any],
    ) -> tuple[str, ...]:
        limits = self._sources.limits_of(strategy_id)
        shares = share_lines(schema, old, new, limits, self._sources.currency)
        return (*shares, *self.limits(strategy_id))

    async def reload_facts(self, row: InstanceView) -> tuple[tuple[str, str], ...]:
        """Say what loading an instance anew would change: its file, its config, its worst case."""
        check = await self._sources.catalogue.check(row.strategy_type)
        file_changes = await self._sources.file_changes(row.strategy_type, row.file_hash)
        problem, settings, worst = await self._reloaded(row)
        problem = check.problem or problem
        said = f"FAILS: {problem}" if problem else "the file is sound, the config fits it"
        return (
            ("check", said),
            *_block("file", file_changes or ("as it was loaded",)),
            *_block("config", settings),
            *_block("limits", worst),
        )

    async def _reloaded(self, row: InstanceView) -> tuple[str, Sequence[str], Sequence[str]]:
        """Return what is wrong with the config that would be loaded, how it differs from the one
        that runs (defaults that a new file changes are part of both), and its worst case.
        """
        loaded = self._sources.loaded_config(row.strategy_id)
        worst = self.limits(row.strategy_id)
        try:
            schema = await self._sources.catalogue.schema(row.strategy_type)
            record = await self._sources.service.record(row.strategy_id)
            new = checked_config(schema, parse_config(record.config_json))
        except (UserError, RefusedError, StoreError) as error:
            return str(error), ("cannot be read",), worst
        if loaded is None:
            return "", ("not loaded now",), self._worst_case(row.strategy_id, schema, new, new)
        changes = tuple(str(change) for change in differences(loaded, new))
        worst = self._worst_case(row.strategy_id, schema, loaded, new)
        return "", changes or ("as it was loaded",), worst

    async def schema(self, strategy_type: str) -> Mapping[str, Mapping[str, Any]]:
        """Return the CONFIG_SCHEMA of a strategy; empty if it has none or cannot be read."""
        try:
            return await self._sources.catalogue.schema(strategy_type)
        except UserError:
            return {}

    async def strategies(self) -> tuple[StrategyChoice, ...]:
        """Return the strategy files, by name."""
        return tuple(
            StrategyChoice(info.name, info.label, info.problem)
            for info in self._sources.catalogue.found()
        )

    async def markets(self) -> tuple[MarketChoice, ...]:
        """Return the markets that an instance can be made for."""
        choices = self._sources.choices()
        return tuple(
            MarketChoice(account, symbol)
            for account in choices.accounts
            for symbol in choices.markets
        )

    async def restore(self, strategy_id: StrategyId) -> CommandReply:
        """Bring a deleted instance back, off."""

        async def act() -> str:
            await self._sources.service.undo_delete(strategy_id, actor=self._actor)
            return f"{strategy_id} is back, off"

        return await self._reply("restore", strategy_id, "", act)

    async def remember(self, name: str, body: Mapping[str, Any]) -> str:
        """Keep what a person has chosen; return why it could not be kept, empty if it is."""
        try:
            await self._sources.layouts.save(name or PREFERENCES, dict(body))
        except StoreError as error:
            return str(error)
        return ""

    async def recall(self, name: str) -> Mapping[str, Any] | None:
        """Return what was kept under a name."""
        return await self._sources.layouts.load(name or PREFERENCES)

    async def layouts(self) -> tuple[str, ...]:
        """Return the names of the layouts."""
        return tuple(name for name in await self._sources.layouts.names() if name != PREFERENCES)

    async def forget_layout(self, name: str) -> bool:
        """Forget a layout."""
        return await self._sources.layouts.remove(name)

    def limits(self, strategy_id: StrategyId) -> tuple[str, ...]:
        """Say what an instance may use and lose."""
        return limit_lines(
            self._sources.limits_of(strategy_id), self._sources.profiles, self._sources.currency
        )

    def _view(self, strategy_id: StrategyId) -> InstanceView | None:
        views = self._sources.snapshot().instances
        return next((view for view in views if view.strategy_id == strategy_id), None)

    def _same_state(self, strategy_id: StrategyId, seen: InstanceState) -> None:
        view = self._view(strategy_id)
        now = InstanceState.OFF if view is None else view.state
        if now is not seen:
            raise RefusedError(
                f"changed while you looked: {seen.value} -> {now.value}. Nothing done."
            )

    def _unchanged(self, record: InstanceRecord, seen_revision: int) -> InstanceRecord:
        if record.revision != seen_revision:
            raise RefusedError(
                f"{record.strategy_id} changed while you looked "
                f"(by {record.changed_by or 'another'}). Nothing done."
            )
        return record

    async def _reply(
        self, act: str, target: str, detail: str, work: Callable[[], Awaitable[str]]
    ) -> CommandReply:
        """Run an act; a refusal is audited and answered."""
        try:
            return CommandReply(True, await work())
        except UserError as error:
            await self._sources.store.audit(
                act, target, f"{detail}: {error}", actor=self._actor, done=False
            )
            return CommandReply(False, str(error))
        except StoreError as error:
            return CommandReply(False, str(error))


def _block(label: str, lines: Sequence[str]) -> list[tuple[str, str]]:
    """Return lines as facts of a dialog, the label before the first."""
    return [(label if at == 0 else "", line) for at, line in enumerate(lines)]
