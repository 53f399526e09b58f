"""What the engine's surroundings do now and then: archiving the journal, measuring it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from tradetui.domain.enums import Severity
from tradetui.domain.units import NANOS_PER_SECOND
from tradetui.ports.clock import Clock
from tradetui.ports.journal import JournalError
from tradetui.runtime.replica import ReplicaPublisher
from tradetui.runtime.telemetry import Telemetry

CHORE_ALERT: Final = "archive"
CHORES_EVERY_NS: Final = 60 * NANOS_PER_SECOND
FIRST_CHORE_NS: Final = 5 * NANOS_PER_SECOND

Chore = Callable[[Telemetry], Awaitable[str]]
"""Does it once and notes what it measured; returns what a person should know, or nothing."""


async def keep_chores(
    chore: Chore, telemetry: Telemetry, publisher: ReplicaPublisher, clock: Clock
) -> None:
    """Do the chore again and again; a failure is an alert until it succeeds."""
    wait = FIRST_CHORE_NS
    while True:
        await clock.sleep_until(clock.now() + wait)
        wait = CHORES_EVERY_NS
        try:
            said = await chore(telemetry)
        except JournalError as e:
            publisher.raise_alert(CHORE_ALERT, (Severity.ALERT, None, str(e)))
            continue
        publisher.clear_alert(CHORE_ALERT)
        if said:
            publisher.say(Severity.INFO, said)
