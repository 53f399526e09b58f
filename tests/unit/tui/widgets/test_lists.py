from __future__ import annotations

import re

import pytest
from msgspec.structs import replace
from tests.tui.fixtures import (
    INSTRUMENTS,
    alerts,
    cash,
    decisions,
    fills,
    instances,
    log,
    orders,
)
from tests.tui.pages import events_page, risk_page

from tradetui.domain.enums import OrderState, Outcome
from tradetui.domain.ids import RouteId, StrategyId
from tradetui.domain.pages import EventFilter
from tradetui.tui.actions import SettingLine
from tradetui.tui.lines import plain
from tradetui.tui.theme import load_theme
from tradetui.tui.widgets.alerts import alerts_content, sorted_alerts
from tradetui.tui.widgets.arranging import Arrangement, arranged
from tradetui.tui.widgets.fitting import UNSORTED, SortMark
from tradetui.tui.widgets.instance_columns import Cell
from tradetui.tui.widgets.lists import (
    ListColumn,
    ListContent,
    ListRow,
    ListState,
    filtered,
    list_lines,
    matcher,
)
from tradetui.tui.widgets.page_lists import events_content, limits_content
from tradetui.tui.widgets.record_lists import (
    RowCaches,
    decisions_content,
    fills_content,
    log_content,
    order_text,
    order_word,
    orders_content,
    with_routes,
)
from tradetui.tui.widgets.settings_list import settings_content

VIEWS = {view.instrument_id: view for view in INSTRUMENTS}
ETH = INSTRUMENTS[2]


TODAY = "2026-11-20"


def drawn(
    content,
    *,
    width: int = 200,
    height: int = 30,
    selected: str | None = None,
    today: str = TODAY,
    is_own: bool = False,
) -> list[str]:
    lines = list_lines(
        content, ListState(selected), width=width, height=height, today=today, is_own=is_own
    )
    return [plain(line).rstrip() for line in lines]


def decided():
    """The decisions as they are listed while there is one route."""
    return with_routes(decisions_content(decisions(), VIEWS), [RouteId("binance-spot")])


def test_decisions_say_gate_value_limit_before_and_after() -> None:
    lines = drawn(decided())
    assert lines[1].split()[:3] == ["14:32:00.413", "1,204,299", "eth-grid"]
    modified = lines[2]
    assert "max_order_notional  1,590.60   1,000.00 modify 0.5000 -> 0.3143 ETH   tt7" in modified
    assert "instance_mode" in lines[3]
    assert "exit_only              entry exits only REJECT" in lines[6]
    assert "would  would buy at 0.5232" in lines[3]
    assert "12 gates" in lines[4]
    assert "no intent" in lines[7]
    assert re.search(r"strategy: flat +no +yes +- +2 of 4 gates failed$", lines[7])


def test_fills_have_time_size_price_fee_and_order() -> None:
    line = drawn(fills_content(fills(), VIEWS))[1]
    for part in (
        "11:30:01.480",
        "btc-mr",
        "BTC/USDT",
        "BUY",
        "0.01350",
        "66,561.10",
        "0.78",
        "USDT",
    ):
        assert part in line
    assert "tt7k-0396" in line
    assert "binance-spot" in line


def test_orders_put_open_ones_first() -> None:
    closed = replace(orders()[0], state=OrderState.FILLED, is_open=False)
    content = orders_content([closed, *orders()[1:]], VIEWS)
    assert content.rows[-1].key == closed.client_order_id
    assert "UNKNOWN" in "\n".join(drawn(content))


def test_orders_show_the_time_that_they_are_in_the_order_of() -> None:
    first, second, *_ = orders()
    old = replace(first, created_time=first.created_time - 24 * 3600 * 10**9)
    late = replace(old, updated_time=second.updated_time + 10**9)
    content = orders_content([second, late], VIEWS)
    assert [row.key for row in content.rows] == [first.client_order_id, second.client_order_id]
    times = [row.cells[0].text for row in content.rows]
    assert times == sorted(times, reverse=True) == ["11:30:03", "11:30:02"]
    made = [column.heading for column in content.columns].index("MADE")
    assert [row.cells[made].text for row in content.rows] == [
        "11-19 11:30:01",
        "11-20 11:30:01",
    ]
    assert content.rows[0].day == "2026-11-20"


