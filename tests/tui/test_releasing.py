"""Which kill-switch a release means: one that stops the row, the chosen one, the named one.

Also the tests of ``tui/screens/releasing.py``.
"""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.tui.fixtures import FakeEngine, at, header, instances
from tests.tui.hand import opened
from tests.tui.pages import risk_page
from tests.tui.test_acting import go, said

from tradetui.domain.commands import SetKillSwitch
from tradetui.domain.enums import InstanceState, KillState, RunMode, Scope
from tradetui.domain.replica import KillView

PAPER = header(run_mode=RunMode.PAPER, account="paper/main")


def kill(scope: Scope, key: str = "", state: KillState = KillState.REDUCING) -> KillView:
    return KillView(scope, key, state, "op", "fat finger", at("14:00:00"))


ETH = kill(Scope.INSTRUMENT, "ETH/USDT.BINANCE", KillState.HALTED)
GLOBAL = kill(Scope.GLOBAL)
OWN = kill(Scope.STRATEGY, "btc-mr")


def engine(*kills: KillView, **more) -> FakeEngine:
    return FakeEngine(header=replace(PAPER, kills=kills), **more)


@pytest.mark.parametrize(
    "over",
    [
        GLOBAL,
        OWN,
        kill(Scope.EXECUTION, "binance/main"),
        kill(Scope.INSTRUMENT, "BTC/USDT.BINANCE"),
        kill(Scope.ROUTE, "binance-spot"),
    ],
    ids=lambda one: one.scope.value,
)
async def test_r_releases_a_switch_that_stops_the_row(over: KillView) -> None:
    async with opened((120, 40), engine=engine(over, ETH)) as hand:
        await go(hand, "btc-mr")
        await hand.press("r")
        assert "RELEASE" in hand.dialog and "now       EXIT-ONLY" in hand.dialog
        await hand.press("y")
        (command,) = hand.engine.commands
        assert isinstance(command, SetKillSwitch)
        assert (command.scope, command.key) == (over.scope, over.key)


@pytest.mark.parametrize(
    "other",
    [
        ETH,
        kill(Scope.STRATEGY, "eth-mr"),
        kill(Scope.EXECUTION, "binance/other"),
        kill(Scope.ROUTE, "spare"),
    ],
    ids=lambda one: one.scope.value,
)
async def test_r_leaves_a_switch_that_stops_another_row_alone(other: KillView) -> None:
    async with opened((120, 40), engine=engine(other)) as hand:
        await go(hand, "btc-mr")
        await hand.press("r")
        assert hand.dialog == "" and "btc-mr is ACTIVE: there is nothing to resume" in hand.message
        await go(hand, "btc-trend")
        await hand.press("r")
        assert [type(one).__name__ for one in hand.engine.commands] == ["SetExitOnly"]


async def test_a_route_is_known_by_what_stops_the_row_too() -> None:
    rows = tuple(
        replace(
            row, state=InstanceState.EXIT_ONLY, state_reason="kill EXIT-ONLY (route spare) by op"
        )
        if row.strategy_id == "xrp-bb"
        else row
        for row in instances()
    )
    switched = engine(kill(Scope.ROUTE, "spare"), instances=rows)
    async with opened((120, 40), engine=switched) as hand:
        await go(hand, "xrp-bb")
        await hand.press("r")
        assert "route spare" in hand.dialog


async def test_several_over_a_row_ask_which_its_own_first() -> None:
    async with opened((120, 40), engine=engine(GLOBAL, ETH, OWN)) as hand:
        await go(hand, "btc-mr")
        await hand.press("r")
        assert "RELEASE which?" in hand.dialog and "ETH" not in hand.dialog
        assert hand.dialog.index("instance btc-mr") < hand.dialog.index("global")
        await hand.press("enter")
        assert "instance btc-mr" in hand.dialog and hand.engine.commands == []
        await hand.press("y")
        assert hand.engine.commands[0].key == "btc-mr"


async def test_release_without_a_name_asks_which_of_several() -> None:
    async with opened((120, 40), engine=engine(GLOBAL, ETH)) as hand:
        await said(hand, "release")
        assert "RELEASE which?" in hand.dialog
        await hand.press("j", "enter", "y")
        assert hand.engine.commands[0].key == ETH.key


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("all", GLOBAL), ("global", GLOBAL), ("instrument:ETH/USDT.BINANCE", ETH),
        ("ETH/USDT.BINANCE", ETH), ("strategy:btc-mr", OWN), ("btc-mr", OWN),
        ("instance:btc-mr", OWN), ("market:ETH/USDT", ETH), ("ETH/USDT", ETH),
    ],
)  # fmt: skip
async def test_release_takes_the_named_switch(name: str, found: KillView) -> None:
    async with opened((120, 40), engine=engine(GLOBAL, ETH, OWN)) as hand:
        await said(hand, f"release {name}")
        await hand.press("y")
        (command,) = hand.engine.commands
        assert (command.scope, command.key) == (found.scope, found.key)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("btc-mt", "no kill-switch is engaged on btc-mt; did you mean instance btc-mr?"),
        ("strategy:eth", "no kill-switch is engaged on strategy:eth; did you mean instance btc-mr"),
        ("zzz", "no kill-switch is engaged on zzz; engaged: instance btc-mr"),
    ],
)
async def test_a_switch_that_is_not_engaged_is_refused(name: str, says: str) -> None:
    async with opened((120, 40), engine=engine(OWN)) as hand:
        assert says in await said(hand, f"release {name}")
        assert hand.dialog == "" and hand.engine.commands == []


async def test_on_the_list_of_switches_r_takes_the_row() -> None:
    (listed,) = risk_page().kills
    async with opened((120, 40), engine=engine(GLOBAL, listed)) as hand:
        await hand.press("6", "]", "]")
        assert hand.main.state.focused_tab() == "Kill-switches"
        await hand.press("r")
        assert hand.message == "no row is chosen: j chooses one"
        await hand.press("j", "r")
        assert "scope     instance sol-mm" in hand.dialog
        await hand.press("y")
        assert hand.engine.commands[0].key == "sol-mm"


async def test_the_engaged_switches_are_completed() -> None:
    async with opened((120, 40), engine=engine(GLOBAL, ETH, OWN)) as hand:
        commands = hand.main.keys.commands
        assert commands.candidates("release ") == [
            "global", "market:ETH/USDT.BINANCE", "instance:btc-mr",
            "ETH/USDT.BINANCE", "btc-mr",
        ]  # fmt: skip
        assert commands.complete("release ins") == "release instance:btc-mr"
        assert commands.candidates("release global ") == []
