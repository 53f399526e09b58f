"""Why: the chain of the selected row, why an instance did not trade, what happened meanwhile."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from tradetui.domain.ids import StrategyId
from tradetui.domain.replica import InstanceView
from tradetui.domain.text import printable
from tradetui.tui.actions import Explainer
from tradetui.tui.dialogs.text import TextDialog
from tradetui.tui.lines import text_line
from tradetui.tui.screens.desk import Desk
from tradetui.tui.screens.state import TEXT_TABS
from tradetui.tui.widgets import reports

ABSENCE_SECONDS: Final = 900.0
"""After so long without a key the first one shows what happened meanwhile, and does nothing else.
"""
_NOTHING: Final = "nothing to explain: {why} explains an order, a fill, a decision, an instance"
_SUBJECTS: Final = ("Orders", "Fills", "Decisions", "Journal")


class Explaining:
    """``w``, and the first key after an absence."""

    def __init__(self, screen: Desk) -> None:
        self._screen = screen

    @property
    def _explainer(self) -> Explainer | None:
        return self._screen.console_app.explainer

    def why(self) -> None:
        """Explain the chosen row; on an instance, why it did not trade."""
        subject = self._subject()
        row = None if subject else self._instance()
        if not subject and row is None:
            return
        if row is not None or self._explainer is None:
            self.why_not(row)
        else:
            self.why_of(subject)

    def why_not(self, row: InstanceView | None) -> None:
        """Explain why an instance did not trade."""
        explainer = self._explainer
        if explainer is None or row is None:
            self._from_the_screen(row)
            return
        self._show(f"WHY NO TRADE {row.strategy_id}", lambda: explainer.why_not(row))

    def why_of(self, subject: str) -> None:
        """Explain what was typed: an order, a trade, a step."""
        explainer = self._explainer
        if explainer is None or not subject:
            self.why()
        else:
            self._show(f"WHY {printable(subject, 40)}", lambda: explainer.why(subject))

    def since(self, moment: str | None) -> None:
        """Show what happened since a moment, or since a person was last seen."""
        explainer = self._explainer
        if explainer is None:
            self._screen.say("there is no journal to read here", refused=True)
            return
        self._show("SINCE", lambda: explainer.since(moment))

    def is_back(self, idle_seconds: float, binding_id: str) -> bool:
        """Tell whether a key is the first after an absence; then it shows what happened.

        STOP is never kept from anybody.
        """
        is_away = ABSENCE_SECONDS < idle_seconds < float("inf")
        if (
            not is_away
            or binding_id == "stop"
            or self._explainer is None
            or self._screen.dialog is not None
        ):
            return False
        self.since(None)
        self._screen.say("you were away: that key did nothing but show what happened")
        return True

    def _instance(self) -> InstanceView | None:
        """Return the instance to explain: the selected one, or that of the chosen row of a list.

        None, and a sentence, where a list has the keys and no row of it says which: the instance
        that is selected on another screen is not what a person looks at.
        """
        screen = self._screen
        found = screen.selected_row()
        if found is not None and found[2].strategy_id:
            return screen.replica.instances.get(StrategyId(found[2].strategy_id))
        state, names = screen.state, screen.console_app.key_names
        is_list = state.focus != "table" and state.focused_tab() not in TEXT_TABS
        if is_list and found is None and any(True for _ in screen.visible_keys()):
            screen.say(names("no row is chosen: {down} chooses one, {why} explains it"))
        elif state.focus == "lower":
            screen.say(names(_NOTHING))
        elif screen.painter.selected is None:
            screen.say("no instance is selected")
        else:
            return screen.painter.selected
        return None

    def _subject(self) -> str:
        """Return what the selected row of a list is called in the journal; empty for none."""
        screen = self._screen
        tab = screen.state.focused_tab()
        if tab not in _SUBJECTS:
            return ""
        key = screen.state.list_state(screen.state.focus, tab).selected or ""
        if tab == "Fills":
            return key.split("/")[1] if key.count("/") >= 2 else ""
        if tab == "Decisions":
            decision = screen.painter.decision_at(key)
            if decision is None:
                return ""
            return decision.client_order_id or f"{decision.seq_id}@{decision.strategy_id}"
        return key

    def _show(self, title: str, ask: Callable[[], Awaitable[tuple[str, ...]]]) -> None:
        app = self._screen.console_app

        async def shown() -> None:
            lines = [text_line(printable(line, 300)) for line in await ask()]
            self._screen.open_dialog(TextDialog(title, lines, place=app.place, is_live=app.is_live))
            if self._screen.message == reading:
                self._screen.say("")
            self._screen.draw()

        reading = f"{title}: reading the journal ..."
        self._screen.say(reading)
        app.keep(shown())

    def _from_the_screen(self, row: InstanceView | None) -> None:
        """Without a journal: the newest decision that the screen still has."""
        screen = self._screen
        painter = screen.painter
        decision = None
        if screen.state.focused_tab() == "Decisions":
            listed = screen.state.list_state(screen.state.focus, "Decisions")
            decision = painter.decision_at(listed.selected)
        if decision is None and row is not None:
            decision = painter.newest_decision(row.strategy_id)
        if decision is None:
            screen.say("nothing decided yet: no signal and no order")
            return
        app = screen.console_app
        instrument = painter.replica.instrument_of(decision.instrument_id)
        dialog = TextDialog(
            f"WHY {decision.strategy_id}",
            reports.why_lines(decision, instrument),
            place=app.place,
            is_live=app.is_live,
        )
        screen.open_dialog(dialog)
