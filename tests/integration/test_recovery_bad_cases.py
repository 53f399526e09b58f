"""Starts on folders that are not as they were left: each has its sentence and a safe outcome.

Also the tests of ``storage/journal_db.py``.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import pytest
from tests.support.recovery import (
    assert_same,
    crash_after,
    opened,
    options_for,
    replayed,
    run_to_end,
    runs_of,
    write_bars,
)

from tradetui.bootstrap.commands.journal import put_journal_aside
from tradetui.bootstrap.process.program import this_program
from tradetui.bootstrap.recovery import starting
from tradetui.bootstrap.recovery.past import find_past
from tradetui.bootstrap.recovery.rebuilding import Telling, Wanted
from tradetui.bootstrap.run import journal_check
from tradetui.bootstrap.run.engine import Engine
from tradetui.cli.wiring import Place, RunOptions
from tradetui.core.carry import CarryError
from tradetui.core.checkpoint import dump, load, state_hash
from tradetui.core.state import KernelState
from tradetui.core.venue.models import VenueConfig
from tradetui.domain.enums import RunMode
from tradetui.domain.recovery import EngineCheckpoint, decode_checkpoint, encode_checkpoint
from tradetui.domain.steps import JournalHeader
from tradetui.runtime import driver as runtime_driver
from tradetui.runtime.chores import VERIFY_ALERT
from tradetui.services.errors import RefusedError
from tradetui.storage.checkpoint_rows import CHECKPOINT_COLUMNS, CHECKPOINT_SQL, CheckpointRow
from tradetui.storage.reader import JournalReader
from tradetui.storage.verify import verify_file

BARS = 900


@pytest.fixture
def options(tmp_path: Path) -> RunOptions:
    bars = write_bars(tmp_path / "BTC_USD-1m.csv", BARS)
    return options_for(tmp_path / "state", bars)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


@dataclass(frozen=True)
class Crashed:
    """The folder of a run that was cut off, for copies of it, and what its journal comes to."""

    folder: Path
    watermark: int
    state: KernelState


@pytest.fixture(scope="module")
def crashed(tmp_path_factory: pytest.TempPathFactory) -> Crashed:
    """A run that wrote a checkpoint at about each thousand steps, and crashed."""
    home = tmp_path_factory.mktemp("crashed")
    options = options_for(home / "state", write_bars(home / "BTC_USD-1m.csv", BARS))
    running = asyncio.run(with_checkpoints(options))
    folder = home / "state"
    return Crashed(folder, running.journal.watermark, replayed(folder))


async def with_checkpoints(options: RunOptions) -> Engine:
    async with opened(options) as running:
        await running.driver.start()
        checkpointer = running.driver.checkpointer
        assert checkpointer is not None
        for wanted in (500, 1_500, 2_500):
            while running.journal.watermark < wanted:
                await asyncio.sleep(0)
            await checkpointer.write(checkpointer.take())
        while running.journal.watermark < 3_500:
            await asyncio.sleep(0)
        await running.driver.abandon()
        return running


@pytest.fixture
def cut_off(crashed: Crashed, folder: Path) -> Crashed:
    """A copy of it in the test's own state folder."""
    shutil.copytree(crashed.folder, folder)
    return replace(crashed, folder=folder)


def edit(folder: Path, sql: str, *values: object) -> None:
    """Change the journal behind the engine's back."""
    database = sqlite3.connect(folder / "journal.db")
    with database:
        database.execute(sql, values)
    database.close()


def rows(folder: Path) -> list[CheckpointRow]:
    """Return the checkpoints, oldest first."""
    database = sqlite3.connect(folder / "journal.db")
    try:
        found = database.execute(
            f"SELECT {CHECKPOINT_COLUMNS} FROM checkpoints ORDER BY run, seq_id"
        ).fetchall()
    finally:
        database.close()
    return [CheckpointRow(*row) for row in found]


def put(folder: Path, row: CheckpointRow, checkpoint: EngineCheckpoint, digest: str) -> None:
    """Put another checkpoint, soundly sealed, in a row's place."""
    made = CheckpointRow.pack(
        run=row.run,
        seq_id=row.seq_id,
        row=row.row,
        created_time=row.created_time,
        state_hash=digest,
        anchor=row.anchor,
        body=encode_checkpoint(checkpoint),
    )
    edit(folder, CHECKPOINT_SQL, *made.values())


