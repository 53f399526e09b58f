"""A signal ends a run once: before it has begun by taking it back, after that by asking it."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from tradetui.bootstrap.process.signals import ENDING, Stop, listening


async def forever() -> None:
    await asyncio.Event().wait()


async def value() -> str:
    return "opened"


@pytest.mark.parametrize("number", ENDING, ids=lambda number: number.name)
async def test_a_run_is_told_of_each_signal_that_ends_it(number: signal.Signals) -> None:
    async def run(stop: Stop) -> str:
        stop.has_begun = True
        os.kill(os.getpid(), number)
        await stop.came.wait()
        return stop.name

    assert await listening(run) == number.name


async def test_the_first_signal_counts() -> None:
    stop = Stop()
    stop.take(signal.SIGHUP)
    stop.take(signal.SIGTERM)
    assert stop.name == "SIGHUP"
    assert stop.came.is_set()


async def test_what_opens_undisturbed_is_given() -> None:
    assert await Stop().unless_stopped(value()) == "opened"


async def test_a_signal_before_the_opening_takes_it_back() -> None:
    stop = Stop()
    stop.take(signal.SIGTERM)
    assert await stop.unless_stopped(value()) is None


async def test_a_signal_while_it_opens_takes_it_back() -> None:
    stop = Stop()
    opening = asyncio.create_task(stop.unless_stopped(forever()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    stop.take(signal.SIGTERM)
    assert await opening is None


async def test_a_run_that_has_begun_is_asked_and_not_cut() -> None:
    stop = Stop()

    async def run() -> str:
        stop.has_begun = True
        await stop.came.wait()
        return "ended in order"

    running = asyncio.create_task(stop.unless_stopped(run()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    stop.take(signal.SIGTERM)
    assert await running == "ended in order"


async def test_a_cancel_that_no_signal_asked_for_goes_on() -> None:
    stop = Stop()
    opening = asyncio.create_task(stop.unless_stopped(forever()))
    await asyncio.sleep(0)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
