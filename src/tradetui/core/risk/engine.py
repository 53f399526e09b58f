"""The risk engine: one decision for every intent.

``decide`` is the only door between what a strategy wants and what a venue is asked. The order of
the gates is that of ``verdict.GATE_ORDER``; the first that refuses ends the judgement.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, cast

import msgspec

from tradetui.core.relations import key_of_group, parent_of
from tradetui.core.risk.express import judge_common
from tradetui.core.risk.express_exit import judge_exit
from tradetui.core.risk.judgement import judge_order
from tradetui.core.risk.kill_switches import RANK, own_rank
from tradetui.core.risk.plan import Plan, plan_for, plan_of_close
from tradetui.core.risk.reply import early_rejection
from tradetui.core.risk.schema_gates import is_order_id, order_fault, version_fault
from tradetui.core.risk.verdict import Verdict, passed, refused
from tradetui.core.state import Instance, KernelState
from tradetui.domain.enums import (
    InstanceMode,
    KillState,
    OrderRole,
    OrderSide,
    OrderState,
    OrderType,
    Outcome,
)
from tradetui.domain.ids import ClientOrderId, StrategyId, is_shadow
from tradetui.domain.instruments import Instrument, floor_quantity
from tradetui.domain.intents import (
    AttributedIntent,
    CancelOrder,
    NoOp,
    PlaceOrder,
    ReplaceOrder,
    SetRiskFlag,
)
from tradetui.domain.orders import Order, Position
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import Gate, RiskDecision

_SCHEMA: Final = passed(Reason.SCHEMA)
_UNKNOWN_INSTRUMENT: Final = passed(Reason.UNKNOWN_INSTRUMENT)
_UNKNOWN_ORDER: Final = passed(Reason.UNKNOWN_ORDER)
_NOT_OWNER: Final = passed(Reason.NOT_OWNER)

_CANCEL_GATES: Final = (
    _SCHEMA,
    _UNKNOWN_ORDER,
    _NOT_OWNER,
    passed(Reason.ILLEGAL_TRANSITION),
)
_NOOP_GATES: Final = (_SCHEMA,)
_BUY: Final = OrderSide.BUY
_ALLOW: Final = Outcome.ALLOW
_CANCEL_PENDING: Final = OrderState.CANCEL_PENDING
_NONE: Final = Reason.NONE
_OBSERVE: Final = InstanceMode.OBSERVE


def decide(state: KernelState, attributed: AttributedIntent) -> Verdict:
    """Judge one intent.

    Writes nothing of the state but the counters of the order rates, and, where the intent breaks a
    limit of its instance, that the instance is exit-only. (A plan fills its lanes when the first
    order comes: they are derived, and in no checkpoint.)
    """
    judge = _JUDGES.get(type(attributed.intent))
    if judge is None:
        name = type(attributed.intent).__name__[:40]
        gate = refused(Reason.SCHEMA, 1, 0, 0, f"{name} is not one of the five intents")
        return early_rejection(attributed, name, (gate,))
    return judge(state, attributed)


def decide_close(state: KernelState, position: Position, order_id: ClientOrderId) -> Verdict:
    """Judge the market order with which a person (or the error rule) closes a position.

    It passes whatever the state of the instance is, running or not, and only a kill-switch that is
    HALTED, the venue's rules and the position itself bound it.
    """
    instrument = state.instruments[position.instrument_id]
    size = abs(position.quantity)
    intent = PlaceOrder(
        order_id,
        position.instrument_id,
        OrderSide.SELL if position.quantity > 0 else OrderSide.BUY,
        OrderType.MARKET,
        floor_quantity(instrument, size) or size,
        role=OrderRole.EXIT,
    )
    attributed = AttributedIntent(position.strategy_id, 0, intent)
    if size == 0:
        gate = refused(Reason.REDUCE_ONLY, 0, 0, 0, "there is no position to close")
        return early_rejection(attributed, "PlaceOrder", (_SCHEMA, _UNKNOWN_INSTRUMENT, gate))
    fault = order_fault(intent, state.now)
    if fault:
        gate = refused(Reason.SCHEMA, 1, 0, 0, fault)
        return early_rejection(attributed, "PlaceOrder", (gate,))
    plan = plan_of_close(state, position, instrument)
    return judge_order(state, attributed, "PlaceOrder", intent, plan, None, None)


def _judge_place(state: KernelState, attributed: AttributedIntent) -> Verdict:
    intent: PlaceOrder = attributed.intent  # type: ignore[assignment]
    strategy_id, instrument_id = attributed.strategy_id, intent.instrument_id
    instance = state.instances.get(strategy_id)
    plan: Plan | None = state.risk_plans.get((strategy_id, instrument_id))
    if (
        plan is not None
        and plan.instance is instance
        and plan.instrument is state.instruments.get(instrument_id)
    ):
        short = judge_common if intent.side is _BUY else judge_exit
        verdict = short(state, attributed, intent, plan)
        if verdict is not None:
            return verdict
    return _judge_whole(state, attributed, intent, instance)


def _judge_whole(
    state: KernelState, attributed: AttributedIntent, intent: PlaceOrder, instance: Instance | None
) -> Verdict:
    """Judge a new order the long way."""
    fault = order_fault(intent, state.now)
    if fault:
        gate = refused(Reason.SCHEMA, 1, 0, 0, fault)
        return early_rejection(attributed, "PlaceOrder", (gate,))
    instrument = state.instruments.get(intent.instrument_id)
    if instance is None or instrument is None or not _may_trade(instance, instrument):
        return _reject_stranger(attributed, "PlaceOrder", instance, instrument)
    if intent.oco_group is not None:
        fault = _group_fault(state, attributed.strategy_id, intent)
        if fault:
            gate = refused(Reason.SCHEMA, 1, 0, 0, fault)
            return early_rejection(attributed, "PlaceOrder", (gate,))
    plan = plan_for(state, instance, instrument)
    parent: Order | None = None
    if intent.parent_order_id is not None:
        parent = state.orders.get(intent.parent_order_id)
        gates = _parent_gates(attributed, intent, parent)
        if not gates[-1].passed:
            return early_rejection(attributed, "PlaceOrder", gates)
    return judge_order(state, attributed, "PlaceOrder", intent, plan, parent, None)


def _group_fault(state: KernelState, strategy_id: StrategyId, intent: PlaceOrder) -> str:
    """Say what keeps an order out of its OCO group: a fill of one shrinks the others, which means
    something on one market only.
    """
    name = cast(str, intent.oco_group)
    for route_id in state.routes:
        for member in state.oco_groups.get(key_of_group(route_id, strategy_id, name), ()):
            order = state.open_orders.get(member)
            if order is not None and order.terms.instrument_id != intent.instrument_id:
                return f"oco_group {name} is of orders on {order.terms.instrument_id}"
    return ""


def _may_trade(instance: Instance, instrument: Instrument) -> bool:
    """Tell whether an instance that runs has subscribed to the market."""
    return instance.mode is not InstanceMode.OFF and (
        instance.instrument_id == instrument.instrument_id
        or instrument.instrument_id in instance.instruments
    )


def _reject_stranger(
    attributed: AttributedIntent,
    name: str,
    instance: Instance | None,
    instrument: Instrument | None,
) -> Verdict:
    if instance is None or instance.mode is InstanceMode.OFF:
        gate = refused(Reason.INSTANCE_MODE, 1, 0, 0, "the instance does not run")
    elif instrument is None:
        gate = refused(Reason.UNKNOWN_INSTRUMENT, 1, 0, 0, "no such instrument")
    else:
        note = f"the instance has not subscribed to {instrument.instrument_id}"
        gate = refused(Reason.UNKNOWN_INSTRUMENT, 1, 0, 0, note)
    return early_rejection(attributed, name, (_SCHEMA, gate))


def _parent_gates(
    attributed: AttributedIntent, intent: PlaceOrder, parent: Order | None
) -> tuple[Gate, ...]:
    """Return the gates on a child's parent, up to the first that refuses."""
    before = (_SCHEMA, _UNKNOWN_INSTRUMENT)
    if parent is None:
        note = f"no parent order {intent.parent_order_id}"
        return (*before, refused(Reason.UNKNOWN_ORDER, 1, 0, 0, note))
    terms = parent.terms
    if terms.instrument_id != intent.instrument_id:
        note = f"the parent is an order on {terms.instrument_id}"
        return (*before, refused(Reason.UNKNOWN_ORDER, 1, 0, 0, note))
    if terms.strategy_id != attributed.strategy_id:
        note = f"the parent belongs to {terms.strategy_id}"
        return (*before, _UNKNOWN_ORDER, refused(Reason.NOT_OWNER, 1, 0, 0, note))
    return (*before, _UNKNOWN_ORDER, _NOT_OWNER)


