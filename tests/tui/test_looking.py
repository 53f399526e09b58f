"""Keys that look or move.

Also the tests of ``tui/screens/drawing.py``, ``tui/screens/keys.py``,
``tui/screens/main.py``, ``tui/screens/moves.py``, ``tui/screens/reading.py``,
``tui/screens/state.py``,
``tui/widgets/line_view.py``.
"""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace
from tests.tui.fixtures import FakeEngine, at, decisions, fills, header, instances, orders
from tests.tui.hand import key_event, opened

from tradetui.domain.enums import InstanceState, Severity
from tradetui.domain.ids import StrategyId
from tradetui.domain.replica import InstanceGone, LogView, UiChanged
from tradetui.tui import keymap
from tradetui.tui.output import CellRuns
from tradetui.tui.screens import travelling
from tradetui.tui.screens.hints import HINT_SECONDS, STAYS_SECONDS
from tradetui.tui.widgets.record_lists import decision_key


async def test_the_selection_moves_and_stays_within_the_rows() -> None:
    async with opened() as hand:
        selected = lambda: hand.main.state.table.selected  # noqa: E731 - read again each time
        assert selected() == "ada-test"
        await hand.press("j")
        assert selected() == "btc-mr"
        await hand.press("G")
        assert selected() == "xrp-bb"
        await hand.press("down")
        assert selected() == "xrp-bb"
        await hand.press("g", "k")
        assert selected() == "ada-test"
        await hand.press("ctrl+d")
        assert selected() == "eth-mr"
        await hand.press("pageup")
        assert selected() == "ada-test"


async def test_the_whole_screen_at_80x24() -> None:
    async with opened() as hand:
        await hand.press("j")
        text = hand.screen_text()
        assert len(text) == 24
        assert text[0].startswith(" LIVE  binance/main   kill NORMAL")
        assert text[5].startswith("> btc-mr     BTC/USDT ACTIVE")
        assert text[11].startswith("-- btc-mr --[Chart]-- Orders 2 -- Fills 2 --")
        assert text[12][55:] == "| LONG    0.02350 BTC"
        assert ">67,412.30" in "\n".join(text)
        assert text[23].endswith("w why  q back")
        assert all(line.isascii() for line in text)


async def test_the_selection_follows_the_id_when_rows_come_and_go() -> None:
    async with opened() as hand:
        await hand.press("j", "j")
        await hand.push(InstanceGone(StrategyId("ada-test")))
        assert hand.main.state.table.selected == "btc-trend"
        await hand.push(InstanceGone(StrategyId("btc-trend")))
        assert hand.main.state.table.selected == "eth-grid"
        assert hand.message == "btc-trend is gone: eth-grid is selected now"


async def test_the_row_above_is_selected_when_the_last_one_goes() -> None:
    async with opened() as hand:
        await hand.press("G")
        await hand.push(InstanceGone(StrategyId("xrp-bb")))
        assert hand.main.state.table.selected == "sol-mm"


@pytest.mark.parametrize(("key", "tab"), [("f", "Fills"), ("d", "Decisions")])
async def test_f_and_d_show_the_instances_own(key: str, tab: str) -> None:
    async with opened() as hand:
        await hand.press("j", key)
        assert f"[{tab} 2]" in hand.pane("upper_bar")[0]
        assert hand.main.state.focus == "upper"
        await hand.press("q")
        assert hand.main.state.focus == "table"


async def test_tabs_walk_both_ways() -> None:
    async with opened() as hand:
        seen = []
        for _ in range(6):
            await hand.press("]")
            seen.append(hand.main.state.upper_tab)
        assert seen == ["Orders", "Fills", "Decisions", "Log", "Config", "Chart"]
        await hand.press(",")
        assert hand.main.state.upper_tab == "Config"
        assert "config 7, set 2026-11-18 09:12:00 by op" in hand.pane("left")[0]


