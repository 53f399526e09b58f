"""What stops trading, and lets it go on: exit-only, kill-switches, closing.

To engage is quick and covers what appears later; what a kill-switch stops, only its release lifts.
What stops holds in the engine at once, whatever cannot be written; the answer says what could not
be. What releases is recorded first, in ``state.db`` and then in the journal, and refused otherwise.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from tradetui.core.risk.kill_switches import strictest
from tradetui.domain import commands
from tradetui.domain.control import (
    CancelEntriesRequested,
    CloseRequested,
    ExitOnlyChanged,
    KillSwitchChanged,
)
from tradetui.domain.enums import InstanceState, KillState, OrderRole, OrderState, Scope
from tradetui.domain.formatting import counted
from tradetui.domain.ids import StrategyId, is_shadow
from tradetui.domain.risk import KillSwitch
from tradetui.domain.text import printable
from tradetui.domain.words import kill_word, scope_text
from tradetui.engine.step_loop import StepLoop
from tradetui.ports.store import StoreError
from tradetui.runtime.act_checks import ActChecks, Refused
from tradetui.runtime.acting import Acting
from tradetui.runtime.closings import CLOSED

KeepKillSwitch = Callable[[KillSwitch], Awaitable[str]]
"""Keeps a kill-switch over restarts. Of one that is engaged it returns what hinders it yet, empty
when it is kept, and goes on trying; a release that cannot be kept raises StoreError."""

Now = Callable[[], int]

_MAX_REASON: Final = 200
_NOT_RELEASED: Final = "the kill-switch is NOT released and holds"


class Stopping:
    """The acts of the STOP dialog, of ``kill``, ``release`` and ``flatten``."""

    def __init__(
        self,
        loop: StepLoop,
        checks: ActChecks,
        acting: Acting,
        now: Now,
        keep_kill_switch: KeepKillSwitch | None = None,
    ) -> None:
        self._loop = loop
        self._checks = checks
        self._acting = acting
        self._now = now
        self.keep_kill_switch = keep_kill_switch

    async def set_exit_only(self, command: commands.SetExitOnly) -> str:
        """Allow instances exits only, or lift that; what a kill-switch stops stays stopped."""
        sid, reason = command.strategy_id, shortened(command.reason)
        if sid is not None:
            self._checks.check_seen(sid, command.seen)
            self._checks.check_running(sid)
            if not command.exit_only:
                self._check_own(sid)
        targets = self._targets(sid)
        changes = [
            ExitOnlyChanged(one, command.exit_only, command.actor, reason) for one in targets
        ]
        if command.exit_only:
            late = await self._acting.engage(*changes)
            return f"{names(targets)} exit-only{_not_durable(late)}"
        await self._acting.control(*changes)
        still = [one for one in targets if self._is_exit_only(one)]
        if not still:
            return f"{names(targets)} may enter again"
        why = self._loop.kernel.status_of(still[0]).exit_only
        return f"{names(still)} may enter again once this is released: {why}"

    def _check_own(self, sid: StrategyId) -> None:
        """Raise Refused for an instance that only a kill-switch allows exits only."""
        if self._is_exit_only(sid) and not self._loop.kernel.state.instances[sid].exit_only:
            why = self._loop.kernel.status_of(sid).exit_only
            raise Refused(f"{sid} is stopped by {why}; release that. Nothing done.")

    def _is_exit_only(self, sid: StrategyId) -> bool:
        return self._checks.state_of(sid) is InstanceState.EXIT_ONLY

    def _targets(self, strategy_id: StrategyId | None) -> list[StrategyId]:
        if strategy_id is not None:
            return [strategy_id]
        running = sorted(self._loop.kernel.state.instances)
        if not running:
            raise Refused("no instance is running")
        return running

    async def set_kill_switch(self, command: commands.SetKillSwitch) -> str:
        """Engage or release a kill-switch, and keep it over restarts.

        To engage never fails for want of what it is written on; the answer says what is not yet.
        """
        scope = command.scope
        key = self._checks.key_of(scope, command.key)
        now = self._switch_state(scope, key)
        if command.seen is not None and now is not command.seen:
            raise Refused(
                f"changed while you looked: {kill_word(command.seen)} -> {kill_word(now)}. "
                "Nothing done."
            )
        if command.state is now is KillState.NORMAL:
            raise Refused("the kill-switch is NORMAL: there is nothing to release")
        if command.state is KillState.NORMAL and not command.reason.strip():
            raise Refused("to release the kill-switch, say why")
        reason = shortened(command.reason)
        change = KillSwitchChanged(
            scope, key, command.state, command.actor, reason, command.cancel_entries
        )
        if command.state is KillState.NORMAL:
            await self._release(change)
            unwritten = ""
        else:
            late = await self._acting.engage(change)
            unwritten = _unwritten(late, await self._keep(change))
        return f"kill {kill_word(command.state)} ({scope_text(scope, key)}){unwritten}"

    async def _release(self, change: KillSwitchChanged) -> None:
        """Record a release, then let it happen; raises Refused, with the switch still engaged,
        where it cannot be recorded or the switch was changed meanwhile.
        """
        scope, key = change.scope, change.key
        engaged = self._loop.kernel.state.kill_switches[scope, key]
        if self._acting.is_stalled:
            raise Refused(f"{_NOT_RELEASED}: the journal cannot be written. Nothing done.")
        try:
            await self._keep(change)
        except StoreError as e:
            raise Refused(
                f"{_NOT_RELEASED}: it cannot be recorded ({problem_of(e)}). Nothing done."
            ) from e
        is_same = self._loop.kernel.state.kill_switches.get((scope, key)) == engaged
        if not is_same or self._acting.is_stalled:
            await self._keep_on(self._loop.kernel.state.kill_switches.get((scope, key)))
            why = "the journal cannot be written" if is_same else "it was changed meanwhile"
            raise Refused(f"{_NOT_RELEASED}: {why}. Nothing done.")
        lifted = self._lifted(scope, key, change.actor, change.reason)
        await self._acting.control(change, *lifted)

    async def _keep_on(self, engaged: KillSwitch | None) -> None:
        """Keep a switch again whose release did not come about."""
        if engaged is not None and self.keep_kill_switch is not None:
            await self.keep_kill_switch(engaged)

    def _switch_state(self, scope: Scope, key: str) -> KillState:
        known = self._loop.kernel.state.kill_switches.get((scope, key))
        return KillState.NORMAL if known is None else known.state

    def _lifted(self, scope: Scope, key: str, actor: str, reason: str) -> list[ExitOnlyChanged]:
        """Return what lifts the instances that the closing left exit-only which engaged a switch:
        one act, one release.
        """
        state = self._loop.kernel.state
        closed = f"{CLOSED}{state.kill_switches[scope, key].reason}"
        return [
            ExitOnlyChanged(sid, False, actor, reason)
            for sid, instance in sorted(state.instances.items())
            if instance.exit_only == closed and (scope, key) in ((Scope.GLOBAL, ""), _own(sid))
        ]

    async def _keep(self, change: KillSwitchChanged) -> str:
        """Keep a switch; return what hinders it yet. A release raises StoreError instead."""
        if self.keep_kill_switch is None:
            return ""
        return await self.keep_kill_switch(
            KillSwitch(
                change.scope, change.key, change.state, change.actor, change.reason, self._now()
            )
        )

    async def cancel_entries(self, command: commands.CancelEntries) -> str:
        """Cancel the entry orders of one instance, or of all."""
        if command.strategy_id is not None:
            self._checks.state_of(command.strategy_id)
        late = await self._acting.engage(CancelEntriesRequested(command.strategy_id, command.actor))
        whose = command.strategy_id or "all"
        return f"entry orders of {whose} cancelled; exits and stops stay{_not_durable(late)}"

    async def close_position(self, command: commands.ClosePosition) -> str:
        """Stop entries, cancel those that work, then close what is held: one act, in this order.

        Raises Refused for positions that a HALTED kill-switch keeps from being closed, or that
        cannot be closed while the journal is stalled, after all the rest was done.
        """
        target, actor = command.strategy_id, command.actor
        scope, key = _own(target)
        self._checks.key_of(scope, key)
        reason = shortened(command.reason) or f"closed by {actor}"
        held, kept = self._held(target)
        entries = self._entries(target)
        is_new = self._switch_state(scope, key) is KillState.NORMAL
        switch = KillSwitchChanged(scope, key, KillState.REDUCING, actor, reason)
        first = switch if is_new else CancelEntriesRequested(target, actor, reason)
        is_stalled = self._acting.is_stalled
        closings = [] if is_stalled else self._closings(held, actor, reason)
        late = await self._acting.engage(first, *closings)
        unwritten = _unwritten(late, await self._keep(switch) if is_new else "")
        word = kill_word(self._switch_state(scope, key))
        done = f"kill {word} ({scope_text(scope, key)}), {_cancelled(entries)}{unwritten}"
        if is_stalled and (held or kept):
            raise Refused(
                f"{done}; NOT closed: {counted(sum((held | kept).values()), 'position')} of "
                f"{names([*held, *kept])}: say it again when the journal can be written"
            )
        if kept:
            raise Refused(
                f"{done}; NOT closed: {counted(sum(kept.values()), 'position')} of "
                f"{names(list(kept))}: a kill-switch is HALTED and lets only cancels leave"
            )
        if not held:
            return f"{done}; no position to close"
        positions = counted(sum(held.values()), "position")
        return f"{done}; closing {positions} of {names(list(held))} at market"

    def _closings(
        self, held: dict[StrategyId, int], actor: str, reason: str
    ) -> list[CloseRequested]:
        order_ids = self._loop.host.order_ids
        return [
            CloseRequested(
                sid,
                tuple(order_ids.next_id() for _ in range(count)),
                actor,
                f"{CLOSED}{reason}",
            )
            for sid, count in held.items()
        ]

    def _held(
        self, target: StrategyId | None
    ) -> tuple[dict[StrategyId, int], dict[StrategyId, int]]:
        """Count the positions by instance: those that can be closed, and those of instances which
        a HALTED switch keeps.
        """
        state = self._loop.kernel.state
        counts: dict[StrategyId, int] = {}
        halted: dict[StrategyId, None] = {}
        for (sid, route_id, instrument_id), position in sorted(state.positions.items()):
            if target not in (None, sid) or not position.quantity or is_shadow(route_id):
                continue
            counts[sid] = counts.get(sid, 0) + 1
            scopes = (
                (Scope.GLOBAL, ""),
                (Scope.EXECUTION, str(state.routes[route_id].execution_id)),
                (Scope.ROUTE, str(route_id)),
                (Scope.STRATEGY, str(sid)),
                (Scope.INSTRUMENT, str(instrument_id)),
            )
            switch = strictest(state, scopes)
            if switch is not None and switch.state is KillState.HALTED:
                halted[sid] = None
        held = {sid: count for sid, count in counts.items() if sid not in halted}
        return held, {sid: counts[sid] for sid in halted}

    def _entries(self, target: StrategyId | None) -> int:
        """Count the entry orders that will be asked to end."""
        return sum(
            order.terms.role is OrderRole.ENTRY
            and order.state is not OrderState.CANCEL_PENDING
            and target in (None, order.terms.strategy_id)
            and not is_shadow(order.terms.route_id)
            for order in self._loop.kernel.state.open_orders.values()
        )


def names(targets: Sequence[StrategyId]) -> str:
    """Name one instance, or count several."""
    return targets[0] if len(targets) == 1 else f"{len(targets)} instances"


def shortened(reason: str) -> str:
    """Return a person's reason as it is kept."""
    return printable(reason.strip(), _MAX_REASON)


def problem_of(error: StoreError) -> str:
    """Return what cannot be written and why, without what to do about it."""
    return str(error).partition(";")[0]


def _not_durable(late: str) -> str:
    """Say of a stop that it holds and is not in the journal yet; empty when it is."""
    return f"; it holds, the journal has it with its first commit ({late})" if late else ""


def _unwritten(late: str, hindrance: str) -> str:
    """Say what does not have a kill-switch yet that is engaged; empty when all have it."""
    if not hindrance:
        return _not_durable(late)
    where = "" if late else "; the journal has it"
    return f"{_not_durable(late)}; it is engaged, not kept in state.db yet: {hindrance}{where}"


def _own(strategy_id: StrategyId | None) -> tuple[Scope, str]:
    """Return the scope of one instance, or of all."""
    return (Scope.GLOBAL, "") if strategy_id is None else (Scope.STRATEGY, strategy_id)


def _cancelled(entries: int) -> str:
    what = counted(entries, "entry order", "entry orders")
    return f"{what} cancelled" if entries else "no entry order open"
