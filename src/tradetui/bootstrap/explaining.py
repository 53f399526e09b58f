"""Why, for the console: read from the journal, in a thread, beside the running engine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from tradetui.bootstrap import why as explanations
from tradetui.cli.wiring import JournalPart, Place
from tradetui.domain.ids import StrategyId
from tradetui.services.errors import RuntimeProblemError, UserError
from tradetui.services.since import since_lines
from tradetui.services.why_lines import why_lines, why_not_lines


@dataclass(frozen=True)
class JournalExplainer:
    """Implements ``tui.actions.Explainer`` on the journal of a folder."""

    place: Place
    part: JournalPart

    async def why(self, subject: str) -> tuple[str, ...]:
        """Return the chain of an order, a trade or a step."""
        return await _lines(lambda: why_lines(explanations.why(self.place, self.part, subject)))

    async def why_not(self, strategy_id: StrategyId) -> tuple[str, ...]:
        """Return what kept an instance from making orders."""
        return await _lines(
            lambda: why_not_lines(explanations.why_not(self.place, self.part, strategy_id))
        )

    async def since(self, moment: str | None) -> tuple[str, ...]:
        """Return what happened since a moment."""
        return await _lines(lambda: since_lines(explanations.since(self.place, self.part, moment)))


async def _lines(work: Callable[[], list[str]]) -> tuple[str, ...]:
    """Do the reading in a thread; what is wrong with it is the one line."""
    try:
        return tuple(await asyncio.to_thread(work))
    except (UserError, RuntimeProblemError) as error:
        return (str(error),)
