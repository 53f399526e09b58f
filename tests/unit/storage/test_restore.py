"""Restoring into a folder: no engine can begin in it meanwhile, and a refusal changes nothing."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tradetui.domain.enums import RunMode
from tradetui.ports.store import StoreError
from tradetui.storage import restore
from tradetui.storage.backup import BackupError, make_backup
from tradetui.storage.folder import prepare_folder
from tradetui.storage.instance_store import SqliteInstanceStore
from tradetui.storage.journal import SqliteJournal
from tradetui.storage.lock import FolderLock, FolderLockedError, holder_of
from tradetui.storage.restore import FolderInUseError, restore_backup


@pytest.fixture
async def old(tmp_path: Path) -> Path:
    """A state folder."""
    folder = tmp_path / "state"
    folder.mkdir(mode=0o700)
    await (await SqliteInstanceStore.open(folder, RunMode.PAPER)).close()
    return folder


@pytest.fixture
def backup(old: Path, tmp_path: Path) -> Path:
    make_backup(old, tmp_path / "backup", 1, "1.0")
    return tmp_path / "backup"


def restored(backup: Path, folder: Path, *, force: bool = True) -> Path | None:
    return restore_backup(backup, folder, now=2, actor="op", force=force)[1]


@pytest.mark.parametrize("has_run", [True, False])
def test_no_engine_begins_while_a_backup_is_proven(
    old: Path, backup: Path, monkeypatch: pytest.MonkeyPatch, has_run: bool
) -> None:
    if has_run:
        with FolderLock(old):
            pass
    prove, tried = restore._prove, []

    def begin_an_engine(*args: Path) -> None:
        with pytest.raises(FolderLockedError, match=f"process {os.getpid()}"):
            FolderLock(old).acquire()
        tried.append(True)
        prove(*args)

    monkeypatch.setattr(restore, "_prove", begin_an_engine)
    kept = restored(backup, old)
    assert tried == [True]
    assert kept == old.with_name("state.before-restore-1")
    assert (holder_of(kept), holder_of(old)) == (None, None)
    with FolderLock(old):
        pass


@pytest.mark.parametrize("force", [True, False])
def test_a_folder_with_an_engine_is_left_alone(old: Path, backup: Path, force: bool) -> None:
    said = f"^{old}: an engine runs in it .process {os.getpid()}.; leave it first"
    with FolderLock(old), pytest.raises(FolderInUseError, match=said):
        restored(backup, old, force=force)
    assert sorted(one.name for one in old.parent.iterdir()) == ["backup", "state"]


def test_what_else_has_the_folder_is_named(old: Path, backup: Path) -> None:
    said = f"^{old}: process {os.getpid()} restores a backup here, nothing was restored$"
    with FolderLock(old, "restores a backup here"), pytest.raises(FolderInUseError, match=said):
        restored(backup, old, force=True)


def test_a_lock_that_is_no_file_is_said(old: Path, backup: Path) -> None:
    (old / "engine.lock").mkdir()
    with pytest.raises(BackupError, match=r"engine\.lock: cannot be opened .*; nothing was rest"):
        restored(backup, old)


def test_a_refusal_leaves_nothing_in_a_folder_of_others(tmp_path: Path, backup: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine.txt").write_text("x")
    with pytest.raises(FolderInUseError, match="is not empty"):
        restored(backup, other, force=False)
    assert [one.name for one in other.iterdir()] == ["mine.txt"]


def test_an_engine_may_begin_again_after_a_backup_that_was_not_sound(
    old: Path, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Path) -> None:
        raise BackupError("its journal is not sound")

    monkeypatch.setattr(restore, "_prove", fail)
    with pytest.raises(BackupError):
        restored(backup, old)
    with FolderLock(old):
        assert (old / "state.db").exists()


def test_what_a_killed_restore_left_is_named_at_a_start_and_goes_with_the_next(
    old: Path, backup: Path, tmp_path: Path
) -> None:
    left = tmp_path / ".state.restoring-x1"
    left.mkdir()
    (left / "state.db").write_text("half")
    assert prepare_folder(old) == old
    old.rename(tmp_path / "state.before-restore-1")
    said = r"state: is missing, and \.state\.restoring-x1 beside it .* restore again, or move state"
    with pytest.raises(StoreError, match=said):
        prepare_folder(old)
    restored(backup, old, force=False)
    assert not left.exists()
    assert prepare_folder(old) == old


def test_what_a_killed_backup_left_goes_with_the_next(old: Path, tmp_path: Path) -> None:
    left = tmp_path / ".copy.backing-up-x1"
    left.mkdir()
    (left / "journal.db").write_text("half")
    make_backup(old, tmp_path / "copy", 1, "1.0")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["copy", "state"]


def test_a_full_disk_is_said_of_the_folder_and_not_of_the_backup(
    old: Path, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(restore.os, "fsync", full)
    said = rf"^{old}: cannot be restored to \(No space left on device\); nothing was changed$"
    with pytest.raises(BackupError, match=said):
        restored(backup, old)
    assert sorted(one.name for one in old.parent.iterdir()) == ["backup", "state"]
    assert (old / "state.db").exists()


def test_a_folder_that_cannot_be_put_in_place_gets_the_old_one_back(
    old: Path, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def refused(self: Path, target: Path) -> Path:
        if ".restoring-" in self.name:
            raise OSError(errno.EACCES, os.strerror(errno.EACCES))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refused)
    with pytest.raises(BackupError, match=r"\(Permission denied\); nothing was changed"):
        restored(backup, old)
    assert sorted(one.name for one in old.parent.iterdir()) == ["backup", "state"]
    assert (old / "state.db").exists()


def test_each_old_folder_is_kept_beside_under_a_name_of_its_own(old: Path, backup: Path) -> None:
    kept = [restored(backup, old) for _ in range(3)]
    assert [path and path.name for path in kept] == [
        f"state.before-restore-{number}" for number in (1, 2, 3)
    ]
    assert all(path is not None and (path / "state.db").exists() for path in kept)
    assert (old / "state.db").exists()


def test_an_empty_folder_is_taken_and_one_that_is_not_there_is_made(
    backup: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    for name in ("empty", "deep/new"):
        assert restored(backup, tmp_path / name, force=False) is None
        assert (tmp_path / name / "state.db").stat().st_mode & 0o777 == 0o600
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o700


def test_a_backup_without_a_state_changes_nothing(
    old: Path, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpack = restore._unpack

    def without(path: Path, work: Path) -> None:
        unpack(path, work)
        (work / "state.db").unlink()

    monkeypatch.setattr(restore, "_unpack", without)
    with pytest.raises(BackupError, match=r"backup: holds no state\.db; nothing was changed"):
        restored(backup, old)
    assert sorted(one.name for one in old.parent.iterdir()) == ["backup", "state"]


async def test_a_journal_that_is_not_sound_changes_nothing(
    old: Path, backup: Path, monkeypatch: pytest.MonkeyPatch, make_header: Any
) -> None:
    journal = await SqliteJournal.open(old, make_header())
    await journal.close()
    make_backup(old, backup.with_name("whole"), 1, "1.0")
    unpack = restore._unpack

    def altered(path: Path, work: Path) -> None:
        unpack(path, work)
        with sqlite3.connect(work / "journal.db") as connection:
            connection.execute("UPDATE runs SET run_id = 'another'")
        connection.close()

    monkeypatch.setattr(restore, "_unpack", altered)
    with pytest.raises(BackupError, match=r"whole: its journal is not sound \(.*nothing was cha"):
        restored(backup.with_name("whole"), old)
    assert sorted(one.name for one in old.parent.iterdir()) == ["backup", "state", "whole"]


def test_a_state_that_cannot_be_marked_changes_nothing(
    old: Path, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpack = restore._unpack

    def without_audit(path: Path, work: Path) -> None:
        unpack(path, work)
        with sqlite3.connect(work / "state.db") as connection:
            connection.execute("DROP TABLE audit")
        connection.close()

    monkeypatch.setattr(restore, "_unpack", without_audit)
    with pytest.raises(BackupError, match=r"state\.db: .*audit.*; nothing was changed"):
        restored(backup, old)
    assert sorted(one.name for one in old.parent.iterdir()) == ["backup", "state"]
