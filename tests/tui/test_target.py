"""Which instance an act means: on a list over all instances that of the row under the cursor.

Also the tests of ``tui/screens/target.py``.
"""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.tui.fixtures import FakeEngine, header, instances
from tests.tui.hand import Hand, opened
from tests.tui.test_acting import said

from tradetui.domain.commands import AcknowledgeAlert, CommandReply
from tradetui.domain.enums import InstanceMode, RunMode
from tradetui.tui.keymap import BINDINGS
from tradetui.tui.widgets.alerts import sorted_alerts

PAPER = header(run_mode=RunMode.PAPER, account="paper/main")

OF_A_ROW = {
    "power": "eth-mr: active -> off",
    "activate": "eth-mr: active -> observe",
    "pause": "PAUSE eth-mr",
    "resume": "eth-mr is blocked",
    "edit": "CONFIG eth-mr",
    "new": "ETH/USDT",
    "cancel": "tt7k-0412 of eth-mr",
    "stop": "this eth-mr",
}
"""What each acting key says of the row under the cursor."""
OF_NO_ROW = {"undo", "slower", "faster", "play", "step", "acknowledge"}
"""Acting keys that mean no instance (``acknowledge`` means an alert)."""
VERBS = {
    "off": "eth-mr: active -> off",
    "observe": "eth-mr: active -> observe",
    "active": "eth-mr is active already",
    "pause": "PAUSE eth-mr",
    "resume": "eth-mr is blocked",
    "edit": "CONFIG eth-mr",
    "config": "CONFIG eth-mr",
    "delete": "eth-mr is active, 0.0000 ETH, 1 order: not deleted",
    "reload": "RELOAD eth-mr",
    "new": "ETH/USDT",
    "cancel": "tt7k-0412 of eth-mr",
    "stop": "this eth-mr",
    "lock": "eth-mr: keys only look",
}
ASKED = {"new", "cancel", "stop"}
"""They do not need a row: the dialog says what they mean."""


async def point(hand: Hand, key: str, owner: str) -> None:
    """Open a full screen and move its cursor to a row of an instance."""
    await hand.press(key)
    for _ in range(40):
        await hand.press("j")
        found = hand.main.keys.moves.selected_row()
        if found is not None and found[2].strategy_id == owner:
            return
    raise AssertionError(f"screen {key} has no row of {owner}")


def heard(hand: Hand) -> str:
    return f"{hand.dialog}\n{hand.message}"


def test_every_acting_key_says_whose_it_is() -> None:
    acting = {binding.id for binding in BINDINGS if binding.acts}
    assert acting <= {*OF_A_ROW, *OF_NO_ROW}, acting - {*OF_A_ROW, *OF_NO_ROW}
    assert set(OF_A_ROW) <= {binding.id for binding in BINDINGS}


@pytest.mark.parametrize("name", OF_A_ROW)
async def test_an_acting_key_means_the_row_under_the_cursor(name: str) -> None:
    key = next(binding.keys[0] for binding in BINDINGS if binding.id == name)
    async with opened((120, 40), engine=FakeEngine(header=PAPER)) as hand:
        assert hand.main.state.table.selected == "ada-test"
        await point(hand, "3", "eth-mr")
        await hand.press(key)
        assert OF_A_ROW[name] in heard(hand)
        assert hand.engine.commands == [] and hand.actions.calls == []


@pytest.mark.parametrize("verb", VERBS)
async def test_a_verb_without_an_argument_means_the_row_under_the_cursor(verb: str) -> None:
    async with opened((120, 40), engine=FakeEngine(header=PAPER)) as hand:
        await point(hand, "3", "eth-mr")
        await said(hand, verb)
        assert VERBS[verb] in heard(hand)
        assert hand.engine.commands == []


@pytest.mark.parametrize("name", sorted({*OF_A_ROW} - ASKED))
async def test_without_a_chosen_row_nothing_is_done(name: str) -> None:
    key = next(binding.keys[0] for binding in BINDINGS if binding.id == name)
    async with opened((120, 40), engine=FakeEngine(header=PAPER)) as hand:
        await hand.press("5", key)
        assert hand.message == "no row is chosen: j chooses one"
        assert hand.dialog == "" and hand.engine.commands == [] and hand.actions.calls == []


