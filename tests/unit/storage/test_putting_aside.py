"""A journal is put aside whole, also by a process that is killed on the way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tradetui.domain.steps import JournalHeader, StepRecord
from tradetui.storage.journal import SqliteJournal
from tradetui.storage.journal_db import open_journal
from tradetui.storage.putting_aside import ASIDE_SUFFIX, finish_putting_aside, put_aside
from tradetui.storage.reader import JournalReader

PARTS = ("", "-wal", "-shm", "-segments")


def make(folder: Path, name: str = "journal.db", parts: tuple[str, ...] = PARTS) -> Path:
    """Write files that say what they are."""
    for part in parts:
        path = folder / f"{name}{part}"
        if part == "-segments":
            path.mkdir()
            path = path / "one.seg"
        path.write_text(f"{name}{part}")
    return folder / name


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def test_all_goes_to_the_first_name_of_which_nothing_is_there(tmp_path: Path) -> None:
    make(tmp_path, "journal.db.aside-1")
    make(tmp_path, "journal.db.aside-2", ("-segments",))
    path = make(tmp_path)
    kept = put_aside(path, ASIDE_SUFFIX)
    assert kept == tmp_path / "journal.db.aside-3"
    assert [kept.with_name(kept.name + part).exists() for part in PARTS] == [True] * 4
    assert not path.exists()
    assert finish_putting_aside(path) == ""


@pytest.mark.parametrize("moved", [1, 2, 3])
def test_what_a_kill_left_goes_where_the_rest_is(tmp_path: Path, moved: int) -> None:
    make(tmp_path, "journal.db.damaged-7")
    path = make(tmp_path)
    for part in PARTS[:moved]:
        (tmp_path / f"journal.db{part}").rename(tmp_path / f"journal.db.aside-1{part}")
    said = finish_putting_aside(path)
    assert said.startswith(f"{path}: is not there") and "journal.db.aside-1*" in said
    assert names(tmp_path) == sorted(
        f"journal.db.{name}{part}" for name in ("aside-1", "damaged-7") for part in PARTS
    )
    assert finish_putting_aside(path) == ""


def test_what_belongs_to_no_journal_is_kept_apart(tmp_path: Path) -> None:
    make(tmp_path, "journal.db.aside-1")
    path = make(tmp_path, parts=PARTS[1:])
    assert "kept as journal.db.damaged-1*" in finish_putting_aside(path)
    assert (tmp_path / "journal.db.damaged-1-wal").read_text() == "journal.db-wal"
    assert (tmp_path / "journal.db.aside-1-wal").read_text() == "journal.db.aside-1-wal"


def test_what_belongs_to_no_journal_is_kept_where_none_was_put_aside(tmp_path: Path) -> None:
    path = make(tmp_path, parts=PARTS[1:])
    assert "kept as journal.db.damaged-1*" in finish_putting_aside(path)
    assert names(tmp_path) == sorted(f"journal.db.damaged-1{part}" for part in PARTS[1:])


def test_nothing_is_done_beside_a_journal(tmp_path: Path) -> None:
    path = make(tmp_path)
    assert finish_putting_aside(path) == ""
    assert names(tmp_path) == sorted(f"journal.db{part}" for part in PARTS)


async def test_a_new_journal_never_takes_the_last_steps_of_one_that_was_put_aside(
    tmp_path: Path,
    make_header: Callable[..., JournalHeader],
    make_step: Callable[..., StepRecord],
) -> None:
    folder = tmp_path / "state"
    folder.mkdir(mode=0o700)
    journal = await SqliteJournal.open(folder, make_header("r1"))
    for seq_id in range(1, 9):
        journal.append(make_step(seq_id))
    await journal.commit()
    wal = (folder / "journal.db-wal").read_bytes()
    await journal.abandon()
    (folder / "journal.db-wal").write_bytes(wal)
    (folder / "journal.db").rename(folder / "journal.db.aside-1")
    file = await open_journal(folder, busy_timeout_ms=100)
    assert "kept as journal.db.aside-1*" in file.notice
    await file.close()
    with JournalReader(folder / "journal.db") as reader:
        assert reader.runs() == ()
    assert (folder / "journal.db.aside-1-wal").read_bytes() == wal