async def test_panes_take_the_keys_in_turn() -> None:
    async with opened((200, 50)) as hand:
        focus = []
        for _ in range(3):
            await hand.press("tab")
            focus.append(hand.main.state.focus)
        assert focus == ["upper", "lower", "table"]
        await hand.press("shift+tab")
        assert hand.main.state.focus == "lower"
        await hand.press("]")
        assert hand.main.state.lower_tab == "Orders"


async def test_the_crosshair_reads_candles() -> None:
    async with opened() as hand:
        await hand.press("j", "tab", "enter")
        assert hand.pane("left")[0].startswith("14:30  o ")
        await hand.press("h", "h")
        assert hand.pane("left")[0].startswith("14:20  o ")
        await hand.press("l")
        assert hand.pane("left")[0].startswith("14:25  o ")
        await hand.press("escape")
        assert not hand.pane("left")[0].startswith("14:25")


async def test_the_chart_pans_zooms_and_changes_its_timeframe() -> None:
    async with opened() as hand:
        await hand.press("j", "tab")
        plain = hand.pane("left")
        await hand.press("h")
        assert hand.main.state.chart.pan == 5
        await hand.press("l", "+")
        assert hand.main.state.chart.zoom == 1
        await hand.press("-")
        assert hand.pane("left") == plain
        await hand.press("t")
        assert hand.message == "timeframe 15m"
        await hand.press("T")
        assert hand.message == "timeframe 5m"


async def test_the_bar_over_the_chart_says_how_long_its_candles_are() -> None:
    async with opened((200, 50)) as hand:
        await hand.press("j", "tab")
        said = []
        for _ in range(4):
            word = hand.pane("left")[0].split()[0]
            assert f"BTC/USDT {word} " in hand.pane("upper_bar")[0]
            said.append(word)
            await hand.press("-")
            await hand.push()
        assert said == ["5m", "10m", "15m", "30m"]


async def test_g_and_shift_g_go_to_the_oldest_and_the_newest_candle() -> None:
    async with opened() as hand:
        await hand.press("j", "tab")
        newest = hand.pane("left")
        await hand.press("g")
        assert "back" in hand.pane("left")[0]
        oldest = hand.main.state.chart.pan
        await hand.press("h")
        assert hand.main.state.chart.pan == oldest
        await hand.press("pagedown")
        assert 0 < hand.main.state.chart.pan < oldest
        await hand.press("G")
        assert hand.pane("left") == newest


async def test_the_price_scale_is_logarithmic_on_request() -> None:
    async with opened() as hand:
        await hand.press("j", "%")
        assert hand.message == "logarithmic price scale"
        assert "log" in hand.pane("left")[0]
        await hand.press("%")
        assert hand.message == "linear price scale"
        assert "log" not in hand.pane("left")[0]


async def test_a_log_scale_is_refused_in_plain_words_where_a_price_is_not_above_zero() -> None:
    engine = FakeEngine()
    ask = engine.chart

    async def with_zero(*asked: object) -> object:
        view = await ask(*asked)
        if view is None:
            return None
        bars = (replace(view.bars[0], low=0), *view.bars[1:])
        return replace(view, bars=bars)

    engine.chart = with_zero  # type: ignore[assignment,method-assign]
    async with opened(engine=engine) as hand:
        await hand.press("j", "%")
        assert hand.message == "no log scale: a price here is not above 0"
        assert not hand.main.state.chart.is_log


async def test_z_zooms_the_focused_pane_and_back() -> None:
    async with opened() as hand:
        await hand.press("j", "tab", "z")
        assert hand.main.layout_now.table.height == 0
        assert hand.main.layout_now.left.height == 18
        await hand.press("z")
        assert hand.main.layout_now.table.height == 8


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("3", "tt7k-0398"),
        ("4", "66,561.10"),
        ("5", "max_order_notional"),
        ("6", "max_exposure"),
        ("7", "67,412.20"),
        ("8", "Heartbeat"),
        ("9", "event lag"),
        ("0", "NO STOP"),
    ],
)
async def test_digits_open_screens_and_1_comes_back(key: str, says: str) -> None:
    async with opened((120, 40)) as hand:
        await hand.press(key)
        assert says in "\n".join(hand.pane("lower"))
        assert hand.main.layout_now.table.height == 0
        await hand.press("1")
        assert hand.main.layout_now.table.height > 0
        assert hand.main.state.focus == "table"


