"""Kill-switches while no engine runs: those that wait for the next start, and what takes them back.

The command inbox keeps what engages one until a start takes it, in order, before anything trades;
so does ``kill.slots``, where the inbox could not be written.
A release takes back what only waits; that of a switch which an earlier run engaged waits as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import msgspec

from tradetui.bootstrap.profile.opened_records import opened_store
from tradetui.bootstrap.profile.profile import profile_at
from tradetui.bootstrap.recorded.journal_part import opened
from tradetui.bootstrap.recorded.newest_run import has_journal, newest
from tradetui.cli.wiring import Place, Row
from tradetui.domain.commands import CommandReply, SetKillSwitch
from tradetui.domain.enums import KillState, Scope
from tradetui.domain.naming import market_named
from tradetui.domain.words import kill_word, scope_text
from tradetui.services.errors import RefusedError, RuntimeProblemError
from tradetui.services.remote import keeps
from tradetui.storage.folder import STATE_DB
from tradetui.storage.inbox import SqliteCommandInbox
from tradetui.storage.instance_store import SqliteInstanceStore
from tradetui.storage.kill_slots import PATIENT, SLOTS_FILE, KillSlots, KillSlotsError, Slot

Switches = dict[tuple[Scope, str], KillState]
Waiting = list[tuple[int, SetKillSwitch]]
"""Numbers and commands, in the order in which a start takes them."""


async def waiting_words(place: Place) -> list[str]:
    """Say which changes of kill-switches wait for a start, in the order in which it takes them."""
    async with opened_store(place, to_read=True) as store:
        waiting = await _waiting(store)
    door = _in_door(profile_at(place).state)
    waiting += [(slot.number, slot.command) for slot in door if not slot.is_held]
    held = [
        f"{scope_text(one.scope, one.key)} {kill_word(one.state)} is held in {SLOTS_FILE} until "
        f"{STATE_DB} takes it ({one.actor}: {one.reason})"
        for one in (slot.command for slot in door if slot.is_held)
    ]
    return held + [
        f"{scope_text(one.scope, one.key)} {_waiting_word(one)} waits for the next start "
        f"({one.actor}: {one.reason})"
        for _, one in waiting
    ]


def _waiting_word(command: SetKillSwitch) -> str:
    return "release" if command.state is KillState.NORMAL else kill_word(command.state)


async def release_later(place: Place, command: SetKillSwitch) -> Row:
    """Take back what waits to engage a switch, and leave the release of one that is engaged.

    Raises RefusedError where there is neither, or where an engine took it in this moment.
    """
    async with opened_store(place) as store:
        waiting = await _waiting(store)
        engaged = {(one.scope, one.key): one.state for one in await store.kill_switches()}
        folder = profile_at(place).state
        door = [slot.command for slot in _in_door(folder)]
        known = [(one.scope, one.key) for one in (*(one for _, one in waiting), *door)]
        scope, key = _named(command, [*engaged, *known])
        same = [(number, one) for number, one in waiting if (one.scope, one.key) == (scope, key)]
        if not same and (scope, key) not in engaged:
            engaged = await asyncio.to_thread(_engaged_in_journal, place)
            scope, key = _named(command, [*engaged, *known])
        now = engaged.get((scope, key))
        by = msgspec.structs.replace(command, key=key, seen=now)
        return await _release(store, by, same, _out_of_door(folder, by))


def _in_door(folder: Path) -> list[Slot]:
    """Return the kill-switches in ``kill.slots`` that the next start takes; raises
    RuntimeProblemError.
    """
    slots = KillSlots(folder, tries=PATIENT)
    try:
        return [slot for slot in slots.read() if slot.is_open] if slots.is_there else []
    except KillSlotsError as error:
        raise RuntimeProblemError(str(error)) from error


def _out_of_door(folder: Path, by: SetKillSwitch) -> list[str]:
    """Take back what waits in ``kill.slots`` over one scope, and say so; raises
    RuntimeProblemError.
    """
    slots, said = KillSlots(folder, tries=PATIENT), []
    for slot in _in_door(folder):
        one = slot.command
        if (one.scope, one.key) != (by.scope, by.key):
            continue
        reply = CommandReply(False, f"taken back by {by.actor}: {by.reason}")
        try:
            slots.answer(slot.number, reply, is_held=False)
        except KillSlotsError as error:
            raise RuntimeProblemError(f"{error}: nothing was released") from error
        word = kill_word(one.state)
        said.append(f"kill {word} ({scope_text(one.scope, one.key)}) is taken out of {SLOTS_FILE}")
    return said


def _named(command: SetKillSwitch, known: Sequence[tuple[Scope, str]]) -> tuple[Scope, str]:
    """Return the switch that is meant; a market may be named by its symbol."""
    if command.scope is not Scope.INSTRUMENT:
        return command.scope, command.key
    markets = [key for scope, key in known if scope is Scope.INSTRUMENT]
    return command.scope, market_named(command.key, markets)


async def _release(
    store: SqliteInstanceStore, command: SetKillSwitch, same: Waiting, said: list[str]
) -> Row:
    """Release one switch, of which ``same`` waits; ``command.seen`` is its state, None: NORMAL.
    ``said`` is what was done already.
    """
    place = scope_text(command.scope, command.key)
    engaging = [(number, one) for number, one in same if one.state is not KillState.NORMAL]
    if command.seen is None and not engaging and not said:
        raise RefusedError(f"no kill-switch is engaged over {place}, none waits. Nothing done.")
    said += [await _taken_back(store, number, one, command) for number, one in engaging]
    if command.seen is not None:
        kill = f"kill {kill_word(command.seen)} ({place})"
        asked = next((one for _, one in same if one.state is KillState.NORMAL), None)
        if asked is None:
            inbox = SqliteCommandInbox(store.database)
            await inbox.post(msgspec.structs.replace(command, is_kept=True))
            said.append(f"no engine runs: {kill} is released at the next start, before it trades")
        else:
            said.append(
                f"the release of {kill} waits for the next start already ({asked.actor}: "
                f"{asked.reason}): nothing to add"
            )
    return {"done": True, "text": "; ".join(said)}


async def _taken_back(
    store: SqliteInstanceStore, number: int, engaging: SetKillSwitch, by: SetKillSwitch
) -> str:
    """Take one command back and say so; raises RefusedError when an engine was quicker."""
    place, word = scope_text(engaging.scope, engaging.key), kill_word(engaging.state)
    inbox = SqliteCommandInbox(store.database)
    if (await inbox.withdraw(number, f"taken back by {by.actor}: {by.reason}")).done:
        raise RefusedError(f"an engine has just engaged kill {word} ({place}); say it again")
    return f"kill {word} ({place}) is taken back: it was not engaged yet"


async def _waiting(store: SqliteInstanceStore) -> Waiting:
    """Return the changes of switches that a start will take, oldest first."""
    legible = await SqliteCommandInbox(store.database).legible()
    return [
        (one.number, one.command)
        for one in legible
        if isinstance(one.command, SetKillSwitch) and keeps(one.command)
    ]


def _engaged_in_journal(place: Place) -> Switches:
    """Return what the newest run had engaged: also what a strategy or the engine itself did."""
    if not has_journal(place):
        return {}
    with opened(place, profile_at(place).state) as reader:
        switches = newest(reader).state.kill_switches
    return {where: switch.state for where, switch in switches.items()}
