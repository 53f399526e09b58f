"""One engine per state folder: a lock on ``engine.lock`` that dies with its process.

The file says which process that is; which ``state.db`` it has open, by device and inode: a shell
that finds another file under that name does not reach the engine through it; and, where it is no
engine, what it does.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType

from tradetui.domain.text import printable
from tradetui.ports.store import StoreError
from tradetui.storage.folder import FILE_MODE, LOCK_FILE


class FolderLockedError(StoreError):
    """Another process has this folder: ``pid`` if it could be read. It runs an engine, or does
    ``work``, in words that go on from its name.
    """

    def __init__(self, folder: Path, pid: int | None, work: str = "") -> None:
        self.pid = pid
        self.work = work
        who = f"process {pid}" if pid is not None else "another process"
        does = (
            f"{work}; wait for its end" if work else "already runs an engine here; leave it first"
        )
        super().__init__(f"{folder}: {who} {does}, or use another --state")


class FolderLock:
    """Holds the lock from ``acquire`` to ``release``; the system frees it if the process dies.

    ``work``: what is done meanwhile, as in *process 12 restores a backup here*; empty: an engine
    runs.
    """

    def __init__(self, folder: Path, work: str = "") -> None:
        self._folder = folder
        self._work = work
        self._path = folder / LOCK_FILE
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock and write our process id into the file; raise FolderLockedError if another
        process has it.
        """
        assert self._descriptor is None
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            descriptor = os.open(self._path, flags, FILE_MODE)
        except OSError as error:
            raise StoreError(f"{self._path}: cannot be opened ({error.strerror})") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid, work = _read_holder(descriptor)
            os.close(descriptor)
            raise FolderLockedError(self._folder, pid, work) from None
        try:
            os.ftruncate(descriptor, 0)
            text = f"{os.getpid()}\n" + (f"\n{self._work}\n" if self._work else "")
            os.pwrite(descriptor, text.encode(), 0)
        except OSError as error:
            os.close(descriptor)
            raise StoreError(f"{self._path}: cannot be written ({error.strerror})") from error
        self._descriptor = descriptor

    def note_file(self, path: Path) -> None:
        """Note which file is open here under a name; only while the lock is held."""
        assert self._descriptor is not None
        found = path.stat()
        text = f"{os.getpid()}\n{found.st_dev}:{found.st_ino}\n"
        os.pwrite(self._descriptor, text.encode(), 0)

    def release(self) -> None:
        """Free the lock; the file stays, so that no two processes ever lock different files of that
        name.
        """
        if self._descriptor is None:
            return
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)
        self._descriptor = None

    def __enter__(self) -> FolderLock:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()


def holder_of(folder: Path) -> int | None:
    """Return the process that holds the folder's lock; None if none does (0 if it cannot be told
    which).
    """
    try:
        descriptor = os.open(folder / LOCK_FILE, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read_holder(descriptor)[0] or 0
    finally:
        os.close(descriptor)
    return None


def is_open_file(folder: Path, path: Path) -> bool:
    """Tell whether the file at ``path`` is the one that the engine of the folder noted; also True
    where it noted none.
    """
    try:
        lines = (folder / LOCK_FILE).read_bytes().decode("ascii", "replace").split("\n")
    except OSError:
        return True
    if len(lines) < 2 or not lines[1]:
        return True
    try:
        found = path.stat()
    except OSError:
        return False
    return lines[1] == f"{found.st_dev}:{found.st_ino}"


def check_open_file(folder: Path, path: Path) -> None:
    """Raise StoreError where an engine runs on a folder and the file at ``path`` is not the one
    that it has open: what is written there would not reach it.
    """
    pid = holder_of(folder)
    if pid is not None and not is_open_file(folder, path):
        raise StoreError(
            f"{path}: is not the file that process {pid} has open (it was removed or replaced "
            "while that engine runs); nothing was changed; put it back, or leave that engine and "
            "start it again"
        )


def _read_holder(descriptor: int) -> tuple[int | None, str]:
    """Return the process and what it does; an engine says nothing."""
    lines = os.pread(descriptor, 256, 0).decode("ascii", "replace").split("\n")
    pid, work = lines[0].strip(), lines[2] if len(lines) > 2 else ""
    return int(pid) if pid.isdigit() else None, printable(work, 80)
