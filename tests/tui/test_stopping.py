"""The verbs that stop: what they name is what the dialog is about, never silently all.

Also the tests of ``tui/screens/stopping.py``.
"""

from __future__ import annotations

from itertools import product

import pytest
from msgspec.structs import replace
from tests.tui.fixtures import FakeEngine, at, header
from tests.tui.hand import opened
from tests.tui.test_acting import said

from tradetui.domain.commands import SetKillSwitch
from tradetui.domain.enums import KillState, RunMode, Scope
from tradetui.domain.replica import KillView

PAPER = header(run_mode=RunMode.PAPER, account="paper/main")
VERBS = ("stop", "stopentry", "kill", "flatten", "forceexit")


def scope_line(dialog: str) -> str:
    return next(line for line in dialog.splitlines() if "scope" in line)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("kill", "> ALL 7"),
        ("flatten all", "> ALL 7"),
        ("forceexit strategy:eth-mr", "> this eth-mr"),
        ("flatten this", "> this ada-test"),
        ("kill marked", "> marked 2"),
        *((f"{verb} eth-mr", "> this eth-mr") for verb in VERBS),
    ],
)
async def test_what_is_named_is_preselected(line: str, says: str) -> None:
    async with opened((120, 40), engine=FakeEngine(header=PAPER)) as hand:
        await hand.press("j", " ", "j", " ", "g")
        await said(hand, line)
        assert says in scope_line(hand.dialog)


async def test_closing_what_is_named_closes_nothing_else() -> None:
    async with opened((120, 40), engine=FakeEngine(header=PAPER)) as hand:
        await said(hand, "forceexit eth-grid")
        await hand.press("x")
        assert "this: eth-grid" in hand.dialog and "0.02350" not in hand.dialog
        await hand.type("CLOSE")
        assert {getattr(one, "strategy_id", None) for one in hand.engine.commands} == {"eth-grid"}


UNKNOWN = (
    ("eth-rm", "nothing is called eth-rm, nothing stopped; did you mean eth-mr?"),
    ("strategy:nosuch", "nothing is called nosuch, nothing stopped"),
    ("market:ETH/USD", "nothing is called market:ETH/USD, nothing stopped; did you mean"),
    ("planet:mars", "nothing is called planet:mars, nothing stopped"),
    ("eth-mr btc-mr", "nothing is called eth-mr btc-mr, nothing stopped"),
)


async def test_what_is_not_known_is_refused() -> None:
    async with opened((120, 40), engine=FakeEngine(header=PAPER)) as hand:
        for verb, (name, says) in product(VERBS, UNKNOWN):
            assert says in await said(hand, f"{verb} {name}")
            assert hand.dialog == "" and hand.engine.commands == []


@pytest.mark.parametrize(
    ("name", "scope", "key"),
    [
        ("market:ETH/USDT", Scope.INSTRUMENT, "ETH/USDT.BINANCE"),
        ("instrument:ETH/USDT.BINANCE", Scope.INSTRUMENT, "ETH/USDT.BINANCE"),
        ("account:binance/main", Scope.EXECUTION, "binance/main"),
        ("execution:binance/main", Scope.EXECUTION, "binance/main"),
        ("route:binance-spot", Scope.ROUTE, "binance-spot"),
    ],
)
async def test_a_scope_is_halted_after_the_typed_word(name: str, scope: Scope, key: str) -> None:
    async with opened((120, 40), engine=FakeEngine(header=PAPER)) as hand:
        await said(hand, f"kill {name}")
        assert key in hand.dialog and "HALTED" in hand.dialog
        await hand.type("HALT")
        assert hand.engine.commands == [
            SetKillSwitch(scope, key, KillState.HALTED, KillState.NORMAL, "op", "STOP of a scope")
        ]


async def test_a_scope_goes_exit_only_after_y_and_says_what_it_was() -> None:
    kill = KillView(
        Scope.EXECUTION, "binance/main", KillState.HALTED, "op", "night", at("14:00:00")
    )
    engine = FakeEngine(header=replace(PAPER, kills=(kill,)))
    async with opened((120, 40), engine=engine) as hand:
        await said(hand, "stopentry account:binance/main")
        assert "HALTED" in hand.dialog
        await hand.press("y")
        (command,) = engine.commands
        assert (command.state, command.seen) == (KillState.REDUCING, KillState.HALTED)


async def test_a_scope_that_changed_meanwhile_is_left_alone() -> None:
    engine = FakeEngine(header=PAPER)
    async with opened((120, 40), engine=engine) as hand:
        await said(hand, "stop market:ETH/USDT")
        kill = KillView(
            Scope.INSTRUMENT, "ETH/USDT.BINANCE", KillState.HALTED, "x", "", at("14:00:00")
        )
        await hand.push(replace(PAPER, kills=(kill,)))
        await hand.press("y")
        assert hand.message == "changed while you looked: NORMAL -> HALTED. Nothing done."
        assert engine.commands == []


async def test_closing_a_scope_that_is_no_instance_is_refused() -> None:
    async with opened((120, 40), engine=FakeEngine(header=PAPER)) as hand:
        text = await said(hand, "flatten market:ETH/USDT")
        assert text == "flatten wants all, this, marked or an id: flatten all"
        assert hand.dialog == ""


async def test_what_may_be_named_is_completed() -> None:
    async with opened((120, 40), engine=FakeEngine(header=PAPER)) as hand:
        assert hand.main.keys.commands.candidates("flatten eth") == ["eth-grid", "eth-mr"]
        assert hand.main.keys.commands.candidates("kill market:S") == ["market:SOL/USDT"]
