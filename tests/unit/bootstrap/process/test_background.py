"""Reading beside the console: it answers, fails where it is awaited, and holds nobody up."""

from __future__ import annotations

import asyncio
import threading

import pytest

from tradetui.bootstrap.process.background import in_background


async def test_what_was_read_is_returned() -> None:
    assert await in_background(threading.current_thread) is not threading.current_thread()
    assert await in_background(lambda: 7) == 7


async def test_what_went_wrong_is_raised_where_it_is_awaited() -> None:
    with pytest.raises(ZeroDivisionError):
        await in_background(lambda: 1 // 0)


def test_the_end_does_not_wait_for_it() -> None:
    begun, release, ended = threading.Event(), threading.Event(), threading.Event()

    def read() -> None:
        begun.set()
        release.wait(60)
        ended.set()

    async def leave_while_it_reads() -> None:
        reading = asyncio.create_task(in_background(read))
        while not begun.is_set():
            await asyncio.sleep(0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading

    asyncio.run(leave_while_it_reads())
    assert not ended.is_set()
    release.set()
    assert ended.wait(60)


async def test_what_is_awaited_no_more_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[threading.Thread] = []
    monkeypatch.setattr(threading.Thread, "start", lambda thread: started.append(thread))
    reading = asyncio.create_task(in_background(lambda: pytest.fail("it was read")))
    while not started:
        await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    await asyncio.sleep(0)
    started[0].run()
