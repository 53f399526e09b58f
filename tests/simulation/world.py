"""One simulated day: a venue, a network, a disk, an operator, and the real engine between them.

Time is virtual and everything that happens comes from one seed. The engine is the product's own:
step loop, kernel, strategy host, strategies, courier, recovery by replay. Around it stand models:
``venue``, ``disk``, and the network in here.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter, deque
from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace
from tests.simulation import invariants, strategies
from tests.simulation.disk import Disk, DiskStalledError
from tests.simulation.faults import Faults
from tests.simulation.truth import Truth
from tests.simulation.venue import CASH, INSTRUMENTS, TRAITS, ModelVenue

from tradetui.core.kernel import Kernel
from tradetui.core.sequencer import Sequencer
from tradetui.core.venue.models import VenueConfig
from tradetui.core.venue.venue import SimulatedVenue
from tradetui.domain.capabilities import Capabilities
from tradetui.domain.control import (
    CancelEntriesRequested,
    CancelRequested,
    CloseRequested,
    ErrorCleared,
    ExitOnlyChanged,
    InstanceUnloaded,
    KillSwitchChanged,
    ModeChanged,
    OperatorNoted,
    PauseChanged,
    RouteHealthChanged,
)
from tradetui.domain.enums import (
    InstanceMode,
    InstrumentClass,
    InvariantPolicy,
    KillState,
    RunMode,
    Scope,
    Support,
)
from tradetui.domain.envelope import Unsequenced
from tradetui.domain.market_data import InstrumentUpdated, MarketItem, Quote, Trade
from tradetui.domain.risk import InstanceLimits, ProfileBinding, RiskProfile
from tradetui.domain.steps import (
    CancelCommand,
    ExecutionContextConfig,
    KernelConfig,
    ReplaceCommand,
    RouteConfig,
    StepRecord,
)
from tradetui.domain.units import NANOS_PER_SECOND as SECOND
from tradetui.engine.courier.courier import Courier
from tradetui.engine.courier.records import CourierSettings, Outgoing
from tradetui.engine.errors import EngineError
from tradetui.engine.heartbeat import HeartbeatSchedule
from tradetui.engine.host import StrategyHost
from tradetui.engine.instance_spec import InstanceSpec
from tradetui.engine.reference_data import ReferenceData
from tradetui.engine.rerun import Rerun
from tradetui.engine.step_loop import StepLoop
from tradetui.ports.execution import (
    Accepted,
    Failed,
    ReplaceRequest,
    StreamHint,
    SubmitRequest,
    Unknown,
)
from tradetui.ports.faults import FaultKind

START: Final = 20_000 * 86_400 * SECOND + 3_600 * SECOND
MS: Final = 1_000_000
ROUTE: Final = "main"
MAX_POSITION: Final = 10**8
CHAOS: Final = 45 * SECOND
CONVERGES_WITHIN: Final = 240 * SECOND
MAX_EVENTS: Final = 6_000
LIMITS: Final = InstanceLimits(200_000 * 10**8)
PROFILE: Final = RiskProfile("p", max_position_quantity=MAX_POSITION, max_open_orders=12)


def config_of(rng: random.Random) -> KernelConfig:
    """Return the configuration of a seed's engine: what the route can do differs."""
    capabilities = Capabilities(
        (InstrumentClass.SPOT,), replace=rng.choice((Support.NONE, Support.NATIVE))
    )
    route = RouteConfig(ROUTE, "acct", "ven", "me", "VEN", capabilities, (("USD", CASH),))
    bindings = tuple(ProfileBinding("p", Scope.STRATEGY, name) for name in sorted(strategies.KINDS))
    return KernelConfig(
        "run-1", RunMode.PAPER, "USD", (route,), (ExecutionContextConfig("acct", (ROUTE,)),),
        (PROFILE,), bindings, invariant_policy=InvariantPolicy.STRICT,
    )  # fmt: skip


class Violation(AssertionError):
    """An invariant does not hold."""


class Crashed(Exception):
    """The process is gone."""


