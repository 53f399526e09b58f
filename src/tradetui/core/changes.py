"""What one call of the kernel gathers on its way, before it becomes an ``Applied``."""

from __future__ import annotations

from typing import Final

from tradetui.domain.ids import ClientOrderId, RouteId, StrategyId
from tradetui.domain.orders import Diagnostic, Fill, Transition
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import RiskDecision
from tradetui.domain.steps import Applied, Command

NOTHING: Final = Applied()
"""Shared answer of a step that changed nothing but a mark."""

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

    __slots__ = ("commands", "decisions", "diagnostics", "fills", "is_duplicate", "transitions")

    def __init__(self) -> None:
        self.transitions: list[Transition] = []
        self.commands: list[Command] = []
        self.fills: list[Fill] = []
        self.diagnostics: list[Diagnostic] = []
        self.decisions: list[RiskDecision] = []
        self.is_duplicate = False

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
        self.transitions.clear()
        self.commands.clear()
        self.fills.clear()
        self.diagnostics.clear()
        self.decisions.clear()
        self.is_duplicate = False

    def applied(self) -> Applied:
        """Return what was gathered and begin anew; the shared constants when that is nothing."""
        transitions, commands, fills = self.transitions, self.commands, self.fills
        diagnostics, decisions, is_duplicate = self.diagnostics, self.decisions, self.is_duplicate
        if not (commands or fills or diagnostics or decisions or is_duplicate):
            if not transitions:
                return NOTHING
            applied = Applied(tuple(transitions))
            transitions.clear()
            return applied
        # A tuple of an empty list is the one empty tuple: as cheap as to ask first.
        applied = Applied(
            tuple(transitions),
            tuple(commands),
            tuple(fills),
            tuple(diagnostics),
            tuple(decisions),
            is_duplicate,
        )
        transitions.clear()
        decisions.clear()
        if commands:
            commands.clear()
        if fills or diagnostics or is_duplicate:
            self.clear()
        return applied
