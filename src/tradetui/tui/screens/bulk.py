"""Acts on every marked row: each instance by itself, what was refused named."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from tradetui.domain import formatting
from tradetui.domain.commands import CommandReply, SetExitOnly
from tradetui.domain.enums import InstanceMode, InstanceState
from tradetui.domain.ids import StrategyId
from tradetui.domain.replica import InstanceView
from tradetui.services import operations
from tradetui.tui.dialogs.base import ConfirmDialog, Facts, Run
from tradetui.tui.dialogs.choose import Answer, ChooseDialog
from tradetui.tui.screens.asking import Asking
from tradetui.tui.screens.desk import Desk
from tradetui.tui.screens.group import NAMED, One, joined, named, rows_of, seen_of, tried
from tradetui.tui.screens.group_undo import Back, GroupUndo


class Group(NamedTuple):
    """Rows that are acted on together, those among the chosen whose keys only look, and how many
    marked ones are not on the screen.
    """

    label: str
    rows: list[InstanceView]
    locked: list[StrategyId]
    hidden: int = 0


_UNPAUSABLE: Final = (InstanceState.OFF, InstanceState.PAUSED, InstanceState.ERROR)
_HELD: Final = (
    InstanceState.PAUSED,
    InstanceState.HELD,
    InstanceState.ERROR,
    InstanceState.EXIT_ONLY,
)


class Bulk:
    """``p``, ``r``, ``o`` and ``a`` while rows are marked, and their verbs without a name."""

    def __init__(self, screen: Desk, asking: Asking) -> None:
        self._screen = screen
        self._asking = asking
        self._undo = GroupUndo(screen, asking)
        self._app = screen.console_app

    def _group(self, label: str, rows: Iterable[InstanceView]) -> Group:
        """Part the rows whose keys act from those whose keys only look."""
        locked = self._screen.state.preferences.locked
        chosen = sorted(rows, key=lambda row: row.strategy_id)
        return Group(
            label,
            [row for row in chosen if row.strategy_id not in locked],
            [row.strategy_id for row in chosen if row.strategy_id in locked],
        )

    def marked(self) -> Group:
        """Return the marked rows that can be seen, by id."""
        instances = self._screen.replica.instances
        marks = self._screen.state.marks(list(instances.values()))
        group = self._group("marked", [instances[one] for one in marks.shown])
        return group._replace(hidden=len(marks.hidden))

    def run(self, binding_id: str) -> bool:
        """Do a key for every marked row; False when none is marked, the key is not for many, or a
        list has the keys: there the row under its cursor is meant.
        """
        group = self._meant()
        handler = {
            "pause": self.pause,
            "resume": self.resume,
            "power": self.power,
            "activate": self.activate,
        }.get(binding_id)
        if group is None or handler is None:
            return False
        handler(group)
        return True

    def lead(self, mode: InstanceMode) -> bool:
        """Lead every marked row to a mode; False as for a key."""
        group = self._meant()
        if group is None:
            return False
        self._lead(group, mode)
        return True

    def _meant(self) -> Group | None:
        """Return the marked rows; None when none is, or a list has the keys."""
        group = self.marked()
        return group if group.rows and not self._asking.targets.is_list_over_all else None

    def pause(self, group: Group) -> None:
        """Pause every row that runs; where any holds a position or orders, offer exit-only for
        all of them first.
        """
        fit = [row for row in group.rows if row.state not in _UNPAUSABLE]

        async def one(row: InstanceView) -> CommandReply:
            return await operations.pause(self._app.engine, row, actor=self._app.actor)

        paused = self._undo.hold(InstanceState.PAUSED)
        if not any(row.position or row.orders_open for row in fit):
            then = "nobody manages their exits; resting stops stay"
            self._ask("PAUSE", fit, group, then, one, paused)
            return

        async def exit_only(row: InstanceView) -> CommandReply:
            command = SetExitOnly(
                row.strategy_id,
                True,
                self._app.actor,
                self._app.key_names("by key {pause}"),
                row.state,
            )
            return await self._app.engine.send(command)

        entering = [
            row
            for row in fit
            if row.mode is InstanceMode.ACTIVE and row.state is not InstanceState.EXIT_ONLY
        ]
        answers = [
            Answer("p", f"pause all {len(fit)} all the same", self._each("pause", fit, one, paused))
        ]
        if entering:
            what = f"exit-only for the {len(entering)} that may enter"
            held = self._each(
                "exit-only", entering, exit_only, self._undo.hold(InstanceState.EXIT_ONLY)
            )
            answers.insert(0, Answer("e", what, held))
        left_out = _left_out(fit, group)

        def facts() -> Facts:
            now = [self._asking.now(row) for row in fit]
            exits = "no entry and no increase; the strategies go on and manage their exits"
            return (
                *rows_of(self._asking, group.label, now),
                ("hold", _holdings(now)),
                *left_out,
                ("exit-only", exits),
                ("pause", "no ticks: nobody manages their exits; resting stops stay"),
            )

        self._asking.open(
            ChooseDialog(
                f"PAUSE {len(fit)} {group.label}", facts, answers, place=self._app.place,
                is_live=self._app.is_live, seen=seen_of(self._asking, fit),
            )
        )  # fmt: skip

    def pause_all(self) -> None:
        """Pause every instance whose keys act."""
        self.pause(self._group("of all", self._screen.replica.instances.values()))

    def resume_all(self) -> None:
        """Resume every PAUSED instance whose keys act, at once; on live each by itself."""
        if self._app.is_live:
            self._asking.refuse("on live each instance is resumed by itself: r")
            return
        rows = self._screen.replica.instances.values()
        group = self._group("", [row for row in rows if row.state is InstanceState.PAUSED])
        if not group.rows:
            why = f"; locked: {', '.join(group.locked[:NAMED])}" if group.locked else ""
            self._asking.refuse(f"no instance is PAUSED{why}")
            return

        async def one(row: InstanceView) -> CommandReply:
            return await operations.resume(self._app.engine, row, actor=self._app.actor)

        self._asking.perform(self._each("resume", group.rows, one, self._undo.resumed()))

    def resume(self, group: Group) -> None:
        """Resume every marked row that is stopped; on live each is resumed by itself."""
        if self._app.is_live:
            self._asking.refuse("on live each instance is resumed by itself: unmark with Space, r")
            return
        fit = [row for row in group.rows if row.state in _HELD]

        async def one(row: InstanceView) -> CommandReply:
            return await operations.resume(self._app.engine, row, actor=self._app.actor)

        self._ask("RESUME", fit, group, "they run and may enter again", one, self._undo.resumed())

    def power(self, group: Group) -> None:
        """Off -> observe if every marked row is off; else everything that is on goes off."""
        are_off = all(row.mode is InstanceMode.OFF for row in group.rows)
        self._lead(group, InstanceMode.OBSERVE if are_off else InstanceMode.OFF)

    def activate(self, group: Group) -> None:
        """Observe -> active for all; active -> observe if any is active."""
        active = [row for row in group.rows if row.mode is InstanceMode.ACTIVE]
        if active:
            then = "their entry orders are cancelled; positions and stops stay"
            self._switch("OBSERVE", active, group, InstanceMode.OBSERVE, then)
        else:
            self._lead(group, InstanceMode.ACTIVE)

    def _lead(self, group: Group, mode: InstanceMode) -> None:
        """Ask whether every row that is not there shall go to a mode; active needs observe first,
        and on live each instance for itself.
        """
        fit = [row for row in group.rows if row.mode is not mode]
        if mode is InstanceMode.ACTIVE:
            if self._app.is_live:
                self._asking.refuse(
                    "on live each instance is activated by itself: unmark with Space, a"
                )
                return
            fit = [row for row in fit if row.mode is InstanceMode.OBSERVE]
            self._switch("ACTIVATE", fit, group, mode, "they may send entries")
            return
        then = "entry orders of active ones are cancelled; positions and stops stay"
        if mode is InstanceMode.OBSERVE and all(row.mode is InstanceMode.OFF for row in fit):
            then = "they observe"
        self._switch(mode.value.upper(), fit, group, mode, then)

    def _switch(
        self,
        title: str,
        fit: list[InstanceView],
        group: Group,
        mode: InstanceMode,
        then: str,
    ) -> None:
        async def one(row: InstanceView) -> CommandReply:
            return await self._app.actions.set_mode(
                row.strategy_id, mode, seen_revision=row.revision, seen_state=row.state
            )

        self._ask(title, fit, group, then, one, self._undo.mode(mode))

    def _ask(
        self,
        title: str,
        fit: list[InstanceView],
        group: Group,
        then: str,
        one: One,
        back: Back,
    ) -> None:
        """Ask whether something shall be done for some rows; say so where it is for none."""
        if not fit:
            states = ", ".join(f"{row.strategy_id} {row.state.value}" for row in group.rows[:NAMED])
            self._asking.refuse(f"nothing to do: {states}")
            return

        run = self._each(title, fit, one, back)
        left_out = _left_out(fit, group)

        def facts() -> Facts:
            now = [self._asking.now(row) for row in fit]
            return (*rows_of(self._asking, group.label, now), *left_out, ("then", then))

        self._asking.open(
            ConfirmDialog(
                f"{title} {len(fit)} {group.label}", facts, f"{title.lower()} {len(fit)}?",
                lambda _: run(), place=self._app.place, is_live=self._app.is_live,
                seen=seen_of(self._asking, fit),
            )
        )  # fmt: skip

    def _each(self, title: str, fit: list[InstanceView], one: One, back: Back) -> Run:
        """Return the act of doing something for each row, by itself; ``back`` undoes it."""

        async def run() -> CommandReply:
            replies = [(row, await tried(one, row)) for row in fit]
            self._undo.remember(title, [row for row, reply in replies if reply.done], back)
            return joined(title, replies)

        return run


def _left_out(fit: list[InstanceView], group: Group) -> list[tuple[str, str]]:
    """Name what is not touched: marked ones that a filter hides, those whose keys only look, then
    those it does not fit.
    """
    facts = []
    if group.hidden:
        facts.append(("hidden", f"{group.hidden} more marked, hidden by the filter: left alone"))
    if group.locked:
        facts.append(("locked", f"{named(group.locked)}: left alone"))
    if len(fit) < len(group.rows):
        kept = {row.strategy_id for row in fit}
        other = [
            f"{row.strategy_id} {row.state.value}"
            for row in group.rows
            if row.strategy_id not in kept
        ]
        facts.append(("left out", named(other)))
    return facts


def _holdings(fit: list[InstanceView]) -> str:
    """Count what rows hold and have open."""
    positions = formatting.counted(sum(row.position != 0 for row in fit), "position")
    orders = formatting.counted(sum(row.orders_open for row in fit), "open order")
    return f"{positions}, {orders}"