async def test_2_shows_the_instance_whole() -> None:
    async with opened() as hand:
        await hand.press("j", "2")
        assert hand.main.layout_now.panel.height == 18
        await hand.press("q")
        assert hand.main.layout_now.table.height == 8


async def test_a_filter_is_named_as_long_as_it_holds() -> None:
    async with opened() as hand:
        await hand.press("/", *"sol", "enter")
        assert hand.pane("table")[2] == "  filter sol shows 1 of 7: / changes it, Esc clears it"
        await hand.press("escape")
        assert not any("filter" in line for line in hand.pane("table"))


async def test_keys_never_act_on_a_row_that_the_filter_leaves_out() -> None:
    async with opened() as hand:
        await hand.press("j")
        assert hand.main.state.table.selected == "btc-mr"
        await hand.press("/", *"sol", "enter")
        assert hand.main.state.table.selected == "sol-mm"
        await hand.press(":", *"btc-mr", "enter")
        await hand.press("p")
        assert hand.message == "btc-mr is not in the filtered table: j chooses, Esc clears"
        assert hand.main.dialog is None
        await hand.press("escape", "p")
        assert hand.main.dialog is not None


async def test_the_filter_narrows_and_escape_clears() -> None:
    async with opened() as hand:
        await hand.press("/")
        await hand.type("eth")
        assert hand.message.startswith("/eth")
        await hand.press("enter")
        shown = [line[2:].split()[0] for line in hand.pane("table")[1:]]
        assert shown == ["eth-grid", "eth-mr", "filter"]
        await hand.press("q")
        assert len(hand.pane("table")) == 8
        await hand.press("/")
        await hand.type("zzz")
        assert "no instance matches" in hand.pane("table")[1]
        await hand.press("escape")
        assert len(hand.pane("table")) == 8


async def test_marks_and_masks() -> None:
    async with opened((120, 40)) as hand:
        await hand.press(" ")
        assert hand.main.state.table.marked == {"ada-test"}
        await hand.press("*")
        assert len(hand.main.state.table.marked) == 7
        await hand.press("*", "m")
        assert hand.main.state.table.marked == {"ada-test"}
        await hand.press("$")
        assert "12,480" not in "\n".join(hand.screen_text())
        assert "46.92" not in "\n".join(hand.screen_text())


async def test_enter_opens_the_traceback_of_an_error() -> None:
    async with opened() as hand:
        await hand.press("G", "k", "enter")
        assert "ZeroDivisionError in on_book" in hand.dialog
        assert "line 61, in on_book" in hand.dialog
        await hand.press("q")
        assert hand.dialog == ""


async def test_enter_on_an_instance_shows_it_and_on_a_row_shows_it_whole() -> None:
    async with opened() as hand:
        await hand.press("j", "enter")
        assert hand.main.state.zoomed == "upper"
        await hand.press("1", "3", "j", "enter")
        assert "ORDER" in hand.dialog
        assert "oco" not in hand.dialog
        assert "tt7k" in hand.dialog


async def test_why_shows_the_chain_of_the_row() -> None:
    async with opened((120, 40)) as hand:
        await hand.press("j", "w")
        assert "REPLACE tt7k-0399" in hand.dialog
        await hand.press("escape", "5", "j", "j", "w")
        assert "risk on binance-spot, profile default" in hand.dialog
        assert "max_order_notional" in hand.dialog
        assert "1,590.60" in hand.dialog
        assert "FAIL" in hand.dialog
        await hand.press("escape", "1", "g", "w")
        assert "nothing decided yet" in hand.message


async def test_why_shows_the_gates_of_a_signal_that_became_no_order() -> None:
    async with opened((120, 40)) as hand:
        await hand.press("5", "G", "enter")
        assert "signal long" in hand.dialog
        assert "66,958.10" in hand.dialog


