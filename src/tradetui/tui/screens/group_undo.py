"""The way back from an act on several instances: one question for all that can be taken back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NamedTuple

from tradetui.domain.commands import CommandReply, SetExitOnly
from tradetui.domain.enums import InstanceMode, InstanceState
from tradetui.domain.replica import InstanceView
from tradetui.services import operations
from tradetui.tui.dialogs.base import ConfirmDialog, Facts
from tradetui.tui.screens.asking import Asking
from tradetui.tui.screens.desk import Desk
from tradetui.tui.screens.group import joined, named, rows_of, seen_of, tried

_STOPPED: Final = (InstanceState.OFF, InstanceState.PAUSED, InstanceState.ERROR)


class Step(NamedTuple):
    """What takes the act back for one instance: what becomes of it, and how."""

    row: InstanceView
    then: str
    run: Callable[[], Awaitable[CommandReply]]


Back = Callable[[InstanceView, InstanceView], Step | str]
"""From an instance as it was before and as it is to the step back, or why there is none."""


class GroupUndo:
    """Remembers the way back of acts on many; what lets an instance enter again asks as its own
    key does, and on live nothing lets several enter at once.
    """

    def __init__(self, screen: Desk, asking: Asking) -> None:
        self._screen = screen
        self._asking = asking
        self._app = screen.console_app

    def remember(self, title: str, before: Sequence[InstanceView], back: Back) -> None:
        """Remember an act that was done for some instances."""
        if before:
            what = f"{title.lower()} {named([row.strategy_id for row in before])}"
            self._asking.can_undo(what, lambda: self._ask(title, what, before, back))

    def _ask(self, title: str, what: str, before: Sequence[InstanceView], back: Back) -> None:
        steps: list[Step] = []
        cannot: list[str] = []
        is_early = False
        locked = self._screen.state.preferences.locked
        for row in before:
            now = self._asking.there(row.strategy_id)
            if now is None or row.strategy_id in locked:
                found: Step | str = "is gone" if now is None else "is locked"
            else:
                found = back(row, now)
                is_same = (now.state, now.revision) == (row.state, row.revision)
                is_early = is_early or (is_same and isinstance(found, str))
            if isinstance(found, str):
                cannot.append(f"{row.strategy_id} {found}")
            else:
                steps.append(found)
        if is_early and not steps:
            self.remember(title, before, back)
            undo = self._app.key_names("{undo} again in a moment undoes it")
            self._asking.refuse(f"{what}: not in force yet: {undo}")
        elif not steps:
            self._asking.refuse(f"nothing to undo: {named(cannot)}")
        else:
            self._open(title, steps, cannot)

    def _open(self, title: str, steps: Sequence[Step], cannot: Sequence[str]) -> None:
        async def run(_: str) -> CommandReply:
            replies = []
            for step in steps:

                async def one(_: InstanceView, step: Step = step) -> CommandReply:
                    return await step.run()

                replies.append((step.row, await tried(one, step.row)))
            return joined(f"undo {title}", replies)

        def facts() -> Facts:
            now = [self._asking.now(step.row) for step in steps]
            found = rows_of(self._asking, "back", now)
            found += [("stays", named(cannot))] if cannot else []
            for then in dict.fromkeys(step.then for step in steps):
                ids = [step.row.strategy_id for step in steps if step.then == then]
                found.append(("then", f"{named(ids)}: {then}"))
            return found

        self._asking.open(
            ConfirmDialog(
                f"UNDO {title} {len(steps)}", facts, f"undo {title.lower()} of {len(steps)}?", run,
                place=self._app.place, is_live=self._app.is_live,
                seen=seen_of(self._asking, [step.row for step in steps]),
            )
        )  # fmt: skip

    def mode(self, done: InstanceMode) -> Back:
        """Return the way back from a mode. From off it leads to observe at the most: one that was
        active is activated by its own key, as after a single undo.
        """

        def back(before: InstanceView, now: InstanceView) -> Step | str:
            if now.mode is not done:
                return f"is {now.mode.value} by now"
            is_activation = before.mode is InstanceMode.ACTIVE
            if is_activation and done is InstanceMode.OBSERVE and self._app.is_live:
                return self._app.key_names("is activated by itself on live: {activate}")
            to = before.mode
            then = {
                InstanceMode.OFF: "off; positions and stops stay",
                InstanceMode.OBSERVE: "observe",
                InstanceMode.ACTIVE: "active, may send entries",
            }[to]
            if is_activation and done is InstanceMode.OFF:
                to = InstanceMode.OBSERVE
                then = self._app.key_names("observe, not active as before: {activate} does that")
            elif done is InstanceMode.ACTIVE:
                then = "observe; their entry orders are cancelled, positions and stops stay"

            async def run() -> CommandReply:
                return await self._app.actions.set_mode(
                    now.strategy_id, to, seen_revision=now.revision, seen_state=now.state
                )

            return Step(now, then, run)

        return back

    def hold(self, done: InstanceState) -> Back:
        """Return the way back from a pause or from exit-only."""

        def back(_: InstanceView, now: InstanceView) -> Step | str:
            if now.state is not done:
                return f"is {now.state.value} by now"
            if self._app.is_live:
                return self._app.key_names("is resumed by itself on live: {resume}")

            async def run() -> CommandReply:
                return await operations.resume(self._app.engine, now, actor=self._app.actor)

            return Step(now, "runs and may enter again", run)

        return back

    def resumed(self) -> Back:
        """Return the way back from a resume: the hold or the error of an engine does not return."""

        def back(before: InstanceView, now: InstanceView) -> Step | str:
            if now.state in _STOPPED or now.state is before.state:
                return f"is {now.state.value} by now"
            if before.state is InstanceState.PAUSED:

                async def pause() -> CommandReply:
                    return await operations.pause(self._app.engine, now, actor=self._app.actor)

                return Step(now, "paused: nobody manages exits; resting stops stay", pause)
            if before.state is InstanceState.EXIT_ONLY:
                reason = self._app.key_names("by key {undo}")
                command = SetExitOnly(now.strategy_id, True, self._app.actor, reason, now.state)
                return Step(now, "exit-only: no entry and no increase", self._asking.send(command))
            return f"was {before.state.value}, which only the engine sets"

        return back