async def test_without_a_chosen_row_nothing_selected_elsewhere_is_named() -> None:
    async with opened((120, 40), engine=FakeEngine(header=PAPER)) as hand:
        await hand.press("5", "!")
        assert "this -" in hand.dialog and "ada-test" not in hand.dialog
        await hand.press("escape", "n")
        assert "NEW INSTANCE" in hand.dialog


@pytest.mark.parametrize(
    ("key", "moves", "says"),
    [
        ("6", ("j", "j", "j"), "this row is of no instance"),
        ("9", ("j",), "this row is of no instance"),
        ("7", ("j",), "2 instances trade this market: btc-mr, btc-trend; 1 goes there"),
    ],
)
async def test_a_row_of_no_one_instance_is_refused(
    key: str, moves: tuple[str, ...], says: str
) -> None:
    async with opened((120, 40), engine=FakeEngine(header=PAPER)) as hand:
        await hand.press(key, *moves, "o")
        assert says in hand.message
        assert hand.actions.calls == []


async def test_a_market_of_one_instance_means_it() -> None:
    one = tuple(row for row in instances() if row.strategy_id != "btc-trend")
    async with opened((120, 40), engine=FakeEngine(header=PAPER, instances=one)) as hand:
        await hand.press("7", "j", "p")
        assert "PAUSE btc-mr" in hand.dialog


async def test_the_row_of_an_instance_that_is_gone_is_refused() -> None:
    left = tuple(row for row in instances() if row.strategy_id != "btc-mr")
    async with opened((120, 40), engine=FakeEngine(header=PAPER, instances=left)) as hand:
        await point(hand, "3", "btc-mr")
        await hand.press("o")
        assert hand.message == "no instance called btc-mr is there any more"


async def test_marks_of_the_table_do_not_act_from_a_list() -> None:
    async with opened((120, 40), engine=FakeEngine(header=PAPER)) as hand:
        await hand.press("*")
        await point(hand, "3", "btc-mr")
        await hand.press("p")
        assert "PAUSE btc-mr" in hand.dialog and "marked" not in hand.dialog


async def test_the_pane_below_the_table_says_which_too() -> None:
    async with opened((200, 50), engine=FakeEngine(header=PAPER)) as hand:
        await hand.press("shift+tab", "]")
        assert hand.main.state.focus == "lower"
        await hand.press("o")
        assert hand.message == "no row is chosen: j chooses one"
        observing = replace(instances()[0], mode=InstanceMode.OBSERVE)
        await hand.push(observing)
        assert hand.actions.calls == []


async def test_an_order_of_a_locked_instance_is_not_cancelled() -> None:
    async with opened((120, 40), engine=FakeEngine(header=PAPER)) as hand:
        await said(hand, "lock btc-mr")
        await point(hand, "3", "btc-mr")
        await hand.press("x")
        assert hand.dialog == "" and "btc-mr is locked" in hand.message


@pytest.mark.parametrize(("key", "tab"), [("f", "Fills"), ("d", "Decisions")])
async def test_fills_and_decisions_are_those_of_the_row(key: str, tab: str) -> None:
    async with opened((120, 40)) as hand:
        await hand.press("3", key)
        assert hand.message == "no row is chosen: j chooses one"
        await point(hand, "3", "eth-mr")
        await hand.press(key)
        assert hand.main.state.table.selected == "eth-mr"
        assert hand.main.state.focused_tab() == tab and hand.main.state.focus == "upper"


async def test_the_alert_under_the_cursor_is_acknowledged_and_named() -> None:
    async with opened((120, 40)) as hand:
        first, second = sorted_alerts(hand.main.replica.alerts.values())[:2]
        await hand.press("0", "ctrl+g")
        assert hand.message == "no row is chosen: j chooses one"
        await hand.press("j", "j", "ctrl+g")
        assert hand.engine.commands == [AcknowledgeAlert(second.alert_id, "op")]
        assert hand.message.startswith(f"acknowledged: {second.strategy_id} ")
        await hand.push(replace(second, is_acknowledged=True))
        await hand.press("ctrl+g")
        assert hand.message == "acknowledged already" and len(hand.engine.commands) == 1
        await hand.press("1", "ctrl+g")
        assert hand.engine.commands[1] == AcknowledgeAlert(first.alert_id, "op")


async def test_an_acknowledgement_that_is_refused_says_why() -> None:
    async with opened((120, 40)) as hand:
        hand.engine.reply = CommandReply(False, "no such alert")
        await hand.press("ctrl+g")
        assert hand.message == "no such alert"