async def test_help_is_the_binding_table() -> None:
    async with opened((120, 60)) as hand:
        await hand.press("?")
        shown = hand.dialog
        await hand.press("ctrl+d")
        shown += hand.dialog
        await hand.press("G")
        shown += hand.dialog
        for binding in keymap.BINDINGS:
            assert binding.text in shown
        await hand.press("?")
        assert hand.dialog == ""


async def test_copy_goes_through_the_terminal(monkeypatch) -> None:
    async with opened() as hand:
        copied = []
        monkeypatch.setattr(hand.app, "copy_to_clipboard", copied.append)
        await hand.press("j", "c", "enter", "3", "j", "c", "j", "j", "enter")
        assert copied[0].splitlines()[1].startswith("btc-mr\t")
        assert json.loads(copied[1])["instance"]


async def test_repaint_takes_a_fresh_snapshot() -> None:
    async with opened() as hand:
        hand.engine._snapshot = replace(hand.engine._snapshot, header=header(queue_depth=77))
        await hand.press("ctrl+l")
        assert "q 77" in hand.pane("header")[1]


async def test_a_gap_in_the_changes_takes_a_fresh_snapshot() -> None:
    async with opened() as hand:
        hand.engine._snapshot = replace(hand.engine._snapshot, header=header(queue_depth=78))
        hand.engine.lost = True
        hand.main.poll()
        await hand.settle()
        assert "q 78" in hand.pane("header")[1]


async def test_changes_are_drawn() -> None:
    async with opened() as hand:
        row = replace(instances()[1], open_pnl=123 * 10**8)
        await hand.push(header(seq_id=2_000_000), row)
        assert "seq 2,000,000" in hand.pane("header")[1]
        hand.main._now += 1
        hand.main.poll()
        assert "+123.00" in hand.pane("table")[2]


async def test_nothing_is_repainted_when_nothing_changed() -> None:
    async with opened((200, 50)) as hand:
        await hand.settle()
        painted = []
        for view in hand.main._views.values():
            view.refresh = lambda *regions, **_: painted.append(regions)  # type: ignore[method-assign]
        for _ in range(5):
            hand.main.poll()
        hand.main.redraw("table", "header", "left", "panel", "lower")
        hand.main.draw()
        assert painted == []


async def test_one_changed_cell_repaints_one_cell() -> None:
    async with opened((200, 50)) as hand:
        updates: list[object] = []
        table = hand.main._views["table"]
        hand.main.app._display = lambda _, update: updates.append(update)  # type: ignore[method-assign]
        hand.main._now += 1
        await hand.push(replace(instances()[1], price=instances()[1].price + 10**7))
        found = [
            (run.y - table.region.y, "".join(one.text for one in run.segments))
            for update in updates
            if isinstance(update, CellRuns)  # a slow start may still be composing screens
            for run in update.runs
            if run.y in table.region.line_range and run.x < table.region.right
        ]
        assert [(y, len(text)) for y, text in found] == [(2, 1)]


async def test_widgets_are_fetched_when_they_change() -> None:
    engine = FakeEngine()
    async with opened(engine=engine) as hand:
        await hand.press("j")
        engine.widgets = b'[{"type": "metric", "label": "fresh", "text": "9.99"}]'
        hand.main._now += 2
        await hand.push(UiChanged(StrategyId("btc-mr")))
        await hand.push()
        assert any("fresh   9.99" in line for line in hand.pane("panel"))


async def test_widgets_are_fetched_at_once_when_the_state_changes() -> None:
    """Also over a slow link: figures of before stand under the new word until they come."""
    engine = FakeEngine()
    async with opened((120, 40), engine=engine) as hand:
        hand.app.link.is_slow = True
        await hand.press("j")
        row = hand.main.replica.instances[StrategyId("btc-mr")]
        engine.widgets = b'[{"type": "metric", "label": "of", "text": "its shadow"}]'
        await hand.push(replace(row, state=InstanceState.PAUSED))
        assert any("its shadow" in line for line in hand.pane("panel"))