def _judge_cancel(state: KernelState, attributed: AttributedIntent) -> Verdict:
    """A cancel of an own open order always passes, once.

    One thing is out of reach: the real orders of an instance that only observes.
    """
    intent: CancelOrder = attributed.intent  # type: ignore[assignment]
    order_id = intent.client_order_id
    if type(order_id) is str:
        order = state.open_orders.get(order_id)
        if order is not None:
            terms = order.terms
            strategy_id = attributed.strategy_id
            instance = state.instances.get(strategy_id)
            if (
                terms.strategy_id == strategy_id
                and order.state is not _CANCEL_PENDING
                and (instance is None or instance.mode is not _OBSERVE or is_shadow(terms.route_id))
            ):
                return Verdict(
                    RiskDecision(
                        strategy_id,
                        attributed.index,
                        "CancelOrder",
                        _ALLOW,
                        _NONE,
                        _CANCEL_GATES,
                        order_id,
                        terms.route_id,
                        terms.instrument_id,
                        "",
                        True,
                    )
                )
    gates = _target_gates(state, attributed, order_id)
    if gates[-1].passed:
        order = state.orders[order_id]
        if order_id in state.open_orders and order.state is not _CANCEL_PENDING:
            note = f"the order works on {order.terms.route_id}, and the instance only observes"
            gates = (*gates, refused(Reason.INSTANCE_MODE, 1, 0, 0, note))
        else:
            note = f"the order is {order.state}"
            gates = (*gates, refused(Reason.ILLEGAL_TRANSITION, 1, 0, 0, note))
    return early_rejection(attributed, "CancelOrder", gates)


