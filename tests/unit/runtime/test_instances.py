"""Warm-up, reload with kept state, changed files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tradetui.domain.control import InstanceFailed, OperatorNoted
from tradetui.domain.enums import InstanceMode, InstanceState, RunMode, Severity
from tradetui.domain.ids import StrategyId
from tradetui.domain.market_data import Bar
from tradetui.engine.errors import LoadError

S = 10**9
M = 60 * S

WARM = """
from tradetui.strategy import Strategy, bars

class Warm(Strategy):
    TICK_MINUTES = 0.1
    DATA = {"fast": bars("1m", warm=5), "slow": bars("5m", warm=3)}
    STATE_SCHEMA = {"seen": {"type": "int", "default": 0}}

    def on_tick(self, tick):
        self.state["seen"] += 1
        self.log(f"seen {self.state['seen']}")
"""


def history(until: int, length: int, count: int) -> tuple[Bar, ...]:
    last = until // length * length
    return tuple(
        Bar(last - n * length, last - (n - 1) * length, 100, 110, 90, 105, 1)
        for n in range(count, 0, -1)
    )


async def warm_rig(rig: Any, tmp_path: Path, slow_bars: int, **options: Any) -> Any:
    one = rig(["warm"], **options)
    (tmp_path / "warm.py").write_text(WARM)
    now = one.clock.time
    one.feed.bars = history(now, M, 20) + history(now, 5 * M, slow_bars)
    await one.driver.start()
    await one.ticks(2)
    return one


def warm_of(one: Any) -> Any:
    return one.driver.client.snapshot().instances[0]


async def test_history_warms_the_feeds_before_the_first_tick(rig: Any, tmp_path: Path) -> None:
    one = await warm_rig(rig, tmp_path, 10)
    view = warm_of(one)
    assert view.state is InstanceState.ACTIVE
    assert view.warm == (("fast", 5, 5), ("slow", 3, 3))
    bars = [r.event.payload for r in one.journal.rows if isinstance(r.event.payload, Bar)]
    assert {bar.warmup_for for bar in bars} == {"warm"}
    assert [bar.close_time for bar in bars] == sorted(bar.close_time for bar in bars)


async def test_without_enough_history_it_waits(rig: Any, tmp_path: Path) -> None:
    one = await warm_rig(rig, tmp_path, 2)
    view = warm_of(one)
    assert view.state is InstanceState.BLOCKED
    assert view.state_reason == "warm-up"
    assert view.warm == (("fast", 5, 5), ("slow", 2, 3))


async def test_a_reload_keeps_the_declared_state(rig: Any, tmp_path: Path) -> None:
    one = await warm_rig(rig, tmp_path, 10)
    instances = one.driver.instances
    record = one.records[0]
    await instances.unload_instance(record.strategy_id, "config 1 -> 2")
    assert instances.running_records() == ()
    await instances.load_instance(replace(record, config_version=2))
    await one.ticks(2)
    texts = [line.text for line in one.driver.client.snapshot().log]
    assert "seen 4" in texts


async def test_a_reload_of_an_active_instance_is_not_held(rig: Any, tmp_path: Path) -> None:
    one = await warm_rig(rig, tmp_path, 10, run_mode=RunMode.SANDBOX)
    assert warm_of(one).state is InstanceState.HELD
    record = one.records[0]
    await one.driver.instances.unload_instance(record.strategy_id, "reload")
    await one.driver.instances.load_instance(record)
    await one.ticks(1)
    assert warm_of(one).state is InstanceState.ACTIVE


async def test_a_changed_file_is_told(rig: Any, tmp_path: Path) -> None:
    one = await warm_rig(rig, tmp_path, 10)
    one.driver.instances.check_files()
    assert not warm_of(one).file_changed
    (tmp_path / "warm.py").write_text(WARM + "\n# changed\n")
    one.driver.instances.check_files()
    await one.ticks(1)
    assert warm_of(one).file_changed
    (tmp_path / "warm.py").unlink()
    one.driver.instances.check_files()
    await one.ticks(1)
    assert warm_of(one).file_changed


async def test_a_strategy_with_a_mistake_is_refused(rig: Any, tmp_path: Path) -> None:
    one = rig([])
    await one.driver.start()
    (tmp_path / "wrong.py").write_text("def (\n")
    from tradetui.domain.ids import ExecutionId
    from tradetui.domain.instances import InstanceRecord

    record = InstanceRecord(
        StrategyId("wrong"),
        "wrong",
        ExecutionId("paper/main"),
        "BTC/USDT",
        InstanceMode.ACTIVE,
        "{}",
    )
    with pytest.raises(LoadError):
        await one.driver.instances.load_instance(record)
    assert one.driver.instances.running_records() == ()


async def test_a_failure_without_a_record_is_only_logged(rig: Any) -> None:
    one = rig([])
    await one.driver.start()
    await one.driver.instances.report_failure(None, "it failed", "")
    await one.clock.move(S)
    assert one.driver.client.snapshot().log[-1].text == "it failed"
    assert one.journal.rows[-1].event.payload == OperatorNoted("engine", "it failed")


async def test_a_failed_load_is_journalled_and_in_the_row(rig: Any, tmp_path: Path) -> None:
    one = rig(["wrong"])
    (tmp_path / "wrong.py").write_text("def (\n")
    await one.driver.start()
    await one.ticks(1)
    noted = [row.event.payload for row in one.journal.rows]
    texts = [n.reason for n in noted if isinstance(n, InstanceFailed)]
    view = warm_of(one)
    assert texts == [view.state_reason]
    assert view.state is InstanceState.ERROR


async def test_a_config_not_taken_is_an_alert_until_the_next_load(rig: Any, tmp_path: Path) -> None:
    one = await warm_rig(rig, tmp_path, 10)
    instances, record = one.driver.instances, one.records[0]
    await instances.report_failure(record, "config 2 is not taken", "")
    await one.ticks(1)
    (alert,) = one.driver.client.snapshot().alerts
    assert alert.text == "warm: config 2 is not taken"
    assert alert.severity is Severity.ALERT
    assert warm_of(one).state is InstanceState.ACTIVE
    await instances.unload_instance(record.strategy_id, "reload")
    await instances.load_instance(record)
    await one.ticks(1)
    shown = one.driver.client.snapshot().alerts
    assert [(alert.text, alert.is_over) for alert in shown] == [
        ("warm: config 2 is not taken", True)
    ]
