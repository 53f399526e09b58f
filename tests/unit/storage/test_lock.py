"""One engine per folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tradetui.ports.store import StoreError
from tradetui.storage.folder import LOCK_FILE, prepare_folder
from tradetui.storage.lock import FolderLock, FolderLockedError, holder_of, is_open_file

HOLD = """
import sys
from pathlib import Path
from tradetui.storage.lock import FolderLock
FolderLock(Path(sys.argv[1])).acquire()
print("held", flush=True)
sys.stdin.read()
"""


def test_the_lock_is_taken_and_freed(folder: Path) -> None:
    prepare_folder(folder)
    with FolderLock(folder) as lock:
        assert holder_of(folder) == os.getpid()
    assert holder_of(folder) is None
    lock.release()
    assert holder_of(folder) is None


def test_a_second_engine_is_refused_and_told_who_runs(folder: Path) -> None:
    prepare_folder(folder)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(FolderLockedError, match=f"process {other.pid} already runs") as caught:
            FolderLock(folder).acquire()
        assert caught.value.pid == other.pid
        assert holder_of(folder) == other.pid
        other.kill()
    with FolderLock(folder):
        assert holder_of(folder) == os.getpid()


def test_a_command_that_has_the_folder_is_not_called_an_engine(folder: Path) -> None:
    prepare_folder(folder)
    with FolderLock(folder, "restores a backup here") as lock:
        said = f"process {os.getpid()} restores a backup here; wait for its end, or use another"
        with pytest.raises(FolderLockedError, match=said) as caught:
            FolderLock(folder).acquire()
        assert (caught.value.pid, caught.value.work) == (os.getpid(), "restores a backup here")
        assert holder_of(folder) == os.getpid()
        assert is_open_file(folder, folder / "state.db")
        lock.note_file(folder)
        assert not is_open_file(folder, folder / "state.db")
    with FolderLock(folder), pytest.raises(FolderLockedError, match="already runs an engine"):
        FolderLock(folder).acquire()


def test_a_lock_without_a_number_still_refuses(folder: Path) -> None:
    prepare_folder(folder)
    with FolderLock(folder):
        (folder / LOCK_FILE).write_text("nonsense")
        with pytest.raises(FolderLockedError, match="another process already runs") as caught:
            FolderLock(folder).acquire()
        assert caught.value.pid is None
        assert holder_of(folder) == 0


def test_a_linked_lock_file_is_refused(folder: Path) -> None:
    prepare_folder(folder)
    (folder / LOCK_FILE).symlink_to(folder / "elsewhere")
    with pytest.raises(StoreError, match="cannot be opened"):
        FolderLock(folder).acquire()


def test_nobody_holds_a_folder_without_a_lock_file(folder: Path) -> None:
    prepare_folder(folder)
    assert holder_of(folder) is None


def test_the_open_file_is_told_from_another_under_its_name(folder: Path) -> None:
    prepare_folder(folder)
    path = folder / "state.db"
    path.write_bytes(b"")
    with FolderLock(folder) as lock:
        assert is_open_file(folder, path)
        lock.note_file(path)
        assert is_open_file(folder, path)
        assert holder_of(folder) == os.getpid()
        path.rename(folder / "away")
        assert not is_open_file(folder, path)
        path.write_bytes(b"")
        assert not is_open_file(folder, path)
    assert is_open_file(folder, path)
    assert is_open_file(folder / "nowhere", path)


def test_a_lock_that_cannot_be_written_is_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare_folder(folder)

    def full(descriptor: int, data: bytes, offset: int) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(StoreError, match=r"engine\.lock: cannot be written \(No space left"):
        FolderLock(folder).acquire()
    monkeypatch.undo()
    with FolderLock(folder):
        assert holder_of(folder) == os.getpid()
