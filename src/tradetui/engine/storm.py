"""Storms: a strategy that answers every answer to its orders with more orders, without end.

Chains of reactions are cut by their length (``step_loop.MAX_REACTIONS``), but two orders for each
answer are 2^100 before that. So what an instance asks for deep in such chains is counted, and from
MAX_INTENTS on its callbacks that ask for anything fail, until the moment is over: after three it is
stopped, and the others go on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from tradetui.domain.ids import StrategyId
from tradetui.domain.steps import IntentBatch
from tradetui.engine.runner import Runner

STORM_DEPTH: Final = 5
"""From which reaction to a reaction on it counts."""
STORM_INTENTS: Final = 1_000


class Storm:
    """Counts one moment's intents by instance."""

    def __init__(self, runners: Callable[[], Mapping[StrategyId, Runner]]) -> None:
        self._runners = runners
        self.asked: dict[StrategyId, int] = {}
        """What was counted in this moment; empty when nothing was."""

    def add(self, batch: IntentBatch) -> None:
        """Count what was asked for by a reaction deep in a chain."""
        for item in batch.intents:
            asked = self.asked[item.strategy_id] = self.asked.get(item.strategy_id, 0) + 1
            if asked == STORM_INTENTS:
                self._runners()[item.strategy_id].port.is_storming = True

    def end(self) -> None:
        """The moment is over."""
        runners = self._runners()
        for strategy_id in self.asked:
            if strategy_id in runners:
                runners[strategy_id].port.is_storming = False
        self.asked.clear()
