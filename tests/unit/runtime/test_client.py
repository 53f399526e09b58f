"""Acts of people: done once, on the state that was seen, and in the audit.

Also the tests of ``runtime/operator_acts.py``.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from tests.unit.runtime.conftest import started

from tradetui.domain import commands
from tradetui.domain.commands import CommandReply
from tradetui.domain.enums import InstanceMode, InstanceState, KillState, RunMode, Scope
from tradetui.domain.ids import ClientOrderId, StrategyId
from tradetui.domain.risk import KillSwitch
from tradetui.runtime.options import DriverOptions

S = 10**9
M = 60 * S
QUIET, BUYER = StrategyId("quiet"), StrategyId("buyer")
ACTIVE = InstanceState.ACTIVE


def state_of(one: Any, name: str) -> InstanceState:
    shown = one.driver.client.snapshot()
    return next(view.state for view in shown.instances if view.strategy_id == name)


async def send(one: Any, command: commands.OperatorCommand) -> CommandReply:
    reply = await one.driver.client.send(command)
    await one.clock.move(S)
    return reply


async def test_pause_and_resume(rig: Any) -> None:
    one = await started(rig, "quiet")
    reply = await send(one, commands.Pause(QUIET, True, ACTIVE, "op"))
    assert reply == CommandReply(True, "quiet paused: PAUSED")
    assert state_of(one, "quiet") is InstanceState.PAUSED
    reply = await send(one, commands.Pause(QUIET, False, InstanceState.PAUSED, "op"))
    assert reply == CommandReply(True, "quiet resumed: ACTIVE")


async def test_a_doubled_key_does_nothing(rig: Any) -> None:
    one = await started(rig, "quiet")
    await send(one, commands.Pause(QUIET, True, ACTIVE, "op"))
    steps = len(one.journal.rows)
    reply = await one.driver.client.send(commands.Pause(QUIET, True, ACTIVE, "op"))
    assert reply == CommandReply(False, "changed while you looked: ACTIVE -> PAUSED. Nothing done.")
    assert len(one.journal.rows) == steps


async def test_acts_are_in_the_audit_done_or_refused(rig: Any) -> None:
    one = await started(rig, "quiet")
    await send(one, commands.Pause(QUIET, True, ACTIVE, "op"))
    await send(one, commands.Pause(QUIET, True, ACTIVE, "op"))
    acts = [(act, target, actor, done) for act, target, _, actor, done in one.audit]
    assert acts == [("Pause", "quiet", "op", True), ("Pause", "quiet", "op", False)]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (commands.Pause(StrategyId("x\x1b"), True, ACTIVE, "op"), "there is no instance x?"),
        (commands.Pause(QUIET, False, ACTIVE, "op"), "quiet is not paused"),
        (commands.ReleaseHold(QUIET, ACTIVE, "op"), "there is nothing to release"),
        (commands.CancelOne(ClientOrderId("x"), "op"), "there is no order x"),
        (commands.CancelEntries(StrategyId("x"), "op"), "there is no instance x"),
        (commands.ClosePosition(StrategyId("quite"), "op", ""), "did you mean quiet?"),
        (commands.AcknowledgeAlert("x", "op"), "that alert is over"),
        (commands.SetPlayback("op", speed=10), "prices are in real time"),
        (
            commands.SetKillSwitch(
                Scope.GLOBAL, "", KillState.NORMAL, KillState.HALTED, "op", "why"
            ),
            "changed while you looked: HALTED -> NORMAL",
        ),
        (commands.SetExitOnly(QUIET, True, "op", "", InstanceState.HELD), "HELD -> ACTIVE"),
    ],
)
async def test_refusals(rig: Any, command: commands.OperatorCommand, expected: str) -> None:
    one = await started(rig, "quiet")
    reply = await one.driver.client.send(command)
    assert not reply.done
    assert expected in reply.text
    assert reply.text.isprintable()


async def test_exit_only_for_one_and_for_all(rig: Any) -> None:
    one = await started(rig, "quiet", "buyer")
    reply = await send(one, commands.SetExitOnly(QUIET, True, "op", "chop", ACTIVE))
    assert reply.text == "quiet exit-only"
    assert state_of(one, "quiet") is InstanceState.EXIT_ONLY
    assert state_of(one, "buyer") is ACTIVE
    reply = await send(one, commands.SetExitOnly(None, True, "op", "storm"))
    assert reply.text == "2 instances exit-only"
    assert state_of(one, "buyer") is InstanceState.EXIT_ONLY
    reply = await send(one, commands.SetExitOnly(None, False, "op", ""))
    assert state_of(one, "quiet") is ACTIVE


async def test_a_hold_is_released_by_a_person(rig: Any) -> None:
    one = await started(rig, "quiet", run_mode=RunMode.SANDBOX)
    reply = await send(one, commands.ReleaseHold(QUIET, InstanceState.HELD, "op"))
    assert reply == CommandReply(True, "quiet released: ACTIVE")


async def test_an_error_is_cleared_by_a_person(rig: Any) -> None:
    one = await started(rig, "failing")
    sid = StrategyId("failing")
    refused = await send(one, commands.Pause(sid, True, InstanceState.ERROR, "op"))
    assert "stopped by its errors" in refused.text
    reply = await send(one, commands.ReleaseHold(sid, InstanceState.ERROR, "op"))
    assert reply.done
    assert state_of(one, "failing") is ACTIVE


async def test_what_could_not_be_loaded_is_tried_again(rig: Any, tmp_path: Any) -> None:
    one = await started(rig, "later")
    sid = StrategyId("later")
    assert state_of(one, "later") is InstanceState.ERROR
    source = (tmp_path / "quiet.py").read_text().replace("Quiet", "Later")
    (tmp_path / "later.py").write_text(source)
    reply = await one.driver.client.send(commands.ReleaseHold(sid, InstanceState.ERROR, "op"))
    assert reply.done
    await one.ticks(1)
    assert state_of(one, "later") is ACTIVE


async def test_the_kill_switch_is_engaged_kept_and_released_with_a_reason(rig: Any) -> None:
    one = await started(rig, "quiet")
    kept: list[KillSwitch] = []

    async def keep(switch: KillSwitch) -> None:
        kept.append(switch)

    one.driver.client.acts.stopping.keep_kill_switch = keep
    scope, normal, halted = Scope.GLOBAL, KillState.NORMAL, KillState.HALTED
    reply = await send(one, commands.SetKillSwitch(scope, "", halted, normal, "op", "storm"))
    assert reply == CommandReply(True, "kill HALTED (global)")
    shown = one.driver.client.snapshot()
    assert [(kill.state, kill.reason) for kill in shown.header.kills] == [(halted, "storm")]
    assert state_of(one, "quiet") is InstanceState.BLOCKED
    refused = await send(one, commands.SetKillSwitch(scope, "", normal, halted, "op", "  "))
    assert refused == CommandReply(False, "to release the kill-switch, say why")
    reply = await send(one, commands.SetKillSwitch(scope, "", normal, halted, "op", "calm"))
    assert reply.text == "kill NORMAL (global)"
    assert state_of(one, "quiet") is ACTIVE
    assert [switch.state for switch in kept] == [halted, normal]


async def test_a_position_is_closed_at_market(rig: Any) -> None:
    one = await started(rig, "buyer")
    reply = await send(one, commands.ClosePosition(BUYER, "op", "enough"))
    assert reply.text == (
        "kill EXIT-ONLY (instance buyer), no entry order open; "
        "closing 1 position of buyer at market"
    )
    await one.ticks(1)
    view = one.driver.client.snapshot().instances[0]
    assert view.position == 0
    assert view.state is InstanceState.EXIT_ONLY


async def test_one_order_is_cancelled(rig: Any) -> None:
    one = await started(rig, "buyer")
    stop = next(order for order in one.driver.client.snapshot().orders if order.is_open)
    reply = await send(one, commands.CancelOne(stop.client_order_id, "op"))
    assert reply.done
    again = await send(one, commands.CancelOne(stop.client_order_id, "op"))
    assert again.text == f"{stop.client_order_id} is Cancelled already"
    entries = await send(one, commands.CancelEntries(None, "op"))
    assert entries.text == "entry orders of all cancelled; exits and stops stay"


async def test_an_alert_is_acknowledged_on_the_record(rig: Any) -> None:
    one = await started(rig, "failing")
    reply = await send(one, commands.AcknowledgeAlert("error:failing", "op"))
    assert reply.done
    assert one.driver.client.snapshot().alerts[0].is_acknowledged
    assert one.driver.client.snapshot().header.trouble == ""
    assert one.journal.rows[-1].event.event_type == "OperatorNoted"


async def test_records_are_read_on_demand(rig: Any) -> None:
    one = await started(rig)
    assert (await send(one, commands.Reconcile("op"))).text == "the records were read again"


async def test_while_the_journal_is_stalled_nothing_is_done(rig: Any) -> None:
    one = await started(rig, "quiet")
    one.journal.is_full = True
    await one.quote()
    reply = await one.driver.client.send(commands.Pause(QUIET, True, ACTIVE, "op"))
    assert not reply.done
    assert "the journal cannot be written" in reply.text
    one.journal.is_full = False
    await one.clock.move(S)


async def test_a_replay_is_steered(rig: Any, stub_feed: Any) -> None:
    feed = stub_feed([], is_virtual=True)
    one = rig([], feed=feed, options=DriverOptions("paper/main", playing=False, start_time=S))
    await one.driver.start()
    reply = await send(one, commands.SetPlayback("op", speed=100))
    assert reply == CommandReply(True, "PAUSED x100")
    refused = await send(one, commands.SetPlayback("op", speed=0))
    assert refused.text == "speed 0 is not from 1 to 10000"
    assert (await send(one, commands.SetPlayback("op", playing=True))).done
    assert "hold it first" in (await send(one, commands.SetPlayback("op", steps=2))).text
    await send(one, commands.SetPlayback("op", playing=False))
    assert (await send(one, commands.SetPlayback("op", steps=2))).done


async def test_widgets_are_rendered_once_a_tick(rig: Any) -> None:
    one = await started(rig, "quiet")
    first = await one.driver.client.get_ui(QUIET)
    assert json.loads(first.widgets_json)[0]["type"] == "metric"
    assert await one.driver.client.get_ui(QUIET) is first
    await one.ticks(1)
    assert await one.driver.client.get_ui(QUIET) is not first
    absent = await one.driver.client.get_ui(StrategyId("x"))
    assert (absent.widgets_json, absent.error) == (b"", ""), "it has not failed: it does not run"


PAINTER = """
from tradetui.strategy import Strategy

