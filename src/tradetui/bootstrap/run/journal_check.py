"""The check of the whole journal beside a running engine.

A start verifies from the newest checkpoint on. What lies before it is read by nobody for months:
a bit that flips there is found by this.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from tradetui.domain.formatting import counted
from tradetui.ports.journal import JournalError
from tradetui.runtime.telemetry import Telemetry, VerifiedJournal
from tradetui.storage.verify import Verification
from tradetui.storage.verify_apart import verify_apart

AGAIN_SECONDS: Final = 60.0
"""Before a fault is believed, it is looked for once more: the engine may have moved rows into a
segment just then.
"""

Verify = Callable[[Path], Awaitable[Verification]]


class JournalCheck:
    """Does what ``runtime.chores`` asks for, once in a long while."""

    def __init__(self, path: Path, verify: Verify = verify_apart) -> None:
        self._path = path
        self._verify = verify

    async def chore(self, telemetry: Telemetry) -> str:
        """Verify the whole journal; return what to say. Raises JournalError that names what is
        damaged, or says that the check could not be made.
        """
        found = await self._verify(self._path)
        if not found.is_sound:
            await asyncio.sleep(AGAIN_SECONDS)
            found = await self._verify(self._path)
        telemetry.verified = VerifiedJournal(time.time_ns(), found.rows, len(found.faults))
        if not found.is_sound:
            others = len(found.faults) - 1
            more = f" (and {counted(others, 'more fault')})" if others else ""
            raise JournalError(
                f"the journal is damaged: {found.fault}{more}; the run goes on; `tradetui journal "
                "verify` names all that was found, and a backup has it as it was"
            )
        segments = f", {counted(found.segments, 'segment')}" if found.segments else ""
        return f"the whole journal was verified: {counted(found.rows, 'step')}{segments}, sound"
