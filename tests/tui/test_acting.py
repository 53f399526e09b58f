"""Keys that act: what each grade asks, what is sent, what is refused.

Also the tests of ``tui/dialogs/choose.py``, ``tui/dialogs/form.py``,
``tui/screens/asking.py``, ``tui/screens/cancelling.py``, ``tui/screens/reloading.py``,
``tui/screens/switching.py``,
``tui/dialogs/stop.py``, ``tui/screens/acts.py``, ``tui/screens/commands.py``,
``tui/screens/holds.py``, ``tui/screens/playback.py``, ``tui/screens/records.py``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from msgspec.structs import replace
from tests.tui.fixtures import FakeActions, FakeEngine, at, header, instances, orders
from tests.tui.hand import Hand, opened

from tradetui.domain.commands import (
    AcknowledgeAlert,
    CancelOne,
    ClosePosition,
    CommandReply,
    Pause,
    ReleaseHold,
    ReloadInstance,
    SetExitOnly,
    SetKillSwitch,
    SetPlayback,
)
from tradetui.domain.enums import InstanceMode, InstanceState, KillState, RunMode, Scope
from tradetui.domain.ids import StrategyId
from tradetui.domain.replica import InstanceGone, KillView
from tradetui.tui.keyguard import KeyTimes
from tradetui.tui.keymap import BINDINGS
from tradetui.tui.own_keys import shown

PAPER = header(run_mode=RunMode.PAPER, account="paper/main")
REPLAY = header(run_mode=RunMode.PAPER, feed="btcusd 1m", speed=100, playing="PLAYING")
BTC = instances()[1]


def paper(**more) -> FakeEngine:
    return FakeEngine(header=more.pop("header", PAPER), **more)


async def go(hand: Hand, name: str) -> None:
    """Select an instance by name."""
    hand.main.select(name)
    hand.main.draw()
    await hand.settle()


# -- power and activation ----------------------------------------------------------------------


async def test_power_switches_off_to_observe_at_once() -> None:
    async with opened() as hand:
        await hand.press("o")
        assert hand.actions.calls == [
            ("set_mode", ("ada-test", InstanceMode.OBSERVE, 12, InstanceState.OFF))
        ]
        assert hand.message == "done"


async def test_power_switches_observe_off_at_once() -> None:
    async with opened() as hand:
        await go(hand, "xrp-bb")
        await hand.press("o")
        assert hand.actions.calls[0][1][1] is InstanceMode.OFF


async def test_power_from_active_asks_and_y_does_it() -> None:
    async with opened() as hand:
        await go(hand, "btc-mr")
        await hand.press("o")
        assert "btc-mr: active -> off" in hand.dialog
        assert "LIVE, real money" in hand.dialog
        assert "+0.02350 BTC, 2 orders" in hand.dialog
        await hand.press("enter")
        assert hand.actions.calls == []
        await hand.press("y")
        assert hand.actions.calls[0][1][:2] == ("btc-mr", InstanceMode.OFF)
        assert hand.dialog == ""


@pytest.mark.parametrize(("key", "mode"), [("o", InstanceMode.OFF), ("a", InstanceMode.OBSERVE)])
async def test_leaving_active_with_entry_orders_asks_what_becomes_of_them(
    key: str, mode: InstanceMode
) -> None:
    for answer, kept in (("y", ()), ("l", ("kept",))):
        async with opened() as hand:
            await go(hand, "eth-grid")
            await hand.press(key)
            assert f"cancel 5 entry orders, then {mode.value}" in hand.dialog
            assert "leave 5 entry orders open with nobody to manage them" in hand.dialog
            await hand.press("enter", "k")
            assert hand.actions.calls == []
            await hand.press(answer)
            (call,) = hand.actions.calls
            assert (call[1][0], call[1][1], call[1][4:]) == ("eth-grid", mode, kept)
            assert hand.dialog == ""


async def test_without_entry_orders_there_is_nothing_to_choose() -> None:
    async with opened() as hand:
        await go(hand, "btc-mr")
        await hand.press("o")
        assert "leave active, to off?" in hand.dialog
        assert "the position and 2 exits and stops" in hand.dialog
        await hand.press("l")
        assert hand.actions.calls == []


async def test_what_is_flat_leaves_nothing_behind() -> None:
    async with opened() as hand:
        row = hand.main.replica.instances[StrategyId("btc-mr")]
        gone = [replace(one, is_open=False) for one in orders() if one.strategy_id == "btc-mr"]
        await hand.push(replace(row, position=0, orders_open=0), *gone)
        await go(hand, "btc-mr")
        await hand.press("o")
        assert "stays     nothing: it is flat, without exits and stops" in hand.dialog


async def test_escape_does_nothing_and_says_so() -> None:
    async with opened() as hand:
        await go(hand, "btc-mr")
        await hand.press("o", "escape")
        assert hand.message == "Nothing done."
        assert hand.actions.calls == []


async def test_activation_is_refused_while_off() -> None:
    async with opened() as hand:
        await hand.press("a")
        assert hand.message == "ada-test is off: o switches it to observe first"


async def test_activation_on_live_needs_the_typed_id() -> None:
    async with opened() as hand:
        await go(hand, "xrp-bb")
        await hand.press("a")
        assert "ACTIVATE xrp-bb" in hand.dialog
        assert "may lose  60.00 USDT a day" in hand.dialog
        assert "26h10m: 4 would-be orders, would-be PnL +6.10 USDT" in hand.dialog
        await hand.type("xrp-b")
        await hand.press("y", "enter", "backspace")
        assert "Enter never confirms" not in hand.dialog
        assert hand.actions.calls == []
        await hand.type("b")
        assert hand.actions.calls[0][1][:2] == ("xrp-bb", InstanceMode.ACTIVE)


async def test_activation_on_paper_needs_y() -> None:
    async with opened(engine=paper()) as hand:
        await go(hand, "xrp-bb")
        await hand.press("a")
        assert "PAPER, simulated money" in hand.dialog
        await hand.press("y")
        assert hand.actions.calls[0][1][1] is InstanceMode.ACTIVE


async def test_a_pasted_id_does_not_activate() -> None:
    async with opened() as hand:
        await go(hand, "xrp-bb")
        await hand.press("a")
        hand.main.keys.paste("xrp-bb")
        hand.main.draw()
        assert "must be typed" in hand.dialog
        assert hand.actions.calls == []


async def test_leaving_active_asks() -> None:
    async with opened() as hand:
        await go(hand, "eth-grid")
        await hand.press("a")
        assert "cancel 5 entry orders" in hand.dialog
        assert "6 exits and stops" in hand.dialog
        await hand.press("y")
        assert hand.actions.calls[0][1][1] is InstanceMode.OBSERVE


async def test_an_act_is_refused_when_its_state_changed_meanwhile() -> None:
    async with opened() as hand:
        await go(hand, "btc-mr")
        await hand.press("o")
        await hand.push(replace(BTC, state=InstanceState.BLOCKED))
        await hand.press("y")
        assert hand.message == "changed while you looked: ACTIVE -> blocked. Nothing done."
        assert hand.actions.calls == []


async def test_an_act_is_refused_when_its_instance_is_gone() -> None:
    async with opened() as hand:
        await go(hand, "btc-mr")
        await hand.press("o")
        await hand.push(InstanceGone(StrategyId("btc-mr")))
        await hand.press("y")
        assert hand.message == "changed while you looked: ACTIVE -> gone. Nothing done."


async def test_a_refusal_of_the_service_is_a_sentence() -> None:
    async with opened() as hand:
        hand.actions.reply = CommandReply(False, "ada-test changed while you looked.")
        await hand.press("o")
        assert hand.message == "ada-test changed while you looked."
        assert hand.main.is_refused


async def test_an_act_that_raises_is_a_sentence_and_the_screen_lives() -> None:
    class Broken(FakeActions):
        async def set_mode(self, *_: object, **__: object) -> CommandReply:
            raise OSError("disk on fire")

    async with opened(actions=Broken()) as hand:
        await hand.press("o")
        assert hand.message == "that failed: OSError: disk on fire"
        await hand.press("j")
        assert hand.main.state.table.selected == "btc-mr"


# -- pause, resume -----------------------------------------------------------------------------


async def test_pause_at_once_when_there_is_nothing_to_guard() -> None:
    async with opened() as hand:
        await go(hand, "xrp-bb")
        await hand.press("p")
        assert hand.engine.commands == [
            Pause(StrategyId("xrp-bb"), True, InstanceState.OBSERVE, "op")
        ]


@pytest.mark.parametrize(("key", "kind"), [("e", SetExitOnly), ("p", Pause)])
async def test_pause_with_a_position_offers_exit_only_first(key: str, kind: type) -> None:
    async with opened() as hand:
        await go(hand, "btc-mr")
        await hand.press("p")
        assert "exit-only" in hand.dialog
        assert hand.engine.commands == []
        await hand.press(key)
        assert [type(command) for command in hand.engine.commands] == [kind]
        assert hand.engine.commands[0].seen is InstanceState.ACTIVE


async def test_pausing_what_is_off_is_refused() -> None:
    async with opened() as hand:
        await hand.press("p")
        assert "there is nothing to pause" in hand.message


@pytest.mark.parametrize(
    ("state", "command"),
    [
        (InstanceState.PAUSED, Pause(BTC.strategy_id, False, InstanceState.PAUSED, "op")),
        (InstanceState.HELD, ReleaseHold(BTC.strategy_id, InstanceState.HELD, "op")),
        (InstanceState.ERROR, ReleaseHold(BTC.strategy_id, InstanceState.ERROR, "op")),
        (
            InstanceState.EXIT_ONLY,
            SetExitOnly(BTC.strategy_id, False, "op", "resumed", InstanceState.EXIT_ONLY),
        ),
    ],
)
@pytest.mark.parametrize("is_live", [True, False])
async def test_resume_at_once_on_paper_and_with_y_on_live(state, command, is_live: bool) -> None:
    rows = (replace(BTC, state=state),)
    engine = FakeEngine(instances=rows) if is_live else paper(instances=rows)
    async with opened(engine=engine) as hand:
        await hand.press("r")
        if is_live:
            assert engine.commands == []
            await hand.press("y")
        assert engine.commands == [command]


async def test_nothing_to_resume_is_said_with_the_reason() -> None:
    async with opened() as hand:
        await go(hand, "eth-grid")
        await hand.press("r")
        assert "eth-grid is blocked: order_unknown" in hand.message
        assert hand.engine.commands == []


# -- STOP and release --------------------------------------------------------------------------


async def test_the_stop_dialog_as_drawn() -> None:
    async with opened() as hand:
        await go(hand, "eth-grid")
        await hand.press("!")
        dialog = hand.dialog
        assert "this eth-grid     marked 0     > ALL 7" in dialog
        assert "cancel 5 entry orders; 9 exits stay" in dialog
        assert "1 unknown order: watched, cancelled when found" in dialog
        assert "0.8400 ETH" in dialog
        assert "sell 0.03350 BTC, 0.8400 ETH, 12.40" in dialog
        assert "about 6,698.60 USDT" in dialog
        assert "| ! again: e for ALL  " in dialog


def exits_only(scope: Scope, key: str, *, cancels: bool) -> SetKillSwitch:
    return SetKillSwitch(
        scope, key, KillState.REDUCING, KillState.NORMAL, "op", "STOP dialog", cancels
    )


async def test_e_is_exit_only_for_the_scope_at_once() -> None:
    async with opened() as hand:
        await go(hand, "eth-grid")
        await hand.press("!", "tab", "e")
        assert hand.engine.commands == [exits_only(Scope.STRATEGY, "eth-grid", cancels=False)]


async def test_the_second_stop_key_is_exit_only_for_all() -> None:
    async with opened() as hand:
        await hand.press("!", "tab", "!")
        assert hand.engine.commands == [exits_only(Scope.GLOBAL, "", cancels=False)]


async def test_c_cancels_after_y() -> None:
    async with opened() as hand:
        await hand.press("!", "c")
        assert "5 entry orders" in hand.dialog
        assert hand.engine.commands == []
        await hand.press("y")
        assert hand.engine.commands == [exits_only(Scope.GLOBAL, "", cancels=True)]


async def test_x_closes_after_the_typed_word() -> None:
    async with opened() as hand:
        await hand.press("!", "x")
        await hand.type("CLOS")
        await hand.press("enter")
        assert hand.engine.commands == []
        await hand.type("E")
        assert hand.engine.commands == [ClosePosition(None, "op", "STOP dialog")]


async def test_h_halts_after_the_typed_word() -> None:
    async with opened() as hand:
        await hand.press("!", "h")
        await hand.type("HALT")
        (command,) = hand.engine.commands
        assert isinstance(command, SetKillSwitch)
        assert (command.scope, command.state) == (Scope.GLOBAL, KillState.HALTED)


async def test_the_enter_behind_a_typed_word_opens_nothing() -> None:
    async with opened() as hand:
        await hand.press("!", "h")
        await hand.type("HALT")
        await hand.press("enter")
        assert hand.main.state.zoomed == ""
        assert hand.dialog == ""
        await hand.press("j", "q", "escape")
        assert "at the top" not in hand.message


async def test_u_after_a_new_instance_asks_whether_to_delete_it() -> None:
    async with opened() as hand:
        await go(hand, "btc-mr")
        await hand.press("n")
        await hand.type("btc-two")
        await hand.press("ctrl+y", "ctrl+y")
        off = next(one for one in instances() if one.strategy_id == "ada-test")
        await hand.push(replace(off, strategy_id=StrategyId("btc-two")))
        await hand.press("u")
        assert "DELETE btc-two" in hand.dialog
        await hand.press("y")
        assert [name for name, _ in hand.actions.calls] == ["create", "delete"]


async def test_marked_instances_are_a_scope_of_their_own() -> None:
    async with opened() as hand:
        await go(hand, "btc-mr")
        await hand.press(" ", "j", " ", "!", "tab", "tab", "e")
        assert [command.key for command in hand.engine.commands] == ["btc-mr", "btc-trend"]


async def test_an_empty_scope_is_said() -> None:
    async with opened() as hand:
        await hand.press("!", "tab", "tab", "e")
        assert "no instance in scope marked" in hand.dialog
        assert hand.engine.commands == []


async def test_the_figures_of_a_stop_are_those_of_now() -> None:
    async with opened() as hand:
        await hand.press("!")
        assert "cancel 5 entry orders; 9 exits stay" in hand.dialog
        hand.engine.became(orders=orders()[:5])
        await hand.settle()
        assert "cancel 2 entry orders; 3 exits stay" in hand.dialog
        assert "unknown" not in hand.dialog


async def test_a_rung_does_not_do_what_was_not_shown() -> None:
    async with opened() as hand:
        await hand.press("!", "c")
        hand.engine.became(orders=orders()[:5])
        await hand.press("y")
        assert "changed as you answered: unknown orders 1 -> 0" in hand.dialog
        assert "2 entry orders; 3 exits stay" in hand.dialog
        assert "unknown orders 1 -> 0, since this opened" in hand.dialog
        assert hand.engine.commands == []
        await hand.press("y")
        assert hand.engine.commands == [exits_only(Scope.GLOBAL, "", cancels=True)]


async def test_the_last_letter_is_wanted_again_for_what_was_not_shown() -> None:
    async with opened() as hand:
        await hand.press("!", "x")
        await hand.type("CLOS")
        flat = tuple(replace(one, position=0) for one in instances())
        hand.engine.became(instances=flat)
        await hand.type("E")
        assert "btc-mr sell 0.02350 BTC -> nothing to close" in hand.dialog
        assert hand.engine.commands == []
        await hand.type("E")
        assert hand.engine.commands == [ClosePosition(None, "op", "STOP dialog")]


async def test_a_halt_does_not_wait_for_orders_to_rest() -> None:
    async with opened() as hand:
        await hand.press("!", "h")
        await hand.type("HAL")
        hand.engine.became(orders=orders()[:5])
        await hand.type("T")
        (command,) = hand.engine.commands
        assert isinstance(command, SetKillSwitch) and command.state is KillState.HALTED


@pytest.mark.parametrize(("keys", "named"), [(("f9", "!"), "F9 again: e for ALL"), (("x",), "")])
async def test_the_stop_dialog_names_a_person_s_own_key(keys: tuple[str, ...], named: str) -> None:
    own = {"stop": keys, "cancel": ("f8",)}
    bindings = [
        dataclasses.replace(one, keys=own[one.id], shown=shown(own[one.id][0]))
        if one.id in own
        else one
        for one in BINDINGS
    ]
    async with opened(bindings=bindings) as hand:
        await hand.press(keys[0])
        assert named in hand.dialog and ("again" in hand.dialog) is bool(named)
        await hand.press(keys[0])
        expected = [exits_only(Scope.GLOBAL, "", cancels=False)] if named else []
        assert hand.engine.commands == expected


KILL = KillView(Scope.GLOBAL, "", KillState.HALTED, "op", "fat finger", at("14:00:00"))


async def test_release_on_live_needs_a_reason_and_the_typed_word() -> None:
    async with opened(engine=FakeEngine(header=header(kills=(KILL,)))) as hand:
        await go(hand, "btc-mr")
        await hand.press("r")
        assert "fat finger" in hand.dialog
        await hand.press("tab")
        await hand.type("RELEASE")
        assert "say why first" in hand.dialog
        await hand.type("all is well")
        await hand.press("tab")
        await hand.type("RELEASE")
        (command,) = hand.engine.commands
        assert command == SetKillSwitch(
            Scope.GLOBAL, "", KillState.NORMAL, KillState.HALTED, "op", "all is well"
        )


async def test_release_on_paper_needs_y() -> None:
    engine = paper(header=replace(PAPER, kills=(KILL,)))
    async with opened(engine=engine) as hand:
        await go(hand, "btc-mr")
        await hand.press("r", "y")
        assert engine.commands[0].state is KillState.NORMAL


async def test_release_is_refused_when_the_switch_changed() -> None:
    engine = paper(header=replace(PAPER, kills=(KILL,)))
    async with opened(engine=engine) as hand:
        await go(hand, "btc-mr")
        await hand.press("r")
        await hand.push(PAPER)
        await hand.press("y")
        assert hand.message == "changed while you looked: HALTED -> NORMAL. Nothing done."


async def test_release_with_nothing_engaged_is_said() -> None:
    async with opened() as hand:
        await hand.press(":")
        await hand.type("release")
        await hand.press("enter")
        assert "every kill-switch is NORMAL" in hand.message


# -- orders ------------------------------------------------------------------------------------


async def test_cancel_works_in_an_orders_pane_only() -> None:
    async with opened() as hand:
        await hand.press("x")
        assert "orders pane" in hand.message
        await go(hand, "eth-grid")
        await hand.press("]", "tab", "j", "x")
        assert "CANCEL ORDER" in hand.dialog
        await hand.press("y")
        assert isinstance(hand.engine.commands[0], CancelOne)


async def test_a_protective_stop_needs_the_typed_word() -> None:
    async with opened() as hand:
        await go(hand, "btc-trend")
        await hand.press("]", "tab", "j", "x")
        assert "WITHOUT this stop" in hand.dialog
        await hand.press("y")
        assert hand.engine.commands == []
        await hand.press("backspace")
        await hand.type("CANCEL")
        assert len(hand.engine.commands) == 1


# -- forms -------------------------------------------------------------------------------------


async def test_the_config_form_shows_the_difference_and_keeps_it_after_y() -> None:
    async with opened() as hand:
        await go(hand, "btc-mr")
        await hand.press("e")
        assert "CONFIG btc-mr" in hand.dialog
        assert "float  0.5 to 5.0" in hand.dialog
        assert "entry, in deviations" in hand.dialog
        await hand.press("backspace", "backspace", "backspace")
        await hand.type("4.0")
        await hand.press("ctrl+y")
        assert "z: 2.0 -> 4.0  x2" in hand.dialog
        await hand.press("y")
        name, (owner, config, revision) = hand.actions.calls[0]
        assert (name, owner, config["z"], revision) == ("set_config", "btc-mr", 4.0, 12)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("9", "z must be from 0.5 to 5, got 9.0"),
        ("x", "z must be a number"),
        ("", "z must be a number"),
    ],
)
async def test_a_bad_value_is_said_at_its_field(typed: str, says: str) -> None:
    async with opened() as hand:
        await go(hand, "btc-mr")
        await hand.press("e", "backspace", "backspace", "backspace")
        await hand.type(typed)
        await hand.press("tab", "shift+tab")
        assert says in hand.dialog
        await hand.press("ctrl+y")
        assert says in hand.dialog
        assert hand.actions.calls == []


async def test_a_config_that_does_not_change_closes() -> None:
    async with opened() as hand:
        await go(hand, "btc-mr")
        await hand.press("e", "ctrl+y")
        assert hand.message == "btc-mr: nothing changed"


async def test_problems_of_the_whole_config_stay_in_the_form() -> None:
    async with opened() as hand:
        await go(hand, "btc-mr")
        hand.actions.problem = "stop_atr must be above rr"
        await hand.press("e", "backspace")
        await hand.type("1")
        await hand.press("ctrl+y")
        assert "stop_atr must be above rr" in hand.dialog


async def test_a_strategy_without_settings_says_so() -> None:
    async with opened() as hand:
        await go(hand, "eth-grid")
        await hand.press("e")
        assert "grid has no settings" in hand.message


async def test_a_new_instance_is_made_from_the_selected_one_always_off() -> None:
    async with opened() as hand:
        await go(hand, "btc-mr")
        await hand.press("n")
        assert "NEW INSTANCE" in hand.dialog
        assert "mean_revert" in hand.dialog
        await hand.type("btc-two")
        await hand.press("ctrl+y")
        assert "NEW btc-two: settings of mean_revert" in hand.dialog
        await hand.press("ctrl+y")
        ((name, (draft,)),) = hand.actions.calls
        assert name == "create"
        assert (draft.strategy_id, draft.strategy_type, draft.market) == (
            "btc-two",
            "mean_revert",
            "BTC/USDT",
        )


@pytest.mark.parametrize(
    ("name", "says"), [("Bad Id", "an id is 1 to 24"), ("eth-mr", "there is an instance eth-mr")]
)
async def test_a_bad_id_is_said(name: str, says: str) -> None:
    async with opened() as hand:
        await hand.press("n")
        await hand.type(name)
        await hand.press("ctrl+y")
        assert says in hand.dialog


async def test_choices_are_walked_with_the_arrows() -> None:
    async with opened() as hand:
        await hand.press("n", "tab")
        assert "left right choose" in hand.dialog
        before = hand.dialog
        await hand.press("right")
        assert hand.dialog != before
        await hand.type("x")
        assert "no choice begins with x" in hand.dialog
        await hand.press("tab", "shift+tab")
        assert "no choice begins with x" not in hand.dialog


async def test_a_refused_creation_stays_in_the_form() -> None:
    async with opened() as hand:
        hand.actions.reply = CommandReply(False, "that id was used before")
        await hand.press("n")
        await hand.type("again")
        await hand.press("ctrl+y", "ctrl+y")
        assert "that id was used before" in hand.dialog


async def test_delete_asks_and_refuses_what_is_not_off() -> None:
    async with opened() as hand:
        await hand.press(":")
        await hand.type("delete btc-mr")
        await hand.press("enter")
        assert "btc-mr is active, +0.02350 BTC, 2 orders: not deleted" in hand.message
        await hand.press(":")
        await hand.type("delete")
        await hand.press("enter")
        assert "DELETE ada-test" in hand.dialog
        await hand.press("y")
        assert hand.actions.calls == [("delete", ("ada-test", 12))]


# -- the rest ----------------------------------------------------------------------------------


async def test_undo_goes_back_the_way_the_keys_go() -> None:
    async with opened() as hand:
        await hand.press("u")
        assert hand.message.startswith("nothing to undo: u takes back")
        await hand.press("o")
        observing = replace(instances()[0], mode=InstanceMode.OBSERVE, state=InstanceState.OBSERVE)
        await hand.push(observing)
        await hand.press("u")
        assert hand.actions.calls[1][1][:2] == ("ada-test", InstanceMode.OFF)


async def test_undo_of_what_changed_since_is_refused() -> None:
    async with opened() as hand:
        await hand.press("o", "u")
        assert hand.message == "ada-test is off by now: nothing to undo"


async def test_acknowledge_takes_the_worst_first() -> None:
    async with opened() as hand:
        await hand.press("ctrl+g")
        assert hand.engine.commands == [AcknowledgeAlert("a1", "op")]


async def test_no_alert_to_acknowledge_is_said() -> None:
    async with opened(engine=FakeEngine(alerts=())) as hand:
        await hand.press("ctrl+g")
        assert hand.message == "no alert to acknowledge"


@pytest.mark.parametrize(
    ("key", "command"),
    [
        (">", SetPlayback("op", speed=200)),
        ("<", SetPlayback("op", speed=50)),
        (";", SetPlayback("op", playing=False)),
        ("i", SetPlayback("op", steps=1)),
    ],
)
async def test_a_replay_is_steered(key: str, command: SetPlayback) -> None:
    async with opened(engine=FakeEngine(header=REPLAY)) as hand:
        await hand.press(key)
        assert hand.engine.commands == [command]


@pytest.mark.parametrize("key", ["<", ">", ";", "i"])
async def test_real_time_cannot_be_steered(key: str) -> None:
    async with opened() as hand:
        await hand.press(key)
        assert "prices are in real time" in hand.message
        assert hand.engine.commands == []


# -- the command line --------------------------------------------------------------------------


async def said(hand: Hand, text: str) -> str:
    await hand.press(":")
    await hand.type(text)
    await hand.press("enter")
    return hand.message


async def test_verbs_act_like_their_keys() -> None:
    async with opened(engine=paper()) as hand:
        await said(hand, "observe ada-test")
        assert hand.actions.calls[0][1][:2] == ("ada-test", InstanceMode.OBSERVE)
        assert await said(hand, "observe xrp-bb") == "xrp-bb is observe already"
        assert await said(hand, "active ada-test") == (
            "ada-test is off: o switches it to observe first"
        )
        await said(hand, "instances pause xrp-bb")
        await said(hand, "reload xrp-bb")
        await hand.press("y")
        assert [type(command) for command in hand.engine.commands] == [Pause, ReloadInstance]
        assert "there is nothing to load anew" in await said(hand, "reload ada-test")
        assert "no instance called nobody" in await said(hand, "off nobody")


async def test_pause_all_offers_exit_only_for_all_first() -> None:
    async with opened((120, 40), engine=paper()) as hand:
        await said(hand, "pause all")
        assert "PAUSE 5 of all" in hand.dialog
        assert "hold      3 positions, 15 open orders" in hand.dialog
        assert "left out  ada-test off, sol-mm ERROR" in hand.dialog
        assert hand.engine.commands == []
        await hand.press("e")
        assert [one.strategy_id for one in hand.engine.commands] == ["btc-mr", "eth-grid", "eth-mr"]
        assert all(isinstance(one, SetExitOnly) for one in hand.engine.commands)
        assert hand.message == "exit-only: 3 done"


async def test_pause_all_pauses_all_the_same() -> None:
    async with opened((120, 40), engine=paper()) as hand:
        await said(hand, "pause all")
        await hand.press("p")
        names = [one.strategy_id for one in hand.engine.commands]
        assert names == ["btc-mr", "btc-trend", "eth-grid", "eth-mr", "xrp-bb"]
        assert all(isinstance(one, Pause) for one in hand.engine.commands)
        assert hand.message == "pause: 5 done"


async def test_pause_all_leaves_locked_ones_alone_and_says_so() -> None:
    async with opened((120, 40), engine=paper()) as hand:
        await said(hand, "lock eth-grid")
        await said(hand, "pause all")
        assert "locked    eth-grid: left alone" in hand.dialog
        await hand.press("p")
        assert "eth-grid" not in [one.strategy_id for one in hand.engine.commands]


async def test_pause_all_is_refused_when_a_state_changed_meanwhile() -> None:
    async with opened((120, 40), engine=paper()) as hand:
        await said(hand, "pause all")
        await hand.push(replace(BTC, state=InstanceState.BLOCKED))
        await hand.press("p")
        assert "ACTIVE -> blocked" in hand.message and hand.engine.commands == []


async def test_resume_all_leaves_locked_ones_paused() -> None:
    rows = tuple(
        replace(row, state=InstanceState.PAUSED) if row.mode is InstanceMode.ACTIVE else row
        for row in instances()
        if row.symbol == "BTC/USDT"
    )
    async with opened((120, 40), engine=paper(instances=rows)) as hand:
        await said(hand, "lock btc-mr")
        assert await said(hand, "resume all") == "resume: 1 done"
        assert [one.strategy_id for one in hand.engine.commands] == ["btc-trend"]
        await said(hand, "lock btc-trend")
        assert await said(hand, "resume all") == (
            "no instance is PAUSED; locked: btc-mr, btc-trend"
        )
    async with opened(engine=paper()) as hand:
        assert await said(hand, "resume all") == "no instance is PAUSED"


async def test_resume_all_is_refused_on_live() -> None:
    async with opened() as hand:
        assert "each instance is resumed by itself" in await said(hand, "resume all")


async def test_an_id_jumps_and_a_wrong_word_names_the_nearest() -> None:
    async with opened() as hand:
        assert await said(hand, "sol-mm") == "at sol-mm"
        assert hand.main.state.table.selected == "sol-mm"
        assert "did you mean pause?" in await said(hand, "puase")
        assert "Tab completes" in await said(hand, "zzzzzz")


async def test_completion_and_history() -> None:
    async with opened() as hand:
        await said(hand, "main")
        await hand.press(":", "d", "i", "tab")
        assert hand.message.startswith(":diagnostics")
        await hand.press("escape", ":", "up")
        assert hand.message.startswith(":main")
        await hand.press("down")
        assert hand.message.startswith(":   ")
        await hand.type("off eth")
        await hand.press("tab")
        assert hand.message.startswith(":off eth-")
        await hand.press("escape")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("speed 0", "speed wants a whole factor"),
        ("speed ten", "speed wants a whole factor"),
        ("step -1", "step wants a count"),
        ("theme nothing", "there is no theme 'nothing'"),
        ("theme light", "theme light"),
        ("theme high-contrast", "theme high-contrast"),
    ],
)
async def test_arguments_are_checked(line: str, says: str) -> None:
    async with opened() as hand:
        assert says in await said(hand, line)


async def test_speed_and_step_by_verb() -> None:
    async with opened(engine=FakeEngine(header=REPLAY)) as hand:
        await said(hand, "speed x1000")
        await said(hand, "step 10")
        await said(hand, "hold")
        await said(hand, "play")
        assert hand.engine.commands == [
            SetPlayback("op", speed=1000),
            SetPlayback("op", steps=10),
            SetPlayback("op", playing=False),
            SetPlayback("op", playing=True),
        ]


@pytest.mark.parametrize(
    ("verb", "title"),
    [
        ("stop", "STOP"), ("kill", "STOP"), ("flatten", "STOP"), ("stopentry", "STOP"),
        ("quit", "QUIT"), ("exit", "QUIT"), ("new", "NEW INSTANCE"),
        ("edit btc-mr", "CONFIG btc-mr"),
        ("help", "KEYS"),
    ],
)  # fmt: skip
async def test_verbs_open_their_dialogs(verb: str, title: str) -> None:
    async with opened() as hand:
        await said(hand, verb)
        assert title in hand.dialog


# -- the guard ---------------------------------------------------------------------------------


def held_back(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], None]]:
    """Collect what waits for a moment instead of letting the moment pass."""
    waiting: list[Callable[[], None]] = []
    monkeypatch.setattr(hand.main, "set_timer", lambda _, go: waiting.append(go))
    return waiting


async def test_an_act_in_a_burst_is_dropped_and_said() -> None:
    async with opened(key_times=KeyTimes(5, 10, 0)) as hand:
        await hand.pilot.press("h", "o")
        await hand.settle()
        assert "o dropped: it came in a burst" in hand.message
        assert hand.actions.calls == []


async def test_an_act_followed_by_other_letters_is_dropped_too(monkeypatch) -> None:
    async with opened(key_times=KeyTimes(30, 60, 0)) as hand:
        waiting = held_back(hand, monkeypatch)
        await hand.pilot.press("o", "l")
        waiting[0]()
        await hand.settle()
        assert "o dropped" in hand.message
        assert hand.actions.calls == []


async def test_an_act_by_itself_is_done_after_the_hold(monkeypatch) -> None:
    async with opened(key_times=KeyTimes(30, 60, 0)) as hand:
        waiting = held_back(hand, monkeypatch)
        await hand.pilot.press("o")
        assert hand.actions.calls == []
        waiting[0]()
        await hand.settle()
        assert len(hand.actions.calls) == 1


async def test_a_held_key_acts_once() -> None:
    async with opened(key_times=KeyTimes(0, 5, 0)) as hand:
        await hand.pilot.press("o", "o", "o")
        await hand.settle()
        assert len(hand.actions.calls) == 1


async def test_a_fresh_dialog_hears_nothing_and_no_repeats() -> None:
    async with opened(key_times=KeyTimes(0, 0, 30)) as hand:
        await go(hand, "btc-mr")
        await hand.press("o", "y")
        assert "active -> off" in hand.dialog
        assert hand.actions.calls == []


async def test_a_key_that_repeats_does_not_confirm(monkeypatch) -> None:
    async with opened(key_times=KeyTimes(0, 60, 0)) as hand:
        waiting = held_back(hand, monkeypatch)
        await go(hand, "btc-mr")
        hand.main.keys.acts.run("power")
        await hand.pilot.press("y", "y", "y")
        assert len(waiting) == 1
        waiting[0]()
        await hand.settle()
        assert hand.actions.calls == []


async def test_a_paste_outside_a_field_is_dropped() -> None:
    async with opened() as hand:
        hand.main.keys.paste("o\na\n!")
        hand.main.draw()
        assert "a paste outside a field is dropped" in hand.message
        assert hand.actions.calls == []
        await hand.press(":")
        hand.main.keys.paste("quit\x1b")
        hand.main.draw()
        assert hand.message.startswith(":quit?")


async def test_a_letter_typed_twice_quickly_is_two_letters() -> None:
    async with opened(key_times=KeyTimes(0, 60.0, 0)) as hand:
        await hand.press("n")
        await hand.type("dipper")
        assert "dipper" in hand.dialog
