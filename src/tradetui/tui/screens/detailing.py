"""What stands under the list of a full screen: the selected row, whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tradetui.domain.replica import DecisionView, FillView, OrderView
from tradetui.tui.lines import BLANK, Line, folded, text_line
from tradetui.tui.replica import Replica
from tradetui.tui.screens.layout import Rect
from tradetui.tui.screens.older_lists import OlderLists
from tradetui.tui.widgets import details, reports
from tradetui.tui.widgets.limit_texts import LIMIT_TEXTS
from tradetui.tui.widgets.lists import ListContent, ListRow

_FIRST_TOLD: Final = ("Decisions", "Orders", "Fills")
"""Lists whose first row says more than fits in its line."""


_DETAIL_FROM: Final = 13
"""From this height on a pane shows the chosen row below its list."""
_PASSED: Final = ("ok", "allow")
"""How the line of a gate says that it passed."""


def with_detail(
    list_of: Callable[[int], list[Line]], detail: list[Line], rect: Rect, *, ascii_only: bool
) -> list[Line]:
    """Return a list in so much of a pane as what stands under it leaves: half of it at least."""
    room = min(len(detail), rect.height // 2) if rect.height >= _DETAIL_FROM else 0
    if not room:
        return list_of(rect.height)
    above = rect.height - room - 1
    lines = list_of(above)
    rule = text_line(("-" if ascii_only else "─") * rect.width, "rule")
    return [*lines, *[BLANK] * (above - len(lines)), rule, *_within(detail, room)]


def _within(detail: list[Line], room: int) -> list[Line]:
    """Return what fits and how much is left out: gates that passed before anything else, so that
    the one that did not is in sight.
    """
    if len(detail) <= room:
        return detail
    over = len(detail) - room + 1
    passed = [at for at, line in enumerate(detail) if _PASSED in line]
    if len(passed) < over:
        return [*detail[: room - 1], text_line(f" {over} more", "dim")]
    left_out = passed[-over:]
    said = {left_out[0]: text_line(f"   {over} more gates passed", "dim")}
    return [said.get(at, line) for at, line in enumerate(detail) if at not in left_out[1:]]


def detail_lines(
    content: ListContent,
    chosen: str | None,
    replica: Replica,
    tab: str,
    width: int,
    older: OlderLists,
    *,
    spare: int = 0,
    masked: bool = False,
) -> list[Line]:
    """Return what is known of the chosen row of a list.

    ``older`` has the records that were read of the journal, ``spare`` is how many lines the list
    leaves free: while no row is chosen, the first one is told if that fits there.
    """
    if chosen is None and tab in _FIRST_TOLD and content.rows:
        lines = _lines(content, content.rows[0], replica, tab, width, older, masked=masked)
        return lines if len(lines) <= spare else []
    row = next((one for one in content.rows if one.key == chosen), None)
    if row is None:
        return []
    return _lines(content, row, replica, tab, width, older, masked=masked)


def _lines(
    content: ListContent,
    row: ListRow,
    replica: Replica,
    tab: str,
    width: int,
    older: OlderLists,
    *,
    masked: bool,
) -> list[Line]:
    if tab == "Decisions":
        lines = _decision(replica, older.decisions.at(row.key))
    elif tab == "Orders":
        lines = _order(replica, older.orders.at(row.key), masked=masked)
    elif tab == "Fills":
        lines = _fill(replica, older.fills.at(row.key), older, masked=masked)
    else:
        return details.row_lines(
            content.columns, row, width, LIMIT_TEXTS if tab == "Limits" else {}
        )
    return [piece for line in lines for piece in folded(line, width)]


def decision_on(replica: Replica, order_id: str) -> DecisionView | None:
    """Return the newest decision on an order, None if it is no longer kept."""
    found = (one for one in reversed(replica.decisions) if one.client_order_id == order_id)
    return next(found, None)


def _decision(replica: Replica, decision: DecisionView | None) -> list[Line]:
    if decision is None:
        return []
    lines = reports.why_lines(decision, replica.instrument_of(decision.instrument_id))
    return [((f" {text}", look), *rest) for (text, look), *rest in lines]


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
