"""A backup: state and journal of a folder as they are at one moment, in one compressed file.

The file is a gzipped tar. Its first member is the manifest, with the size and SHA-256 of each
other; the rest are the two databases, copied with SQLite's backup API while an engine may run, and
the segment files that the copied journal names.
"""

from __future__ import annotations

import contextlib
import glob
import gzip
import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import msgspec

from tradetui.domain.formatting import timestamp
from tradetui.domain.text import printable
from tradetui.ports.journal import JournalError
from tradetui.storage.database import UnusableFileError, describe, inspect_header, read_only_uri
from tradetui.storage.folder import JOURNAL_DB, STATE_DB, private_umask, sync_folder
from tradetui.storage.journal_schema import JOURNAL_SCHEMA
from tradetui.storage.reader import JournalReader
from tradetui.storage.row_source import RowSource
from tradetui.storage.schema import Schema
from tradetui.storage.segment_file import FILE_SUFFIX, segments_folder, sha256_of
from tradetui.storage.state_schema import STATE_SCHEMA
from tradetui.storage.verify import verify_file

MANIFEST: Final = "manifest.json"
FORMAT: Final = "tradetui backup"
VERSION: Final = 1
_LEVEL: Final = 1
"""Of gzip: what is large is compressed already."""

_TRIES: Final = 3
"""A segment may be pruned, and so renamed, while the copy is made; then it is made anew."""

_BUSY_SECONDS: Final = 5.0


class BackupError(Exception):
    """A backup cannot be made, read or restored; the message says why."""


class Member(msgspec.Struct, frozen=True):
    """A file of a backup, as its manifest has it."""

    name: str
    bytes: int
    sha256: str


class _Journal(msgspec.Struct, frozen=True):
    runs: int
    steps: int
    last_run: str


class Manifest(msgspec.Struct, frozen=True):
    """What a backup's manifest says of it that a reader needs; it has more, for people."""

    made_time: int
    run_mode: str
    files: tuple[Member, ...]
    journal: _Journal | None = None


class _Head(msgspec.Struct, frozen=True):
    format: str = ""
    version: int = 0


@dataclass(frozen=True)
class BackupInfo:
    """What is in a backup: when it was made (ns UTC), of which run mode, and how far its journal
    goes.
    """

    path: Path
    made_time: int
    run_mode: str
    runs: int
    steps: int
    last_run: str
    files: int
    size: int


def make_backup(folder: Path, target: Path, now: int, program: str) -> BackupInfo:
    """Back a state folder up into the file ``target``, proving the copy before and after.

    ``program`` is the version that is noted. Raises BackupError; then ``target`` was not made.
    """
    if target.exists():
        raise BackupError(f"{target}: is there already; name another file")
    previous = private_umask()
    try:
        with _working_folder(target) as work:
            return _make(folder, target, work, now, program)
    except OSError as error:
        raise BackupError(
            f"{target}: cannot be written ({error.strerror or error}); nothing was backed up"
        ) from error
    finally:
        os.umask(previous)


def _make(folder: Path, target: Path, work: Path, now: int, program: str) -> BackupInfo:
    if not (folder / STATE_DB).exists():
        raise BackupError(f"{folder}: holds no {STATE_DB}; name a state folder with --state")
    if (folder / JOURNAL_DB).exists():
        _copy_journal(folder / JOURNAL_DB, work / JOURNAL_DB)
        found = verify_file(work / JOURNAL_DB)
        if not found.is_sound:
            raise BackupError(
                f"{folder / JOURNAL_DB}: {found.faults[0].what}; nothing was backed up: see "
                "journal verify, or copy the folder as it is"
            )
    _copy_database(folder / STATE_DB, work / STATE_DB, STATE_SCHEMA)
    manifest = _manifest(work, now, program)
    packed = target.with_name(target.name + ".new")
    try:
        _pack(work, manifest, packed)
        info = check_backup(packed)
        packed.replace(target)
        sync_folder(target.parent)
    finally:
        packed.unlink(missing_ok=True)
    return BackupInfo(
        target,
        info.made_time,
        info.run_mode,
        info.runs,
        info.steps,
        info.last_run,
        info.files,
        info.size,
    )


