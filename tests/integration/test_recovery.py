"""A paper replay that is cut off again and again goes on as if nothing had been."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.support.recovery import (
    DATA_START,
    all_steps,
    assert_same,
    assert_sums,
    bars_taken,
    crash_after,
    opened,
    options_for,
    replayed,
    run_to_end,
    runs_of,
    write_bars,
)

from tradetui.bootstrap.commands import status
from tradetui.bootstrap.recovery import past, rebuilding
from tradetui.bootstrap.recovery.comeback import back_words, crash_words
from tradetui.bootstrap.recovery.past import tell_left
from tradetui.bootstrap.recovery.rebuilding import Telling, last_state
from tradetui.bootstrap.recovery.remaining import remaining
from tradetui.bootstrap.run.samples import replay_records
from tradetui.core.state import KernelState
from tradetui.domain.control import PauseChanged
from tradetui.domain.enums import InstanceMode, KillState, OrderRole, OrderState, Scope
from tradetui.domain.ids import ClientOrderId, StrategyId, is_shadow
from tradetui.domain.instances import InstanceRecord
from tradetui.domain.risk import KillSwitch
from tradetui.storage.reader import JournalReader
from tradetui.storage.verify import verify

BARS = 400


@pytest.fixture
def bars(tmp_path: Path) -> Path:
    return write_bars(tmp_path / "BTC_USD-1m.csv", BARS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.mark.parametrize("steps", [1, 7, 40, 150, 700, 1_500])
async def test_what_comes_back_is_what_the_journal_says(
    bars: Path, folder: Path, steps: int
) -> None:
    options = options_for(folder, bars)
    await crash_after(options, steps)
    expected = replayed(folder)
    async with opened(options) as running:
        assert_same(running.driver.loop.kernel.state, expected)
        assert running.headline == crash_words(expected)
        assert running.headline in running.notes
        (goes_on,) = [note for note in running.notes if "goes on from run" in note]
        assert f": {back_words(expected)} (" in goes_on
        await running.driver.abandon()


async def test_status_says_that_a_run_was_cut_off_and_what_comes_back(
    bars: Path, folder: Path
) -> None:
    options = options_for(folder, bars)

    async def crash_row() -> str:
        row = await asyncio.to_thread(status.status, options.place)
        return str(row.get("crash", ""))

    await crash_after(options, 150)
    words = back_words(replayed(folder))
    assert await crash_row() == f"the last run was cut off; the next start has {words}"
    async with opened(options) as running:
        assert running.headline == f"recovered after a crash: {words}"
        await running.driver.start()
        await running.driver.stop("seen")
    assert (await crash_row()).startswith(f"recovered after a crash: {words} (at 20")
    async with opened(options) as running:
        assert running.headline == ""
        await running.driver.abandon()


async def test_cut_off_often_and_run_to_the_end_nothing_is_lost_or_doubled(
    bars: Path, folder: Path
) -> None:
    options = options_for(folder, bars)
    for steps in (3, 90, 333, 1, 250):
        await crash_after(options, steps)
    running = await run_to_end(options)
    kernel = running.driver.loop.kernel
    assert_same(kernel.state, replayed(folder))
    assert_sums(folder, kernel)
    steps = all_steps(folder)
    taken = bars_taken(steps)
    assert len(taken) == len(set(taken)) == BARS
    assert taken == sorted(taken)
    assert len([step for step in steps if step.result.fills]) > 50
    assert len(runs_of(folder)) == 6
    assert (await verify(folder / "journal.db")).fault == ""


async def test_a_clean_stop_leaves_orders_and_modes_as_they_are(bars: Path, folder: Path) -> None:
    options = options_for(folder, bars)
    first = await run_to_end(options)
    before = first.driver.loop.kernel.state
    assert before.instances
    async with opened(options) as running:
        state = running.driver.loop.kernel.state
        assert_same(state, before)
        assert running.driver.checkpointer is not None
        assert "(0 steps applied again" in " ".join(running.notes)
        await running.driver.start()
        await running.driver.run_until_end()
    assert running.driver.tally.fills == 0
    assert {i.mode for i in before.instances.values()} == {
        InstanceMode.ACTIVE,
        InstanceMode.OBSERVE,
    }


async def test_a_crash_in_the_recovery_is_recovered(bars: Path, folder: Path) -> None:
    options = options_for(folder, bars)
    await crash_after(options, 500)
    expected = replayed(folder)
    for _ in range(3):
        async with opened(options) as running:
            assert_same(running.driver.loop.kernel.state, expected)
            await running.driver.abandon()
    assert len(runs_of(folder)) == 4
    running = await run_to_end(options)
    assert_sums(folder, running.driver.loop.kernel)


async def test_running_instances_go_on_active_paused_and_failed_ones_are_held(
    bars: Path, folder: Path
) -> None:
    options = options_for(folder, bars)
    async with opened(options) as first:
        await first.driver.start()
        names = sorted(i for i in first.driver.loop.kernel.state.instances)
        paused = next(name for name in names if name.endswith("cross"))
        act = PauseChanged(paused, True, "me")
        await first.driver.pump.act(lambda: first.driver.loop.control(act))
        await first.driver.abandon()
    async with opened(options) as running:
        await running.driver.start()
        instances = running.driver.loop.kernel.state.instances
        assert sorted(instances) == names
        assert instances[paused].held and not instances[paused].paused
        others = [i for name, i in instances.items() if name != paused]
        assert not any(instance.held for instance in others)
        await running.driver.stop()


async def test_a_record_that_was_switched_off_meanwhile_does_not_come_back(
    bars: Path, folder: Path
) -> None:
    options = options_for(folder, bars)
    await crash_after(options, 600)
    before = replayed(folder)
    name = next(i for i in sorted(before.instances) if i.endswith("gallery"))
    entries = [
        key
        for key, order in before.open_orders.items()
        if order.terms.strategy_id == name and not order.terms.is_protective
    ]
    async with opened(options) as running:
        record = await running.store.record(name)
        assert record is not None
        await running.store.set_mode(
            name, InstanceMode.OFF, seen_revision=record.revision, actor="someone"
        )
        await running.driver.start()
        state = running.driver.loop.kernel.state
        assert name not in state.instances
        assert not [key for key in entries if key in state.open_orders]
        position = [p.quantity for key, p in before.positions.items() if key[0] == name]
        assert [p.quantity for key, p in state.positions.items() if key[0] == name] == position
        await running.driver.stop()


def entries_of(state: KernelState, name: str) -> list[ClientOrderId]:
    """Return the entry orders of an instance that rest at the venue."""
    return [
        key
        for key, order in state.open_orders.items()
        if order.terms.role is OrderRole.ENTRY
        and order.terms.strategy_id == name
        and order.state in (OrderState.ACCEPTED, OrderState.PARTIALLY_FILLED)
    ]


@pytest.mark.parametrize("mode", [InstanceMode.OFF, InstanceMode.OBSERVE])
@pytest.mark.parametrize("keep", [True, False])
async def test_entries_stay_when_active_was_left_so_while_the_engine_was_down(
    tmp_path: Path,
    folder: Path,
    mode: InstanceMode,
    keep: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def all_active(*args: object, **kwargs: object) -> tuple[InstanceRecord, ...]:
        records = replay_records(*args, **kwargs)  # type: ignore[arg-type]
        return tuple(replace(one, mode=InstanceMode.ACTIVE) for one in records)

    monkeypatch.setattr("tradetui.bootstrap.run.run_settings.replay_records", all_active)
    calm = tmp_path / "BTC_USD-1m.csv"
    times = (DATA_START + 60_000 * number for number in range(6))
    rows = [f"{time},10000,10001,9999,10000,50.12345678" for time in times]
    calm.write_text("\n".join(["ts_ms,open,high,low,close,volume", *rows, ""]))
    options = options_for(folder, calm)
    await run_to_end(options)
    name = next(i for i in sorted(replayed(folder).instances) if i.endswith("grid"))
    entries = entries_of(replayed(folder), name)
    assert entries
    async with opened(options) as running:
        record = await running.store.record(name)
        assert record is not None
        await running.store.set_mode(
            name, mode, seen_revision=record.revision, actor="someone", keep_orders=keep
        )
        await running.driver.start()
        state = running.driver.loop.kernel.state
        assert (name in state.instances) is (mode is InstanceMode.OBSERVE)
        assert entries_of(state, name) == (entries if keep else [])
        await running.driver.stop()


async def test_kill_switches_stay(bars: Path, folder: Path) -> None:
    options = options_for(folder, bars)
    async with opened(options) as first:
        await first.driver.start()
        switch = KillSwitch(Scope.GLOBAL, "", KillState.REDUCING, "me", "enough", 1)
        await first.keeper.keep_kill_switch(switch)
        await first.driver.abandon()
    async with opened(options) as running:
        await running.driver.start()
        kept = running.driver.loop.kernel.state.kill_switches[(Scope.GLOBAL, "")]
        assert (kept.state, kept.actor, kept.reason) == (KillState.REDUCING, "me", "enough")
        await running.driver.stop()


async def test_values_of_a_strategy_come_back(bars: Path, folder: Path) -> None:
    options = options_for(folder, bars)
    await crash_after(options, 1_500)
    kept: dict[str, str] = {}
    for step in all_steps(folder):
        kept |= dict(step.result.kept)
    assert any("cool_until" in text for text in kept.values())
    async with opened(options) as running:
        assert running.driver.loop.host.kept.texts == kept
        await running.driver.start()
        for name, text in kept.items():
            runner = running.driver.loop.host.running_instances[StrategyId(name)]
            assert runner.changed_kept() in (None, text)
        await running.driver.stop()


async def test_other_files_begin_flat_and_that_is_said(
    bars: Path, folder: Path, tmp_path: Path
) -> None:
    await crash_after(options_for(folder, bars), 600)
    other = write_bars(tmp_path / "other.csv", 60)
    async with opened(options_for(folder, other)) as running:
        assert not running.driver.loop.kernel.state.positions
        assert any("was of other data" in note for note in running.notes)
        await running.driver.abandon()
    async with opened(options_for(folder, bars)) as again:
        assert again.journal.header.continues == runs_of(folder)[0]
        await again.driver.abandon()


async def test_what_a_run_of_other_data_holds_is_named_and_nothing_enters(
    bars: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await crash_after(options_for(folder, bars), 40)
    (run_id,) = runs_of(folder)
    with JournalReader(folder) as reader:
        left = last_state(reader, reader.header(run_id))
    assert left is not None
    assert_same(left, replayed(folder))
    held = next(key for key in left.positions if not is_shadow(key[1]))
    left.positions[held] = replace(left.positions[held], quantity=10**7)
    monkeypatch.setattr(past, "last_state", lambda *_: left)
    (tmp_path / "other").mkdir()
    other = write_bars(tmp_path / "other" / bars.name, 60)
    async with opened(options_for(folder, other)) as running:
        text = (
            f"run {run_id} was of other data and is not gone on with; {remaining(left)}. Nothing "
            "here manages that, and active instances start HELD"
        )
        assert text in running.notes
        await running.driver.start()
        assert text in [alert.text for alert in running.driver.publisher.alerts()]
        instances = running.driver.loop.kernel.state.instances.values()
        active = [one for one in instances if one.mode is InstanceMode.ACTIVE]
        assert active
        assert all(one.held for one in active)
        await running.driver.abandon()


async def test_what_a_run_held_that_does_not_come_out_as_recorded_cannot_be_told(
    bars: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await crash_after(options_for(folder, bars), 300)
    telling = Telling()
    with JournalReader(folder) as reader:
        header = reader.header(runs_of(folder)[0])
        with monkeypatch.context() as patch:
            patch.setattr(rebuilding, "newest_sound", lambda *_: None)
            carried = replace(header, opening_hash="x")
            assert last_state(reader, carried) is None
        with monkeypatch.context() as patch:
            patch.setattr("tradetui.engine.rerun.Rerun.apply", lambda *_: object())
            tell_left(reader, header, telling)
    assert telling.has_left
    assert "what it held cannot be told" in telling.alerts[0]


async def test_the_journal_says_which_run_it_goes_on_with(bars: Path, folder: Path) -> None:
    options = options_for(folder, bars)
    await crash_after(options, 300)
    await crash_after(options, 300)
    with JournalReader(folder) as reader:
        first, second = (reader.header(run_id) for run_id in runs_of(folder))
        assert (first.continues, first.opening_seq, first.opening_hash) == ("", 0, "")
        assert second.continues == first.run_id
        assert second.opening_seq == reader.runs()[0].steps
        assert reader.opening(second.run_id) is not None
        assert first.run_code < second.run_code
