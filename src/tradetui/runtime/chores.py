"""What the engine's surroundings do now and then: archiving the journal, measuring and verifying
it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from tradetui.domain.enums import Severity
from tradetui.domain.units import NANOS_PER_SECOND
from tradetui.ports.clock import Clock
from tradetui.ports.journal import JournalError
from tradetui.runtime.alerts import Condition
from tradetui.runtime.replica import ReplicaPublisher
from tradetui.runtime.telemetry import Telemetry

CHORE_ALERT: Final = "archive"
CHORES_EVERY_NS: Final = 60 * NANOS_PER_SECOND
FIRST_CHORE_NS: Final = 5 * NANOS_PER_SECOND

VERIFY_ALERT: Final = "verify"
FIRST_VERIFY_NS: Final = 300 * NANOS_PER_SECOND
"""A run that has just begun has other things to do, and a short one none to verify."""


class Timing(NamedTuple):
    """When a chore is done: first and then every so many ns; ``alert_id`` names its failure."""

    alert_id: str
    first: int
    every: int


ARCHIVING: Final = Timing(CHORE_ALERT, FIRST_CHORE_NS, CHORES_EVERY_NS)

Chore = Callable[[Telemetry], Awaitable[str]]
"""Does it once and notes what it measured; returns what a person should know, or nothing."""


async def keep_chores(
    chore: Chore,
    telemetry: Telemetry,
    publisher: ReplicaPublisher,
    clock: Clock,
    timing: Timing = ARCHIVING,
) -> None:
    """Do a chore again and again; a failure is an alert until it succeeds."""
    wait = timing.first
    while True:
        await clock.sleep_until(clock.now() + wait)
        wait = timing.every
        try:
            said = await chore(telemetry)
        except JournalError as e:
            publisher.raise_alert(timing.alert_id, Condition(Severity.ALERT, None, str(e)))
            continue
        publisher.clear_alert(timing.alert_id)
        if said:
            publisher.say(Severity.INFO, said)
