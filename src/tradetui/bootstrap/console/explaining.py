"""Why, for the console: read from the journal, in a thread, beside the running engine.

What reads and explains is imported at the first question: a console starts without it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tradetui.bootstrap.process.background import in_background
from tradetui.cli.wiring import JournalPart, Place
from tradetui.domain.replica import InstanceView
from tradetui.services.errors import RuntimeProblemError, UserError


@dataclass(frozen=True)
class JournalExplainer:
    """Implements ``tui.actions.Explainer`` on the journal of a folder."""

    place: Place
    part: JournalPart

    async def why(self, subject: str) -> tuple[str, ...]:
        """Return the chain of an order, a trade or a step."""

        def read() -> list[str]:
            from tradetui.bootstrap.commands import why
            from tradetui.services.why_lines import why_lines

            return why_lines(why.why(self.place, self.part, subject))

        return await _lines(read)

    async def why_not(self, row: InstanceView) -> tuple[str, ...]:
        """Return what an instance may do now, and what kept it from making orders."""
        from tradetui.services.why_lines import state_lines, why_not_lines

        def read() -> list[str]:
            from tradetui.bootstrap.commands import why

            return why_not_lines(why.why_not_of(self.place, self.part, row))

        return await _lines(read, *state_lines(row))

    async def since(self, moment: str | None) -> tuple[str, ...]:
        """Return what happened since a moment."""

        def read() -> list[str]:
            from tradetui.bootstrap.commands import why
            from tradetui.services.since import since_lines

            return since_lines(why.since(self.place, self.part, moment))

        return await _lines(read)


async def _lines(work: Callable[[], list[str]], *known: str) -> tuple[str, ...]:
    """Do the reading in the background: a long journal takes minutes, for which nobody waits to
    leave. What is wrong with it is the one line behind what is known.
    """
    try:
        return tuple(await in_background(work))
    except (UserError, RuntimeProblemError) as error:
        return (*known, str(error))
