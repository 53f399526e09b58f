"""Which instance a key means: the selected one, or that of the row under the cursor of a list."""

from __future__ import annotations

from typing import Final, NamedTuple

from tradetui.domain.ids import StrategyId
from tradetui.domain.replica import InstanceView
from tradetui.domain.text import printable
from tradetui.tui.screens.desk import Desk

NO_ROW: Final = "no row is chosen: {down} chooses one"
NO_ORDER: Final = (
    "{cancel} cancels the order selected in an orders pane: "
    "{next_tab} or {screen_orders} goes there"
)
_NO_INSTANCE: Final = "this row is of no instance: {screen_main} goes to the instances"


class Target(NamedTuple):
    """An instance, or why there is none."""

    row: InstanceView | None
    why: str = ""


class Targets:
    """Resolves what a person points at; what is selected elsewhere is never meant."""

    def __init__(self, screen: Desk) -> None:
        self._screen = screen

    @property
    def is_list_over_all(self) -> bool:
        """Whether a list over all instances has the keys, so that its row says which is meant."""
        return self._screen.state.focus == "lower"

    def pointed(self) -> Target:
        """Return the instance under the cursor."""
        if self.is_list_over_all:
            return self._of_list()
        painter = self._screen.painter
        found = painter.selected
        if found is None:
            return Target(None, "no instance selected")
        if painter.is_selected_hidden:
            goes = self._screen.console_app.key_names("{down} chooses, Esc clears")
            why = f"{found.strategy_id} is not in the filtered table: {goes}"
            return Target(None, why)
        return Target(found)

    def _of_list(self) -> Target:
        found = self._screen.selected_row()
        if found is None:
            return Target(None, self._screen.console_app.key_names(NO_ROW))
        tab, _, row = found
        instances = self._screen.replica.instances
        if tab == "Markets":
            on_it = [one for one in instances.values() if one.instrument_id == row.key]
            if len(on_it) == 1:
                return Target(on_it[0])
            names = ", ".join(one.strategy_id for one in on_it[:4]) or "none"
            goes = self._screen.console_app.key_names("{screen_main} goes there")
            return Target(None, f"{len(on_it)} instances trade this market: {names}; {goes}")
        if not row.strategy_id:
            return Target(None, self._screen.console_app.key_names(_NO_INSTANCE))
        owner = instances.get(StrategyId(row.strategy_id))
        gone = f"no instance called {printable(row.strategy_id, 32)} is there any more"
        return Target(owner, "" if owner is not None else gone)
