"""Orders that reduce a position, or guard one: what they are, and their own short list.

Such an order is held to the rules of the venue, to a HALTED kill-switch, and to the size of the
position (or of the parent whose fills it follows). No limit on entries refuses it or shrinks it.
"""

from __future__ import annotations

from typing import Final

from tradetui.core.in_flight import in_flight
from tradetui.core.risk.case import Case
from tradetui.core.risk.sizing import is_legal_size
from tradetui.domain.enums import OrderRole, OrderSide, OrderType, Support
from tradetui.domain.instruments import floor_quantity
from tradetui.domain.order_table import is_terminal
from tradetui.domain.orders import Order
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import Gate

_BUY = OrderSide.BUY
_ENTRY: Final = OrderRole.ENTRY
_HELD: Final = Support.HELD
_MARKET: Final = OrderType.MARKET
_QUANTITY_FROM_PARENT: Final = Reason.QUANTITY_FROM_PARENT
_REDUCE_ONLY: Final = Reason.REDUCE_ONLY


def is_reducing(case: Case, parent: Order | None) -> bool:
    """Tell whether an order is judged by the short list.

    One that says so (a role other than entry, or ``reduce_only``) is, and is refused there if that
    is not true. Any other is if it cannot do more than reduce, even when every order already
    working on its side fills first.
    """
    intent = case.intent
    if intent.role is not _ENTRY or intent.reduce_only:
        return True
    position = case.position
    if position == 0 or parent is not None:
        return False
    if intent.side is _BUY:
        room = -position - case.working.buy_quantity
    else:
        room = position - case.working.sell_quantity
    return intent.quantity <= room + case.replaced_quantity


def check_reduce(case: Case, parent: Order | None) -> Gate | None:
    """Check that the order is not more than what it reduces; None: it is not."""
    if parent is not None and not is_terminal(parent.state):
        return _check_child(case, parent)
    intent, position = case.intent, case.position
    size = -position if intent.side is _BUY else position
    scale = case.plan.instrument.size_scale
    taken = _taken(case) if size > 0 else 0
    size -= taken
    if case.quantity > size:
        limit = max(size, 0)
        if taken:
            note = "an order that executes at once takes the rest of the position"
        else:
            note = "more than the position" if limit else "there is no position to reduce"
        return case.refuse(_REDUCE_ONLY, case.quantity, limit, scale, note)
    case.gates.append(Gate(_REDUCE_ONLY, case.quantity, size, True, scale))
    return None


def _taken(case: Case) -> int:
    """Return what orders that execute at once take of the position, for one that would too, where
    the kernel has to keep them from selling it twice.
    """
    route = case.plan.route
    if (
        case.intent.order_type is not _MARKET
        or route is None
        or route.capabilities.reduce_only is not _HELD
    ):
        return 0
    but = None if case.replaced is None else case.replaced.terms.client_order_id
    return in_flight(case.state, case.plan.key, case.intent.side, but)


def _check_child(case: Case, parent: Order) -> Gate | None:
    """A child follows its parent's fills (those of earlier versions too): against it, and never for
    more. One that asks for more than the parent was allowed is cut to the parent.
    """
    scale = case.plan.instrument.size_scale
    if parent.terms.side is case.intent.side:
        note = "a child that reduces is on the other side of its parent"
        return case.refuse(_REDUCE_ONLY, case.quantity, 0, scale, note)
    carried = case.state.carried_fills.get(parent.terms.client_order_id, 0)
    limit = parent.quantity + carried
    asked = case.quantity
    if asked <= limit:
        case.gates.append(Gate(_QUANTITY_FROM_PARENT, asked, limit, True, scale))
        return None
    quantity = floor_quantity(case.plan.instrument, limit)
    if not is_legal_size(case, quantity):
        note = "what is left is below the smallest legal order"
        return case.refuse(_QUANTITY_FROM_PARENT, asked, limit, scale, note)
    case.modify(_QUANTITY_FROM_PARENT, asked, limit, scale, "cut to its parent", "")
    case.quantity = quantity
    return None
