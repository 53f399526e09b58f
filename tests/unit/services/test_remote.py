"""Commands between processes: answered in order, refused when old, taken back in silence."""

from __future__ import annotations

import msgspec
import pytest

from tradetui.domain.commands import CommandReply, OperatorCommand, Pause, SetKillSwitch
from tradetui.domain.enums import KillState, Scope
from tradetui.domain.ids import StrategyId
from tradetui.ports.command_inbox import WaitingCommand
from tradetui.services.errors import RefusedError, RuntimeProblemError
from tradetui.services.remote import (
    FRESH_NS,
    STOPPING,
    WAIT_NS,
    NotYetError,
    answer_waiting,
    keeps,
    send_and_wait,
)

S = 10**9
PAUSE = Pause(StrategyId("btc-mr"), True, None, "op")
HALT = SetKillSwitch(Scope.GLOBAL, "", KillState.HALTED, None, "op", "enough")
RELEASE = SetKillSwitch(Scope.GLOBAL, "", KillState.NORMAL, None, "op", "calm")


class Inbox:
    """An inbox in memory; ``on_ask`` may answer."""

    def __init__(self) -> None:
        self.commands: list[WaitingCommand] = []
        self.replies: dict[int, CommandReply] = {}
        self.asked = 0
        self.answer_after = 0

    async def post(self, command: OperatorCommand) -> int:
        self.commands.append(WaitingCommand(len(self.commands) + 1, 0, "op", command))
        return len(self.commands)

    async def waiting(self) -> tuple[WaitingCommand, ...]:
        return tuple(one for one in self.commands if one.number not in self.replies)

    async def answer(self, number: int, reply: CommandReply) -> None:
        self.replies.setdefault(number, reply)

    async def reply_to(self, number: int) -> CommandReply | None:
        self.asked += 1
        if self.answer_after and self.asked >= self.answer_after:
            await self.answer(number, CommandReply(True, "paused"))
        return self.replies.get(number)

    async def withdraw(self, number: int, text: str) -> CommandReply:
        await self.answer(number, CommandReply(False, text))
        return self.replies[number]


class Time:
    """Moves as somebody sleeps."""

    def __init__(self) -> None:
        self.now_ns = 0

    def now(self) -> int:
        return self.now_ns

    async def sleep(self, seconds: float) -> None:
        self.now_ns += int(seconds * S)


async def done(command: OperatorCommand) -> CommandReply:
    return CommandReply(True, type(command).__name__)


async def test_what_waits_is_done_in_order() -> None:
    inbox = Inbox()
    await inbox.post(PAUSE)
    await inbox.post(HALT)
    assert await answer_waiting(inbox, done, FRESH_NS) == 2
    assert [inbox.replies[1].text, inbox.replies[2].text] == ["Pause", "SetKillSwitch"]
    assert await answer_waiting(inbox, done, FRESH_NS) == 0


async def test_an_old_command_is_refused_unless_it_is_a_kill_switch_that_keeps() -> None:
    inbox = Inbox()
    kept = msgspec.structs.replace(RELEASE, is_kept=True)
    for command in (PAUSE, HALT, RELEASE, kept):
        await inbox.post(command)
    await answer_waiting(inbox, done, FRESH_NS + S)
    assert [inbox.replies[number].done for number in (1, 2, 3, 4)] == [False, True, False, True]
    assert inbox.replies[1].text == "it had waited 11 s: nothing done; say it again"
    assert [keeps(one) for one in (PAUSE, HALT, RELEASE, kept)] == [False, True, False, True]


async def test_a_shell_gets_the_answer() -> None:
    inbox, time = Inbox(), Time()
    inbox.answer_after = 3
    reply = await send_and_wait(inbox, PAUSE, engine=7, now=time.now, sleep=time.sleep)
    assert reply == CommandReply(True, "paused")


async def test_without_an_engine_only_a_kill_switch_is_left() -> None:
    inbox, time = Inbox(), Time()
    with pytest.raises(RefusedError, match="no engine runs"):
        await send_and_wait(inbox, PAUSE, engine=None, now=time.now, sleep=time.sleep)
    assert inbox.commands == []
    reply = await send_and_wait(inbox, HALT, engine=None, now=time.now, sleep=time.sleep)
    assert reply.done
    assert "at the next start" in reply.text
    assert len(inbox.commands) == 1


async def test_a_command_without_an_answer_is_taken_back() -> None:
    inbox, time = Inbox(), Time()
    with pytest.raises(RuntimeProblemError, match="process 7 did not answer; taken back"):
        await send_and_wait(inbox, PAUSE, engine=7, now=time.now, sleep=time.sleep)
    assert time.now_ns >= WAIT_NS
    assert not inbox.replies[1].done


async def test_an_answer_in_the_last_moment_holds() -> None:
    class Late(Inbox):
        async def withdraw(self, number: int, text: str) -> CommandReply:
            await self.answer(number, CommandReply(True, "paused"))
            return await super().withdraw(number, text)

    time = Time()
    reply = await send_and_wait(Late(), PAUSE, engine=7, now=time.now, sleep=time.sleep)
    assert reply == CommandReply(True, "paused")


async def test_a_kill_switch_is_never_taken_back() -> None:
    inbox, time = Inbox(), Time()
    with pytest.raises(NotYetError, match=r"^NOT done yet: .* process 7 has not answered in 5 s"):
        await send_and_wait(inbox, HALT, engine=7, now=time.now, sleep=time.sleep)
    assert inbox.replies == {}


async def test_a_stalled_engine_answers_what_stops_and_nothing_twice() -> None:
    inbox, sent = Inbox(), []
    for command in (PAUSE, HALT, RELEASE):
        await inbox.post(command)

    async def do(command: OperatorCommand) -> CommandReply:
        sent.append(command)
        await inbox.answer(3, CommandReply(False, "someone else was quicker"))
        return CommandReply(True, "done")

    assert await answer_waiting(inbox, do, S, only=STOPPING) == 2
    assert sent == [HALT]
    assert list(inbox.replies) == [3, 2]
