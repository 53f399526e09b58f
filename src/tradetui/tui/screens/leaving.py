"""Leaving the console: what is at stake, and what becomes of the entry orders."""

from __future__ import annotations

from tradetui.domain.enums import InstanceMode
from tradetui.services import order_words
from tradetui.tui.dialogs.quit import QuitDialog, QuitFacts
from tradetui.tui.screens.asking import Asking
from tradetui.tui.screens.desk import Desk


class Leaving:
    """``q`` at the top, ``:quit``."""

    def __init__(self, screen: Desk, asking: Asking) -> None:
        self._screen = screen
        self._asking = asking
        self._app = screen.console_app

    def quit(self) -> None:
        """Ask whether to quit, and what becomes of the entry orders; the past is left at once."""
        app = self._app
        if app.travel is not None:
            app.keep(app.end(None))
            return

        def leave(cancel_entries: bool) -> None:
            app.keep(app.end(cancel_entries))

        self._asking.open(QuitDialog(self._facts, leave, place=app.place, is_live=app.is_live))

    def _facts(self) -> QuitFacts:
        """Look at what is at stake now, as the engine knows it."""
        snapshot = self._app.engine.snapshot()
        orders = [one for one in snapshot.orders if one.is_open and not one.is_shadow]
        entries = sum(order_words.is_entry(order) for order in orders)
        held = tuple(
            f"{row.strategy_id} {self._asking.size_of(row)}"
            for row in snapshot.instances
            if row.position
        )
        active = sum(row.mode is InstanceMode.ACTIVE for row in snapshot.instances)
        return QuitFacts(active, entries, len(orders) - entries, held)
