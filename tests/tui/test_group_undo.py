"""``u`` after an act on several instances: one question for all that can be taken back.

Also the tests of ``tui/screens/group.py``, ``tui/screens/group_undo.py``.
"""

from __future__ import annotations

from msgspec.structs import replace
from tests.tui.fixtures import instances
from tests.tui.hand import Hand, opened
from tests.tui.test_acting import go, paper

from tradetui.domain.commands import CommandReply, Pause, ReleaseHold, SetExitOnly
from tradetui.domain.enums import InstanceMode, InstanceState
from tradetui.domain.ids import StrategyId
from tradetui.domain.replica import InstanceGone, InstanceView
from tradetui.tui.screens.group import named

ROWS = {row.strategy_id: row for row in instances()}


def row(name: str) -> InstanceView:
    return ROWS[StrategyId(name)]


async def marked(hand: Hand, *names: str) -> None:
    """Mark some instances and no other."""
    for name in names:
        await go(hand, name)
        await hand.press("space")


def led(name: str, mode: InstanceMode) -> InstanceView:
    """An instance after its mode was recorded."""
    state = InstanceState.OFF if mode is InstanceMode.OFF else InstanceState.OBSERVE
    return replace(row(name), mode=mode, state=state, revision=row(name).revision + 1)


def modes(hand: Hand) -> list[tuple[str, InstanceMode]]:
    return [(call[1][0], call[1][1]) for call in hand.actions.calls if call[0] == "set_mode"]


async def test_rows_that_went_off_observe_again_and_none_is_active() -> None:
    async with opened((120, 40), engine=paper()) as hand:
        await marked(hand, "xrp-bb", "btc-mr")
        await hand.press("o", "y")
        assert modes(hand) == [("btc-mr", InstanceMode.OFF), ("xrp-bb", InstanceMode.OFF)]
        await hand.push(led("btc-mr", InstanceMode.OFF), led("xrp-bb", InstanceMode.OFF))
        hand.actions.calls.clear()
        await hand.press("u")
        assert hand.message == "undo: off btc-mr, xrp-bb"
        assert "UNDO OFF 2" in hand.dialog and modes(hand) == []
        assert "btc-mr: observe, not active as before: a does that" in hand.dialog
        assert "xrp-bb: observe" in hand.dialog
        await hand.press("enter")
        assert modes(hand) == []
        await hand.press("y")
        assert modes(hand) == [("btc-mr", InstanceMode.OBSERVE), ("xrp-bb", InstanceMode.OBSERVE)]
        assert hand.message == "undo off: 2 done"
        await hand.press("u")
        assert hand.message.startswith("nothing to undo: u takes back")


async def test_rows_that_left_active_are_activated_again_after_y_on_paper() -> None:
    async with opened((120, 40), engine=paper()) as hand:
        await marked(hand, "btc-mr", "btc-trend")
        await hand.press("a", "y")
        await hand.push(led("btc-mr", InstanceMode.OBSERVE), led("btc-trend", InstanceMode.OBSERVE))
        hand.actions.calls.clear()
        await hand.press("u")
        assert "btc-mr, btc-trend: active, may send entries" in hand.dialog
        await hand.press("y")
        assert modes(hand) == [("btc-mr", InstanceMode.ACTIVE), ("btc-trend", InstanceMode.ACTIVE)]


async def test_on_live_no_undo_activates_several() -> None:
    async with opened((120, 40)) as hand:
        await marked(hand, "btc-mr", "btc-trend")
        await hand.press("a", "y")
        await hand.push(led("btc-mr", InstanceMode.OBSERVE), led("btc-trend", InstanceMode.OBSERVE))
        await hand.press("u")
        assert hand.dialog == "" and hand.main.is_refused
        assert hand.message.startswith("nothing to undo: btc-mr is activated by itself on live: a")


async def test_what_was_activated_together_observes_again() -> None:
    async with opened((120, 40), engine=paper()) as hand:
        await marked(hand, "xrp-bb")
        await hand.press("a", "y")
        assert modes(hand) == [("xrp-bb", InstanceMode.ACTIVE)]
        await hand.push(replace(row("xrp-bb"), mode=InstanceMode.ACTIVE, revision=99))
        await hand.press("u")
        assert "xrp-bb: observe; their entry orders are cancelled" in hand.dialog
        await hand.press("y")
        assert modes(hand)[-1] == ("xrp-bb", InstanceMode.OBSERVE)


