"""The journal: a chain that is durable at its watermark, over stalls, cancellations and runs.

Also the tests of ``storage/journal_group.py``, ``storage/journal_reads.py``,
``storage/journal_rows.py``.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiosqlite
import pytest
from tests.support.memory_journal import MemoryJournal

from tradetui.domain.codec import GENESIS, chain, encode
from tradetui.domain.enums import InstrumentClass, Source
from tradetui.domain.envelope import Envelope
from tradetui.domain.ids import Currency, InstrumentId
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import InstrumentUpdated
from tradetui.domain.steps import JournalHeader, StepRecord, StepResult
from tradetui.ports.history import EquityPoint, RunInfo
from tradetui.ports.journal import JournalError, JournalStalledError, MadeCheckpoint
from tradetui.storage.held_files import HeldConnection
from tradetui.storage.journal import SqliteJournal
from tradetui.storage.journal_group import Group, write_group
from tradetui.storage.reader import JournalReader
from tradetui.storage.verify import verify

Header = Callable[..., JournalHeader]
Step = Callable[..., StepRecord]

BTC = Instrument(
    InstrumentId("BTC/USDT.SIM"),
    "BTC/USDT",
    "SIM",
    InstrumentClass.SPOT,
    Currency("BTC"),
    Currency("USDT"),
    2,
    8,
    1,
    1_000,
)


def instrument_step(seq_id: int, instrument: Instrument = BTC) -> StepRecord:
    event = Envelope(
        seq_id,
        1,
        1,
        Source.MARKET_DATA,
        "SIM",
        instrument.instrument_id,
        "InstrumentUpdated",
        InstrumentUpdated(instrument),
    )
    return StepRecord(event, (), (), (), StepResult())


async def begin(folder: Path, header: JournalHeader) -> SqliteJournal:
    return await SqliteJournal.open(folder, header, busy_timeout_ms=50)


async def test_nothing_is_durable_before_its_commit(
    folder: Path, make_header: Header, make_step: Step
) -> None:
    journal = await begin(folder, make_header())
    for number in (1, 2, 3):
        journal.append(make_step(number))
    assert journal.watermark == 0
    assert (await verify(journal.path)).rows == 0
    assert await journal.commit() == 3
    assert journal.watermark == 3
    assert (await verify(journal.path)).rows == 3
    assert await journal.commit() == 3
    await journal.close()


async def test_the_chain_is_over_the_stored_bytes(
    folder: Path, make_header: Header, make_step: Step
) -> None:
    header = make_header()
    journal = await begin(folder, header)
    expected = chain(GENESIS, encode(header))
    assert journal.head == expected.hex()
    for number in (1, 2):
        journal.append(make_step(number))
        expected = chain(expected, encode(make_step(number)))
        assert journal.head == expected.hex()
    await journal.close()
    rows = sqlite3.connect(journal.path).execute("SELECT body, hash FROM steps ORDER BY row")
    bodies = [encode(make_step(1)), encode(make_step(2))]
    stored = rows.fetchall()
    assert [row[0] for row in stored] == bodies
    assert stored[-1][1] == expected


async def test_memory_and_file_have_the_same_head(
    folder: Path, make_header: Header, make_step: Step
) -> None:
    header = make_header()
    file, memory = await begin(folder, header), MemoryJournal(header)
    for number in range(1, 50):
        step = make_step(number, fills=number % 3)
        file.append(step)
        memory.append(step)
    assert file.head == memory.head
    await file.close()
    await memory.close()
    assert memory.watermark == 49
    assert memory.is_closed
    assert [record.event.seq_id for record in memory.records()] == list(range(1, 50))
    assert memory.bodies[0] == encode(make_step(1, fills=1))


async def test_a_memory_journal_can_keep_the_chain_alone(
    make_header: Header, make_step: Step
) -> None:
    kept, light = MemoryJournal(make_header()), MemoryJournal(make_header(), keep=False)
    point = EquityPoint(1, 1, "all", Currency("USDT"), 1, 0)
    for journal in (kept, light):
        journal.append(make_step(1))
        journal.note_equity(point)
    assert kept.head == light.head
    assert light.bodies == ()
    assert light.equity_points == []
    assert kept.equity_points == [point]


async def test_files_are_private_and_settings_are_safe(
    folder: Path, make_header: Header, make_step: Step
) -> None:
    journal = await begin(folder, make_header())
    journal.append(make_step(1))
    await journal.commit()
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {"journal.db": 0o600, "journal.db-wal": 0o600, "journal.db-shm": 0o600}
    connection = journal._connection
    settings = [
        next(iter(await connection.execute_fetchall(f"PRAGMA {name}")))[0]
        for name in ("journal_mode", "synchronous")
    ]
    assert settings == ["wal", 2]
    await journal.close()


async def test_steps_must_come_without_a_gap(
    folder: Path, make_header: Header, make_step: Step
) -> None:
    journal = await begin(folder, make_header())
    journal.append(make_step(1))
    with pytest.raises(AssertionError):
        journal.append(make_step(3))
    with pytest.raises(AssertionError):
        journal.append(make_step(1))
    journal.append(make_step(2))
    assert await journal.commit() == 2
    await journal.close()


async def test_runs_follow_one_another(folder: Path, make_header: Header, make_step: Step) -> None:
    heads = []
    for run in ("r1", "r2", "r3", "r4"):
        journal = await begin(folder, make_header(run))
        for number in range(1, 1 if run == "r2" else 6):
            journal.append(make_step(number))
        await journal.commit()
        heads.append(journal.head)
        if run == "r3":
            await journal.abandon()
        else:
            await journal.close()
    journal = await begin(folder, make_header("r5"))
    journal.append(make_step(1))
    await journal.commit()
    runs = runs_of(folder)
    assert [run.run_id for run in runs] == ["r1", "r2", "r3", "r4", "r5"]
    assert [run.ended_how for run in runs] == ["clean", "clean", "crashed", "clean", "running"]
    assert [run.steps for run in runs] == [5, 0, 5, 5, 1]
    assert [run.head for run in runs] == [*heads, journal.head]
    assert [run.ended_time is None for run in runs] == [False, False, True, False, True]
    result = await verify(journal.path)
    assert result.is_sound, result.fault
    assert (result.runs, result.rows) == (5, 16)
    await journal.close()


async def test_the_same_run_has_the_same_head_wherever_it_stands(
    folder: Path, make_header: Header, make_step: Step, tmp_path: Path
) -> None:
    first = await begin(folder, make_header("other"))
    first.append(make_step(1))
    await first.close()
    heads = []
    for place in (folder, tmp_path / "fresh"):
        journal = await begin(place, make_header("r1"))
        for number in range(1, 10):
            journal.append(make_step(number))
        await journal.close()
        heads.append(journal.head)
    assert heads[0] == heads[1]


async def test_a_run_id_is_not_used_twice(folder: Path, make_header: Header) -> None:
    await (await begin(folder, make_header())).close()
    with pytest.raises(JournalError, match=r"journal\.db: .*no run was begun"):
        await begin(folder, make_header())


async def test_history_of_earlier_runs_is_readable(
    folder: Path, make_header: Header, make_step: Step
) -> None:
    for run in ("r1", "r2"):
        journal = await begin(folder, make_header(run))
        journal.append(instrument_step(1))
        journal.append(make_step(2, fills=2))
        journal.append(make_step(3, fills=1))
        journal.note_equity(EquityPoint(3, 30, "paper/main", Currency("USDT"), 5, -1))
        journal.note_equity(EquityPoint(3, 30, "paper/main", Currency("USDT"), 6, -2))
        await journal.commit()
        if run == "r1":
            await journal.close()
    fills = await journal.fills(100)
    assert [item.run_id for item in fills] == ["r1"] * 3 + ["r2"] * 3
    assert [item.fill.trade_id for item in fills] == ["t2-0", "t2-1", "t3-0"] * 2
    assert [item.instrument for item in fills] == [BTC] * 6
    assert fills[0].fill == make_step(2, fills=1).result.fills[0]
    assert [item.fill.trade_id for item in await journal.fills(2)] == ["t2-1", "t3-0"]
    assert await equity_rows(journal) == [(6, -2), (6, -2)]
    await journal.close()


async def test_a_fill_keeps_the_instrument_of_its_time(
    folder: Path, make_header: Header, make_step: Step
) -> None:
    journal = await begin(folder, make_header())
    journal.append(make_step(1, fills=1))
    journal.append(instrument_step(2))
    journal.append(make_step(3, fills=1))
    await journal.commit()
    assert [item.instrument for item in await journal.fills(9)] == [None, BTC]
    await journal.close()


async def test_a_full_disk_stalls_and_later_nothing_is_lost_or_doubled(
    folder: Path, make_header: Header, make_step: Step
) -> None:
    journal = await begin(folder, make_header())
    journal.append(make_step(1))
    await journal.commit()
    await journal._connection.execute_fetchall("PRAGMA max_page_count = 30")
    number, stalls = 1, 0
    while stalls < 3:
        for _ in range(20):
            number += 1
            journal.append(make_step(number, fills=2))
        before = journal.watermark
        try:
            await journal.commit()
        except JournalStalledError as error:
            stalls += 1
            assert "has no room left (the disk is full)" in str(error)
            assert f"steps after {before} wait" in str(error)
            assert journal.watermark == before
            assert (await verify(journal.path)).rows == before
    with pytest.raises(JournalStalledError):
        await journal.close()
    await journal._connection.execute_fetchall("PRAGMA max_page_count = 100000")
    assert await journal.commit() == number
    await journal.close()
    result = await verify(journal.path)
    assert (result.fault, result.rows) == ("", number)


async def test_a_lock_stalls_and_later_nothing_is_lost_or_doubled(
    folder: Path, make_header: Header, make_step: Step
) -> None:
    journal = await begin(folder, make_header())
    other = sqlite3.connect(journal.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    journal.append(make_step(1))
    with pytest.raises(JournalStalledError, match="is locked by another process"):
        await journal.commit()
    journal.append(make_step(2))
    with pytest.raises(JournalStalledError):
        await journal.commit()
    other.execute("ROLLBACK")
    other.close()
    assert await journal.commit() == 2
    await journal.close()
    result = await verify(journal.path)
    assert (result.fault, result.rows) == ("", 2)


async def test_a_checkpoint_stands_behind_the_steps_that_it_is_of(
    folder: Path, make_header: Header, make_step: Step
) -> None:
    journal = await begin(folder, make_header())
    for number in (1, 2, 3):
        journal.append(make_step(number))
    await journal.put_checkpoint(MadeCheckpoint(3, 7, "a" * 64, b"state"), journal.head)
    watermark = journal.watermark
    await journal.abandon()
    assert watermark == 3
    with JournalReader(folder) as reader:
        (run,) = reader.runs()
        (info,) = reader.checkpoints(run.run_id)
        assert (info.seq_id, run.steps, run.ended_how) == (3, 3, "running")
    result = await verify(journal.path)
    assert (result.fault, result.rows, result.checkpoints) == ("", 3, 1)


async def test_of_older_checkpoints_the_newest_are_kept_and_one_for_a_long_way(
    folder: Path, make_header: Header, make_step: Step
) -> None:
    journal = await begin(folder, make_header())
    for number in range(1, 8):
        journal.append(make_step(number))
        await journal.put_checkpoint(MadeCheckpoint(number, 7, "a" * 64, b"state"), journal.head)
    await journal.close()
    with JournalReader(folder) as reader:
        (run,) = reader.runs()
        assert [one.seq_id for one in reader.checkpoints(run.run_id)] == [1, 5, 6, 7]


async def test_a_checkpoint_of_steps_that_cannot_be_written_is_not_written_either(
    folder: Path, make_header: Header, make_step: Step
) -> None:
    journal = await begin(folder, make_header())
    other = sqlite3.connect(journal.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    journal.append(make_step(1))
    made = MadeCheckpoint(1, 7, "a" * 64, b"state")
    refused = await asyncio.gather(
        journal.put_checkpoint(made, journal.head), return_exceptions=True
    )
    other.execute("ROLLBACK")
    written = [list(other.execute("SELECT seq_id FROM checkpoints"))]
    await journal.put_checkpoint(made, journal.head)
    written.append(list(other.execute("SELECT seq_id FROM checkpoints")))
    other.close()
    watermark = journal.watermark
    await journal.abandon()
    assert [type(error) for error in refused] == [JournalStalledError]
    assert written == [[], [(1,)]]
    assert watermark == 1


def runs_of(folder: Path) -> tuple[RunInfo, ...]:
    """Return the runs of the journal in a folder."""
    with JournalReader(folder) as reader:
        return reader.runs()


async def equity_rows(journal: SqliteJournal) -> list[tuple[int, int]]:
    """Return (equity, day_pnl) of every durable point."""
    sql = "SELECT equity, day_pnl FROM equity ORDER BY row, key"
    return [(row[0], row[1]) for row in await journal._connection.execute_fetchall(sql)]


def _fail_one_commit(monkeypatch: pytest.MonkeyPatch, *, happens: bool) -> None:
    """Let the next COMMIT report an error after (or before) it happened."""
    failures = iter([True])

    def execute(connection: HeldConnection, sql: str, *parameters: Any) -> sqlite3.Cursor:
        is_due = sql == "COMMIT" and next(failures, False)
        if not is_due or happens:
            cursor = sqlite3.Connection.execute(connection, sql, *parameters)
        if is_due:
            raise sqlite3.OperationalError("disk I/O error")
        return cursor

    monkeypatch.setattr(HeldConnection, "execute", execute)


@pytest.mark.parametrize("happens", [True, False])
async def test_a_commit_that_reports_an_error_is_looked_at_before_it_is_repeated(
    folder: Path,
    make_header: Header,
    make_step: Step,
    happens: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    journal = await begin(folder, make_header())
    journal.append(make_step(1, fills=1))
    await journal.commit()
    _fail_one_commit(monkeypatch, happens=happens)
    journal.append(make_step(2, fills=1))
    journal.append(make_step(3, fills=1))
    journal.note_equity(EquityPoint(3, 2, "a", Currency("USDT"), 1, 0))
    with pytest.raises(JournalStalledError):
        await journal.commit()
    assert journal.watermark == 1
    journal.append(make_step(4, fills=1))
    assert await journal.commit() == 4
    assert [item.fill.seq_id for item in await journal.fills(9)] == [1, 2, 3, 4]
    assert await equity_rows(journal) == [(1, 0)]
    await journal.close()
    result = await verify(journal.path)
    assert (result.fault, result.rows) == ("", 4)


async def test_a_group_that_cannot_be_written_leaves_nothing_behind(
    folder: Path, make_header: Header, make_step: Step
) -> None:
    journal = await SqliteJournal.open(folder, make_header())
    journal.append(make_step(1))
    await journal.close()
    async with aiosqlite.connect(folder / "journal.db", isolation_level=None) as connection:
        rows = "SELECT row, seq_id, body, hash FROM steps"
        (row,) = await connection.execute_fetchall(rows)
        twice, nothing = Group(), Group()
        twice.steps += [(row[0] + 1, row[1] + 1, row[2], row[3]), row]
        with pytest.raises(sqlite3.IntegrityError):
            await write_group(connection, twice)
        await write_group(connection, nothing)
        assert list(await connection.execute_fetchall(rows)) == [row]


async def test_rows_of_someone_else_stop_the_run(
    folder: Path, make_header: Header, make_step: Step
) -> None:
    journal = await begin(folder, make_header())
    journal.append(make_step(1))
    await journal.commit()
    intruder = sqlite3.connect(journal.path)
    intruder.execute("INSERT INTO steps VALUES (2, 2, x'00', zeroblob(32))")
    intruder.commit()
    intruder.close()
    journal.append(make_step(2))
    with pytest.raises(JournalStalledError):
        await journal.commit()
    with pytest.raises(JournalError, match="holds rows that this run did not write"):
        await journal.commit()
    assert journal.watermark == 1
    await journal.abandon()


async def test_a_cancelled_caller_tears_no_commit(
    folder: Path, make_header: Header, make_step: Step
) -> None:
    journal = await begin(folder, make_header())
    for number in range(1, 41):
        journal.append(make_step(number, fills=1))
        task = asyncio.ensure_future(journal.commit())
        for _ in range(number % 7):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await journal.commit() == 40
    await journal.close()
    result = await verify(journal.path)
    assert (result.fault, result.rows) == ("", 40)


async def test_commits_at_the_same_time_are_one_after_another(
    folder: Path, make_header: Header, make_step: Step
) -> None:
    journal = await begin(folder, make_header())
    tasks = []
    for number in range(1, 21):
        journal.append(make_step(number))
        tasks.append(asyncio.ensure_future(journal.commit()))
    marks = await asyncio.gather(*tasks)
    assert list(marks) == sorted(marks)
    assert marks[-1] == 20
    await journal.close()


async def test_what_is_appended_during_a_commit_waits_for_the_next(
    folder: Path, make_header: Header, make_step: Step
) -> None:
    journal = await begin(folder, make_header())
    journal.append(make_step(1))
    task = asyncio.ensure_future(journal.commit())
    while not journal._writing.steps:
        await asyncio.sleep(0)
    journal.append(make_step(2))
    assert await task == 1
    assert await journal.commit() == 2
    await journal.close()
    await journal.close()


async def test_what_is_dear_is_done_in_one_thread_that_ends_with_the_journal(
    folder: Path, make_header: Header
) -> None:
    journal = await SqliteJournal.open(folder, make_header("r1"))
    threads = [await journal.aside(threading.current_thread) for _ in range(12)]
    assert len(set(threads)) == 1
    assert threads[0] is not threading.main_thread()
    await journal.close()
    threads[0].join(20)
    assert not threads[0].is_alive()
    with pytest.raises(JournalError, match=r"journal\.db: is closed"):
        await journal.aside(threading.current_thread)


async def test_the_house_writes_between_two_commits(
    folder: Path, make_header: Header, make_step: Step
) -> None:
    journal = await SqliteJournal.open(folder, make_header("r1"))
    for seq_id in (1, 2, 3):
        journal.append(make_step(seq_id))
    await journal.commit()
    assert await journal.execute("DELETE FROM steps WHERE row <= ?", (2,)) == 2
    with pytest.raises(JournalError, match=r"journal\.db: .*no such table"):
        await journal.execute("DELETE FROM absent WHERE row = ?", (1,))
    await journal.close()
    with pytest.raises(JournalError, match="cannot be written now"):
        await journal.execute("DELETE FROM steps WHERE row <= ?", (3,))


async def test_the_house_does_not_write_while_the_journal_is_stalled(
    folder: Path, make_header: Header, make_step: Step
) -> None:
    journal = await SqliteJournal.open(folder, make_header("r1"), busy_timeout_ms=1)
    journal.append(make_step(1))
    with contextlib.closing(sqlite3.connect(journal.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalStalledError):
            await journal.commit()
        with pytest.raises(JournalError, match="cannot be written now"):
            await journal.execute("DELETE FROM steps WHERE row <= ?", (1,))
    await journal.commit()
    await journal.close()


async def test_after_a_kill_the_committed_steps_are_there(
    folder: Path, make_header: Header, make_step: Step, tmp_path: Path
) -> None:
    """A copy of the files while the run is open is what a kill leaves: with its -wal."""
    journal = await begin(folder, make_header())
    for number in range(1, 11):
        journal.append(make_step(number, fills=1))
    await journal.commit()
    journal.append(make_step(11))
    copy = tmp_path / "copy"
    copy.mkdir(mode=0o700)
    for name in ("journal.db", "journal.db-wal"):
        (copy / name).write_bytes((folder / name).read_bytes())
        (copy / name).chmod(0o600)
    await journal.abandon()
    again = await begin(copy, make_header("r2"))
    assert again.quarantine is None
    assert again.notice == ""
    first, second = runs_of(copy)
    assert (first.run_id, first.ended_how, first.steps) == ("r1", "crashed", 10)
    assert (second.run_id, second.steps) == ("r2", 0)
    assert len(await again.fills(99)) == 10
    await again.close()
    assert (await verify(copy / "journal.db")).is_sound


async def test_a_removed_wal_is_said(
    folder: Path, make_header: Header, make_step: Step, tmp_path: Path
) -> None:
    journal = await begin(folder, make_header())
    for number in range(1, 11):
        journal.append(make_step(number))
    await journal.commit()
    await journal._connection.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
    journal.append(make_step(11))
    await journal.commit()
    copy = tmp_path / "copy"
    copy.mkdir(mode=0o700)
    (copy / "journal.db").write_bytes((folder / "journal.db").read_bytes())
    (copy / "journal.db").chmod(0o600)
    await journal.abandon()
    again = await begin(copy, make_header("r2"))
    assert again.quarantine is None
    assert "run r1 was cut off and its -wal file is gone: steps after 10 are lost" in again.notice
    assert [run.steps for run in runs_of(copy)] == [10, 0]
    await again.close()
