"""The keys that act: each asks what its grade wants, then sends one command with the state seen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from tradetui.domain import formatting
from tradetui.domain.commands import (
    AcknowledgeAlert,
    CommandReply,
    OperatorCommand,
    Reconcile,
    ReloadInstance,
)
from tradetui.domain.enums import InstanceMode, OrderRole
from tradetui.domain.ids import StrategyId
from tradetui.domain.replica import InstanceView, OrderView
from tradetui.domain.text import printable
from tradetui.services import operations, order_words
from tradetui.services.errors import UserError
from tradetui.tui.dialogs.base import ConfirmDialog, Dialog, Result, Run
from tradetui.tui.dialogs.choose import Answer, ChooseDialog
from tradetui.tui.dialogs.seen import Seen
from tradetui.tui.dialogs.text import TextDialog, help_lines
from tradetui.tui.screens.activation import activation_facts
from tradetui.tui.screens.bulk import Bulk
from tradetui.tui.screens.commands import Commands
from tradetui.tui.screens.holds import Holds
from tradetui.tui.screens.leaving import Leaving
from tradetui.tui.screens.playback import Playback
from tradetui.tui.screens.records import RecordActs
from tradetui.tui.screens.releasing import Releasing
from tradetui.tui.screens.stopping import Stopping
from tradetui.tui.screens.target import NO_ORDER, NO_ROW, Targets
from tradetui.tui.widgets.alerts import alert_words, sorted_alerts
from tradetui.tui.widgets.record_lists import order_text

if TYPE_CHECKING:
    from tradetui.tui.screens.main import MainScreen

_UNDO_KEPT: Final = 20
_NOTHING_DONE: Final = (
    "nothing to undo: {undo} takes back a new instance, a delete, a config, a mode"
)


class Acts:
    """One method or table entry per binding id of the acting group."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        self._app = screen.console_app
        self._undo: list[tuple[str, Callable[[], None]]] = []
        self.targets = Targets(screen)
        self.records = RecordActs(screen, self)
        self.holds = Holds(screen, self)
        self.stopping = Stopping(screen, self)
        self.releasing = Releasing(screen, self)
        self.leaving = Leaving(screen, self)
        self.playback = Playback(screen, self)
        self.bulk = Bulk(screen, self)
        self._commands = Commands(screen, self)
        self._run: dict[str, Callable[[], None]] = {
            "stop": self.stopping.stop,
            "power": self.power,
            "activate": self.activate,
            "pause": self.holds.pause,
            "resume": self.holds.resume,
            "edit": self.records.edit,
            "new": self.records.new,
            "cancel": self.cancel,
            "undo": self.undo,
            "slower": lambda: self.playback.speed(-1),
            "faster": lambda: self.playback.speed(1),
            "play": self.playback.play,
            "step": lambda: self.playback.step(1),
            "quit": self.leaving.quit,
            "acknowledge": self.acknowledge,
        }

    @property
    def handled(self) -> frozenset[str]:
        """The binding ids that are acts."""
        return frozenset(self._run)

    def run(self, binding_id: str) -> None:
        """Do what a binding says; while rows are marked, for each of them where it can be."""
        if not self.bulk.run(binding_id):
            self._run[binding_id]()

    def command(self, text: str) -> None:
        """Do what the ``:`` line says."""
        self._commands.run(text)

    def candidates(self, text: str) -> list[str]:
        """Return what the last word of a ``:`` line may be."""
        return self._commands.candidates(text)

    def complete(self, text: str) -> str:
        """Complete what is on the ``:`` line."""
        return self._commands.complete(text)

    # -- shared ----------------------------------------------------------------------------------

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
                self._screen.keys.settle(result)
                self._screen.draw()

        self._app.keep(asked())

    def open(self, dialog: Dialog) -> None:
        """Open a dialog."""
        self._screen.keys.open_dialog(dialog)

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
        """Remember what a dialog about one instance shows."""

        def look() -> tuple[str, ...]:
            row = self._screen.replica.instances.get(strategy_id)
            if row is None:
                return ("gone",)
            return (row.state.value, f"revision {row.revision}", self.held(row))

        return Seen.take(look)

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

    # -- power, activation -----------------------------------------------------------------------

    def power(self, strategy_id: StrategyId | None = None) -> None:
        """Off <-> observe at once; from active: leave, then off, after ``y``."""
        row = self.row(strategy_id)
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
        row = self.row(strategy_id)
        if row is None:
            return
        if row.mode is InstanceMode.OFF:
            self.refuse(
                f"{row.strategy_id} is off: "
                + self._app.key_names("{power} switches it to observe first")
            )
        elif row.mode is InstanceMode.ACTIVE:
            self._leave_active(row, InstanceMode.OBSERVE)
        else:
            self._ask_activation(row)

    def _ask_activation(self, row: InstanceView) -> None:
        instrument = self._screen.replica.instrument_of(row.instrument_id)
        facts = activation_facts(
            row, instrument, self._app.actions.limits(row.strategy_id), self._screen.replica.header
        )
        is_live = self._app.is_live
        self.open(
            ConfirmDialog(
                f"ACTIVATE {row.strategy_id}",
                facts,
                "to activate" if is_live else f"activate {row.strategy_id}?",
                self._mode_run(row, InstanceMode.ACTIVE),
                place=self._app.place,
                is_live=is_live,
                seen=self.seen(row.strategy_id),
                typed=row.strategy_id if is_live else "",
            )
        )

    def _leave_active(self, row: InstanceView, mode: InstanceMode) -> None:
        """``y`` leaves active; with entry orders open it cancels them, and ``l`` leaves them."""
        orders = self._orders(row)
        entries = sum(order_words.is_entry(order) for order in orders)
        title = f"{row.strategy_id}: active -> {mode.value}"
        facts = [
            ("instance", f"{row.account}  {row.symbol}  {row.strategy_type}"),
            ("now", f"{row.state.value}, {self.held(row)}"),
            ("stays", f"the position and {len(orders) - entries} exits and stops"),
        ]
        place, is_live, seen = self._app.place, self._app.is_live, self.seen(row.strategy_id)
        leave, keep = self._mode_run(row, mode), self._mode_run(row, mode, keep_orders=True)
        if not entries:
            question = f"leave active, to {mode.value}?"
            dialog: Dialog = ConfirmDialog(
                title, facts, question, leave, place=place, is_live=is_live, seen=seen
            )
        else:
            what = formatting.counted(entries, "entry order")
            answers = [
                Answer("y", f"cancel {what}, then {mode.value}", lambda: leave("")),
                Answer("l", f"leave {what} open with nobody to manage them, then {mode.value}",
                       lambda: keep("")),
            ]  # fmt: skip
            dialog = ChooseDialog(title, facts, answers, place=place, is_live=is_live, seen=seen)
        self.open(dialog)

    def _orders(self, row: InstanceView) -> list[OrderView]:
        return [
            order
            for order in self._screen.replica.orders.values()
            if order.strategy_id == row.strategy_id and order.is_open and not order.is_shadow
        ]

    def _switch(self, row: InstanceView, mode: InstanceMode) -> None:
        run = self._mode_run(row, mode)
        self.perform(lambda: run(""))

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
                self.can_undo(what, lambda: self._undo_mode(row.strategy_id, mode, row.mode))
            return reply

        return run

    def _undo_mode(self, strategy_id: StrategyId, now: InstanceMode, before: InstanceMode) -> None:
        """Go back the way the keys go: what asked then asks now."""
        row = self.row(strategy_id)
        if row is None:
            return
        if row.mode is not now:
            self.refuse(f"{strategy_id} is {row.mode.value} by now: nothing to undo")
        elif InstanceMode.ACTIVE in (now, before) and now is not InstanceMode.OFF:
            self.activate(strategy_id)
        else:
            self.power(strategy_id)

    # -- orders ----------------------------------------------------------------------------------

    def cancel(self) -> None:
        """Cancel the selected order of the orders pane; a protective stop needs a typed word."""
        order = self._screen.painter.selected_order()
        if order is None:
            self.refuse(self._app.key_names(NO_ORDER))
            return
        if problem := order_words.not_cancellable(order, order.client_order_id):
            self.refuse(problem)
            return
        if self.is_locked(order.strategy_id):
            return
        is_stop = order.role is OrderRole.STOP_LOSS
        instrument = self._screen.replica.instrument_of(order.instrument_id)
        facts = [
            ("order", f"{order.client_order_id} of {order.strategy_id}"),
            ("what", order_text(order, instrument)),
        ]
        if is_stop:
            facts.append(("then", "the position stands WITHOUT this stop"))

        def look() -> tuple[str, ...]:
            now = self._screen.replica.orders.get(order.client_order_id)
            return ("gone",) if now is None else (now.state.value, str(now.filled_quantity))

        async def run(_: str) -> CommandReply:
            return await operations.cancel_order(
                self._app.engine, order.client_order_id, actor=self._app.actor
            )

        self.open(
            ConfirmDialog(
                "CANCEL ORDER", facts, "to cancel the stop" if is_stop else "cancel it?", run,
                place=self._app.place, is_live=self._app.is_live, seen=Seen.take(look),
                typed="CANCEL" if is_stop else "",
            )
        )  # fmt: skip

    # -- the rest --------------------------------------------------------------------------------

    def undo(self) -> None:
        """Undo the last act that can be undone, the way its key would."""
        if not self._undo:
            self.refuse(self._app.key_names(_NOTHING_DONE))
            return
        what, inverse = self._undo.pop()
        self._screen.say(f"undo: {what}")
        inverse()

    def acknowledge(self) -> None:
        """Acknowledge the alert under the cursor of the alerts; elsewhere the one shown first."""
        alerts = sorted_alerts(self._screen.replica.alerts.values())
        if self._screen.state.focused_tab() == "Alerts" and alerts:
            found = self._screen.keys.moves.selected_row()
            alert = next((a for a in alerts if found and a.alert_id == found[2].key), None)
            if alert is None:
                self.refuse(self._app.key_names(NO_ROW))
                return
        else:
            alert = next(iter(alerts), None)
        if alert is None or alert.is_acknowledged:
            self._screen.say("acknowledged already" if alert else "no alert to acknowledge")
            return
        command = AcknowledgeAlert(alert.alert_id, self._app.actor)
        what = f"{alert.strategy_id or ''} {alert_words(alert, self._app.bindings)}".strip()

        async def run() -> CommandReply:
            reply = await self._app.engine.send(command)
            return CommandReply(True, f"acknowledged: {what}") if reply.done else reply

        self.perform(run)

    def reload(self, strategy_id: StrategyId | None = None) -> None:
        """Load an instance anew; without one selected, read the records again."""
        if strategy_id is None and not self._screen.replica.instances:
            self.perform(self.send(Reconcile(self._app.actor)))
            return
        row = self.row(strategy_id)
        if row is None:
            return
        if row.mode is InstanceMode.OFF:
            self.refuse(f"{row.strategy_id} is off: there is nothing to load anew")
            return
        self._app.keep(self._ask_reload(row))

    async def _ask_reload(self, row: InstanceView) -> None:
        """Say what reloading changes, and whether the file passes its check; then ask."""
        facts = [
            ("instance", f"{row.account}  {row.symbol}  {row.strategy_type} {row.file_hash[:8]}"),
            ("now", f"{row.state.value}, {self.held(row)}"),
            *await self._app.actions.reload_facts(row),
            (
                "then",
                (
                    "positions, exits, stops and kept state stay; entry orders are cancelled, "
                    "indicators warm up again"
                ),
            ),
        ]
        command = ReloadInstance(row.strategy_id, row.state, self._app.actor)

        async def run(_: str) -> CommandReply:
            return await self._app.engine.send(command)

        self.open(
            ConfirmDialog(
                f"RELOAD {row.strategy_id}", facts, "load it anew?", run, place=self._app.place,
                is_live=self._app.is_live, seen=self.seen(row.strategy_id),
            )
        )  # fmt: skip
        self._screen.draw()

    def help(self, *, with_ids: bool = False) -> None:
        """Show the keys: of what is focused, then all; with their names in a keys file, too."""
        tab = self._screen.state.focused_tab()
        context = {"Instances": "instances", "Orders": "orders", "Chart": "chart"}.get(tab, "pane")
        lines = help_lines(context, self._app.bindings, with_ids=with_ids)
        self.open(TextDialog("KEYS", lines, place=self._app.place, is_live=self._app.is_live))
