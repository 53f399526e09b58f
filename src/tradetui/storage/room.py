"""The room on the disk of a state folder, and the reserve that is set aside on it."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path
from typing import Final

from tradetui.storage.folder import FILE_MODE

RESERVE_FILE: Final = "journal.reserve"
RESERVE_BYTES: Final = 16 * 1024 * 1024
"""Room for some thousands of steps: cancels and exits on a disk that others have filled."""


class FolderRoom:
    """Implements ``ports.room.DiskRoom`` with a file of a fixed size in the state folder.

    When the disk is full the file is deleted, and its blocks are what the journal writes on.
    """

    def __init__(self, folder: Path, size: int = RESERVE_BYTES) -> None:
        self._folder = folder
        self._path = folder / RESERVE_FILE
        self._size = size

    @property
    def where(self) -> str:
        return str(self._folder)

    def free(self) -> int | None:
        try:
            return shutil.disk_usage(self._folder).free
        except OSError:
            return None

    def lacking(self) -> int:
        try:
            return max(self._size - self._path.stat().st_size, 0)
        except OSError:
            return self._size

    def release(self) -> bool:
        try:
            self._path.unlink()
        except OSError:
            return False
        return True

    def reserve(self) -> bool:
        try:
            if self._path.stat().st_size == self._size:
                return True
        except FileNotFoundError:
            pass
        except OSError:
            return False
        try:
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            descriptor = os.open(self._path, flags, FILE_MODE)
        except OSError:
            return False
        try:
            os.posix_fallocate(descriptor, 0, self._size)
        except OSError:
            with contextlib.suppress(OSError):
                self._path.unlink()
            return False
        finally:
            os.close(descriptor)
        return True