async def test_widgets_are_fetched_when_the_row_says_something_else() -> None:
    engine = FakeEngine()
    async with opened(engine=engine) as hand:
        await hand.press("j")
        row = hand.main.replica.instances[StrategyId("btc-mr")]
        engine.widgets = b'[{"type": "metric", "label": "held", "text": "1.23"}]'
        hand.main._now += 2
        await hand.push(replace(row, position=row.position + 1))
        assert any("held    1.23" in line for line in hand.pane("panel"))


async def test_an_error_of_render_shows_in_its_panel_and_nowhere_else() -> None:
    engine = FakeEngine()
    engine.ui_error = "ValueError: no"
    async with opened(engine=engine) as hand:
        await hand.press("j")
        text = "\n".join(hand.pane("panel"))
        assert "render() failed:" in text and "ValueError: no" in text
        assert ">67,412.30" in "\n".join(hand.pane("left"))


async def test_a_failing_fetch_is_said_and_the_screen_lives() -> None:
    engine = FakeEngine()

    async def broken(*_: object) -> None:
        raise OSError("no data file")

    engine.chart = broken  # type: ignore[assignment,method-assign]
    async with opened(engine=engine) as hand:
        assert "the chart cannot be read: no data file" in hand.message
        await hand.press("j")
        assert hand.main.state.table.selected == "btc-mr"


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (100, 36), (120, 40), (200, 60), (300, 90)])
async def test_every_tab_at_every_size(size: tuple[int, int]) -> None:
    async with opened(size) as hand:
        await hand.press("j")
        for tab in ("Chart", "Orders", "Fills", "Decisions", "Log", "Config"):
            hand.main.state.upper_tab = tab
            hand.main.redraw("upper_bar", "left", "panel")
            hand.main.draw()
            await hand.settle()
            text = hand.screen_text()
            assert len(text) == size[1]
            assert text[-1].startswith("LIVE")
            assert hand.pane("left")


@pytest.mark.parametrize("size", [(59, 24), (80, 15), (20, 5)])
async def test_a_terminal_too_small_gets_a_notice(size: tuple[int, int]) -> None:
    async with opened(size) as hand:
        assert "tradetui" in hand.screen_text()[0]
        assert "LIVE  ?" not in "\n".join(hand.screen_text())
        await hand.pilot.resize_terminal(80, 24)
        await hand.settle()
        assert hand.screen_text()[0].startswith(" LIVE")


async def test_before_the_first_price_nobody_is_told_that_there_are_no_instances() -> None:
    starting = replace(header(), data_age=None)
    engine = FakeEngine(instances=(), alerts=(), header=starting)
    async with opened(engine=engine) as hand:
        assert "instances show once they are loaded" in hand.pane("table")[1]


async def test_no_instance_yet_says_what_to_do() -> None:
    async with opened(engine=FakeEngine(instances=(), alerts=())) as hand:
        assert "no instances yet: n makes one" in hand.pane("table")[1]
        await hand.press("j", "w", "enter", "f", "o")
        assert hand.message == "no instance selected"


@pytest.mark.parametrize("key", ["ctrl+q", "ctrl+s", "ctrl+a", "ctrl+b"])
async def test_keys_of_others_do_nothing(key: str) -> None:
    async with opened() as hand:
        await hand.press(key)
        assert hand.app.is_running
        assert hand.dialog == ""


async def test_ctrl_z_is_refused() -> None:
    async with opened() as hand:
        await hand.press("ctrl+z")
        assert "guards nothing" in hand.message


async def test_three_ctrl_c_ask_and_never_stop_trading() -> None:
    async with opened() as hand:
        await hand.press("ctrl+c", "ctrl+c")
        assert hand.dialog == ""
        await hand.press("ctrl+c")
        assert "QUIT" in hand.dialog
        await hand.press("ctrl+c")
        assert hand.dialog == ""
        await hand.press(":", "x", "ctrl+c")
        assert not hand.message.startswith(":")
        assert hand.engine.commands == []


