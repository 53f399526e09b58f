"""The live driver: one run from its first event to its clean end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from tradetui.domain.control import OperatorNoted, RouteHealthChanged
from tradetui.domain.enums import RunMode, Severity
from tradetui.domain.ids import InstrumentId, RouteId, StrategyId
from tradetui.domain.market_data import Bar
from tradetui.domain.steps import JournalHeader
from tradetui.engine.assembly import RunPlan
from tradetui.engine.loader.strategy_loader import StrategyLoader
from tradetui.engine.session import Session
from tradetui.engine.sinks import Outbox
from tradetui.engine.tally import Tally
from tradetui.ports.clock import Clock
from tradetui.ports.journal import Journal, JournalError, JournalStalledError
from tradetui.ports.market_data import MarketDataClient
from tradetui.runtime.alerts import Condition
from tradetui.runtime.charts import ChartKeeper
from tradetui.runtime.checkpoints import Checkpointer, FeedProgress
from tradetui.runtime.chores import FIRST_VERIFY_NS, VERIFY_ALERT, Timing, keep_chores
from tradetui.runtime.client import InProcessClient
from tradetui.runtime.execution import ExecutionDesk
from tradetui.runtime.guard import TimeGuard
from tradetui.runtime.header import RunCaption
from tradetui.runtime.inbox import Entry, Inbox, policies_of
from tradetui.runtime.instances import InstanceRunner
from tradetui.runtime.options import DriverHooks, DriverOptions
from tradetui.runtime.pacer import Pacer
from tradetui.runtime.pages.asked import Pages
from tradetui.runtime.pump import HurriedOutbox, Pump
from tradetui.runtime.remembered import base_bars
from tradetui.runtime.replica import ReplicaPublisher
from tradetui.runtime.room import RoomWatch
from tradetui.runtime.supervisor import (
    cancel_all,
    keep_checkpoints,
    keep_comparing,
    keep_polling,
    keep_showing,
    keep_telling,
    keep_time,
    run_feed,
)
from tradetui.runtime.tap import StepTap
from tradetui.runtime.telemetry import Telemetry


@dataclass
class LiveDriver:
    """Ties feeds, engine, journal and replica together. ``start``, then ``stop`` once."""

    plan: RunPlan
    feeds: Sequence[MarketDataClient]
    journal: Journal
    clock: Clock
    loader: StrategyLoader
    hooks: DriverHooks
    options: DriverOptions
    outbox: Outbox | None = None
    header: JournalHeader | None = None
    """What the run began with; checkpoints are made where it is known."""
    execution: ExecutionDesk | None = None
    """Serves the routes that are not the simulated venue's (``plan.simulated``)."""
    _tasks: list[asyncio.Task[None]] = field(default_factory=list, init=False)
    _feed_tasks: list[asyncio.Task[None]] = field(default_factory=list, init=False)
    _pump_task: asyncio.Task[None] | None = field(default=None, init=False)
    _bringing_up: asyncio.Task[None] | None = field(default=None, init=False)
    _is_stopped: bool = field(default=False, init=False)
    _full_routes: dict[RouteId, None] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        if not self.feeds:
            raise ValueError("a run needs at least one feed of prices")
        self.is_virtual = any(feed.is_virtual for feed in self.feeds)
        if self.is_virtual and len(self.feeds) > 1:
            raise ValueError("a replay is one feed: give all its files to one client")
        options = self.options
        outbox = self.outbox if self.execution is None else self.execution
        self.telemetry = Telemetry()
        self.telemetry.edges = options.edges
        self.guard = TimeGuard(
            self.telemetry,
            soft_ns=options.soft_budget_ns,
            hard_ns=None
            if self.plan.config.run_mode is RunMode.BACKTEST
            else options.hard_budget_ns,
            on_slow=self._on_slow,
        )
        self.tap = StepTap(self.journal, self.telemetry)
        self.session = Session.of(
            self.plan,
            is_virtual=self.is_virtual,
            sink=self.tap,
            guard=self.guard,
            log=self.tap.log,
            outbox=None if outbox is None else HurriedOutbox(outbox, lambda: self.pump.hurry()),
            is_journalled=True,
        )
        self.loop = self.session.start()
        self.pacer: Pacer | None = None
        if self.is_virtual:
            self.pacer = Pacer(self.clock, speed=options.speed, playing=options.playing)
        policies = policies_of(
            self.plan.config.run_mode, is_virtual=self.is_virtual, wanted=options.queue_policy
        )
        self.telemetry.queue_policy = str(policies)
        self.inbox = Inbox(policies, capacity=options.capacity, on_full=self._on_full)
        self.charts = ChartKeeper(self.history)
        self._connect()
        if self.execution is not None:
            self.execution.connect(self.loop.kernel, self.inbox.put_report)
            self.publisher.inquiries = self.execution.inquiries

    def _connect(self) -> None:
        feed_name = ", ".join(feed.name for feed in self.feeds)
        self.publisher = ReplicaPublisher(
            self.loop,
            RunCaption(
                self.options.account,
                feed_name,
                venue=self.plan.venue if self.execution is None else None,
            ),
            self.telemetry,
            self.charts,
            wall=self.clock.now,
            is_virtual=self.is_virtual,
            pacer=self.pacer,
            label_of=self.hooks.label_of,
        )
        if self.plan.opening is not None:
            bars = base_bars(self.plan.opening.memory)
            self.publisher.recall(self.options.shown, bars)
        self.tap.connect(self.publisher)
        self.pump = Pump(
            self.loop,
            self.inbox,
            self.journal,
            self.publisher,
            self.telemetry,
            self.clock,
            is_virtual=self.is_virtual,
            on_commit=self._on_commit,
            group_ns=self.options.group_ns,
        )
        self.checkpointer = self._checkpointer(feed_name)
        self.room_watch = self._room_watch()
        self.instances = InstanceRunner(
            self.loop, self.pump, self.publisher, self.loader, self.hooks.spec_of, self.history
        )
        self.client = InProcessClient(
            self.loop,
            self.pump,
            self.publisher,
            self.charts,
            audit=self.hooks.audit,
            reconcile=self.hooks.reconcile,
            reload_instance=self.hooks.reload,
            keep_kill_switch=self.hooks.keep_kill_switch,
            pages=Pages(
                self.loop,
                self.publisher,
                self.charts,
                self.tap,
                self.telemetry,
                self.inbox,
                watermark=lambda: self.journal.watermark,
                wall=self.clock.now,
            ),
            pacer=self.pacer,
        )

    def _room_watch(self) -> RoomWatch | None:
        """Return who watches the disk; None for a run that is on none."""
        if self.hooks.room is None:
            return None
        watch = RoomWatch(
            self.hooks.room,
            self.options.least_room,
            self.loop,
            self.pump,
            self.publisher,
            self.clock,
            is_virtual=self.is_virtual,
        )
        self.pump.on_stall = watch.on_stall
        return watch

    def _checkpointer(self, feed_name: str) -> Checkpointer | None:
        """Return who makes the checkpoints; None for a run that keeps none."""
        put = self.hooks.put_checkpoint
        if put is None or self.header is None:
            return None
        if self.is_virtual:
            self.pump.progress = FeedProgress(feed_name, self.options.cursor)
        return Checkpointer(
            self.loop,
            self.journal,
            self.header,
            put,
            data_hash=self.options.data_hash,
            progress=self.pump.progress,
            shown=self.publisher.remember,
            trade_cursors=tuple if self.execution is None else self.execution.trade_cursors,
            aside=self.hooks.aside,
            wall=self.clock.now,
        )

    @property
    def tally(self) -> Tally:
        """What the run has come to so far."""
        return self.loop.tally

    def history(
        self, instrument_id: InstrumentId, timeframe_ns: int, count: int, before: int
    ) -> tuple[Bar, ...]:
        """Return closed bars of the feed that carries the instrument."""
        for feed in self.feeds:
            if any(one.instrument_id == instrument_id for one in feed.instruments()):
                return feed.history(instrument_id, timeframe_ns, count, before)
        return ()

    async def start(self) -> None:
        """Register the markets, bring the instances up, then let prices in.

        Returns when the run is under way, or has been stopped meanwhile; raises what made it
        impossible, with nothing left running.
        """
        self.guard.install()
        self._bringing_up = asyncio.create_task(self._bring_up(), name="bringing up")
        try:
            await self._bringing_up
        except asyncio.CancelledError:
            if not self._is_stopped:
                raise
        if not self._is_stopped:
            self._let_in()

    async def _bring_up(self) -> None:
        """Register the markets and load the instances."""
        start = self.options.start_time
        now = max(self.clock.now() if start is None else start, self.loop.now)
        await self.pump.act(lambda: self._begin(now))
        await self.hooks.reconcile()

    def _let_in(self) -> None:
        """Begin the tasks: prices, time, records, and what keeps the house."""
        self._pump_task = asyncio.create_task(self.pump.run(), name="pump")
        self._feed_tasks = [
            asyncio.create_task(
                run_feed(feed, self.inbox, self.publisher, self.pacer), name=f"feed {feed.name}"
            )
            for feed in self.feeds
        ]
        keeping = (
            keep_showing(self.pump, self.clock)
            if self.is_virtual
            else keep_time(self.pump, self.loop.schedule, self.clock)
        )
        polling = keep_polling(
            self.hooks.poll, self.publisher, self.clock, self.options.poll_every_ns
        )
        stops = keep_polling(
            self.hooks.stops,
            self.publisher,
            self.clock,
            self.options.poll_every_ns,
            ("stops", "kill-switches from a shell cannot be taken"),
        )
        self._tasks = [
            asyncio.create_task(keeping, name="time"),
            asyncio.create_task(polling, name="records"),
            asyncio.create_task(stops, name="stops"),
            asyncio.create_task(self.pump.end_groups(), name="groups"),
        ]
        if not self.is_virtual:
            comparing = keep_comparing(self.pump, self.loop, self.publisher, self.clock)
            self._tasks.append(asyncio.create_task(comparing, name="clock"))
        if self.execution is not None:
            self._tasks.append(asyncio.create_task(self.execution.run(), name="venues"))
        if self.options.edges:
            telling = keep_telling(self.options.edges, self.publisher, self.clock)
            self._tasks.append(asyncio.create_task(telling, name="edges"))
        if self.hooks.chore is not None:
            doing = keep_chores(self.hooks.chore, self.telemetry, self.publisher, self.clock)
            self._tasks.append(asyncio.create_task(doing, name="chores"))
        if self.hooks.verify is not None and self.options.verify_every_ns:
            timing = Timing(VERIFY_ALERT, FIRST_VERIFY_NS, self.options.verify_every_ns)
            verifying = keep_chores(
                self.hooks.verify, self.telemetry, self.publisher, self.clock, timing
            )
            self._tasks.append(asyncio.create_task(verifying, name="verifying"))
        if self.room_watch is not None:
            self._tasks.append(asyncio.create_task(self.room_watch.keep(), name="room"))
        if self.checkpointer is not None:
            writing = keep_checkpoints(self.checkpointer, self.publisher, self.clock)
            self._tasks.append(asyncio.create_task(writing, name="checkpoints"))

    async def run_until_end(self) -> Tally:
        """Wait until every feed has ended and all it gave is applied, then stop cleanly.

        Raises what made the engine fail. A run that was stopped before it was under way has ended.
        """
        if self._pump_task is None:
            return self.tally
        await self._until_failure_or(self._feed_tasks)
        self.inbox.close()
        assert self._pump_task is not None
        await self._pump_task
        await self.stop("the data have ended")
        return self.tally

    async def run_forever(self) -> None:
        """Wait until the engine fails (raises why) or ``stop`` is called."""
        if self._pump_task is None:
            return
        await self._until_failure_or([])

    async def stop(self, reason: str = "stopped") -> None:
        """Stop the feeds, apply what is in, tell every strategy, mark a clean stop. Once. What a
        replay had in the queue is left: the next start takes it from the file.

        A start that is under way goes no further. Raises what made a stop impossible (a broken
        engine, a stalled journal); then what was durable is durable still, and the stop is not
        marked clean.
        """
        if self._is_stopped:
            return
        self._is_stopped = True
        self.instances.interrupt()
        try:
            async with asyncio.timeout(self.options.stop_seconds):
                await self._wind_down(reason)
                await self._write_last_checkpoint()
                await self.journal.close()
        except BaseException as e:
            await self.journal.abandon()
            if isinstance(e, TimeoutError):
                raise JournalStalledError(self._too_slow()) from e
            raise
        finally:
            await cancel_all([*self._own_tasks(), *self.pump.stops])
            self.guard.remove()

    def _too_slow(self) -> str:
        why = "the journal cannot be written"
        if not self.pump.is_stalled:
            why = f"{len(self.inbox):,} entries of the queue were still to be applied"
        seconds = self.options.stop_seconds
        return f"the run could not be ended within {seconds:g} s: {why}; the next start recovers it"

    async def abandon(self) -> None:
        """End as a crash would, for tests: nothing more is applied or written, no stop marked."""
        self._is_stopped = True
        pump = [] if self._pump_task is None else [self._pump_task]
        await cancel_all([*self._own_tasks(), *self.pump.stops, *pump])
        await self.journal.abandon()
        self.guard.remove()

    def _own_tasks(self) -> list[asyncio.Task[None]]:
        return [*self._feed_tasks, *self._tasks, *self._starting()]

    def _starting(self) -> list[asyncio.Task[None]]:
        """Return the task of a start that has not ended yet."""
        task = self._bringing_up
        return [] if task is None or task.done() else [task]

    async def _wind_down(self, reason: str) -> None:
        if starting := self._starting():
            await asyncio.wait(starting)
        await cancel_all(self._feed_tasks)
        if self.is_virtual:
            self.inbox.leave_market()
        desk = self.execution if self._pump_task is not None else None
        if desk is not None:
            await self.pump.act(lambda: self.instances.stop_all(reason))
            await desk.settle(self.options.settle_seconds, self.publisher.say)
        self.inbox.close()
        if self._pump_task is not None:
            await self._pump_task
        await cancel_all(self._tasks)
        if desk is None:
            await self.pump.act(lambda: self.instances.stop_all(reason))
        self.publisher.publish(force=True)

    async def _until_failure_or(self, wanted: list[asyncio.Task[None]]) -> None:
        """Wait until all ``wanted`` tasks are done, or the pump is; raise what made one of the
        engine's own tasks fail.
        """
        assert self._pump_task is not None
        vital = [self._pump_task, *self._tasks]
        waiting = list(wanted)
        while not self._pump_task.done() and (waiting or not wanted):
            await asyncio.wait([*vital, *waiting], return_when=asyncio.FIRST_COMPLETED)
            waiting = [task for task in waiting if not task.done()]
            for task in vital:
                if task.done() and not task.cancelled():
                    task.result()
            vital = [task for task in vital if not task.done()]

    def _begin(self, now: int) -> None:
        """Make the feeds' instruments known, as the first events of the run."""
        self.loop.now = max(self.loop.now, now)
        for feed in self.feeds:
            for instrument in feed.instruments():
                self.session.add_instrument(instrument)
        self.loop.control(OperatorNoted("engine", "run started"), now)

    async def _write_last_checkpoint(self) -> None:
        """Make the checkpoint of a clean stop; without it the next start reads more steps."""
        if self.checkpointer is None or self.loop.is_broken:
            return
        try:
            await self.checkpointer.write(self.checkpointer.take())
        except JournalError as error:
            self.publisher.say(Severity.WARNING, f"no checkpoint at the stop: {error}")

    def _on_commit(self, watermark: int) -> None:
        """Let out what is durable: commands to venues, fills to the session's sinks, the rest to
        who asked.
        """
        self.session.publish(watermark)
        if self.execution is not None:
            self.execution.on_commit(watermark)
        if self.hooks.on_commit is not None:
            self.hooks.on_commit(watermark)

    def _on_slow(self, strategy_id: StrategyId, hook: str, duration_ns: int) -> None:
        budget = self.options.soft_budget_ns // 1_000_000
        text = f"{hook} took {duration_ns // 1_000_000} ms; the budget is {budget} ms"
        self.publisher.say(Severity.WARNING, text, strategy_id)

    def _on_full(self, depth: int, entry: Entry) -> None:
        """Halt the route whose reports come faster than they are applied."""
        text = f"{depth:,} reports wait: the engine does not keep up with its venues"
        self.publisher.raise_alert("inbox", Condition(Severity.ALERT, None, text))
        route_id = getattr(getattr(entry, "payload", None), "route_id", None)
        if route_id is not None and route_id not in self._full_routes:
            self._full_routes[route_id] = None
            self.inbox.put_report(RouteHealthChanged(route_id, True, text))
