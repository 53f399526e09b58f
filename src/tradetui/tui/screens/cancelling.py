"""Cancelling one order."""

from __future__ import annotations

from tradetui.domain.commands import CommandReply
from tradetui.domain.enums import OrderRole
from tradetui.services import operations, order_words
from tradetui.tui.dialogs.base import ConfirmDialog, Facts
from tradetui.tui.dialogs.seen import Seen
from tradetui.tui.screens.asking import Asking
from tradetui.tui.screens.desk import Desk
from tradetui.tui.screens.target import NO_ORDER
from tradetui.tui.widgets.record_lists import order_text


class Cancelling:
    """``x``, ``:cancel``."""

    def __init__(self, screen: Desk, asking: Asking) -> None:
        self._screen = screen
        self._asking = asking
        self._app = screen.console_app

    def cancel(self) -> None:
        """Cancel the selected order of the orders pane; a protective stop needs a typed word."""
        order = self._screen.painter.selected_order()
        if order is None:
            self._asking.refuse(self._app.key_names(NO_ORDER))
            return
        if problem := order_words.not_cancellable(order, order.client_order_id):
            self._asking.refuse(problem)
            return
        if self._asking.is_locked(order.strategy_id):
            return
        is_stop = order.role is OrderRole.STOP_LOSS
        instrument = self._screen.replica.instrument_of(order.instrument_id)

        def facts() -> Facts:
            now = self._screen.replica.orders.get(order.client_order_id, order)
            then = [("then", "the position stands WITHOUT this stop")] if is_stop else []
            return (
                ("order", f"{order.client_order_id} of {order.strategy_id}"),
                ("what", order_text(now, instrument)),
                *then,
            )

        def look() -> tuple[str, ...]:
            now = self._screen.replica.orders.get(order.client_order_id)
            return ("gone",) if now is None else (now.state.value, str(now.filled_quantity))

        async def run(_: str) -> CommandReply:
            return await operations.cancel_order(
                self._app.engine, order.client_order_id, actor=self._app.actor
            )

        self._asking.open(
            ConfirmDialog(
                "CANCEL ORDER", facts, "to cancel the stop" if is_stop else "cancel it?", run,
                place=self._app.place, is_live=self._app.is_live, seen=Seen.take(look),
                typed="CANCEL" if is_stop else "",
            )
        )  # fmt: skip
