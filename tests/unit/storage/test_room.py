"""The reserve on the disk: set aside whole or not at all, given up, set aside again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tradetui.storage.room import RESERVE_FILE, FolderRoom

SIZE = 100_000


def test_the_reserve_takes_real_room_and_gives_it_back(tmp_path: Path) -> None:
    room = FolderRoom(tmp_path, SIZE)
    path = tmp_path / RESERVE_FILE
    assert not room.release()
    assert room.reserve()
    assert path.stat().st_size == SIZE
    assert path.stat().st_blocks * 512 >= SIZE
    assert path.stat().st_mode & 0o777 == 0o600
    inode = path.stat().st_ino
    assert room.reserve()
    assert path.stat().st_ino == inode
    assert room.release()
    assert not path.exists()
    assert room.reserve()


def test_a_reserve_cut_short_is_filled_up(tmp_path: Path) -> None:
    room = FolderRoom(tmp_path, SIZE)
    (tmp_path / RESERVE_FILE).write_bytes(b"x" * 10)
    assert room.reserve()
    assert (tmp_path / RESERVE_FILE).stat().st_size == SIZE


def test_without_room_there_is_none_and_no_half_of_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int, offset: int, length: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    assert not FolderRoom(tmp_path, SIZE).reserve()
    assert list(tmp_path.iterdir()) == []


def test_the_free_room_is_that_of_the_disk(tmp_path: Path) -> None:
    room = FolderRoom(tmp_path, SIZE)
    status = os.statvfs(tmp_path)
    free = room.free()
    assert free is not None
    assert abs(free - status.f_bavail * status.f_frsize) < 10**9
    assert room.where == str(tmp_path)
    gone = FolderRoom(tmp_path / "gone", SIZE)
    assert gone.free() is None
    assert not gone.reserve()


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_bytes(b"data")
    folder = tmp_path / "state"
    folder.mkdir()
    (folder / RESERVE_FILE).symlink_to(target)
    assert not FolderRoom(folder, SIZE).reserve()
    assert target.read_bytes() == b"data"


def test_what_the_reserve_lacks_is_measured(tmp_path: Path) -> None:
    room = FolderRoom(tmp_path, SIZE)
    assert room.lacking() == SIZE
    (tmp_path / RESERVE_FILE).write_bytes(b"x" * 10)
    assert room.lacking() == SIZE - 10
    room.reserve()
    assert room.lacking() == 0
