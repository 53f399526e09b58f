"""HALTED: nothing but cancels goes out. What would have, and is kept from it, is said."""

from __future__ import annotations

from typing import Final

from tradetui.core.changes import Changes
from tradetui.core.risk.kill_switches import strictest
from tradetui.core.state import KernelState
from tradetui.domain.enums import KillState, Scope
from tradetui.domain.ids import is_shadow
from tradetui.domain.orders import OrderTerms
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import KillSwitch

HELD_BACK: Final = "held back: "
"""How the reason of an order begins that is kept from going out."""


def halting_switch(state: KernelState, terms: OrderTerms) -> KillSwitch | None:
    """Return the kill-switch that lets nothing of an order out, if one is HALTED over it.

    Shadow books never leave the house and are in no switch's scope.
    """
    if not state.kill_switches or is_shadow(terms.route_id):
        return None
    switch = strictest(
        state,
        (
            (Scope.GLOBAL, ""),
            (Scope.EXECUTION, terms.execution_id),
            (Scope.ROUTE, terms.route_id),
            (Scope.STRATEGY, terms.strategy_id),
            (Scope.INSTRUMENT, terms.instrument_id),
        ),
    )
    return switch if switch is not None and switch.state is KillState.HALTED else None


def say_held_back(changes: Changes, terms: OrderTerms, what: str) -> None:
    """Raise an incident: an order could not do what its condition asks for."""
    changes.diagnose(
        Reason.KILL_SWITCH,
        f"order {terms.client_order_id} {what}",
        client_order_id=terms.client_order_id,
        strategy_id=terms.strategy_id,
        route_id=terms.route_id,
        is_incident=True,
    )
