"""The pump: the only one that drives the step loop, a slice at a time.

A slice is at most 256 events or 10 ms; each event is applied whole, without awaiting. Then the
journal is made durable, then commands and screens get what is durable, then the loop of everything
else has its turn. While the journal cannot be written nothing is applied: what is not durable could
be lost, and the engine never acts on what it could lose.

Steps that only the house waits for (market data, and orders that its simulated venue answers) may
wait in a group for up to ``group_ns``: writing to the disk then costs the same whatever the rate of
events. After a quiet while nothing waits: a slice is written at once when the last commit began
``group_ns`` ago. A command that leaves the house, a report and an act of a person end the group at
once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from operator import attrgetter
from typing import Final, TypeVar

from tradetui.domain.control import KillSwitchChanged
from tradetui.domain.enums import KillState, Scope, Severity, Source
from tradetui.domain.envelope import Unsequenced
from tradetui.domain.formatting import clock as time_of_day
from tradetui.domain.ids import InstrumentId
from tradetui.domain.market_data import MarketItem
from tradetui.domain.steps import Command
from tradetui.engine.errors import EngineError
from tradetui.engine.sinks import Outbox
from tradetui.engine.step_loop import StepLoop
from tradetui.ports.clock import Clock
from tradetui.ports.journal import Journal, JournalStalledError
from tradetui.runtime.alerts import Condition
from tradetui.runtime.checkpoints import FeedProgress
from tradetui.runtime.inbox import Entry, Inbox
from tradetui.runtime.replica import ReplicaPublisher
from tradetui.runtime.telemetry import Telemetry

T = TypeVar("T")

SLICE_EVENTS: Final = 256
SLICE_NS: Final = 10_000_000
_CHUNK: Final = 16
_MOMENTS: Final = 64
"""Timers and heartbeats between two looks at the clock, where a gap in the data has many."""
_NO_MARKET: Final = InstrumentId("")
_MARKET_ALONE: Final = {MarketItem}
_PLACE_IN_MARKET: Final = attrgetter("venue", "instrument_id", "producer")
GROUP_NS: Final = 100_000_000
"""The longest that steps wait in a group: as long as one glance at the screen."""
_EARLY: Final = 8
"""One part in so many of ``group_ns`` is not worth waking up for once more."""
GROUP_STEPS: Final = 1_024
"""As many steps end a group, however little time has passed."""
RETRY_NS: Final = 500_000_000
PATIENCE_NS: Final = 2 * RETRY_NS
"""So long a stop waits to be durable before its answer says that it is not yet."""
JOURNAL_ALERT: Final = "journal"
ENGINE_ALERT: Final = "engine"

Committed = Callable[[int], None]
"""Told of the new watermark: what belongs to steps up to it may leave the house."""


class HurriedOutbox:
    """Hands commands on, and has the steps that they came from made durable without delay."""

    def __init__(self, outbox: Outbox, hurry: Callable[[], None]) -> None:
        self._outbox = outbox
        self._hurry = hurry

    def put(self, seq_id: int, command: Command) -> None:
        """Take one command of step ``seq_id``."""
        self._outbox.put(seq_id, command)
        self._hurry()


class Pump:
    """Drains the inbox into the step loop, commits, publishes."""

    def __init__(
        self,
        loop: StepLoop,
        inbox: Inbox,
        journal: Journal,
        publisher: ReplicaPublisher,
        telemetry: Telemetry,
        clock: Clock,
        *,
        is_virtual: bool,
        on_commit: Committed | None = None,
        group_ns: int = 0,
    ) -> None:
        self._loop = loop
        self._inbox = inbox
        self._journal = journal
        self._publisher = publisher
        self._telemetry = telemetry
        self._clock = clock
        self._is_virtual = is_virtual
        self._on_commit = on_commit
        self._group_ns = group_ns
        self.progress: FeedProgress | None = None
        """Told of every item that is applied, where the place in the feed matters."""
        self._place = loop.sequencer.place
        self._schedule = loop.schedule
        self._is_hurried = False
        self._committed_at = 0
        """When the last commit began (wall)."""
        self._has_waiting = asyncio.Event()
        self._committing = asyncio.Lock()
        self._sound = asyncio.Event()
        self._sound.set()
        self._has_halted = False
        self._stops: dict[asyncio.Task[None], None] = {}
        """Commits that stops are waiting for."""
        self.on_stall: Callable[[], None] | None = None
        """Told of every commit that failed, before it is tried again."""

    @property
    def is_stalled(self) -> bool:
        """Tell whether the journal cannot be written now."""
        return not self._sound.is_set()

    @property
    def stops(self) -> tuple[asyncio.Task[None], ...]:
        """The commits that stops still wait for."""
        return tuple(self._stops)

    async def run(self) -> None:
        """Drain until the inbox is closed and empty."""
        while True:
            await self._inbox.wait()
            await self._sound.wait()
            async with self._committing:
                self.drain_slice()
            is_last = self._inbox.is_closed and not len(self._inbox)
            if is_last or self._is_group_full():
                await self.commit()
            else:
                self._has_waiting.set()
            if is_last:
                return
            if len(self._inbox):
                await asyncio.sleep(0)

    async def end_groups(self) -> None:
        """Make the steps durable that have waited for the longest time that a group may take."""
        while True:
            await self._has_waiting.wait()
            await self._clock.sleep_until(self._clock.now() + self._group_ns)
            if self._has_waiting.is_set():  # else the next slice has come first
                await self.commit()

    def hurry(self) -> None:
        """Have the steps of this slice made durable at its end: something waits to be let out."""
        self._is_hurried = True

    def _is_group_full(self) -> bool:
        group = self._group_ns
        return (
            self._is_hurried
            or not group
            or self._clock.now() - self._committed_at >= group - group // _EARLY
            or self._waiting() >= GROUP_STEPS
        )

    def _waiting(self) -> int:
        """Return how many steps are applied and not durable."""
        return self._loop.kernel.state.seq_id - self._journal.watermark

    def drain_slice(self) -> int:
        """Apply what waits, within the slice; return how many entries that were."""
        started = time.perf_counter_ns()
        applied = 0
        newest: MarketItem | None = None
        while applied < SLICE_EVENTS:
            entries = self._inbox.take(_CHUNK)
            if not entries:
                break
            if not self._is_virtual and len(entries) > 1:
                self._put_in_place(entries)
            newest = self._apply_all(entries, started + SLICE_NS) or newest
            applied += len(entries)
            if time.perf_counter_ns() - started >= SLICE_NS:
                break
        lag = 0
        if newest is not None and not self._is_virtual:
            lag = self._clock.now() - newest.event_time
        inbox, telemetry = self._inbox, self._telemetry
        telemetry.note_drain(lag_ns=lag, depth=len(inbox))
        telemetry.drops, telemetry.conflated = inbox.drops, inbox.conflated
        telemetry.deepest_queue = inbox.deepest
        return applied

    def _apply_all(self, entries: list[Entry], end: int) -> MarketItem | None:
        """Apply some entries, as far as their time comes before ``end``: the rest is given back,
        and taken out of ``entries``. Return the last market item.
        """
        newest: MarketItem | None = None
        is_virtual, progress = self._is_virtual, self.progress
        ingest, now = self._loop.ingest, self._clock.now
        for number, entry in enumerate(entries):
            try:
                if entry.__class__ is MarketItem:
                    if is_virtual and not self._has_time_passed(entry, end):
                        self._inbox.put_back(entries[number:])
                        del entries[number:]
                        break
                    newest = entry
                    ingest(entry, None if is_virtual else now())
                    if progress is not None:
                        progress.note(entry)
                else:
                    self._is_hurried = True
                    self._apply(entry)
            except EngineError as e:
                self._halt(e)
        return newest

    def _has_time_passed(self, item: MarketItem, end: int) -> bool:
        """Deliver what virtual time brings before an item, until the slice ends; tell whether the
        item's own time has come. Between two slices of a long gap the loop of everything else has
        its turn, and a kill-switch its step.
        """
        if self._schedule.next_due >= item.event_time:
            return True
        while not self._loop.pass_time(item.event_time, _MOMENTS):
            if time.perf_counter_ns() >= end:
                return False
        return True

    def _put_in_place(self, entries: list[Entry]) -> None:
        """Sort what was drained together by the sequencer's place of each entry.

        Market items alone have the same source, and their own names say the rest.
        """
        if {entry.__class__ for entry in entries} == _MARKET_ALONE:
            entries.sort(key=_PLACE_IN_MARKET)
        else:
            entries.sort(key=self._place_of)

    def _place_of(self, entry: Entry) -> tuple[int, str, InstrumentId, int]:
        """Return the sequencer's place of an entry among those drained with it.

        A recorded feed is merged into one order already, and keeps it.
        """
        if entry.__class__ is MarketItem:
            return self._place(Source.MARKET_DATA, entry.venue, entry.instrument_id, entry.producer)
        if isinstance(entry, Unsequenced):
            return self._place(entry.source, entry.venue, entry.instrument, entry.producer)
        return self._place(Source.CONTROL, "", _NO_MARKET, 0)

    async def act(self, change: Callable[[], T]) -> T:
        """Do something to the step loop between two slices; return when it is durable and shown.

        Waits while the journal is stalled: nothing may be applied then.
        """
        await self._sound.wait()
        result = change()
        self._publisher.hurry()
        await self.commit()
        return result

    async def engage(self, change: Callable[[], T]) -> bool:
        """Do what stops trading at once, also while the journal is stalled; return whether it is
        durable, which the first commit makes it.

        Nothing leaves of it before, and no entry of any step applied after it ever does.
        """
        change()
        self._publisher.hurry()
        commit = asyncio.create_task(self.commit(), name="commit of a stop")
        self._stops[commit] = None
        commit.add_done_callback(self._has_ended)
        until = self._clock.now() + (0 if self.is_stalled else PATIENCE_NS)
        patience = asyncio.create_task(self._clock.sleep_until(until))
        try:
            await asyncio.wait((commit, patience), return_when=asyncio.FIRST_COMPLETED)
        finally:
            patience.cancel()
        if not commit.done():
            self._publisher.show_header()  # the switch itself; rows wait for the commit
            return False
        commit.result()
        return True

    def _has_ended(self, commit: asyncio.Task[None]) -> None:
        self._stops.pop(commit, None)
        if not commit.cancelled():
            commit.exception()  # the next commit meets it again, and ends the run

    async def advance(self) -> None:
        """Let wall time pass in the engine (never in virtual time: there it comes from the
        data), and show what a quiet engine leaves unsaid: ages, playback, log lines.
        """
        if self.is_stalled:
            return
        if not self._is_virtual:
            try:
                self._loop.advance(self._clock.now())
            except EngineError as e:
                self._halt(e)
        if self._waiting() <= 0:
            self._publisher.publish()
        elif self._is_group_full():
            await self.commit()
        else:
            self._has_waiting.set()

    async def commit(self) -> None:
        """Make all applied steps durable, then let out and show what they did.

        Does not return before that is done; while it cannot be done, an alert says so.
        """
        async with self._committing:
            while True:
                self._is_hurried = False
                self._committed_at = self._clock.now()
                self._has_waiting.clear()
                started = time.perf_counter_ns()
                try:
                    watermark = await self._journal.commit()
                except JournalStalledError as e:
                    await self._stall(e)
                    continue
                break
            self._telemetry.note_commit(time.perf_counter_ns() - started)
            if self.is_stalled:
                self._recover()
            if self._on_commit is not None:
                self._on_commit(watermark)
            if watermark >= self._loop.kernel.state.seq_id:
                self._publisher.publish()

    def _apply(self, entry: Entry) -> None:
        """Apply a report or an act; a step that fails (EngineError) changes nothing, and stops
        entries.
        """
        if isinstance(entry, Unsequenced):
            self._loop.report(entry)
        elif not isinstance(entry, MarketItem):
            self._loop.control(entry, None if self._is_virtual else self._clock.now())

    def _halt(self, error: EngineError) -> None:
        """Allow exits only after a failure of ours; raises the error if even that fails."""
        text = f"{error}; nothing of it was applied, entries are stopped"
        self._publisher.raise_alert(ENGINE_ALERT, Condition(Severity.ALERT, None, text))
        self._publisher.say(Severity.ERROR, text)
        if not self._has_halted:
            self._has_halted = True
            self._loop.control(
                KillSwitchChanged(
                    Scope.GLOBAL, "", KillState.REDUCING, "engine", "a step failed", False
                )
            )

    async def _stall(self, error: JournalStalledError) -> None:
        if not self.is_stalled:
            self._sound.clear()
            since = time_of_day(self._clock.now())
            text = f"JOURNAL STALLED since {since}: nothing is applied or sent until it recovers"
            self._publisher.trouble = text
            self._publisher.raise_alert(
                JOURNAL_ALERT, Condition(Severity.ALERT, None, f"{text}; {error}")
            )
            self._publisher.show_header()
        if self.on_stall is not None:
            self.on_stall()
        await self._clock.sleep_until(self._clock.now() + RETRY_NS)

    def _recover(self) -> None:
        self._sound.set()
        self._publisher.trouble = ""
        self._publisher.clear_alert(JOURNAL_ALERT)
        self._publisher.say(Severity.INFO, "the journal can be written again")