def _target_gates(
    state: KernelState, attributed: AttributedIntent, order_id: ClientOrderId
) -> tuple[Gate, ...]:
    """Return the gates on the order that an intent names, up to the first that refuses."""
    if not is_order_id(order_id):
        note = "client_order_id must be 1 to 32 of A-Z a-z 0-9 -"
        return (refused(Reason.SCHEMA, 1, 0, 0, note),)
    order = state.orders.get(order_id)
    if order is None:
        return (_SCHEMA, refused(Reason.UNKNOWN_ORDER, 1, 0, 0, f"no order {order_id}"))
    owner = order.terms.strategy_id
    if owner != attributed.strategy_id:
        note = f"the order belongs to {owner}"
        return (_SCHEMA, _UNKNOWN_ORDER, refused(Reason.NOT_OWNER, 1, 0, 0, note))
    return (_SCHEMA, _UNKNOWN_ORDER, _NOT_OWNER)


def _judge_replace(state: KernelState, attributed: AttributedIntent) -> Verdict:
    """A replace is judged as the new version it asks for, on top of what the old one stands for."""
    intent: ReplaceOrder = attributed.intent  # type: ignore[assignment]
    gates = _target_gates(state, attributed, intent.client_order_id)
    if not gates[-1].passed:
        return early_rejection(attributed, "ReplaceOrder", gates)
    order = state.orders[intent.client_order_id]
    version = _version(order, intent)
    fault = version_fault(intent) or order_fault(version, state.now)
    if fault:
        gate = refused(Reason.SCHEMA, 1, 0, 0, fault)
        return early_rejection(attributed, "ReplaceOrder", (gate,))
    instance = state.instances.get(attributed.strategy_id)
    instrument = state.instruments[version.instrument_id]
    if instance is None or not _may_trade(instance, instrument):
        return _reject_stranger(attributed, "ReplaceOrder", instance, instrument)
    parent = parent_of(state, order)
    plan = plan_for(state, instance, instrument)
    return judge_order(state, attributed, "ReplaceOrder", version, plan, parent, order)


