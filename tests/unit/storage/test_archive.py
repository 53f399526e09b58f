"""Archived rows: the same chain, the same steps, named damage, and nothing lost half-way.

Also the tests of ``storage/row_source.py``, ``storage/segment_rows.py``,
``storage/verify_parts.py``.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from tests.support.sqlite_files import change

from tradetui.domain.codec import chain
from tradetui.domain.enums import Source
from tradetui.domain.ids import RunId
from tradetui.domain.market_data import Quote
from tradetui.domain.steps import JournalHeader, StepRecord
from tradetui.ports.journal import JournalError, JournalPrunedError
from tradetui.storage import archive as archive_module
from tradetui.storage.archive import Archive
from tradetui.storage.archiving import archive_all, archive_some
from tradetui.storage.checkpoint_rows import CHECKPOINT_SQL, CheckpointRow
from tradetui.storage.journal import SqliteJournal
from tradetui.storage.reader import JournalReader
from tradetui.storage.segment_file import segments_folder
from tradetui.storage.verify import verify_file, verify_from
from tradetui.storage.verify_rows import Anchor

Header = Callable[..., JournalHeader]
Step = Callable[..., StepRecord]

R1, R2 = RunId("r1"), RunId("r2")
HUGE = 10**12


def put_checkpoint(path: Path, run: int, seq_id: int, row: int) -> Anchor:
    connection = sqlite3.connect(path)
    (digest,) = connection.execute("SELECT hash FROM steps WHERE row = ?", (row,)).fetchone()
    packed = CheckpointRow.pack(
        run=run,
        seq_id=seq_id,
        row=row,
        created_time=5,
        state_hash="0" * 64,
        anchor=digest,
        body=b"state",
    )
    connection.execute(CHECKPOINT_SQL, packed.values())
    connection.commit()
    connection.close()
    return Anchor(row, digest)


async def build(folder: Path, make_header: Header, make_step: Step) -> Path:
    """Make a journal of two runs of 2,300 and 900 steps, every tenth with a fill; checkpoint at
    step 700 of the second.
    """
    for run, count in (("r1", 2_300), ("r2", 900)):
        journal = await SqliteJournal.open(folder, make_header(run))
        for seq_id in range(1, count + 1):
            journal.append(make_step(seq_id, fills=int(seq_id % 10 == 0)))
        await journal.close()
    path = folder / "journal.db"
    put_checkpoint(path, 2, 700, 3_000)
    return path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, make_header: Header, make_step: Step) -> Path:
    return asyncio.run(build(tmp_path_factory.mktemp("built") / "state", make_header, make_step))


@pytest.fixture
def journal_path(built: Path, folder: Path) -> Path:
    """A copy of the journal of two runs."""
    shutil.copytree(built.parent, folder)
    return folder / "journal.db"


@pytest.fixture
def small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "ROWS_IN_SEGMENT", 1_250)


def steps(path: Path, run: RunId) -> list[StepRecord]:
    with JournalReader(path) as reader:
        return list(reader.steps(run))


@pytest.mark.usefixtures("small_segments")
def test_what_was_archived_is_read_and_verified_as_before(journal_path: Path) -> None:
    before = steps(journal_path, R1), steps(journal_path, R2)
    result = archive_all(Archive(journal_path, lambda: 7), HUGE)
    assert (result.segments, result.rows, result.pruned_rows) == (3, 2_999, 0)
    assert result.after < result.before
    assert not result.is_over
    with sqlite3.connect(journal_path) as connection:
        assert connection.execute("SELECT min(row), max(row) FROM steps").fetchone() == (
            3_000,
            3_200,
        )
    connection.close()
    names = [path.name for path in sorted(segments_folder(journal_path).iterdir())]
    assert names[0] == "journal-000000000001-000000001250.seg"
    assert len(names) == 3
    assert (steps(journal_path, R1), steps(journal_path, R2)) == before
    with JournalReader(journal_path) as reader:
        assert [step.event.seq_id for step in reader.steps(R1, 1_200, 1_300)] == list(
            range(1_200, 1_301)
        )
        assert [step.event.seq_id for step in reader.steps(R2, 699, 702)] == [699, 700, 701, 702]
        assert reader.step(5, R1) == before[0][4]
        assert [run.steps for run in reader.runs()] == [2_300, 900]
    found = verify_file(journal_path)
    assert found.is_sound, found.fault
    assert (found.runs, found.rows, found.segments, found.checkpoints) == (2, 3_200, 3, 1)
    again = archive_all(Archive(journal_path, lambda: 7), HUGE)
    assert (again.segments, again.rows) == (0, 0)


@pytest.mark.usefixtures("small_segments")
async def test_prices_that_passed_by_are_left_out_wherever_the_rows_are(
    folder: Path, make_header: Header, make_step: Step
) -> None:
    journal = await SqliteJournal.open(folder, make_header("r1"))
    for seq_id in range(1, 2_501):
        step = make_step(seq_id, fills=int(seq_id % 50 == 0))
        if seq_id % 10:
            event = replace(
                step.event, source=Source.MARKET_DATA, event_type="Quote", payload=Quote(1, 2, 3, 4)
            )
            step = replace(step, event=event)
        journal.append(step)
    await journal.close()
    path = folder / "journal.db"
    put_checkpoint(path, 1, 2_000, 2_000)

    def eventful(first: int, last: int | None) -> list[int]:
        with JournalReader(path) as reader:
            return [step.event.seq_id for step in reader.eventful(R1, first, last)]

    def check() -> None:
        assert eventful(1, None) == list(range(10, 2_501, 10))
        assert eventful(1_240, 2_049) == list(range(1_240, 2_041, 10))

    check()
    assert archive_all(Archive(path, lambda: 7), HUGE).segments > 0
    check()


@pytest.mark.usefixtures("small_segments")
async def test_the_journal_goes_on_after_its_archive(
    folder: Path, make_header: Header, make_step: Step
) -> None:
    path = await build(folder, make_header, make_step)
    archive_all(Archive(path, lambda: 7), HUGE)
    journal = await SqliteJournal.open(folder, make_header("r3"))
    assert journal.quarantine is None
    journal.append(make_step(1, fills=2))
    await journal.commit()
    assert len(await journal.fills(1_000)) == 322
    with JournalReader(path) as reader:
        assert [run.steps for run in reader.runs()] == [2_300, 900, 1]
    await journal.close()
    assert verify_file(path).is_sound


def test_without_a_checkpoint_nothing_is_archived(journal_path: Path) -> None:
    change(journal_path, "DELETE FROM checkpoints")
    result = archive_all(Archive(journal_path, lambda: 7), HUGE)
    assert result.rows == 0
    assert not segments_folder(journal_path).exists()


@pytest.mark.usefixtures("small_segments")
def test_pruning_keeps_the_chain_and_every_fill(journal_path: Path) -> None:
    fills = [step for step in steps(journal_path, R1) if step.result.fills]
    result = archive_all(Archive(journal_path, lambda: 7), 1)
    assert result.pruned_rows == 2_999 - 299
    assert result.is_over
    found = verify_file(journal_path)
    assert found.is_sound, found.fault
    assert (found.rows, found.pruned) == (500, 2_700)
    with JournalReader(journal_path) as reader:
        with pytest.raises(JournalPrunedError, match="steps 1 to 9 of run r1 held only market"):
            list(reader.steps(R1))
        assert [reader.step(seq_id, R1) for seq_id in range(10, 2_301, 10)] == fills
    assert all(path.name.endswith("-kept.seg") for path in segments_folder(journal_path).iterdir())
    assert archive_all(Archive(journal_path, lambda: 7), 1).pruned_rows == 0


@pytest.mark.usefixtures("small_segments")
def test_only_as_much_is_pruned_as_the_cap_asks(journal_path: Path) -> None:
    archive = Archive(journal_path, lambda: 7)
    whole = archive_all(archive, HUGE).after
    result = archive_all(archive, whole - 1)
    assert 0 < result.pruned_rows <= 1_250
    assert result.after < whole
    assert verify_file(journal_path).is_sound


@pytest.mark.parametrize("boundary", ["file", "published", "swept"])
@pytest.mark.usefixtures("small_segments")
def test_cut_off_anywhere_nothing_is_lost(journal_path: Path, boundary: str) -> None:
    before = steps(journal_path, R1), steps(journal_path, R2)
    archive = Archive(journal_path, lambda: 7)
    span = archive.next_span()
    assert span == (1, 1_250)
    segment = archive.write(*span)
    (segments_folder(journal_path) / "journal-9.seg.new").write_bytes(b"half")
    if boundary != "file":
        archive.publish(segment)
    if boundary == "swept":
        assert archive.sweep(10) == 10
    assert (steps(journal_path, R1), steps(journal_path, R2)) == before
    assert verify_file(journal_path).is_sound
    assert archive_all(archive, HUGE).segments == (3 if boundary == "file" else 2)
    assert len(list(segments_folder(journal_path).iterdir())) == 3
    assert (steps(journal_path, R1), steps(journal_path, R2)) == before
    assert verify_file(journal_path).is_sound


def test_a_segment_of_another_copy_is_left_alone(journal_path: Path) -> None:
    archive = Archive(journal_path, lambda: 7)
    segment = archive.write(1, 100)
    stranger = segments_folder(journal_path) / segment.name
    change(journal_path, "DELETE FROM steps WHERE row = 100")
    assert archive.remove_leftovers() == 0
    assert stranger.exists()


def test_what_is_not_sound_is_not_archived(journal_path: Path) -> None:
    change(journal_path, "UPDATE steps SET body = x'00' WHERE row = 7")
    with pytest.raises(JournalError, match=r"row 7 .step 7. was altered; nothing was archived"):
        archive_all(Archive(journal_path, lambda: 7), HUGE)
    assert not list(segments_folder(journal_path).iterdir())


def flip(path: Path, position: int) -> None:
    data = bytearray(path.read_bytes())
    data[position] ^= 4
    path.write_bytes(data)


def first_segment(path: Path) -> Path:
    return min(segments_folder(path).iterdir())


DAMAGES: list[tuple[str, Callable[[Path], Any], str]] = [
    ("gone", lambda p: first_segment(p).unlink(), "rows 1 to 1250 are missing: the file is not"),
    ("magic", lambda p: flip(first_segment(p), 0), "does not begin like a segment file"),
    ("bit", lambda p: flip(first_segment(p), 300), "rows 1 to 1000 cannot be read"),
    (
        "cut",
        lambda p: first_segment(p).write_bytes(first_segment(p).read_bytes()[:-1]),
        "is cut short .in the block of rows 1001 to 1250",
    ),
    (
        "entry",
        lambda p: change(p, "UPDATE segments SET last_hash = zeroblob(32) WHERE first_row = 1"),
        "the entry of segment journal-000000000001-000000001250.seg .* was altered",
    ),
    (
        "entry gone",
        lambda p: change(p, "DELETE FROM segments WHERE first_row = 1251"),
        "run r1 ended at step 2300, but step 1251 is missing",
    ),
    (
        "checkpoint",
        lambda p: change(p, "UPDATE checkpoints SET body = zeroblob(9)"),
        "the checkpoint of run r2 at step 700 was altered",
    ),
    (
        "fill of an archived row",
        lambda p: change(p, "UPDATE fills SET strategy_id = 'eve' WHERE row = 20"),
        "the fills of step 20 of run r1 .row 20. differ",
    ),
    (
        "fill that never was",
        lambda p: change(
            p,
            "INSERT INTO fills SELECT 21, place, seq_id, strategy_id, instrument_id, event_time, "
            "body FROM fills WHERE row = 20",
        ),
        "the fills of step 21 of run r1 .row 21. differ",
    ),
    (
        "instrument that never was",
        lambda p: change(p, "INSERT INTO instruments VALUES (30, 30, 'X', x'00')"),
        "the instrument of step 30 of run r1 .row 30. differs",
    ),
]


@pytest.mark.usefixtures("small_segments")
@pytest.mark.parametrize(("damage", "said"), [d[1:] for d in DAMAGES], ids=[d[0] for d in DAMAGES])
def test_damage_is_named(journal_path: Path, damage: Callable[[Path], Any], said: str) -> None:
    archive_all(Archive(journal_path, lambda: 7), HUGE)
    damage(journal_path)
    found = verify_file(journal_path)
    assert any(re.search(said, fault.what) for fault in found.faults), found.faults


@pytest.mark.usefixtures("small_segments")
def test_a_forged_segment_breaks_the_chain(journal_path: Path) -> None:
    """A row altered inside a file, with the file's own hashes redone, meets the next row."""
    from tradetui.storage.segment_file import KeptRow, read_file, write_file

    archive_all(Archive(journal_path, lambda: 7), HUGE)
    path = first_segment(journal_path)
    entries = [entry for entry in read_file(path) if isinstance(entry, KeptRow)]
    body = entries[4].body.replace(b"btc", b"eve")
    forged = KeptRow(5, 5, body, chain(entries[3].hash, body))
    write_file(path, [*entries[:4], forged, *entries[5:]])
    found = verify_file(journal_path)
    sentences = [fault.what for fault in found.faults]
    assert "step 6 of run r1 (row 6) was altered or is out of order" in sentences
    assert any("was altered or cut" in what for what in sentences)


