"""How a driver bounds the time of a strategy's callback: an object that is told of every one."""

from __future__ import annotations

from typing import Protocol

from tradetui.domain.ids import StrategyId


class CallbackGuard(Protocol):
    """Watches the callbacks of strategies; the live driver's measures and, at the hard limit,
    raises ``StrategyTimeout`` inside the callback.

    The two calls come in pairs, never nested; ``leave`` comes also after the callback raised.
    """

    def enter(self, strategy_id: StrategyId, hook: str) -> None:
        """A callback begins now."""
        ...

    def leave(self) -> None:
        """It is over."""
        ...
