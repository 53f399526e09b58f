"""The STOP dialog: quick to engage, in four rungs; and the release, which is slow."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from tradetui.domain.commands import CommandReply
from tradetui.domain.formatting import counted
from tradetui.domain.ids import StrategyId
from tradetui.services.operations import StopFigures, StopRung, closing_sizes, stop_change
from tradetui.tui.dialogs.base import (
    Act,
    Close,
    ConfirmDialog,
    Dialog,
    Facts,
    Replace,
    Result,
    Stay,
    cancel_words,
    is_cancel,
)
from tradetui.tui.dialogs.seen import Shown
from tradetui.tui.keymap import Binding
from tradetui.tui.lines import Line, ellipsis, fit
from tradetui.tui.money import money_text

Figures = Callable[[tuple[StrategyId, ...] | None], StopFigures]
"""Looks again, at some instances or (None) at all."""
Stop = Callable[[StopRung, StopFigures], Awaitable[CommandReply]]

_CHANGES: Final = "Tab changes"
_SCOPES: Final = ("this", "marked", "ALL")
_RUNGS: Final = {
    "e": StopRung.EXIT_ONLY,
    "c": StopRung.CANCEL,
    "x": StopRung.CLOSE,
    "h": StopRung.HALT,
}


class StopDialog(Dialog):
    """``e c x h`` engage the rungs; Tab changes the scope; the key that opened it, again, is
    exit-only for all. What it counts is as of now whenever it is drawn.
    """

    title = "STOP"

    def __init__(
        self,
        this: StrategyId | None,
        marked: tuple[StrategyId, ...],
        figures: Figures,
        run: Stop,
        *,
        again: Binding,
        scope: str = "ALL",
        hidden: int = 0,
        place: str,
        is_live: bool,
    ) -> None:
        super().__init__(place=place, is_live=is_live)
        self._targets: dict[str, tuple[StrategyId, ...] | None] = {
            "this": (this,) if this else (),
            "marked": marked,
            "ALL": None,
        }
        self._figures = figures
        self._look()
        self._run = run
        taken = (*_RUNGS, "tab")
        self._again = tuple(
            key for key in again.keys if key not in taken and not is_cancel(key, typing=False)
        )
        self._again_shown = again.shown if again.keys[0] in self._again else ""
        self._scope = scope
        self._hidden = hidden

    def _look(self) -> None:
        self._seen = {name: self._figures(ids) for name, ids in self._targets.items()}

    def body(self, width: int) -> list[Line]:
        self._look()
        seen = self._seen[self._scope]
        unknown = seen.unknown_orders
        lines = [
            _row("scope", self._scope_text(width - 10 - len(_CHANGES) - 2), _CHANGES, width),
            *_wrapped(
                "e", "exit-only  no entry, no increase; exits and stops go on", "at once", width
            ),
            *_wrapped(
                "c",
                f"cancel     e, and cancel {_cancelled(seen)}",
                "y",
                width,
            ),
        ]
        if unknown:
            which = counted(unknown, "unknown order")
            lines += _wrapped("", f"           {which}: watched, cancelled when found", "", width)
        closes = _closed(seen)
        what = closes or "nothing to close"
        lines += _wrapped("x", f"close      c, and {what}", "type CLOSE", width)
        if closes:
            lines.append(_row("", f"           at market, {_value(seen)}", "", width))
        lines += _wrapped(
            "h", "halt       only cancels leave; stops held by us STOP", "type HALT", width
        )
        again, text = self._again_shown, "again: e for ALL" if self._again_shown else ""
        lines.append(
            _row(f"{again} " if again else "", text, cancel_words("cancel", typing=False), width)
        )
        return lines

    def _scope_text(self, room: int) -> str:
        """Write the three scopes, which one is chosen always whole: only the id of the instance is
        cut when there is no room for it.
        """
        this = self._targets["this"]
        names = {
            "this": this[0] if this else "-",
            "marked": self._marked_text(),
            "ALL": f"ALL {len(self._seen['ALL'].instances)}",
        }
        others = sum(len(names[one]) for one in ("marked", "ALL")) + len("> this ")
        gap = 5 if others + len(names["this"]) + 10 <= room else 2
        names["this"] = f"this {ellipsis(names['this'], max(room - others - 2 * gap, 4))}"
        return (" " * gap).join(
            f"> {names[one]}" if one == self._scope else names[one] for one in _SCOPES
        )

    def _marked_text(self) -> str:
        """Say how many are marked, and how many more cannot be seen and are not meant."""
        text = f"marked {len(self._targets['marked'] or ())}"
        return f"{text} ({self._hidden} hidden)" if self._hidden else text

    def key(self, key: str) -> Result:
        if is_cancel(key, typing=False):
            return Close()
        if key == "tab":
            self._scope = _SCOPES[(_SCOPES.index(self._scope) + 1) % len(_SCOPES)]
            return Stay()
        if key in self._again:
            return self._act(StopRung.EXIT_ONLY, "ALL")
        rung = _RUNGS.get(key)
        if rung is None:
            return Stay()
        if not self._seen[self._scope].instances and self._scope != "ALL":
            self.note = f"no instance in scope {self._scope}: Tab changes it"
            return Stay()
        if rung is StopRung.EXIT_ONLY:
            return self._act(rung, self._scope)
        return Replace(self._confirmation(rung))

    def _act(self, rung: StopRung, scope: str) -> Result:
        seen, run = self._seen[scope], self._run
        return Act(lambda: run(rung, seen))

    def _confirmation(self, rung: StopRung) -> Dialog:
        scope, figures, run = self._scope, self._figures, self._run
        targets = self._targets[scope]
        shown = Shown(lambda: figures(targets), lambda then, now: stop_change(rung, then, now))
        typed = {StopRung.CLOSE: "CLOSE", StopRung.HALT: "HALT"}.get(rung, "")

        async def confirmed(_: str) -> CommandReply:
            return await run(rung, shown.answered)

        question = "" if typed else f"{rung.value}: sure?"
        return ConfirmDialog(
            f"STOP: {rung.value}", lambda: _facts(rung, scope, shown.again()), question, confirmed,
            place=self.place, is_live=self.is_live, seen=shown, typed=typed,
        )  # fmt: skip


def _facts(rung: StopRung, scope: str, seen: StopFigures) -> Facts:
    """Say what a rung does, before it is confirmed."""
    names = seen.instances
    who = ", ".join(names) if len(names) <= 6 else f"{len(names)} instances"
    facts = [("scope", f"{scope}: {who or 'none'}")]
    if rung is StopRung.HALT:
        facts.append(("then", "only cancels leave; stops that we hold no longer guard"))
    else:
        facts.append(("cancels", _cancelled(seen)))
    if rung is StopRung.CLOSE:
        closes = _closed(seen)
        facts.append(("closes", f"{closes} at market, {_value(seen)}" if closes else "nothing"))
    return facts


def _value(seen: StopFigures) -> str:
    """Say about how much the closing is, per currency: different ones are never added."""
    sums: dict[str, int | None] = {}
    for position in seen.positions:
        known = sums.get(position.quote, 0)
        sums[position.quote] = (
            None if position.value is None or known is None else known + position.value
        )
    parts = [
        f"{'?' if amount is None else money_text(amount, currency)} {currency}"
        for currency, amount in sums.items()
    ]
    return f"about {', '.join(parts)}"


def _cancelled(seen: StopFigures) -> str:
    """Say how many orders a rung cancels, and how many it leaves; of those whose outcome is unknown
    another line tells.
    """
    stay = counted(seen.kept_orders, "exit stays", "exits stay")
    return f"{counted(seen.entry_orders, 'entry order')}; {stay}"


def _closed(seen: StopFigures) -> str:
    """Say what is sold and bought, each side once: ``sell 0.03350 BTC, 12.40 SOL; buy 5.0 XRP``."""
    sides: dict[str, list[str]] = {}
    for side, size, base in closing_sizes(seen.positions):
        sides.setdefault(side.value.lower(), []).append(f"{size} {base}")
    return "; ".join(f"{side} {', '.join(sizes)}" for side, sizes in sides.items())


def _row(label: str, text: str, keys: str, width: int) -> Line:
    head = "scope     " if label == "scope" else f"{label:<3}" if len(label) <= 1 else label
    room = max(width - len(head) - len(keys) - 1, 0)
    return ((head, "key"), (fit(text, room), "dialog"), (f" {keys}", "key"))


def _wrapped(label: str, text: str, keys: str, width: int) -> list[Line]:
    """Write a rung whose text may be longer than its line; nothing of it may be cut."""
    room = max(width - 4 - len(keys), 12)
    rest, lines = text, []
    while len(rest) > room:
        cut = rest.rfind(" ", 12, room)
        cut = room if cut < 0 else cut
        lines.append(rest[:cut])
        rest = " " * 11 + rest[cut:].lstrip()
    lines.append(rest)
    return [
        _row(label if index == 0 else "", line, keys if index == 0 else " " * len(keys), width)
        for index, line in enumerate(lines)
    ]