@pytest.mark.usefixtures("small_segments")
def test_verify_from_an_anchor_checks_what_follows_it(journal_path: Path) -> None:
    with sqlite3.connect(journal_path) as connection:
        (digest,) = connection.execute("SELECT hash FROM steps WHERE row = 3000").fetchone()
    connection.close()
    anchor = Anchor(3_000, digest)
    archive_all(Archive(journal_path, lambda: 7), HUGE)
    assert verify_from(journal_path, anchor) is None
    assert verify_from(journal_path, None) is None
    assert "step 700 of run r2 (row 3000) is not the one" in str(
        verify_from(journal_path, Anchor(3_000, bytes(32)))
    )
    first_segment(journal_path).unlink()
    assert verify_from(journal_path, anchor) is None
    change(journal_path, "UPDATE steps SET body = x'00' WHERE row = 3100")
    assert "step 800 of run r2 (row 3100) was altered" in str(verify_from(journal_path, anchor))
    change(journal_path, "UPDATE runs SET header = x'00' WHERE run = 1")
    assert verify_from(journal_path, anchor) == "the header of run r1 was altered"


async def test_the_engine_archives_between_its_commits(
    folder: Path, make_header: Header, make_step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tradetui.storage.archiving.ROWS_IN_SEGMENT", 100)
    monkeypatch.setattr(archive_module, "ROWS_IN_SEGMENT", 100)
    journal = await SqliteJournal.open(folder, make_header("r1"))
    archive = Archive(journal.path, lambda: 7)
    moved = 0
    for seq_id in range(1, 651):
        journal.append(make_step(seq_id))
        if seq_id % 50 == 0:
            await journal.commit()
            put_checkpoint(journal.path, 1, seq_id, seq_id)
            with JournalReader(folder) as reader:
                iterator = reader.steps(R1)
                assert next(iterator).event.seq_id == 1
                done = await archive_some(archive, HUGE, journal)
                moved += done.rows
                assert not done.is_more
                assert [step.event.seq_id for step in iterator] == list(range(2, seq_id + 1))
    assert moved == 600
    names = {one.name for one in segments_folder(journal.path).iterdir()}
    pruned = await archive_some(archive, 1, journal)
    assert pruned.pruned_rows == 100
    left = {one.name for one in segments_folder(journal.path).iterdir()}
    assert len(left) == len(names)
    assert len(left - names) == len(names - left) == 1
    assert not pruned.is_over
    assert pruned.is_more
    await journal.close()
    assert verify_file(journal.path).is_sound


@pytest.mark.usefixtures("small_segments")
async def test_a_segment_of_another_journal_is_not_read_as_ours(
    journal_path: Path, tmp_path: Path, make_header: Header, make_step: Step
) -> None:
    archive_all(Archive(journal_path, lambda: 7), HUGE)
    other_folder = tmp_path / "other"
    other_folder.mkdir(mode=0o700)
    other = await SqliteJournal.open(other_folder, make_header("other"))
    for seq_id in range(1, 2_301):
        other.append(make_step(seq_id))
    await other.close()
    other_path = other_folder / "journal.db"
    put_checkpoint(other_path, 1, 2_300, 2_300)
    archive_all(Archive(other_path, lambda: 7), HUGE)
    name = sorted(one.name for one in segments_folder(other_path).iterdir())[0]
    assert (segments_folder(journal_path) / name).exists()
    shutil.copy(segments_folder(other_path) / name, segments_folder(journal_path) / name)
    with JournalReader(journal_path) as reader:
        for ask in (reader.steps, reader.eventful, reader.acts):
            with pytest.raises(JournalError, match=f"{name}: is not the file that was archived"):
                list(ask(R1))
        assert next(iter(reader.steps(R1, 1_300))).event.seq_id == 1_300


@pytest.mark.usefixtures("small_segments")
@pytest.mark.parametrize("room", [500, 20, 5])
def test_a_nearly_full_disk_is_given_rows_back_in_smaller_steps(
    journal_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    before = steps(journal_path, R1)
    sweep, swept = Archive.sweep, []

    def with_little_room(archive: Archive, limit: int) -> int:
        if limit > room:
            raise JournalError("the disk is full")
        swept.append(limit)
        return sweep(archive, limit)

    monkeypatch.setattr(Archive, "sweep", with_little_room)
    archive = Archive(journal_path, lambda: 7)
    if room < 20:
        with pytest.raises(JournalError, match="the disk is full"):
            archive_all(archive, HUGE)
    else:
        assert archive_all(archive, HUGE).segments == 3
        assert set(swept) == {200 if room == 500 else 20}
    assert steps(journal_path, R1) == before
    assert verify_file(journal_path).is_sound


@pytest.mark.usefixtures("small_segments")
def test_what_would_make_no_room_is_kept(
    journal_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = steps(journal_path, R1)
    archive = Archive(journal_path, lambda: 7)
    whole = archive_all(archive, HUGE)
    names = sorted(path.name for path in segments_folder(journal_path).iterdir())
    monkeypatch.setattr(archive_module, "pruned", lambda entries: entries)  # nothing folds
    result = archive_all(archive, 1)
    assert (result.pruned_rows, result.is_over, result.after) == (0, True, whole.after)
    assert sorted(path.name for path in segments_folder(journal_path).iterdir()) == names
    assert archive.oldest_with_market_data() is None
    assert steps(journal_path, R1) == before
    assert verify_file(journal_path).is_sound
