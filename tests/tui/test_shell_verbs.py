"""The shell's verbs on the ``:`` line, beside the click tree, and jumps by name.

Also the tests of ``tui/screens/jumping.py``, ``tui/widgets/settings_list.py``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import click
import pytest
from tests.tui.fixtures import FakeEngine, FakeShell, decisions, fills, orders
from tests.tui.hand import Hand, opened

from tradetui.cli.main import cli
from tradetui.domain.enums import InstanceMode
from tradetui.tui.actions import Printed
from tradetui.tui.keymap import BINDINGS
from tradetui.tui.screens.shell_verbs import BARE, READS, WRITES, said_of
from tradetui.tui.widgets.record_lists import decision_key

APART = {
    ("backtest",): "runs for long on files, apart from what runs here",
    ("demo",): "opens a console of its own",
    ("run",): "opens a console of its own",
    ("travel",): "opens a console of its own",
    ("completion",): "is for a shell's own file",
    ("restore",): "puts a backup in the place of what runs; :restore NAME is of an instance",
    ("engine", "recover"): "brings a run back that has ended",
    ("journal", "archive"): "the running engine archives by itself",
    ("journal", "put-aside"): "takes the journal from under an engine that runs",
    ("journal", "export"): "prints millions of lines; :export writes what a list shows",
    ("journal", "events"): "pages for programs; the console has screen 8 and its filters",
}
"""Commands that have no place beside a running console, and why."""
BY_KEY_WORD = {
    ("instances", "create"): "create",
    ("instances", "duplicate"): "duplicate",
    ("instances", "mode"): "mode",
    ("instances", "config"): "config",
    ("instances", "delete"): "delete",
    ("instances", "restore"): "restore",
    ("instances", "pause"): "pause",
    ("instances", "resume"): "resume",
    ("instances", "exit-only"): "exit-only",
    ("instances", "reload"): "reload",
    ("kill",): "kill",
    ("release",): "release",
    ("flatten",): "flatten",
    ("cancel",): "cancel",
    ("why",): "why",
    ("why-not",): "why-not",
    ("since",): "since",
}
"""Commands that act, or explain, and the verb that goes the way of their key."""


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not isinstance(command, click.Group):
        return [path]
    return [leaf for name, sub in command.commands.items() for leaf in leaves(sub, (*path, name))]


async def typed(hand: Hand, text: str) -> None:
    await hand.press(":", *text, "enter")


async def test_every_command_of_the_shell_is_a_verb_or_named_as_apart() -> None:
    there = set(leaves(cli))
    printed = {*READS.values(), *WRITES.values()}
    assert there == printed | set(BY_KEY_WORD) | set(APART)
    assert not printed & set(BY_KEY_WORD)
    async with opened((120, 40)) as hand:
        verbs = set(hand.main.keys.commands.candidates(""))
        assert set(BY_KEY_WORD.values()) <= verbs
        assert {name.split()[0] for name in (*READS, *WRITES)} <= verbs
        assert verbs >= BARE


TYPED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("list", ("instances", "list")),
    ("instances list --json", ("instances", "list", "--json")),
    ("tradetui show btc-mr", ("instances", "show", "btc-mr")),
    ("strategies", ("strategies", "list")),
    ("strategies check 'my own'", ("strategies", "check", "my own")),
    ("config path", ("config", "path")),
    ("journal size", ("journal", "size")),
    ("doctor", ("doctor",)),
    ("orders --all", ("orders", "--all")),
    ("log --limit 5", ("log", "--limit", "5")),
    ("backup /tmp/b.tar", ("backup", "/tmp/b.tar")),
)


async def test_a_read_shows_what_the_shell_prints() -> None:
    shell = FakeShell()
    async with opened((100, 30), shell=shell) as hand:
        for text, command in TYPED:
            await typed(hand, text)
            assert shell.asked == [command]
            assert shell.columns == 94
            assert "btc-mr  active" in hand.dialog
            assert f"tradetui {command[0]}" in hand.dialog
            await hand.press("escape")
            assert hand.dialog == ""
            shell.asked.clear()
            shell.columns = 0


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_keys_alone_are_those_of_this_console_with_their_names(size: tuple[int, int]) -> None:
    """What the shell prints has five columns: each binding took three lines at 80x24."""
    shell = FakeShell()
    own = [replace(one, shown="F2", keys=("f2",)) if one.id == "why" else one for one in BINDINGS]
    async with opened(size, shell=shell, bindings=own) as hand:
        await typed(hand, "keys")
        assert shell.asked == []
        told: list[str] = []
        for _ in range(30):
            told += [line.strip("| ") for line in hand.dialog.splitlines()]
            await hand.press("ctrl+d")
        assert any(re.match(r"j down arrow +down +down$", line) for line in told)
        assert any(re.match(r"F2 +why +why: the chain", line) for line in told)
        assert not any(line.startswith("w ") for line in told)
        await hand.press("escape")
        await typed(hand, "keys --json")
        assert shell.asked == [("keys", "--json")]


async def test_words_alone_open_their_screens() -> None:
    shell = FakeShell()
    async with opened((120, 40), shell=shell) as hand:
        for word, screen in (("orders", "screen_orders"), ("history", "screen_fills"),
                             ("log", "screen_journal"), ("journal", "screen_journal"),
                             ("status", "screen_main")):  # fmt: skip
            await typed(hand, word)
            assert hand.main.state.screen == screen
        assert shell.asked == []


async def test_a_refusal_of_the_shell_is_one_sentence() -> None:
    said = ("tradetui: `tradetui instances show` wants NAME",)
    async with opened((100, 30), shell=FakeShell(Printed(2, (), said))) as hand:
        await typed(hand, "show")
        assert hand.dialog == ""
        assert hand.message == "`tradetui instances show` wants NAME"
        assert hand.main.is_refused


def test_what_is_said_without_data() -> None:
    assert said_of(Printed(0, (), ("nothing is held",))) == "nothing is held"
    assert said_of(Printed(0, ())) == "done, nothing to show"
    assert said_of(Printed(9, ())) == "it ended with 9"
    assert said_of(Printed(3, (), ("tradetui: no\x1b[31m",))) == "no?[31m"


WRONG = (
    ("undo it", "undo takes nothing behind it"),
    ("risk btc", "risk takes nothing behind it"),
    ("show 'x", "a quote is not closed"),
    ("mode btc-mr", "mode wants an instance and one of off, observe, active"),
    ("mode btc-mr on", "mode wants an instance"),
    ("mode nosuch off", "no instance called nosuch"),
    ("exit-only", "exit-only wants an instance, or all"),
    ("exit-only nosuch", "no instance called nosuch"),
    ("journal archive", "journal 'archive' is not known here: runs, size, verify"),
    ("strategies run", "strategies 'run' is not known here"),
    ("config nosuch z=3", "no instance called nosuch"),
    ("config btc-mr zz=3", "zz"),
    ("config btc-mr z=abc", "z must be a number"),
    ("config btc-mr z=2.0", "btc-mr: nothing changes, it is so already"),
    ("create a b", "create wants one id"),
    ("create a --strategy", "create wants an id, then key=value"),
    ("duplicate a b c", "duplicate wants an instance and the new id"),
    ("duplicate nosuch", "no instance called nosuch"),
    ("cancel a b", "cancel wants one order's id"),
    ("cancel nosuch", "there is no order nosuch here"),
    ("restore", "restore wants the id of a deleted instance"),
    ("restore btc-mr", "btc-mr is there"),
    ("why-not a b", "why-not wants one instance"),
    ("why-not nosuch", "no instance called nosuch"),
)


async def test_wrong_words_are_refused_in_a_sentence() -> None:
    async with opened((140, 40)) as hand:
        for text, sentence in WRONG:
            hand.main.say("nothing was said yet")
            await typed(hand, text)
            assert sentence in hand.message
            assert hand.main.is_refused
            assert hand.dialog == ""
            assert hand.engine.commands == []


async def test_a_recorded_run_has_no_shell_to_ask() -> None:
    async with opened((100, 30), shell=None) as hand:
        await typed(hand, "doctor")
        assert "here is no shell to ask" in hand.message
        await typed(hand, "settings")
        assert any("theme" in line and "dark" in line for line in hand.pane("lower"))


async def test_settings_show_what_is_chosen_and_what_the_files_say() -> None:
    async with opened((100, 30)) as hand:
        await typed(hand, "theme light")
        await typed(hand, "lock btc-mr")
        await typed(hand, "settings")
        shown = "\n".join(hand.pane("lower"))
        for words in (("theme", "light", "remembered"), ("locked", "btc-mr"),
                      ("limits.default.budget", "2000", "tradetui.toml:14"),
                      ("state folder", "/home/op/state")):  # fmt: skip
            assert any(all(word in line for word in words) for line in shown.split("\n")), words


async def test_a_console_that_only_looks_writes_no_backup() -> None:
    shell = FakeShell()
    async with opened((100, 30), shell=shell, read_only=True) as hand:
        await typed(hand, "backup /tmp/b.tar")
        assert shell.asked == []
        assert hand.main.is_refused


async def test_config_by_words_asks_with_the_difference() -> None:
    async with opened((120, 40)) as hand:
        await typed(hand, "config btc-mr z=3 rr=5")
        assert "z: 2.0 -> 3.0" in hand.dialog
        assert "rr: 2.5 -> 5.0  x2" in hand.dialog
        await hand.press("y")
        assert hand.actions.calls[-1][0] == "set_config"


async def test_config_of_a_name_alone_opens_the_form() -> None:
    async with opened((120, 40)) as hand:
        await typed(hand, "config btc-mr")
        assert "CONFIG btc-mr" in hand.dialog
        assert "->" not in hand.dialog


async def test_create_and_duplicate_fill_the_form() -> None:
    async with opened((120, 40)) as hand:
        await typed(hand, "create my-one --market ETH/USDT z=4")
        assert "my-one" in hand.dialog and "ETH/USDT" in hand.dialog
        await hand.press("ctrl+y")
        assert "NEW my-one" in hand.dialog and "4.0" in hand.dialog
        await hand.press("escape")
        await typed(hand, "duplicate eth-mr eth-two")
        assert "eth-two" in hand.dialog and "ETH/USDT" in hand.dialog


async def test_mode_goes_the_way_of_the_keys() -> None:
    async with opened((120, 40)) as hand:
        await typed(hand, "mode ada-test observe")
        assert hand.actions.calls[-1][0] == "set_mode"
        assert hand.actions.calls[-1][1][:2] == ("ada-test", InstanceMode.OBSERVE)
        await typed(hand, "mode xrp-bb active")
        assert "ACTIVATE xrp-bb" in hand.dialog


async def test_exit_only_of_one_and_of_all_is_at_once() -> None:
    async with opened((120, 40)) as hand:
        await typed(hand, "exit-only btc-mr")
        assert len(hand.engine.commands) == 1
        assert "btc-mr" in repr(hand.engine.commands[0])
        await typed(hand, "exit-only all")
        assert len(hand.engine.commands) == 2


async def test_restore_brings_a_deleted_instance_back() -> None:
    async with opened((120, 40)) as hand:
        await typed(hand, "restore gone-one")
        assert hand.actions.calls[-1] == ("restore", ("gone-one",))


async def test_why_not_explains_the_instance_that_is_named() -> None:
    async with opened((120, 40)) as hand:
        await typed(hand, "why-not eth-mr")
        assert "eth-mr" in hand.dialog


async def test_cancel_goes_to_the_order_and_asks() -> None:
    order = next(one for one in orders() if one.is_open and not one.is_shadow)
    async with opened((120, 40)) as hand:
        await typed(hand, f"cancel {order.client_order_id}")
        assert "CANCEL ORDER" in hand.dialog and order.client_order_id in hand.dialog
        assert hand.main.state.screen == "screen_orders"


async def test_a_name_alone_jumps_to_its_row() -> None:
    order, fill, decided = orders()[0], fills()[0], decisions()[0]
    chosen = 4 + [line.key for line in FakeShell().settings].index("ui.theme")
    names: dict[str, tuple[str, Any]] = {
        order.client_order_id: ("Orders", order.client_order_id),
        fill.trade_id: ("Fills", f"{fill.run_id}/{fill.trade_id}/{fill.seq_id}"),
        "btc/usdt": ("Markets", "BTC/USDT.BINANCE"),
        f"{decided.seq_id:,}": ("Decisions", decision_key(decided)),
        f"{decided.seq_id}@{decided.strategy_id}": ("Decisions", decision_key(decided)),
        "ui.theme": ("Settings", f"{chosen} ui.theme"),
    }
    async with opened((120, 40), shell=FakeShell()) as hand:
        hand.main.state.filters["Orders"] = "nothing"
        for name, (tab, key) in names.items():
            await typed(hand, name)
            assert hand.main.state.lower_tab == tab
            assert hand.main.state.list_state("lower", tab).selected == key
            assert not hand.main.is_refused
        await typed(hand, "eth-mr")
        assert hand.main.state.table.selected == "eth-mr"
        await typed(hand, f"{decided.seq_id}@nobody")
        assert "no verb" in hand.message
        await typed(hand, "tt7k-9999")
        assert "no verb 'tt7k-9999'" in hand.message


async def test_words_are_completed() -> None:
    async with opened((120, 40)) as hand:
        found = hand.main.keys.commands.candidates
        assert found("jour") == ["journal"]
        assert found("journal ") == ["runs", "size", "verify"]
        assert found("mode btc-mr a") == ["active"]
        assert found("exit-only a") == ["all", "ada-test"]
        assert "path" in found("config ") and "btc-mr" in found("config ")
        assert found("BTC") == ["BTC/USDT"]
        assert all(one.startswith("tt7k") for one in found("cancel "))


async def test_the_word_instances_may_stand_before_its_verbs() -> None:
    async with opened((120, 40)) as hand:
        found = hand.main.keys.commands.candidates
        assert found("inst") == ["instance", "instances"]
        group = cli.commands["instances"]
        assert isinstance(group, click.Group)
        assert found("instances ") == found("tradetui instances ") == sorted(group.commands)
        assert found("instances mode btc-mr a") == ["active"]
        assert found("tradetui jour") == ["journal"]
        await hand.press("3")
        await typed(hand, "instances")
        assert hand.main.state.screen == "screen_main" and not hand.main.is_refused


async def test_a_fake_engine_without_orders_completes_no_order() -> None:
    async with opened((120, 40), engine=FakeEngine(orders=())) as hand:
        assert hand.main.keys.commands.candidates("cancel ") == []
