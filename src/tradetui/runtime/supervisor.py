"""Owns the tasks of a run: none is forgotten, and a feed that dies takes nothing with it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final

from tradetui.core.checkpoint import CheckpointError
from tradetui.core.invariants import InvariantError
from tradetui.domain.control import OperatorNoted
from tradetui.domain.enums import Severity
from tradetui.domain.formatting import age
from tradetui.domain.text import printable
from tradetui.domain.units import NANOS_PER_SECOND
from tradetui.engine.heartbeat import HeartbeatSchedule
from tradetui.engine.step_loop import StepLoop
from tradetui.ports.clock import Clock
from tradetui.ports.journal import JournalError
from tradetui.ports.market_data import (
    EdgeCounts,
    FeedError,
    MarketDataClient,
    batches_of,
    one_by_one,
)
from tradetui.runtime.alerts import Condition
from tradetui.runtime.checkpoints import Checkpointer
from tradetui.runtime.inbox import Inbox, InboxFullError
from tradetui.runtime.pacer import Pacer
from tradetui.runtime.pump import Pump
from tradetui.runtime.replica import ReplicaPublisher

LONGEST_SLEEP_NS: Final = NANOS_PER_SECOND // 4
"""How often the engine is told of the time at least, so that ages on the screen go on."""

CHECKPOINT_ALERT: Final = "checkpoint"

TELL_EVERY_NS: Final = 10 * NANOS_PER_SECOND
"""How often the log says what was dropped before the engine."""

CLOCK_ALERT: Final = "clock"

SET_BACK_NS: Final = NANOS_PER_SECOND
"""From which difference on a clock is said to be set back; below it, it is corrected."""

Poll = Callable[[], Awaitable[object]]


async def run_feed(
    feed: MarketDataClient, inbox: Inbox, publisher: ReplicaPublisher, pacer: Pacer | None
) -> None:
    """Hand a feed's items in until it ends; its failure is an alert, not the end of the run."""
    batches = batches_of(feed) if pacer is None else one_by_one(pacer.paced(feed.items()))
    alert_id = f"feed:{feed.name}"
    try:
        async for batch in batches:
            if inbox.offer_all(batch):
                continue
            for item in batch:
                if inbox.must_wait:
                    await inbox.put_market(item)
                else:
                    inbox.offer_market(item)
    except (FeedError, InboxFullError) as e:
        text = f"feed {feed.name} has stopped: {e}"
    except Exception as e:  # noqa: BLE001 - isolation edge: a bug in one feed must not end the run
        text = f"feed {feed.name} has failed: {type(e).__name__}: {printable(str(e))}"
    else:
        publisher.say(Severity.INFO, f"feed {feed.name} has ended")
        return
    finally:
        await batches.aclose()  # what it runs beside ends with it, also when we are cancelled
    publisher.raise_alert(alert_id, Condition(Severity.ALERT, None, text))
    publisher.say(Severity.ERROR, text)


async def keep_telling(
    edges: Sequence[EdgeCounts], publisher: ReplicaPublisher, clock: Clock
) -> None:
    """Say in the log, every ten seconds at most, how much more was dropped before the engine."""
    late = malformed = 0
    while True:
        was_late, was_malformed = late, malformed
        late, malformed = (sum(edge.late for edge in edges), sum(edge.malformed for edge in edges))
        if (late, malformed) != (was_late, was_malformed):
            publisher.say(
                Severity.WARNING,
                f"dropped before the engine: {late - was_late:,} items that came too late, "
                f"{malformed - was_malformed:,} malformed",
            )
        await clock.sleep_until(clock.now() + TELL_EVERY_NS)


def next_beat(now: int) -> int:
    """Return the next whole quarter of a second: who only looks now and then wakes up together."""
    return now - now % LONGEST_SLEEP_NS + LONGEST_SLEEP_NS


async def keep_time(pump: Pump, schedule: HeartbeatSchedule, clock: Clock) -> None:
    """Tell the engine of wall time: at each due moment, and every quarter of a second."""
    while True:
        now = clock.now()
        await clock.sleep_until(min(max(schedule.next_due, now), next_beat(now)))
        await pump.advance()


async def keep_comparing(
    pump: Pump, loop: StepLoop, publisher: ReplicaPublisher, clock: Clock
) -> None:
    """Say it while the machine's clock is behind the engine's: as an alert, and in the journal."""
    is_behind = False
    while True:
        lag = clock.lag()
        was_behind, is_behind = is_behind, lag >= SET_BACK_NS
        text = "the clock of this machine is with the engine's again"
        if is_behind:
            about = lag + SET_BACK_NS // 2
            text = (
                f"the clock of this machine was set back by {age(about)}: the engine goes on "
                "with its own time, that much ahead; a start must wait as long, or the clock be set"
            )
            publisher.raise_alert(CLOCK_ALERT, Condition(Severity.ALERT, None, text))
        elif was_behind:
            publisher.clear_alert(CLOCK_ALERT)
        if is_behind is not was_behind:
            noted = OperatorNoted("engine", text)
            await pump.act(partial(loop.control, noted, clock.now()))
        await clock.sleep_until(next_beat(clock.now()))


async def keep_showing(pump: Pump, clock: Clock) -> None:
    """Publish what a quiet engine leaves unsaid in virtual time: ages, playback, log lines."""
    while True:
        await clock.sleep_until(next_beat(clock.now()))
        await pump.advance()


async def keep_polling(
    poll: Poll,
    publisher: ReplicaPublisher,
    clock: Clock,
    every_ns: int,
    told: tuple[str, str] = ("records", "the instance records cannot be read"),
) -> None:
    """Call ``poll`` again and again; its failure is an alert until it succeeds, with the id and the
    sentence of ``told``.
    """
    alert_id, sentence = told
    while True:
        await clock.sleep_until(clock.now() + every_ns)
        try:
            await poll()
        except Exception as e:  # noqa: BLE001 - isolation edge: the records may be readable again
            text = f"{sentence}: {printable(str(e))}"
            publisher.raise_alert(alert_id, Condition(Severity.ALERT, None, text))
        else:
            publisher.clear_alert(alert_id)


async def keep_checkpoints(
    checkpointer: Checkpointer, publisher: ReplicaPublisher, clock: Clock
) -> None:
    """Write a checkpoint whenever one is due; a failure is an alert until one succeeds."""
    while True:
        await clock.sleep_until(next_beat(clock.now()))
        if checkpointer.is_due():
            try:
                await checkpointer.write(checkpointer.take())
            except (JournalError, InvariantError, CheckpointError) as e:
                text = f"no checkpoint could be written: {e}"
                publisher.raise_alert(CHECKPOINT_ALERT, Condition(Severity.ALERT, None, text))
            else:
                publisher.clear_alert(CHECKPOINT_ALERT)


async def cancel_all(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel tasks and wait until they are gone; their errors have been dealt with inside."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