async def test_what_cannot_be_taken_back_is_named_and_left_alone() -> None:
    async with opened((120, 40), engine=paper()) as hand:
        names = ("btc-mr", "btc-trend", "eth-mr", "xrp-bb")
        await marked(hand, *names)
        hand.actions.reply = CommandReply(True, "done")
        await hand.press("o", "y")
        await hand.push(*[led(name, InstanceMode.OFF) for name in names])
        await hand.push(InstanceGone(StrategyId("btc-mr")), led("eth-mr", InstanceMode.OBSERVE))
        await go(hand, "xrp-bb")
        await hand.press(":", *"lock", "enter", "u")
        assert "UNDO OFF 1" in hand.dialog
        said = " ".join(hand.dialog.split())
        assert "stays btc-mr is gone, eth-mr is observe by now, xrp-bb is locked" in said
        hand.actions.calls.clear()
        await hand.press("y")
        assert modes(hand) == [("btc-trend", InstanceMode.OBSERVE)]


async def test_an_act_that_is_not_in_force_yet_can_be_undone_a_moment_later() -> None:
    async with opened((120, 40), engine=paper()) as hand:
        await marked(hand, "xrp-bb")
        await hand.press("o", "y", "u")
        assert hand.main.is_refused
        assert hand.message == "off xrp-bb: not in force yet: u again in a moment undoes it"
        await hand.push(led("xrp-bb", InstanceMode.OFF))
        await hand.press("u")
        assert "UNDO OFF 1" in hand.dialog


async def test_what_was_refused_is_not_undone() -> None:
    async with opened((120, 40), engine=paper()) as hand:
        hand.actions.reply = CommandReply(False, "no")
        await marked(hand, "xrp-bb")
        await hand.press("o", "y", "u")
        assert hand.message.startswith("nothing to undo: u takes back")


async def test_rows_that_were_paused_together_are_resumed_together() -> None:
    async with opened((120, 40), engine=paper()) as hand:
        await marked(hand, "btc-mr", "xrp-bb")
        await hand.press("p", "p")
        await hand.push(
            replace(row("btc-mr"), state=InstanceState.PAUSED),
            replace(row("xrp-bb"), state=InstanceState.PAUSED),
        )
        hand.engine.commands.clear()
        await hand.press("u")
        assert "UNDO pause 2" in hand.dialog and "runs and may enter again" in hand.dialog
        assert hand.engine.commands == []
        await hand.press("y")
        assert hand.engine.commands == [
            Pause(StrategyId(name), False, InstanceState.PAUSED, "op")
            for name in ("btc-mr", "xrp-bb")
        ]


async def test_on_live_those_that_were_paused_are_resumed_each_by_itself() -> None:
    async with opened((120, 40)) as hand:
        await marked(hand, "btc-mr")
        await hand.press("p", "e")
        assert isinstance(hand.engine.commands[-1], SetExitOnly)
        await hand.push(replace(row("btc-mr"), state=InstanceState.EXIT_ONLY))
        hand.engine.commands.clear()
        await hand.press("u")
        assert hand.message == "nothing to undo: btc-mr is resumed by itself on live: r"
        assert hand.engine.commands == []


async def test_rows_that_were_resumed_are_held_again_as_far_as_a_person_can() -> None:
    states = {
        "btc-mr": InstanceState.PAUSED,
        "btc-trend": InstanceState.EXIT_ONLY,
        "eth-mr": InstanceState.HELD,
    }
    held = [replace(row(name), state=state) for name, state in states.items()]
    async with opened((120, 40), engine=paper()) as hand:
        await hand.push(*held)
        await marked(hand, *states)
        await hand.press("r", "y")
        assert any(isinstance(one, ReleaseHold) for one in hand.engine.commands)
        await hand.push(*[replace(one, state=InstanceState.ACTIVE) for one in held])
        hand.engine.commands.clear()
        await hand.press("u")
        assert "eth-mr was HELD, which only the engine sets" in hand.dialog
        await hand.press("y")
        pause, exit_only = hand.engine.commands
        assert pause == Pause(StrategyId("btc-mr"), True, InstanceState.ACTIVE, "op")
        assert isinstance(exit_only, SetExitOnly) and exit_only.exit_only
        assert exit_only.strategy_id == "btc-trend"


async def test_an_undo_of_what_changed_while_its_question_stood_is_refused() -> None:
    async with opened((120, 40), engine=paper()) as hand:
        await marked(hand, "xrp-bb")
        await hand.press("o", "y")
        await hand.push(led("xrp-bb", InstanceMode.OFF))
        await hand.press("u")
        await hand.push(replace(led("xrp-bb", InstanceMode.OBSERVE), revision=99))
        hand.actions.calls.clear()
        await hand.press("y")
        assert hand.message == "changed while you looked: off -> observe. Nothing done."
        assert modes(hand) == []


def test_a_sentence_names_a_dozen() -> None:
    assert named([str(at) for at in range(14)]).endswith("10, 11 and 2 more")
