"""The keys that act: each asks what its grade wants, then sends one command with the state seen."""

from __future__ import annotations

from collections.abc import Callable

from tradetui.domain.commands import AcknowledgeAlert, CommandReply
from tradetui.tui.dialogs.text import TextDialog, help_lines
from tradetui.tui.screens.asking import Asking
from tradetui.tui.screens.bulk import Bulk
from tradetui.tui.screens.cancelling import Cancelling
from tradetui.tui.screens.desk import Desk
from tradetui.tui.screens.holds import Holds
from tradetui.tui.screens.leaving import Leaving
from tradetui.tui.screens.playback import Playback
from tradetui.tui.screens.records import RecordActs
from tradetui.tui.screens.releasing import Releasing
from tradetui.tui.screens.reloading import Reloading
from tradetui.tui.screens.stopping import Stopping
from tradetui.tui.screens.switching import Switching
from tradetui.tui.screens.target import NO_ROW
from tradetui.tui.widgets.alerts import alert_words, sorted_alerts


class Acts:
    """One method or table entry per binding id of the acting group."""

    def __init__(self, screen: Desk) -> None:
        self._screen = screen
        self._app = screen.console_app
        asking = self.asking = Asking(screen)
        self.records = RecordActs(screen, asking)
        self.releasing = Releasing(screen, asking)
        self.holds = Holds(screen, asking, self.releasing)
        self.stopping = Stopping(screen, asking)
        self.switching = Switching(screen, asking)
        self.cancelling = Cancelling(screen, asking)
        self.reloading = Reloading(screen, asking)
        self.leaving = Leaving(screen, asking)
        self.playback = Playback(screen, asking)
        self.bulk = Bulk(screen, asking)
        self._run: dict[str, Callable[[], None]] = {
            "stop": self.stopping.stop,
            "power": self.switching.power,
            "activate": self.switching.activate,
            "pause": self.holds.pause,
            "resume": self.holds.resume,
            "edit": self.records.edit,
            "new": self.records.new,
            "cancel": self.cancelling.cancel,
            "undo": asking.undo,
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

    def acknowledge(self) -> None:
        """Acknowledge the alert under the cursor of the alerts; elsewhere the one shown first."""
        alerts = sorted_alerts(self._screen.replica.alerts.values())
        if self._screen.state.focused_tab() == "Alerts" and alerts:
            found = self._screen.selected_row()
            alert = next((a for a in alerts if found and a.alert_id == found[2].key), None)
            if alert is None:
                self.asking.refuse(self._app.key_names(NO_ROW))
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

        self.asking.perform(run)

    def help(self, *, with_ids: bool = False) -> None:
        """Show the keys: of what is focused, then all; with their names in a keys file, too."""
        tab = self._screen.state.focused_tab()
        context = {"Instances": "instances", "Orders": "orders", "Chart": "chart"}.get(tab, "pane")
        lines = help_lines(context, self._app.bindings, with_ids=with_ids)
        self.asking.open(
            TextDialog("KEYS", lines, place=self._app.place, is_live=self._app.is_live)
        )