async def test_an_unbound_key_says_so() -> None:
    async with opened() as hand:
        await hand.press("y")
        assert "y does nothing here" in hand.message
        await hand.press("j")
        assert not hand.main.message


async def test_a_hint_goes_after_some_seconds_and_nothing_else_does() -> None:
    async with opened() as hand:
        await hand.press("y")
        hand.main.hints.pass_time(HINT_SECONDS - 1)
        assert "y does nothing here" in hand.main.message
        hand.main.hints.pass_time(1)
        assert hand.main.message == ""
        await hand.press("y")
        hand.main.say("an act was done")
        hand.main.hints.pass_time(HINT_SECONDS)
        assert hand.main.message == "an act was done"


async def test_a_run_of_esc_gets_out_of_the_quit_dialog_and_stays_out() -> None:
    async with opened() as hand:
        await hand.press("escape")
        assert "QUIT" in hand.dialog
        await hand.press("escape", "escape", "escape", "escape")
        assert hand.dialog == ""
        assert hand.message.startswith("at the top")


async def test_hostile_strings_reach_the_terminal_as_question_marks() -> None:
    hostile = "\x1b]52;c;aGk=\x07\x9b31m\u202e[bold]"
    row = replace(
        instances()[1], state_reason=hostile, error=hostile, symbol=hostile, account=hostile
    )
    async with opened((200, 50), FakeEngine(instances=(row,))) as hand:
        await hand.push(header(account=hostile, feed=hostile, data_worst=hostile))
        text = "\n".join(hand.screen_text())
        assert "\x1b" not in text
        assert "\x9b" not in text
        assert "\u202e" not in text
        assert "[bold]" in text


async def test_no_looking_key_sends_anything() -> None:
    async with opened(engine=FakeEngine(alerts=())) as hand:
        for binding in keymap.BINDINGS:
            if not binding.acts:
                await hand.press("1", *binding.keys, "escape")
                hand.main.dialog = None
        assert hand.engine.commands == []
        assert hand.actions.calls == []


def test_every_binding_has_a_handler() -> None:
    from tradetui.tui.screens.acts import Acts
    from tradetui.tui.screens.moves import Moves

    class Screen:
        state = None
        console_app = None
        painter = None

    handled = Moves(Screen()).handled | Acts(Screen()).handled
    handled |= {"back", "command", "filter", "help"} | travelling.IDS
    assert {binding.id for binding in keymap.BINDINGS} <= handled


async def test_d_shows_the_decisions_tab_also_where_a_lower_pane_has_them() -> None:
    async with opened((120, 40)) as hand:
        assert "Decisions" not in hand.pane("upper_bar")[0]
        await hand.press("j", "d")
        assert "[Decisions 2]" in hand.pane("upper_bar")[0]
        assert "REPLACE tt7k-0399" in "\n".join(hand.pane("left"))


async def test_the_chart_follows_the_price() -> None:
    engine = FakeEngine()
    async with opened(engine=engine) as hand:
        await hand.press("j")
        asked = []
        ask = engine.chart

        async def counted(*details):
            asked.append(details)
            return await ask(*details)

        engine.chart = counted  # type: ignore[method-assign]
        row = instances()[1]
        hand.main._now += 2
        await hand.push(replace(row, price_time=row.price_time + 1))
        assert len(asked) == 1
        await hand.push(replace(row, price_time=row.price_time + 1))
        assert len(asked) == 1


async def test_a_key_shows_small_panes_first_and_the_big_ones_by_themselves() -> None:
    async with opened() as hand:
        before = hand.pane("panel")
        hand.main.on_key(key_event("j"))
        assert hand.pane("table")[2].startswith("> btc-mr")
        assert hand.pane("panel") == before
        await hand.pilot.pause()
        assert "LONG" in hand.pane("panel")[0]


