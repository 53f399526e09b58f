"""Whether the instance, its route, the kill-switches and the market's unknown orders let an order
pass.
"""

from __future__ import annotations

from typing import Final

from tradetui.core.risk.case import Case
from tradetui.core.risk.kill_switches import RANK, described, strictest
from tradetui.core.risk.verdict import passed
from tradetui.domain.ids import is_shadow
from tradetui.domain.orders import Order
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import Gate

_ROUTE_HALTED: Final = passed(Reason.ROUTE_HALTED)
_KILL_SWITCH: Final = passed(Reason.KILL_SWITCH)
_ORDER_UNKNOWN: Final = passed(Reason.ORDER_UNKNOWN)
_OUTSIDE: Final = (_ROUTE_HALTED, _KILL_SWITCH, _ORDER_UNKNOWN)
_CODE_KILL_SWITCH: Final = Reason.KILL_SWITCH
_CODE_ORDER_UNKNOWN: Final = Reason.ORDER_UNKNOWN
_CODE_ROUTE_HALTED: Final = Reason.ROUTE_HALTED


def check_state(case: Case) -> Gate | None:
    """Check everything that can forbid an entry; None: all pass."""
    state, plan = case.state, case.plan
    blocks = plan.blocks
    case.gates.extend(blocks)
    if not blocks[-1].passed:
        return blocks[-1]
    if not state.halted_routes and not state.kill_switches:
        unknown = _unknown_order(case)
        if unknown is None:
            case.gates.extend(_OUTSIDE)
            return None
    return _check_outside(case)


def check_halt(case: Case) -> Gate | None:
    """Check what can forbid an order that reduces: only a kill-switch that is HALTED."""
    if not case.state.kill_switches:
        case.gates.append(_KILL_SWITCH)
        return None
    return _check_kill(case, limit=1)


def _check_outside(case: Case) -> Gate | None:
    state, plan = case.state, case.plan
    route_id = plan.kill_keys[2][1]
    halted = next((why for halt, why in state.halted_routes.items() if halt == route_id), None)
    if halted is not None:
        return case.refuse(_CODE_ROUTE_HALTED, 1, 0, 0, halted)
    case.gates.append(_ROUTE_HALTED)
    refusal = _check_kill(case, limit=0)
    if refusal is not None:
        return refusal
    unknown = _unknown_order(case)
    if unknown is not None:
        note = f"{unknown.terms.strategy_id} order {unknown.terms.client_order_id} not proven"
        return case.refuse(_CODE_ORDER_UNKNOWN, 1, 0, 0, note)
    case.gates.append(_ORDER_UNKNOWN)
    return None


def _check_kill(case: Case, limit: int) -> Gate | None:
    switch = strictest(case.state, case.plan.kill_keys)
    if switch is None:
        case.gates.append(_KILL_SWITCH)
        return None
    rank = RANK[switch.state]
    if rank > limit:
        return case.refuse(_CODE_KILL_SWITCH, rank, limit, 0, described(switch))
    case.gates.append(Gate(_CODE_KILL_SWITCH, rank, limit, True, 0, described(switch)))
    return None


def _unknown_order(case: Case) -> Order | None:
    """Return an order on the instrument whose submission has no proven outcome, whosever it is."""
    state = case.state
    for order_id in state.open_by_instrument.get(case.plan.key[2], ()):
        order = state.open_orders[order_id]
        if order.is_unknown and not is_shadow(order.terms.route_id):
            return order
    return None
