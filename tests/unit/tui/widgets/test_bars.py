from __future__ import annotations

import pytest
from msgspec import structs
from tests.tui.fixtures import alerts, at

from tradetui.domain.ids import StrategyId
from tradetui.tui.keymap import footer_hints
from tradetui.tui.lines import plain
from tradetui.tui.widgets.bars import Tab, alert_lines, footer_line, message_lines, tab_bar

TABS = [Tab("Chart"), Tab("Orders", 2), Tab("Fills", 14), Tab("Decisions", 31), Tab("Log")]


def test_the_tab_bar_as_drawn() -> None:
    tabs = [*TABS, Tab("Config")]
    line = tab_bar("btc-mr", tabs, 0, 80, ascii_only=True, is_focused=False)
    assert plain(line) == (
        "-- btc-mr --[Chart]-- Orders 2 -- Fills 14 -- Decisions 31 -- Log -- Config ----"
    )


ALL_TABS = [*TABS, Tab("Config"), Tab("Widgets"), Tab("State")]


@pytest.mark.parametrize("active", range(len(ALL_TABS)))
@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_chosen_tab_is_always_in_sight_and_no_tab_is_cut(active: int, width: int) -> None:
    line = plain(
        tab_bar("adabtc-gallery", ALL_TABS, active, width, ascii_only=True, is_focused=False)
    )
    assert len(line) == width
    assert f"[{ALL_TABS[active].label}" in line
    shown = [tab for tab in ALL_TABS if f" {tab.label} " in line or f"[{tab.label}" in line]
    words = line.replace("[", " ").replace("]", " ").replace("--", " ").split()
    labels = {tab.label for tab in ALL_TABS}
    assert {word for word in words if word[:1].isupper()} <= labels
    assert (shown[0] is not ALL_TABS[0]) == ("<-" in line)
    assert (shown[-1] is not ALL_TABS[-1]) == (">" in line)


def test_the_panels_title_starts_at_its_column() -> None:
    line = tab_bar(
        "btc-mr", TABS[:2], 1, 100, ascii_only=True, is_focused=True, right_title="LONG",
        right_at=60,
    )  # fmt: skip
    assert plain(line)[60:].startswith("+- LONG ---")
    assert "[Orders 2]" in plain(line)


def test_one_alert_line_says_which_of_how_many() -> None:
    (line,) = alert_lines(alerts(), 80, 1)
    assert plain(line).startswith("! 1/2 14:31:30 sol-mm ERROR, not run since")
    assert plain(line).endswith("! acts")
    assert len(plain(line)) == 80


def test_an_alert_names_its_instance_once_and_says_when_it_is_cut() -> None:
    text = "boom-ada stopped by errors: on_bar: ZeroDivisionError: division by zero, at line 29"
    one = structs.replace(alerts()[0], strategy_id=StrategyId("boom-ada"), text=text)
    for room in (1, 2):
        line = plain(alert_lines([one, alerts()[1]], 80, room)[0])
        assert line.count("boom-ada") == 1
        assert "boom-ada stopped by errors" in line
        assert "..." in line and len(line) == 80


def test_an_alert_has_as_many_clauses_as_there_is_room_for() -> None:
    text = "a-b ERROR, not run since: flat; it broke"
    ended = structs.replace(alerts()[0], text=text, mends=(), is_over=True)
    for alert, width, text in (
        (alerts()[0], 80, "ERROR, not run since: LONG 12.40 SOL with NO STOP"),
        (alerts()[0], 140, "NO STOP; ZeroDivisionError in on_book: float division by zero"),
        (alerts()[0], 180, "by zero; Enter traceback, ! exit-only or close"),
        (alerts()[1], 80, "BUY 0.3143 ETH at 3,181.20 unknown..."),
        (alerts()[0], 60, "! sol-mm ERROR, not run since: LONG 12.40 SOL with NO STOP"),
        (alerts()[1], 60, "! eth-mr order tt7k-0412 BUY 0.3143 ETH at 3,181.20 unkno..."),
        (alerts()[1], 120, "at 3,181.20 unknown 9s: asked 3 times, not found yet"),
        (ended, 68, "over: a-b ERROR, not run since: flat"),
    ):
        line = plain(alert_lines([alert], width, 1)[0])
        said = line.removesuffix("  ! acts").removesuffix("^g seen").rstrip()
        assert said.endswith(text), line


def test_two_alert_lines_name_the_key() -> None:
    first, second = alert_lines(alerts(), 120, 2)
    assert plain(first).endswith("2 open, ^g acknowledge")
    assert "unknown 9s" in plain(second)


def test_no_alert_no_line() -> None:
    assert alert_lines([], 80, 1) == []
    assert alert_lines(alerts(), 80, 0) == []


def test_the_message_is_cut_and_printable() -> None:
    line = plain(message_lines("a\x1b[31m" + "b" * 200, 40)[0])
    assert len(line) == 40
    assert line.isprintable()


@pytest.mark.parametrize(
    ("width", "said_at", "line"),
    [
        (21, at("14:32:02"), "14:32:02 saved layout"),
        (20, at("14:32:02"), "saved layout"),
        (40, 0, "saved layout"),
        (9, at("14:32:02"), "saved..."),
    ],
)
def test_a_message_stands_behind_its_clock(width: int, said_at: int, line: str) -> None:
    assert plain(message_lines("saved layout", width, said_at=said_at)[0]).rstrip() == line


def test_a_long_message_goes_on_below_and_is_cut_in_the_last_line_only() -> None:
    said = "btc-mr is active, +0.02350 BTC, 2 orders: not deleted; it must be off and flat"
    lines = message_lines(said, 40, 3, said_at=at("14:32:02"))
    assert [plain(line).rstrip() for line in lines] == [
        "btc-mr is active, +0.02350 BTC, 2",
        "orders: not deleted; it must be off and",
        "flat",
    ]
    assert [plain(line).rstrip() for line in message_lines(said, 40, 2)] == [
        "btc-mr is active, +0.02350 BTC, 2",
        "orders: not deleted; it must be off a...",
    ]


def test_nothing_said_has_no_clock() -> None:
    assert not plain(message_lines("", 40, said_at=at("14:32:02"))[0]).strip()


def test_the_footer_as_drawn() -> None:
    line = footer_line("LIVE", "mode_live", footer_hints(76, is_replay=False), 80)
    assert plain(line).rstrip() == (
        "LIVE  ? help  : command  ! STOP  o power  a activate  p pause  w why  q back"
    )


def test_a_tab_whose_rows_are_the_newest_of_more_says_so() -> None:
    line = tab_bar("", [Tab("Fills", 500, is_last=True)], 0, 40, ascii_only=True, is_focused=False)
    assert "[Fills last 500]" in plain(line)
