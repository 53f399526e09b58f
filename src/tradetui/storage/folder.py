"""The state folder: 0700, ours, and no symbolic link; its files 0600."""

from __future__ import annotations

import glob
import os
import stat
from pathlib import Path
from typing import Final

from tradetui.ports.store import StoreError

STATE_DB: Final = "state.db"
JOURNAL_DB: Final = "journal.db"
LOCK_FILE: Final = "engine.lock"

RESTORING: Final = ".restoring-"
"""In the name of what a restore unpacks beside a folder."""

FOLDER_MODE: Final = 0o700
FILE_MODE: Final = 0o600
_UMASK: Final = 0o077


def private_umask() -> int:
    """Let every file that this process creates be readable by its owner only; return the umask of
    before.
    """
    return os.umask(_UMASK)


def sync_folder(folder: Path) -> None:
    """Make durable which files a folder has: a rename survives a power loss only so."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def prepare_folder(path: Path, option: str = "--state") -> Path:
    """Create the state folder if it is missing, check it, and return its absolute path.

    ``option`` is what a person names another one with. Raises StoreError if it is a symbolic link,
    not a folder, someone else's, open to others, not writable, or missing because a restore was cut
    off.
    """
    folder = path.expanduser().absolute()
    try:
        if not folder.is_symlink() and not folder.exists():
            _check_not_restoring(folder)
            previous = private_umask()
            try:
                folder.mkdir(mode=FOLDER_MODE, parents=True)
            finally:
                os.umask(previous)
        check_folder(folder, option=option)
    except OSError as error:
        raise StoreError(
            f"{folder}: cannot be used as the state folder ({error.strerror}); "
            f"choose another one with {option}"
        ) from error
    return folder


def check_folder(folder: Path, *, to_read: bool = False, option: str = "--state") -> None:
    """Raise StoreError unless the folder is a real folder of ours that nobody else can enter and we
    can write; ``to_read``: or only read.
    """
    if folder.is_symlink():
        raise StoreError(
            f"{folder}: is a symbolic link; name the real folder, "
            "so that nobody can point it elsewhere"
        )
    status = folder.stat()
    if not stat.S_ISDIR(status.st_mode):
        raise StoreError(f"{folder}: is not a folder; move the file away or choose another one")
    if status.st_uid != os.getuid():
        raise StoreError(
            f"{folder}: belongs to user {status.st_uid}, not to you ({os.getuid()}); "
            "use a folder of your own"
        )
    mode = stat.S_IMODE(status.st_mode)
    if mode & 0o077:
        raise StoreError(
            f"{folder}: others can enter it (mode {mode:04o}); mend it with: chmod 700 {folder}"
        )
    if not to_read:
        _check_writable(folder, mode, option)


def _check_writable(folder: Path, mode: int, option: str) -> None:
    if os.access(folder, os.W_OK | os.X_OK):
        return
    if os.statvfs(folder).f_flag & os.ST_RDONLY:
        raise StoreError(
            f"{folder}: cannot be written (its file system is read-only): what only reads works; "
            f"mount it read-write, or choose another one with {option}"
        )
    raise StoreError(
        f"{folder}: cannot be written (mode {mode:04o}); mend it with: chmod 700 {folder}"
    )


def is_for_reading(folder: Path) -> bool:
    """Tell whether a folder is there and cannot be written, so that one can only read in it."""
    folder = folder.expanduser()
    return folder.is_dir() and not os.access(folder, os.W_OK | os.X_OK)


def check_file(path: Path) -> None:
    """Raise StoreError unless the file is a regular one of ours that nobody else can read."""
    if path.is_symlink():
        raise StoreError(f"{path}: is a symbolic link; put the real file into the state folder")
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise StoreError(f"{path}: is not a regular file; move it away")
    if status.st_uid != os.getuid():
        raise StoreError(f"{path}: belongs to user {status.st_uid}, not to you ({os.getuid()})")
    mode = stat.S_IMODE(status.st_mode)
    if mode & 0o077:
        raise StoreError(
            f"{path}: others can read it (mode {mode:04o}); mend it with: chmod 600 {path}"
        )


def unfinished_restores(folder: Path) -> list[Path]:
    """Return what restores into a folder that were cut off left beside it."""
    return sorted(folder.parent.glob(f".{glob.escape(folder.name)}{RESTORING}*"))


def _check_not_restoring(folder: Path) -> None:
    """Raise StoreError where a restore was cut off between moving the old folder away and putting
    the new one in its place: an empty folder would be taken for the one that was there.
    """
    left = unfinished_restores(folder)
    if left:
        raise StoreError(
            f"{folder}: is missing, and {left[-1].name} beside it tells of a restore that was cut "
            f"off or is under way: let it end or restore again, or move {folder.name}"
            ".before-restore-* back to its name and that away"
        )
