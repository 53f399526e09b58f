"""The engine's strategy loader, as the services see it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tradetui.engine.errors import LoadError
from tradetui.engine.loader.strategy_loader import StrategyLoader
from tradetui.services.errors import UserError
from tradetui.services.strategies import Schema, StrategyCheck, StrategyInfo


class LoaderCatalogue:
    """Implements ``services.strategies.StrategyCatalogue``; slow work runs in a thread."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.loader = StrategyLoader(folders)

    def found(self) -> tuple[StrategyInfo, ...]:
        """List the strategy files by parsing them."""
        return tuple(
            StrategyInfo(file.name, file.label, file.path, file.file_hash, file.problem)
            for file in self.loader.find()
        )

    async def check(self, name: str) -> StrategyCheck:
        """Try one out in a child process with limits."""
        report = await asyncio.to_thread(self.loader.check, name)
        return StrategyCheck(name, report.problem, report.feeds, report.tick_steps)

    async def schema(self, name: str) -> Schema:
        """Return a strategy's CONFIG_SCHEMA; raises UserError if it cannot be loaded."""
        try:
            loaded = await asyncio.to_thread(self.loader.load, name)
        except LoadError as error:
            raise UserError(str(error)) from error
        schema: Schema = loaded.strategy_class.CONFIG_SCHEMA
        return schema

    async def try_config(self, name: str, config: Mapping[str, Any]) -> str:
        """Make a strategy with a config in a child process; return why that fails, or nothing."""
        try:
            await asyncio.to_thread(self.loader.try_config, name, dict(config))
        except LoadError as error:
            return str(error)
        return ""

    async def changes(self, name: str, file_hash: str) -> tuple[str, ...]:
        """Return how a strategy's file differs from the one loaded; a problem is the one line."""
        try:
            return await asyncio.to_thread(self.loader.changes, name, file_hash)
        except LoadError as error:
            return (str(error),)
