"""No number is ever cut by an edge: large amounts of coins and yen, in every panel and column.

What is drawn in much room tells which numbers there are; on a narrow screen each of them stands
whole, became ``#####``, or left. A part of one would be another amount of money.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec
import pytest
from tests.tui import fixtures, pages

from tradetui.domain import formatting
from tradetui.domain.ids import Currency
from tradetui.domain.replica import InstanceView, UiView
from tradetui.strategy.widget_types import Log, Metric, Table, Text
from tradetui.strategy.widgets import encode_widgets
from tradetui.tui.lines import Line, plain
from tradetui.tui.screens.layout import panel_width
from tradetui.tui.widgets.alerts import alerts_content
from tradetui.tui.widgets.bars import Tab, alert_lines, message_lines, tab_bar
from tradetui.tui.widgets.engine_figures import figures_content
from tradetui.tui.widgets.fitting import whole
from tradetui.tui.widgets.header import header_lines
from tradetui.tui.widgets.instance_columns import COLUMNS
from tradetui.tui.widgets.instances_table import (
    TableState,
    columns_of,
    make_room,
    table_lines,
    total_line,
    totals,
)
from tradetui.tui.widgets.lists import ListContent, ListState, list_lines
from tradetui.tui.widgets.page_lists import (
    exposure_content,
    limits_content,
    markets_content,
    routes_content,
)
from tradetui.tui.widgets.panel import PanelInput, panel_lines, position_title
from tradetui.tui.widgets.record_lists import decisions_content, fills_content, orders_content

WIDTHS = (60, 80, 100)
ROOM = 600
FACTOR = 12_347
ODD = 12_345_678
MONEY = (
    "approved_price", "average_price", "best", "bid", "ask", "budget", "budget_used",
    "commission", "day_loss_limit", "day_open", "day_pnl", "entry_price", "equity", "exposure",
    "exposure_limit", "fees", "fees_day", "filled_quantity", "last", "limit", "long",
    "max_loss_per_day", "open_pnl", "position", "price", "quantity", "realised_pnl", "risk",
    "shadow_pnl", "shadow_position", "short", "stop_price", "target_price", "trigger_price",
    "value", "volume", "worst", "worth",
)  # fmt: skip
NUMBER = re.compile(r"[+-]?[0-9][0-9,.]*")
FIXED = ("orders", "share")
"""Units of limits that are no money."""


def grown(record: Any, currency: Currency) -> Any:
    """Return a record with large, odd amounts, and in a currency."""
    if isinstance(record, tuple):
        return tuple(grown(one, currency) for one in record)
    if not isinstance(record, msgspec.Struct):
        return record
    if getattr(record, "unit", "") in FIXED:
        return record
    changes: dict[str, Any] = {}
    for name in record.__struct_fields__:
        value = getattr(record, name)
        if name in ("currency", "quote", "commission_currency", "reporting_currency", "unit"):
            changes[name] = currency
        elif name in ("price_decimals", "size_decimals"):
            changes[name] = 8
        elif name in MONEY and isinstance(value, int) and value:
            changes[name] = value * FACTOR + (ODD if value > 0 else -ODD)
        elif isinstance(value, tuple | msgspec.Struct):
            changes[name] = grown(value, currency)
    return msgspec.structs.replace(record, **changes)


def numbers(lines: Iterable[Line]) -> set[str]:
    """Return the numbers of four figures and more, and all with a decimal point."""
    text = "\n".join(plain(line) for line in lines)
    found = {one.rstrip(".,") for one in NUMBER.findall(text)}
    return {one for one in found if "." in one or len(one.replace(",", "")) > 3}


def check(drawn: Iterable[Line], known: set[str], width: int) -> None:
    """Check that lines are no wider than their place, and that each number in them is one."""
    lines = [plain(line)[:width] for line in drawn]  # what an edge would leave
    cut = numbers([((line, ""),) for line in lines]) - known
    assert not cut, (cut, lines)


@pytest.fixture(params=["BTC", "JPY", "USDT", "FDUSD"])
def currency(request: pytest.FixtureRequest) -> Currency:
    return Currency(request.param)


def instruments(currency: Currency) -> dict[Any, Any]:
    return {one.instrument_id: grown(one, currency) for one in fixtures.INSTRUMENTS}


def rows(currency: Currency) -> list[InstanceView]:
    return [grown(row, currency) for row in fixtures.instances()]


def table(currency: Currency, width: int, pan: int = 0) -> list[Line]:
    state = TableState(pan=pan)
    shown = rows(currency)
    said = totals(shown, masked=False)
    make_room(state, said)
    view = table_lines(
        shown, instruments(currency), state, now=fixtures.NOW, width=width, height=20
    )
    columns = columns_of(shown, width, state)
    return [*view.lines, total_line(said, columns, width, state.pan)]


@pytest.mark.parametrize("width", WIDTHS)
def test_the_instances_table(currency: Currency, width: int) -> None:
    known = numbers(table(currency, ROOM))
    assert known
    for pan in range(0, 120, 7):
        check(table(currency, width, pan), known, width)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_heading_leaves_with_its_column(currency: Currency, width: int) -> None:
    """Every word of the heading is one of a column, whole."""
    words = {
        word for column in COLUMNS for word in column.heading.format(unit=f" {currency}").split()
    }
    for pan in range(0, 120, 7):
        head = plain(table(currency, width, pan)[0]).removesuffix(">")
        assert set(head.split()) <= words | {"DECISION"}


def test_a_screen_that_hides_columns_says_so(currency: Currency) -> None:
    heads = [plain(table(currency, 60, pan)[0]) for pan in range(0, 200, 5)]
    assert heads[0].endswith(">"), "there is more to the right"
    assert not heads[-1].endswith(">"), "the end was reached"
    seen = " ".join(heads)
    assert all(f"{column} {currency}" in seen for column in ("OPEN", "DAY"))


WIDGETS = (
    Metric(label="worth", text="1,234,567,890,123.12345678", unit="BTC"),
    Metric(label="z", text="-1234.56789"),
    Table(
        columns=("price", "size"),
        rows=(("123456789.12345678", "987654321.87654321"), ("1234.5", "7654.3")),
        numeric=(True, True),
    ),
    Text(lines=("the balance is 123456789012.12345678 of it",)),
    Log(lines=("sold 123456789012.12345678 at 98765432.10987654",)),
)


def panel(
    row: InstanceView, currency: Currency, width: int, *, is_whole: bool = False
) -> list[Line]:
    found = instruments(currency)[row.instrument_id]
    orders = [grown(one, currency) for one in fixtures.orders()]
    mine = [one for one in orders if one.strategy_id == row.strategy_id]
    ui = UiView(row.strategy_id, fixtures.NOW, encode_widgets(WIDGETS))
    why = next(iter(fixtures.decisions()), None)
    data = PanelInput(row, found, mine, ui, why, fixtures.NOW, masked=False, ascii_only=True)
    bar = tab_bar(
        "x", [Tab("Chart", 1_234_567)], 0, width + 40, ascii_only=True, is_focused=False,
        right_title=position_title(data), right_at=40,
    )  # fmt: skip
    return [*panel_lines(data._replace(is_whole=is_whole), width, 60), bar]


@pytest.mark.parametrize("width", [*WIDTHS, 140, 200])
def test_the_panel(currency: Currency, width: int) -> None:
    for row in rows(currency):
        known = numbers(panel(row, currency, ROOM)) | numbers(
            panel(row, currency, ROOM, is_whole=True)
        )
        for amount in (row.budget, row.budget_used):  # the narrow form leaves the cents out
            if amount is not None:
                known.add(formatting.money(amount, "JPY"))
        drawn = panel(row, currency, panel_width(width))
        check(drawn[:-1], known, panel_width(width))
        check(drawn[-1:], known, panel_width(width) + 40)


def test_the_budget_of_a_narrow_panel_in_coins() -> None:
    row = msgspec.structs.replace(
        fixtures.instances()[1],
        currency=Currency("BTC"),
        budget=fixtures.cash("1250"),
        budget_used=0,
    )
    text = [plain(line) for line in panel(row, Currency("BTC"), 23)]
    at = next(index for index, line in enumerate(text) if line.startswith("budget"))
    assert text[at : at + 2] == ["budget  0.00000000", "        /1,250.00000000"]


def contents(currency: Currency) -> list[ListContent]:
    known = instruments(currency)
    risk = grown(pages.risk_page(), currency)
    cash = ((currency, fixtures.cash("12345678.12345678")),)
    routes = tuple(msgspec.structs.replace(one, cash=cash) for one in risk.routes)
    risk = msgspec.structs.replace(risk, currency=currency, routes=routes)
    return [
        orders_content([grown(one, currency) for one in fixtures.orders()], known),
        fills_content([grown(one, currency) for one in fixtures.fills()], known),
        decisions_content([grown(one, currency) for one in fixtures.decisions()], known),
        alerts_content(fixtures.alerts()),
        limits_content(risk, ascii_only=True),
        exposure_content(risk, ascii_only=True),
        routes_content(risk),
        markets_content(grown(pages.markets_page(), currency), known, ascii_only=True),
        figures_content(pages.diagnostics_page()),
    ]


def listed(content: ListContent, width: int) -> list[Line]:
    return list_lines(content, ListState(), width=width, height=40)


@pytest.mark.parametrize("width", WIDTHS)
def test_every_list(currency: Currency, width: int) -> None:
    for content in contents(currency):
        known = numbers(listed(content, ROOM))
        for row in content.rows:
            for cell in row.cells:
                known |= numbers([((text, ""),) for text in (cell.text, *cell.short)])
        check(listed(content, width), known, width)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_header_and_what_is_said(currency: Currency, width: int) -> None:
    header = grown(
        fixtures.header(seq_id=1_204_331_999, queue_depth=123_456, count_observe=1_234),
        currency,
    )
    known = numbers(header_lines(header, ROOM)) | numbers(header_lines(header, 159))
    check(header_lines(header, width), known, width)
    said = "sold 1,234,567.12345678 BTC at 98,765,432.10987654, realised +12,345,678.12345678 BTC"
    check(message_lines(said, width), numbers([((said, ""),)]), width)
    trouble = msgspec.structs.replace(header, trouble=f"{said} {said}")
    check(header_lines(trouble, width), known | numbers([((said, ""),)]), width)
    shown = fixtures.alerts()
    check(alert_lines(shown, width, 2), numbers(alert_lines(shown, ROOM, 2)), width)


def test_a_line_goes_on_below_with_its_numbers_whole() -> None:
    line: Line = (("budget  ", "label"), ("12.5/1,250.00", "base"))
    assert [plain(one) for one in whole(line, 40)] == ["budget  12.5/1,250.00"]
    assert [plain(one) for one in whole(line, 18)] == ["budget  12.5", "        /1,250.00"]
    assert [plain(one) for one in whole(line, 10)] == ["budget  ", "      12.5", " /1,250.00"]
    assert whole(line, 0) == [line]
    long = (("1,234,567,890.12345678", "base"),)
    assert [plain(one) for one in whole(long, 10)] == ["##########"]
    words = (("a  b c", "base"),)
    assert [plain(one) for one in whole(words, 3)] == ["a  ", "b c"]