def header_of(folder: Path) -> JournalHeader:
    with JournalReader(folder) as reader:
        return reader.header(runs_of(folder)[-1])


def said(running: Engine) -> str:
    return "\n".join(running.notes)


async def test_a_damaged_checkpoint_is_passed_over(
    options: RunOptions, folder: Path, cut_off: Crashed
) -> None:
    newest = rows(folder)[-1]
    edit(
        folder,
        "UPDATE checkpoints SET body = ? WHERE seq_id = ?",
        newest.body[:-1] + bytes([newest.body[-1] ^ 1]),
        newest.seq_id,
    )
    async with opened(options) as running:
        assert f"at step {newest.seq_id} was altered: the one before it is used" in said(running)
        assert f"from step {rows(folder)[-3].seq_id + 1:,}" in said(running)
        running.driver.publisher.show_header()
        alerts = running.driver.publisher.alerts()
        assert any("was altered" in alert.text for alert in alerts)
        assert_same(running.driver.loop.kernel.state, cut_off.state)
        await running.driver.abandon()


@pytest.mark.usefixtures("cut_off")
async def test_without_any_sound_checkpoint_all_is_replayed(
    options: RunOptions, folder: Path
) -> None:
    await crash_after(options, 50)
    expected = replayed(folder)
    edit(folder, "UPDATE checkpoints SET seal = zeroblob(32)")
    async with opened(options) as running:
        assert said(running).count("was altered: the one before it is used") >= 4
        assert "is replayed too: no checkpoint after it is sound" in said(running)
        assert_same(running.driver.loop.kernel.state, expected)
        await running.driver.abandon()


async def test_a_checkpoint_that_holds_another_state_is_passed_over(
    options: RunOptions, folder: Path, cut_off: Crashed
) -> None:
    newest, older = rows(folder)[-1], rows(folder)[-2]
    put(folder, newest, decode_checkpoint(older.unpack()), newest.state_hash)
    async with opened(options) as running:
        assert "holds another state than the one it was made of" in said(running)
        assert_same(running.driver.loop.kernel.state, cut_off.state)
        await running.driver.abandon()


@pytest.mark.usefixtures("cut_off")
async def test_a_checkpoint_of_a_later_version_is_refused(
    options: RunOptions, folder: Path
) -> None:
    newest = rows(folder)[-1]
    checkpoint = decode_checkpoint(newest.unpack())
    put(folder, newest, msgspec.structs.replace(checkpoint, schema_version=2), newest.state_hash)
    before = runs_of(folder)
    with pytest.raises(RefusedError, match="is of version 2; this program reads 1: use the tradet"):
        async with opened(options):
            pass
    assert runs_of(folder) == before


def of_other_rules(cut_off: Crashed) -> None:
    """Leave a sound journal whose newest steps this program does not come to again: the state that
    they go on from is not the one that it would have had.
    """
    folder = cut_off.folder
    # On a busy machine the last one may be of the very end: then no step comes out at all.
    edit(folder, "DELETE FROM checkpoints WHERE seq_id > ?", cut_off.watermark - 500)
    newest = rows(folder)[-1]
    checkpoint = decode_checkpoint(newest.unpack())
    state = load(checkpoint.engine_state, header_of(folder).kernel_config)
    state.max_order_counter += 1
    for key, instance in list(state.instances.items()):
        state.instances[key] = msgspec.structs.replace(instance, paused=True)
    other = msgspec.structs.replace(checkpoint, engine_state=dump(state))
    put(folder, newest, other, state_hash(state))


