"""Which profiles bind to what."""

from __future__ import annotations

from tradetui.core.state import KernelState
from tradetui.domain.enums import Scope
from tradetui.domain.ids import ExecutionId, RouteId, StrategyId
from tradetui.domain.risk import ProfileBinding, RiskProfile

BoundProfile = tuple[Scope, str, RiskProfile]
"""Scope, its key, and a profile that binds there."""


class ProfileError(ValueError):
    """A binding names a profile that does not exist, or a scope that profiles cannot bind to."""


def bind_all(state: KernelState) -> None:
    """Bind the profiles of the configuration; called once, when the kernel starts."""
    for binding in state.config.bindings:
        _check(state, binding)
        _add(state, binding)


def set_profile(
    state: KernelState, profile: RiskProfile, bindings: tuple[ProfileBinding, ...]
) -> None:
    """Put a new or changed profile to work; ``bindings`` take the place of those it had."""
    state.put(state.profiles, profile.name, profile)
    for binding in bindings:
        if binding.profile != profile.name:
            raise ProfileError(
                f"a binding of profile {profile.name!r} names {binding.profile!r}: "
                "bind each profile with its own name"
            )
        _check(state, binding)
    for key, bound in list(state.bindings.items()):
        kept = tuple(binding for binding in bound if binding.profile != profile.name)
        if len(kept) != len(bound):
            state.put(state.bindings, key, kept)
    for binding in bindings:
        _add(state, binding)
    for plan_key in list(state.risk_plans):
        state.drop(state.risk_plans, plan_key)


def bound_profiles(
    state: KernelState, strategy_id: StrategyId, route_id: RouteId, execution_id: ExecutionId
) -> tuple[BoundProfile, ...]:
    """Return the profiles that an instance's orders on a route are judged by, narrowest first."""
    places = (
        (Scope.STRATEGY, str(strategy_id)),
        (Scope.ROUTE, str(route_id)),
        (Scope.EXECUTION, str(execution_id)),
        (Scope.GLOBAL, ""),
    )
    return tuple(
        (scope, key, state.profiles[binding.profile])
        for scope, key in places
        for binding in state.bindings.get((scope, key), ())
    )


def _check(state: KernelState, binding: ProfileBinding) -> None:
    if binding.profile not in state.profiles:
        raise ProfileError(
            f"no risk profile is named {binding.profile!r}: define it, or correct the binding"
        )
    if binding.scope is Scope.INSTRUMENT:
        raise ProfileError(
            f"profile {binding.profile!r} is bound to an instrument: bind it to a route, "
            "an execution context, an instance or to all, and name the symbol in its allow list"
        )


def _add(state: KernelState, binding: ProfileBinding) -> None:
    place = (binding.scope, binding.key if binding.scope is not Scope.GLOBAL else "")
    state.put(state.bindings, place, (*state.bindings.get(place, ()), binding))
