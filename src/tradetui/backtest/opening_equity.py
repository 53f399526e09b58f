"""What a span of a run began with, also where its money has no rate before the first price."""

from __future__ import annotations

from typing import Final

from tradetui.backtest.figures import total_equity
from tradetui.backtest.recorded import RecordedRun
from tradetui.backtest.state_at import state_at

_LOOKED_AT: Final = 5_000
"""How many steps may pass until every price that is needed has come."""


def opening_equity(run: RecordedRun, first: int) -> int | None:
    """Return the equity before step ``first``; where a price or a rate lacks there, at the first
    prices, if none has been traded at before. None where it is not known then either.
    """
    rerun = state_at(run, first - 1)
    known = total_equity(rerun.kernel.state)
    marks = len(rerun.kernel.state.marks)
    for step in run.steps(first, min(run.last, first + _LOOKED_AT)):
        if known is not None or step.result.fills:
            break
        rerun.apply(step)
        state = rerun.kernel.state
        if len(state.marks) > marks:
            marks = len(state.marks)
            known = total_equity(state)
    return known