def _version(order: Order, intent: ReplaceOrder) -> PlaceOrder:
    """Return the order that a replace asks for: what it does not name stays; the quantity is what
    is still to be filled.
    """
    terms = order.terms
    trigger = order.trigger_price if order.trigger_price is not None else terms.trigger_price
    leaves = order.leaves_quantity
    return PlaceOrder(
        intent.new_client_order_id,
        terms.instrument_id,
        terms.side,
        terms.order_type,
        intent.quantity if intent.quantity is not None else leaves or terms.quantity,
        intent.price if intent.price is not None else terms.price,
        intent.trigger_price if intent.trigger_price is not None else trigger,
        terms.trail_offset,
        terms.time_in_force,
        terms.expire_time,
        terms.post_only,
        terms.reduce_only,
        terms.role,
        terms.parent_order_id,
        terms.oco_group,
    )


def _judge_flag(state: KernelState, attributed: AttributedIntent) -> Verdict:
    """An instance may only tighten its own scope."""
    intent: SetRiskFlag = attributed.intent  # type: ignore[assignment]
    if type(intent.state) is not KillState:
        gate = refused(Reason.SCHEMA, 1, 0, 0, "state must be a KillState")
        return early_rejection(attributed, "SetRiskFlag", (gate,))
    wanted, now = RANK[intent.state], own_rank(state, attributed.strategy_id)
    if wanted == 0 or wanted < now:
        gate = refused(Reason.RISK_FLAG_SCOPE, wanted, max(now, 1), 0, "only a person loosens")
        return early_rejection(attributed, "SetRiskFlag", (_SCHEMA, gate))
    gate = Gate(Reason.RISK_FLAG_SCOPE, wanted, max(now, 1), True)
    instance = state.instances.get(attributed.strategy_id)
    if instance is None or instance.mode is not InstanceMode.ACTIVE:
        return _unfit_flag(attributed, instance, gate)
    decision = RiskDecision(
        attributed.strategy_id, attributed.index, "SetRiskFlag", _ALLOW, _NONE, (_SCHEMA, gate)
    )
    return Verdict(decision)


def _unfit_flag(attributed: AttributedIntent, instance: Instance | None, gate: Gate) -> Verdict:
    """Reject the flag of an instance that may not act: of an observing one, for the mode alone."""
    is_observing = instance is not None and instance.mode is InstanceMode.OBSERVE
    note = "observe" if is_observing else "the instance does not run"
    refusal = refused(Reason.INSTANCE_MODE, 1, 0, 0, note)
    rejection = early_rejection(attributed, "SetRiskFlag", (_SCHEMA, gate, refusal))
    if not is_observing:
        return rejection
    return Verdict(msgspec.structs.replace(rejection.decision, would=True))


def _judge_noop(state: KernelState, attributed: AttributedIntent) -> Verdict:
    """Nothing was wanted: allowed, on the record."""
    decision = RiskDecision(
        attributed.strategy_id, attributed.index, "NoOp", _ALLOW, _NONE, _NOOP_GATES
    )
    return Verdict(decision)


_JUDGES: Final[dict[type, Callable[[KernelState, AttributedIntent], Verdict]]] = {
    PlaceOrder: _judge_place,
    CancelOrder: _judge_cancel,
    ReplaceOrder: _judge_replace,
    SetRiskFlag: _judge_flag,
    NoOp: _judge_noop,
}
