"""What strategies asked for: each intent is decided once, and what is allowed is carried out."""

from __future__ import annotations

from typing import Any, Final

from tradetui.core.changes import Changes
from tradetui.core.operator_acts import set_kill_switch
from tradetui.core.order_manager import cancel, cancel_entries, create, replace_order
from tradetui.core.orders import open_orders_of, request_cancel
from tradetui.core.risk.engine import decide
from tradetui.core.risk.reply import told_by_parent
from tradetui.core.state import KernelState
from tradetui.domain.enums import OrderState, Outcome, Scope
from tradetui.domain.ids import StrategyId
from tradetui.domain.intents import AttributedIntent, CancelOrder, ReplaceOrder, SetRiskFlag
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import KillSwitch

_CREATED: Final = OrderState.CREATED
_REJECT: Final = Outcome.REJECT
_UNKNOWN_ORDER: Final = Reason.UNKNOWN_ORDER


def process(state: KernelState, changes: Changes, attributed: AttributedIntent) -> None:
    """Decide one intent, and do what was decided.

    What only the mode of an observing instance stopped (``would``) is done on its shadow book; a
    risk flag of such an instance is not: nothing of it may act.
    """
    verdict = decide(state, attributed)
    decision, terms = verdict.decision, verdict.terms
    if decision.reason is _UNKNOWN_ORDER:
        decision = told_by_parent(attributed, decision, changes.decisions)
    changes.decisions.append(decision)
    if verdict.diagnostics:
        changes.diagnostics.extend(verdict.diagnostics)
        _stop_entries(state, changes, attributed.strategy_id)
    if decision.outcome is _REJECT and not decision.would:
        return
    intent: Any = attributed.intent
    kind = intent.__class__
    if terms is not None:
        if kind is ReplaceOrder:
            replace_order(state, changes, state.orders[intent.client_order_id], terms)
        else:
            create(state, changes, terms, is_single=verdict.is_single)
    elif kind is CancelOrder:
        order = state.open_orders[intent.client_order_id]
        if order.state is _CREATED:
            cancel(state, changes, order, intent.reason, "CancelOrder")
        else:
            request_cancel(state, changes, order, intent.reason, "CancelOrder")
    elif kind is SetRiskFlag and decision.outcome is not _REJECT:
        _set_flag(state, changes, attributed.strategy_id, intent)


def _set_flag(
    state: KernelState, changes: Changes, strategy_id: StrategyId, intent: SetRiskFlag
) -> None:
    switch = KillSwitch(
        Scope.STRATEGY, strategy_id, intent.state, strategy_id, intent.reason, state.now
    )
    set_kill_switch(state, changes, switch, cancels_entries=True)


def _stop_entries(state: KernelState, changes: Changes, strategy_id: StrategyId) -> None:
    """Cancel the working entries of an instance that a limit has just made exit-only."""
    reason = state.instances[strategy_id].exit_only
    orders = open_orders_of(state, strategy_id, with_shadow=False)
    cancel_entries(state, changes, orders, reason)
