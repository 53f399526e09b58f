"""What stands under the list of a full screen: the selected row, whole."""

from __future__ import annotations

from typing import Final

from tradetui.domain.replica import DecisionView, FillView, OrderView
from tradetui.tui.lines import Line, folded
from tradetui.tui.replica import Replica
from tradetui.tui.screens.older_lists import OlderLists
from tradetui.tui.screens.state import ViewState
from tradetui.tui.widgets import details, reports
from tradetui.tui.widgets.lists import ListContent, ListRow

_FIRST_TOLD: Final = ("Decisions", "Orders", "Fills")
"""Lists whose first row says more than fits in its line."""


def detail_lines(
    content: ListContent,
    state: ViewState,
    replica: Replica,
    tab: str,
    width: int,
    older: OlderLists,
    spare: int = 0,
) -> list[Line]:
    """Return what is known of the selected row of a list over all instances.

    ``older`` has the records that were read of the journal, ``spare`` is how many lines the list
    leaves free: while no row is selected, the first one is told if that fits there.
    """
    chosen = state.list_state("lower", tab).selected
    if chosen is None and tab in _FIRST_TOLD and content.rows:
        lines = _lines(content, content.rows[0], state, replica, tab, width, older)
        return lines if len(lines) <= spare else []
    row = next((one for one in content.rows if one.key == chosen), None)
    return [] if row is None else _lines(content, row, state, replica, tab, width, older)


def _lines(
    content: ListContent,
    row: ListRow,
    state: ViewState,
    replica: Replica,
    tab: str,
    width: int,
    older: OlderLists,
) -> list[Line]:
    if tab == "Decisions":
        lines = _decision(replica, older.decisions.at(row.key))
    elif tab == "Orders":
        lines = _order(replica, older.orders.at(row.key), masked=state.masked)
    elif tab == "Fills":
        lines = _fill(replica, older.fills.at(row.key), older, masked=state.masked)
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


def _order(replica: Replica, order: OrderView | None, *, masked: bool) -> list[Line]:
    if order is None:
        return []
    key = order.client_order_id
    return details.order_lines(
        order,
        replica.instrument_of(order.instrument_id),
        [fill for fill in replica.fills if fill.client_order_id == key],
        decision_on(replica, key),
        [one for one in replica.orders.values() if one is not order and _are_linked(order, one)],
        masked=masked,
    )


def _fill(
    replica: Replica, fill: FillView | None, older: OlderLists, *, masked: bool
) -> list[Line]:
    if fill is None:
        return []
    return details.fill_lines(
        fill,
        replica.instrument_of(fill.instrument_id),
        older.orders.at(fill.client_order_id),
        decision_on(replica, fill.client_order_id),
        masked=masked,
    )


def _are_linked(order: OrderView, other: OrderView) -> bool:
    """Tell whether two orders are parent and child, or of one OCO group."""
    if other.client_order_id == order.parent_order_id:
        return True
    if other.parent_order_id == order.client_order_id:
        return True
    return bool(order.oco_group) and other.oco_group == order.oco_group