def test_order_words() -> None:
    order = orders()[-1]
    words = [
        order_word(
            replace(order, is_unknown=False, state=state, filled_quantity=cash("0.1")), ETH
        ).text
        for state in OrderState
    ]
    assert words == [
        "new", "sent", "open", "part 0.1000/0.3143", "filled", "cancelling", "cancelled", "refused",
        "expired",
    ]  # fmt: skip
    assert order_word(order, ETH).text == "UNKNOWN"


def test_an_order_in_one_line() -> None:
    assert order_text(orders()[0], INSTRUMENTS[1]) == (
        "SELL 0.02350 BTC stop 66,135.60, stop_loss, open"
    )


def test_without_its_instrument_a_number_is_not_known() -> None:
    line = drawn(orders_content([orders()[0]], {}))[1]
    assert line.split()[2:5] == ["?", "SELL", "?"]


def test_the_log_is_newest_first() -> None:
    lines = drawn(log_content(log()))
    assert lines[1].startswith(" 14:31:30")
    assert "error" in lines[1]


WORST_FIRST = ["a1", "a2"]


def test_alerts_are_worst_first_and_seen_ones_last() -> None:
    first, second = alerts()
    seen = replace(first, is_acknowledged=True)
    assert [alert.alert_id for alert in sorted_alerts([second, first])] == WORST_FIRST
    assert [alert.alert_id for alert in sorted_alerts([seen, second])] == WORST_FIRST[::-1]
    assert "seen" in "\n".join(drawn(alerts_content([seen])))


def test_an_empty_list_says_so() -> None:
    assert drawn(fills_content([], VIEWS))[0].startswith("  no fills yet")


def test_optional_columns_leave_on_a_narrow_screen() -> None:
    lines = drawn(decided(), width=80)
    assert "AFTER" not in lines[0]
    assert "RESULT" in lines[0]
    assert all(len(line) <= 80 for line in lines)


@pytest.mark.parametrize("width", [60, 80])
def test_no_price_or_size_of_an_intent_is_cut(width: int) -> None:
    text = "\n".join(drawn(decided(), width=width))
    for wanted in (
        "BUY 0.0600 ETH 3,152.00 ",
        "BUY 0.5000 ETH 3,181.20 ",
        "BUY 410.0 XRP market ",
        "SELL 6.20 SOL limit 142.71 ",
        "REPLACE tt7k-0399 67,624.80 ",
        "BUY 0.01000 BTC market ",
    ):
        assert wanted in text


def test_the_selection_is_marked_and_scrolled_to() -> None:
    content = orders_content(orders(), VIEWS)
    last = content.rows[-1].key
    lines = drawn(content, height=6, selected=last)
    assert lines[-1].startswith(">")
    assert drawn(content, height=6)[-1] == "  11 more below"


@pytest.mark.parametrize(
    ("pattern", "kept"),
    [("btc", 2), ("!btc", 5), ("~eth-(mr|grid)", 2), ("~[", 0), ("REJECT", 2), ("", 7)],
)
def test_filters(pattern: str, kept: int) -> None:
    content = decisions_content(decisions(), VIEWS)
    if pattern == "btc":
        pattern = "btc-mr"
        kept = 2
    if pattern == "!btc":
        pattern = "!btc-mr"
    assert len(filtered(content, pattern).rows) == kept


def test_a_filter_ignores_case_and_negates_expressions() -> None:
    assert matcher("BTC")("btc-mr")
    assert not matcher("!~^btc")("btc-mr")


def test_result_words_of_outcomes() -> None:
    rows = decisions_content(decisions(), VIEWS).rows
    words = {cell.text for row in rows for cell in row.cells}
    assert {"REJECT", "modify", "allow", "would"} <= words
    assert Outcome.REJECT.value not in words


def test_hostile_text_is_made_printable() -> None:
    line = replace(log()[0], text="\x1b]0;pwned\x07 [red]x[/red] \u202e")
    text = "\n".join(drawn(log_content([line])))
    assert "\x1b" not in text
    assert "[red]x[/red]" in text
    assert "\u202e" not in text


DAYS = ListContent(
    (
        ListColumn("TIME UTC", 8),
        ListColumn("INSTANCE", 10),
        ListColumn("MADE", 4, leaves=6),
        ListColumn("WHAT", 0),
    ),
    tuple(
        ListRow(
            str(at),
            "btc-mr",
            (Cell(f"{23 - at % 24:02d}:00:00"), Cell("btc-mr"), Cell("1T"), Cell(f"what {at}")),
            f"2026-11-{20 - at // 24:02d}",
        )
        for at in range(60)
    ),
    "nothing",
)


