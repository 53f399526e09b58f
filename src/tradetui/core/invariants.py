"""What must be true after every step, and what happens when it is not.

Invariants 1 to 4 concern one order and are checked at each of its moves; 5 (money and quantity are
conserved) at each booking; 6 (duplicates change nothing) and 7 (the same log gives the same state)
by the way in which events are applied. ``check_all`` goes over the whole state: in tests and at
checkpoints. A broken invariant is never ignored: the policy of the run says whether it stops the
run, halts the route, or warns.
"""

from __future__ import annotations

from tradetui.core.changes import Changes
from tradetui.core.relations import IS_OPEN
from tradetui.core.state import KernelState
from tradetui.domain.control import EDGE_HALT
from tradetui.domain.enums import InvariantPolicy
from tradetui.domain.ids import RouteId
from tradetui.domain.orders import Order
from tradetui.domain.reasons import Reason


class InvariantError(AssertionError):
    """Something that can never be true is true: a bug, or a venue that contradicts itself.

    The call that raises it has changed nothing.
    """


def breach(state: KernelState, changes: Changes, route_id: RouteId | None, message: str) -> None:
    """Act on a broken invariant as the run's policy says: raise, halt the route, or warn."""
    policy = state.config.invariant_policy
    if policy is InvariantPolicy.STRICT:
        raise InvariantError(message)
    if policy is InvariantPolicy.ROUTE_HALT and route_id in state.routes:
        assert route_id is not None
        halt_route(state, changes, route_id, message)
        return
    changes.diagnose(
        Reason.INVARIANT,
        message,
        route_id=route_id,
        is_incident=policy is InvariantPolicy.ROUTE_HALT,
    )


def halt_route(
    state: KernelState,
    changes: Changes,
    route_id: RouteId,
    message: str,
    code: Reason = Reason.ROUTE_HALTED,
) -> None:
    """Refuse entries on a route from here on, and raise an incident of that code.

    What was wrong first stays as the reason until a person declares the route sound; only a halt of
    the edge's own, which lifts itself, gives way to any other.
    """
    known = state.halted_routes.get(route_id)
    if known is None or (known.startswith(EDGE_HALT) and not message.startswith(EDGE_HALT)):
        state.put(state.halted_routes, route_id, message)
    changes.diagnose(code, message, route_id=route_id, is_incident=True)


def check_order(state: KernelState, changes: Changes, old: Order, new: Order) -> None:
    """Check one move of an order against invariants 1 to 4 and the fill sum.

    A change of ``quantity`` (a child that follows its parent, a sibling that shrinks) is the
    holder's own and no breach of invariant 4. A fill of an order that has ended is an incident of
    its own, and no breach of invariant 1.
    """
    filled, was_filled = new.filled_quantity, old.filled_quantity
    if filled == was_filled and new.quantity == old.quantity and IS_OPEN[old.state]:
        return
    if filled < was_filled:
        _order_breach(state, changes, new, "its filled quantity went back")
    if new.quantity == old.quantity and new.leaves_quantity > old.leaves_quantity:
        _order_breach(state, changes, new, "its remaining quantity grew")
    if not IS_OPEN[old.state] and new.state is not old.state:
        _order_breach(state, changes, new, f"it left the terminal state {old.state}")
    if filled > was_filled and not old.is_accepted and IS_OPEN[old.state]:
        _order_breach(state, changes, new, "it was filled before it was accepted")


def _order_breach(state: KernelState, changes: Changes, order: Order, what: str) -> None:
    terms = order.terms
    breach(state, changes, terms.route_id, f"order {terms.client_order_id}: {what}")
