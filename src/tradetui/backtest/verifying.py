"""Replay without strategies: every recorded step through a kernel, compared byte for byte."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from tradetui.backtest.divergence import DivergenceLog
from tradetui.backtest.recorded import RecordedRun
from tradetui.backtest.state_at import nearest
from tradetui.core.checkpoint import dump
from tradetui.domain.difference import Difference, Divergence
from tradetui.domain.enums import RunMode
from tradetui.domain.steps import StepRecord
from tradetui.engine.rerun import Rerun

Seen = Callable[[StepRecord, Difference | None], None]
"""Told of every step that was made again."""


def verify_steps(
    run: RecordedRun, *, first: int | None = None, last: int | None = None, seen: Seen | None = None
) -> Divergence:
    """Make every step of a run again, up to ``last``, and report what differs.

    From its beginning, or (``first``) from the newest checkpoint before a step. A step that cannot
    be made at all ends the comparison: what follows has no state to stand on.
    """
    return _compare(run, _beginning(run, first), last, seen)


def verify_as_backtest(
    run: RecordedRun, *, first: int | None = None, last: int | None = None
) -> Divergence:
    """Make the steps of a run again as a backtest would: the same run mode aside.

    A recorded live or paper run must give the same transitions in backtest mode.
    """
    begun = _beginning(run, first)
    config = msgspec.structs.replace(run.header.kernel_config, run_mode=RunMode.BACKTEST)
    opening = None
    if begun.seq_id:
        state = begun.kernel.state
        state.config = config
        opening = dump(state)
    return _compare(run, Rerun(config, opening), last, None)


def _beginning(run: RecordedRun, first: int | None) -> Rerun:
    return run.rerun() if first is None else nearest(run, first - 1)


def _compare(run: RecordedRun, rerun: Rerun, last: int | None, seen: Seen | None) -> Divergence:
    log = DivergenceLog(run.header.run_id)
    for step in run.steps(rerun.seq_id + 1, last):
        difference = rerun.apply(step)
        log.note_step(step.event.seq_id)
        if seen is not None:
            seen(step, difference)
        if difference is not None:
            log.note(difference, rerun.kernel)
            if difference.part == "failure":
                log.notes.append("the steps after this one were not compared")
                break
    return log.report(rerun.kernel)
