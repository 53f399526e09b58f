"""The way of one order (new, or a new version) through the gates, to its decision and terms."""

from __future__ import annotations

from typing import Final

from tradetui.core.bounds import check_range
from tradetui.core.risk.capability_gates import check_capability
from tradetui.core.risk.case import Case, unpriced_value
from tradetui.core.risk.funds import check_funds
from tradetui.core.risk.instance_gates import check_halt, check_state
from tradetui.core.risk.limit_gates import check_limits
from tradetui.core.risk.limits import BREAKING, make_exit_only
from tradetui.core.risk.loss_gates import check_losses
from tradetui.core.risk.market_gates import check_market
from tradetui.core.risk.plan import Plan
from tradetui.core.risk.rates import check_rates, note_order
from tradetui.core.risk.reduce_gates import check_reduce, is_reducing
from tradetui.core.risk.verdict import Verdict, passed
from tradetui.core.risk.worth import NO_WORKING
from tradetui.core.state import KernelState
from tradetui.domain.enums import InstanceMode, OrderRole, OrderSide, OrderState, Outcome, Support
from tradetui.domain.instruments import notional
from tradetui.domain.intents import AttributedIntent, PlaceOrder
from tradetui.domain.orders import Diagnostic, Order, OrderTerms
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import Gate, RiskDecision

_SCHEMA: Final = passed(Reason.SCHEMA)
_UNKNOWN_INSTRUMENT: Final = passed(Reason.UNKNOWN_INSTRUMENT)
_UNKNOWN_ORDER: Final = passed(Reason.UNKNOWN_ORDER)
_NOT_OWNER: Final = passed(Reason.NOT_OWNER)
_DUPLICATE_ID: Final = passed(Reason.DUPLICATE_ID)
_ILLEGAL_TRANSITION: Final = passed(Reason.ILLEGAL_TRANSITION)

_REPLACEABLE: Final = (OrderState.CREATED, OrderState.ACCEPTED, OrderState.PARTIALLY_FILLED)
_BUY: Final = OrderSide.BUY
_ENTRY: Final = OrderRole.ENTRY
_OBSERVE: Final = InstanceMode.OBSERVE
_NO_SUPPORT: Final = Support.NONE
_STOP_LOSS: Final = OrderRole.STOP_LOSS
_TAKE_PROFIT: Final = OrderRole.TAKE_PROFIT
_ALLOW: Final = Outcome.ALLOW
_MODIFY: Final = Outcome.MODIFY
_REJECT: Final = Outcome.REJECT
_CODE_DUPLICATE_ID: Final = Reason.DUPLICATE_ID
_CODE_ILLEGAL_TRANSITION: Final = Reason.ILLEGAL_TRANSITION
_INSTANCE_MODE: Final = Reason.INSTANCE_MODE
_NONE: Final = Reason.NONE


def judge_order(
    state: KernelState,
    attributed: AttributedIntent,
    name: str,
    intent: PlaceOrder,
    plan: Plan,
    parent: Order | None,
    replaced: Order | None,
) -> Verdict:
    """Judge an order whose schema is sound; ``name`` is the intent's, ``replaced`` the old version.

    The schema gates have passed when this is called.
    """
    case = _open_case(state, intent, plan)
    if replaced is not None or parent is not None:
        case.gates.extend((_UNKNOWN_ORDER, _NOT_OWNER))
    if replaced is not None:
        _count_replaced(case, replaced)
    refusal = check_capability(case) or check_range(case)
    if refusal is None:
        if is_reducing(case, parent):
            case.is_reducing = True
            refusal = check_halt(case) or check_reduce(case, parent)
        else:
            refusal = _check_entry(case)
    if refusal is None:
        refusal = _check_transition(case)
    if refusal is None and plan.instance.mode is _OBSERVE:
        refusal = case.refuse(_INSTANCE_MODE, 1, 0, 0, "observe")
    return _answer(case, attributed, name, refusal)


def _open_case(state: KernelState, intent: PlaceOrder, plan: Plan) -> Case:
    key = plan.key
    price = intent.price
    mark = state.marks.get(key[2])
    held = state.positions.get(key)
    if held is None:
        position = cost = 0
    else:
        position, cost = held.quantity, held.cost
    return Case(
        state,
        plan,
        intent,
        intent.quantity,
        price,
        mark,
        price if price is not None else unpriced_value(intent, mark),
        intent.side is _BUY,
        position,
        cost,
        state.working.get(key, NO_WORKING),
        [_SCHEMA, _UNKNOWN_INSTRUMENT],
    )


def _count_replaced(case: Case, replaced: Order) -> None:
    """Note what the old version stands for in the working sums."""
    case.replaced = replaced
    case.replaced_quantity = max(replaced.leaves_quantity, 0)
    terms = replaced.terms
    price = terms.price if terms.price is not None else replaced.trigger_price
    if price is None:
        price = case.state.working_prices.get(terms.client_order_id, 0)
    case.replaced_notional = notional(case.plan.instrument, price, case.replaced_quantity)


