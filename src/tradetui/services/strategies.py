"""Which strategies there are, and whether they are sound."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tradetui.domain.text import printable
from tradetui.services.errors import UserError

Schema = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class StrategyInfo:
    """A strategy file that was found, without running it; ``problem`` is empty or one sentence."""

    name: str
    label: str
    path: str
    file_hash: str
    problem: str = ""


@dataclass(frozen=True)
class StrategyCheck:
    """What trying a strategy out in a child process gave; ``problem`` is empty or one sentence."""

    name: str
    problem: str
    feeds: tuple[str, ...] = ()
    tick_steps: int = 0


class StrategyCatalogue(Protocol):
    """The engine's loader, as the services see it."""

    def found(self) -> tuple[StrategyInfo, ...]:
        """List the strategy files by parsing them, in ascending name."""
        ...

    async def check(self, name: str) -> StrategyCheck:
        """Try one out in a child process with limits."""
        ...

    async def schema(self, name: str) -> Schema:
        """Return the CONFIG_SCHEMA of a strategy; raises UserError if it cannot be loaded."""
        ...

    async def try_config(self, name: str, config: Mapping[str, Any]) -> str:
        """Make the strategy with a config in a child process; return why that fails, or nothing."""
        ...


def find_strategy(catalogue: StrategyCatalogue, name: str) -> StrategyInfo:
    """Return one strategy that can be used; raises UserError that names the nearest otherwise."""
    found = catalogue.found()
    for info in found:
        if info.name == name:
            if info.problem:
                raise UserError(f"strategy {name}: {info.problem}")
            return info
    names = [info.name for info in found]
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names) or 'none'}"
    raise UserError(f"there is no strategy {printable(name, 64)}; {hint}")


async def check_strategies(
    catalogue: StrategyCatalogue, names: Sequence[str] = ()
) -> tuple[StrategyCheck, ...]:
    """Check the named strategies, or all that were found; raises UserError for a name not found."""
    known = {info.name: info for info in catalogue.found()}
    checks = []
    for name in names or tuple(known):
        if name not in known:
            find_strategy(catalogue, name)
        if known[name].problem:
            checks.append(StrategyCheck(name, known[name].problem))
        else:
            checks.append(await catalogue.check(name))
    return tuple(checks)
