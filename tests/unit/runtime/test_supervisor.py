"""Tasks of a run: what fails is said, what mends is said no more, none takes others along."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.unit.runtime.conftest import ManualClock, settle

from tradetui.core.checkpoint import CheckpointError
from tradetui.core.invariants import InvariantError
from tradetui.domain.enums import Severity
from tradetui.ports.journal import JournalError
from tradetui.ports.market_data import EdgeCounts, FeedError
from tradetui.runtime.inbox import InboxFullError
from tradetui.runtime.supervisor import (
    CHECKPOINT_ALERT,
    CLOCK_ALERT,
    LONGEST_SLEEP_NS,
    cancel_all,
    keep_checkpoints,
    keep_comparing,
    keep_polling,
    keep_showing,
    keep_telling,
    keep_time,
    run_feed,
)

S = 10**9


class Publisher:
    """Writes down alerts and lines."""

    def __init__(self) -> None:
        self.alerts: dict[str, str] = {}
        self.said: list[tuple[Severity, str]] = []

    def raise_alert(self, alert_id: str, alert: tuple[Severity, Any, str]) -> None:
        self.alerts[alert_id] = alert[2]

    def clear_alert(self, alert_id: str) -> None:
        self.alerts.pop(alert_id, None)

    def say(self, severity: Severity, text: str) -> None:
        self.said.append((severity, text))


class Feed:
    """Yields two items, then ends as it is told."""

    name = "made up"

    def __init__(self, error: Exception | None = None) -> None:
        self._error = error

    async def items(self) -> AsyncIterator[Any]:
        yield "one"
        yield "two"
        if self._error is not None:
            raise self._error


class Inbox:
    """Has room for one item; the next must wait."""

    def __init__(self) -> None:
        self.items: list[Any] = []

    def offer_all(self, items: Sequence[Any]) -> bool:
        return False

    @property
    def must_wait(self) -> bool:
        return len(self.items) > 0

    async def put_market(self, item: Any) -> None:
        assert self.must_wait
        self.items.append(item)

    def offer_market(self, item: Any) -> None:
        assert not self.must_wait
        self.items.append(item)


class Pacer:
    async def paced(self, items: AsyncIterator[Any]) -> AsyncIterator[Any]:
        async for item in items:
            yield f"paced {item}"


class Pump:
    """Writes down when it was told of the time."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.told: list[int] = []

    async def advance(self) -> None:
        self.told.append(self.clock.now())

    async def act(self, change: Callable[[], None]) -> None:
        change()


class Schedule:
    next_due = 0


@asynccontextmanager
async def running(coroutine: Any) -> AsyncIterator[None]:
    task = asyncio.create_task(coroutine)
    try:
        yield
    finally:
        await cancel_all([task])
        assert task.cancelled()


@pytest.mark.parametrize(
    ("error", "alert"),
    [
        (None, ""),
        (FeedError("line 3 is no bar"), "feed made up has stopped: line 3 is no bar"),
        (InboxFullError("the queue is full"), "feed made up has stopped: the queue is full"),
        (KeyError("x\x1b"), "feed made up has failed: KeyError: 'x\\x1b'"),
    ],
)
async def test_how_a_feed_ended_is_said_and_its_items_are_kept(
    error: Exception | None, alert: str
) -> None:
    publisher, inbox = Publisher(), Inbox()
    await run_feed(Feed(error), inbox, publisher, None)  # type: ignore[arg-type]
    assert inbox.items == ["one", "two"]
    if alert:
        assert publisher.alerts == {"feed:made up": alert}
        assert publisher.said == [(Severity.ERROR, alert)]
    else:
        assert publisher.alerts == {}
        assert publisher.said == [(Severity.INFO, "feed made up has ended")]


async def test_a_feed_that_is_stopped_ends_what_it_runs_beside() -> None:
    ended: list[str] = []

    class Endless(Feed):
        async def items(self) -> AsyncIterator[Any]:
            try:
                while True:
                    yield "one"
            finally:
                ended.append("yes")

    class Full(Inbox):
        async def put_market(self, item: Any) -> None:
            await asyncio.Event().wait()

    task = asyncio.create_task(run_feed(Endless(), Full(), Publisher(), None))  # type: ignore[arg-type]
    await settle()
    await cancel_all([task])
    assert ended == ["yes"]


async def test_what_was_dropped_at_the_edge_is_said_ten_seconds_apart() -> None:
    clock, publisher = ManualClock(0), Publisher()
    edges = (EdgeCounts(reordered=5), EdgeCounts(late=2))
    async with running(keep_telling(edges, publisher, clock)):  # type: ignore[arg-type]
        await clock.move(9 * S)
        assert [text for _, text in publisher.said] == [
            "dropped before the engine: 2 items that came too late, 0 malformed"
        ]
        edges[0].malformed = 1_000
        edges[1].late = 3
        await clock.move(9 * S)
        assert publisher.said.pop() == (
            Severity.WARNING,
            "dropped before the engine: 1 items that came too late, 1,000 malformed",
        )
        edges[0].reordered = 9
        await clock.move(60 * S)
        assert len(publisher.said) == 1