async def test_a_sound_journal_of_a_program_that_decides_otherwise_is_refused(
    options: RunOptions, folder: Path, cut_off: Crashed, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_other_rules(cut_off)
    assert verify_file(folder / "journal.db").is_sound
    wrote, before = header_of(folder).program, runs_of(folder)
    assert wrote == this_program()
    with pytest.raises(RefusedError, match="which is this program: please report it"):
        async with opened(options):
            pass
    monkeypatch.setattr(starting, "this_program", lambda: "9.9.9 (0badc0de)")
    with pytest.raises(RefusedError) as refused:
        async with opened(options):
            pass
    sentence = str(refused.value)
    assert f"{folder / 'journal.db'}: the journal is sound, but step " in sentence
    assert "comes out otherwise than recorded" in sentence
    assert f"tradetui {wrote} wrote it; this is tradetui 9.9.9 (0badc0de), which " in sentence
    assert f"`tradetui journal put-aside --state {folder}`" in sentence
    assert "damaged" not in sentence
    assert runs_of(folder) == before
    assert list(folder.glob("journal.db.*")) == []
    kept = put_journal_aside(Place(state=folder))["kept_as"]
    assert kept == str(folder / "journal.db.aside-1")
    with JournalReader(Path(kept)) as reader:
        assert [info.run_id for info in reader.runs()] == before
    async with opened(options) as running:
        assert "active instances start HELD" in said(running)
        assert not running.driver.loop.kernel.state.positions
        assert running.journal.header.continues == ""
        await running.driver.start()
        instances = running.driver.loop.kernel.state.instances.values()
        assert all(instance.held for instance in instances if instance.mode.value == "active")
        await running.driver.stop()


async def test_a_journal_that_does_not_come_out_and_is_damaged_is_put_aside(
    options: RunOptions, folder: Path, cut_off: Crashed
) -> None:
    of_other_rules(cut_off)
    edit(folder, "UPDATE fills SET body = zeroblob(9) WHERE row = (SELECT min(row) FROM fills)")
    async with opened(options) as running:
        assert "comes out otherwise than recorded" in said(running)
        assert "the journal was damaged (" in said(running)
        assert "it is kept as" in said(running)
        assert (folder / "journal.db.damaged-1").exists()
        assert running.journal.header.continues == ""
        await running.driver.abandon()


@pytest.mark.usefixtures("cut_off")
async def test_a_bit_flipped_before_the_checkpoint_is_found_beside_the_run(
    options: RunOptions, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rows(folder)[-1].row > 20
    edit(folder, "UPDATE steps SET body = CAST(substr(body, 1, 9) || x'ff' AS BLOB) WHERE row = 20")
    monkeypatch.setattr(runtime_driver, "FIRST_VERIFY_NS", 1)
    monkeypatch.setattr(journal_check, "AGAIN_SECONDS", 0.0)
    async with opened(options) as running:
        assert "damaged" not in said(running)
        await running.driver.start()
        alerts: dict[str, str] = {}
        async with asyncio.timeout(120):
            while VERIFY_ALERT not in alerts:
                await asyncio.sleep(0.05)
                alerts = {one.alert_id: one.text for one in running.driver.client.snapshot().alerts}
        found = running.driver.telemetry.verified
        assert found is not None and found.faults > 0
        assert "journal.db: step 20 of run " in alerts[VERIFY_ALERT]
        page = await running.driver.client.diagnostics_page()
        assert page.journal_faults == found.faults
        await running.driver.stop()


@pytest.mark.usefixtures("cut_off")
async def test_rows_removed_behind_a_checkpoint_are_noticed(
    options: RunOptions, folder: Path
) -> None:
    newest = rows(folder)[-1]
    edit(folder, "DELETE FROM steps WHERE row >= ?", newest.row - 5)
    edit(folder, "DELETE FROM fills WHERE row >= ?", newest.row - 5)
    async with opened(options) as running:
        assert f"the checkpoint at step {newest.seq_id} is ahead of the steps" in said(running)
        assert (folder / "journal.db.damaged-1").exists()
        await running.driver.abandon()


async def put_back_old_journal(options: RunOptions, folder: Path) -> None:
    await crash_after(options, 100)
    copy = folder.parent / "old.db"
    database = sqlite3.connect(folder / "journal.db")
    target = sqlite3.connect(copy)
    database.backup(target)
    database.close()
    target.close()
    await crash_after(options, 100)
    for path in folder.glob("journal.db*"):
        path.unlink()
    shutil.copy(copy, folder / "journal.db")
    (folder / "journal.db").chmod(0o600)


async def remove_journal(options: RunOptions, folder: Path) -> None:
    await crash_after(options, 100)
    for path in folder.glob("journal.db*"):
        path.unlink()


async def put_back_old_records(options: RunOptions, folder: Path) -> None:
    await crash_after(options, 100)
    old = (folder / "state.db").read_bytes()
    await crash_after(options, 100)
    (folder / "state.db").write_bytes(old)


async def lose_the_records(options: RunOptions, folder: Path) -> None:
    await crash_after(options, 100)
    for path in folder.glob("state.db*"):
        path.unlink()


async def forget_the_runs(options: RunOptions, folder: Path) -> None:
    await crash_after(options, 100)
    with sqlite3.connect(folder / "state.db") as connection:
        connection.execute("DELETE FROM meta WHERE key != 'run_mode'")
    connection.close()


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lose_the_records, "the instance records know of no run, and the journal holds 1 run"),
        (forget_the_runs, "the instance records know of no run, and the journal holds 1 run"),
        (put_back_old_journal, "the journal is behind the instance records"),
        (remove_journal, "the journal is behind the instance records"),
        (put_back_old_records, "the instance records are behind the journal"),
    ],
)
async def test_files_of_two_times_are_doubted_and_all_is_held(
    options: RunOptions, folder: Path, spoil: Callable[..., object], sentence: str
) -> None:
    await spoil(options, folder)  # type: ignore[misc]
    async with opened(options) as running:
        assert f"{sentence}" in said(running)
        assert "active instances start HELD" in said(running)
        await running.driver.start()
        instances = list(running.driver.loop.kernel.state.instances.values())
        active = [instance for instance in instances if instance.mode.value == "active"]
        assert active and all(instance.held for instance in active)
        await running.driver.stop()