class Painter(Strategy):
    drawn = 0

    def on_tick(self, tick):
        if not self.position and not self.context.get_orders():
            self.enter("long", amount=0.01, stop=tick.price * 0.9)

    def render(self):
        self.drawn += 1
        held, orders = self.position.quantity, len(self.context.get_orders())
        text = f"{self.context.can_trade} {held:g} {orders}"
        return {"widgets": [{"type": "text", "text": text}]}
"""


async def painted(rig: Any, tmp_path: Path, mode: InstanceMode) -> Any:
    """Return a rig whose strategy ticks once a minute, and has just bought."""
    (tmp_path / "painter.py").write_text(PAINTER)
    one = rig(["painter"], mode=mode)
    await one.driver.start()
    await one.ticks(1)
    return one


async def picture(one: Any) -> str:
    view = await one.driver.client.get_ui(StrategyId("painter"))
    assert not view.error
    (line,) = json.loads(view.widgets_json)[0]["lines"]
    return str(line)


async def to_mode(one: Any, mode: InstanceMode) -> None:
    one.records[0] = replace(one.records[0], mode=mode, revision=one.records[0].revision + 1)
    await one.clock.move(2 * S)


async def test_a_picture_is_drawn_again_when_the_mode_changes(rig: Any, tmp_path: Path) -> None:
    one = await painted(rig, tmp_path, InstanceMode.OBSERVE)
    await one.quote()
    await one.clock.move(S)
    assert await picture(one) == "False 0.01 1"
    await to_mode(one, InstanceMode.ACTIVE)
    steps = len(one.journal.rows)
    assert await picture(one) == "True 0 0", "the shadow's book is gone, its picture too"
    await one.clock.move(S)
    assert len(one.journal.rows) == steps, "a picture leaves no trace"
    await to_mode(one, InstanceMode.OBSERVE)
    assert await picture(one) == "False 0 0"


async def test_a_picture_is_drawn_again_at_what_a_person_or_a_fill_changes(
    rig: Any, tmp_path: Path
) -> None:
    one = await painted(rig, tmp_path, InstanceMode.ACTIVE)
    painter = StrategyId("painter")
    assert await picture(one) == "True 0 2"
    await one.quote()
    await one.clock.move(S)
    assert await picture(one) == "True 0.01 1", "it was filled, and its stop guards it"
    running = one.driver.loop.host.running_instances[painter].strategy
    drawn = running.drawn
    await one.quote(10_001_00)
    await one.clock.move(S)
    assert await picture(one) == "True 0.01 1"
    assert running.drawn == drawn, "a price alone draws nothing before the tick"
    await send(one, commands.Pause(painter, True, ACTIVE, "op"))
    assert await picture(one) == "False 0.01 1"
    await send(one, commands.Pause(painter, False, InstanceState.PAUSED, "op"))
    assert await picture(one) == "True 0.01 1"
    halt = commands.SetKillSwitch(Scope.GLOBAL, "", KillState.HALTED, KillState.NORMAL, "op", "why")
    await send(one, halt)
    assert await picture(one) == "False 0.01 1"


async def test_a_picture_that_failed_waits_for_the_next_tick(rig: Any, tmp_path: Path) -> None:
    one = await painted(rig, tmp_path, InstanceMode.OBSERVE)
    strategy = one.driver.loop.host.running_instances[StrategyId("painter")].strategy
    strategy.render = lambda: 1 / 0
    failed = await one.driver.client.get_ui(StrategyId("painter"))
    assert "ZeroDivisionError" in failed.error
    await to_mode(one, InstanceMode.ACTIVE)
    assert await one.driver.client.get_ui(StrategyId("painter")) is failed
    del strategy.render
    await one.ticks(10)
    assert await picture(one) == "True 0 2"


async def test_a_chart_has_candles_fills_levels_and_lines(rig: Any) -> None:
    one = await started(rig, "buyer", "quiet")
    chart = await one.driver.client.chart(BUYER, M, 20)
    assert chart.bars[-1].close == 10_000_00
    assert [fill.side for fill in chart.fills] == ["BUY"]
    assert sorted(level.kind for level in chart.levels) == ["position", "stop_loss"]
    lines = (await one.driver.client.chart(QUIET, M, 20)).lines
    assert lines[0].name == "price"
    assert lines[0].points[-1][1] == 10_000.0
    assert await one.driver.client.chart(StrategyId("x"), M, 20) is None


async def test_changes_follow_one_another_and_a_gap_is_told(rig: Any) -> None:
    one = await started(rig, "quiet")
    client = one.driver.client
    number = client.snapshot().number
    assert client.changes(number) == ()
    await one.ticks(2)
    changes = client.changes(number)
    assert [change.number for change in changes] == list(
        range(number + 1, number + 1 + len(changes))
    )
    assert client.changes(0) is not None
    assert client.changes(number + 10**6) is None


async def test_acts_during_a_busy_market_are_not_lost(rig: Any) -> None:
    one = await started(rig, "quiet")
    for n in range(200):
        await one.feed._queue.put(None if n > 500 else _quote(one, n))
    reply = asyncio.create_task(one.driver.client.send(commands.Pause(QUIET, True, ACTIVE, "op")))
    await one.clock.move(S)
    assert (await reply).done


def _quote(one: Any, n: int) -> Any:
    from tradetui.domain.ids import InstrumentId
    from tradetui.domain.market_data import MarketItem, Quote

    return MarketItem(
        one.clock.time, "SIM", InstrumentId("BTC/USDT.SIM"), Quote(99 + n, 1, 101 + n, 1)
    )


async def test_a_command_from_a_shell_needs_no_seen_state(rig: Any) -> None:
    one = await started(rig, "quiet")
    reply = await send(one, commands.Pause(QUIET, True, None, "op"))
    assert reply == CommandReply(True, "quiet paused: PAUSED")
    reply = await send(one, commands.Pause(QUIET, True, None, "op"))
    assert reply == CommandReply(False, "quiet is paused already")
    reply = await send(one, commands.ReleaseHold(QUIET, None, "op"))
    assert reply == CommandReply(False, "quiet is PAUSED: there is nothing to release")
    halt = commands.SetKillSwitch(Scope.GLOBAL, "", KillState.HALTED, None, "op", "enough")
    assert (await send(one, halt)).done
    release = commands.SetKillSwitch(Scope.GLOBAL, "", KillState.NORMAL, None, "op", "calm again")
    assert (await send(one, release)).done
    reply = await send(one, release)
    assert reply == CommandReply(False, "the kill-switch is NORMAL: there is nothing to release")


async def test_resume_lifts_whatever_stopped_it(rig: Any) -> None:
    one = await started(rig, "quiet")
    reply = await send(one, commands.Resume(QUIET, "op"))
    assert reply == CommandReply(False, "quiet is ACTIVE: there is nothing to resume")
    await send(one, commands.Pause(QUIET, True, None, "op"))
    assert await send(one, commands.Resume(QUIET, "op")) == CommandReply(
        True, "quiet resumed: ACTIVE"
    )
    await send(one, commands.SetExitOnly(QUIET, True, "op", "chop"))
    assert await send(one, commands.Resume(QUIET, "op")) == CommandReply(
        True, "quiet may enter again"
    )
    assert state_of(one, "quiet") is ACTIVE


async def test_reload_starts_an_instance_again(rig: Any) -> None:
    one = await started(rig, "quiet")
    reply = await send(one, commands.ReloadInstance(QUIET, ACTIVE, "op"))
    assert reply == CommandReply(True, "quiet loaded anew: ACTIVE")
    kinds = [row.event.event_type for row in one.journal.rows]
    assert kinds.count("InstanceUnloaded") == 1
    reply = await send(one, commands.ReloadInstance(StrategyId("nobody"), None, "op"))
    assert reply == CommandReply(False, "there is no instance nobody")
    reply = await send(one, commands.ReloadInstance(QUIET, InstanceState.PAUSED, "op"))
    assert not reply.done


async def test_a_reload_of_a_broken_file_leaves_it_running(rig: Any, tmp_path: Path) -> None:
    one = await started(rig, "quiet")
    file = tmp_path / "quiet.py"
    sound = file.read_text()
    for broken, says in (
        ("def (:\n", "quiet.py line 1: invalid syntax"),
        (sound + "\n    def setup(self):\n        1 / 0\n", "ZeroDivisionError"),
    ):
        file.write_text(broken)
        reply = await send(one, commands.ReloadInstance(QUIET, ACTIVE, "op"))
        assert not reply.done
        assert reply.text.startswith("quiet is not loaded anew and runs on as it was: ")
        assert says in reply.text
    assert state_of(one, "quiet") is ACTIVE
    assert "InstanceUnloaded" not in [row.event.event_type for row in one.journal.rows]
    await one.ticks(1)
    file.write_text(sound + "\n# another version\n")
    reply = await send(one, commands.ReloadInstance(QUIET, ACTIVE, "op"))
    assert reply == CommandReply(True, "quiet loaded anew: ACTIVE")


async def test_pause_and_resume_of_all(rig: Any) -> None:
    one = await started(rig, "quiet", "buyer")
    assert await send(one, commands.Pause(None, True, None, "op")) == CommandReply(
        True, "2 instances paused"
    )
    assert [state_of(one, name) for name in ("quiet", "buyer")] == [InstanceState.PAUSED] * 2
    reply = await send(one, commands.Pause(None, True, None, "op"))
    assert reply == CommandReply(False, "there is no instance to be paused")
    assert (await send(one, commands.Resume(None, "op"))).text == "2 instances resumed"
    assert state_of(one, "quiet") is ACTIVE
