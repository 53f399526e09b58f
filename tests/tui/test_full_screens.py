"""The full screens: what each shows, its tabs, and the selected row whole below its list.

Also the tests of ``tui/screens/paging.py``, ``tui/widgets/page_lists.py``,
``tui/widgets/runs_list.py``, ``tui/widgets/limit_texts.py``, ``tui/dialogs/run.py``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from msgspec import structs
from msgspec.structs import replace
from tests.tui.fixtures import INSTRUMENTS, FakeEngine, instances
from tests.tui.hand import Hand, opened
from tests.tui.pages import markets_page, risk_page

from tradetui.domain.ids import StrategyId
from tradetui.tui.lines import plain
from tradetui.tui.screens.catalogue import PAGES, SCREENS
from tradetui.tui.widgets.limit_texts import LIMIT_TEXTS
from tradetui.tui.widgets.page_lists import markets_content
from tradetui.tui.widgets.reports import traceback_lines

VIEWS = {view.instrument_id: view for view in INSTRUMENTS}
KEYS = {
    "screen_orders": "3",
    "screen_fills": "4",
    "screen_decisions": "5",
    "screen_risk": "6",
    "screen_markets": "7",
    "screen_journal": "8",
    "screen_diagnostics": "9",
    "screen_alerts": "0",
    "screen_runs": "b",
    "screen_settings": "S",
}


async def at_screen(hand: Hand, *keys: str) -> list[str]:
    """Press keys, let the page come, and return the pane."""
    await hand.press(*keys)
    await hand.push()
    return hand.pane("lower")


def test_every_screen_has_a_key_and_every_page_a_screen() -> None:
    assert set(KEYS) == set(SCREENS)
    assert set(PAGES) <= {tab for screen in SCREENS.values() for tab in screen.tabs}


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (120, 40), (200, 60), (300, 90)])
async def test_every_screen_fits_every_size(size: tuple[int, int]) -> None:
    async with opened(size) as hand:
        for name, screen in SCREENS.items():
            await at_screen(hand, KEYS[name], "j")
            text = hand.screen_text()
            assert len(text) == size[1], name
            assert all(len(line) <= size[0] for line in text), name
            assert screen.title in hand.pane("lower_bar")[0]
            assert screen.tabs[0] in hand.pane("lower_bar")[0]
            assert "reading" not in "\n".join(text), name


async def test_the_tabs_of_a_screen_are_its_own() -> None:
    async with opened((120, 40)) as hand:
        await at_screen(hand, "6")
        assert "[Limits, all]" in hand.pane("lower_bar")[0]
        await at_screen(hand, "]")
        assert "[Exposure, all]" in hand.pane("lower_bar")[0]
        await at_screen(hand, "]", "]", "]")
        assert "[Limits, all]" in hand.pane("lower_bar")[0]
        await at_screen(hand, "[")
        assert "[Routes, all]" in hand.pane("lower_bar")[0]
        await at_screen(hand, "1")
        assert "risk" not in hand.pane("lower_bar")[0]


async def test_limits_say_what_is_used_and_left_the_worst_first() -> None:
    async with opened((120, 40)) as hand:
        lines = await at_screen(hand, "6")
        assert "fees_per_day" in lines[1] and "?" in lines[1]
        assert "orders_per_hour" in lines[2] and "100%" in lines[2] and "#" * 12 in lines[2]
        exposure = next(line for line in lines if "max_exposure" in line)
        assert "8,632.65" in exposure and "10,000.00" in exposure and "86%" in exposure
        assert "1,367.35" in exposure
        drawdown = next(line for line in lines if "drawdown" in line)
        assert "0.16 %" in drawdown and "5.00 %" in drawdown


async def test_a_limit_says_below_what_it_means() -> None:
    async with opened((120, 40)) as hand:
        lines = await at_screen(hand, "6", "j", "j")
        control = next(line.split() for line in lines if line.startswith(" control"))
        assert " ".join(control[1:]).endswith("orders within any hour; reached, it is exit-only")


def test_every_limit_that_a_page_may_have_is_explained() -> None:
    assert {line.control for line in risk_page().limits} <= set(LIMIT_TEXTS)
    assert all(text.isascii() and len(text) < 80 for text in LIMIT_TEXTS.values())


@pytest.mark.parametrize(
    ("size", "key", "heading"),
    [
        ((60, 16), "5", "TIME UTC INSTANCE INTENT RESULT"),
        ((60, 16), "b", "TIME UTC MODE ENDED HOW FILLS PNL"),
        ((80, 24), "7", "MARKET BID ASK LAST DAY % AGE LAST HOUR"),
    ],
)
async def test_what_a_screen_is_for_stays_on_a_narrow_one(
    size: tuple[int, int], key: str, heading: str
) -> None:
    async with opened(size) as hand:
        assert " ".join((await at_screen(hand, key))[0].split()) == heading


async def test_the_hour_of_a_market_has_the_colour_of_its_own_way() -> None:
    page = markets_page()
    falling = replace(page.markets[0], spark=(9, 8, 7))
    rows = markets_content(replace(page, markets=(falling, page.markets[1])), VIEWS).rows
    day, hour = rows[0].cells[4], rows[0].cells[6]
    assert (day.look, hour.look) == ("good", "bad")
    assert rows[1].cells[6].look == "dim"


async def test_the_orders_screen_says_that_its_count_is_of_open_ones() -> None:
    async with opened((120, 40)) as hand:
        await at_screen(hand, "3")
        assert "[Orders, all 15 open]" in hand.pane("lower_bar")[0]
        await at_screen(hand, "1")
        assert "Orders 15 " in hand.pane("lower_bar")[0]


async def test_exposure_and_routes_say_what_is_not_known() -> None:
    async with opened((120, 40)) as hand:
        await at_screen(hand, "6")
        lines = await at_screen(hand, "]")
        assert "6,698.60" in lines[1] and "8,632.65" in lines[1]
        assert next(line for line in lines if "SOL/USDT" in line).count("?") == 5
        kills = await at_screen(hand, "]")
        assert "instance sol-mm" in kills[1] and "EXIT-ONLY" in kills[1]
        routes = await at_screen(hand, "]")
        assert "sound" in routes[1] and "HALTED reports out of order" in routes[2]


async def test_markets_show_no_number_that_is_stale() -> None:
    async with opened((200, 60)) as hand:
        lines = await at_screen(hand, "7")
        assert "67,412.20" in lines[1] and "+0.77" in lines[1] and "btc-mr btc-trend" in lines[1]
        assert "STALE" in lines[2] and "142" not in lines[2]
        assert lines[3].split()[:4] == ["ETH/USDT", "-", "-", "-"]


async def test_the_journal_is_the_newest_first_and_opens_below() -> None:
    async with opened((120, 40)) as hand:
        lines = await at_screen(hand, "8", "j", "j")
        assert "Heartbeat" in lines[1] and "OrderFilled" in lines[2]
        assert lines[2].startswith(">")
        assert "1C 1F" in lines[2]
        assert any(line.split() == ["made", "1", "change,", "1", "fill"] for line in lines)
        assert any(line.strip().startswith("what") and "tt7k-0397" in line for line in lines)


async def test_a_narrow_journal_says_the_market_before_the_instance() -> None:
    async with opened((80, 24)) as hand:
        heading = (await at_screen(hand, "8"))[0].split()
        assert "MARKET" in heading


async def test_the_narrowest_limits_say_what_is_used_and_the_limit() -> None:
    async with opened((60, 16)) as hand:
        heading = (await at_screen(hand, "6"))[0].split()
        assert heading[:5] == ["SCOPE", "CONTROL", "USED", "LIMIT", "%"]


async def test_diagnostics_and_callbacks() -> None:
    async with opened((120, 40)) as hand:
        lines = await at_screen(hand, "9")
        assert "1,204,331" in lines[1] and "212 a second" in lines[1]
        lines = await at_screen(hand, "]")
        assert lines[1].split()[:2] == ["sol-mm", "ERROR"]
        assert "48,000 us" in lines[1]


@pytest.mark.parametrize(
    ("key", "says"),
    [("3", "fills"), ("4", "order"), ("5", "result"), ("0", "text")],
)
async def test_the_selected_row_is_shown_whole(key: str, says: str) -> None:
    async with opened((120, 40)) as hand:
        lines = await at_screen(hand, key, "j")
        rule = next(at for at, line in enumerate(lines) if line.startswith("-----"))
        assert any(says in line for line in lines[rule + 1 :])


async def test_an_order_shows_its_links_and_what_was_decided() -> None:
    async with opened((200, 60)) as hand:
        await at_screen(hand, "3")
        for _ in range(20):
            lines = await at_screen(hand, "j")
            if any(line.strip().startswith(("linked", "parent")) for line in lines):
                break
        else:
            pytest.fail("no order of the fixture shows the one it is linked to")


async def test_money_is_masked_on_the_pages_too() -> None:
    async with opened((120, 40)) as hand:
        await at_screen(hand, "6", "$")
        text = "\n".join(await at_screen(hand))
        assert "8,632.65" not in text and "***" in text


async def test_a_page_is_read_only_while_its_screen_is_open() -> None:
    engine = FakeEngine()
    async with opened(engine=engine) as hand:
        await hand.push()
        assert engine.asked == []
        await at_screen(hand, "7")
        assert set(engine.asked) == {"markets_page"}
        await at_screen(hand, "1")
        count = len(engine.asked)
        await hand.push()
        assert len(engine.asked) == count


async def test_a_page_that_cannot_be_read_is_said() -> None:
    engine = FakeEngine()
    engine.page_error = "no such thing \x1b[2J"
    async with opened(engine=engine) as hand:
        await at_screen(hand, "6")
        assert "the page cannot be read: no such thing" in hand.message
        assert "\x1b" not in hand.message
        engine.page_error = ""
        assert "max_exposure" in "\n".join(await at_screen(hand))


# -- one instance ------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (120, 40), (200, 60)])
async def test_the_screen_of_one_instance_has_all_its_tabs(size: tuple[int, int]) -> None:
    async with opened(size) as hand:
        await hand.press("j", "2")
        seen = []
        for _ in range(8):
            bar = hand.pane("upper_bar")[0]
            seen.append(hand.main.state.upper_tab)
            assert len(bar) <= size[0]
            await hand.press("]")
        assert seen == [
            "Chart", "Orders", "Fills", "Decisions", "Log", "Config", "Widgets", "State",
        ]  # fmt: skip
        assert hand.main.state.upper_tab == "Chart"


async def test_its_state_says_who_it_is_and_what_went_wrong() -> None:
    async with opened((120, 40)) as hand:
        await hand.press("G", "k", "2", "[")
        text = "\n".join(hand.pane("left"))
        for word in ("sol-mm", "market_maker.py", "revision", "ZeroDivisionError", "last tick"):
            assert word in text
        await hand.press("$")
        assert "2,000.00" not in "\n".join(hand.pane("left"))


async def test_its_config_lists_what_is_in_force_and_which_of_it_is_a_default() -> None:
    async def unreadable(strategy_type: str) -> dict[str, dict[str, object]]:
        raise OSError(f"no such file: {strategy_type}")

    async with opened((120, 40)) as hand:
        await hand.press("j", "2", "[", "[", "[")
        await hand.push()
        text = "\n".join(hand.pane("left"))
        assert re.search(r"stop_atr +2.5 +ATR +default", text)
        hand.app.actions.schema = unreadable  # type: ignore[method-assign]
        await hand.press("]", "[")
        await hand.push()
        assert "the settings cannot be read: no such file: mean_revert" in hand.message
        assert re.search(r"stop_atr +2.5 +ATR +default", "\n".join(hand.pane("left")))


async def test_its_widgets_have_the_whole_screen() -> None:
    async with opened((120, 40)) as hand:
        await hand.press("j", "2", "[", "[")
        assert hand.main.layout_now.panel.width == 0
        assert "z" in "\n".join(hand.pane("left"))
        await hand.press("1")
        assert "Widgets" not in hand.pane("upper_bar")[0] or (
            "[Widgets]" in hand.pane("upper_bar")[0]
        )


@pytest.mark.parametrize("width", [60, 80, 120])
async def test_the_stop_dialog_says_everything_on_the_narrowest_screen(width: int) -> None:
    long = StrategyId("a-name-of-24-characters-")
    rows = tuple(
        structs.replace(row, strategy_id=long) if row.strategy_id == "ada-test" else row
        for row in instances()
    )
    async with opened((width, 24), engine=FakeEngine(instances=rows)) as hand:
        await hand.press("!")
        lines = [line.strip("|│ ") for line in hand.pane("overlay")]
        scope = next(line for line in lines if line.startswith("scope"))
        assert "this a-" in scope and "marked 0" in scope and "> ALL 7" in scope
        assert (long in scope) is (width > 60)
        words = " ".join(lines).split()
        for said in ("no entry, no increase; exits and stops go on", "entry orders;", "stay"):
            assert set(said.split()) <= set(words)
        assert {"us", "STOP", "halt", "HALT", "CLOSE", "y"} <= set(words)


async def test_the_lower_pane_of_a_wide_screen_has_the_journal_too() -> None:
    async with opened((200, 50)) as hand:
        await hand.press("tab", "tab", *("right_square_bracket",) * 4)
        await hand.push()
        assert hand.main.state.focused_tab() == "Journal"
        bar = next(line for line in hand.screen_text() if "Journal, all" in line)
        assert bar.index("Log") < bar.index("Journal, all") < bar.index("Alerts")
        rows = hand.main.painter.content("Journal", None).rows
        assert rows and any("1,204,299" in line for line in hand.screen_text()[-13:])
        await hand.press("8")
        assert hand.main.state.focused_tab() == "Journal"


def test_a_traceback_is_told_without_the_lines_that_only_underline() -> None:
    trace = "Traceback\n  File x, line 3\n    return 1 / 0\n           ~~^~~\n\nZeroDivisionError"
    row = structs.replace(instances()[1], error="on_bar: no", traceback=trace)
    lines = [plain(line) for line in traceback_lines(row)]
    assert lines == [
        "on_bar: no", "", "Traceback", "  File x, line 3", "    return 1 / 0", "",
        "ZeroDivisionError",
    ]  # fmt: skip


@pytest.mark.parametrize("keys", [("0", "1"), ("8", "q"), ("6", ".", "1"), ("5", "j", "f"), "4z"])
async def test_the_main_screen_keeps_its_lower_tab(keys: Sequence[str]) -> None:
    async with opened((120, 40)) as hand:
        await hand.press(*keys)
        assert (hand.main.state.lower_tab, hand.main.state.zoomed) == ("Decisions", "")


async def test_a_list_of_one_instance_tells_its_row_below() -> None:
    async with opened((120, 40)) as hand:
        await hand.press("j", "2", "]", "]", "j")
        lines = hand.pane("left")
        assert lines[1].startswith(">") and "tt7k-0396" in lines[1]
        assert any(line.strip().startswith("trade t2") for line in lines)
        await hand.press("q")
        assert not any("trade t2" in line for line in hand.pane("left"))


async def test_the_runs_say_what_came_of_each_and_how_to_look_at_one() -> None:
    async with opened((100, 24)) as hand:
        lines = await at_screen(hand, "b")
        assert "TIME UTC MODE    ENDED          HOW" in lines[0]
        now, crashed, replay = (line.split() for line in lines[1:] if ":" in line)
        assert now == ["11:29:58", "LIVE", "-", "now", "-", "204,331", "88", "61", "-19.70", "USDT",
                       "not", "yet"]  # fmt: skip
        assert crashed[:6] == ["03:10:00", "LIVE", "11-20", "11:29:40", "crashed", "8h19m"]
        assert crashed[-3:] == ["USDT", "not", "yet"]
        assert crashed[6:9] == ["988,000", "1,312", "204"]
        assert replay[1] == "REPLAY" and replay[-4:] == ["?", "0", "-", "yes"]
        await hand.press("j", "j", "enter")
        assert "tradetui travel '/state dir/journal.db' --run run-1795149801" in hand.dialog
        await hand.press("escape", "$")
        assert "19.70" not in "\n".join(await at_screen(hand, "b"))


async def test_a_run_says_why_it_is_not_opened_here_and_its_command_is_copied(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    copied: list[str] = []
    async with opened((100, 24)) as hand:
        monkeypatch.setattr(hand.app, "copy_to_clipboard", copied.append)
        await hand.press("b", "j", "j", "enter")
        assert "It opens in another terminal" in hand.dialog
        assert "c copies the command   Esc or q closes" in hand.dialog
        await hand.press("j", "k", "c")
        assert copied == ["tradetui travel '/state dir/journal.db' --run run-1795149801"]
        assert "copied through the terminal" in hand.message
        assert not hand.dialog
        await hand.press("enter", "escape")
        assert not hand.dialog


async def test_runs_that_cannot_be_read_are_said() -> None:
    async with opened() as hand:
        hand.engine.page_error = "journal.db: is damaged"
        await hand.press("b")
        assert "the page cannot be read: journal.db: is damaged" in hand.message
