"""Switching an instance: off <-> observe at once, to active and from it after a question."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tradetui.domain import formatting
from tradetui.domain.commands import CommandReply
from tradetui.domain.enums import InstanceMode
from tradetui.domain.ids import StrategyId
from tradetui.domain.replica import InstanceView, OrderView
from tradetui.services import order_words
from tradetui.tui.dialogs.base import ConfirmDialog, Dialog, Facts
from tradetui.tui.dialogs.choose import Answer, ChooseDialog
from tradetui.tui.screens.activation import activation_facts
from tradetui.tui.screens.asking import Asking
from tradetui.tui.screens.desk import Desk


class Switching:
    """``o`` and ``a``, ``:off``, ``:observe``, ``:active``."""

    def __init__(self, screen: Desk, asking: Asking) -> None:
        self._screen = screen
        self._asking = asking
        self._app = screen.console_app

    def power(self, strategy_id: StrategyId | None = None) -> None:
        """Off <-> observe at once; from active: leave, then off, after ``y``."""
        row = self._asking.row(strategy_id)
        if row is None:
            return
        if row.mode is InstanceMode.OFF:
            self._switch(row, InstanceMode.OBSERVE)
        elif row.mode is InstanceMode.OBSERVE:
            self._switch(row, InstanceMode.OFF)
        else:
            self._leave_active(row, InstanceMode.OFF)

    def activate(self, strategy_id: StrategyId | None = None) -> None:
        """Observe <-> active; refused while off."""
        row = self._asking.row(strategy_id)
        if row is None:
            return
        if row.mode is InstanceMode.OFF:
            self._asking.refuse(
                f"{row.strategy_id} is off: "
                + self._app.key_names("{power} switches it to observe first")
            )
        elif row.mode is InstanceMode.ACTIVE:
            self._leave_active(row, InstanceMode.OBSERVE)
        else:
            self._ask_activation(row)

    def _ask_activation(self, row: InstanceView) -> None:
        replica, limits = self._screen.replica, self._app.actions.limits(row.strategy_id)

        def facts() -> Facts:
            instrument = replica.instrument_of(row.instrument_id)
            return activation_facts(self._asking.now(row), instrument, limits, replica.header)

        is_live = self._app.is_live
        self._asking.open(
            ConfirmDialog(
                f"ACTIVATE {row.strategy_id}",
                facts,
                "to activate" if is_live else f"activate {row.strategy_id}?",
                self._mode_run(row, InstanceMode.ACTIVE),
                place=self._app.place,
                is_live=is_live,
                seen=self._asking.seen(row.strategy_id),
                typed=row.strategy_id if is_live else "",
            )
        )

    def _leave_active(self, row: InstanceView, mode: InstanceMode) -> None:
        """``y`` leaves active; with entry orders open it cancels them, and ``l`` leaves them. What
        the dialog counts is as of now whenever it is drawn.
        """
        title = f"{row.strategy_id}: active -> {mode.value}"
        has_entries = self._count_entries(row) > 0

        def facts() -> Facts:
            now, entries = self._asking.now(row), self._count_entries(row)
            found = [
                ("instance", f"{row.account}  {row.symbol}  {row.strategy_type}"),
                ("now", f"{now.state.value}, {self._asking.held(now)}"),
                ("stays", _staying(now, len(self._orders(row)) - entries)),
            ]
            if entries and not has_entries:
                found.append(("cancelled", _entries(entries)))
            return found

        place, is_live, seen = (
            self._app.place,
            self._app.is_live,
            self._asking.seen_state(row.strategy_id),
        )
        leave, keep = self._mode_run(row, mode), self._mode_run(row, mode, keep_orders=True)
        if not has_entries:
            question = f"leave active, to {mode.value}?"
            dialog: Dialog = ConfirmDialog(
                title, facts, question, leave, place=place, is_live=is_live, seen=seen
            )
        else:

            def answers() -> list[Answer]:
                what, then = _entries(self._count_entries(row)), f"then {mode.value}"
                open_ones = f"leave {what} open with nobody to manage them"
                return [
                    Answer("y", f"cancel {what}, {then}", lambda: leave("")),
                    Answer("l", f"{open_ones}, {then}", lambda: keep("")),
                ]

            dialog = ChooseDialog(title, facts, answers, place=place, is_live=is_live, seen=seen)
        self._asking.open(dialog)

    def _orders(self, row: InstanceView) -> list[OrderView]:
        return [
            order
            for order in self._screen.replica.orders.values()
            if order.strategy_id == row.strategy_id and order.is_open and not order.is_shadow
        ]

    def _count_entries(self, row: InstanceView) -> int:
        return sum(order_words.is_entry(order) for order in self._orders(row))

    def _switch(self, row: InstanceView, mode: InstanceMode) -> None:
        run = self._mode_run(row, mode)
        self._asking.perform(lambda: run(""))

    def _mode_run(
        self, row: InstanceView, mode: InstanceMode, *, keep_orders: bool = False
    ) -> Callable[[str], Awaitable[CommandReply]]:
        async def run(_: str) -> CommandReply:
            reply = await self._app.actions.set_mode(
                row.strategy_id,
                mode,
                seen_revision=row.revision,
                seen_state=row.state,
                keep_orders=keep_orders,
            )
            if reply.done:
                what = f"{row.strategy_id}: {row.mode.value} -> {mode.value}"
                self._asking.can_undo(
                    what, lambda: self._undo_mode(row.strategy_id, mode, row.mode)
                )
            return reply

        return run

    def _undo_mode(self, strategy_id: StrategyId, now: InstanceMode, before: InstanceMode) -> None:
        """Go back the way the keys go: what asked then asks now."""
        row = self._asking.row(strategy_id)
        if row is None:
            return
        if row.mode is not now:
            self._asking.refuse(f"{strategy_id} is {row.mode.value} by now: nothing to undo")
        elif InstanceMode.ACTIVE in (now, before) and now is not InstanceMode.OFF:
            self.activate(strategy_id)
        else:
            self.power(strategy_id)


def _entries(count: int) -> str:
    return formatting.counted(count, "entry order")


def _staying(row: InstanceView, exits: int) -> str:
    """Say what an instance leaves behind when it leaves active."""
    kept = ["the position"] if row.position else []
    kept += [formatting.counted(exits, "exit or stop", "exits and stops")] if exits else []
    return " and ".join(kept) or "nothing: it is flat, without exits and stops"
