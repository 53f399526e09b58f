"""Restoring a backup: proven first, unpacked beside, proven again, then put in place at once."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tradetui.domain.formatting import timestamp
from tradetui.ports.journal import JournalError
from tradetui.ports.store import StoreError
from tradetui.storage.backup import BackupError, BackupInfo, check_backup, compare, members, opened
from tradetui.storage.cut_off import end_cut_off_run
from tradetui.storage.database import describe
from tradetui.storage.folder import (
    FOLDER_MODE,
    JOURNAL_DB,
    LOCK_FILE,
    RESTORING,
    STATE_DB,
    private_umask,
    sync_folder,
    unfinished_restores,
)
from tradetui.storage.lock import FolderLock, FolderLockedError
from tradetui.storage.state_schema import RESTORED_KEY, RESTORED_RUN_KEY
from tradetui.storage.verify import verify_file


class FolderInUseError(BackupError):
    """The folder holds something, or an engine runs in it: nothing was restored."""


def restore_backup(
    backup: Path, folder: Path, *, now: int, actor: str, force: bool
) -> tuple[BackupInfo, Path | None]:
    """Restore a backup into a state folder; return what it was, and where the old folder is now.

    The folder must be empty or missing; with ``force`` what is there is kept beside it. Raises
    FolderInUseError or BackupError: then nothing was changed.
    """
    info = check_backup(backup)
    folder = folder.expanduser().absolute()
    is_taken = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    with _no_engine(folder, is_kept=is_taken and force):
        if is_taken and not force:
            raise FolderInUseError(
                f"{folder}: is not empty; nothing was restored: name an empty folder with --state, "
                "or use --force, which keeps the old one beside it"
            )
        return info, _restored(backup, folder, info, now, actor, is_taken=is_taken)


@contextlib.contextmanager
def _no_engine(folder: Path, *, is_kept: bool) -> Iterator[None]:
    """Keep every engine out of a folder that was one's or ``is_kept`` beside the new one: also one
    that would begin while the backup is proven, which takes as long as its journal is big.
    """
    if not (folder / LOCK_FILE).exists() and not (is_kept and folder.is_dir()):
        yield
        return
    lock = FolderLock(folder, "restores a backup here")
    try:
        lock.acquire()
    except FolderLockedError as error:
        who = f"process {error.pid or '?'}"
        has = (
            f"{who} {error.work}" if error.work else f"an engine runs in it ({who}); leave it first"
        )
        raise FolderInUseError(f"{folder}: {has}, nothing was restored") from error
    except StoreError as error:
        raise BackupError(f"{error}; nothing was restored") from error
    try:
        yield
    finally:
        lock.release()


def _restored(
    backup: Path, folder: Path, info: BackupInfo, now: int, actor: str, *, is_taken: bool
) -> Path | None:
    """Unpack a backup beside a folder, prove it, put it in its place; return where the old one is
    now.
    """
    previous = private_umask()
    try:
        folder.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        for left in unfinished_restores(folder):
            shutil.rmtree(left, ignore_errors=True)
        work = Path(tempfile.mkdtemp(prefix=f".{folder.name}{RESTORING}", dir=folder.parent))
        try:
            _unpack(backup, work)
            _prove(backup, work)
            _end_cut_off_run(work / JOURNAL_DB)
            _mark(work / STATE_DB, info, now, actor)
            return _put_in_place(work, folder, is_taken=is_taken)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    except OSError as error:
        raise BackupError(
            f"{folder}: cannot be restored to ({error.strerror or error}); nothing was changed"
        ) from error
    finally:
        os.umask(previous)


def _unpack(backup: Path, work: Path) -> None:
    with opened(backup) as (tar, manifest):
        for pieces, entry in members(backup, tar, manifest):
            target = work / entry.name
            target.parent.mkdir(mode=FOLDER_MODE, exist_ok=True)
            digest, size = hashlib.sha256(), 0
            with target.open("wb") as file:
                for piece in pieces:
                    digest.update(piece)
                    size += file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            compare(backup, entry, digest.hexdigest(), size)


def _prove(backup: Path, work: Path) -> None:
    if not (work / STATE_DB).exists():
        raise BackupError(f"{backup}: holds no {STATE_DB}; nothing was changed")
    if (work / JOURNAL_DB).exists():
        found = verify_file(work / JOURNAL_DB)
        if not found.is_sound:
            raise BackupError(
                f"{backup}: its journal is not sound ({found.faults[0].what}); nothing was changed"
            )


def _end_cut_off_run(journal: Path) -> None:
    """End the run that went on while the backup was made: in this copy it was cut off there."""
    try:
        end_cut_off_run(journal)
    except JournalError as error:
        raise BackupError(f"{error}; nothing was changed") from error


def _mark(state: Path, info: BackupInfo, now: int, actor: str) -> None:
    """Leave word in the restored database, for the audit and for the next start."""
    text = (
        f"this folder was restored at {timestamp(now)} from the backup {info.path.name} of "
        f"{timestamp(info.made_time)} UTC: what happened after that is not in it"
    )
    try:
        with contextlib.closing(sqlite3.connect(state)) as connection, connection:
            connection.execute(
                "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?), (?, ?)",
                (RESTORED_KEY, text, RESTORED_RUN_KEY, info.last_run or ""),
            )
            connection.execute(
                "INSERT INTO audit (time, actor, act, target, detail, done) "
                "VALUES (?, ?, 'restore backup', ?, ?, 1)",
                (now, actor, info.path.name, text),
            )
    except sqlite3.Error as error:
        raise BackupError(f"{state.name}: {describe(error)}; nothing was changed") from error


def _put_in_place(work: Path, folder: Path, *, is_taken: bool) -> Path | None:
    kept: Path | None = None
    if is_taken:
        kept, number = folder.with_name(f"{folder.name}.before-restore-1"), 1
        while kept.exists():
            number += 1
            kept = folder.with_name(f"{folder.name}.before-restore-{number}")
        folder.rename(kept)
    elif folder.exists():
        folder.rmdir()
    try:
        work.rename(folder)
    except OSError:
        if kept is not None:
            kept.rename(folder)
        raise
    sync_folder(folder.parent)
    return kept
