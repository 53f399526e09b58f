"""``Session``: one run of the engine, registered piece by piece; what drivers and scripts build.

CONFIGURE is everything before ``start``: instruments, brokers, routes, execution contexts, risk
profiles, strategies, sinks. BOOTSTRAP is ``start``. Then ``run(items)`` drives prices through it,
or a driver calls ``loop`` itself. SHUTDOWN is ``close``. A program that has a whole configuration
takes ``Session.of`` instead of registering it piece by piece.

    session = Session()
    session.add_instrument(instrument)
    session.add_broker("paper", SimulatedBroker("BITFINEX"))
    session.add_route("main", "paper", "me", opening_cash={"USD": "10000"})
    session.add_execution_context("paper/main", ["main"])
    session.add_strategy("cross", MaCross, ["BTC/USD.BITFINEX"], "paper/main")
    session.run(items)
    print(session.summary())
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from tradetui.core.valuation import equity
from tradetui.core.view import Snapshot
from tradetui.domain.control import RiskProfileSet
from tradetui.domain.enums import InstanceMode, Scope
from tradetui.domain.envelope import Envelope
from tradetui.domain.ids import (
    AccountId,
    ClientId,
    Currency,
    ExecutionId,
    InstrumentId,
    RouteId,
    StrategyId,
)
from tradetui.domain.instances import INSTANCE_ID
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import MarketItem
from tradetui.domain.orders import Fill
from tradetui.domain.reasons import Reason
from tradetui.domain.record import Record
from tradetui.domain.risk import InstanceLimits, ProfileBinding, RiskProfile
from tradetui.engine.assembly import RunPlan, build_loop
from tradetui.engine.control_plane import ControlPlane
from tradetui.engine.coordinator import StateCoordinator
from tradetui.engine.guard import CallbackGuard
from tradetui.engine.instance_spec import InstanceSpec
from tradetui.engine.inventory import Inventory
from tradetui.engine.reference_data import ReferenceData
from tradetui.engine.session_config import (
    BrokerAdapter,
    Registrations,
    SessionError,
    SessionSettings,
)
from tradetui.engine.sinks import LogSink, Outbox, StepSink
from tradetui.engine.step_loop import StepLoop
from tradetui.strategy.base import Strategy
from tradetui.strategy.indicators.base import CloseIndicator
from tradetui.strategy.schema import validate

PostTradeSink = Callable[[Fill], None]
"""Called with each fill (shadow books' too: ``ids.is_shadow`` tells) after its step is committed.
"""


class RunSummary(Record, frozen=True):
    """What a run has come to. Money at CASH_SCALE; ``equity`` is None while a price or
    rate lacks.
    """

    steps: int
    fills: int
    fees: tuple[tuple[Currency, int], ...]
    refused: tuple[tuple[Reason, int], ...]
    modified: int
    would: int
    callback_errors: int
    equity: tuple[tuple[RouteId, int | None], ...]


class Session:
    """Owns reference data, state and the loop of one run; see the module's text."""

    def __init__(
        self,
        settings: SessionSettings | None = None,
        *,
        sink: StepSink | None = None,
        outbox: Outbox | None = None,
        guard: CallbackGuard | None = None,
        log: LogSink | None = None,
        is_journalled: bool = False,
    ) -> None:
        self.settings = settings or SessionSettings()
        self.reference = ReferenceData()
        self._registrations = Registrations()
        self._strategies: list[tuple[InstanceSpec, type[Strategy]]] = []
        self._sinks: list[PostTradeSink] = []
        self._sink = sink
        self._outbox = outbox
        self._guard = guard
        self._log = log
        self._loop: StepLoop | None = None
        self._inventory: Inventory | None = None
        self._coordinator: StateCoordinator | None = None
        self._later: list[Callable[[StateCoordinator], None]] = []
        self._is_closed = False
        self._is_journalled = is_journalled
        self._unpublished: deque[tuple[int, tuple[Fill, ...]]] = deque()
        self._plan: RunPlan | None = None

    @classmethod
    def of(
        cls,
        plan: RunPlan,
        *,
        is_virtual: bool,
        sink: StepSink | None = None,
        outbox: Outbox | None = None,
        guard: CallbackGuard | None = None,
        log: LogSink | None = None,
        is_journalled: bool = False,
    ) -> Session:
        """Return a session of a ready configuration: its brokers, routes, contexts and profiles are
        registered, and it carries on what ``plan.opening`` holds.
        """
        settings = SessionSettings.of(plan, is_virtual=is_virtual)
        made = cls(
            settings, sink=sink, outbox=outbox, guard=guard, log=log, is_journalled=is_journalled
        )
        made._plan = plan
        made._registrations = Registrations.of(plan)
        return made

    # CONFIGURE.

    def add_instrument(self, instrument: Instrument, venue_symbol: str | None = None) -> None:
        """Register an instrument; after ``start`` it becomes an event at once."""
        self.reference.register(instrument, venue_symbol)
        if self._loop is not None:
            self._loop.register(instrument)

    def add_broker(self, broker_id: str, adapter: BrokerAdapter) -> None:
        """Register a broker; its adapter is bound to routes, never named by strategies."""
        self._check_piecemeal("add_broker")
        self._registrations.add_broker(broker_id, adapter)

    def add_route(
        self,
        route_id: str,
        broker_id: str,
        account: str,
        instruments: Sequence[str] | None = None,
        *,
        opening_cash: Mapping[str, object] | None = None,
    ) -> None:
        """Register a stable execution route of a broker; ``instruments`` None: all of its venue."""
        self._check_piecemeal("add_route")
        self._registrations.add_route(route_id, broker_id, account, instruments, opening_cash or {})

    def add_execution_context(
        self, execution_id: str, routes: Sequence[str], default_route: str | None = None
    ) -> None:
        """Register a named group of routes; the default comes first where several fit."""
        self._check_piecemeal("add_execution_context")
        self._registrations.add_context(execution_id, routes, default_route)

    def add_risk_profile(
        self, name: str, rules: Mapping[str, Any] | RiskProfile, bind: Sequence[str] = ()
    ) -> None:
        """Register limits, bound to routes, execution contexts or (``"*"``) everything."""
        profile = self._registrations.add_profile(name, rules, bind)
        if self._loop is not None:
            bindings = tuple(self._registrations.binding(name, key) for key in bind)
            self._loop.control(RiskProfileSet(profile, bindings, "session"))

    def add_strategy(
        self,
        strategy_id: str,
        strategy: type[Strategy],
        subscriptions: Sequence[str],
        execution_id: str,
        risk_profile: str | None = None,
        *,
        config: Mapping[str, Any] | None = None,
        mode: InstanceMode = InstanceMode.ACTIVE,
        limits: InstanceLimits | None = None,
    ) -> None:
        """Register an instance; ``subscriptions`` are instrument ids, its own market first.

        Without ``limits`` its budget is the opening cash of its context in the reporting currency.
        Once the run has a time, it is loaded at once.
        """
        spec = self._spec(strategy_id, strategy, subscriptions, execution_id, config, mode, limits)
        if risk_profile is not None:
            if risk_profile not in self._registrations.profiles:
                raise SessionError(f"strategy {strategy_id}: no risk profile {risk_profile}")
            self._registrations.strategy_bindings.append(
                ProfileBinding(risk_profile, Scope.STRATEGY, strategy_id)
            )
        if self._loop is None or self._loop.now == 0:
            self._strategies.append((spec, strategy))
            return
        if risk_profile is not None:
            profile = self._registrations.profiles[risk_profile]
            binding = self._registrations.strategy_bindings[-1]
            self._loop.control(RiskProfileSet(profile, (binding,), "session"))
        self._loop.load_instance(spec, strategy)

    def add_observation(self, name: str, observe: Callable[[Envelope], Any]) -> None:
        """Keep the newest value that ``observe`` finds in an event (None: it carries none)."""
        self._with_coordinator(lambda c: c.add_observation(name, observe))

    def add_projection(self, name: str, project: Callable[[Snapshot], Any]) -> None:
        """Derive a value from the step's shared snapshot, when it is asked for."""
        self._with_coordinator(lambda c: c.add_projection(name, project))

    def add_indicator(
        self, name: str, instrument_id: str, timeframe: str, indicator: CloseIndicator
    ) -> None:
        """Feed an indicator with the closed bars of a market."""
        key = InstrumentId(instrument_id)
        self._with_coordinator(lambda c: c.add_indicator(name, key, timeframe, indicator))

    def add_post_trade_sink(self, sink: PostTradeSink) -> None:
        """Call ``sink`` with every fill after its step is committed."""
        self._sinks.append(sink)

    # BOOTSTRAP.

    def start(self, at: int = 0) -> StepLoop:
        """Build the engine of what was registered, once.

        ``at`` (ns UTC) is the first moment: the strategies are loaded then. Without it they are
        loaded by ``run``, at the time of its first item.
        """
        self._check_configuring("start")
        settings, known = self.settings, tuple(self.reference.instruments())
        self._loop = build_loop(
            self._plan or self._registrations.plan(settings),
            is_virtual=settings.is_virtual,
            sink=self._sink,
            outbox=self._outbox,
            guard=self._guard,
            log=self._log,
            reference=self.reference,
            check_every_step=settings.check_every_step,
        )
        self._inventory = Inventory(self._loop.kernel)
        self._coordinator = StateCoordinator(self._loop.host)
        self._loop.on_fills = self._on_fills
        for instrument in known:
            self._loop.register(instrument)
        for registration in self._later:
            self._with_coordinator(registration)
        if at:
            self._load_all(at)
        return self._loop

    def _load_all(self, at: int) -> None:
        """Load what was registered before the time was known."""
        waiting, self._strategies = self._strategies, []
        self.loop.advance(at)
        for spec, strategy in waiting:
            self.loop.load_instance(spec, strategy)

    @property
    def loop(self) -> StepLoop:
        """The step loop; raises SessionError before ``start``."""
        if self._loop is None:
            raise SessionError("the session has not started; call start() or run() first")
        return self._loop

    @property
    def control_plane(self) -> ControlPlane:
        """Halt, release, enable and disable routes, status."""
        return ControlPlane(self.loop)

    @property
    def coordinator(self) -> StateCoordinator:
        """Observations, projections, indicators and the shared snapshot."""
        assert self.loop is self._loop
        assert self._coordinator is not None
        return self._coordinator

    @property
    def inventory(self) -> Inventory:
        """Positions, exposure and fills by route, execution context and symbol."""
        assert self.loop is self._loop
        assert self._inventory is not None
        return self._inventory

    # Running.

    def run(self, items: Iterable[MarketItem]) -> RunSummary:
        """Drive market items through the engine, in order; starts it if need be."""
        if self._loop is None:
            self.start()
        ingest = self.loop.ingest
        for item in items:
            if self._strategies:
                self._load_all(item.event_time)
            ingest(item)
        return self.summary()

    def summary(self) -> RunSummary:
        """Return what the run has come to so far."""
        loop = self.loop
        state, tally = loop.kernel.state, loop.tally
        routes = sorted(self._registrations.routes)
        return RunSummary(
            state.seq_id,
            tally.fills,
            tuple(sorted(tally.fees.items())),
            tuple(sorted(tally.rejected.items())),
            tally.modified,
            tally.would,
            tally.callback_errors,
            tuple((route_id, equity(state, route_id)) for route_id in routes),
        )

    def close(self) -> None:
        """Unload every instance, each with its last event; positions and guards stay. Once."""
        if self._loop is None or self._is_closed:
            return
        self._is_closed = True
        for strategy_id in self._loop.host.running_instances:
            self._loop.unload_instance(strategy_id, "session", "the session is closed")

    def publish(self, watermark: int) -> None:
        """Hand the fills of all steps up to ``watermark`` to the inventory and the sinks.

        Called by a driver with a journal, when its watermark has moved; without one the session
        does it itself after every step.
        """
        assert self._inventory is not None
        while self._unpublished and self._unpublished[0][0] <= watermark:
            _, fills = self._unpublished.popleft()
            self._inventory.note(fills)
            for fill in fills:
                for sink in self._sinks:
                    sink(fill)

    def _on_fills(self, envelope: Envelope, fills: tuple[Fill, ...]) -> None:
        self._unpublished.append((envelope.seq_id, fills))
        if not self._is_journalled:
            self.publish(envelope.seq_id)

    def _with_coordinator(self, register: Callable[[StateCoordinator], None]) -> None:
        """Register now, or as soon as the markets are there."""
        if self._coordinator is None or self._loop is None:
            self._later.append(register)
            return
        register(self._coordinator)
        self._loop.observe(self._coordinator.on_step)

    def _check_configuring(self, what: str) -> None:
        if self._loop is not None:
            raise SessionError(f"{what} belongs before the start; the session runs already")

    def _check_piecemeal(self, what: str) -> None:
        self._check_configuring(what)
        if self._plan is not None:
            raise SessionError(f"{what}: this session is of a ready configuration; put it there")

    def _spec(
        self,
        strategy_id: str,
        strategy: type[Strategy],
        subscriptions: Sequence[str],
        execution_id: str,
        config: Mapping[str, Any] | None,
        mode: InstanceMode,
        limits: InstanceLimits | None,
    ) -> InstanceSpec:
        if INSTANCE_ID.fullmatch(strategy_id) is None:
            raise SessionError(
                f"strategy id {strategy_id!r} must be at most 24 of a-z, 0-9, - and _, "
                "beginning with a letter or digit"
            )
        if not subscriptions:
            raise SessionError(f"strategy {strategy_id} needs at least one instrument")
        for key in subscriptions:
            try:
                self.reference.instrument(InstrumentId(key))
            except KeyError as error:
                raise SessionError(f"strategy {strategy_id}: {error.args[0]}") from None
        if execution_id not in self._registrations.contexts:
            raise SessionError(f"strategy {strategy_id}: no execution context {execution_id}")
        complete, problems = validate(strategy.CONFIG_SCHEMA, config or {})
        if problems:
            raise SessionError(f"strategy {strategy_id}: {problems[0]}")
        markets = tuple(InstrumentId(key) for key in subscriptions)
        return InstanceSpec(
            StrategyId(strategy_id),
            strategy.__name__,
            ExecutionId(execution_id),
            AccountId(execution_id),
            ClientId(f"tt-{strategy_id}"),
            markets[0],
            mode,
            limits or InstanceLimits(self._opening_cash(execution_id)),
            complete,
            actor="session",
            instruments=markets[1:],
        )

    def _opening_cash(self, execution_id: str) -> int:
        """Return a context's opening cash in the reporting currency."""
        routes = self._registrations.contexts[ExecutionId(execution_id)]
        return sum(
            amount
            for route_id in routes
            for currency, amount in self._registrations.routes[route_id].opening_cash
            if currency == self.settings.reporting_currency
        )
