"""Kill-switches as the gates see them: the strictest of all scopes that cover an order."""

from __future__ import annotations

from typing import Final

from tradetui.core.state import KernelState
from tradetui.domain.enums import KillState, Scope
from tradetui.domain.ids import StrategyId
from tradetui.domain.risk import KillSwitch

RANK: Final[dict[KillState, int]] = {
    KillState.NORMAL: 0,
    KillState.REDUCING: 1,
    KillState.HALTED: 2,
}
"""How strict a state is; the gate's value. Entries need 0, orders that reduce need at most 1."""


def strictest(state: KernelState, keys: tuple[tuple[Scope, str], ...]) -> KillSwitch | None:
    """Return the strictest kill-switch that is not NORMAL among the scopes, the widest of equals;
    None when all are NORMAL.
    """
    found: KillSwitch | None = None
    rank = 0
    for key in keys:
        switch = state.kill_switches.get(key)
        if switch is not None and RANK[switch.state] > rank:
            found, rank = switch, RANK[switch.state]
    return found


def own_rank(state: KernelState, strategy_id: StrategyId) -> int:
    """Return how strict the switch of one instance's own scope is."""
    switch = state.kill_switches.get((Scope.STRATEGY, strategy_id))
    return 0 if switch is None else RANK[switch.state]


def described(switch: KillSwitch) -> str:
    """Name a switch for the decision: state, scope, who and why."""
    scope = f"{switch.scope} {switch.key}".strip()
    return f"{switch.state} {scope} by {switch.actor}: {switch.reason}"
