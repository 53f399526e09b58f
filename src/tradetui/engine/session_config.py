"""What a session is told before it starts, and the kernel configuration that follows from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol

import msgspec

from tradetui.core.venue.models import VenueConfig
from tradetui.domain.capabilities import SIMULATED, Capabilities
from tradetui.domain.enums import RunMode, Scope, Source
from tradetui.domain.ids import (
    AccountId,
    BrokerId,
    Currency,
    ExecutionId,
    InstrumentId,
    RouteId,
    RunId,
)
from tradetui.domain.risk import ProfileBinding, RiskProfile
from tradetui.domain.steps import ExecutionContextConfig, KernelConfig, RouteConfig
from tradetui.domain.units import CASH_SCALE, parse_scaled
from tradetui.engine.assembly import RunPlan


class SessionError(ValueError):
    """A registration makes no sense; the message says which, and how to mend it."""


class BrokerAdapter(Protocol):
    """What the session must know of a broker; how it is reached is the driver's business."""

    @property
    def venue(self) -> str: ...
    @property
    def capabilities(self) -> Capabilities: ...
    @property
    def is_simulated(self) -> bool:
        """Whether the session's own simulated venue answers in its place (backtest, paper)."""
        ...


class SimulatedBroker(msgspec.Struct, frozen=True):
    """A broker that is the session's own simulated venue, for prices of ``venue``."""

    venue: str = "SIM"
    capabilities: Capabilities = SIMULATED
    is_simulated: bool = True


class VenueBroker(msgspec.Struct, frozen=True):
    """A broker that is a real venue: its commands leave by the session's outbox (see
    ``runtime.execution``), with what its adapter declares that it can do.
    """

    venue: str
    capabilities: Capabilities
    is_simulated: bool = False


class SessionSettings(msgspec.Struct, frozen=True):
    """Everything about a session that is not registered piece by piece."""

    @classmethod
    def of(cls, plan: RunPlan, *, is_virtual: bool) -> SessionSettings:
        """Return what a ready plan says."""
        config = plan.config
        return cls(
            config.run_id,
            plan.run_code,
            config.run_mode,
            config.reporting_currency,
            plan.seed,
            is_virtual,
            plan.venue,
            config.source_priority,
        )

    run_id: RunId = RunId("run-1")
    run_code: str = "1"
    """Short and unique per run: it begins every client_order_id."""
    run_mode: RunMode = RunMode.BACKTEST
    reporting_currency: Currency = Currency("USD")
    seed: int = 0
    is_virtual: bool = True
    """Time is the data's own; False: the driver advances it."""
    venue: VenueConfig = VenueConfig()
    source_priority: tuple[Source, ...] = ()
    check_every_step: bool = False


class _Route(msgspec.Struct, frozen=True):
    route_id: RouteId
    broker_id: BrokerId
    account: AccountId
    instruments: tuple[InstrumentId, ...]
    opening_cash: tuple[tuple[Currency, int], ...]