def test_a_line_says_the_date_where_the_day_changes() -> None:
    lines = drawn(DAYS, height=70)
    assert lines[1].split()[0] == "23:00:00"
    assert [at for at, line in enumerate(lines) if line.strip().startswith("2026")] == [25, 50]
    assert lines[25].strip() == "2026-11-19"
    assert lines[26].split()[0] == "23:00:00"


def test_the_date_stands_first_when_the_first_row_is_not_of_today() -> None:
    lines = drawn(DAYS, height=10, today="2026-11-21")
    assert lines[1].strip() == "2026-11-20"
    assert lines[-1].strip() == "53 more below"


def test_a_list_follows_its_newest_rows_when_the_chosen_one_is_there_no_more() -> None:
    state = ListState(DAYS.rows[-1].key)
    list_lines(DAYS, state, width=100, height=10, today=TODAY)
    assert state.top > 0
    aged = DAYS._replace(rows=DAYS.rows[:-1])
    lines = [plain(line) for line in list_lines(aged, state, width=100, height=10, today=TODAY)]
    assert state.top == 0
    assert lines[1].split()[0] == DAYS.rows[0].cells[0].text


@pytest.mark.parametrize("at", [12, 30, 59])
def test_a_list_that_shows_older_rows_says_how_many_are_newer(at: int) -> None:
    state = ListState(DAYS.rows[at].key)
    drawn_lines = list_lines(DAYS, state, width=100, height=10, today=TODAY)
    lines = [plain(line).strip() for line in drawn_lines]
    assert lines[-1].startswith(f"{state.top} newer above")
    assert any(line.startswith(">") for line in lines)
    assert len(lines) <= 10


@pytest.mark.parametrize("selected", [0, 22, 23, 24, 25, 47, 48, 59])
def test_the_selection_stays_in_sight_beside_lines_of_dates(selected: int) -> None:
    for height in range(2, 30):
        lines = drawn(DAYS, height=height, selected=str(selected))
        assert len(lines) <= height
        assert sum(line.startswith(">") for line in lines) == 1


def test_rows_sorted_by_something_else_have_their_date_in_the_row() -> None:
    lines = drawn(arranged(DAYS, Arrangement("WHAT", True)), height=70)
    assert not any(line.strip().startswith("2026") for line in lines)
    assert lines[1].split()[:2] == ["11-20", "14:00:00"]
    assert drawn(arranged(DAYS, Arrangement("TIME UTC")), height=4)[1].strip() == "2026-11-18"


@pytest.mark.parametrize(
    ("descending", "ascii_only", "shape"),
    [(False, False, "▴"), (True, False, "▾"), (False, True, "^"), (True, True, "v")],
)
def test_the_sorted_column_has_a_shape_behind_its_heading(
    descending: bool, ascii_only: bool, shape: str
) -> None:
    columns = (
        ListColumn("NAME", 8),
        ListColumn("SIZE", 6, right=True),
        ListColumn("", 3),
        ListColumn("FULL", 4),
    )
    rows = tuple(ListRow(key, "", (Cell(key), Cell("1"), Cell("#"), Cell("x"))) for key in "ab")
    for heading in ("NAME", "SIZE", "FULL"):
        content = ListContent(columns, rows, "", SortMark(heading, descending))
        head = plain(list_lines(content, ListState(), width=30, height=5, ascii_only=ascii_only)[0])
        assert f"{heading}{shape}" in head and head.count(shape) == 1
        unsorted = content._replace(sort=UNSORTED)
        bare = plain(
            list_lines(unsorted, ListState(), width=30, height=5, ascii_only=ascii_only)[0]
        )
        assert head.replace(shape, " ") == bare
        assert shape not in bare


def test_sorting_by_time_knows_the_day() -> None:
    rows = arranged(DAYS, Arrangement("TIME UTC")).rows
    assert [row.key for row in rows] == [str(at) for at in reversed(range(60))]


def test_a_list_of_one_instance_does_not_repeat_it() -> None:
    lines = drawn(DAYS, height=5, is_own=True)
    assert "INSTANCE" not in lines[0] and "btc-mr" not in lines[1]
    assert "what 0" in lines[1]


def test_a_column_that_takes_the_rest_keeps_room_enough_to_read() -> None:
    rows = tuple(
        ListRow(row.key, "", (*row.cells[:3], Cell("a sentence of some forty letters or so")))
        for row in DAYS.rows
    )
    assert "MADE" in drawn(DAYS._replace(rows=rows), width=47, height=5)[0]
    lines = drawn(DAYS._replace(rows=rows), width=42, height=5)
    assert "MADE" not in lines[0]
    assert "a sentence of so" in lines[1]


