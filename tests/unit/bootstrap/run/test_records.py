"""What the records say and what runs: asked for, failed and shown, on made-up prices."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from tests.support.recovery import crash_after, opened, options_for, write_bars

from tradetui.bootstrap.recorded.run_list import RunList
from tradetui.bootstrap.run import records
from tradetui.bootstrap.run.engine import Engine
from tradetui.bootstrap.run.records import equity_point
from tradetui.cli.wiring import Place, RunOptions
from tradetui.domain.commands import Pause
from tradetui.domain.enums import InstanceMode
from tradetui.domain.ids import ExecutionId, StrategyId
from tradetui.domain.instances import InstanceRecord
from tradetui.domain.units import NANOS_PER_MINUTE
from tradetui.engine.errors import LoadError
from tradetui.ports.journal import MadeCheckpoint
from tradetui.storage.folder import JOURNAL_DB
from tradetui.storage.inbox import SqliteCommandInbox


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Engine]:
    """An engine of the demo that has not begun."""
    async with opened(RunOptions(Place(state=tmp_path / "state"), demo=True, seed=1)) as engine:
        yield engine
        await engine.driver.abandon()


@pytest.fixture
async def begun(running: Engine) -> Engine:
    """The same, its instances loaded."""
    await running.driver.start()
    return running


async def first_record(running: Engine) -> InstanceRecord:
    """The first record of an instance that runs."""
    ids = {one.strategy_id for one in running.driver.instances.running_records()}
    return next(one for one in await running.store.records() if one.strategy_id in ids)


def texts(running: Engine) -> list[str]:
    return [alert.text for alert in running.driver.publisher.alerts()]


async def test_a_market_is_found_on_the_routes_of_its_account_or_a_sentence_says_why_not(
    begun: Engine,
) -> None:
    record = await first_record(begun)
    found = begun.keeper.market_of(record, begun.config)
    assert begun.driver.loop.kernel.state.instruments[found].symbol == record.market
    known = record.account
    with pytest.raises(
        LoadError, match=f"^account elsewhere is not in the config; there is {known}$"
    ):
        begun.keeper.market_of(replace(record, account=ExecutionId("elsewhere")), begun.config)
    with pytest.raises(LoadError, match=r"^market NO/SUCH has no prices here; there is .*USD"):
        begun.keeper.market_of(replace(record, market="NO/SUCH"), begun.config)


async def test_before_any_price_the_market_says_that_there_is_none(running: Engine) -> None:
    record = InstanceRecord(
        StrategyId("x"),
        "ma_cross",
        running.config.contexts[0].execution_id,
        "BTC/USD",
        InstanceMode.ACTIVE,
        "{}",
    )
    with pytest.raises(LoadError, match=r"has no prices here; there is none$"):
        running.keeper.market_of(record, running.config)


async def test_a_reload_that_cannot_be_is_told_and_changes_nothing(
    begun: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = await first_record(begun)
    instances = begun.driver.instances
    assert await begun.keeper.reload(record.strategy_id) == ""

    async def refused(_: InstanceRecord) -> None:
        raise LoadError("the file does not parse", "line 3")

    before = begun.driver.loop.host.running_instances[record.strategy_id]
    monkeypatch.setattr(instances, "try_instance", refused)
    assert await begun.keeper.reload(record.strategy_id) == "the file does not parse"
    assert begun.driver.loop.host.running_instances[record.strategy_id] is before


async def test_a_load_that_fails_after_the_trial_is_in_its_row_and_the_others_run(
    begun: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = await first_record(begun)
    others = set(begun.driver.loop.host.running_instances) - {record.strategy_id}

    async def refused(_: InstanceRecord) -> None:
        raise LoadError("it fell over", "line 3")

    monkeypatch.setattr(begun.driver.instances, "load_instance", refused)
    assert await begun.keeper.reload(record.strategy_id) == ""
    assert set(begun.driver.loop.host.running_instances) == others
    notes = begun.driver.publisher.notes_of(record.strategy_id)
    assert (notes.load_error, notes.load_traceback) == ("it fell over", "line 3")


async def test_what_another_process_wrote_is_picked_up(
    begun: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = await first_record(begun)
    assert record.strategy_id in begun.driver.loop.host.running_instances
    await begun.keeper.poll()
    assert record.strategy_id in begun.driver.loop.host.running_instances

    async def yes() -> bool:
        return True

    monkeypatch.setattr(begun.store, "changed_outside", yes)
    off = replace(record, mode=InstanceMode.OFF, revision=record.revision + 1)
    rows = [off if one.strategy_id == off.strategy_id else one for one in await _records(begun)]

    async def changed() -> tuple[InstanceRecord, ...]:
        return tuple(rows)

    monkeypatch.setattr(begun.store, "records", changed)
    inbox = SqliteCommandInbox(begun.store.database)
    other = next(one.strategy_id for one in rows if one.strategy_id != off.strategy_id)
    number = await inbox.post(Pause(other, True, None, "someone"))
    await begun.keeper.poll()
    reply = await inbox.reply_to(number)
    assert reply is not None
    assert reply.done
    assert await inbox.waiting() == ()
    assert begun.driver.loop.kernel.state.instances[other].paused
    assert record.strategy_id not in begun.driver.loop.host.running_instances
    assert len(begun.driver.loop.host.running_instances) > 0


async def _records(running: Engine) -> tuple[InstanceRecord, ...]:
    return await running.store.records()


async def test_the_equity_has_a_point_a_minute_and_none_without_a_rate(
    begun: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    points: list[Any] = []
    monkeypatch.setattr(begun.journal, "note_equity", points.append)
    loop = begun.driver.loop
    start = loop.now - loop.now % NANOS_PER_MINUTE + 10 * NANOS_PER_MINUTE
    for seconds in (0, 1, 59, 60, 61, 200):
        loop.now = start + seconds * 10**9
        begun.keeper.note_equity(0)
    assert [(one.event_time - start) // 10**9 for one in points] == [0, 60, 200]
    assert points[0].equity > 0
    points.clear()
    assert equity_point(begun.driver) is not None
    monkeypatch.setattr(records, "total_equity", lambda state: None)
    assert equity_point(begun.driver) is None
    loop.now += 10 * NANOS_PER_MINUTE
    begun.keeper.note_equity(0)
    assert points == []


async def test_the_equity_has_a_point_with_each_checkpoint(
    begun: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    points: list[Any] = []
    kept: list[tuple[MadeCheckpoint, str]] = []

    async def keep(*made: Any) -> None:
        kept.append(made)

    monkeypatch.setattr(begun.journal, "note_equity", points.append)
    monkeypatch.setattr(begun.journal, "put_checkpoint", keep)
    seq_id = begun.driver.loop.kernel.state.seq_id
    made = MadeCheckpoint(seq_id, 0, "", b"")
    await begun.keeper.put_checkpoint(made, "head")
    assert [one.seq_id for one in points] == [seq_id]
    monkeypatch.setattr(records, "total_equity", lambda state: None)
    await begun.keeper.put_checkpoint(made, "head")
    assert len(points) == 1
    assert kept == [(made, "head")] * 2


async def test_a_run_that_was_cut_off_ends_with_its_last_durable_step(tmp_path: Path) -> None:
    bars = write_bars(tmp_path / "BTC_USD-1m.csv", 400)
    options = options_for(tmp_path / "state", bars)
    first = await crash_after(options, 200)
    async with opened(options) as second:
        begun = equity_point(second.driver)
        assert begun is not None
        cut_off = second.journal.header.opening_seq
        await second.driver.start()
        await second.driver.run_until_end()
        after = equity_point(second.driver)
    assert after is not None and after.seq_id > cut_off
    result, last = RunList(tmp_path / "state" / JOURNAL_DB).read().runs[::-1]
    assert (result.ended_how, last.continues) == ("crashed", result.run_id)
    cash = sum(amount for route in first.config.routes for _, amount in route.opening_cash)
    ((_, lost),), ((_, then),) = result.changes, last.changes
    assert (lost, then) == (begun.equity - cash, after.equity - begun.equity)
