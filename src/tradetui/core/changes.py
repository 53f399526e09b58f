"""What one call of the kernel gathers on its way, before it becomes an ``Applied``."""

from __future__ import annotations

from collections import deque
from typing import Any, Final

from tradetui.domain.ids import ClientOrderId, RouteId, StrategyId
from tradetui.domain.orders import Diagnostic, Fill, Transition
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import RiskDecision
from tradetui.domain.steps import Applied, CancelCommand, ReplaceCommand, SubmitCommand

NOTHING: Final = Applied()
"""Shared answer of a step that changed nothing but a mark."""

_APPLIED: Final[Any] = Applied
_CLEAR: Final = list.clear
_EXHAUST: Final = deque[None](maxlen=0).extend
"""Runs an iterator to its end: a loop without a step of the interpreter for each turn."""

DUPLICATE: Final = Applied(is_duplicate=True)
"""Shared answer to an event that was applied before."""


def joined(applied: Applied, decided: Applied, refused: tuple[Diagnostic, ...]) -> Applied:
    """Return what both halves of a step did, and what was refused beside them, as one."""
    return Applied(
        applied.transitions + decided.transitions,
        applied.commands + decided.commands,
        applied.fills + decided.fills,
        applied.diagnostics + decided.diagnostics + refused,
        applied.decisions + decided.decisions,
        applied.is_duplicate,
    )


class Changes:
    """Lists that grow while a call runs, in the order in which things happened.

    One object serves every call of a kernel: ``applied`` empties it, ``clear`` gives up what a
    failed call left.
    """

    __slots__ = (
        "_parts",
        "commands",
        "decisions",
        "diagnostics",
        "fills",
        "is_duplicate",
        "transitions",
    )

    def __init__(self) -> None:
        self.transitions: list[Transition] = []
        self.commands: list[SubmitCommand | CancelCommand | ReplaceCommand] = []
        self.fills: list[Fill] = []
        self.diagnostics: list[Diagnostic] = []
        self.decisions: list[RiskDecision] = []
        self.is_duplicate = False
        self._parts: tuple[list[Any], ...] = (
            self.transitions,
            self.commands,
            self.fills,
            self.diagnostics,
            self.decisions,
        )
        """In the order of the fields of ``Applied``: what is done with all is done at once."""

    def diagnose(
        self,
        code: Reason,
        message: str,
        *,
        client_order_id: ClientOrderId | None = None,
        strategy_id: StrategyId | None = None,
        route_id: RouteId | None = None,
        is_incident: bool = False,
    ) -> None:
        """Say, on the record, that something was refused or impossible."""
        self.diagnostics.append(
            Diagnostic(code, message, client_order_id, strategy_id, route_id, is_incident)
        )

    def clear(self) -> None:
        """Forget what was gathered."""
        for part in self._parts:
            part.clear()
        self.is_duplicate = False

    def applied(self) -> Applied:
        """Return what was gathered and begin anew; the shared constants when that is nothing."""
        parts = self._parts
        if not any(parts) and not self.is_duplicate:
            return NOTHING
        applied: Applied = _APPLIED(*map(tuple, parts), self.is_duplicate)
        _EXHAUST(map(_CLEAR, parts))
        self.is_duplicate = False
        return applied
