"""What stops trading holds at once, whatever the journal does; all else waits or is refused."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.unit.runtime.conftest import S, settle, started

from tradetui.domain import commands
from tradetui.domain.commands import CommandReply
from tradetui.domain.control import KillSwitchChanged
from tradetui.domain.enums import InstanceState, KillState, OrderRole, Scope
from tradetui.domain.ids import StrategyId
from tradetui.domain.risk import KillSwitch
from tradetui.ports.journal import JournalError
from tradetui.ports.store import StoreError

LATE = "; it holds, the journal has it with its first commit (the journal cannot be written)"


def kill(state: KillState = KillState.HALTED) -> commands.SetKillSwitch:
    return commands.SetKillSwitch(Scope.GLOBAL, "", state, None, "op", "storm")


async def sent(one: Any, command: commands.OperatorCommand) -> CommandReply:
    """Send an act, and let the time pass that a stop is patient for."""
    task = asyncio.create_task(one.driver.client.send(command))
    await settle()
    for _ in range(4):
        if not task.done():
            await one.clock.move(S)
    reply: CommandReply = await task
    return reply


def engaged(one: Any) -> list[KillState]:
    return [switch.state for switch in one.driver.loop.kernel.state.kill_switches.values()]


def entries(one: Any) -> list[str]:
    return [
        order.terms.strategy_id
        for order in one.driver.loop.kernel.state.open_orders.values()
        if order.terms.role is OrderRole.ENTRY
    ]


async def stall(one: Any) -> None:
    one.journal.is_full = True
    await one.quote()
    await settle()
    assert one.driver.pump.is_stalled


async def test_a_kill_switch_holds_at_once_while_the_journal_is_stalled(rig: Any) -> None:
    one = await started(rig, "rester", "buyer")
    assert entries(one) == ["rester"]
    await stall(one)
    durable = one.journal.watermark
    reply = await sent(one, kill())
    assert reply == CommandReply(True, f"kill HALTED (global){LATE}")
    assert (engaged(one), entries(one)) == ([KillState.HALTED], [])
    header = one.driver.client.snapshot().header
    assert [switch.state for switch in header.kills] == [KillState.HALTED]
    assert header.trouble.startswith("JOURNAL STALLED")
    assert one.journal.watermark == durable
    await one.clock.move(10 * S)
    assert engaged(one) == [KillState.HALTED]
    one.journal.is_full = False
    await one.clock.move(S)
    written = [row.event.payload for row in one.journal.rows[durable:]]
    assert any(isinstance(payload, KillSwitchChanged) for payload in written)
    assert one.journal.watermark == one.driver.loop.kernel.state.seq_id
    await one.ticks(5)
    assert (engaged(one), entries(one)) == ([KillState.HALTED], [])


async def test_a_stall_that_the_stop_itself_meets_is_said(rig: Any) -> None:
    one = await started(rig, "rester")
    one.journal.is_full = True
    assert (await sent(one, kill())).text == f"kill HALTED (global){LATE}"
    one.journal.is_full = False
    await one.clock.move(S)
    assert one.journal.watermark == one.driver.loop.kernel.state.seq_id


async def test_a_reserve_that_helps_in_time_makes_it_durable(rig: Any) -> None:
    one = await started(rig, "rester")
    one.journal.is_full = True
    task = asyncio.create_task(one.driver.client.send(kill()))
    await settle()
    one.journal.is_full = False
    await one.clock.move(S // 2)
    assert (await task).text == "kill HALTED (global)"


async def test_a_journal_that_is_damaged_meanwhile_is_an_error(rig: Any) -> None:
    one = await started(rig, "quiet")

    async def broken() -> int:
        raise JournalError("journal.db: is damaged")

    whole, one.journal.commit = one.journal.commit, broken
    with pytest.raises(JournalError, match="is damaged"):
        await one.driver.client.send(kill())
    assert engaged(one) == [KillState.HALTED]
    one.journal.commit = whole


async def test_exit_only_and_cancelling_hold_at_once_too(rig: Any) -> None:
    one = await started(rig, "rester", "quiet")
    await stall(one)
    reply = await sent(one, commands.SetExitOnly(StrategyId("quiet"), True, "op", "chop"))
    assert reply == CommandReply(True, f"quiet exit-only{LATE}")
    reply = await sent(one, commands.CancelEntries(None, "op"))
    assert reply.done
    assert reply.text.endswith(LATE)
    assert entries(one) == []
    for other in (
        commands.SetExitOnly(StrategyId("quiet"), False, "op", "calm"),
        commands.Pause(StrategyId("quiet"), True, None, "op"),
    ):
        reply = await sent(one, other)
        assert not reply.done
        assert "nothing but a stop can be done" in reply.text
    one.journal.is_full = False
    await one.clock.move(S)


async def test_a_close_stops_at_once_and_does_not_sell_at_an_unknown_moment(rig: Any) -> None:
    one = await started(rig, "buyer", "rester")
    await stall(one)
    reply = await sent(one, commands.ClosePosition(None, "op", "enough"))
    assert reply == CommandReply(
        False,
        f"kill EXIT-ONLY (global), 1 entry order cancelled{LATE}; NOT closed: 1 position of buyer: "
        "say it again when the journal can be written",
    )
    assert (engaged(one), entries(one)) == ([KillState.REDUCING], [])
    one.journal.is_full = False
    await one.clock.move(S)
    assert (await sent(one, commands.ClosePosition(None, "op", "enough"))).done
    await one.ticks(2)
    assert [view.position for view in one.driver.client.snapshot().instances] == [0, 0]


async def test_a_release_is_refused_while_the_journal_is_stalled(rig: Any) -> None:
    one = await started(rig, "quiet")
    await sent(one, kill())
    await stall(one)
    reply = await sent(one, kill(KillState.NORMAL))
    assert reply == CommandReply(
        False,
        "the kill-switch is NOT released and holds: the journal cannot be written. Nothing done.",
    )
    one.journal.is_full = False
    await one.clock.move(S)
    assert engaged(one) == [KillState.HALTED]
    assert (await sent(one, kill(KillState.NORMAL))).done
    assert one.driver.client.snapshot().header.kills == ()


class Records:
    """Keeps kill-switches as the test says: ``problem`` hinders it."""

    def __init__(self) -> None:
        self.problem = ""
        self.kept: list[KillState] = []
        self.then = lambda: None

    async def keep(self, switch: KillSwitch) -> str:
        if self.problem and switch.state is KillState.NORMAL:
            raise StoreError(f"{self.problem}; nothing was changed; free it")
        self.kept.append(switch.state)
        self.then()
        return self.problem


@pytest.fixture
def records() -> Records:
    return Records()


async def test_what_the_records_do_not_take_is_said_and_holds(rig: Any, records: Records) -> None:
    one = await started(rig, "quiet")
    one.driver.client.acts.stopping.keep_kill_switch = records.keep
    records.problem = "state.db: is locked by another process"
    reply = await sent(one, kill())
    assert reply == CommandReply(
        True,
        "kill HALTED (global); it is engaged, not kept in state.db yet: "
        "state.db: is locked by another process; the journal has it",
    )
    reply = await sent(one, kill(KillState.NORMAL))
    assert reply == CommandReply(
        False,
        "the kill-switch is NOT released and holds: it cannot be recorded "
        "(state.db: is locked by another process). Nothing done.",
    )
    assert engaged(one) == [KillState.HALTED]
    await stall(one)
    assert (await sent(one, kill(KillState.REDUCING))).text == (
        f"kill EXIT-ONLY (global){LATE}; it is engaged, not kept in state.db yet: "
        "state.db: is locked by another process"
    )
    one.journal.is_full = False
    await one.clock.move(S)


async def test_a_switch_that_changes_while_its_release_is_recorded_holds(
    rig: Any, records: Records
) -> None:
    one = await started(rig, "quiet")
    one.driver.client.acts.stopping.keep_kill_switch = records.keep
    await sent(one, kill(KillState.REDUCING))
    loop = one.driver.loop

    def halt() -> None:
        records.then = lambda: None
        loop.control(KillSwitchChanged(Scope.GLOBAL, "", KillState.HALTED, "other", "storm"), None)

    records.then = halt
    reply = await sent(one, kill(KillState.NORMAL))
    assert not reply.done
    assert "NOT released and holds: it was changed meanwhile" in reply.text
    assert engaged(one) == [KillState.HALTED]
    assert records.kept == [KillState.REDUCING, KillState.NORMAL, KillState.HALTED]


async def test_a_journal_that_stalls_while_a_release_is_recorded_releases_nothing(
    rig: Any, records: Records
) -> None:
    one = await started(rig, "quiet")
    one.driver.client.acts.stopping.keep_kill_switch = records.keep
    await sent(one, kill())
    records.then = lambda: one.driver.pump._sound.clear()
    reply = await sent(one, kill(KillState.NORMAL))
    assert not reply.done
    assert "NOT released and holds: the journal cannot be written" in reply.text
    assert engaged(one) == [KillState.HALTED]
    assert records.kept == [KillState.HALTED, KillState.NORMAL, KillState.HALTED]
    records.then = lambda: None
    one.driver.pump._sound.set()


async def test_an_act_that_is_done_is_not_called_undone_for_want_of_an_audit(rig: Any) -> None:
    one = await started(rig, "quiet")

    async def refuse(*_: object) -> None:
        raise StoreError("state.db: has no room left (the disk is full); nothing was changed")

    one.driver.client._audit = refuse
    reply = await sent(one, commands.Pause(StrategyId("quiet"), True, None, "op"))
    assert reply == CommandReply(
        True,
        f"quiet paused: {InstanceState.PAUSED}; not in the audit: "
        "state.db: has no room left (the disk is full)",
    )
