"""A damaged journal is put aside whole and said; verify names the first bad row.

Also the tests of ``storage/verify_rows.py``.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.sqlite_files import change

from tradetui.domain.codec import chain
from tradetui.domain.ids import Currency
from tradetui.domain.steps import JournalHeader, StepRecord
from tradetui.ports.history import EquityPoint
from tradetui.ports.journal import JournalError
from tradetui.storage.journal import SqliteJournal
from tradetui.storage.journal_schema import JOURNAL_SCHEMA
from tradetui.storage.reader import JournalReader
from tradetui.storage.verify import verify

PAGE = 4_096
STEPS = 40
Header = Callable[..., JournalHeader]
Step = Callable[..., StepRecord]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, make_header: Header, make_step: Step) -> bytes:
    """A journal of two clean runs."""
    folder = tmp_path_factory.mktemp("built") / "state"

    async def build() -> None:
        for run in ("r1", "r2"):
            journal = await SqliteJournal.open(folder, make_header(run))
            for number in range(1, STEPS + 1):
                journal.append(make_step(number, fills=1))
            await journal.close()

    asyncio.run(build())
    data = (folder / "journal.db").read_bytes()
    assert len(data) >= 8 * PAGE
    assert [path.name for path in folder.iterdir()] == ["journal.db"]
    return data


@pytest.fixture
def original(folder: Path, built: bytes) -> bytes:
    """That journal; the test's own folder is empty."""
    folder.mkdir(mode=0o700)
    return built


def place(folder: Path, data: bytes) -> Path:
    path = folder / "journal.db"
    path.write_bytes(data)
    path.chmod(0o600)
    return path


def run_ids(folder: Path) -> list[str]:
    """Return the runs of the journal in a folder."""
    with JournalReader(folder) as reader:
        return [run.run_id for run in reader.runs()]


async def quarantined(folder: Path, data: bytes, header: JournalHeader) -> str:
    """Open a damaged journal; return what was wrong, after checking that it was kept as it was."""
    place(folder, data)
    journal = await SqliteJournal.open(folder, header, busy_timeout_ms=20)
    assert journal.quarantine is not None
    kept = journal.quarantine.path
    assert kept.name.startswith("journal.db.damaged-")
    assert kept.read_bytes() == data
    assert run_ids(folder) == [header.run_id]
    await journal.close()
    said = str(journal.quarantine)
    assert str(kept) in said
    for path in folder.iterdir():
        path.unlink()
    return said


async def test_truncated_at_every_page_and_one_byte_beside(
    folder: Path, original: bytes, make_header: Header
) -> None:
    """At each page in turn one byte before, at, and one behind its end; ``make damage`` cuts at all
    three of each.
    """
    lengths = [0, 1, 99, 100, 101]
    for page, boundary in enumerate(range(PAGE, len(original) + 1, PAGE)):
        lengths.append(boundary + page % 3 - 1)
    for length in lengths:
        if length == len(original):
            continue
        said = await quarantined(folder, (original + b"\0")[:length], make_header("r3"))
        assert "the journal was damaged" in said


