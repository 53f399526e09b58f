"""What strategies asked for: each intent is decided once, and what is allowed is carried out."""

from __future__ import annotations

from typing import Final

from tradetui.core.changes import Changes
from tradetui.core.follow_up import cancel, cancel_entries, create, replace_order
from tradetui.core.operator_acts import set_kill_switch
from tradetui.core.orders import open_orders_of
from tradetui.core.risk import engine
from tradetui.core.state import KernelState
from tradetui.domain.enums import OrderState, Outcome, Scope
from tradetui.domain.ids import StrategyId
from tradetui.domain.intents import AttributedIntent, CancelOrder, ReplaceOrder, SetRiskFlag
from tradetui.domain.orders import OrderTerms
from tradetui.domain.risk import KillSwitch

_CANCEL_PENDING: Final = OrderState.CANCEL_PENDING
_REJECT: Final = Outcome.REJECT


def process(state: KernelState, changes: Changes, attributed: AttributedIntent) -> None:
    """Decide one intent, and do what was decided.

    What only the mode of an observing instance stopped (``would``) is done on its shadow book; a
    risk flag of such an instance is not: nothing of it may act.
    """
    verdict = engine.decide(state, attributed)
    decision = verdict.decision
    changes.decisions.append(decision)
    if verdict.diagnostics:
        changes.diagnostics.extend(verdict.diagnostics)
        _stop_entries(state, changes, attributed.strategy_id)
    if decision.outcome is _REJECT and not decision.would:
        return
    intent = attributed.intent
    if verdict.terms is not None:
        _make(state, changes, intent, verdict.terms)
    elif isinstance(intent, CancelOrder):
        _cancel(state, changes, intent)
    elif isinstance(intent, SetRiskFlag) and decision.outcome is not _REJECT:
        strategy_id = attributed.strategy_id
        switch = KillSwitch(
            Scope.STRATEGY, strategy_id, intent.state, strategy_id, intent.reason, state.now
        )
        set_kill_switch(state, changes, switch, cancels_entries=True)


def _make(state: KernelState, changes: Changes, intent: object, terms: OrderTerms) -> None:
    if isinstance(intent, ReplaceOrder):
        replace_order(state, changes, state.orders[intent.client_order_id], terms)
    else:
        create(state, changes, terms)


def _cancel(state: KernelState, changes: Changes, intent: CancelOrder) -> None:
    order = state.open_orders[intent.client_order_id]
    cancel(state, changes, order, intent.reason, "CancelOrder")


def _stop_entries(state: KernelState, changes: Changes, strategy_id: StrategyId) -> None:
    """Cancel the working entries of an instance that a limit has just made exit-only."""
    reason = state.instances[strategy_id].exit_only
    orders = open_orders_of(state, strategy_id, with_shadow=False)
    cancel_entries(state, changes, orders, reason)
