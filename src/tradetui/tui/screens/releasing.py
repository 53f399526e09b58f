"""Releasing a kill-switch: which one is meant, and the slow way to let it go."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Final

from tradetui.domain import formatting
from tradetui.domain.commands import CommandReply
from tradetui.domain.enums import Scope
from tradetui.domain.replica import InstanceView, KillView
from tradetui.domain.text import printable
from tradetui.domain.words import SCOPE_WORDS, kill_word, scope_text
from tradetui.services import operations
from tradetui.tui.dialogs.base import ConfirmDialog
from tradetui.tui.dialogs.pick import Item, PickDialog
from tradetui.tui.dialogs.seen import Seen
from tradetui.tui.screens.asking import Asking
from tradetui.tui.screens.desk import Desk
from tradetui.tui.screens.target import NO_ROW

_SWITCHES: Final = "Kill-switches"
_WIDEST_LAST: Final = (
    Scope.STRATEGY,
    Scope.INSTRUMENT,
    Scope.ROUTE,
    Scope.EXECUTION,
    Scope.GLOBAL,
)


def scope_words(kill: KillView) -> str:
    """Name what a kill-switch stops, as its list does: ``global``, ``instance btc-mr``."""
    return scope_text(kill.scope, printable(kill.key, 40))


def spellings(kill: KillView) -> tuple[str, ...]:
    """Return every way to name a switch: with or without its scope, a market by its symbol."""
    if kill.scope is Scope.GLOBAL:
        return ("global", "all", "ALL")
    keys = [kill.key]
    if kill.scope is Scope.INSTRUMENT:
        keys.append(kill.key.rpartition(".")[0])
    words = (SCOPE_WORDS[kill.scope], kill.scope.value)
    return (*keys, *(f"{word}{mark}{key}" for word in words for mark in ": " for key in keys))


class Releasing:
    """``r`` on what a kill-switch stops, ``:release``."""

    def __init__(self, screen: Desk, asking: Asking) -> None:
        self._screen = screen
        self._asking = asking
        self._app = screen.console_app

    @property
    def _kills(self) -> tuple[KillView, ...]:
        return self._screen.replica.header.kills

    @property
    def is_on_switches(self) -> bool:
        """Whether the list of kill-switches has the keys."""
        return self._screen.state.focused_tab() == _SWITCHES

    def over(self, row: InstanceView) -> list[KillView]:
        """Return the kill-switches that stop an instance, its own first, the widest last."""
        covering = [kill for kill in self._kills if self._covers(kill, row)]
        return sorted(covering, key=lambda kill: _WIDEST_LAST.index(kill.scope))

    def _covers(self, kill: KillView, row: InstanceView) -> bool:
        if kill.scope is Scope.ROUTE:
            return self._goes_by(kill.key, row)
        own = {
            Scope.GLOBAL: kill.key,
            Scope.EXECUTION: row.account,
            Scope.STRATEGY: row.strategy_id,
            Scope.INSTRUMENT: row.instrument_id,
        }
        return own[kill.scope] == kill.key

    def _goes_by(self, route_id: str, row: InstanceView) -> bool:
        """Tell whether an instance trades by a route: a row does not name it, its orders do, and
        what stops it does.
        """
        orders = self._screen.replica.orders.values()
        routes = {one.route_id for one in orders if one.strategy_id == row.strategy_id}
        return route_id in routes or f"route {route_id}" in row.state_reason

    def names(self) -> list[str]:
        """Return what ``:release`` may name: each engaged switch as SCOPE:KEY, and its key."""
        kills = self._kills
        whole = [scope_words(one).replace(" ", ":", 1) for one in kills]
        return [*whole, *(one.key for one in kills if one.key)]

    def release(self, name: str = "") -> None:
        """Release the switch that is named, the chosen one of the list, or the only one; with
        several of them ask which.
        """
        kills = self._kills
        if not kills:
            self._asking.refuse("every kill-switch is NORMAL: there is nothing to release")
        elif name:
            self._release_named(name)
        elif self.is_on_switches:
            found = self._screen.selected_row()
            chosen = [] if found is None else [k for k in kills if scope_words(k) == found[2].key]
            if chosen:
                self.ask_which(chosen)
            else:
                self._asking.refuse(self._app.key_names(NO_ROW))
        else:
            self.ask_which(kills)

    def _release_named(self, name: str) -> None:
        """Release ``global``, ``instance:btc-mr``, or a key alone where one switch has it."""
        kills = self._kills
        found = [kill for kill in kills if name in spellings(kill)]
        if found:
            self.ask_which(found)
            return
        words = [scope_words(kill) for kill in kills]
        near = difflib.get_close_matches(name.replace(":", " ", 1), words, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]}?" if near else f"engaged: {', '.join(words[:4])}"
        self._asking.refuse(f"no kill-switch is engaged on {printable(name, 40)}; {hint}")

    def ask_which(self, kills: Sequence[KillView]) -> None:
        """Open the release of the only one; of several, ask which first."""
        if len(kills) == 1:
            self._asking.open(self._dialog(kills[0]))
            return
        by_name = {scope_words(kill): kill for kill in kills}
        items = [
            Item(
                words,
                f"{kill_word(kill.state)} by {printable(kill.actor, 32)} "
                f"{printable(kill.reason, 60)}",
            )
            for words, kill in by_name.items()
        ]
        self._asking.open(
            PickDialog(
                "RELEASE which?", items, lambda words: self._dialog(by_name[words]),
                place=self._app.place, is_live=self._app.is_live,
            )
        )  # fmt: skip

    def _dialog(self, kill: KillView) -> ConfirmDialog:
        """Ask: ``y`` on paper, a typed word and a reason on live."""

        def look() -> tuple[str, ...]:
            place = (kill.scope, kill.key)
            now = next((k for k in self._kills if (k.scope, k.key) == place), None)
            return ("NORMAL",) if now is None else (kill_word(now.state),)

        async def run(reason: str) -> CommandReply:
            why = reason or "released on paper"
            return await operations.release(
                self._app.engine, kill.scope, kill.key, kill.state,
                actor=self._app.actor, reason=why,
            )  # fmt: skip

        since = formatting.timestamp(kill.time)
        reason = printable(kill.reason, 120) or "no reason"
        facts = [
            ("scope", scope_words(kill)),
            ("now", f"{kill_word(kill.state)} since {since} UTC"),
            ("set by", f"{printable(kill.actor, 32)}: {reason}"),
            ("then", "entries are allowed again where nothing else forbids them"),
        ]
        is_live = self._app.is_live
        return ConfirmDialog(
            "RELEASE", facts, "to release" if is_live else "release?", run,
            place=self._app.place, is_live=is_live, seen=Seen.take(look),
            typed="RELEASE" if is_live else "", wants_reason=is_live,
        )  # fmt: skip
