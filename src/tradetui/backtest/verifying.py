"""Replay without strategies: every recorded step through a kernel, compared byte for byte."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from tradetui.backtest.divergence import DivergenceLog
from tradetui.backtest.recorded import RecordedRun
from tradetui.backtest.state_at import nearest
from tradetui.core.checkpoint import dump
from tradetui.domain.difference import Difference, Divergence, as_json
from tradetui.domain.enums import RunMode
from tradetui.domain.steps import StepRecord
from tradetui.engine.rerun import Rerun


def verify_steps(
    run: RecordedRun, *, first: int | None = None, last: int | None = None
) -> Divergence:
    """Make every step of a run again, up to ``last``, and report what differs.

    From its beginning, or (``first``) from the newest checkpoint before a step. The state is
    compared with every checkpoint on the way: a start begins with one, and believes it. A step that
    cannot be made at all ends the comparison: what follows has no state to stand on.
    """
    infos = run.source.checkpoints(run.header.run_id)
    kept = {info.seq_id: info.state_hash for info in infos}
    return _compare(run, _beginning(run, first), last, kept)


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
    return _compare(run, Rerun(config, opening), last, {})


def _beginning(run: RecordedRun, first: int | None) -> Rerun:
    return run.rerun() if first is None else nearest(run, first - 1)


def _compare(
    run: RecordedRun, rerun: Rerun, last: int | None, kept: Mapping[int, str]
) -> Divergence:
    """Compare steps, and the state with the hashes of the checkpoints that were ``kept``."""
    log = DivergenceLog(run.header.run_id)
    for step in run.steps(rerun.seq_id + 1, last):
        difference = rerun.apply(step)
        if difference is None and step.event.seq_id in kept:
            difference = _of_checkpoint(step, kept[step.event.seq_id], rerun.state_hash())
        log.note_step(step.event.seq_id)
        if difference is not None:
            log.note(difference, rerun.kernel)
            if difference.part == "failure":
                log.notes.append("the steps after this one were not compared")
                break
    return log.report(rerun.kernel)


def _of_checkpoint(step: StepRecord, was: str, now: str) -> Difference | None:
    """Return how a checkpoint's state differs from that of the steps up to it."""
    if was == now:
        return None
    event = step.event
    return Difference(
        event.seq_id, event.event_type, "checkpoint", "state_hash", as_json(was), as_json(now)
    )
