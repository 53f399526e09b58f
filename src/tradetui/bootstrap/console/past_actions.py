"""The acts of the console over a recorded run: each is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tradetui.domain.commands import CommandReply
from tradetui.domain.enums import InstanceMode, InstanceState
from tradetui.domain.ids import StrategyId
from tradetui.domain.replica import InstanceView
from tradetui.tui.actions import ConfigDiff, Draft, MarketChoice, StrategyChoice

_REFUSED: Final = CommandReply(False, "this is a recorded run: nothing acts in the past")


class PastActions:
    """Implements ``tui.actions.Actions`` where nothing can be done any more."""

    async def set_mode(
        self,
        strategy_id: StrategyId,
        mode: InstanceMode,
        *,
        seen_revision: int,
        seen_state: InstanceState,
        keep_orders: bool = False,
    ) -> CommandReply:
        """Refuse."""
        return _REFUSED

    async def create(self, draft: Draft) -> CommandReply:
        """Refuse."""
        return _REFUSED

    async def delete(self, strategy_id: StrategyId, *, seen_revision: int) -> CommandReply:
        """Refuse."""
        return _REFUSED

    async def restore(self, strategy_id: StrategyId) -> CommandReply:
        """Refuse."""
        return _REFUSED

    async def set_config(
        self, strategy_id: StrategyId, config_json: str, *, seen_revision: int
    ) -> CommandReply:
        """Refuse."""
        return _REFUSED

    async def check_config(
        self,
        strategy_type: str,
        old_json: str,
        new_json: str,
        strategy_id: StrategyId | None = None,
    ) -> ConfigDiff:
        """Say that nothing changes."""
        return ConfigDiff(new_json, problems=(_REFUSED.text,))

    async def reload_facts(self, row: InstanceView) -> tuple[tuple[str, str], ...]:
        """Say that nothing is loaded."""
        return (("", _REFUSED.text),)

    async def schema(self, strategy_type: str) -> Mapping[str, Mapping[str, Any]]:
        """Return nothing to edit."""
        return {}

    async def strategies(self) -> tuple[StrategyChoice, ...]:
        """Return nothing to choose from."""
        return ()

    async def markets(self) -> tuple[MarketChoice, ...]:
        """Return nothing to choose from."""
        return ()

    async def remember(self, name: str, body: Mapping[str, Any]) -> str:
        """Let go: what is chosen here holds as long as one looks."""
        return ""

    async def recall(self, name: str) -> Mapping[str, Any] | None:
        """Return nothing."""
        return None

    async def layouts(self) -> tuple[str, ...]:
        """Return none."""
        return ()

    async def forget_layout(self, name: str) -> bool:
        """Return that there was none."""
        return False

    def limits(self, strategy_id: StrategyId) -> tuple[str, ...]:
        """Return nothing to say."""
        return ()
