"""``kill.slots``: a door for kill-switches that needs no room and no database.

The file is made at a start, with its full size written, and from then on only overwritten in place:
so a shell can leave a kill-switch for the engine on a full disk, or with ``state.db`` locked or
gone, and the engine can hold there what ``state.db`` does not take yet. Each of its slots is a line
with a check number, so that what was half written does not count. A file system that never
overwrites in place (btrfs, zfs) may want room even so; then ``KillSlotsError`` is raised and said.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from tradetui.domain.commands import CommandReply, SetKillSwitch
from tradetui.domain.enums import Scope
from tradetui.domain.record import Record
from tradetui.domain.text import printable
from tradetui.ports.store import StoreError
from tradetui.storage.folder import FILE_MODE, check_file

SLOTS_FILE: Final = "kill.slots"
SLOTS: Final = 16
SLOT_BYTES: Final = 4_096
_MAX_REASON: Final = 200
_CHECK_DIGITS: Final = 8
_LOCK_PAUSE: Final = 0.02
PATIENT: Final = 50
"""Tries of a shell: a second."""


class KillSlotsError(StoreError):
    """The slots cannot be read or written; half a sentence with the file."""


class Slot(Record, frozen=True):
    """A kill-switch in the door. ``number`` tells it from every other; ``time`` (ns UTC) is when it
    was left. ``reply`` is the engine's answer, None while it waits. ``is_held``: it is engaged and
    kept nowhere else for certain, so that a start takes it again.
    """

    number: int
    time: int
    command: SetKillSwitch
    reply: CommandReply | None = None
    is_held: bool = False

    @property
    def is_open(self) -> bool:
        """Tell whether a start has to take it."""
        return self.reply is None or self.is_held


_decoder: Final = msgspec.json.Decoder(Slot)


class KillSlots:
    """The slots of one state folder. ``now`` gives the time in ns UTC; ``tries`` is how often the
    file's lock is asked for, 20 ms apart: an engine asks once, and again a second later.
    """

    def __init__(
        self, folder: Path, now: Callable[[], int] = time.time_ns, *, tries: int = 1
    ) -> None:
        self.path = folder / SLOTS_FILE
        self._now = now
        self._tries = tries
        self._kept: int | None = None

    @property
    def is_there(self) -> bool:
        """Tell whether there is a file to read."""
        return self._kept is not None or self.path.exists()

    def keep_open(self) -> None:
        """Hold on to the file as it is now, wherever its folder is moved, until ``close``; raises
        KillSlotsError.
        """
        with self._opened() as descriptor:
            self._kept = os.dup(descriptor)

    def close(self) -> None:
        """Let go of the file."""
        if self._kept is not None:
            os.close(self._kept)
            self._kept = None

    def prepare(self) -> None:
        """Make the file, all of it written, if it is not there; raises KillSlotsError."""
        try:
            if os.path.lexists(self.path):
                check_file(self.path)
                if self.path.stat().st_size == SLOTS * SLOT_BYTES:
                    return
            flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            descriptor = os.open(self.path, flags, FILE_MODE)
            try:
                kept = os.fstat(descriptor).st_size
                os.pwrite(descriptor, bytes(max(SLOTS * SLOT_BYTES - kept, 0)), kept)
                os.ftruncate(descriptor, SLOTS * SLOT_BYTES)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise KillSlotsError(f"{self.path}: cannot be made ({error.strerror})") from error
        except StoreError as error:
            raise KillSlotsError(str(error)) from error

    def post(self, command: SetKillSwitch) -> int:
        """Leave a kill-switch for the engine, or for the next start; return its number."""
        return self._add(command, None, is_held=False)

    def hold(self, command: SetKillSwitch, text: str) -> int:
        """Hold a kill-switch that is engaged and not kept elsewhere yet; return its number."""
        return self._add(command, _bounded(CommandReply(True, text)), is_held=True)

    def read(self) -> tuple[Slot, ...]:
        """Return what is in the slots, oldest first, on a read-only disk too; raises
        KillSlotsError.
        """
        with self._opened(to_read=True) as descriptor:
            found = [slot for slot in _slots(descriptor) if slot is not None]
        return tuple(sorted(found, key=lambda slot: (slot.time, slot.number)))

    def reply_to(self, number: int) -> CommandReply | None:
        """Return the engine's answer, None while it waits; raises KillSlotsError."""
        return next((slot.reply for slot in self.read() if slot.number == number), None)

    def answer(self, number: int, reply: CommandReply, *, is_held: bool) -> None:
        """Answer a slot; what is not held any more may be overwritten. Raises KillSlotsError."""
        with self._opened() as descriptor:
            for place, slot in enumerate(_slots(descriptor)):
                if slot is not None and slot.number == number:
                    _write(
                        descriptor,
                        place,
                        msgspec.structs.replace(slot, reply=_bounded(reply), is_held=is_held),
                    )

    def settle(self, scope: Scope, key: str) -> None:
        """Let go of what was held over one scope: it is kept elsewhere, or released. Raises
        KillSlotsError.
        """
        with self._opened() as descriptor:
            for place, slot in enumerate(_slots(descriptor)):
                if (
                    slot is not None
                    and slot.is_held
                    and (slot.command.scope, slot.command.key) == (scope, key)
                ):
                    _write(descriptor, place, msgspec.structs.replace(slot, is_held=False))

    def _add(self, command: SetKillSwitch, reply: CommandReply | None, *, is_held: bool) -> int:
        reason = printable(command.reason, _MAX_REASON)
        command = msgspec.structs.replace(command, reason=reason)
        with self._opened() as descriptor:
            if not os.fstat(descriptor).st_nlink:
                raise KillSlotsError(f"{self.path}: was removed")
            slots = _slots(descriptor)
            for slot in slots:
                if slot is not None and slot.is_open and _is_same(slot.command, command):
                    return slot.number
            number = max((slot.number for slot in slots if slot is not None), default=0) + 1
            free = [place for place, slot in enumerate(slots) if slot is None or not slot.is_open]
            if not free:
                raise KillSlotsError(f"{self.path}: all of its {SLOTS} slots are taken")
            oldest = min(free, key=lambda place: _age(slots[place]))
            _write(descriptor, oldest, Slot(number, self._now(), command, reply, is_held))
        return number

    @contextmanager
    def _opened(self, *, to_read: bool = False) -> Iterator[int]:
        """Open the file, locked; what goes wrong becomes a KillSlotsError."""
        try:
            descriptor = self._open(to_read=to_read) if self._kept is None else self._kept
            try:
                self._lock(descriptor)
                yield descriptor
            finally:
                fcntl.flock(descriptor, fcntl.LOCK_UN)
                if descriptor != self._kept:
                    os.close(descriptor)
        except OSError as error:
            raise KillSlotsError(f"{self.path}: cannot be used ({error.strerror})") from error
        except KillSlotsError:
            raise
        except StoreError as error:
            raise KillSlotsError(str(error)) from error

    def _open(self, *, to_read: bool) -> int:
        check_file(self.path)
        access = os.O_RDONLY if to_read else os.O_RDWR
        return os.open(self.path, access | os.O_CLOEXEC | os.O_NOFOLLOW)

    def _lock(self, descriptor: int) -> None:
        """Take the file's lock; whoever has it writes one slot. Raises BlockingIOError."""
        for left in range(self._tries - 1, -1, -1):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if not left:
                    raise
                time.sleep(_LOCK_PAUSE)
            else:
                return