def test_no_number_is_cut_by_the_edge_of_a_narrow_screen() -> None:
    columns = (ListColumn("ID", 10), *(ListColumn(f"N{n}", 11, right=True) for n in range(5)))
    row = ListRow("a", "", (Cell("a"), *(Cell("67,412.30") for _ in range(5))))
    for width in range(24, 90):
        lines = drawn(ListContent(columns, (row,), ""), width=width)
        words = lines[1].split()
        assert words[0] == "a" and set(words[1:]) == {"67,412.30"}
        assert all(len(line) <= width for line in lines)


def test_orders_and_fills_that_never_left_the_house_say_so_at_every_width() -> None:
    shadow = replace(orders()[0], is_shadow=True)
    content = orders_content([shadow, orders()[1]], VIEWS)
    lines = drawn(content)
    assert "would open" in lines[2]
    assert "would" not in lines[1]
    line = drawn(fills_content([replace(fills()[0], is_shadow=True)], VIEWS))[1]
    assert f"would {fills()[0].side.value}" in line


def test_written_rows_are_kept_of_all_and_of_the_last_seen_instance() -> None:
    caches = RowCaches()
    orders_of_all, fills_of_all = caches.of("Orders", None), caches.of("Fills", None)
    first = caches.of("Orders", "sol-dip")
    assert caches.of("Orders", "sol-dip") is first
    assert caches.of("Fills", "sol-dip") is not first
    assert caches.of("Orders", "sol-dip") is first
    caches.of("Orders", "eth-mm")
    assert caches.of("Orders", "sol-dip") is not first
    assert caches.of("Orders", None) is orders_of_all
    assert caches.of("Fills", None) is fills_of_all
    caches.clear()
    assert caches.of("Orders", None) is not orders_of_all


def test_routes_are_drawn_where_there_are_several() -> None:
    content = decisions_content(decisions(), VIEWS)
    routes = [one.route_id for one in decisions()]
    assert "ROUTE" not in drawn(with_routes(content, routes), width=200)[0]
    observing = [*routes, RouteId("shadow:btc-mr"), None]
    assert "ROUTE" not in drawn(with_routes(content, observing), width=200)[0]
    several = drawn(with_routes(content, [*routes, RouteId("kraken-spot")]), width=200)
    assert several[0].split()[:5] == ["TIME", "UTC", "SEQ", "INSTANCE", "ROUTE"]
    assert "binance-spot" in several[1]
    narrow = drawn(with_routes(content, [*routes, RouteId("kraken-spot")]), width=80)
    assert "ROUTE" not in narrow[0], "it leaves first"


def test_a_line_of_the_log_says_whose_market_it_is() -> None:
    rows = {view.strategy_id: view for view in instances()}
    lines = drawn(log_content(log(), None, rows), width=120)
    assert lines[0].split() == ["TIME", "UTC", "LEVEL", "INSTANCE", "MARKET", "TEXT"]
    assert lines[1].split()[2:4] == ["sol-mm", "SOL/USDT"]
    other = replace(rows[StrategyId("sol-mm")], account="kraken/main")
    lines = drawn(log_content(log(), None, rows | {other.strategy_id: other}), width=120)
    assert "ACCOUNT" in lines[0] and "kraken/main" in lines[1]
    assert "-" in drawn(log_content([replace(log()[0], strategy_id=None)], None, rows))[1]


@pytest.mark.parametrize(("width", "part"), [(60, "part 51%"), (80, "part 51%"),
                                             (120, "part 0.01200/0.02350")])  # fmt: skip
def test_a_state_says_on_a_narrow_screen_how_much_is_filled(width: int, part: str) -> None:
    first, second, *_ = orders()
    given = [
        replace(first, state=OrderState.PARTIALLY_FILLED, filled_quantity=cash("0.012")),
        replace(second, state=OrderState.FILLED, is_open=False, is_shadow=True),
        replace(second, state=OrderState.CANCELLED, is_open=False, is_shadow=True),
    ]
    lines = drawn(orders_content(given, VIEWS), width=width)
    is_wide = width == 120
    assert part in lines[1]
    assert ("would filled" if is_wide else "would fill") in lines[2]
    words = {60: "would canc ", 80: "would cancel ", 120: "would cancelled "}
    assert words[width] in f"{lines[3]} "
    assert "..." not in "".join(lines)


