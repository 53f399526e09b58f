"""Where the step loop puts what it makes: steps, commands that leave the house, log lines."""

from __future__ import annotations

from typing import Protocol

from tradetui.domain.replica import LogView
from tradetui.domain.steps import Command, StepRecord


class StepSink(Protocol):
    """Takes the record of every step, in order."""

    def append(self, record: StepRecord) -> None:
        """Take one step."""
        ...


class Outbox(Protocol):
    """Takes the commands that leave the house, in order; the driver sends them once their step is
    durable.
    """

    def put(self, seq_id: int, command: Command) -> None:
        """Take one command of step ``seq_id``."""
        ...


class LogSink(Protocol):
    """Takes what strategies log."""

    def __call__(self, line: LogView) -> None: ...