async def test_an_old_copy_of_the_same_run_is_noticed(options: RunOptions, folder: Path) -> None:
    await run_to_end(options)
    edit(folder, "DELETE FROM checkpoints")
    edit(folder, "DELETE FROM fills WHERE row > 300")
    edit(folder, "DELETE FROM instruments WHERE row > 300")
    edit(folder, "DELETE FROM steps WHERE row > 300")
    edit(
        folder,
        "UPDATE runs SET ended_how = 'running', ended_time = NULL, last_seq_id = NULL, "
        "last_hash = NULL",
    )
    async with opened(options) as running:
        assert "and ends at 300 now" in said(running)
        await running.driver.abandon()


def wanted(folder: Path, **changes: object) -> Wanted:
    header = header_of(folder)
    base = Wanted(
        header.kernel_config, VenueConfig(), header.data_hash, 2 * 10**18, lambda _: iter(())
    )
    return replace(base, **changes)  # type: ignore[arg-type]


async def test_another_run_mode_is_refused(options: RunOptions, folder: Path) -> None:
    await crash_after(options, 100)
    config = msgspec.structs.replace(header_of(folder).kernel_config, run_mode=RunMode.LIVE)
    with pytest.raises(
        RefusedError, match=r"the journal is of a paper run .* and this one is live"
    ):
        find_past(folder, wanted(folder, config=config), Telling())


async def test_a_config_without_place_for_what_is_held_is_refused(
    options: RunOptions, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await crash_after(options, 100)

    def refuse(*_: object, **__: object) -> None:
        raise CarryError("route main is not in the config any more and still holds 2 open orders")

    monkeypatch.setattr("tradetui.bootstrap.recovery.past.open_next", refuse)
    before = runs_of(folder)
    with pytest.raises(RefusedError, match="still holds 2 open orders; nothing was started"):
        async with opened(options):
            pass
    assert runs_of(folder) == before


async def test_a_clock_before_the_last_event_is_refused(tmp_path: Path) -> None:
    options = RunOptions(place=options_for(tmp_path / "state").place, demo=True)
    await crash_after(options, 20)
    folder = tmp_path / "state"
    last = replayed(folder).now
    early = wanted(folder, feed=None, now=last - 60 * 10**9)
    with pytest.raises(RefusedError, match=r"the clock says .* the journal's last event is of"):
        find_past(folder, early, Telling())
    assert find_past(folder, wanted(folder, feed=None, now=last), Telling()) is not None