class Registrations:
    """Brokers, routes, execution contexts and risk profiles, by id; each id once."""

    @classmethod
    def of(cls, plan: RunPlan) -> Registrations:
        """Return what a ready configuration says, for what is registered beside it."""
        made, simulated = cls(), plan.simulated_routes()
        for route in plan.config.routes:
            kind = SimulatedBroker if route.route_id in simulated else VenueBroker
            made.brokers[route.broker_id] = kind(route.venue, route.capabilities)
            made.routes[route.route_id] = _Route(
                route.route_id,
                route.broker_id,
                route.account_id,
                route.instruments,
                route.opening_cash,
            )
        made.contexts = {one.execution_id: one.routes for one in plan.config.contexts}
        made.profiles = {profile.name: profile for profile in plan.config.profiles}
        return made

    def __init__(self) -> None:
        self.brokers: dict[BrokerId, BrokerAdapter] = {}
        self.routes: dict[RouteId, _Route] = {}
        self.contexts: dict[ExecutionId, tuple[RouteId, ...]] = {}
        self.profiles: dict[str, RiskProfile] = {}
        self.bindings: list[tuple[str, str]] = []
        """(profile, id it is bound to)."""
        self.strategy_bindings: list[ProfileBinding] = []

    def add_broker(self, broker_id: str, adapter: BrokerAdapter) -> None:
        """Add a broker."""
        _check_new(self.brokers, broker_id, "broker")
        self.brokers[BrokerId(broker_id)] = adapter

    def add_route(
        self,
        route_id: str,
        broker_id: str,
        account: str,
        instruments: Sequence[str] | None,
        opening_cash: Mapping[str, object],
    ) -> None:
        """Add a route of a broker that is there already."""
        _check_new(self.routes, route_id, "route")
        if broker_id not in self.brokers:
            raise SessionError(f"route {route_id}: no broker {broker_id}; call add_broker first")
        cash = tuple((Currency(c), to_cash(c, v)) for c, v in sorted(opening_cash.items()))
        self.routes[RouteId(route_id)] = _Route(
            RouteId(route_id),
            BrokerId(broker_id),
            AccountId(account),
            tuple(InstrumentId(i) for i in instruments or ()),
            cash,
        )

    def add_context(
        self, execution_id: str, routes: Sequence[str], default_route: str | None
    ) -> None:
        """Add an execution context over routes that are there already."""
        _check_new(self.contexts, execution_id, "execution context")
        if not routes:
            raise SessionError(f"execution context {execution_id} needs at least one route")
        taken = {route: key for key, routes in self.contexts.items() for route in routes}
        for route in routes:
            if route not in self.routes:
                raise SessionError(f"execution context {execution_id}: no route {route}")
            if route in taken:
                raise SessionError(
                    f"execution context {execution_id}: route {route} is of {taken[RouteId(route)]}"
                )
        first = default_route or routes[0]
        if first not in routes:
            raise SessionError(
                f"execution context {execution_id}: its default route {first} is not "
                "one of its routes"
            )
        order = (first, *(route for route in routes if route != first))
        self.contexts[ExecutionId(execution_id)] = tuple(RouteId(route) for route in order)

    def add_profile(
        self, name: str, rules: Mapping[str, Any] | RiskProfile, bind: Sequence[str]
    ) -> RiskProfile:
        """Add a risk profile and what it is bound to: ids of routes or of execution contexts."""
        _check_new(self.profiles, name, "risk profile")
        profile = rules if isinstance(rules, RiskProfile) else make_profile(name, rules)
        self.profiles[name] = profile
        self.bindings += [(name, key) for key in bind]
        return profile

    def binding(self, profile: str, key: str) -> ProfileBinding:
        """Say of an id what it is: a route, an execution context, or ``*`` for everything."""
        if key == "*":
            return ProfileBinding(profile, Scope.GLOBAL)
        if key in self.routes:
            return ProfileBinding(profile, Scope.ROUTE, key)
        if key in self.contexts:
            return ProfileBinding(profile, Scope.EXECUTION, key)
        raise SessionError(f"risk profile {profile}: {key} is no route and no execution context")

    def kernel_config(self, settings: SessionSettings) -> KernelConfig:
        """Return the configuration of the kernel; raises SessionError for what does not fit."""
        owner = {route: key for key, routes in self.contexts.items() for route in routes}
        routes = []
        for route in self.routes.values():
            if route.route_id not in owner:
                raise SessionError(
                    f"route {route.route_id} is in no execution context; call add_execution_context"
                )
            broker = self.brokers[route.broker_id]
            routes.append(
                RouteConfig(
                    route.route_id,
                    owner[route.route_id],
                    route.broker_id,
                    route.account,
                    broker.venue,
                    broker.capabilities,
                    route.opening_cash,
                    route.instruments,
                )
            )
        return KernelConfig(
            settings.run_id,
            settings.run_mode,
            settings.reporting_currency,
            tuple(routes),
            tuple(ExecutionContextConfig(key, routes) for key, routes in self.contexts.items()),
            tuple(self.profiles.values()),
            (*(self.binding(*pair) for pair in self.bindings), *self.strategy_bindings),
            settings.source_priority,
        )

    def plan(self, settings: SessionSettings) -> RunPlan:
        """Return the plan of a run of what was registered; raises SessionError as
        ``kernel_config``.
        """
        simulated = tuple(
            route.route_id
            for route in self.routes.values()
            if self.brokers[route.broker_id].is_simulated
        )
        return RunPlan(
            self.kernel_config(settings),
            settings.run_code,
            settings.seed,
            settings.venue,
            simulated,
        )


def make_profile(name: str, rules: Mapping[str, Any]) -> RiskProfile:
    """Make a risk profile of field names and values; raises SessionError for a name it does not
    have.
    """
    known = RiskProfile.__struct_fields__
    unknown = [key for key in rules if key not in known]
    if unknown:
        raise SessionError(
            f"risk profile {name}: {unknown[0]} is no rule; the rules are {', '.join(known[1:])}"
        )
    return RiskProfile(name, **{key: rules[key] for key in known if key in rules})


def to_cash(currency: str, amount: object) -> int:
    """Return an amount of money (text, int or Decimal, in whole units) at CASH_SCALE, exactly."""
    if isinstance(amount, bool) or not isinstance(amount, str | int | Decimal):
        raise SessionError(
            f"opening cash in {currency} must be text, int or Decimal, not {amount!r}"
        )
    return parse_scaled(str(amount), CASH_SCALE)


def _check_new(table: Mapping[Any, object], key: str, what: str) -> None:
    if not key:
        raise SessionError(f"a {what} needs an id")
    if key in table:
        raise SessionError(f"{what} {key} is registered already")
