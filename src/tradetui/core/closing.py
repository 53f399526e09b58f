"""Closing positions at market: for a person, or by a strategy's ON_ERROR rule."""

from __future__ import annotations

from collections.abc import Sequence

from tradetui.core.changes import Changes
from tradetui.core.order_manager import cancel_entries, create
from tradetui.core.orders import open_orders_of
from tradetui.core.relations import key_of
from tradetui.core.risk.engine import decide_close
from tradetui.core.state import KernelState, PositionKey
from tradetui.domain.enums import OrderRole, OrderType
from tradetui.domain.ids import ClientOrderId, StrategyId, is_shadow
from tradetui.domain.orders import Position
from tradetui.domain.reasons import Reason


def positions_of(state: KernelState, strategy_id: StrategyId) -> list[Position]:
    """Return an instance's real positions that are not flat, by instrument, then route."""
    found = [
        position
        for (owner, route_id, _), position in state.positions.items()
        if owner == strategy_id and position.quantity and not is_shadow(route_id)
    ]
    return sorted(found, key=lambda position: (position.instrument_id, position.route_id))


def close_positions(
    state: KernelState,
    changes: Changes,
    strategy_id: StrategyId,
    order_ids: Sequence[ClientOrderId],
    reason: str,
) -> None:
    """Cancel an instance's entries and send one reducing market order for each of its positions.

    A position that such an order closes already is left to it.
    """
    entries = open_orders_of(state, strategy_id, with_shadow=False)
    cancel_entries(state, changes, entries, reason)
    ids = iter(order_ids)
    for position in positions_of(state, strategy_id):
        key = (strategy_id, position.route_id, position.instrument_id)
        order_id = next(ids, None)
        if _is_closing(state, key):
            _say(changes, position, "an order closes it already", is_incident=False)
        elif order_id is None:
            _say(changes, position, "the request has no order id for it", is_incident=True)
        else:
            _close(state, changes, position, order_id)


def _close(
    state: KernelState, changes: Changes, position: Position, order_id: ClientOrderId
) -> None:
    verdict = decide_close(state, position, order_id)
    changes.decisions.append(verdict.decision)
    changes.diagnostics.extend(verdict.diagnostics)
    if verdict.terms is not None:
        create(state, changes, verdict.terms)


def _is_closing(state: KernelState, key: PositionKey) -> bool:
    return any(
        key_of(order.terms) == key
        and order.terms.role is OrderRole.EXIT
        and order.terms.order_type is OrderType.MARKET
        for order in state.open_orders.values()
    )


def _say(changes: Changes, position: Position, what: str, *, is_incident: bool) -> None:
    changes.diagnose(
        Reason.ILLEGAL_TRANSITION,
        f"the position of {position.strategy_id} in {position.instrument_id} is not closed by "
        f"this request: {what}",
        strategy_id=position.strategy_id,
        route_id=position.route_id,
        is_incident=is_incident,
    )
