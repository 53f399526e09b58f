"""What follows when an instance breaks one of its own limits: exits only, said once."""

from __future__ import annotations

from typing import Final

import msgspec

from tradetui.core.risk.loss_gates import own_losses
from tradetui.core.risk.performance import note_peak
from tradetui.core.risk.plan import ScopeFilter, scope_filter
from tradetui.core.state import Instance, KernelState
from tradetui.domain.enums import InstanceMode, Scope
from tradetui.domain.ids import InstrumentId, StrategyId
from tradetui.domain.orders import Diagnostic
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import Gate
from tradetui.domain.units import CASH_SCALE, format_scaled

_ACTIVE: Final = InstanceMode.ACTIVE

_PEAKS: Final = (StrategyId(""), InstrumentId(""))
"""Where the scopes with a limit on drawdown stand among the plans."""

BREAKING = (Reason.ORDERS_PER_HOUR, Reason.FEES_PER_DAY, Reason.LOSS_PER_DAY)
"""The gates of an instance's own limits: a refusal makes it exit-only."""


def after_step(state: KernelState, strategy_id: StrategyId) -> tuple[Diagnostic, ...]:
    """Check the limits of an instance on fees and loss.

    The kernel calls this after fills and heartbeats, for each instance that they concern. An active
    instance that has reached a limit becomes exit-only.
    """
    instance = state.instances.get(strategy_id)
    if instance is None or instance.mode is not _ACTIVE or instance.exit_only:
        return ()
    limits = instance.limits
    if limits.max_fees_per_day is None and limits.max_loss_per_day is None:
        return ()
    scope = _own_scope(state, strategy_id)
    for code, value, limit in own_losses(state, scope, limits):
        if value is not None and value >= limit:
            return (make_exit_only(state, instance, Gate(code, value, limit, False, CASH_SCALE)),)
    return ()


def note_peaks(state: KernelState) -> None:
    """Remember the best moment of every scope whose drawdown is limited.

    The kernel calls this once after fills and heartbeats.
    """
    scopes: tuple[ScopeFilter, ...] | None = state.risk_plans.get(_PEAKS)
    if scopes is None:
        scopes = tuple(
            scope_filter(state, scope, key)
            for (scope, key), bound in state.bindings.items()
            if any(state.profiles[one.profile].max_drawdown_ppm is not None for one in bound)
        )
        state.put(state.risk_plans, _PEAKS, scopes)
    for one in scopes:
        note_peak(state, one)


def _own_scope(state: KernelState, strategy_id: StrategyId) -> ScopeFilter:
    """Return the scope of one instance on its real routes, made once."""
    place = (strategy_id, InstrumentId(""))
    scope: ScopeFilter | None = state.risk_plans.get(place)
    if scope is None:
        scope = scope_filter(state, Scope.STRATEGY, strategy_id)
        state.put(state.risk_plans, place, scope)
    return scope


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
