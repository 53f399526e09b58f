from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tradetui.domain.ids import InstrumentId
from tradetui.domain.market_data import DataGap, MarketItem, Trade
from tradetui.runtime.pacer import Pacer, PlaybackError

S = 10**9


async def feed(times: list[int], gap_at: int | None = None) -> AsyncIterator[MarketItem]:
    for time in times:
        payload = DataGap(0, time, "hole") if time == gap_at else Trade(1, 1)
        yield MarketItem(time, "V", InstrumentId("A.V"), payload)


class Play:
    """Collects what comes through, with the wall time of each."""

    def __init__(self, pacer: Pacer, clock: Any, items: AsyncIterator[MarketItem]) -> None:
        self.seen: list[tuple[int, int]] = []
        self._clock = clock
        self._start = clock.time
        self.task = asyncio.create_task(self._run(pacer, items))

    async def _run(self, pacer: Pacer, items: AsyncIterator[MarketItem]) -> None:
        async for item in pacer.paced(items):
            self.seen.append((item.event_time, self._clock.time - self._start))


async def test_speed_divides_time(clock: Any) -> None:
    pacer = Pacer(clock, speed=10)
    play = Play(pacer, clock, feed([0, 10 * S, 30 * S]))
    await clock.move(5 * S)
    assert play.seen == [(0, 0), (10 * S, S), (30 * S, 3 * S)]
    assert pacer.playing == "ENDED"
    await play.task


async def test_without_a_speed_nothing_waits(clock: Any) -> None:
    pacer = Pacer(clock)
    play = Play(pacer, clock, feed([0, 10 * S]))
    await clock.move(0)
    assert len(play.seen) == 2
    assert pacer.speed is None


async def test_holes_are_not_waited_for(clock: Any) -> None:
    play = Play(Pacer(clock, speed=1), clock, feed([0, 1000 * S, 1001 * S], gap_at=1000 * S))
    await clock.move(2 * S)
    assert [wall for _, wall in play.seen] == [0, 0, S]


async def test_pause_step_and_play_on(clock: Any) -> None:
    pacer = Pacer(clock, speed=1, playing=False)
    play = Play(pacer, clock, feed([0, S, 2 * S, 3 * S]))
    await clock.move(10 * S)
    assert play.seen == []
    assert pacer.playing == "PAUSED"
    pacer.step(2)
    await clock.move(0)
    assert [time for time, _ in play.seen] == [0, S]
    assert pacer.data_time == S
    pacer.play(True)
    await clock.move(S)
    assert [time for time, _ in play.seen] == [0, S, 2 * S]
    assert pacer.playing == "PLAYING"
    play.task.cancel()


async def test_a_change_of_speed_acts_at_once(clock: Any) -> None:
    pacer = Pacer(clock, speed=1)
    play = Play(pacer, clock, feed([1, 100 * S + 1]))
    await clock.move(10 * S)
    assert len(play.seen) == 1
    pacer.set_speed(100)
    await clock.move(S)
    assert len(play.seen) == 2
    await play.task


async def test_pausing_while_it_waits(clock: Any) -> None:
    pacer = Pacer(clock, speed=1)
    play = Play(pacer, clock, feed([1, S, 2 * S]))
    await clock.move(0)
    pacer.play(False)
    await clock.move(10 * S)
    assert len(play.seen) == 1
    play.task.cancel()


@pytest.mark.parametrize("speed", [0, -1, 10_001])
def test_impossible_speeds(clock: Any, speed: int) -> None:
    with pytest.raises(PlaybackError, match="is not from 1 to 10000"):
        Pacer(clock, speed=speed)


def test_impossible_steps(clock: Any) -> None:
    with pytest.raises(PlaybackError, match="hold it first"):
        Pacer(clock).step(1)
    with pytest.raises(PlaybackError, match="at least 1"):
        Pacer(clock, playing=False).step(0)
