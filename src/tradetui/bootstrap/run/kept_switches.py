"""Kill-switches on their way into ``state.db``, and those that come through the door beside it.

What is engaged is wanted in ``state.db`` until it is there: a file that is locked, full or gone is
tried again at every poll, an alert says so, and meanwhile the switch is held in ``kill.slots``,
where the next start finds it. What a shell leaves there is engaged at the next poll.
"""

from __future__ import annotations

import asyncio
from functools import partial

from tradetui.domain.commands import CommandReply, SetKillSwitch
from tradetui.domain.control import KillSwitchChanged
from tradetui.domain.enums import KillState, Scope, Severity
from tradetui.domain.risk import KillSwitch
from tradetui.domain.words import kill_word, scope_text
from tradetui.ports.store import StoreError
from tradetui.runtime.alerts import Condition
from tradetui.runtime.driver import LiveDriver
from tradetui.runtime.stopping import problem_of
from tradetui.services.remote import Send
from tradetui.storage.instance_store import SqliteInstanceStore
from tradetui.storage.kill_slots import KillSlots, KillSlotsError, Slot

Where = tuple[Scope, str]


class KeptSwitches:
    """Keeps kill-switches in ``state.db``, in the order in which they were set."""

    def __init__(self, store: SqliteInstanceStore, slots: KillSlots) -> None:
        self._store = store
        self._slots = slots
        self._wanted: dict[Where, KillSwitch] = {}
        self._taken: dict[int, None] = {}
        """Slots that this engine has answered and that are still held."""
        self._lock = asyncio.Lock()
        self._driver: LiveDriver | None = None
        self._send: Send | None = None

    def connect(self, driver: LiveDriver, send: Send) -> None:
        """Take the driver that shows what is not kept; ``send`` engages what comes through the
        door.
        """
        self._driver = driver
        self._send = send

    @property
    def driver(self) -> LiveDriver:
        """The driver; only after ``connect``."""
        assert self._driver is not None
        return self._driver

    def prepare(self) -> None:
        """Make the door if there is none; that it cannot be made is said."""
        try:
            self._slots.prepare()
            self._slots.keep_open()
        except KillSlotsError as error:
            text = f"{error}: on a full disk a shell's kill-switch may not reach this engine"
            self.driver.publisher.say(Severity.WARNING, text)

    def close(self) -> None:
        """Let go of the door."""
        self._slots.close()

    async def engage_kept(self) -> None:
        """Engage at a start what was kept, as far as the run before did not leave it so."""
        loop = self.driver.loop
        for switch in await self._store.kill_switches():
            if switch.state is KillState.NORMAL:
                continue
            known = loop.kernel.state.kill_switches.get((switch.scope, switch.key))
            if known is None or known.state is not switch.state:
                event = KillSwitchChanged(
                    switch.scope, switch.key, switch.state, switch.actor, switch.reason
                )
                await self.driver.pump.act(partial(loop.control, event))

    async def keep(self, switch: KillSwitch) -> str:
        """Keep a switch over restarts; return what hinders it yet, empty when it is kept.

        A release is kept or it raises StoreError.
        """
        where = (switch.scope, switch.key)
        if switch.state is KillState.NORMAL:
            async with self._lock:
                await self._keep_release(switch, where)
            return ""
        self._wanted[where] = switch
        return await self._write(where)

    async def keep_again(self) -> None:
        """Try once more to keep what is not kept yet."""
        for where in tuple(self._wanted):
            await self._write(where)

    async def take(self) -> None:
        """Engage what waits in the door, and at a start what is held there; answer each."""
        for slot in self._found():
            if not slot.is_open or slot.number in self._taken:
                continue
            assert self._send is not None
            reply = await self._send(slot.command)
            self._answer(slot, reply, is_held=_where(slot) in self._wanted)

    async def _keep_release(self, switch: KillSwitch, where: Where) -> None:
        """Let go of what the door holds, then record a release; raises StoreError, with all as it
        was, where either cannot be.
        """
        self._settle(where)
        try:
            await self._store.set_kill_switch(switch)
        except StoreError as error:
            if (engaged := self._wanted.get(where)) is not None:
                self._show(engaged, problem_of(error))
            raise
        self._wanted.pop(where, None)
        self.driver.publisher.clear_alert(_alert_id(where))

    async def _write(self, where: Where) -> str:
        """Write a wanted switch into ``state.db``, else hold it in the door; return what hindered
        it.
        """
        async with self._lock:
            switch = self._wanted.get(where)
            if switch is None:
                return ""
            try:
                await self._store.set_kill_switch(switch)
            except StoreError as error:
                problem = problem_of(error)
                self._show(switch, problem)
                return problem
            self._wanted.pop(where)
            self.driver.publisher.clear_alert(_alert_id(where))
            try:
                self._settle(where)
            except KillSlotsError as error:
                # A start takes it once more: the safe side. A release waits for the door.
                self.driver.publisher.say(Severity.WARNING, f"it is in state.db, and {error}")
            return ""

    def _show(self, switch: KillSwitch, problem: str) -> None:
        """Say by an alert what is not kept, and where a start finds it."""
        try:
            number = self._slots.hold(_command(switch), "engaged")
        except KillSlotsError as error:
            beside = f"a start finds it in the journal alone ({error})"
        else:
            self._taken[number] = None
            beside = "a start finds it in the journal and in kill.slots"
        place = scope_text(switch.scope, switch.key)
        text = (
            f"kill {kill_word(switch.state)} ({place}) is engaged, not kept in state.db yet: "
            f"{problem}; tried again each second; {beside}"
        )
        alert_id = _alert_id((switch.scope, switch.key))
        self.driver.publisher.raise_alert(alert_id, Condition(Severity.ALERT, None, text))
        self.driver.publisher.show_header()

    def _settle(self, where: Where) -> None:
        """Let go of what the door holds over a scope; raises KillSlotsError where it cannot be
        changed.
        """
        if any(slot.is_held and _where(slot) == where for slot in self._found()):
            self._slots.settle(*where)

    def _found(self) -> tuple[Slot, ...]:
        """Return what is in the door; nothing where there is none."""
        return self._slots.read() if self._slots.is_there else ()

    def _answer(self, slot: Slot, reply: CommandReply, *, is_held: bool) -> None:
        if is_held:
            self._taken[slot.number] = None
        self._slots.answer(slot.number, reply, is_held=is_held)


def _command(switch: KillSwitch) -> SetKillSwitch:
    return SetKillSwitch(
        switch.scope, switch.key, switch.state, None, switch.actor, switch.reason, False
    )


def _where(slot: Slot) -> Where:
    return slot.command.scope, slot.command.key


def _alert_id(where: Where) -> str:
    return f"kept:{scope_text(*where)}"