async def test_a_bit_flipped_anywhere_is_put_aside_or_harmless(
    folder: Path, original: bytes, make_header: Header
) -> None:
    """Bits of SQLite's header and three in each page; ``make damage`` flips more."""
    sound = place(folder, original)
    before = sqlite3.connect(sound)
    rows = before.execute("SELECT * FROM steps ORDER BY row").fetchall()
    before.close()
    places = list(range(0, 100, 3))
    for page in range(len(original) // PAGE):
        places += range(page * PAGE + 3 * page % 1_499, (page + 1) * PAGE, 1_499)
    aside = 0
    for number, position in enumerate(places):
        flipped = bytearray(original)
        flipped[position] ^= 1 << (number % 8)
        path = place(folder, bytes(flipped))
        try:
            journal = await SqliteJournal.open(folder, make_header("r3"), busy_timeout_ms=20)
        except JournalError as error:
            assert path.read_bytes() == flipped, position
            assert str(error).startswith(str(path)), position
        else:
            if journal.quarantine is None:
                found = [tuple(row) for row in await journal._read("SELECT * FROM steps", ())]
                assert found == rows, position
            else:
                aside += 1
                assert journal.quarantine.path.read_bytes() == flipped, position
            await journal.close()
        for left in folder.iterdir():
            left.unlink()
    assert aside > len(places) // 3


async def test_a_second_damaged_one_gets_the_next_number(
    folder: Path, original: bytes, make_header: Header
) -> None:
    (folder / "journal.db.damaged-1").write_bytes(b"older")
    place(folder, original[:-1])
    journal = await SqliteJournal.open(folder, make_header("r3"))
    assert journal.quarantine is not None
    assert journal.quarantine.path.name == "journal.db.damaged-2"
    assert (folder / "journal.db.damaged-1").read_bytes() == b"older"
    await journal.close()


async def test_what_lies_beside_goes_with_it(
    folder: Path, original: bytes, make_header: Header
) -> None:
    place(folder, b"")
    (folder / "journal.db-wal").write_bytes(b"w")
    journal = await SqliteJournal.open(folder, make_header("r3"))
    assert (folder / "journal.db.damaged-1-wal").read_bytes() == b"w"
    await journal.close()


async def test_a_foreign_wal_changes_no_row(
    folder: Path, original: bytes, make_header: Header, make_step: Step, tmp_path: Path
) -> None:
    other = await SqliteJournal.open(tmp_path / "other", make_header("x"))
    for number in range(1, 30):
        other.append(make_step(number))
    await other.commit()
    wal = (tmp_path / "other" / "journal.db-wal").read_bytes()
    await other.abandon()
    place(folder, original)
    (folder / "journal.db-wal").write_bytes(wal)
    (folder / "journal.db-wal").chmod(0o600)
    journal = await SqliteJournal.open(folder, make_header("r3"))
    runs = run_ids(folder)
    if journal.quarantine is None:
        # SQLite believes any complete -wal: then it is the other journal, whole and verified.
        assert runs in (["r1", "r2", "r3"], ["x", "r3"])
    else:
        assert runs == ["r3"]
    await journal.close()
    assert (await verify(folder / "journal.db")).is_sound


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        (
            f"PRAGMA user_version = {JOURNAL_SCHEMA.version + 1}",
            "newer tradetui .*: upgrade tradetui, or use another --state; nothing was changed$",
        ),
        ("PRAGMA application_id = 1", "not a tradetui journal database"),
    ],
)
async def test_what_is_whole_but_not_ours_is_refused_and_left(
    folder: Path, original: bytes, make_header: Header, sql: str, said: str
) -> None:
    path = place(folder, original)
    change(path, sql)
    data = path.read_bytes()
    with pytest.raises(JournalError, match=said):
        await SqliteJournal.open(folder, make_header("r3"))
    assert path.read_bytes() == data
    assert [p.name for p in folder.iterdir() if p.name.startswith("journal.db.")] == []


async def test_locked_by_another_process_is_refused_and_left(
    folder: Path, original: bytes, make_header: Header
) -> None:
    path = place(folder, original)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(JournalError, match="is locked by another process; nothing was changed"):
        await SqliteJournal.open(folder, make_header("r3"), busy_timeout_ms=20)
    other.execute("ROLLBACK")
    other.close()
    journal = await SqliteJournal.open(folder, make_header("r3"))
    assert journal.quarantine is None
    await journal.close()


ALTERATIONS = [
    ("UPDATE steps SET body = x'00' WHERE row = 7", "step 7 of run r1 .row 7. was altered"),
    ("UPDATE steps SET hash = zeroblob(32) WHERE row = 9", "step 9 of run r1 .row 9. was altered"),
    ("DELETE FROM steps WHERE row = 12", "step 12 of run r1 .row 12. is missing"),
    ("DELETE FROM steps WHERE row BETWEEN 3 AND 6", "step 3 of run r1 .row 3. is missing"),
    ("DELETE FROM steps WHERE row = 1", "step 1 of run r1 .row 1. is missing"),
    ("DELETE FROM steps WHERE row = 40", "ended at step 40, but step 40 is missing"),
    ("DELETE FROM steps WHERE row = 80", "run r2 ended at step 40, but step 40 is missing"),
    ("DELETE FROM steps WHERE row > 75", "run r2 ended at step 40, but step 36 is missing"),
    ("UPDATE steps SET seq_id = 8 WHERE row = 7", "row 7 of run r1 holds step 8, not 7"),
    ("DELETE FROM runs WHERE run = 1", "run 1 is missing"),
    ("UPDATE runs SET header = x'00' WHERE run = 2", "the header of run r2 was altered"),
    ("UPDATE runs SET run_id = 'x' WHERE run = 2", "the header of run x is that of run r2"),
    ("UPDATE runs SET seal = zeroblob(32) WHERE run = 2", "run r2 does not follow the run before"),
    ("UPDATE runs SET last_hash = zeroblob(32) WHERE run = 2", "the end of run r2 was altered"),
    ("UPDATE fills SET event_time = 1 WHERE row = 5", "the fills of step 5 of run r1"),
    ("DELETE FROM fills WHERE row = 6", "the fills of step 6 of run r1"),
    (
        (
            "INSERT INTO fills SELECT 900, place, seq_id, strategy_id, instrument_id, "
            "event_time, body FROM fills WHERE row = 6"
        ),
        "row 900 belongs to no run or to no step",
    ),
]


