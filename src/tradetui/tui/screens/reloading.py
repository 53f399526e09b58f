"""Loading an instance anew, after saying what that changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tradetui.domain.commands import CommandReply, Reconcile, ReloadInstance
from tradetui.domain.enums import InstanceMode
from tradetui.domain.ids import StrategyId
from tradetui.domain.replica import InstanceView
from tradetui.tui.dialogs.base import WIDTH, ConfirmDialog, Facts
from tradetui.tui.screens.asking import Asking
from tradetui.tui.screens.desk import Desk

_MOST: Final = 140
_THEN: Final = (
    "positions, exits, stops and kept state stay; entry orders are cancelled, "
    "indicators warm up again"
)


def _width(facts: Sequence[tuple[str, str]]) -> int:
    """Return the cells of a dialog that folds no line of the difference where there is room."""
    longest = max((len(text) for _, text in facts), default=0)
    return max(WIDTH, min(longest + len("label     ") + len("|  |"), _MOST))


class Reloading:
    """``:reload``, ``:reload_config``."""

    def __init__(self, screen: Desk, asking: Asking) -> None:
        self._screen = screen
        self._asking = asking
        self._app = screen.console_app

    def reload(self, strategy_id: StrategyId | None = None) -> None:
        """Load an instance anew; without one selected, read the records again."""
        if strategy_id is None and not self._screen.replica.instances:
            self._asking.perform(self._asking.send(Reconcile(self._app.actor)))
            return
        row = self._asking.row(strategy_id)
        if row is None:
            return
        if row.mode is InstanceMode.OFF:
            self._asking.refuse(f"{row.strategy_id} is off: there is nothing to load anew")
            return
        self._app.keep(self._ask_reload(row))

    async def _ask_reload(self, row: InstanceView) -> None:
        """Say what reloading changes, and whether the file passes its check; then ask."""
        found = await self._app.actions.reload_facts(row)
        what = f"{row.account}  {row.symbol}  {row.strategy_type} {row.file_hash[:8]}"

        def facts() -> Facts:
            now = self._asking.now(row)
            return (
                ("instance", what),
                ("now", f"{now.state.value}, {self._asking.held(now)}"),
                *found,
                ("then", _THEN),
            )

        command = ReloadInstance(row.strategy_id, row.state, self._app.actor)

        async def run(_: str) -> CommandReply:
            return await self._app.engine.send(command)

        self._asking.open(
            ConfirmDialog(
                f"RELOAD {row.strategy_id}", facts, "load it anew?", run, place=self._app.place,
                is_live=self._app.is_live, seen=self._asking.seen_state(row.strategy_id),
                width=_width(found),
            )
        )  # fmt: skip
        self._screen.draw()
