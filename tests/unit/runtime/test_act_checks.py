"""What an act names is looked up before it is done: a typo must not look like a stop."""

from __future__ import annotations

from typing import Any

import pytest

from tradetui.domain import commands
from tradetui.domain.commands import CommandReply
from tradetui.domain.enums import InstanceMode, KillState, Scope
from tradetui.domain.risk import KillSwitch


@pytest.mark.parametrize(
    ("scope", "key", "said"),
    [
        (Scope.STRATEGY, "quite", "there is no instance quite; did you mean quiet?"),
        (Scope.EXECUTION, "paper/man", "there is no account paper/man; did you mean paper/main?"),
        (Scope.ROUTE, "mian", "there is no route mian; did you mean main?"),
        (Scope.INSTRUMENT, "BTC/USD", "there is no market BTC/USD; did you mean BTC/USDT.SIM?"),
        (Scope.INSTRUMENT, "x\x1b", "there is no market x?; there are BTC/USDT.SIM."),
    ],
)
async def test_a_kill_switch_over_nothing_is_refused(
    rig: Any, scope: Scope, key: str, said: str
) -> None:
    one = rig(["quiet"])
    await one.driver.start()
    await one.ticks(1)
    kill = commands.SetKillSwitch(scope, key, KillState.HALTED, None, "op", "x")
    assert await one.driver.client.send(kill) == CommandReply(False, f"{said} Nothing done.")
    assert one.driver.client.snapshot().header.kills == ()


async def test_the_global_switch_takes_no_name(rig: Any) -> None:
    one = rig(["quiet"])
    await one.driver.start()
    kill = commands.SetKillSwitch(Scope.GLOBAL, "x", KillState.HALTED, None, "op", "x")
    reply = await one.driver.client.send(kill)
    assert reply == CommandReply(False, "the global kill-switch takes no name: x")


@pytest.mark.parametrize(
    ("scope", "key"),
    [
        (Scope.STRATEGY, "quiet"),
        (Scope.EXECUTION, "paper/main"),
        (Scope.ROUTE, "main"),
        (Scope.INSTRUMENT, "BTC/USDT.SIM"),
    ],
)
async def test_what_exists_can_be_stopped_also_while_off(rig: Any, scope: Scope, key: str) -> None:
    one = rig(["quiet"], mode=InstanceMode.OFF)
    await one.driver.start()
    await one.ticks(1)
    kill = commands.SetKillSwitch(scope, key, KillState.HALTED, None, "op", "x")
    assert (await one.driver.client.send(kill)).done
    (shown,) = one.driver.client.snapshot().header.kills
    assert (shown.scope, shown.key) == (scope, key)


async def test_a_switch_over_what_is_gone_can_be_released(rig: Any) -> None:
    one = rig(["quiet"])
    await one.driver.start()
    state = one.driver.loop.kernel.state
    gone = KillSwitch(Scope.STRATEGY, "gone", KillState.HALTED, "op", "x", 1)
    state.kill_switches[gone.scope, gone.key] = gone
    release = commands.SetKillSwitch(
        Scope.STRATEGY, "gone", KillState.NORMAL, KillState.HALTED, "op", "calm"
    )
    assert (await one.driver.client.send(release)).done
    assert one.driver.client.snapshot().header.kills == ()