def test_the_limit_of_a_decision_outlives_the_ends_of_its_intent() -> None:
    long = replace(decisions()[1], intent="SELL 0.00037 BTC limit 70,760.04 post-only reduce-only")
    given = [long, *decisions()]
    lines = drawn(with_routes(decisions_content(given, VIEWS), []), width=120)
    assert lines[0].split()[-3:] == ["VALUE", "LIMIT", "RESULT"]
    row = next(line for line in lines if "SELL 0.00037" in line)
    assert "70,760.04" in row and row.endswith("entry exits only REJECT")


def test_no_time_is_cut_where_orders_of_two_days_are_sorted() -> None:
    yesterday = 86_400 * 10**9
    made = [
        replace(one, updated_time=one.updated_time - yesterday * (at % 2), is_shadow=True)
        for at, one in enumerate(orders())
    ]
    content = arranged(orders_content(made, VIEWS), Arrangement(sort="MARKET"))
    lines = drawn(content, width=80)
    times = [line[1:].split()[:2] for line in lines[1:]]
    assert all(re.fullmatch(r"11-(19|20)", day) for day, _ in times if day.startswith("11-"))
    assert sum(bool(re.fullmatch(r"[0-9:]{8}", time)) for _, time in times) == len(made)


def test_a_bar_goes_through_every_cell_of_the_chosen_row() -> None:
    theme, content = load_theme("high-contrast"), decided()
    state = ListState(selected=content.rows[1].key)
    rows = list_lines(content, state, width=120, height=8, today=TODAY)[1:6]
    assert [plain(line)[0] for line in rows] == [" ", ">", " ", " ", " "]
    for line in rows:
        barred = {bool(theme.style(look).reverse) for _, look in line}
        assert barred == {plain(line).startswith(">")}
    wide = list_lines(content, state, width=300, height=8, today=TODAY)[2]
    assert plain(wide).startswith(">") and len(plain(wide)) == 300
    assert theme.style(wide[-1][1]).reverse


@pytest.mark.parametrize("width", [60, 80, 200])
def test_a_narrow_list_of_limits_still_names_the_instance(width: int) -> None:
    lines = drawn(limits_content(risk_page()), width=width)
    named = "instance sol-mm" if width > 60 else "sol-mm"
    assert lines[1].split("  ")[0].strip() == named


def test_settings_at_60_cells_are_told_whole() -> None:
    told = (SettingLine("layout", "table auto, panel auto, lower auto", ":size"),)
    assert told[0].value in drawn(settings_content(told), width=60)[1]


def test_a_narrow_list_gives_up_milliseconds_before_a_column() -> None:
    narrow = replace(decisions()[-2], intent="BUY 0.067116341 BTC limit 114,899.5 post-only")
    content = with_routes(decisions_content([narrow], VIEWS), [])
    assert drawn(content, width=60)[1].split()[0] == "14:31:58"
    assert drawn(content, width=60)[0].split()[-1] == "RESULT"
    assert drawn(content, width=80)[1].split()[0] == "14:31:58.006"


def test_a_narrow_list_that_is_not_by_time_keeps_the_day_of_each_row() -> None:
    narrow = replace(decisions()[-2], intent="BUY 0.067116341 BTC limit 114,899.5 post-only")
    content = with_routes(decisions_content([narrow], VIEWS), [])
    sorted_by = content._replace(sort=SortMark("RESULT"))
    assert drawn(sorted_by, width=60, today="2026-11-21")[1].split()[:2] == ["11-20", "14:31:58"]


def test_milliseconds_go_before_a_name_that_can_only_be_cut() -> None:
    rows = events_content(events_page(EventFilter(), 9), VIEWS)
    lines = drawn(rows, width=60)
    assert any("OperatorNoted" in line for line in lines)
    assert lines[1].split()[0] == "14:32:06"


def test_an_export_of_fills_has_their_fees_and_profits_as_the_journal_has_them() -> None:
    fill = replace(fills()[0], commission=49948979, commission_currency="USDT", realised_pnl=-1)
    shown = fills_content([fill], VIEWS).rows[0].cells
    assert (shown[6].text, shown[6].exact) == ("0.4995 USDT", "0.49948979 USDT")
    assert (shown[7].text, shown[7].exact) == ("0.00", "-0.00000001 USDT")
    masked = fills_content([fill], VIEWS, masked=True).rows[0].cells
    assert (masked[6].exact, masked[7].exact) == ("", "")
