from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from tests.tui.fixtures import INSTRUMENTS, NOW, cash, instances

from tradetui.domain.enums import InstanceMode, InstanceState, Outcome
from tradetui.domain.ids import Currency, StrategyId
from tradetui.domain.units import NANOS_PER_SECOND
from tradetui.tui.lines import plain
from tradetui.tui.widgets.instance_columns import (
    COLUMNS,
    RowContext,
    decision_word,
)
from tradetui.tui.widgets.instances_table import (
    TableState,
    chosen_columns,
    make_room,
    table_lines,
    total_line,
    totals,
    window,
)

ROWS = instances()
VIEWS = {view.instrument_id: view for view in INSTRUMENTS}
NARROW = """\
  ID         MARKET   STATE       POSITION GUARD ORD OPEN USDT  DAY USDT LAST
  ada-test   ADA/BTC  off                - -      -          -         - -
> btc-mr     BTC/USDT ACTIVE      +0.02350 venue  2     +20.00    +46.92 allow
  btc-trend  BTC/USDT exit-only   +0.01000 venue  1      -6.08    -24.90 REJECT
  eth-grid   ETH/USDT blocked      +0.8400 none  11     +11.21    +14.06 REJECT
  eth-mr     ETH/USDT blocked       0.0000 -      1?      0.00    -31.44 modify
  sol-mm     SOL/USDT ERROR         +12.40 NONE   0      -8.18    -24.34 allow
  xrp-bb     XRP/USDT observe          0.0 -      0       0.00      0.00 would
"""
WIDE_HEAD = (
    "  ID           STRATEGY      ACCOUNT      MARKET    MODE    STATE           PRICE  AGE    "
    "POSITION       ENTRY        STOP GUARD ORD  OPEN USDT   DAY USDT FEES DAY LAST TICK NEXT "
    "LAST DECISION"
)
WIDE_ROW = (
    "> btc-mr       mean_revert   binance/main BTC/USDT  active  ACTIVE      67,412.30 0.4s    "
    "+0.02350   66,561.10   66,135.60 venue  2      +20.00     +46.92     3.31 14:31:36  0:29 "
    "14:30:00 allow"
)
TOTAL = "  total 7" + " " * 120 + "15      +16.95     -19.70    16.56"


def drawn(rows=ROWS, *, width: int = 80, height: int = 8, **more: Any) -> list[str]:
    state = more.pop("state", None) or TableState(selected=StrategyId("btc-mr"))
    view = table_lines(rows, VIEWS, state, now=NOW, width=width, height=height, **more)
    return [plain(line).rstrip() for line in view.lines]


def changed(index: int, **fields: Any):
    rows = list(ROWS)
    rows[index] = replace(rows[index], **fields)
    return rows


def keys_at(width: int, rows=ROWS) -> list[str]:
    return [column.key for column, _ in chosen_columns(rows, width, {}, frozenset())]


def without_curve() -> TableState:
    return TableState(selected=StrategyId("btc-mr"), hidden=frozenset({"curve"}))


def test_80_cells_as_drawn() -> None:
    assert drawn() == NARROW.splitlines()


def test_200_cells_as_drawn() -> None:
    lines = drawn(width=200, state=without_curve())
    assert lines[0] == WIDE_HEAD
    assert lines[2] == WIDE_ROW


def test_the_total_adds_up_as_drawn() -> None:
    columns = chosen_columns(ROWS, 200, {}, frozenset({"curve"}))
    assert plain(total_line(totals(ROWS, masked=False), columns, 200, 0)).rstrip() == TOTAL


def test_columns_join_in_their_order() -> None:
    joined: list[str] = []
    previous = set(keys_at(80))
    for width in range(80, 210):
        now = set(keys_at(width))
        joined += sorted(now - previous)
        assert not previous - now
        previous = now
    assert joined == [
        "mode", "age", "price", "stop", "strategy", "entry", "account", "last_tick", "next", "fees",
        "curve",
    ]  # fmt: skip


def test_the_time_of_the_decision_joins_after_the_stop() -> None:
    headings = {}
    for width in (114, 140):
        columns = chosen_columns(ROWS, width, {}, frozenset())
        headings[width] = columns[-1][0].heading
    assert headings == {114: "LAST", 140: "LAST DECISION"}


def test_columns_that_never_leave_stay_at_any_width() -> None:
    never = {column.key for column in COLUMNS if column.joins == 0}
    assert never == {"id", "market", "state", "position", "guard", "orders", "open", "day"}
    assert never <= set(keys_at(40))


def test_account_stays_while_the_rows_have_different_ones() -> None:
    assert "account" in keys_at(80, changed(0, account="kraken/x"))
    assert "last" not in keys_at(80, changed(0, account="kraken/x"))


def test_the_curve_joins_last_and_from_200_cells_on() -> None:
    widths = [w for w in range(80, 240) if "curve" in keys_at(w)]
    assert widths == list(range(widths[0], 240))
    assert widths[0] in range(190, 201)
    assert all(len(keys_at(width)) == len(COLUMNS) for width in widths)
    head, *_, row = drawn(width=200)[:3]
    assert "CURVE" in head and len(head) <= 200
    assert all(column.heading.split("{")[0] in head for column in COLUMNS)
    assert not row.isascii() and "#" not in row


