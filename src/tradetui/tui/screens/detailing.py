"""What stands under the list of a full screen: the selected row, whole."""

from __future__ import annotations

from collections.abc import Callable

from tradetui.domain.replica import DecisionView, OrderView
from tradetui.tui.lines import Line, folded
from tradetui.tui.replica import Replica
from tradetui.tui.screens.state import ViewState
from tradetui.tui.widgets import details, record_lists, reports
from tradetui.tui.widgets.lists import ListContent


def detail_lines(
    content: ListContent,
    state: ViewState,
    replica: Replica,
    tab: str,
    width: int,
    find: Callable[[str], DecisionView | None],
) -> list[Line]:
    """Return what is known of the selected row of a list over all instances; nothing for none.

    ``find`` knows the decisions, older ones too.
    """
    chosen = state.list_state("lower", tab).selected
    row = next((one for one in content.rows if one.key == chosen), None)
    if row is None:
        return []
    if tab == "Decisions":
        lines = _decision(replica, find(row.key))
    elif tab == "Orders":
        lines = _order(replica, row.key, masked=state.masked)
    elif tab == "Fills":
        lines = _fill(replica, row.key, masked=state.masked)
    else:
        return details.row_lines(content.columns, row, width)
    return [piece for line in lines for piece in folded(line, width)]


def decision_on(replica: Replica, order_id: str) -> DecisionView | None:
    """Return the newest decision on an order, None if it is no longer kept."""
    found = (one for one in reversed(replica.decisions) if one.client_order_id == order_id)
    return next(found, None)


def _decision(replica: Replica, decision: DecisionView | None) -> list[Line]:
    if decision is None:
        return []
    return reports.why_lines(decision, replica.instrument_of(decision.instrument_id))


def _order(replica: Replica, key: str, *, masked: bool) -> list[Line]:
    orders = replica.orders.values()
    order = next((one for one in orders if one.client_order_id == key), None)
    if order is None:
        return []
    return details.order_lines(
        order,
        replica.instrument_of(order.instrument_id),
        [fill for fill in replica.fills if fill.client_order_id == key],
        decision_on(replica, key),
        [one for one in orders if one is not order and _are_linked(order, one)],
        masked=masked,
    )


def _fill(replica: Replica, key: str, *, masked: bool) -> list[Line]:
    for fill in reversed(replica.fills):
        if record_lists.fill_key(fill) == key:
            return details.fill_lines(
                fill,
                replica.instrument_of(fill.instrument_id),
                replica.orders.get(fill.client_order_id),
                decision_on(replica, fill.client_order_id),
                masked=masked,
            )
    return []


def _are_linked(order: OrderView, other: OrderView) -> bool:
    """Tell whether two orders are parent and child, or of one OCO group."""
    if other.client_order_id == order.parent_order_id:
        return True
    if other.parent_order_id == order.client_order_id:
        return True
    return bool(order.oco_group) and other.oco_group == order.oco_group
