"""How a driver bounds the time of a strategy's callback: an object that is told of every one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from tradetui.domain.ids import StrategyId

Handlers = Mapping[type, Callable[[Any], None]]
"""What a strategy's hooks are called through, by class of event."""


class CallbackGuard(Protocol):
    """Watches the callbacks of strategies; the live driver's measures and, at the hard limit,
    raises ``StrategyTimeout`` inside the callback.

    ``enter`` and ``leave`` come in pairs, never nested; ``leave`` comes also after the callback
    raised.
    """

    def enter(self, strategy_id: StrategyId, hook: str) -> None:
        """A callback begins now."""
        ...

    def leave(self) -> None:
        """It is over."""
        ...

    def call(self, strategy_id: StrategyId, hook: str, handlers: Handlers, view: Any) -> None:
        """Call the handler of the view's class between ``enter`` and ``leave``; what it raises is
        passed on.
        """
        ...