def check_backup(path: Path) -> BackupInfo:
    """Read a whole backup and compare every member with the manifest; raises BackupError."""
    with opened(path) as (tar, manifest):
        for pieces, entry in members(path, tar, manifest):
            digest, size = hashlib.sha256(), 0
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
            compare(path, entry, digest.hexdigest(), size)
        return _info(path, manifest)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[tuple[tarfile.TarFile, Manifest]]:
    """Open a backup and read its manifest; what is wrong with the file is a BackupError."""
    with contextlib.ExitStack() as stack:
        with _read(path):
            tar = stack.enter_context(tarfile.open(path, "r:gz"))
            first = tar.next()
            file = tar.extractfile(first) if first is not None and first.isfile() else None
            if first is None or file is None or first.name != MANIFEST:
                raise BackupError(f"{path}: is no backup of tradetui (it has no manifest)")
            manifest = _read_manifest(path, file.read(1 << 24))
        yield tar, manifest


def members(
    path: Path, tar: tarfile.TarFile, manifest: Manifest
) -> Iterator[tuple[Iterator[bytes], Member]]:
    """Yield (content in pieces, what the manifest says) of each member.

    Raises BackupError when they differ, or the backup cannot be read.
    """
    with _read(path):
        for entry in manifest.files:
            member = tar.next()
            file = tar.extractfile(member) if member is not None and member.isfile() else None
            if member is None or file is None or member.name != entry.name:
                raise BackupError(f"{path}: is damaged ({entry.name} is missing)")
            yield _pieces(path, file), entry
        if tar.next() is not None:
            raise BackupError(f"{path}: holds more than its manifest says")
        assert tar.fileobj is not None
        while tar.fileobj.read(1 << 20):  # to the very end, where gzip's own check is
            pass


def _pieces(path: Path, file: IO[bytes]) -> Iterator[bytes]:
    with _read(path):
        while piece := file.read(1 << 20):
            yield piece


@contextlib.contextmanager
def _read(path: Path) -> Iterator[None]:
    """Make a BackupError of what goes wrong while a backup is read.

    Only around reading: what goes wrong while its content is written elsewhere is not its fault.
    """
    try:
        yield
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise BackupError(f"{path}: is damaged or no backup of tradetui ({error})") from error
    except OSError as error:
        raise BackupError(f"{path}: cannot be read ({error.strerror})") from error


def compare(path: Path, entry: Member, digest: str, size: int) -> None:
    """Raise BackupError unless a member is what the manifest says."""
    if (digest, size) != (entry.sha256, entry.bytes):
        raise BackupError(f"{path}: is damaged ({entry.name} is not what was backed up)")


