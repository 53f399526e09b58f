"""The state folder's rights."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest

from tradetui.ports.store import StoreError
from tradetui.storage.folder import (
    check_file,
    check_folder,
    is_for_reading,
    prepare_folder,
    private_umask,
)


def test_a_new_folder_is_private(folder: Path) -> None:
    made = prepare_folder(folder / "deeper")
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_umask_is_put_back(folder: Path) -> None:
    before = os.umask(0o022)
    try:
        prepare_folder(folder)
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)


def test_private_umask_returns_the_old_one() -> None:
    before = os.umask(0o027)
    try:
        assert private_umask() == 0o027
        assert os.umask(0o027) == 0o077
    finally:
        os.umask(before)


def test_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    real = prepare_folder(tmp_path / "real")
    link = tmp_path / "link"
    link.symlink_to(real)
    with pytest.raises(StoreError, match="is a symbolic link; name the real folder"):
        prepare_folder(link)


def test_a_dangling_link_is_refused_and_nothing_is_made(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "nowhere")
    with pytest.raises(StoreError, match="is a symbolic link"):
        prepare_folder(link)
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("mode", [0o750, 0o701, 0o770, 0o777, 0o704])
def test_a_folder_open_to_others_is_refused(folder: Path, mode: int) -> None:
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(StoreError, match=f"others can enter it .mode {mode:04o}.*chmod 700"):
        prepare_folder(folder)


def test_a_file_in_its_place_is_refused(folder: Path) -> None:
    folder.write_text("")
    with pytest.raises(StoreError, match="is not a folder"):
        prepare_folder(folder)


def test_a_file_on_the_way_is_refused(folder: Path) -> None:
    folder.write_text("")
    with pytest.raises(StoreError, match=r"cannot be used as the state folder .Not a directory"):
        prepare_folder(folder / "deeper")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
def test_a_foreign_folder_is_refused(folder: Path) -> None:
    prepare_folder(folder)
    os.chown(folder, 12_345, 12_345)
    with pytest.raises(StoreError, match="belongs to user 12345, not to you"):
        prepare_folder(folder)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away")
def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch(0o600)
    os.chown(file, 12_345, 12_345)
    with pytest.raises(StoreError, match="belongs to user 12345"):
        check_file(file)


def test_a_read_only_folder_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare_folder(folder)
    folder.chmod(0o500)
    # Root may write anywhere: let the system's answer be that for anybody else.
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK)
    with pytest.raises(StoreError, match=r"cannot be written .mode 0500.*chmod 700"):
        prepare_folder(folder)
    check_folder(folder, to_read=True)
    assert is_for_reading(folder) and not is_for_reading(folder / "not-there")


def test_a_read_only_file_system_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare_folder(folder)
    assert not is_for_reading(folder)
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK)
    monkeypatch.setattr(os, "statvfs", lambda path: SimpleNamespace(f_flag=os.ST_RDONLY))
    with pytest.raises(StoreError, match=r"its file system is read-only.: what only reads works"):
        prepare_folder(folder)


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    file.chmod(0o640)
    with pytest.raises(StoreError, match=r"others can read it .mode 0640.*chmod 600"):
        check_file(file)


def test_a_linked_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch(0o600)
    link = tmp_path / "link"
    link.symlink_to(file)
    with pytest.raises(StoreError, match="is a symbolic link"):
        check_file(link)


def test_a_pipe_is_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o600)
    with pytest.raises(StoreError, match="is not a regular file"):
        check_file(pipe)
