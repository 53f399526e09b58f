"""The doors of the console: what it reads, and every act it can ask for.

``bootstrap`` fills them. The acts on records go through services. Every act is a coroutine that
never raises for a refusal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from tradetui.domain.commands import CommandReply
from tradetui.domain.enums import InstanceMode, InstanceState
from tradetui.domain.ids import StrategyId
from tradetui.domain.record import Record
from tradetui.domain.replica import InstanceView
from tradetui.services.engine import EngineClient

Engine = EngineClient
"""A replica to read and a door for commands."""


class StrategyChoice(Record, frozen=True):
    """A strategy file a person can choose; ``problem`` says why it cannot be used, else empty."""

    name: str
    label: str
    problem: str = ""


class MarketChoice(Record, frozen=True):
    """An account with one of its markets."""

    account: str
    symbol: str


class Draft(Record, frozen=True):
    """What the form for a new instance says; ``config_json`` empty = the schema's defaults."""

    strategy_id: str
    strategy_type: str
    account: str
    market: str
    config_json: str = ""


class ConfigDiff(Record, frozen=True):
    """A checked config: one sentence per problem, or one line per key that changes.

    ``worst_case`` lines say what the new config may risk, as the service computed it.
    """

    config_json: str
    problems: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    worst_case: tuple[str, ...] = ()


class Actions(Protocol):
    """The acts on records, and what the forms need to know. The actor is the implementer's."""

    async def set_mode(
        self,
        strategy_id: StrategyId,
        mode: InstanceMode,
        *,
        seen_revision: int,
        seen_state: InstanceState,
        keep_orders: bool = False,
    ) -> CommandReply:
        """Record a mode; refused if the revision or the state has changed since it was seen.

        ``keep_orders`` leaves active without cancelling the entry orders.
        """
        ...

    async def create(self, draft: Draft) -> CommandReply:
        """Add an instance, always off."""
        ...

    async def delete(self, strategy_id: StrategyId, *, seen_revision: int) -> CommandReply:
        """Delete an instance that is off, flat and without orders."""
        ...

    async def set_config(
        self, strategy_id: StrategyId, config_json: str, *, seen_revision: int
    ) -> CommandReply:
        """Record a config; the instance is loaded anew with it."""
        ...

    async def check_config(
        self,
        strategy_type: str,
        old_json: str,
        new_json: str,
        strategy_id: StrategyId | None = None,
    ) -> ConfigDiff:
        """Check a config against the strategy's schema and say what changes; of an instance also
        what it may use and lose at worst.
        """
        ...

    async def reload_facts(self, row: InstanceView) -> tuple[tuple[str, str], ...]:
        """Return (label, text) pairs on what loading an instance anew would change: the check of
        its file, the lines that differ, its worst case.
        """
        ...

    async def schema(self, strategy_type: str) -> Mapping[str, Mapping[str, Any]]:
        """Return the CONFIG_SCHEMA of a strategy; empty if it has none or cannot be read."""
        ...

    async def strategies(self) -> tuple[StrategyChoice, ...]:
        """Return the strategy files, by name."""
        ...

    async def markets(self) -> tuple[MarketChoice, ...]:
        """Return the markets that an instance can be made for."""
        ...

    def limits(self, strategy_id: StrategyId) -> tuple[str, ...]:
        """Say what an instance may use and lose, one sentence each, for the activation dialog."""
        ...

    async def restore(self, strategy_id: StrategyId) -> CommandReply:
        """Bring a deleted instance back, off."""
        ...

    async def remember(self, name: str, body: Mapping[str, Any]) -> str:
        """Keep what a person has chosen under a name; the empty one is what holds at a start.

        Returns why it could not be kept, empty if it is.
        """
        ...

    async def recall(self, name: str) -> Mapping[str, Any] | None:
        """Return what was kept under a name, None if nothing was."""
        ...

    async def layouts(self) -> tuple[str, ...]:
        """Return the names that something was kept under, in order, but the empty one."""
        ...

    async def forget_layout(self, name: str) -> bool:
        """Forget what was kept under a name; tell whether there was anything."""
        ...


class SettingLine(Record, frozen=True):
    """A setting that holds; ``origin`` is ``file:line``, ``default``, or a word about it."""

    key: str
    value: str
    origin: str


class Printed(Record, frozen=True):
    """What a command of the shell gave: its exit code, its data, its talk."""

    code: int
    lines: tuple[str, ...]
    talk: tuple[str, ...] = ()


class Shell(Protocol):
    """The shell's commands on the config and the state folder of the engine that runs here."""

    @property
    def settings(self) -> tuple[SettingLine, ...]:
        """Every setting that the engine runs with."""
        ...

    async def run(self, words: Sequence[str], columns: int) -> Printed:
        """Run a command; ``columns`` is how wide its tables may be. Never raises for a refusal."""
        ...


class Explainer(Protocol):
    """Reads the journal to say why; every answer is lines of text, a problem is one line."""

    async def why(self, subject: str) -> tuple[str, ...]:
        """Return the chain of an order id, a trade id, or a step."""
        ...

    async def why_not(self, row: InstanceView) -> tuple[str, ...]:
        """Return what an instance may do now, and what kept it from making orders."""
        ...

    async def since(self, moment: str | None) -> tuple[str, ...]:
        """Return what happened since a step or a time; None: since a person was last seen."""
        ...


class Travel(Protocol):
    """Moves through a recorded run; every answer says where one stands, or why not."""

    async def move(self, steps: int) -> str:
        """Go some steps on, or back."""
        ...

    async def next_act(self) -> str:
        """Go to the next step in which something was decided or done."""
        ...

    async def previous_act(self) -> str:
        """Go back to the step before in which something was."""
        ...

    async def go_to(self, text: str) -> str:
        """Go to a step, a time (``2018-03-04T11:20``) or a time of the day (``11:20``)."""
        ...

    def changed(self) -> tuple[str, ...]:
        """Return what the step that one stands after changed in the state."""
        ...
