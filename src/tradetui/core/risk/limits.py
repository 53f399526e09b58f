"""What follows when an instance breaks one of its own limits: exits only, said once."""

from __future__ import annotations

import msgspec

from tradetui.core.risk.loss_gates import own_losses
from tradetui.core.risk.performance import note_peak
from tradetui.core.risk.plan import scope_filter
from tradetui.core.state import Instance, KernelState
from tradetui.domain.enums import InstanceMode, Scope
from tradetui.domain.ids import StrategyId
from tradetui.domain.orders import Diagnostic
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import Gate
from tradetui.domain.units import CASH_SCALE, format_scaled

BREAKING = (Reason.ORDERS_PER_HOUR, Reason.FEES_PER_DAY, Reason.LOSS_PER_DAY)
"""The gates of an instance's own limits: a refusal makes it exit-only."""


def after_step(state: KernelState, strategy_id: StrategyId) -> tuple[Diagnostic, ...]:
    """Check the limits of an instance on fees and loss, and note the best moments for drawdown.

    The kernel calls this after fills and heartbeats. An active instance that has reached a limit
    becomes exit-only.
    """
    note_peaks(state)
    instance = state.instances.get(strategy_id)
    if instance is None or instance.mode is not InstanceMode.ACTIVE or instance.exit_only:
        return ()
    limits = instance.limits
    if limits.max_fees_per_day is None and limits.max_loss_per_day is None:
        return ()
    scope = scope_filter(state, Scope.STRATEGY, strategy_id)
    for code, value, limit in own_losses(state, scope, limits):
        if value is not None and value >= limit:
            return (make_exit_only(state, instance, Gate(code, value, limit, False, CASH_SCALE)),)
    return ()


def note_peaks(state: KernelState) -> None:
    """Remember the best moment of every scope whose drawdown is limited."""
    for (scope, key), bound in state.bindings.items():
        if any(state.profiles[one.profile].max_drawdown_ppm is not None for one in bound):
            note_peak(state, scope_filter(state, scope, key))


def make_exit_only(state: KernelState, instance: Instance, gate: Gate) -> Diagnostic:
    """Allow an instance exits only, because of the limit that ``gate`` found broken."""
    value = format_scaled(gate.value, gate.scale)
    limit = format_scaled(gate.limit or 0, gate.scale)
    reason = f"{gate.code} {value}, limit {limit}"
    state.put(
        state.instances,
        instance.strategy_id,
        msgspec.structs.replace(instance, exit_only=reason),
    )
    return Diagnostic(
        gate.code, f"exits only from now on: {reason}", None, instance.strategy_id, None, True
    )