async def test_the_help_on_a_chart_explains_its_marks_first() -> None:
    async with opened(size=(120, 40)) as hand:
        await hand.press("j", "tab", "?")
        text = "\n".join(hand.screen_text())
        assert "marks of the chart" in text
        assert "our purchase below its candle, our sale above it" in text
        await hand.press("escape", "shift+tab", "?")
        assert "marks of the chart" not in "\n".join(hand.screen_text())


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("inst", "instance  instances"),
        ("eth", "eth-grid  eth-mr"),
        ("reload s", "sol-mm"),
        ("pause a", "all  ada-test"),
        ("theme l", "light"),
        ("sort da", "day"),
        ("copy table c", "csv"),
        ("size p", "panel"),
    ],
)
async def test_the_command_line_offers_what_may_follow(typed: str, offered: str) -> None:
    async with opened((80, 24)) as hand:
        await hand.press(":", *typed)
        line = hand.screen_text()[-2]
        assert line.startswith(f":{typed}") and line.rstrip().endswith(offered)
        await hand.press("tab")
        assert hand.screen_text()[-2].startswith(f":{typed}")


async def test_an_empty_filter_says_what_it_understands() -> None:
    async with opened((80, 24)) as hand:
        await hand.press("/")
        assert "!not" in hand.screen_text()[-2] and "~regex" in hand.screen_text()[-2]
        await hand.press("e")
        assert hand.screen_text()[-2].rstrip() == "/e"


@pytest.mark.parametrize("keys", [(), ("tab",), ("tab", "tab")])
async def test_the_pane_with_the_focus_looks_different(keys: tuple[str, ...]) -> None:
    async with opened((120, 40)) as hand:
        await hand.press(*keys)
        views = hand.main.view_lines()
        focused = [
            name
            for name in ("upper_bar", "lower_bar")
            if any("focus" in look for line in views[name] for _, look in line)
        ]
        assert focused == {0: [], 1: ["upper_bar"], 2: ["lower_bar"]}[len(keys)]
        theme = hand.app.looks
        assert theme.style("tab_on+focus") != theme.style("tab_on")


async def test_when_nothing_is_said_the_newest_line_of_the_selected_log_stands_there() -> None:
    async with opened((80, 24), engine=FakeEngine()) as hand:
        assert hand.message == "", "ada-test logged nothing"
        await hand.press("j")
        assert hand.pane("message") == [
            "14:30:00 btc-mr: target moved 67,580.00 -> 67,624.80, acknowledged in 38 ms"
        ]
        await hand.push(LogView(at("14:32:09"), Severity.INFO, StrategyId("btc-mr"), "\x1b[31mnew"))
        assert hand.pane("message") == ["14:32:09 btc-mr: ?[31mnew"]
        await hand.press("j")
        assert hand.message == "", "what btc-trend said last is half an hour old"
        await hand.press("ctrl+c")
        assert hand.message == "^c does nothing here: q or :quit leaves"
        await hand.press("3")
        assert "btc-trend" not in hand.message


async def test_what_was_said_gives_way_to_the_log_when_it_is_old() -> None:
    async with opened((80, 24), engine=FakeEngine()) as hand:
        await hand.press("j", "dollar_sign")
        hand.main.hints.pass_time(STAYS_SECONDS - 1)
        hand.main.hints.pass_time(0.5)
        await hand.push()
        assert hand.message.startswith("money is masked")
        hand.main.hints.pass_time(STAYS_SECONDS)
        await hand.push()
        assert hand.message.startswith("btc-mr: target moved")
        await hand.press("dollar_sign")
        assert hand.message == "money is shown"


async def test_leaving_a_dialog_is_said_for_a_moment_only() -> None:
    async with opened((80, 24), engine=FakeEngine()) as hand:
        await hand.press("n", "escape")
        assert hand.message == "Nothing done."
        await hand.press("j")
        assert hand.message.startswith("btc-mr: target moved")


