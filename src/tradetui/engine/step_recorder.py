"""COMMIT: the record of every step, as the journal takes it."""

from __future__ import annotations

from tradetui.domain.envelope import Envelope
from tradetui.domain.ids import StrategyId
from tradetui.domain.steps import QUIET, Applied, IntentBatch, StepRecord, StepResult
from tradetui.engine.sinks import StepSink


class StepRecorder:
    """Makes the record of each step and hands it to the sink.

    Steps between ``begin_act`` and ``end_act`` say how many opens of bars came before them: they
    are acts, of which the data do not tell that.
    """

    __slots__ = ("_append", "_opens", "_quiet_result")

    def __init__(self, sink: StepSink) -> None:
        self._append = sink.append
        self._opens = 0
        self._quiet_result = QUIET

    def begin_act(self, opens: int) -> None:
        """Note ``opens`` with every step from here on."""
        self._opens = opens
        self._quiet_result = StepResult(opens=opens)

    def end_act(self) -> None:
        """Note no opens any more."""
        self._opens = 0
        self._quiet_result = QUIET

    def record_quiet(self, envelope: Envelope) -> None:
        """Record a step in which nothing was asked and nothing changed but a mark."""
        self._append(StepRecord(envelope, (), (), (), self._quiet_result))

    def record(
        self,
        envelope: Envelope,
        batch: IntentBatch,
        whole: Applied,
        kept: tuple[tuple[StrategyId, str], ...],
    ) -> None:
        """Record a step: what was asked, what it did, and the kept state that it changed."""
        result = StepResult(
            batch.callbacks,
            batch.signals,
            whole.commands,
            whole.fills,
            whole.diagnostics,
            whole.is_duplicate,
            self._opens,
            kept,
        )
        self._append(
            StepRecord(envelope, batch.intents, whole.decisions, whole.transitions, result)
        )