def _check_entry(case: Case) -> Gate | None:
    """Check an order that opens, increases or may do so, in the fixed order."""
    refusal = check_state(case)
    if refusal is not None:
        return refusal
    symbols = case.plan.symbols
    if symbols:
        case.gates.extend(symbols)
        if not symbols[-1].passed:
            return symbols[-1]
    plan = case.plan
    refusal = check_market(case) or check_limits(case) or check_funds(case)
    if refusal is None and plan.limits_losses:
        refusal = check_losses(case)
    if refusal is None and plan.rates:
        refusal = check_rates(case)
    return refusal


def _check_transition(case: Case) -> Gate | None:
    """Check that the order may come to be: its id is fresh, and its old version can be replaced."""
    order_id = case.intent.client_order_id
    if order_id in case.state.orders:
        return case.refuse(_CODE_DUPLICATE_ID, 1, 0, 0, f"{order_id} was used before")
    case.gates.append(_DUPLICATE_ID)
    replaced = case.replaced
    if replaced is None:
        return None
    if replaced.state not in _REPLACEABLE or replaced.is_unknown:
        note = "unknown" if replaced.is_unknown else str(replaced.state)
        return case.refuse(_CODE_ILLEGAL_TRANSITION, 1, 0, 0, f"the order is {note}")
    if replaced.pending_replace is not None:
        note = f"{replaced.pending_replace} is asked for already"
        return case.refuse(_CODE_ILLEGAL_TRANSITION, 1, 0, 0, note)
    if replaced.terms.route_id != case.plan.key[1]:
        note = f"the order works on {replaced.terms.route_id}: cancel it"
        return case.refuse(_CODE_ILLEGAL_TRANSITION, 1, 0, 0, note)
    case.gates.append(_ILLEGAL_TRANSITION)
    return None


def _answer(case: Case, attributed: AttributedIntent, name: str, refusal: Gate | None) -> Verdict:
    """Make the decision, the terms of what passed, and what a broken limit entails."""
    if refusal is not None:
        return _reject(case, attributed, name, refusal)
    plan, intent, reason = case.plan, case.intent, case.modified_by
    key, quantity, price = plan.key, case.quantity, case.price
    role = intent.role
    if plan.rates and role is not _STOP_LOSS and role is not _TAKE_PROFIT:
        note_order(case.state, plan.rates)
    return Verdict(
        RiskDecision(
            attributed.strategy_id,
            attributed.index,
            name,
            _ALLOW if reason is _NONE else _MODIFY,
            reason,
            tuple(case.gates),
            intent.client_order_id,
            key[1],
            key[2],
            case.profile or plan.profile,
            case.is_reducing,
            False,
            intent.quantity,
            intent.price,
            quantity,
            price,
        ),
        _terms(case, attributed),
    )


def _reject(case: Case, attributed: AttributedIntent, name: str, refusal: Gate) -> Verdict:
    """Reject by ``refusal``; what only the mode stopped keeps its terms, on the shadow route."""
    plan, intent, reason = case.plan, case.intent, refusal.code
    would = reason is _INSTANCE_MODE
    terms = _terms(case, attributed) if would else None
    diagnostics: tuple[Diagnostic, ...] = ()
    if reason in BREAKING and plan.instance.mode is not _OBSERVE:
        diagnostics = (make_exit_only(case.state, plan.instance, refusal),)
    decision = RiskDecision(
        attributed.strategy_id,
        attributed.index,
        name,
        _REJECT,
        reason,
        tuple(case.gates),
        intent.client_order_id,
        plan.key[1] or None,
        plan.key[2],
        case.profile,
        case.is_reducing,
        would,
        intent.quantity,
        intent.price,
        None if terms is None else terms.quantity,
        None if terms is None else terms.price,
        refusal.note,
    )
    return Verdict(decision, terms, diagnostics)


def _terms(case: Case, attributed: AttributedIntent) -> OrderTerms:
    """Return the terms of the order as allowed.

    One that exits or protects is reduce-only, said or not, wherever that can be done.
    """
    plan, intent = case.plan, case.intent
    reduce_only = intent.reduce_only
    if not reduce_only and intent.role is not _ENTRY:
        route = plan.route
        reduce_only = route is not None and route.capabilities.reduce_only is not _NO_SUPPORT
    replaced = case.replaced
    return OrderTerms(
        intent.client_order_id,
        attributed.strategy_id,
        plan.instance.execution_id,
        plan.key[1],
        intent.instrument_id,
        intent.side,
        intent.order_type,
        case.quantity,
        case.price,
        intent.trigger_price,
        intent.trail_offset,
        intent.time_in_force,
        intent.expire_time,
        intent.post_only,
        reduce_only,
        intent.role,
        intent.parent_order_id,
        intent.oco_group,
        None if replaced is None else replaced.terms.client_order_id,
        case.state.now,
    )
