"""The door for kill-switches: overwritten in place, half written counts for nothing, none lost."""

from __future__ import annotations

import errno
import fcntl
import itertools
import os
import stat
from pathlib import Path

import pytest
from msgspec.structs import replace

from tradetui.domain.commands import CommandReply, SetKillSwitch
from tradetui.domain.enums import KillState, Scope
from tradetui.storage.folder import prepare_folder
from tradetui.storage.kill_slots import SLOT_BYTES, SLOTS, SLOTS_FILE, KillSlots, KillSlotsError

HALT = SetKillSwitch(Scope.GLOBAL, "", KillState.HALTED, None, "op", "enough")
ONE = SetKillSwitch(Scope.STRATEGY, "btc", KillState.REDUCING, None, "op", "chop")
DONE = CommandReply(True, "kill HALTED (global)")


@pytest.fixture
def slots(folder: Path) -> KillSlots:
    prepare_folder(folder)
    times = itertools.count(1)
    made = KillSlots(folder, lambda: next(times))
    made.prepare()
    return made


def test_what_is_left_is_read_answered_and_overwritten_in_place(slots: KillSlots) -> None:
    before = slots.path.stat()
    assert (before.st_size, stat.S_IMODE(before.st_mode)) == (SLOTS * SLOT_BYTES, 0o600)
    assert slots.read() == ()
    number = slots.post(HALT)
    slots.post(ONE)
    assert [slot.command for slot in slots.read()] == [HALT, ONE]
    assert slots.reply_to(number) is None
    slots.answer(number, DONE, is_held=False)
    assert slots.reply_to(number) == DONE
    assert [slot.is_open for slot in slots.read()] == [False, True]
    after = slots.path.stat()
    assert (after.st_ino, after.st_size, after.st_blocks) == (
        before.st_ino,
        before.st_size,
        before.st_blocks,
    )


def test_what_is_held_is_open_until_it_is_kept_elsewhere(slots: KillSlots) -> None:
    slots.hold(HALT, "engaged")
    assert slots.hold(HALT, "engaged") == 1
    slots.settle(Scope.STRATEGY, "btc")
    assert [slot.is_open for slot in slots.read()] == [True]
    slots.settle(Scope.GLOBAL, "")
    assert [slot.is_open for slot in slots.read()] == [False]


def test_the_same_kill_switch_waits_once_and_a_full_door_says_so(slots: KillSlots) -> None:
    assert {slots.post(HALT) for _ in range(SLOTS + 1)} == {1}
    for number in range(SLOTS - 1):
        slots.post(replace(ONE, key=f"i{number}"))
    with pytest.raises(KillSlotsError, match=f"all of its {SLOTS} slots are taken"):
        slots.post(ONE)
    slots.answer(1, DONE, is_held=False)
    slots.post(ONE)
    assert [slot.command for slot in slots.read()][-1] == ONE
    assert len(slots.read()) == SLOTS


def test_a_slot_that_was_half_written_counts_for_nothing(slots: KillSlots) -> None:
    slots.post(HALT)
    whole = slots.path.read_bytes()
    slots.path.write_bytes(whole[:40] + bytes(len(whole) - 40))
    assert slots.read() == ()
    at = whole.index(b"enough")
    slots.path.write_bytes(whole[:at] + b"E" + whole[at + 1 :])
    assert slots.read() == ()
    slots.path.write_bytes(whole)
    assert len(slots.read()) == 1


def test_a_long_reason_is_cut_and_a_name_that_is_too_long_is_refused(slots: KillSlots) -> None:
    slots.post(replace(HALT, reason="x" * 9_000))
    assert slots.read()[0].command.reason.endswith("...")
    with pytest.raises(KillSlotsError, match="too long"):
        slots.post(replace(ONE, key="x" * 9_000))


def test_without_the_file_or_with_a_foreign_one_a_sentence_says_so(folder: Path) -> None:
    prepare_folder(folder)
    slots = KillSlots(folder)
    with pytest.raises(KillSlotsError, match=r"kill\.slots: cannot be used \(No such file"):
        slots.post(HALT)
    (folder / "other").write_bytes(b"")
    (folder / SLOTS_FILE).symlink_to(folder / "other")
    for use in (slots.read, slots.prepare):
        with pytest.raises(KillSlotsError, match="is a symbolic link"):
            use()
    assert (folder / "other").read_bytes() == b""


def test_a_file_that_cannot_be_made_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare_folder(folder)

    def full(descriptor: int, data: bytes, offset: int) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(KillSlotsError, match=r"cannot be made \(No space left on device\)"):
        KillSlots(folder).prepare()


def test_a_file_of_another_size_is_mended_with_what_it_holds(slots: KillSlots) -> None:
    slots.post(HALT)
    os.truncate(slots.path, SLOT_BYTES)
    slots.prepare()
    assert slots.path.stat().st_size == SLOTS * SLOT_BYTES
    assert [slot.command for slot in slots.read()] == [HALT]


def test_a_lock_that_is_held_is_asked_for_as_often_as_told(slots: KillSlots) -> None:
    with slots.path.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        for tries in (1, 2):
            with pytest.raises(KillSlotsError, match="cannot be used"):
                KillSlots(slots.path.parent, tries=tries).read()
    assert slots.read() == ()


def test_what_is_kept_open_is_the_same_wherever_its_folder_goes(
    slots: KillSlots, folder: Path
) -> None:
    slots.keep_open()
    moved = folder.rename(folder.with_name("elsewhere"))
    KillSlots(moved).post(HALT)
    assert [slot.command for slot in slots.read()] == [HALT]
    slots.answer(1, DONE, is_held=True)
    assert KillSlots(moved).reply_to(1) == DONE
    assert slots.is_there
    slots.close()
    slots.close()
    assert not slots.is_there


def test_what_only_reads_opens_the_file_to_read_alone(
    slots: KillSlots, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a disk that is mounted read-only."""
    slots.post(HALT)
    opened = os.open

    def read_only(path: Path, flags: int) -> int:
        if flags & os.O_RDWR:
            raise OSError(errno.EROFS, "Read-only file system")
        return opened(path, flags)

    monkeypatch.setattr(os, "open", read_only)
    assert [slot.command for slot in slots.read()] == [HALT]
    with pytest.raises(KillSlotsError, match="Read-only file system"):
        slots.post(ONE)
