"""A backup: made whole or not at all, and whatever is wrong with a file of one is a sentence."""

from __future__ import annotations

import errno
import gzip
import hashlib
import io
import json
import os
import sqlite3
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tradetui.domain.enums import RunMode
from tradetui.domain.steps import JournalHeader, StepRecord
from tradetui.storage import backup as module
from tradetui.storage.backup import FORMAT, MANIFEST, BackupError, check_backup, make_backup
from tradetui.storage.instance_store import SqliteInstanceStore
from tradetui.storage.journal import SqliteJournal

DATA = b"a database"


@pytest.fixture
async def state(
    tmp_path: Path, make_header: Callable[..., JournalHeader], make_step: Callable[..., StepRecord]
) -> Path:
    """A state folder with a journal of four steps."""
    folder = tmp_path / "state"
    folder.mkdir(mode=0o700)
    await (await SqliteInstanceStore.open(folder, RunMode.PAPER)).close()
    journal = await SqliteJournal.open(folder, make_header())
    for seq_id in range(1, 5):
        journal.append(make_step(seq_id, fills=1))
    await journal.close()
    return folder


def entry(name: str = "state.db", data: bytes = DATA, **changed: Any) -> dict[str, Any]:
    """Return what a manifest says of a file."""
    told = {"name": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    return {**told, **changed}


def manifest(*files: Any, **changed: Any) -> dict[str, Any]:
    """Return a manifest of ``files``, by default of one that is sound."""
    told = {"format": FORMAT, "version": 1, "made_time": 5, "run_mode": "paper"}
    return {**told, "journal": None, "files": list(files or [entry()]), **changed}


def packed(path: Path, told: Any, **files: bytes) -> Path:
    """Write a backup by hand; ``told`` is its manifest, None for none."""
    first = {} if told is None else {MANIFEST: json.dumps(told).encode()}
    with tarfile.open(path, "w:gz") as tar:
        for name, data in {**first, **(files or {"state.db": DATA})}.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


def refused(path: Path, told: Any, **files: bytes) -> str:
    """Return what is said of a backup that was written by hand, without its path."""
    with pytest.raises(BackupError) as caught:
        check_backup(packed(path, told, **files))
    said = str(caught.value)
    assert said.startswith(f"{path}: ") and said.isprintable()
    return said.removeprefix(f"{path}: ")


def test_a_backup_says_what_is_in_it_and_leaves_nothing_else(state: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.tar"
    info = make_backup(state, target, 9, "1.0")
    assert info == check_backup(target)
    assert (info.path, info.made_time, info.run_mode) == (target, 9, "paper")
    assert (info.runs, info.steps, info.last_run, info.files) == (1, 4, "r1", 2)
    assert info.size == target.stat().st_size
    assert target.stat().st_mode & 0o777 == 0o600
    assert sorted(one.name for one in tmp_path.iterdir()) == ["copy.tar", "state"]


def test_a_file_that_is_there_is_kept(state: Path, tmp_path: Path) -> None:
    target = tmp_path / "mine"
    target.write_text("mine")
    with pytest.raises(BackupError, match="mine: is there already; name another file"):
        make_backup(state, target, 9, "1.0")
    assert target.read_text() == "mine"


def test_a_folder_without_a_state_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match=r"holds no state\.db; name a state folder with --state"):
        make_backup(tmp_path, tmp_path / "copy", 9, "1.0")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_said(state: Path, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="none: is not a folder; make it first"):
        make_backup(state, tmp_path / "none" / "copy", 9, "1.0")


def test_a_full_disk_leaves_no_half_backup(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(module, "_pack", full)
    with pytest.raises(BackupError, match=r"cannot be written \(No space left on device\)"):
        make_backup(state, tmp_path / "copy", 9, "1.0")
    assert [one.name for one in tmp_path.iterdir()] == ["state"]


@pytest.mark.parametrize("name", ["state.db", "journal.db"])
def test_a_damaged_database_is_not_backed_up(state: Path, tmp_path: Path, name: str) -> None:
    path = state / name
    data = bytearray(path.read_bytes())
    data[4096:8192] = os.urandom(4096)
    path.write_bytes(data)
    with pytest.raises(BackupError, match=rf"{name}: is damaged .*; nothing was backed up") as told:
        make_backup(state, tmp_path / "copy", 9, "1.0")
    assert str(told.value).isprintable()
    assert [one.name for one in tmp_path.iterdir()] == ["state"]


def test_what_is_no_database_is_not_backed_up(state: Path, tmp_path: Path) -> None:
    (state / "state.db").write_bytes(b"x" * 9000)
    with pytest.raises(BackupError, match=r"state\.db: .*; nothing was backed up"):
        make_backup(state, tmp_path / "copy", 9, "1.0")


def test_a_journal_with_an_altered_step_is_not_backed_up(state: Path, tmp_path: Path) -> None:
    with sqlite3.connect(state / "journal.db") as connection:
        (body,) = connection.execute("SELECT body FROM steps WHERE row = 2").fetchone()
        changed = body[:-3] + bytes([body[-3] ^ 4]) + body[-2:]
        connection.execute("UPDATE steps SET body = ? WHERE row = 2", (changed,))
    connection.close()
    with pytest.raises(BackupError, match=r"journal\.db: .*see journal verify, or copy the folder"):
        make_backup(state, tmp_path / "copy", 9, "1.0")
    assert not (tmp_path / "copy").exists()


def test_a_journal_whose_segment_is_gone_is_tried_again_and_then_refused(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    def gone(source: Path, target: Path, names: list[str]) -> None:
        tries.append(source)
        raise FileNotFoundError

    monkeypatch.setattr(module, "_copy_segments", gone)
    with pytest.raises(BackupError, match=r"segments: a segment that the journal names is not"):
        make_backup(state, tmp_path / "copy", 9, "1.0")
    assert len(tries) == 3
    assert not (tmp_path / "copy").exists()


def test_a_segment_on_another_disk_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    (source / "one.seg").write_bytes(DATA)

    def other_disk(*_: Any) -> None:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    monkeypatch.setattr(module.os, "link", other_disk)
    module._copy_segments(source, target, ["one.seg"])
    assert (target / "one.seg").read_bytes() == DATA


def test_a_backup_by_hand_is_sound(tmp_path: Path) -> None:
    info = check_backup(packed(tmp_path / "b", manifest()))
    assert (info.made_time, info.run_mode, info.files, info.runs) == (5, "paper", 1, 0)


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "b"
    assert refused(path, None) == "is no backup of tradetui (it has no manifest)"
    assert refused(path, manifest(format="another")) == "is no backup of tradetui"
    assert refused(path, {}) == "is no backup of tradetui"
    path.write_bytes(b"text")
    with pytest.raises(BackupError, match="is damaged or no backup of tradetui"):
        check_backup(path)
    path.write_bytes(gzip.compress(b""))
    with pytest.raises(BackupError, match=r"is damaged or no backup of tradetui \(empty file\)"):
        check_backup(path)
    with pytest.raises(BackupError, match=r"none: cannot be read \(No such file or directory\)"):
        check_backup(tmp_path / "none")


@pytest.mark.parametrize(
    "told",
    [
        [],
        7,
        None,
        "\x1b[2J",
        manifest(version="1"),
        manifest(files=7),
        manifest(files=[["state.db"]]),
        manifest(made_time="yesterday"),
        manifest(made_time=None),
        manifest(run_mode=4),
        manifest(journal=[1]),
        manifest(journal={"runs": "many"}),
        manifest(entry(name=["state.db"])),
        manifest(entry(bytes="10")),
        manifest(entry(sha256=None)),
        manifest({"name": "state.db"}),
    ],
    ids=str,
)
def test_a_manifest_of_another_shape_is_one_sentence(tmp_path: Path, told: Any) -> None:
    path = tmp_path / "b"
    files = {MANIFEST: json.dumps(told).encode(), "state.db": DATA}
    assert refused(path, None, **files).startswith("its manifest cannot be read (")


def test_a_manifest_that_is_no_text_is_one_sentence(tmp_path: Path) -> None:
    said = refused(tmp_path / "b", None, **{MANIFEST: b'{"format": "\xff\xfe"}'})
    assert said.startswith("its manifest cannot be read (")


def test_a_backup_of_a_newer_version_says_so_whatever_else_it_has(tmp_path: Path) -> None:
    told = {"format": FORMAT, "version": 2, "contents": "elsewhere"}
    said = refused(tmp_path / "b", told)
    assert said == "was made by a newer tradetui (version 2; this one knows 1): upgrade tradetui"


@pytest.mark.parametrize(
    "name",
    [
        "../state.db",
        "/etc/passwd",
        "other.db",
        "journal.db-segments/../../x.seg",
        "journal.db-segments/.hidden",
        "journal.db-segments/",
        "elsewhere/000001.seg",
        "",
    ],
)
def test_a_manifest_names_only_files_of_ours(tmp_path: Path, name: str) -> None:
    said = refused(tmp_path / "b", manifest(entry(name)), **{name: DATA})
    assert said == "its manifest names files that are not ours"


def test_a_file_is_named_once(tmp_path: Path) -> None:
    said = refused(tmp_path / "b", manifest(entry(), entry()))
    assert said == "its manifest names files that are not ours"


def test_each_file_is_there_and_what_the_manifest_says(tmp_path: Path) -> None:
    path = tmp_path / "b"
    both = manifest(entry(), entry("journal.db"))
    assert refused(path, both) == "is damaged (journal.db is missing)"
    assert refused(path, both, **{"journal.db": DATA}) == "is damaged (state.db is missing)"
    changed = refused(path, manifest(), **{"state.db": b"B database"})
    assert changed == "is damaged (state.db is not what was backed up)"
    longer = refused(path, manifest(entry(bytes=9)))
    assert longer == "is damaged (state.db is not what was backed up)"
    more = refused(path, manifest(), **{"state.db": DATA, "more": b""})
    assert more == "holds more than its manifest says"


def test_a_backup_that_is_cut_off_anywhere_is_refused(state: Path, tmp_path: Path) -> None:
    make_backup(state, tmp_path / "copy", 9, "1.0")
    data = (tmp_path / "copy").read_bytes()
    for size in (0, 1, 10, 600, len(data) // 2, len(data) - 9, len(data) - 1):
        (tmp_path / "cut").write_bytes(data[:size])
        with pytest.raises(BackupError, match=r"is (damaged|no backup)"):
            check_backup(tmp_path / "cut")


def test_a_disk_that_cannot_be_read_is_said_of_the_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = packed(tmp_path / "b", manifest())

    def broken(*_: Any) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(tarfile.ExFileObject, "read", broken)
    with pytest.raises(BackupError, match=r"b: cannot be read \(Input/output error\)"):
        check_backup(path)