def _read_manifest(path: Path, data: bytes) -> Manifest:
    try:
        head = msgspec.json.decode(data, type=_Head)
        if head.format != FORMAT:
            raise BackupError(f"{path}: is no backup of tradetui")
        if head.version > VERSION:
            raise BackupError(
                f"{path}: was made by a newer tradetui (version {head.version}; this one knows "
                f"{VERSION}): upgrade tradetui"
            )
        manifest = msgspec.json.decode(data, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        text = printable(str(error), 200)
        raise BackupError(f"{path}: its manifest cannot be read ({text})") from error
    names = [entry.name for entry in manifest.files]
    if len(set(names)) != len(names) or not all(map(_is_ours, names)):
        raise BackupError(f"{path}: its manifest names files that are not ours")
    return manifest


def _is_ours(name: str) -> bool:
    if name in (STATE_DB, JOURNAL_DB):
        return True
    folder, slash, file = name.partition("/")
    plain = file.replace("-", "").replace(".", "").isalnum() and not file.startswith(".")
    return (
        bool(slash) and folder == f"{JOURNAL_DB}-segments" and plain and file.endswith(FILE_SUFFIX)
    )


def _info(path: Path, manifest: Manifest) -> BackupInfo:
    journal = manifest.journal or _Journal(0, 0, "")
    return BackupInfo(
        path,
        manifest.made_time,
        manifest.run_mode,
        journal.runs,
        journal.steps,
        journal.last_run,
        len(manifest.files),
        path.stat().st_size,
    )


def _manifest(work: Path, now: int, program: str) -> dict[str, Any]:
    files = [path for path in sorted(work.rglob("*")) if path.is_file()]
    with contextlib.closing(sqlite3.connect(work / STATE_DB)) as connection:
        mode = connection.execute("SELECT value FROM meta WHERE key = 'run_mode'").fetchone()
    return {
        "format": FORMAT,
        "version": VERSION,
        "program": program,
        "made_time": now,
        "made": f"{timestamp(now)} UTC",
        "run_mode": mode[0] if mode else "",
        "journal": _journal_summary(work / JOURNAL_DB),
        "files": [
            {
                "name": path.relative_to(work).as_posix(),
                "bytes": path.stat().st_size,
                "sha256": sha256_of(path).hex(),
            }
            for path in files
        ],
    }


def _journal_summary(path: Path) -> dict[str, Any] | None:
    if not path.exists():
        return None
    with JournalReader(path) as reader:
        runs = reader.runs()
    last = runs[-1] if runs else None
    return {
        "runs": len(runs),
        "steps": last.steps if last else 0,
        "last_run": last.run_id if last else "",
        "head": last.head if last else "",
    }


def _copy_journal(source: Path, target: Path) -> None:
    """Copy a journal with the segments that the copy names."""
    for _ in range(_TRIES):
        target.unlink(missing_ok=True)
        shutil.rmtree(segments_folder(target), ignore_errors=True)
        _copy_database(source, target, JOURNAL_SCHEMA)
        with contextlib.closing(sqlite3.connect(target)) as connection:
            names = [segment.name for segment in RowSource(connection, target).segments()]
        try:
            _copy_segments(segments_folder(source), segments_folder(target), names)
        except FileNotFoundError:
            continue
        return
    raise BackupError(
        f"{segments_folder(source)}: a segment that the journal names is not there; nothing was "
        "backed up: see journal verify"
    )


def _copy_segments(source: Path, target: Path, names: list[str]) -> None:
    if not names:
        return
    target.mkdir()
    for name in names:
        try:
            os.link(source / name, target / name)
        except FileNotFoundError:
            raise
        except OSError:  # another file system
            shutil.copyfile(source / name, target / name)


def _copy_database(source: Path, target: Path, schema: Schema) -> None:
    try:
        inspect_header(source, schema)
        uri = read_only_uri(source)
        with (
            contextlib.closing(sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS)) as original,
            contextlib.closing(sqlite3.connect(target)) as copy,
        ):
            original.backup(copy)
            rows = copy.execute("PRAGMA integrity_check(1)").fetchall()
            # A copy is opened where nothing can be written beside it; so it has no -wal.
            copy.execute("PRAGMA journal_mode = delete")
        if rows[0][0] != "ok":
            found = printable(" ".join(str(rows[0][0]).split()), 200)
            raise BackupError(f"{source}: is damaged ({found}); nothing was backed up")
    except sqlite3.Error as error:
        raise BackupError(f"{source}: {describe(error)}; nothing was backed up") from error
    except UnusableFileError as error:
        raise BackupError(f"{error}; nothing was backed up") from error
    except JournalError as error:
        raise BackupError(f"{error}; nothing was backed up") from error


def _pack(work: Path, manifest: dict[str, Any], target: Path) -> None:
    body = json.dumps(manifest, indent=2).encode()
    with (
        target.open("wb") as file,
        tarfile.open(fileobj=file, mode="w:gz", compresslevel=_LEVEL) as tar,
    ):
        head = tarfile.TarInfo(MANIFEST)
        head.size, head.mode = len(body), 0o600
        tar.addfile(head, io.BytesIO(body))
        for entry in manifest["files"]:
            info = tarfile.TarInfo(entry["name"])
            info.size, info.mode = entry["bytes"], 0o600
            with (work / entry["name"]).open("rb") as member:
                tar.addfile(info, member)
    with target.open("rb+") as written:
        os.fsync(written.fileno())


@contextlib.contextmanager
def _working_folder(target: Path) -> Iterator[Path]:
    if not target.parent.is_dir():
        raise BackupError(f"{target.parent}: is not a folder; make it first")
    prefix = f".{target.name}.backing-up-"
    for left in target.parent.glob(f"{glob.escape(prefix)}*"):  # of one that was killed
        shutil.rmtree(left, ignore_errors=True)
    work = Path(tempfile.mkdtemp(prefix=prefix, dir=target.parent))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)
