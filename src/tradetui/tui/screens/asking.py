"""What all acts do alike: find whom they mean, ask, send, say it, and remember the way back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from tradetui.domain import formatting
from tradetui.domain.commands import CommandReply, OperatorCommand
from tradetui.domain.ids import StrategyId
from tradetui.domain.replica import InstanceView
from tradetui.domain.text import printable
from tradetui.services.errors import UserError
from tradetui.tui.dialogs.base import Dialog, Result, Run
from tradetui.tui.dialogs.seen import Seen
from tradetui.tui.screens.desk import Desk
from tradetui.tui.screens.target import Targets

_UNDO_KEPT: Final = 20
_NOTHING_DONE: Final = (
    "nothing to undo: {undo} takes back a new instance, a delete, a config, a mode"
)


class Asking:
    """The way from an act to the engine and back to the person."""

    def __init__(self, screen: Desk) -> None:
        self._screen = screen
        self._app = screen.console_app
        self._undo: list[tuple[str, Callable[[], None]]] = []
        self.targets = Targets(screen)

    def perform(self, run: Run) -> None:
        """Do an act; refusals that the services raise become sentences too."""

        async def guarded() -> CommandReply:
            try:
                return await run()
            except UserError as e:
                return CommandReply(False, str(e))

        self._app.perform(guarded)

    def ask(self, run: Callable[[], Awaitable[Result]]) -> None:
        """Ask the services something for the open dialog; its answer says what comes next."""
        dialog = self._screen.dialog

        async def asked() -> None:
            result = await run()
            if self._screen.dialog is dialog:
                self._screen.settle(result)
                self._screen.draw()

        self._app.keep(asked())

    def open(self, dialog: Dialog) -> None:
        """Open a dialog."""
        self._screen.open_dialog(dialog)

    def refuse(self, text: str) -> None:
        """Say why nothing was done."""
        self._screen.say(text, refused=True)

    def can_undo(self, what: str, inverse: Callable[[], None]) -> None:
        """Remember how to undo an act that was done."""
        self._undo = [*self._undo[-_UNDO_KEPT:], (what, inverse)]

    def row(self, strategy_id: StrategyId | None = None) -> InstanceView | None:
        """Return an instance (default: the one under the cursor); says so when there is none, or
        when its keys only look.
        """
        if strategy_id is None:
            found, why = self.targets.pointed()
        else:
            found = self._screen.replica.instances.get(strategy_id)
            why = f"no instance called {printable(strategy_id, 32)}"
        if found is None:
            self.refuse(why)
        elif self.is_locked(found.strategy_id):
            return None
        return found

    def is_locked(self, strategy_id: StrategyId) -> bool:
        """Tell whether the keys of an instance only look; says so."""
        if strategy_id not in self._screen.state.preferences.locked:
            return False
        self.refuse(f"{strategy_id} is locked, its keys only look: :unlock lets them act")
        return True

    def seen(self, strategy_id: StrategyId) -> Seen:
        """Remember what a dialog about one instance shows, its position and orders among it."""

        def look() -> tuple[str, ...]:
            row = self._screen.replica.instances.get(strategy_id)
            return ("gone",) if row is None else (*_standing(row), self.held(row))

        return Seen.take(look)

    def seen_state(self, strategy_id: StrategyId) -> Seen:
        """Remember the state and the record of an instance, for an act that no position and no
        order changes: one that trades all the time could else never be changed or stopped.
        """

        def look() -> tuple[str, ...]:
            row = self._screen.replica.instances.get(strategy_id)
            return ("gone",) if row is None else _standing(row)

        return Seen.take(look)

    def there(self, strategy_id: StrategyId) -> InstanceView | None:
        """Return an instance as it is now, None where it is gone."""
        return self._screen.replica.instances.get(strategy_id)

    def now(self, row: InstanceView) -> InstanceView:
        """Return an instance as it is now; as it was last where it is gone."""
        return self._screen.replica.instances.get(row.strategy_id, row)

    def held(self, row: InstanceView) -> str:
        """Write an instance's position and open orders."""
        orders = formatting.counted(row.orders_open, "order")
        return f"{self.size_of(row)}, {orders}"

    def size_of(self, row: InstanceView) -> str:
        """Write an instance's position."""
        instrument = self._screen.replica.instrument_of(row.instrument_id)
        if instrument is None:
            return "position not known"
        size = formatting.grouped(
            row.position, instrument.size_scale, instrument.size_decimals, signed=True
        )
        return f"{size} {printable(instrument.base, 12)}"

    def send(self, command: OperatorCommand) -> Run:
        """Return the act of sending one command."""
        return lambda: self._app.engine.send(command)

    def undo(self) -> None:
        """Undo the last act that can be undone, the way its key would."""
        if not self._undo:
            self.refuse(self._app.key_names(_NOTHING_DONE))
            return
        what, inverse = self._undo.pop()
        self._screen.say(f"undo: {what}")
        inverse()


def _standing(row: InstanceView) -> tuple[str, ...]:
    return (row.state.value, f"revision {row.revision}")
