"""STOP: its dialog, and the verbs that name what is to stop."""

from __future__ import annotations

import difflib
from typing import Final

from tradetui.domain.commands import CommandReply, SetKillSwitch
from tradetui.domain.enums import KillState, Scope
from tradetui.domain.ids import StrategyId
from tradetui.domain.text import printable
from tradetui.domain.words import kill_word, scope_text
from tradetui.services import operations
from tradetui.tui.dialogs.base import ConfirmDialog
from tradetui.tui.dialogs.seen import Seen
from tradetui.tui.dialogs.stop import StopDialog
from tradetui.tui.screens.asking import Asking
from tradetui.tui.screens.desk import Desk

_ALL: Final = ("all", "ALL", "global")
_CHOSEN: Final = ("this", "marked")
_PREFIXES: Final = {
    "strategy": Scope.STRATEGY,
    "instance": Scope.STRATEGY,
    "account": Scope.EXECUTION,
    "execution": Scope.EXECUTION,
    "market": Scope.INSTRUMENT,
    "instrument": Scope.INSTRUMENT,
    "route": Scope.ROUTE,
}
_CLOSES: Final = ("flatten", "forceexit")
_REDUCES: Final = ("stop", "stopentry")


class Stopping:
    """``!``, ``:stop``, ``:stopentry``, ``:kill``, ``:flatten``, ``:forceexit``."""

    def __init__(self, screen: Desk, asking: Asking) -> None:
        self._screen = screen
        self._asking = asking
        self._app = screen.console_app

    def stop(self) -> None:
        """Open the STOP dialog; ``this`` is the instance under the cursor."""
        this = self._asking.targets.pointed().row
        self._open(None if this is None else this.strategy_id, "ALL")

    def names(self) -> list[str]:
        """Return what may be named behind the verbs."""
        instances = self._screen.replica.instances
        scopes = [
            f"{word}:{key}"
            for word in ("account", "market", "route")
            for key in self._known(_PREFIXES[word])
        ]
        return ["all", *_CHOSEN, *instances, *scopes]

    def stop_named(self, verb: str, name: str) -> None:
        """Open the dialog for what a verb names; a name that is not known stops nothing."""
        word, colon, key = name.partition(":")
        scope = _PREFIXES.get(word) if colon else None
        if not name:
            self.stop()
        elif name in _ALL:
            self._open(self._this(), "ALL")
        elif name in _CHOSEN:
            self._open(self._this(), name)
        elif scope is None or scope is Scope.STRATEGY:
            self._stop_instance(key if scope else name)
        else:
            self._stop_scope(verb, scope, name, key)

    def _this(self) -> StrategyId | None:
        row = self._asking.targets.pointed().row
        return None if row is None else row.strategy_id

    def _stop_instance(self, name: str) -> None:
        if StrategyId(name) in self._screen.replica.instances:
            self._open(StrategyId(name), "this")
        else:
            self._refuse_name(name)

    def _refuse_name(self, name: str) -> None:
        near = difflib.get_close_matches(name, self.names(), n=1)
        hint = f"did you mean {near[0]}?" if near else "all, this, marked, an id, market:BTC/USDT"
        self._asking.refuse(f"nothing is called {printable(name, 40)}, nothing stopped; {hint}")

    def _open(self, this: StrategyId | None, scope: str) -> None:
        marks = self._screen.state.marks(list(self._screen.replica.instances.values()))

        def figures(ids: tuple[StrategyId, ...] | None) -> operations.StopFigures:
            return operations.stop_figures(self._app.engine.snapshot(), ids)

        async def run(rung: operations.StopRung, seen: operations.StopFigures) -> CommandReply:
            replies = await operations.stop(
                self._app.engine, rung, seen, actor=self._app.actor, reason="STOP dialog"
            )
            text = "; ".join(dict.fromkeys(reply.text for reply in replies)) or "nothing to do"
            return CommandReply(all(reply.done for reply in replies), text)

        again = next(one for one in self._app.bindings if one.id == "stop")
        self._asking.open(
            StopDialog(
                this, marks.shown, figures, run, again=again, scope=scope, hidden=len(marks.hidden),
                place=self._app.place, is_live=self._app.is_live,
            )
        )  # fmt: skip

    # -- what is no instance ---------------------------------------------------------------------

    def _known(self, scope: Scope) -> dict[str, str]:
        """Return what a scope may be called here, and its key."""
        replica = self._screen.replica
        if scope is Scope.EXECUTION:
            return {row.account: row.account for row in replica.instances.values()}
        if scope is Scope.ROUTE:
            return {order.route_id: order.route_id for order in replica.orders.values()}
        return {
            row.symbol: row.instrument_id
            for row in replica.instances.values()
            if row.instrument_id.partition(".")[0] == row.symbol
        }

    def _stop_scope(self, verb: str, scope: Scope, name: str, said: str) -> None:
        """Ask to engage the kill-switch of an account, a market or a route."""
        known = self._known(scope)
        key = known.get(said, said if said in known.values() else "")
        if not key:
            self._refuse_name(name)
            return
        if verb in _CLOSES:
            self._asking.refuse(f"{verb} wants all, this, marked or an id: {verb} all")
            return
        now = next(
            (
                k.state
                for k in self._screen.replica.header.kills
                if (k.scope, k.key) == (scope, key)
            ),
            KillState.NORMAL,
        )
        state = KillState.REDUCING if verb in _REDUCES else KillState.HALTED
        self._asking.open(self._engaging(scope, key, now, state))

    def _engaging(self, scope: Scope, key: str, now: KillState, state: KillState) -> ConfirmDialog:
        def look() -> tuple[str, ...]:
            kills = self._screen.replica.header.kills
            found = (k.state for k in kills if (k.scope, k.key) == (scope, key))
            return (kill_word(next(found, KillState.NORMAL)),)

        async def run(_: str) -> CommandReply:
            command = SetKillSwitch(scope, key, state, now, self._app.actor, "STOP of a scope")
            return await self._app.engine.send(command)

        halts = state is KillState.HALTED
        then = (
            "only cancels leave; stops that we hold no longer guard; entry orders are cancelled"
            if halts
            else "no entry, no increase; entry orders are cancelled; exits and stops go on"
        )
        facts = [
            ("scope", scope_text(scope, printable(key, 60))),
            ("now", kill_word(now)),
            ("then", f"{kill_word(state)}: {then}"),
        ]
        return ConfirmDialog(
            f"STOP {printable(key, 40)}", facts, "" if halts else f"{kill_word(state)}: sure?", run,
            place=self._app.place, is_live=self._app.is_live, seen=Seen.take(look),
            typed="HALT" if halts else "",
        )  # fmt: skip
