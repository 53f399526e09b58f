"""What a run has come to, counted as it happens: for summaries and telemetry."""

from __future__ import annotations

from typing import Final

from tradetui.domain.enums import CallbackOutcome, Outcome
from tradetui.domain.ids import Currency, is_shadow
from tradetui.domain.orders import Diagnostic
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import RiskDecision
from tradetui.domain.steps import Applied, IntentBatch

_OK: Final = CallbackOutcome.OK
_ALLOW: Final = Outcome.ALLOW
_MODIFY: Final = Outcome.MODIFY


class Tally:
    """Counters; shadow books are counted apart or not at all."""

    def __init__(self) -> None:
        self.fills = 0
        self.shadow_fills = 0
        self.allowed = 0
        """Intents that were allowed as they were: orders, cancels, replaces, flags."""
        self.modified = 0
        self.would = 0
        """Intents of observing instances that only the mode stopped."""
        self.rejected: dict[Reason, int] = {}
        """Rejected intents by reason, without the ``would`` ones."""
        self.fees: dict[Currency, int] = {}
        self.diagnostics: dict[Reason, int] = {}
        self.transition_failures = 0
        """Moves that the order table does not have."""
        self.callback_errors = 0
        self.failures = 0
        """Steps that failed: ours."""
        self.last_diagnostic = ""

    def add(self, whole: Applied, batch: IntentBatch) -> None:
        """Count one step, but for its decisions."""
        if whole.fills:
            self._add_fills(whole)
        if whole.diagnostics:
            self._add_diagnostics(whole.diagnostics)
        for result in batch.callbacks:
            self.callback_errors += result.outcome is not _OK

    def add_decisions(self, decisions: tuple[RiskDecision, ...]) -> bool:
        """Count the decisions of one step; tell whether any intent was refused or reduced."""
        has_verdicts = False
        for decision in decisions:
            if decision.outcome is _ALLOW:
                self.allowed += 1
            else:
                has_verdicts = True
                self._add_verdict(decision)
        return has_verdicts

    def _add_verdict(self, decision: RiskDecision) -> None:
        if decision.outcome is _MODIFY:
            self.modified += 1
        elif decision.would:
            self.would += 1
        else:
            self.rejected[decision.reason] = self.rejected.get(decision.reason, 0) + 1

    def _add_fills(self, part: Applied) -> None:
        for fill in part.fills:
            if is_shadow(fill.route_id):
                self.shadow_fills += 1
                continue
            self.fills += 1
            currency = fill.commission_currency
            self.fees[currency] = self.fees.get(currency, 0) + fill.commission

    def _add_diagnostics(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        for diagnostic in diagnostics:
            code = diagnostic.code
            self.diagnostics[code] = self.diagnostics.get(code, 0) + 1
            self.transition_failures += code is Reason.ILLEGAL_TRANSITION
            self.last_diagnostic = diagnostic.message