class Engine:
    """One life of the engine's process: what a crash takes away."""

    def __init__(self, world: World, kernel: Kernel, cursors: tuple[Any, ...]) -> None:
        schedule = HeartbeatSchedule(is_virtual=False)
        self.reference = ReferenceData()
        host = StrategyHost(
            kernel, self.reference, schedule, run_code="s", seed=world.seed, max_intents=20
        )
        host.order_ids.go_on_after(kernel.state.max_order_counter)
        self.outbox: deque[tuple[int, Any]] = deque()
        self.kernel = kernel
        self.host = host
        self.loop = StepLoop(
            kernel,
            Sequencer(next_seq=kernel.state.seq_id + 1),
            SimulatedVenue(VenueConfig()),
            host,
            schedule,
            is_virtual=False,
            outbox=self,
            sink=world.sink,
        )
        self.loop.now = world.wall
        self.courier = world.courier_class(kernel, world.settings, world.mono, cursors)
        self.inbox: deque[Any] = deque()
        self.busy_until = 0
        self.suspended_until = 0
        self.is_pumping = False

    def put(self, seq_id: int, command: Any) -> None:
        self.outbox.append((seq_id, command))


class World:
    """Runs one seed; see the module's text. ``trace`` keeps every event's line."""

    courier_class: type[Courier] = Courier
    truth_class: type[Truth] = Truth

    def __init__(self, seed: int, *, trace: bool = False, story: int = 60) -> None:
        self.seed = seed
        self.rng = random.Random(seed)
        self.faults = Faults.draw(self.rng)
        self.now = START
        self.mono_offset = -START + 77 * SECOND
        self.queue: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self.count = 0
        self.events = self.steps = self.crashes = self.posts = 0
        self.kinds: Counter[str] = Counter()
        self.story: deque[str] = deque(maxlen=None if trace else story)
        self.is_tracing = True
        self.venue = ModelVenue(self.rng, self.faults, START + self.faults.skew)
        self.disk = Disk(is_encoded=self.rng.randrange(8) == 0)
        self.config = config_of(self.rng)
        self.settings = CourierSettings(
            ROUTE, "VEN", TRAITS, tuple(i.instrument_id for i in INSTRUMENTS), since=0
        )
        self.engine: Engine | None = None
        self.life = 0
        self.is_healed = False
        self.converged_at: int | None = None
        self.quiet_stream_until = 0
        self.checkpoint_every = self.rng.choice((10, 30, 100))
        self.truth = self.truth_class(self)
        self.crash_hash: tuple[int, str] | None = None
        strategies.Actor.trouble = self.faults.strategy

    # Clocks.

    @property
    def wall(self) -> int:
        return self.now

    @property
    def mono(self) -> int:
        return self.now + self.mono_offset

    # The run.

    def run(self) -> None:
        """Live through the day, heal, and converge; raises Violation."""
        self.at(0, self._boot)
        self.at(0, self._market)
        self.at(CHAOS, self._heal)
        deadline = START + CHAOS + CONVERGES_WITHIN
        while self.queue and self.converged_at is None:
            time, _, what, args = heapq.heappop(self.queue)
            self.now = max(self.now, time)
            self.venue.now = self.now + self.faults.skew
            self.events += 1
            try:
                what(*args)
            except Crashed:
                self._crash()
            self._send_hints()
            invariants.after_event(self)
            if self.now > deadline or self.events > MAX_EVENTS:
                raise Violation(f"I13 not converged: {self.truth.unsettled()}")
        if self.converged_at is None:
            raise Violation("I13 nothing is left to happen, and it has not converged")
        invariants.at_end(self)

    def at(self, delay: int, what: Callable[..., None], *args: Any) -> None:
        self.count += 1
        heapq.heappush(self.queue, (self.now + delay, self.count, what, args))

    def say(self, text: str) -> None:
        if self.is_tracing:
            self.story.append(f"{(self.now - START) / SECOND:9.3f} {text}")

    def chance(self, per_mille: int) -> bool:
        return per_mille > 0 and self.rng.randrange(1_000) < per_mille

    def _heal(self) -> None:
        self.say("HEAL")
        self.is_healed = True
        self.faults.heal()
        strategies.Actor.trouble = 0
        self.venue.closed_until = self.venue.limited_until = 0
        self.disk.stalled_until = 0
        self.quiet_stream_until = 0

    # The market.

    def _market(self) -> None:
        if not self.is_healed:
            self.at(self.rng.randint(200, 1_200) * MS, self._market)
        elif self.now - START > CHAOS + 5 * SECOND:
            return
        else:
            self.at(SECOND, self._market)
        venue, rng = self.venue, self.rng
        instrument = rng.choice(INSTRUMENTS)
        key = instrument.instrument_id
        step = venue.prices[key] * rng.randint(-4, 4) // 1_000
        price = max(1_000, (venue.prices[key] + step) // 10 * 10)
        venue.move(key, price)
        if self.chance(self.faults.foreign):
            venue.act_foreign()
        if self.chance(self.faults.deposit):
            amount = rng.randint(-5, 50) * 10**8
            venue.cash["USD"] += amount
            self.truth.deposits.append(self.truth.deposits[-1] + amount)
        if self.chance(self.faults.filters):
            changed = venue.change_filters()
            self.at(rng.randint(0, 2_000) * MS, self._tell_filters, changed)
        if self.chance(self.faults.maintenance):
            venue.closed_until = venue.now + rng.randint(1, 30) * SECOND
        if self.chance(self.faults.stream_stall):
            self.quiet_stream_until = self.now + rng.randint(5, 30) * SECOND
        if self.chance(self.faults.clock):
            self._suspend(rng.randint(1, 8) * SECOND)
        if self.chance(self.faults.disk_stall):
            self.disk.stalled_until = self.now + rng.randint(1, 10) * SECOND
        if self.chance(self.faults.operator):
            self._operate()
        payload = (
            Quote(price - 5, 10**8, price + 5, 10**8)
            if rng.randrange(4) == 0
            else Trade(price, 10**8)
        )
        self._to_engine(MarketItem(self.now, "VEN", key, payload))

    def _suspend(self, length: int) -> None:
        """The whole machine sleeps: nothing is handled, and the monotonic clock stands still."""
        if self.engine is not None and self.now >= self.engine.suspended_until:
            self.engine.suspended_until = self.now + length
            self.at(length, self._resume, self.life, length)

    def _resume(self, life: int, length: int) -> None:
        if life == self.life:
            self.mono_offset -= length
            self._pump()

    def _tell_filters(self, instrument: Any) -> None:
        item = MarketItem(self.now, "VEN", instrument.instrument_id, InstrumentUpdated(instrument))
        self._to_engine(item)

    # The operator.

    def _operate(self) -> None:
        rng, engine = self.rng, self.engine
        if engine is None:
            return
        name = rng.choice(sorted(strategies.KINDS))
        state = engine.kernel.state
        orders = list(state.open_orders)
        scope = rng.choice(((Scope.GLOBAL, ""), (Scope.STRATEGY, name), (Scope.ROUTE, ROUTE)))
        acts: list[Any] = [
            KillSwitchChanged(
                *scope, rng.choice((KillState.HALTED, KillState.REDUCING)), "me", "sim",
                rng.randrange(2) == 0,
            ),
            *(
                KillSwitchChanged(*key, KillState.NORMAL, "me", "released")
                for key in state.kill_switches
            ),
            PauseChanged(name, rng.randrange(2) == 0, "me"),
            CancelEntriesRequested(rng.choice((None, name)), "me"),
            ExitOnlyChanged(name, rng.randrange(3) == 0, "me", "sim"),
            ErrorCleared(name, "me"),
            ModeChanged(
                name, rng.choice((InstanceMode.ACTIVE, InstanceMode.OBSERVE)), "me",
                rng.randrange(4) == 0,
            ),
            RouteHealthChanged(ROUTE, False, "looked at by me"),
            CloseRequested(
                name, (engine.host.order_ids.next_id(), engine.host.order_ids.next_id()), "me"
            ),
        ]  # fmt: skip
        if orders:
            acts.append(CancelRequested(rng.choice(orders), "me"))
        if rng.randrange(6) == 0:
            acts = [InstanceUnloaded(name, "me")]
        self._to_engine(rng.choice(acts))

    # The engine's life.

    def _boot(self) -> None:
        self.life += 1
        self.say(f"BOOT {self.life}")
        kernel, cursors = self.recover()
        engine = self.engine = Engine(self, kernel, cursors)
        self.truth.begin_life(engine)
        for instrument in INSTRUMENTS:
            known = kernel.state.instruments.get(instrument.instrument_id)
            engine.reference.register(known or instrument)
        if not kernel.state.instruments:
            for instrument in INSTRUMENTS:
                engine.loop.register(instrument)
        engine.loop.control(OperatorNoted("engine", f"life {self.life}"), self.wall)
        for name, (kind, market) in sorted(strategies.KINDS.items()):
            known_instance = kernel.state.instances.get(name)
            mode = InstanceMode.OBSERVE if kind is strategies.Watcher else InstanceMode.ACTIVE
            if known_instance is not None:
                mode = known_instance.mode
            spec = InstanceSpec(
                name, kind.__name__, "acct", "me", f"tt-{name}", market, mode, LIMITS, {},
                actor="sim",
            )  # fmt: skip
            engine.loop.load_instance(spec, kind)
        self._pump()
        self.at(SECOND, self._tick, self.life)

    def recover(self) -> tuple[Kernel, tuple[Any, ...]]:
        """Bring the state back from the newest checkpoint and the durable steps behind it."""
        seq_id, opening, cursors = 0, None, ()
        if self.disk.checkpoints:
            seq_id, opening, cursors = self.rng.choice(self.disk.checkpoints)
        rerun = Rerun(self.config, opening)
        for record in self.disk.suffix(seq_id):
            difference = rerun.apply(record)
            if difference is not None:
                raise Violation(f"I11 replay differs: {difference}")
        invariants.after_recovery(self, rerun)
        return rerun.kernel, cursors  # type: ignore[return-value]

    def _crash(self) -> None:
        engine = self.engine
        if engine is None:
            return
        self.say("CRASH")
        self.crashes += 1
        self.crash_hash = None
        if not self.disk.volatile and not engine.loop._queue:
            self.crash_hash = (self.disk.watermark, engine.kernel.state_hash())
        self.engine = None
        self.disk.crash()
        self.truth.end_life()
        self.at(self.rng.choice((0, 100, 100, 1_000, 3_000, 15_000)) * MS, self._boot)

    def _tick(self, life: int) -> None:
        if life != self.life or self.engine is None:
            return
        self.at(SECOND, self._tick, life)
        if self.now >= max(self.quiet_stream_until, self.engine.suspended_until):
            self._hint(life, StreamHint("orders"))
        self._pump()
        if self.is_healed and self.engine is not None and self.truth.is_settled():
            self.converged_at = self.now

    def _to_engine(self, entry: Any) -> None:
        if self.engine is not None:
            self.engine.inbox.append(entry)
            self._pump()

    def maybe_crash(self, point: str) -> None:
        """Pass a point of persistence; the process may end here."""
        rate = self.faults.crash
        if rate and self.disk.volatile:
            rate *= 3
        if self.chance(rate):
            self.say(f"crash at {point}")
            raise Crashed(point)

    def _pump(self) -> None:
        """Apply what waits, make it durable, let out what is durable; until nothing waits."""
        engine = self.engine
        if engine is None or engine.is_pumping:
            return
        if self.now < max(engine.busy_until, engine.suspended_until):
            return
        engine.is_pumping = True
        try:
            engine.courier.advance(self.mono)
            self._collect(engine)
            while True:
                if not self._commit(engine):
                    return
                self._release(engine)
                if not engine.inbox:
                    break
                for _ in range(min(len(engine.inbox), self.rng.randint(1, 4))):
                    self._apply(engine, engine.inbox.popleft())
                engine.loop.advance(self.wall)
            if self.chance(self.faults.disk_slow):
                engine.busy_until = self.now + self.rng.randint(10, 1_500) * MS
                self.at(engine.busy_until - self.now, self._pump)
        finally:
            engine.is_pumping = False

    def _apply(self, engine: Engine, entry: Any) -> None:
        try:
            if isinstance(entry, MarketItem):
                engine.loop.ingest(entry, self.wall)
            elif isinstance(entry, Unsequenced):
                engine.loop.report(replace(entry, ingest_time=self.wall))
            else:
                engine.loop.control(entry, self.wall)
        except EngineError as error:
            raise Violation(f"the engine failed: {error}") from error

    def _commit(self, engine: Engine) -> bool:
        if not self.disk.volatile and engine.kernel.state.seq_id == self.disk.watermark:
            return True
        self.maybe_crash("before commit")
        try:
            group = self.disk.commit(self.now)
        except DiskStalledError:
            self.say("disk stalled")
            self.at(500 * MS, self._pump)
            return False
        self.truth.note_durable(group)
        self.maybe_crash("durable, not applied")
        seq_id = engine.kernel.state.seq_id
        last = self.disk.checkpoints[-1][0] if self.disk.checkpoints else 0
        if seq_id - last >= self.checkpoint_every:
            self.disk.checkpoint(seq_id, engine.kernel.checkpoint(), engine.courier.cursors())
            self.maybe_crash("after a checkpoint")
        return True

    def _release(self, engine: Engine) -> None:
        """Hand durable commands to the courier, and its requests to the network."""
        watermark = self.disk.watermark
        while engine.outbox and engine.outbox[0][0] <= watermark:
            _, command = engine.outbox.popleft()
            self.truth.note_command(command)
            engine.courier.take(command, self.mono)
        for outgoing in engine.courier.requests(self.mono):
            self._send(engine, outgoing)
            self.maybe_crash("after a request left")
        self._collect(engine)

    def _collect(self, engine: Engine) -> None:
        engine.inbox.extend(engine.courier.reports())

    def sink_append(self, record: StepRecord) -> None:
        self.disk.append(record)
        self.steps += 1
        if self.is_tracing:
            self.say(_line(record))
        invariants.after_step(self, record)

    @property
    def sink(self) -> Any:
        world = self

        class Sink:
            def append(self, record: StepRecord) -> None:
                world.sink_append(record)

        return Sink()

    # The network.

    def _send(self, engine: Engine, outgoing: Outgoing) -> None:
        request, faults = outgoing.request, self.faults
        self.truth.note_sent(engine, outgoing)
        if self.is_tracing:
            self.say(f"-> {outgoing.number} {_brief(request)}")
        number, life = outgoing.number, self.life
        latency = self._latency()
        if self.chance(faults.not_sent):
            self.truth.note_lost(request)
            self.at(latency, self._answer, life, number, Failed(FaultKind.NOT_SENT))
            return
        if self.chance(faults.rate_limit) or self.now < self.venue.limited_until:
            self.truth.note_lost(request)
            wait = max(self.venue.limited_until - self.now, self.rng.randint(1, 10) * SECOND)
            self.venue.limited_until = self.now + wait
            answer = Failed(FaultKind.RATE_LIMITED, wait)
            self.at(1, self._answer, life, number, answer)
            return
        if self.chance(faults.request_loss):
            self.truth.note_lost(request)
            self._fail_later(life, number)
            return
        if self.chance(faults.late):
            latency += self.rng.randint(0, 2 * TRAITS.recv_window)
            if self.rng.randrange(2):
                self._fail_later(life, number)
        self.at(latency, self._arrive, life, number, request)

    def _latency(self) -> int:
        base = self.rng.randint(5, 80) * MS
        if self.chance(self.faults.jitter):
            base += self.rng.randint(0, 4_000) * MS
        return base

    def _fail_later(self, life: int, number: int) -> None:
        kind = self.rng.choice((FaultKind.TIMEOUT, FaultKind.CONNECTION, None))
        if kind is not None:
            self.at(self.rng.randint(100, 9_000) * MS, self._answer, life, number, Failed(kind))

    def _arrive(self, life: int, number: int, request: Any) -> None:
        """Let a request come in; one that creates may be carried out some time later only."""
        delay = 0
        if isinstance(request, SubmitRequest | ReplaceRequest) and self.chance(self.faults.slow):
            if self.venue.would_take(request, self.venue.now):
                self.venue.admitted[request.terms.client_order_id] = None
            delay = self.rng.randint(0, TRAITS.processing)
        if delay:
            self.at(delay, self._carry_out, life, number, request)
        else:
            self._carry_out(life, number, request)

    def _carry_out(self, life: int, number: int, request: Any) -> None:
        answer = self.venue.handle(request)
        self.truth.note_arrived(request)
        if self.is_tracing:
            self.say(f"   {number} at the venue: {_brief(answer)}")
        if answer is None:
            self.at(self._latency(), self._answer, life, number, Failed(FaultKind.MAINTENANCE))
            return
        faults = self.faults
        if self.chance(faults.response_loss):
            self._fail_later(life, number)
            return
        if self.chance(faults.venue_error):
            answer = Failed(FaultKind.VENUE_ERROR)
        elif self.chance(faults.garbage):
            answer = self._garble(answer)
        self.at(self._latency(), self._answer, life, number, answer)

    def _garble(self, answer: Any) -> Any:
        """A proxy's page, a cut body, an order without its id."""
        if isinstance(answer, Accepted) and self.rng.randrange(2):
            return Accepted(replace(answer.order, client_order_id="", venue_order_id=""))
        if isinstance(answer, Accepted) and self.rng.randrange(2):
            return Unknown("<html>\x1b[31mBad gateway")
        return Failed(FaultKind.BAD_RESPONSE)

    def _answer(self, life: int, number: int, answer: Any) -> None:
        engine = self.engine
        if life != self.life or engine is None:
            return
        if self.now < engine.suspended_until:
            self.at(engine.suspended_until - self.now, self._answer, life, number, answer)
            return
        if self.is_tracing:
            self.say(f"<- {number} {_brief(answer)}")
        engine.courier.answer(number, answer, self.mono)
        self._collect(engine)
        self._pump()

    def _send_hints(self) -> None:
        hints, self.venue.hints = self.venue.hints, []
        if self.now < self.quiet_stream_until:
            return
        for instrument_id, vid, cid in hints:
            if not self.chance(self.faults.stream_loss):
                hint = StreamHint("orders", instrument_id, vid, cid or None)
                self.at(self._latency(), self._hint, self.life, hint)

    def _hint(self, life: int, hint: StreamHint) -> None:
        engine = self.engine
        if life != self.life or engine is None or self.now < engine.suspended_until:
            return
        if self.now >= self.quiet_stream_until:
            self.truth.heard_at = self.mono
            engine.courier.hint(hint, self.mono)
            self._pump()


def _brief(what: Any) -> str:
    return repr(what)[:260]


def _line(record: StepRecord) -> str:
    event, result = record.event, record.result
    parts = [f"#{event.seq_id} {event.event_type}"]
    if event.event_type not in ("Trade", "Quote", "Heartbeat", "InstanceLoaded"):
        parts.append(repr(event.payload)[:160])
    parts += [
        f"{t.client_order_id}:{t.from_state}->{t.to_state}({t.filled_quantity}) {t.reason}"
        for t in record.transitions
    ]
    parts += [
        f"{type(c).__name__} {c.client_order_id if isinstance(c, CancelCommand | ReplaceCommand) else c.terms.client_order_id}"  # noqa: E501
        for c in result.commands
    ]
    parts += [f"! {d.message}" for d in result.diagnostics]
    return " | ".join(parts)
