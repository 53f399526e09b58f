"""How a driver bounds the time of a strategy's callback: an object that is told of every one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import Any, Protocol

from tradetui.domain.ids import StrategyId

Handlers = Mapping[type, Callable[[Any], None]]
"""What a strategy's hooks are called through, by class of event."""


class Called(Protocol):
    """An instance whose hooks a guard calls itself (``CallbackGuard.call_each``)."""

    strategy_id: StrategyId
    called: Handlers
    """Empty while none is to be called."""
    failing_rows: Mapping[type, int]
    """Not empty: how its callbacks end is to be noted."""
    touched: MutableMapping[StrategyId, Any] | None
    """Where it enters itself when its strategy runs."""

    @property
    def port(self) -> Touchable:
        """Says whether the callback under way asked for anything."""
        ...

    def has_ended(self, view: Any) -> bool:
        """Take over what a callback that ended well has asked for; return whether its end is to be
        noted.
        """
        ...

    def has_raised(self, view: Any, error: BaseException) -> bool:
        """The same for one that raised."""
        ...


class Touchable(Protocol):
    """The part of an instance's port that a guard looks at."""

    is_touched: bool


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

    def call_each(
        self, called: Sequence[Any], hook: str, view: Any, note: Callable[[Any, Any], None]
    ) -> None:
        """Call one hook of many instances (``Called``), one after the other, as ``call`` does;
        what is raised stays with its instance. ``note(instance, view)`` is called for each whose
        end is to be noted.
        """
        ...
