"""Adds steps up to what a run came to."""

from __future__ import annotations

from tradetui.core.kernel import Kernel
from tradetui.core.state import KernelState
from tradetui.core.valuation import equity, unrealised
from tradetui.domain.enums import Outcome
from tradetui.domain.ids import Currency, StrategyId, is_shadow
from tradetui.domain.orders import Fill
from tradetui.domain.outcome import InstanceOutcome, RunOutcome
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import RiskDecision
from tradetui.domain.steps import StepRecord


class _Sums:
    """What one instance adds up to."""

    def __init__(self) -> None:
        self.intents = 0
        self.allowed = 0
        self.modified = 0
        self.would = 0
        self.refused: dict[Reason, int] = {}
        self.fills = 0
        self.traded = 0
        self.fees: dict[Currency, int] = {}


class Figures:
    """Counts the steps of one run; ``kernel`` is the one that makes them, at their beginning."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._sums: dict[StrategyId, _Sums] = {}
        self._currencies: dict[StrategyId, Currency] = {}
        self._pnl_before = pnl_by_instance(kernel.state)
        self._equity_before = total_equity(kernel.state)
        self._marks = len(kernel.state.marks)
        self._has_traded = False
        self._steps = 0

    def add(self, step: StepRecord) -> None:
        """Count one step."""
        self._steps += 1
        if self._equity_before is None and not self._has_traded:
            self._value_opening(step)
        for attributed in step.intents:
            self._of(attributed.strategy_id).intents += 1
        for decision in step.decisions:
            self._add_decision(decision)
        for fill in step.result.fills:
            if not is_shadow(fill.route_id):
                self._add_fill(fill)

    def _value_opening(self, step: StepRecord) -> None:
        """Value what the run began with at its first prices: money of another currency has no rate
        before.
        """
        state = self._kernel.state
        self._has_traded = bool(step.result.fills)
        if not self._has_traded and len(state.marks) > self._marks:
            self._marks = len(state.marks)
            self._equity_before = total_equity(state)

    def outcome(self) -> RunOutcome:
        """Return what the steps so far came to, valued at the newest prices."""
        state = self._kernel.state
        for strategy_id, instance in state.instances.items():
            self._of(strategy_id)
            quote = state.instruments[instance.instrument_id].quote
            self._currencies.setdefault(strategy_id, quote)
        pnl = pnl_by_instance(state)
        after = total_equity(state)
        before = self._equity_before
        return RunOutcome(
            self._steps,
            tuple(self._instance(key, pnl) for key in sorted(self._sums)),
            state.config.reporting_currency,
            None if after is None or before is None else after - before,
            self._kernel.state_hash(),
        )

    def _of(self, strategy_id: StrategyId) -> _Sums:
        sums = self._sums.get(strategy_id)
        if sums is None:
            sums = self._sums[strategy_id] = _Sums()
        return sums

    def _add_decision(self, decision: RiskDecision) -> None:
        sums = self._of(decision.strategy_id)
        if decision.would:
            sums.would += 1
        elif decision.outcome is Outcome.ALLOW:
            sums.allowed += 1
        elif decision.outcome is Outcome.MODIFY:
            sums.modified += 1
        else:
            sums.refused[decision.reason] = sums.refused.get(decision.reason, 0) + 1

    def _add_fill(self, fill: Fill) -> None:
        sums = self._of(fill.strategy_id)
        sums.fills += 1
        sums.traded += abs(fill.notional)
        currency = fill.commission_currency
        sums.fees[currency] = sums.fees.get(currency, 0) + fill.commission
        quote = self._kernel.state.instruments[fill.instrument_id].quote
        self._currencies.setdefault(fill.strategy_id, quote)

    def _instance(
        self, strategy_id: StrategyId, pnl: dict[StrategyId, int | None]
    ) -> InstanceOutcome:
        sums = self._sums[strategy_id]
        after, before = pnl.get(strategy_id, 0), self._pnl_before.get(strategy_id, 0)
        reporting = self._kernel.state.config.reporting_currency
        return InstanceOutcome(
            strategy_id,
            self._currencies.get(strategy_id, reporting),
            sums.intents,
            sums.allowed,
            sums.modified,
            sums.would,
            tuple(sorted(sums.refused.items())),
            sums.fills,
            sums.traded,
            tuple(sorted(sums.fees.items())),
            None if after is None or before is None else after - before,
        )


def pnl_by_instance(state: KernelState) -> dict[StrategyId, int | None]:
    """Return realised and open profit after fees per instance, in its quote currency; None where a
    price lacks. Shadow books are left out.
    """
    found: dict[StrategyId, int | None] = {}
    for key in sorted(state.positions):
        position = state.positions[key]
        if is_shadow(key[1]):
            continue
        open_pnl, so_far = unrealised(state, position), found.get(key[0], 0)
        if open_pnl is None or so_far is None:
            found[key[0]] = None
        else:
            found[key[0]] = so_far + position.realised_pnl + open_pnl - position.fees
    return found


def total_equity(state: KernelState) -> int | None:
    """Return the equity of all real routes in the reporting currency; None while a price or a rate
    lacks.
    """
    total = 0
    for route_id in sorted(state.routes):
        if is_shadow(route_id):
            continue
        worth = equity(state, route_id)
        if worth is None:
            return None
        total += worth
    return total
