"""STOP, flatten, kill, release on a running engine: what holds, is flat, or comes later."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from tests.unit.runtime.conftest import started

from tradetui.domain import commands
from tradetui.domain.commands import CommandReply
from tradetui.domain.enums import InstanceMode, InstanceState, KillState, OrderRole, Scope
from tradetui.domain.ids import StrategyId
from tradetui.services import operations
from tradetui.services.operations import StopRung

EXIT_ONLY, ACTIVE = InstanceState.EXIT_ONLY, InstanceState.ACTIVE
RESTER, BUYER = StrategyId("rester"), StrategyId("buyer")


async def send(one: Any, command: commands.OperatorCommand) -> CommandReply:
    reply: CommandReply = await one.driver.client.send(command)
    await one.ticks(1)
    return reply


async def stop(one: Any, rung: StopRung, *names: str) -> CommandReply:
    """Do a rung of the STOP dialog: on some instances, or on all."""
    client = one.driver.client
    figures = operations.stop_figures(client.snapshot(), [*map(StrategyId, names)] or None)
    (reply,) = await operations.stop(client, rung, figures, actor="op", reason="STOP dialog")
    await one.ticks(2)
    return reply


def states(one: Any) -> dict[str, InstanceState]:
    return {v.strategy_id: v.state for v in one.driver.client.snapshot().instances}


def entries(one: Any) -> list[str]:
    orders = one.driver.client.snapshot().orders
    return [o.strategy_id for o in orders if o.is_open and o.role is OrderRole.ENTRY]


def kills(one: Any) -> list[tuple[Scope, str, KillState]]:
    return [(k.scope, k.key, k.state) for k in one.driver.client.snapshot().header.kills]


def release(scope: Scope = Scope.GLOBAL, key: str = "") -> commands.SetKillSwitch:
    return commands.SetKillSwitch(scope, key, KillState.NORMAL, None, "op", "calm again")


async def test_closing_all_stops_and_cancels_what_is_flat_too(rig: Any) -> None:
    one = await started(rig, "buyer", "quiet", "rester")
    assert entries(one) == ["rester"]
    reply = await stop(one, StopRung.CLOSE)
    assert reply == CommandReply(
        True,
        "kill EXIT-ONLY (global), 1 entry order cancelled; closing 1 position of buyer at market",
    )
    assert set(states(one).values()) == {EXIT_ONLY}
    assert entries(one) == []
    assert [v.position for v in one.driver.client.snapshot().instances] == [0, 0, 0]
    await one.ticks(3)
    assert entries(one) == []


async def test_closing_with_nothing_held_still_stops_and_cancels(rig: Any) -> None:
    one = await started(rig, "rester")
    reply = await send(one, commands.ClosePosition(RESTER, "op", "enough"))
    assert reply == CommandReply(
        True,
        "kill EXIT-ONLY (instance rester), 1 entry order cancelled; no position to close",
    )
    await one.ticks(3)
    assert (states(one), entries(one)) == ({"rester": EXIT_ONLY}, [])
    again = await send(one, commands.ClosePosition(RESTER, "op", "enough"))
    assert again.done
    assert "no entry order open; no position to close" in again.text


async def test_closing_one_leaves_what_others_hold(rig: Any) -> None:
    one = await started(rig, "buyer", "rester")
    held = {v.strategy_id: v.position for v in one.driver.client.snapshot().instances}
    assert held["buyer"] > 0
    reply = await send(one, commands.ClosePosition(RESTER, "op", "enough"))
    assert reply.text.endswith("; no position to close")
    await one.ticks(3)
    after = {v.strategy_id: v.position for v in one.driver.client.snapshot().instances}
    assert after["buyer"] >= held["buyer"]
    assert states(one) == {"buyer": ACTIVE, "rester": EXIT_ONLY}


async def test_what_an_observing_instance_would_hold_is_not_closed(rig: Any) -> None:
    one = rig(["buyer"], mode=InstanceMode.OBSERVE)
    await one.driver.start()
    await one.ticks(3)
    state = one.driver.loop.kernel.state
    assert any(position.quantity for position in state.positions.values())
    reply = await stop(one, StopRung.CLOSE)
    assert reply.text.endswith("; no position to close")


async def test_one_release_lifts_what_one_closing_engaged(rig: Any) -> None:
    one = await started(rig, "buyer", "quiet")
    await send(one, commands.SetExitOnly(StrategyId("quiet"), True, "op", "chop"))
    await stop(one, StopRung.CLOSE)
    assert (await send(one, release())).text == "kill NORMAL (global)"
    assert states(one) == {"buyer": ACTIVE, "quiet": EXIT_ONLY}


async def test_what_is_halted_is_cancelled_not_closed_and_said(rig: Any) -> None:
    one = await started(rig, "buyer", "rester")
    halt = commands.SetKillSwitch(
        Scope.GLOBAL, "", KillState.HALTED, None, "op", "storm", cancel_entries=False
    )
    assert (await send(one, halt)).done
    assert entries(one) == ["rester"]
    reply = await stop(one, StopRung.CLOSE)
    assert not reply.done
    assert reply.text == (
        "kill HALTED (global), 1 entry order cancelled; NOT closed: 1 position of buyer: "
        "a kill-switch is HALTED and lets only cancels leave"
    )
    assert (entries(one), kills(one)) == ([], [(Scope.GLOBAL, "", KillState.HALTED)])


@pytest.mark.parametrize("rung", [StopRung.EXIT_ONLY, StopRung.CANCEL, StopRung.CLOSE])
async def test_a_stop_of_all_holds_what_is_activated_later(rig: Any, rung: StopRung) -> None:
    one = rig(["quiet", "rester"], mode=InstanceMode.OBSERVE)
    await one.driver.start()
    await one.ticks(2)
    await stop(one, rung)
    assert kills(one) == [(Scope.GLOBAL, "", KillState.REDUCING)]
    one.records[:] = [replace(record, mode=InstanceMode.ACTIVE) for record in one.records]
    await send(one, commands.Reconcile("op"))
    await one.ticks(3)
    assert set(states(one).values()) == {EXIT_ONLY}
    orders = one.driver.client.snapshot().orders
    assert [o for o in orders if o.is_open and not o.is_shadow] == []


async def test_exit_only_leaves_working_entries_and_cancel_does_not(rig: Any) -> None:
    one = await started(rig, "rester", "quiet")
    reply = await stop(one, StopRung.EXIT_ONLY, "rester")
    assert reply.text == "kill EXIT-ONLY (instance rester)"
    assert states(one) == {"quiet": ACTIVE, "rester": EXIT_ONLY}
    assert entries(one) == ["rester"]
    await stop(one, StopRung.CANCEL, "rester")
    assert entries(one) == []


async def test_what_a_switch_stops_is_not_resumed_beside_it(rig: Any) -> None:
    one = await started(rig, "quiet", "buyer")
    await stop(one, StopRung.EXIT_ONLY)
    row = one.driver.client.snapshot().instances[0]
    assert row.state_reason == "kill EXIT-ONLY (global) by op: STOP dialog"
    for command in (
        commands.Resume(BUYER, "op"),
        commands.SetExitOnly(BUYER, False, "op", "resumed", EXIT_ONLY),
    ):
        assert await send(one, command) == CommandReply(
            False,
            "buyer is stopped by kill EXIT-ONLY (global) by op: STOP dialog; release that. "
            "Nothing done.",
        )
    await send(one, commands.SetExitOnly(BUYER, True, "op", "chop"))
    assert (await send(one, commands.Resume(BUYER, "op"))).text == (
        "buyer may enter again once this is released: kill EXIT-ONLY (global) by op: STOP dialog"
    )
    assert (await send(one, release())).done
    assert states(one) == {"buyer": ACTIVE, "quiet": ACTIVE}
