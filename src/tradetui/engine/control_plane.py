"""The runtime's control plane: halt, release, routes, status. Every act is a sequenced event."""

from __future__ import annotations

from tradetui.domain.control import KillSwitchChanged, RouteHealthChanged
from tradetui.domain.enums import KillState, Scope
from tradetui.domain.ids import RouteId, StrategyId
from tradetui.domain.instances import state_of
from tradetui.domain.record import Record
from tradetui.domain.risk import KillSwitch
from tradetui.engine.step_loop import StepLoop


class RuntimeStatus(Record, frozen=True):
    """What is true of the runtime now.

    ``instances`` are (id, state word), ``routes`` (id, why it is halted; empty when sound).
    """

    seq_id: int
    now: int
    instances: tuple[tuple[StrategyId, str], ...]
    routes: tuple[tuple[RouteId, str], ...]
    kill_switches: tuple[KillSwitch, ...]


class ControlPlane:
    """What an operator does to a running session."""

    def __init__(self, loop: StepLoop) -> None:
        self._loop = loop

    def halt(
        self,
        scope: Scope = Scope.GLOBAL,
        key: str = "",
        *,
        actor: str,
        reason: str,
        reducing: bool = False,
    ) -> None:
        """Engage a kill-switch: only cancels pass, or, with ``reducing``, exits and stops too."""
        state = KillState.REDUCING if reducing else KillState.HALTED
        self._loop.control(KillSwitchChanged(scope, key, state, actor, reason))

    def release(
        self, scope: Scope = Scope.GLOBAL, key: str = "", *, actor: str, reason: str
    ) -> None:
        """Release a kill-switch; raises ValueError without a reason."""
        if not reason.strip():
            raise ValueError("releasing a kill-switch needs a reason")
        self._loop.control(KillSwitchChanged(scope, key, KillState.NORMAL, actor, reason))

    def disable_route(self, route_id: RouteId, *, reason: str) -> None:
        """Refuse entries on a route."""
        self._route(route_id, True, reason)

    def enable_route(self, route_id: RouteId, *, reason: str = "") -> None:
        """Let a route take entries again."""
        self._route(route_id, False, reason)

    def status(self) -> RuntimeStatus:
        """Return the states of all instances and routes, and the kill-switches that are engaged."""
        kernel = self._loop.kernel
        state = kernel.state
        return RuntimeStatus(
            state.seq_id,
            self._loop.now,
            tuple((key, state_of(kernel.status_of(key)).value) for key in sorted(state.instances)),
            tuple((key, state.halted_routes.get(key, "")) for key in sorted(state.routes)),
            tuple(
                switch
                for _, switch in sorted(state.kill_switches.items())
                if switch.state is not KillState.NORMAL
            ),
        )

    def _route(self, route_id: RouteId, halted: bool, reason: str) -> None:
        if route_id not in self._loop.kernel.state.routes:
            raise ValueError(f"no route {route_id}")
        self._loop.control(RouteHealthChanged(route_id, halted, reason))