async def test_what_was_said_goes_after_its_time_where_no_line_of_the_log_takes_its_place() -> None:
    async with opened(engine=FakeEngine(log=())) as hand:
        hand.main.say("ada-test is off: o switches it to observe first", refused=True)
        await hand.settle()
        hand.main.hints.pass_time(STAYS_SECONDS - 1)
        assert "ada-test is off" in hand.message
        hand.main.hints.pass_time(2)
        await hand.settle()
        assert hand.message == ""


async def test_what_was_said_goes_with_the_next_key_once_it_could_be_read() -> None:
    async with opened(engine=FakeEngine(log=())) as hand:
        hand.main.say("ada-test is off: o switches it to observe first", refused=True)
        await hand.settle()
        await hand.press("j")
        assert "ada-test is off" in hand.message
        hand.main.hints.pass_time(HINT_SECONDS)
        await hand.press("k")
        assert hand.message == ""


@pytest.mark.parametrize(
    ("seconds", "speed", "is_shown"),
    [(127, None, True), (299, None, True), (301, None, False), (780, None, False),
     (2_000, 100, True), (3_100, 100, False)],
)  # fmt: skip
async def test_a_line_of_the_log_is_shown_while_it_is_news(
    seconds: int, speed: int | None, is_shown: bool
) -> None:
    now = header().now
    line = LogView(now - seconds * 10**9, Severity.INFO, StrategyId("ada-test"), "round trip -0.02")
    async with opened(engine=FakeEngine(header=header(speed=speed), log=(line,))) as hand:
        assert ("round trip" in hand.message) is is_shown


async def test_a_line_of_the_log_leaves_when_its_time_is_over() -> None:
    line = LogView(header().now, Severity.INFO, StrategyId("ada-test"), "round trip -0.02")
    async with opened(engine=FakeEngine(log=(line,))) as hand:
        assert "round trip" in hand.message
        await hand.push(header(now=header().now + 301 * 10**9))
        await hand.push()
        assert hand.message == ""


@pytest.mark.parametrize(("typed", "is_said"), [("~(", True), ("!~[", True), ("~b|c", False)])
async def test_a_filter_whose_expression_is_broken_says_so(typed: str, is_said: bool) -> None:
    async with opened((120, 40)) as hand:
        await hand.press("/", *typed)
        assert ("is no regular expression" in hand.message) is is_said
        await hand.press("enter")
        assert ("is no regular expression" in hand.message) is is_said
        if is_said:
            assert "looked for as plain text" in hand.message


@pytest.mark.parametrize("screen", ["3", "4"])
async def test_d_on_an_order_or_a_fill_goes_to_the_decision_that_made_the_order(
    screen: str,
) -> None:
    made = next(one for one in decisions() if one.client_order_id)
    named = {"strategy_id": made.strategy_id, "client_order_id": made.client_order_id}
    order, fill = replace(orders()[0], **named), replace(fills()[0], **named)
    engine = FakeEngine(orders=(order,), fills=(fill,))
    async with opened((120, 40), engine=engine) as hand:
        await hand.press(screen, "j", "d")
        assert hand.main.state.upper_tab == "Decisions"
        assert hand.main.state.table.selected == made.strategy_id
        assert hand.main.state.list_state("upper", "Decisions").selected == decision_key(made)
        assert any(line.startswith(">") for line in hand.pane("left"))
    bare = FakeEngine(orders=(replace(order, client_order_id="tt7k-9999"),), fills=())
    async with opened((120, 40), engine=bare) as hand:
        await hand.press("3", "j", "d")
        assert hand.main.state.upper_tab == "Decisions"
        assert hand.main.state.list_state("upper", "Decisions").selected is None


async def test_the_help_is_searched_with_the_key_of_every_filter() -> None:
    async with opened() as hand:
        await hand.press("?", "/", *"redo", "backspace", "backspace", "s", "enter")
        assert "filter res" in hand.dialog and "resume, release" in hand.dialog
        assert "half a page" not in hand.dialog
        await hand.press("q")
        assert "j k scroll" in hand.dialog and "half a page" in hand.dialog
        await hand.press("q")
        assert hand.dialog == ""