def test_a_column_that_grows_takes_the_place_of_the_curve() -> None:
    long = changed(1, strategy_type="a_strategy_of_a_long_name")
    assert "CURVE" not in drawn(long, width=199)[0] and "ACCOUNT" in drawn(long, width=199)[0]
    assert all(word in drawn(long, width=230)[0] for word in ("CURVE", "ACCOUNT"))


def test_an_account_that_all_rows_have_leaves_its_place_to_the_curve() -> None:
    long = changed(1, strategy_type="a_strategy_of_a_long_name")
    head = drawn(long, width=200)[0]
    assert "CURVE" in head and "ACCOUNT" not in head and "FEES DAY" in head
    kept = TableState(pinned=frozenset({"account"}))
    assert "ACCOUNT" in drawn(long, width=200, state=kept)[0]
    several = [replace(row, account="kraken/x") for row in long[:1]] + long[1:]
    assert "ACCOUNT" in drawn(several, width=200)[0]
    assert "CURVE" not in drawn(several, width=200)[0]


def test_it_has_its_wide_form_where_all_others_have_theirs() -> None:
    assert drawn(width=208)[0].startswith(WIDE_HEAD[:60])


def test_a_pinned_curve_takes_the_place_of_others() -> None:
    state = TableState(pinned=frozenset({"curve"}))
    lines = drawn(width=100, state=state)
    assert "CURVE" in lines[0]
    assert lines[2].split()[-2] != "-"
    assert lines[1].split()[-2:] == ["-", "-"]
    assert all(line.isascii() for line in drawn(width=100, state=state, ascii_only=True))
    assert not all(line.isascii() for line in drawn(width=100, state=state))


def test_a_curve_looks_like_what_it_tells() -> None:
    cell = next(column for column in COLUMNS if column.key == "curve").write
    ctx = RowContext(NOW, None, masked=False, single_currency=True, ascii_only=True)
    assert cell(ROWS[1], ctx).look == "good"
    assert cell(ROWS[2], ctx).look == "bad"
    assert cell(replace(ROWS[1], course=(5, 9, 5)), ctx).look == "base"
    assert cell(replace(ROWS[1], mode=InstanceMode.OBSERVE), ctx).look == "would"
    assert len(cell(ROWS[1], ctx).text) == 8
    assert cell(ROWS[0], ctx).text == "-"


def test_an_id_is_never_cut() -> None:
    rows = changed(0, strategy_id=StrategyId("a-very-long-identifier-24"))
    lines = drawn(rows)
    assert "a-very-long-identifier-24 ADA/BTC" in lines[1]
    assert "LAST" not in lines[0]


def test_a_number_grows_its_column_and_is_never_cut() -> None:
    lines = drawn(changed(1, day_pnl=cash("-1234567.89")))
    assert "-1,234,567.89" in lines[2]


def test_a_column_never_shrinks_under_the_eyes() -> None:
    state = TableState()
    drawn(changed(1, day_pnl=cash("-1234567.89")), state=state)
    assert drawn(state=state)[0].count("LAST") == 0


def test_a_stale_price_is_not_shown_as_a_number() -> None:
    line = drawn(changed(1, is_stale=True), width=200)[2]
    assert "STALE" in line
    assert "67,412.30" not in line


def test_not_known_is_a_question_mark_and_zero_has_no_sign() -> None:
    line = drawn(changed(1, open_pnl=None, day_pnl=0))[2]
    assert line.split()[-3:] == ["?", "0.00", "allow"]


def test_different_currencies_are_named_and_never_added() -> None:
    rows = changed(6, currency=Currency("EUR"))
    lines = drawn(rows, width=200)
    assert "OPEN USDT" not in lines[0]
    assert "+20.00 USDT" in lines[2]
    columns = chosen_columns(rows, 200, {}, frozenset())
    assert "16.95" not in plain(total_line(totals(rows, masked=False), columns, 200, 0))


def test_a_sum_with_an_unknown_part_is_unknown() -> None:
    rows = changed(1, open_pnl=None)
    columns = chosen_columns(rows, 200, {}, frozenset())
    assert "?" in plain(total_line(totals(rows, masked=False), columns, 200, 0)).split()


def test_masked_money_shows_no_figures() -> None:
    lines = drawn(masked=True)
    assert "46.92" not in "".join(lines)
    assert "0.02350" not in "".join(lines)


def test_marks_and_selection_are_in_the_gutter() -> None:
    marked = {StrategyId("btc-mr"), StrategyId("eth-mr")}
    lines = drawn(state=TableState(selected=StrategyId("btc-mr"), marked=marked))
    assert lines[2].startswith(">*btc-mr")
    assert lines[5].startswith("* eth-mr")