def _is_same(one: SetKillSwitch, other: SetKillSwitch) -> bool:
    return (one.scope, one.key, one.state) == (other.scope, other.key, other.state)


def _bounded(reply: CommandReply) -> CommandReply:
    return CommandReply(reply.done, printable(reply.text))


def _age(slot: Slot | None) -> int:
    return 0 if slot is None else slot.number


def _slots(descriptor: int) -> list[Slot | None]:
    """Read every slot; None for one that is empty or half written."""
    whole = os.pread(descriptor, SLOTS * SLOT_BYTES, 0)
    return [_decoded(whole[at : at + SLOT_BYTES]) for at in range(0, len(whole), SLOT_BYTES)]


def _decoded(raw: bytes) -> Slot | None:
    line = raw.partition(b"\n")[0]
    check, _, body = line.partition(b" ")
    if len(check) != _CHECK_DIGITS or check != _check(body):
        return None
    try:
        return _decoder.decode(body)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None


def _check(body: bytes) -> bytes:
    return b"%08x" % zlib.crc32(body)


def _write(descriptor: int, place: int, slot: Slot) -> None:
    """Overwrite a slot; raises OSError for one that is longer than it may be."""
    body = msgspec.json.encode(slot)
    line = _check(body) + b" " + body + b"\n"
    if len(line) > SLOT_BYTES:
        raise OSError(errno.E2BIG, "the kill-switch's names are too long for it")
    os.pwrite(descriptor, line.ljust(SLOT_BYTES, b"\0"), place * SLOT_BYTES)
    os.fdatasync(descriptor)
