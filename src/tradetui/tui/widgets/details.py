"""What a full screen shows under its list: the selected row, whole."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Final

from tradetui.domain import formatting
from tradetui.domain.replica import DecisionView, FillView, InstrumentView, OrderView
from tradetui.domain.text import printable
from tradetui.services.decision_words import deciding_gate
from tradetui.services.market_numbers import price_text, size_text
from tradetui.tui.lines import Line
from tradetui.tui.money import MASK, money_text
from tradetui.tui.widgets.lists import ListColumn, ListRow
from tradetui.tui.widgets.record_lists import order_text

_LABEL: Final = 12


def row_lines(
    columns: Sequence[ListColumn],
    row: ListRow,
    width: int,
    meanings: Mapping[str, str],
) -> list[Line]:
    """Return every cell of a row, a line each, long texts over several lines; after a code of
    ``meanings`` what it means.
    """
    lines: list[Line] = []
    for column, cell in zip(columns, row.cells, strict=True):
        if not cell.text or cell.text == "-" or not column.heading:
            continue
        label = column.heading.lower().ljust(_LABEL)
        meaning = meanings.get(cell.text)
        text = cell.text if meaning is None else f"{cell.text}: {meaning}"
        parts = textwrap.wrap(text, max(width - _LABEL - 2, 20)) or [""]
        lines.append(((f" {label}", "label"), (parts[0], cell.look)))
        lines += [((" " * (_LABEL + 1), "label"), (part, cell.look)) for part in parts[1:]]
    return lines


def order_lines(
    order: OrderView,
    instrument: InstrumentView | None,
    fills: Sequence[FillView],
    decision: DecisionView | None,
    relatives: Sequence[OrderView],
    *,
    masked: bool = False,
) -> list[Line]:
    """Return an order with what was decided on it, its fills, and the orders it belongs to."""
    lines: list[Line] = [
        (
            (f" {printable(order.client_order_id, 40)}  ", "title"),
            (order_text(order, instrument), "base"),
        )
    ]
    made, changed = formatting.timestamp(order.created_time), formatting.clock(order.updated_time)
    marks = [
        word
        for word, holds in (("post-only", order.post_only), ("reduce-only", order.reduce_only))
        if holds
    ]
    words = " ".join([order.time_in_force.value, *marks])
    lines.append(_pair("made", f"{made} UTC, changed {changed}, {words}"))
    lines.append(_pair("route", printable(order.route_id, 60)))
    if order.reason:
        lines.append(_pair("reason", printable(order.reason, 200)))
    if decision is not None:
        lines.append(_decided(decision))
    for relative in relatives:
        word = "parent" if relative.client_order_id == order.parent_order_id else "linked"
        text = f"{printable(relative.client_order_id, 40)}  {order_text(relative, instrument)}"
        lines.append(_pair(word, text))
    for fill in fills:
        lines.append(_pair("fill", fill_text(fill, instrument, masked=masked)))
    if not fills:
        lines.append(_pair("fills", "none"))
    return lines


def fill_lines(
    fill: FillView,
    instrument: InstrumentView | None,
    order: OrderView | None,
    decision: DecisionView | None,
    *,
    masked: bool = False,
) -> list[Line]:
    """Return a fill with its order and what was decided on that."""
    lines: list[Line] = [
        (
            (f" trade {printable(fill.trade_id, 40)}  ", "title"),
            (fill_text(fill, instrument, masked=masked), "base"),
        ),
        _pair("run", f"{printable(fill.run_id, 60)}, step {formatting.count(fill.seq_id)}"),
        _pair("route", printable(fill.route_id, 60)),
    ]
    if order is not None:
        text = f"{printable(order.client_order_id, 40)}  {order_text(order, instrument)}"
        lines.append(_pair("order", text))
    else:
        lines.append(
            _pair("order", f"{printable(fill.client_order_id, 40)}, no longer kept on the screen")
        )
    if decision is not None:
        lines.append(_decided(decision))
    return lines


def fill_text(fill: FillView, instrument: InstrumentView | None, *, masked: bool = False) -> str:
    """Write a fill in one line: ``BUY 0.0100 BTC at 67,412.30, fee 0.6741 USDT taker``."""
    base = instrument.base if instrument else ""
    currency = printable(fill.commission_currency, 12)
    pnl = ""
    if fill.realised_pnl and instrument is not None:
        gained = money_text(fill.realised_pnl, instrument.quote, signed=True, masked=masked)
        pnl = f", realised {gained} {instrument.quote}"
    fee = MASK if masked else formatting.fee(fill.commission, currency)
    return printable(
        f"{fill.side.value} {size_text(fill.quantity, instrument)} {base} at "
        f"{price_text(fill.price, instrument)}, fee {fee} {currency} {fill.liquidity.value}{pnl}"
    )


def _decided(decision: DecisionView) -> Line:
    word = "would" if decision.would else decision.outcome.value if decision.outcome else "-"
    gate, value, limit = deciding_gate(decision)
    found = f"{gate} {value}, limit {limit}" if limit != "-" else gate
    return _pair("decided", f"{word} at step {formatting.count(decision.seq_id)}: {found}")


def _pair(label: str, text: str) -> Line:
    return ((f" {label.ljust(_LABEL)}", "label"), (text, "base"))