@pytest.mark.parametrize(("sql", "said"), ALTERATIONS)
async def test_verify_names_the_first_bad_row(
    folder: Path, original: bytes, make_header: Header, sql: str, said: str
) -> None:
    path = place(folder, original)
    assert (await verify(path)).is_sound
    change(path, sql)
    data = path.read_bytes()
    result = await verify(path)
    assert not result.is_sound
    assert result.fault.startswith(str(path))
    import re

    assert re.search(said, result.fault), result.fault
    assert path.read_bytes() == data
    journal = await SqliteJournal.open(folder, make_header("r3"))
    assert journal.quarantine is not None
    assert re.search(said, journal.quarantine.what)
    await journal.close()


ENDED, OWNED = 0x0123_4567_89AB_CDEF, 0x0FED_CBA9_8765_4321


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (ENDED, "the times or the end of run r1 were altered"),
        (OWNED, "the equity of b at step 2 (row 2) was altered"),
    ],
)
async def test_verify_names_the_numbers_whose_bytes_are_others(
    folder: Path, make_header: Header, make_step: Step, number: int, said: str
) -> None:
    times = iter((1, ENDED))
    journal = await SqliteJournal.open(folder, make_header(), now=lambda: next(times))
    for row in (1, 2):
        journal.append(make_step(row))
        for key, equity in (("a", 5), ("b", OWNED if row == 2 else 6)):
            journal.note_equity(EquityPoint(row, 10, key, Currency("USDT"), equity, -1))
        await journal.commit()
    await journal.close()
    assert (await verify(journal.path)).is_sound
    data = journal.path.read_bytes()
    old, new = (one.to_bytes(8, "big") for one in (number, number + 1))
    assert data.count(old) == 1
    place(folder, data.replace(old, new))
    assert (await verify(journal.path)).fault == f"{journal.path}: {said}"


async def test_verify_notices_two_rows_swapped(folder: Path, original: bytes) -> None:
    path = place(folder, original)
    change(
        path,
        "UPDATE steps SET row = -1 WHERE row = 5",
        "UPDATE steps SET row = 5 WHERE row = 6",
        "UPDATE steps SET row = 6 WHERE row = -1",
    )
    assert "row 5 of run r1 holds step 6, not 5: out of order" in (await verify(path)).fault


async def test_verify_notices_a_chain_that_was_redone(folder: Path, original: bytes) -> None:
    """A forger who alters a row and recomputes the hashes after it meets the next run's seal."""
    path = place(folder, original)
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT row, body, hash FROM steps WHERE row <= 40 ORDER BY row")
    stored = rows.fetchall()
    head = stored[9][2]
    for row, body, _ in stored[10:]:
        if row == 11:
            body = body.replace(b"Heartbeat", b"heartBeat", 1)
        head = chain(head, body)
        connection.execute("UPDATE steps SET body = ?, hash = ? WHERE row = ?", (body, head, row))
    connection.execute("UPDATE runs SET last_hash = ? WHERE run = 1", (head,))
    connection.commit()
    connection.close()
    assert "run r2 does not follow the run before it" in (await verify(path)).fault


async def test_verify_of_what_is_no_journal(folder: Path, tmp_path: Path) -> None:
    assert "cannot be read (No such file" in (await verify(tmp_path / "none")).fault
    other = tmp_path / "other"
    other.write_bytes(b"x" * 100)
    assert "does not begin like an SQLite file" in (await verify(other)).fault
    assert (await verify(other)).rows == 0


async def test_only_the_newest_rows_are_verified_at_a_start(
    folder: Path, original: bytes, make_header: Header, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tradetui.storage.journal_db.VERIFIED_AT_OPEN", 50)
    path = place(folder, original)
    change(path, "UPDATE steps SET body = x'00' WHERE row = 7")
    journal = await SqliteJournal.open(folder, make_header("r3"))
    assert journal.quarantine is None
    await journal.close()
    assert "step 7 of run r1" in (await verify(path)).fault
    shutil.rmtree(folder)
    folder.mkdir(mode=0o700)
    path = place(folder, original)
    change(path, "UPDATE steps SET body = x'00' WHERE row = 35")
    journal = await SqliteJournal.open(folder, make_header("r3"))
    assert journal.quarantine is not None
    await journal.close()
