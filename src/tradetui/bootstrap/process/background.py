"""Reading that takes long, beside the console: whoever leaves need not wait for its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

Read = TypeVar("Read")


async def in_background(read: Callable[[], Read]) -> Read:
    """Return what ``read`` does, done in a thread of its own; what it raises is raised here.

    Unlike ``asyncio.to_thread`` the end of the program does not wait for it, so it must change
    nothing: it may be cut off anywhere.
    """
    found: Future[Read] = Future()
    Thread(target=_fulfil, args=(found, read), name="reading", daemon=True).start()
    return await asyncio.wrap_future(found)


def _fulfil(found: Future[Read], read: Callable[[], Read]) -> None:
    if not found.set_running_or_notify_cancel():
        return
    try:
        result = read()
    except BaseException as error:  # noqa: BLE001 - raised where it is awaited
        found.set_exception(error)
    else:
        found.set_result(result)
