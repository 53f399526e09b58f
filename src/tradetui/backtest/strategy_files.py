"""The strategies of a recorded run, loaded again: the same file, the same config, or a plain no."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

from tradetui.backtest.errors import ReplayError, ReplayRefusedError
from tradetui.domain.control import InstanceLoaded
from tradetui.domain.ids import AccountId, ClientId, StrategyId
from tradetui.engine.errors import LoadError
from tradetui.engine.host import StrategyHost
from tradetui.engine.instance_spec import InstanceSpec
from tradetui.strategy.base import Strategy
from tradetui.strategy.schema import validate


class Loaded(Protocol):
    """A strategy class with the hash of the file that it came from."""

    @property
    def strategy_class(self) -> type[Strategy]: ...
    @property
    def file_hash(self) -> str: ...


class Loader(Protocol):
    """Finds strategies by their type; ``engine.loader.strategy_loader.StrategyLoader`` is one."""

    def load(self, name: str) -> Loaded:
        """Return a strategy; raises LoadError."""
        ...


class StrategyFiles:
    """Gives each recorded InstanceLoaded its class and its spec.

    A file whose hash is not the recorded one is refused, unless ``force``; then ``notes`` says so.
    ``config_changes`` are put in the place of recorded values (what-if).
    """

    def __init__(
        self,
        loader: Loader,
        *,
        force: bool = False,
        config_changes: Mapping[StrategyId, Mapping[str, Any]] | None = None,
    ) -> None:
        self._loader = loader
        self._force = force
        self._changes = config_changes or {}
        self.notes: list[str] = []
        self._loaded: dict[StrategyId, None] = {}

    def check_used(self) -> None:
        """Raise ReplayError when a change was asked for of an instance that was never loaded."""
        for strategy_id in self._changes:
            if strategy_id not in self._loaded:
                known = ", ".join(sorted(self._loaded)) or "none"
                raise ReplayError(f"the run has no instance {strategy_id}; it has {known}")

    def load(self, event: InstanceLoaded, kept: str) -> tuple[InstanceSpec, type[Strategy]]:
        """Return what loading the instance needs; ``kept`` is its kept state as JSON, or empty.

        Raises ReplayError when the strategy cannot be loaded, ReplayRefusedError when its file has
        changed since.
        """
        self._loaded[event.strategy_id] = None
        try:
            loaded = self._loader.load(event.strategy_type)
        except LoadError as error:
            raise ReplayError(f"instance {event.strategy_id}: {error}") from error
        self._check_file(event, loaded.file_hash)
        config = self._config_of(event, loaded.strategy_class)
        spec = InstanceSpec(
            event.strategy_id,
            event.strategy_type,
            event.execution_id,
            AccountId(event.execution_id),
            ClientId(f"tt-{event.strategy_id}"),
            event.instrument_id,
            event.mode,
            event.limits,
            config,
            event.config_hash,
            event.file_hash,
            event.actor,
            event.held,
            json.loads(kept) if kept else None,
            tuple(key for key in event.instruments if key != event.instrument_id),
        )
        return spec, loaded.strategy_class

    def _check_file(self, event: InstanceLoaded, file_hash: str) -> None:
        if not event.file_hash or file_hash == event.file_hash:
            return
        text = (
            f"the file of strategy {event.strategy_type} has changed since the run "
            f"(recorded {event.file_hash[:12]}, now {file_hash[:12]})"
        )
        if not self._force:
            raise ReplayRefusedError(f"{text}; go on with the new file by --force")
        if text not in self.notes:
            self.notes.append(text)

    def _config_of(self, event: InstanceLoaded, strategy: type[Strategy]) -> dict[str, Any]:
        if not event.config_json:
            raise ReplayError(
                f"the journal does not hold the config of instance {event.strategy_id}: it was "
                "written by an older tradetui, or by a script that gave none"
            )
        wanted = json.loads(event.config_json) | dict(self._changes.get(event.strategy_id, {}))
        config, problems = validate(strategy.CONFIG_SCHEMA, wanted)
        if problems:
            raise ReplayError(f"config of {event.strategy_id}: {'; '.join(problems)}")
        return config


def kept_text(host: StrategyHost, strategy_id: StrategyId) -> str:
    """Return what a strategy's STATE_SCHEMA keeps, as JSON."""
    return json.dumps(host.dump_state(strategy_id))


def given_back(host: StrategyHost, unloaded: dict[StrategyId, str], strategy_id: StrategyId) -> str:
    """Return what an instance that is loaded gets back, as JSON: what it kept when it was unloaded
    in this run, else what was last noted of it; empty if there is neither.
    """
    text = unloaded.pop(strategy_id, "")
    return host.kept.texts.get(strategy_id, "") if text in ("", "{}") else text
