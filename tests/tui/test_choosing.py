"""What a person chooses: sorting, columns, sizes, layouts, looks, locks; copies and bulk acts.

Also the tests of ``tui/dialogs/pick.py``, ``tui/screens/arrangements.py``,
``tui/screens/bulk.py``.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.tui.fixtures import FakeActions, FakeEngine, instances
from tests.tui.hand import Hand, opened
from tests.tui.test_acting import paper, said

from tradetui.domain.commands import CommandReply, Pause, ReleaseHold
from tradetui.domain.enums import InstanceMode, InstanceState
from tradetui.domain.ids import StrategyId
from tradetui.tui.read_only import REFUSED


def ids(hand: Hand) -> list[str]:
    return [row.strategy_id for row in hand.main.painter.rows]


# -- sorting -----------------------------------------------------------------------------------


async def test_the_table_is_sorted_by_what_is_picked_and_it_is_remembered() -> None:
    async with opened((120, 40)) as hand:
        await hand.press("s")
        assert "SORT Instances" in hand.dialog
        assert ">[x] id" in hand.dialog
        assert "day                  profit of the day, the largest first" in hand.dialog
        await hand.press("G", "g", *"jjjjjjj", "enter")
        assert hand.message == "sorted by day"
        assert ids(hand)[0] == "btc-mr"
        assert hand.actions.kept[""]["sort"] == "day"
        assert "DAY USDTv" in hand.pane("table")[0]
        await said(hand, "sort market")
        assert "MARKET^" in hand.pane("table")[0]
        await said(hand, "sort id")
        assert "^" not in hand.pane("table")[0]


async def test_a_sorted_table_keeps_its_places_for_two_seconds_after_a_key() -> None:
    moments = [100.0]
    async with opened((120, 40), monotonic=lambda: moments[0]) as hand:
        await said(hand, "sort day")
        assert ids(hand)[0] == "btc-mr"
        row = hand.main.replica.instances[StrategyId("xrp-bb")]
        await hand.push(replace(row, day_pnl=10**12))
        assert ids(hand)[0] == "btc-mr"
        moments[0] += 3
        await hand.push()
        assert ids(hand)[0] == "xrp-bb"


async def test_a_new_row_comes_last_until_the_table_is_sorted_again() -> None:
    moments = [100.0]
    async with opened((120, 40), monotonic=lambda: moments[0]) as hand:
        await said(hand, "sort day")
        await hand.push(replace(instances()[1], strategy_id=StrategyId("aaa"), day_pnl=10**12))
        assert ids(hand)[-1] == "aaa"
        moments[0] += 3
        await hand.push()
        assert ids(hand)[0] == "aaa"


async def test_lists_sort_by_any_column_and_turn_round() -> None:
    async with opened((200, 60)) as hand:
        await hand.press("4")
        assert await said(hand, "sort size") == "Fills sorted by SIZE"
        first = hand.pane("lower")[1]
        assert await said(hand, "sort size") == "Fills sorted by SIZE, the largest first"
        assert hand.pane("lower")[1] != first
        assert await said(hand, "sort size") == "Fills as it comes"
        assert "Fills has no column nonsense: TIME UTC, INSTANCE" in await said(
            hand, "sort nonsense"
        )
        assert hand.actions.kept[""]["lists"] == {}


async def test_a_chart_is_no_list() -> None:
    async with opened() as hand:
        await hand.press("j", "tab", "s")
        assert "no list here to sort" in hand.message
        await hand.press("v")
        assert "no list here" in hand.message


# -- columns, sizes, layouts -------------------------------------------------------------------


async def test_columns_are_turned_off_and_on() -> None:
    async with opened((120, 40)) as hand:
        assert "PRICE" in hand.pane("table")[0]
        await hand.press("v")
        names = [line for line in hand.dialog.splitlines() if "[" in line]
        at = next(index for index, line in enumerate(names) if " price " in line)
        await hand.press(*"j" * at, " ")
        assert "PRICE" not in hand.pane("table")[0]
        assert "price" in hand.actions.kept[""]["hidden"]
        await hand.press("m", "enter")
        assert "PRICE" in hand.pane("table")[0]
        assert hand.dialog == ""


async def test_the_curve_is_pinned_where_there_is_no_room_for_it_otherwise() -> None:
    async with opened((120, 40)) as hand:
        await hand.press("v")
        names = [line for line in hand.dialog.splitlines() if "[" in line]
        at = next(index for index, line in enumerate(names) if " curve " in line)
        assert "[ ]" in names[at]
        await hand.press(*"j" * at, " ")
        assert "CURVE" in hand.pane("table")[0]
        assert hand.actions.kept[""]["pinned"] == ["curve"]
        await hand.press("m", "enter")
        assert "CURVE" not in hand.pane("table")[0]
        assert (hand.actions.kept[""]["pinned"], hand.actions.kept[""]["hidden"]) == ([], ["curve"])


async def test_the_curve_that_shows_by_itself_is_hidden_with_one_key_and_comes_back() -> None:
    async with opened((200, 50)) as hand:
        assert "CURVE" in hand.pane("table")[0]
        await hand.press("v")
        names = [line for line in hand.dialog.splitlines() if "[" in line]
        at = next(index for index, line in enumerate(names) if " curve " in line)
        assert "[x]" in names[at]
        await hand.press(*"j" * at, "space")
        assert "CURVE" not in hand.pane("table")[0]
        await hand.press("space", "enter")
        assert "CURVE" in hand.pane("table")[0]


async def test_columns_of_a_list() -> None:
    async with opened((200, 60)) as hand:
        await hand.press("3", "v", " ", "escape")
        assert "TIME UTC" not in hand.pane("lower")[0]
        await hand.press("1", "3")
        assert "TIME UTC" not in hand.pane("lower")[0]


@pytest.mark.parametrize("size", [(100, 36), (120, 40), (200, 60), (300, 90)])
async def test_sizes_hold_as_far_as_there_is_room(size: tuple[int, int]) -> None:
    async with opened(size) as hand:
        assert await said(hand, "size table 40") == "table 40"
        assert await said(hand, "size panel 100") == "panel 100"
        assert await said(hand, "size lower 60") == "lower 60"
        layout = hand.main.layout_now
        parts = (layout.table, layout.upper_bar, layout.left, layout.lower_bar, layout.lower)
        assert sum(part.height for part in parts) == size[1] - 2 - layout.alerts.height - 2
        assert layout.left.height >= 4 and layout.lower.height >= 4
        assert layout.left.width + layout.panel.width == size[0]
        await said(hand, "size auto")
        assert hand.main.state.preferences.shape.table is None


@pytest.mark.parametrize("text", ["", "table", "table x", "attic 3", "panel -1"])
async def test_a_wrong_size_says_what_there_is(text: str) -> None:
    async with opened() as hand:
        assert "size wants a pane" in await said(hand, f"size {text}")


async def test_layouts_are_saved_by_name_and_come_back() -> None:
    async with opened((120, 40)) as hand:
        assert "none yet" in await said(hand, "layout")
        await said(hand, "size table 5")
        assert await said(hand, "layout save day") == 'saved layout "day"'
        await said(hand, "size auto")
        assert await said(hand, "layout day") == 'layout "day"'
        assert hand.main.state.preferences.shape.table == 5
        assert await said(hand, "layout") == "layouts: day"
        assert "there is no layout" in await said(hand, "layout night")
        assert await said(hand, "layout remove day") == 'removed layout "day"'
        assert "there is no layout" in await said(hand, "layout remove day")
        assert "at most 40" in await said(hand, f"layout save {'x' * 41}")


async def test_what_was_chosen_holds_at_the_next_start() -> None:
    chosen = {"sort": "day", "hidden": ["price"], "timeframe": 0, "theme": "light"}
    async with opened((120, 40), preferences=chosen) as hand:
        assert ids(hand)[0] == "btc-mr"
        assert "PRICE" not in hand.pane("table")[0]
        assert hand.main.state.chart.timeframe == 0


async def test_choices_that_cannot_be_read_are_said() -> None:
    async with opened((120, 40), preferences={"sort": 7, "hidden": ["price"]}) as hand:
        assert "could not be read and were left: sort" in hand.message
        assert "PRICE" not in hand.pane("table")[0]


async def test_choices_that_cannot_be_kept_are_said() -> None:
    actions = FakeActions()
    actions.problem = "state.db: the disk is full"
    async with opened(actions=actions) as hand:
        assert "not remembered: state.db: the disk is full" in await said(hand, "sort day")
        assert "not saved" in await said(hand, "layout save day")


# -- copies ------------------------------------------------------------------------------------


async def test_a_table_is_copied_and_exported(tmp_path: Path, monkeypatch) -> None:
    async with opened((200, 60)) as hand:
        copied: list[str] = []
        monkeypatch.setattr(hand.app, "copy_to_clipboard", copied.append)
        await hand.press("4", "j")
        await said(hand, "copy table csv")
        lines = copied[0].splitlines()
        assert lines[0].startswith("time_utc,instance,market,side,size,price")
        assert len(lines) == 3
        await said(hand, "copy row json")
        assert json.loads(copied[1])["side"] in ("BUY", "SELL")
        path = tmp_path / "fills.csv"
        assert "wrote Fills, 2 rows, as csv to " in await said(hand, f"export csv {path}")
        assert path.read_text().startswith("time_utc")
        assert "exists; it was not touched" in await said(hand, f"export csv {path}")
        assert "cannot be written" in await said(hand, f"export csv {tmp_path}/no/such/file")
        lines = tmp_path / "fills.json"
        assert "wrote Fills, 2 rows, as JSON lines to " in await said(hand, f"export json {lines}")
        assert [json.loads(line)["side"] for line in lines.read_text().splitlines()]
        assert "json: an object a line" in await said(hand, "export xml x")
        assert "export wants" in await said(hand, "export csv")
        assert "copy wants" in await said(hand, "copy cell")


async def test_the_list_with_the_focus_is_exported_and_named(tmp_path: Path) -> None:
    async with opened((120, 40)) as hand:
        hand.main.state.lower_tab = "Fills"
        assert hand.main.state.focus == "table"
        said_of = await said(hand, f"export csv {tmp_path / 'table.csv'}")
        assert said_of.startswith("wrote Instances, ")
        assert "▁" not in (tmp_path / "table.csv").read_text()
        await hand.press("tab", "tab")
        assert hand.main.state.focus == "lower"
        hand.main.state.lower_tab = "Fills"
        assert "wrote Fills, 2 rows" in await said(hand, f"export csv {tmp_path / 'lower.csv'}")
        heading = (tmp_path / "lower.csv").read_text().splitlines()[0].split(",")
        assert heading[heading.index("fee") + 1] == "fee_currency"


async def test_the_instances_are_a_table_too(monkeypatch) -> None:
    async with opened() as hand:
        copied: list[str] = []
        monkeypatch.setattr(hand.app, "copy_to_clipboard", copied.append)
        await said(hand, "copy table json")
        rows = [json.loads(line) for line in copied[0].splitlines()]
        assert [row["id"] for row in rows] == ids(hand)
        assert rows[1]["position"] == "0.02350"


async def test_nothing_selected_is_said() -> None:
    async with opened() as hand:
        await hand.press("4")
        assert "nothing is selected" in await said(hand, "copy row")


# -- many rows ---------------------------------------------------------------------------------


async def test_marked_rows_are_paused_together_after_one_question() -> None:
    async with opened((120, 40), engine=paper()) as hand:
        await hand.press("j", " ", "j", " ", "p")
        assert "PAUSE 2 marked" in hand.dialog
        assert "btc-mr" in hand.dialog and "btc-trend" in hand.dialog
        assert "hold      2 positions, 3 open orders" in hand.dialog
        assert "exit-only for the 1 that may enter" in hand.dialog
        assert hand.engine.commands == []
        await hand.press("p")
        assert [type(one) for one in hand.engine.commands] == [Pause, Pause]
        assert hand.message == "pause: 2 done"


async def test_marked_rows_that_hold_nothing_are_paused_after_y() -> None:
    async with opened((120, 40), engine=paper()) as hand:
        await hand.press("G", " ", "p")
        assert "PAUSE 1 marked" in hand.dialog and "exit-only" not in hand.dialog
        await hand.press("y")
        assert [one.strategy_id for one in hand.engine.commands] == ["xrp-bb"]


async def test_marked_rows_that_are_locked_are_left_alone_and_named() -> None:
    async with opened((120, 40), engine=paper()) as hand:
        await said(hand, "lock btc-mr")
        await hand.press("*", "p")
        assert "locked    btc-mr: left alone" in hand.dialog


async def test_a_refusal_among_many_is_named() -> None:
    async with opened((120, 40), engine=paper()) as hand:
        hand.engine.reply = CommandReply(False, "changed while you looked")
        await hand.press("j", " ", "p", "p")
        assert hand.message == "pause: 0 done; btc-mr: changed while you looked"


async def test_all_marked_rows_go_off_and_the_off_ones_are_left_out() -> None:
    async with opened((120, 40), engine=paper()) as hand:
        await hand.press("*", "o")
        assert "OFF 6 marked" in hand.dialog
        assert "left out  ada-test off " in hand.dialog
        rows = [line for line in hand.dialog.splitlines() if "USDT  " in line]
        assert len({line.index("/USDT") for line in rows[:2]}) == 1
        assert len({re.search(r"[+-]?[0-9.]+ [A-Z]{3},", line).start() for line in rows}) == 1
        await hand.press("y")
        modes = [details[1] for name, details in hand.actions.calls if name == "set_mode"]
        assert modes == [InstanceMode.OFF] * 6


async def test_marked_rows_that_are_off_observe_together() -> None:
    async with opened((120, 40), engine=paper()) as hand:
        await hand.press(" ", "o", "y")
        assert hand.actions.calls[0][1][:2] == ("ada-test", InstanceMode.OBSERVE)


async def test_many_are_activated_on_paper_and_never_on_live() -> None:
    async with opened((120, 40), engine=paper()) as hand:
        await hand.press("G", " ", "a")
        assert "ACTIVATE 1 marked" in hand.dialog
        await hand.press("y")
        assert hand.actions.calls[0][1][:2] == ("xrp-bb", InstanceMode.ACTIVE)
    async with opened((120, 40)) as hand:
        await hand.press("G", " ", "a")
        assert "on live each instance is activated by itself" in hand.message
        await hand.press("r")
        assert "on live each instance is resumed by itself" in hand.message


@pytest.mark.parametrize(
    ("keys", "typed", "asked"),
    [
        (["j", " ", "j", " "], "pause", "PAUSE 2 marked"),
        (["j", " ", "G"], "off", "OFF 1 marked"),
        ([" ", "G"], "observe", "OBSERVE 1 marked"),
        (["*"], "mode observe", "OBSERVE 6 marked"),
        (["G", " ", "g"], "active", "ACTIVATE 1 marked"),
        (["G", " ", "g"], "mode active", "ACTIVATE 1 marked"),
    ],
)
async def test_verbs_without_a_name_mean_the_marked_rows_as_their_keys_do(
    keys: list[str], typed: str, asked: str
) -> None:
    async with opened((120, 40), engine=paper()) as hand:
        await hand.press(*keys)
        await said(hand, typed)
        assert asked in hand.dialog
        assert hand.engine.commands == [] and hand.actions.calls == []


async def test_held_ones_that_are_marked_are_resumed_by_the_verb_too() -> None:
    held = tuple(
        replace(row, state=InstanceState.HELD) if row.strategy_id == "btc-mr" else row
        for row in instances()
    )
    async with opened((120, 40), engine=paper(instances=held)) as hand:
        await hand.press("j", " ", "G")
        await said(hand, "resume")
        assert "RESUME 1 marked" in hand.dialog


async def test_a_verb_with_a_name_means_that_one_whatever_is_marked() -> None:
    async with opened((120, 40), engine=paper()) as hand:
        await hand.press("j", " ")
        await said(hand, "pause xrp-bb")
        assert hand.dialog == ""
        assert [one.strategy_id for one in hand.engine.commands] == ["xrp-bb"]


async def test_without_marks_a_mode_alone_means_the_row_under_the_cursor() -> None:
    async with opened((120, 40), engine=paper()) as hand:
        await said(hand, "mode observe")
        assert hand.actions.calls[0][1][:2] == ("ada-test", InstanceMode.OBSERVE)


async def test_a_verb_activates_no_marked_rows_on_live() -> None:
    async with opened((120, 40)) as hand:
        await hand.press("G", " ")
        await said(hand, "active")
        assert "on live each instance is activated by itself" in hand.message


async def test_active_ones_leave_together_and_what_cannot_be_resumed_is_said() -> None:
    async with opened((120, 40), engine=paper()) as hand:
        await hand.press("j", " ", "a")
        assert "OBSERVE 1 marked" in hand.dialog
        await hand.press("escape", "r")
        assert "nothing to do: btc-mr ACTIVE" in hand.message


async def test_held_ones_are_resumed_together() -> None:
    held = tuple(
        replace(row, state=InstanceState.HELD) if row.strategy_id == "btc-mr" else row
        for row in instances()
    )
    async with opened((120, 40), engine=paper(instances=held)) as hand:
        await hand.press("j", " ", "r", "y")
        assert [type(one) for one in hand.engine.commands] == [ReleaseHold]


# -- looking only ------------------------------------------------------------------------------


async def test_a_locked_instance_only_looks() -> None:
    async with opened((120, 40), engine=paper()) as hand:
        assert await said(hand, "lock btc-mr") == "btc-mr: keys only look; :unlock btc-mr"
        await hand.press("j", "o")
        assert "btc-mr is locked" in hand.message
        await hand.press(" ", "p")
        assert "btc-mr is locked" in hand.message
        assert hand.engine.commands == [] and hand.actions.calls == []
        assert hand.actions.kept[""]["locked"] == ["btc-mr"]
        assert await said(hand, "unlock btc-mr") == "btc-mr: keys act again"
        assert "no instance is called nobody" in await said(hand, "lock nobody")


async def test_a_read_only_console_acts_on_nothing() -> None:
    engine = FakeEngine()
    actions = FakeActions()
    async with opened((120, 40), engine=engine, actions=actions, read_only=True) as hand:
        for key in "oapren!u":
            await hand.press(key)
            assert "read-only" in hand.message
        await said(hand, "pause all")
        await hand.press("p")
        assert "read-only" in hand.message
        await said(hand, "observe ada-test")
        await said(hand, "off xrp-bb")
        assert "read-only" in hand.message
        assert engine.commands == [] and actions.calls == []
        assert await said(hand, "sort day") == "sorted by day"
        await hand.press("6")
        assert "risk" in hand.pane("lower_bar")[0]


async def test_a_read_only_console_says_that_its_engine_trades_and_what_stops_it() -> None:
    async with opened((120, 40), read_only=True) as hand:
        assert "read-only" in hand.pane("header")[0]
        await hand.press("!")
        assert hand.dialog == ""
        assert "the engine trades on; `tradetui kill` stops it" in hand.message


@pytest.mark.parametrize(
    "line",
    [
        *("off xrp-bb", "observe ada-test", "active xrp-bb", "mode btc-mr off", "pause all"),
        *("resume btc-mr", "exit-only all", "kill", "stop", "stopentry", "flatten btc-mr"),
        *("forceexit", "release", "reload btc-mr", "reload_config btc-mr", "edit btc-mr"),
        *("config btc-mr", "config", "create x", "new", "duplicate btc-mr y", "delete ada-test"),
        *("restore ada-test", "cancel tt7k-0399", "undo"),
    ],
)
async def test_a_verb_of_a_read_only_console_is_refused_before_it_asks(line: str) -> None:
    """``:mode NAME off`` and others asked first, and refused what was answered."""
    engine, actions = FakeEngine(), FakeActions()
    async with opened((120, 40), engine=engine, actions=actions, read_only=True) as hand:
        verb = line.partition(" ")[0]
        assert await said(hand, line) == f"{verb}: {REFUSED.text}"
        assert hand.main.dialog is None
        assert engine.commands == [] and actions.calls == []


# -- undo --------------------------------------------------------------------------------------


async def test_a_deleted_instance_comes_back() -> None:
    async with opened(engine=paper()) as hand:
        await said(hand, "delete ada-test")
        await hand.press("y", "u")
        assert [name for name, _ in hand.actions.calls] == ["delete", "restore"]


async def test_an_edited_config_is_undone_the_way_it_was_edited() -> None:
    async with opened(engine=paper()) as hand:
        await hand.press("j", "e", "backspace", "5", "ctrl+y", "y")
        assert hand.actions.calls[-1][0] == "set_config"
        changed = replace(
            hand.main.replica.instances[StrategyId("btc-mr")],
            config_json=json.dumps(hand.actions.calls[-1][1][1]),
            revision=hand.main.replica.instances[StrategyId("btc-mr")].revision + 1,
        )
        await hand.press("u")
        assert (
            hand.message
            == "the new config of btc-mr is not in force yet: u again in a moment undoes it"
        )
        await hand.push(changed)
        await hand.press("u")
        assert "CONFIG btc-mr" in hand.dialog and "->" in hand.dialog
        await hand.press("y")
        assert hand.actions.calls[-1][1][1]["z"] == 2.0
        await hand.press("u")
        assert hand.message.startswith("nothing to undo")


# -- reload ------------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", [80, 120])
async def test_a_line_of_the_difference_is_whole_where_there_is_room(columns: int) -> None:
    code = "-    if self.position: return  # one at a time, whatever the signal says of it now"
    async with opened((columns, 40), engine=paper()) as hand:

        async def facts(_: object) -> tuple[tuple[str, str], ...]:
            return (("file", code),)

        hand.actions.reload_facts = facts  # type: ignore[method-assign]
        await said(hand, "reload btc-mr")
        assert (code in hand.dialog) is (columns == 120)
        assert all(len(line) <= columns for line in hand.screen_text())


async def test_a_reload_shows_check_difference_and_worst_case_before_it_asks() -> None:
    async with opened((120, 40), engine=paper()) as hand:
        await said(hand, "reload btc-mr")
        assert "RELOAD btc-mr" in hand.dialog
        for text in (
            "the file is sound", "+    z = 3", "risk: 0.005 -> 0.05  x10",
            "is 10.00 -> 100.00 USDT", "may use   2,000.00 USDT", "kept state stay",
        ):  # fmt: skip
            assert text in hand.dialog
        assert hand.engine.commands == []
        await hand.press("y")
        assert [type(one).__name__ for one in hand.engine.commands] == ["ReloadInstance"]


# -- a row that is on its way ------------------------------------------------------------------


def newcomer() -> object:
    return replace(instances()[1], strategy_id=StrategyId("aaa"))


async def test_a_key_meant_for_a_row_on_its_way_falls_on_no_other() -> None:
    async with opened((120, 40)) as hand:
        hand.main.expect(StrategyId("aaa"))
        assert hand.main.state.table.selected is None
        await hand.press("o")
        assert not hand.dialog
        await hand.push(newcomer())
        assert hand.main.state.table.selected == "aaa"


@pytest.mark.parametrize(
    ("name", "keys", "where"),
    [
        ("bzz", ["j"], "eth-grid"),
        ("bzz", ["k"], "btc-trend"),
        ("bzz", ["g"], "ada-test"),
        ("bzz", ["G"], "xrp-bb"),
        ("bzz", ["j", "k"], "btc-trend"),
        ("aaa", ["k"], "aaa"),
        ("aaa", ["g"], "aaa"),
        ("aaa", ["j"], "ada-test"),
        ("zzz", ["G"], "zzz"),
        ("zzz", ["j"], "zzz"),
        ("zzz", ["k"], "xrp-bb"),
    ],
)
async def test_keys_move_from_a_row_on_its_way_as_if_it_stood_there(
    name: str, keys: list[str], where: str
) -> None:
    async with opened((120, 40)) as hand:
        hand.main.expect(StrategyId(name))
        await hand.press(*keys)
        await hand.push(replace(instances()[1], strategy_id=StrategyId(name)))
        assert hand.main.state.table.selected == where


async def test_a_row_chosen_meanwhile_stays_chosen() -> None:
    async with opened((120, 40)) as hand:
        hand.main.expect(StrategyId("aaa"))
        await hand.press("j")
        chosen = hand.main.state.table.selected
        assert chosen is not None
        await hand.push(newcomer())
        assert hand.main.state.table.selected == chosen
        await hand.push()
        assert hand.main.state.table.selected == chosen


async def test_a_cell_is_copied_by_its_column(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened((120, 40)) as hand:
        copied: list[str] = []
        monkeypatch.setattr(hand.app, "copy_to_clipboard", copied.append)
        await hand.press("3")
        await hand.press(":", *"copy cell order", "enter")
        assert hand.message.startswith("nothing is selected")
        await hand.press("j", ":", *"copy cell nosuch", "enter")
        assert hand.message.startswith("there is no column nosuch: ")
        chosen = hand.main.state.list_state("lower", "Orders").selected
        heading, text = next(
            pair for pair in hand.main.keys.moves.copying._cells() if pair[1] == chosen
        )
        await hand.press(":", *f"copy cell {heading}", "enter")
        assert copied == [text]
        await hand.press("c")
        assert f"cell {heading}" in hand.dialog and text in hand.dialog
        names = [item.name for item in hand.main.dialog._items]  # type: ignore[union-attr]
        await hand.press(*["j"] * names.index(f"cell {heading}"), "enter")
        assert copied == [text, text]
        assert hand.dialog == ""


async def test_a_key_acts_on_the_row_in_sight_and_on_no_mark_that_a_filter_hides() -> None:
    async with opened((80, 24), engine=paper()) as hand:
        await hand.press("j", "m", "/", *"xrp", "enter", "j")
        assert "shows 1 of 7, hides 1 marked" in "\n".join(hand.pane("table"))
        await hand.press("o")
        assert [details[0] for _, details in hand.actions.calls] == ["xrp-bb"]


async def test_a_dialog_for_many_says_how_many_marked_rows_a_filter_hides() -> None:
    async with opened((80, 24), engine=paper()) as hand:
        await hand.press("j", "m", "/", *"xrp", "enter", "m", "p")
        assert "PAUSE 1 marked" in hand.dialog and "btc-mr" not in hand.dialog
        assert "hidden    1 more marked, hidden by the filter: left alone" in hand.dialog
        await hand.press("escape", "!", "tab", "tab")
        assert "> marked 1 (1 hidden)" in hand.dialog
        await hand.press("e")
        assert [command.key for command in hand.engine.commands] == ["xrp-bb"]


async def test_a_key_on_the_screen_of_one_instance_leaves_marked_ones_alone() -> None:
    async with opened((80, 24), engine=paper()) as hand:
        await hand.press("j", "m", "G", "enter", "o")
        assert [details[0] for _, details in hand.actions.calls] == ["xrp-bb"]


async def test_back_takes_the_marks_away_before_it_asks_to_quit() -> None:
    async with opened() as hand:
        await hand.press("space", "j", "space", "escape")
        assert hand.main.state.table.marked == set()
        assert hand.message == "2 marks taken away"
        assert hand.dialog == ""


async def test_an_empty_command_line_shows_the_verbs() -> None:
    async with opened((120, 24)) as hand:
        await hand.press(":")
        assert "ack  active  alerts" in hand.message