async def test_a_replayed_feed_goes_at_its_pace() -> None:
    inbox = Inbox()
    await run_feed(Feed(), inbox, Publisher(), Pacer())  # type: ignore[arg-type]
    assert inbox.items == ["paced one", "paced two"]


async def test_the_engine_is_told_of_each_due_moment_and_every_quarter_second() -> None:
    clock = ManualClock(0)
    pump, schedule = Pump(clock), Schedule()
    schedule.next_due = S // 10
    async with running(keep_time(pump, schedule, clock)):  # type: ignore[arg-type]
        await clock.move(S // 20)
        assert pump.told == []
        schedule.next_due = 10 * S
        await clock.move(S)
    assert pump.told[0] == S // 10
    assert pump.told[1:] == [n * LONGEST_SLEEP_NS for n in (1, 2, 3, 4)]


class Loop:
    """Writes down what it is told, and when."""

    def __init__(self) -> None:
        self.noted: list[tuple[int, str]] = []

    def control(self, payload: Any, now: int) -> None:
        assert payload.actor == "engine"
        self.noted.append((now, payload.text))


async def test_a_clock_that_is_set_back_is_an_alert_until_it_is_right_again() -> None:
    clock, publisher, loop = ManualClock(0), Publisher(), Loop()
    pump = Pump(clock)
    async with running(keep_comparing(pump, loop, publisher, clock)):  # type: ignore[arg-type]
        clock.behind = S // 2
        await clock.move(S)
        assert (publisher.alerts, loop.noted) == ({}, [])
        clock.behind = 3_600 * S
        await clock.move(S)
        (text,) = publisher.alerts.values()
        assert text.startswith("the clock of this machine was set back by 1h00m: ")
        assert [said for _, said in loop.noted] == [text]
        clock.behind = 7_200 * S
        await clock.move(S)
        assert "2h00m" in publisher.alerts[CLOCK_ALERT]
        clock.behind = 0
        await clock.move(S)
    assert publisher.alerts == {}
    assert [said for _, said in loop.noted[1:]] == [
        "the clock of this machine is with the engine's again"
    ]


async def test_a_quiet_engine_shows_its_age() -> None:
    clock = ManualClock(0)
    pump = Pump(clock)
    async with running(keep_showing(pump, clock)):  # type: ignore[arg-type]
        await clock.move(S)
    assert pump.told == [LONGEST_SLEEP_NS * n for n in (1, 2, 3, 4)]


async def test_records_that_cannot_be_read_are_an_alert_until_they_can() -> None:
    clock, publisher = ManualClock(0), Publisher()
    problems: list[Exception] = [OSError("disk \x1b gone")]

    async def poll() -> None:
        if problems:
            raise problems[0]

    async with running(keep_polling(poll, publisher, clock, S)):  # type: ignore[arg-type]
        await clock.move(S)
        assert publisher.alerts == {"records": "the instance records cannot be read: disk ? gone"}
        problems.clear()
        await clock.move(S)
        assert publisher.alerts == {}


class Checkpointer:
    """Due whenever it is told so."""

    def __init__(self) -> None:
        self.due = False
        self.error: Exception | None = None
        self.written: list[str] = []

    def is_due(self) -> bool:
        return self.due

    def take(self) -> str:
        if isinstance(self.error, CheckpointError | InvariantError):
            raise self.error
        return "state"

    async def write(self, taken: str) -> None:
        if self.error is not None:
            raise self.error
        self.written.append(taken)
        self.due = False


@pytest.mark.parametrize(
    "make", [lambda: JournalError("full"), lambda: CheckpointError("odd"), lambda: _broken()]
)
async def test_a_checkpoint_that_cannot_be_written_is_tried_again(
    make: Callable[[], Exception],
) -> None:
    clock, publisher, one = ManualClock(0), Publisher(), Checkpointer()
    async with running(keep_checkpoints(one, publisher, clock)):  # type: ignore[arg-type]
        await clock.move(S)
        assert (one.written, publisher.alerts) == ([], {})
        one.due, one.error = True, make()
        await clock.move(S)
        assert publisher.alerts[CHECKPOINT_ALERT].startswith("no checkpoint could be written: ")
        one.error = None
        await clock.move(S)
    assert (one.written, publisher.alerts) == (["state"], {})


def _broken() -> InvariantError:
    return InvariantError("cash is gone")
