"""Restoring into a folder: no engine can begin in it meanwhile, and a refusal changes nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tradetui.domain.enums import RunMode
from tradetui.ports.store import StoreError
from tradetui.storage import restore
from tradetui.storage.backup import BackupError, make_backup
from tradetui.storage.folder import prepare_folder
from tradetui.storage.instance_store import SqliteInstanceStore
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