def test_the_bar_of_the_selected_row_goes_on_where_the_columns_end() -> None:
    state = TableState(selected=StrategyId("btc-mr"))
    rows, width = instances(), 400
    *_, last = table_lines(rows, VIEWS, state, now=NOW, width=width, height=9).lines[2]
    assert last[1] == "selected" and last[0].isspace()
    state.is_plain = True
    *_, last = table_lines(rows, VIEWS, state, now=NOW, width=width, height=9).lines[2]
    assert last[1] != "selected"


def test_the_last_line_says_how_many_are_below() -> None:
    lines = drawn(height=5, state=TableState(selected=StrategyId("ada-test")))
    assert lines[-1] == "  4 more below"
    assert len(lines) == 5


def test_the_selection_is_scrolled_into_sight() -> None:
    lines = drawn(height=5, state=TableState(selected=StrategyId("xrp-bb")))
    assert lines[-1].startswith("> xrp-bb")


def test_a_screen_too_narrow_for_all_shows_the_money() -> None:
    head, *lines = drawn(width=60)
    assert head.split() == ["ID", "STATE", "POSITION", "ORD", "OPEN", "USDT", "DAY", "USDT"]
    assert not [line for line in lines if "#" in line]
    assert "GUARD" in drawn(width=66)[0] and "MARKET" not in drawn(width=66)[0]
    assert "MARKET" in drawn(width=72)[0]
    assert "GUARD" in drawn(width=60, state=TableState(pan=4))[0]


def test_columns_can_be_panned_when_they_do_not_fit() -> None:
    state = TableState(pan=8)
    assert drawn(width=60, state=state)[0].startswith("     MARKET")
    assert state.pan == 8


@pytest.mark.parametrize(
    ("count", "selected", "top", "room", "expected"),
    [
        (3, 0, 0, 5, (0, 3, 0)),
        (10, 0, 0, 5, (0, 4, 6)),
        (10, 5, 0, 5, (2, 4, 4)),
        (10, 9, 0, 5, (5, 5, 0)),
        (10, 2, 6, 5, (2, 4, 4)),
        (10, -1, 99, 5, (5, 5, 0)),
    ],
)
def test_the_window_follows_the_selection(count, selected, top, room, expected) -> None:
    assert window(count, selected, top, room) == expected


@pytest.mark.parametrize("state", list(InstanceState))
def test_each_state_is_its_word_with_its_look(state: InstanceState) -> None:
    rows = changed(1, state=state)
    view = table_lines(rows, VIEWS, TableState(), now=NOW, width=80, height=8)
    assert (state.value.ljust(9), f"state_{state.value}") in view.lines[2]


def test_decision_words() -> None:
    words = [decision_word(outcome, would=False).text for outcome in (None, *Outcome)]
    assert words == ["-", "allow", "modify", "REJECT"]
    assert decision_word(Outcome.REJECT, would=True).text == "would"


def test_a_tick_that_is_overdue_counts_to_zero() -> None:
    rows = changed(1, next_tick=NOW - NANOS_PER_SECOND)
    assert "0:00" in drawn(rows, width=200)[2]


def test_a_column_grows_to_its_total_which_is_never_cut() -> None:
    rows = [
        replace(row, currency=Currency("BTC"), open_pnl=cash("123456.78"), day_pnl=cash("-1"))
        for row in ROWS
    ]
    state = TableState()
    said = totals(rows, masked=False)
    make_room(state, said)
    table_lines(rows, VIEWS, state, now=NOW, width=200, height=20)
    columns = chosen_columns(rows, 200, state.grown, state.hidden)
    words = plain(total_line(said, columns, 200, 0)).split()
    assert said["open"] in words and said["day"] in words


@pytest.mark.parametrize("pan", range(0, 30, 3))
@pytest.mark.parametrize("width", [60, 66, 72, 80])
def test_a_number_at_the_edge_is_whole_or_not_shown(width: int, pan: int) -> None:
    state = TableState(pan=pan)
    whole = " ".join(plain(line) for line in table_lines(
        ROWS, VIEWS, TableState(), now=NOW, width=200, height=20
    ).lines).split()  # fmt: skip
    known = set(whole)
    for line in table_lines(ROWS, VIEWS, state, now=NOW, width=width, height=20).lines[1:]:
        for word in plain(line)[2:].split():
            if any(char.isdigit() for char in word) and "." in word:
                assert word in known


def test_a_row_that_would_be_the_same_is_the_line_before() -> None:
    state = TableState(selected=StrategyId("btc-mr"))

    def lines(rows=ROWS, *, width: int = 80):
        return table_lines(rows, VIEWS, state, now=NOW, width=width, height=8).lines[1:]

    first, again = lines(), lines()
    assert all(one is other for one, other in zip(first, again, strict=True))
    moved = lines(changed(2, open_pnl=cash("-7.00")))
    same = [one is other for one, other in zip(first, moved, strict=True)]
    assert same == [True, True, False, True, True, True, True]
    assert "-7.00" in plain(moved[2])
    state.selected, state.marked = StrategyId("btc-trend"), {StrategyId("xrp-bb")}
    chosen = lines()
    same = [one is other for one, other in zip(first, chosen, strict=True)]
    assert same == [True, False, False, True, True, True, False]
    assert lines(width=200) != chosen
    assert set(state.lines) == {row.strategy_id for row in ROWS}
