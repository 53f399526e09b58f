"""The main screen: its panes, when they are drawn, and the poll of the replica."""

from __future__ import annotations

from collections.abc import Coroutine, Iterable
from typing import Final

from textual import events
from textual.app import ComposeResult
from textual.worker import Worker, WorkerState

from tradetui.domain.text import printable
from tradetui.tui.dialogs.base import Dialog, Result, dialog_width
from tradetui.tui.lines import Line
from tradetui.tui.masking import Masking
from tradetui.tui.preferences import from_body
from tradetui.tui.replica import Replica
from tradetui.tui.screens import layout as layouts
from tradetui.tui.screens.desk import Console
from tradetui.tui.screens.drawing import Painter
from tradetui.tui.screens.hints import Hints
from tradetui.tui.screens.keys import Keys
from tradetui.tui.screens.layout import Layout, Rect
from tradetui.tui.screens.older_readers import OlderReaders
from tradetui.tui.screens.parts import BIG, PARTS, depending_on
from tradetui.tui.screens.pointing import Pointing
from tradetui.tui.screens.reading import Reading
from tradetui.tui.screens.state import TEXT_TABS, ViewState
from tradetui.tui.screens.turns import Turns
from tradetui.tui.widgets.line_view import LineView, ViewScreen, paint
from tradetui.tui.widgets.lists import ListContent, ListRow
from tradetui.tui.widgets.settings_list import all_lines

RESORT_SECONDS: Final = 2.0
"""How long after a key the rows of a sorted table keep their places."""
DRAW_SECONDS: Final = 0.25
"""How often what changes all the time (ages, numbers, lists) is drawn; the first change at once."""
SLOW_DRAW_SECONDS: Final = 1.0
"""The same over a slow link; a key draws at once even there."""


class MainScreen(ViewScreen, inherit_bindings=False):
    """The one screen of the console; all else is drawn over it or in its panes."""

    AUTO_FOCUS = None

    def __init__(self, app: Console, *, ascii_only: bool, frames_per_second: int) -> None:
        super().__init__()
        self._console_app = app
        self._interval = 1 / frames_per_second
        self.ascii_only = ascii_only
        self.replica = Replica(app.engine)
        self.state = ViewState()
        self._masking = Masking(self.replica, self.state)
        self.painter = Painter(
            self.replica, self.state, ascii_only=ascii_only,
            bindings=app.bindings, is_travel=app.travel is not None, link=app.link,
        )  # fmt: skip
        self.painter.is_read_only = app.read_only
        self.painter.settings = lambda: all_lines(
            app.looks.name, self.state.preferences, app.shell, app.key_names
        )
        self.older = OlderReaders(self, self.painter.older)
        preferences, problem = from_body(app.preferences)
        self.state.take(preferences)
        self.keys = Keys(self)
        self.hints = Hints(self, self.keys.prompt_line)
        self.dialog: Dialog | None = None
        self.message, self.is_refused, self.said_at = problem, bool(problem), 0
        self.layout_now: Layout | None = None
        self._views: dict[str, LineView] = {}
        self._turns = Turns(PARTS, BIG)
        self._draw_due = 0.0
        self._now = 0.0
        self._is_owed = False
        self._last_key = float("-inf")
        self._are_rows_held = False
        self.expected: object = None
        self._reading = Reading(self, self.older, self._read_beside)

    @property
    def console_app(self) -> Console:
        """What is needed of the app."""
        return self._console_app

    def compose(self) -> ComposeResult:
        theme, pointing = self._console_app.looks, Pointing(self, self.keys.moves)
        for name in (*PARTS, "overlay"):
            name_id, is_over = name.replace("_", "-"), name == "overlay"
            view = self._views[name] = LineView(theme, name_id, pointer=pointing, is_over=is_over)
            yield view

    def on_mount(self) -> None:
        """Select the first row and start polling."""
        self.state.table.selected = next(iter(self.replica.instances), None)
        self.replica.take_dirty()
        self.redraw(*PARTS)
        self.draw()
        self.set_interval(self._interval, self.poll, name="replica")
        self.call_after_refresh(self.poll)

    def on_resize(self, event: events.Resize) -> None:
        """Lay out for the new size."""
        self.layout_now = None
        self.redraw(*PARTS)
        self.draw()

    # -- what changes --------------------------------------------------------------------------

    def poll(self) -> None:
        """Take in the engine's changes and draw what they touch."""
        self._now += self._interval
        is_due = self._now >= self._draw_due
        try:
            # Over a slow line data move on when they are drawn next: a key changes only its own.
            changed = (is_due or not self._is_slow) and self.replica.poll()
        except ConnectionError as e:
            self.say(f"link lost: {printable(str(e), 120)}", refused=True)
            self.draw()
            return
        if changed:
            self._take_changes()
        self._let_rows_move()
        self.painter.warm(self._now)
        self._reading.chart_if_due(self._now)
        self._reading.page_if_due(self._now)
        self._note_link()
        self.hints.pass_time(self._interval)
        if self._turns.stale and is_due:
            self._draw_due = self._now + (SLOW_DRAW_SECONDS if self._is_slow else DRAW_SECONDS)
            self.draw()
        self.draw_owed()

    def _let_rows_move(self) -> None:
        """Let rows take their places once no key was pressed for a while, and be seen there."""
        was_held = self._are_rows_held
        self._are_rows_held = self.console_app.monotonic() - self._last_key <= RESORT_SECONDS
        if not self._are_rows_held:
            self.state.resort()
            if was_held:
                self.redraw("table")

    @property
    def _is_slow(self) -> bool:
        return self._console_app.link.is_slow

    def _note_link(self) -> None:
        """Say it when the link has become slow, or quick again."""
        self._console_app.mend_cut()
        if self.painter.is_slow_link != self._is_slow:
            self.painter.is_slow_link = self._is_slow
            self.painter.forget_lists()
            self.redraw_all()
            self.say(
                "slow link: drawn once a second, charts every 10 s; keys as ever"
                if self._is_slow
                else "the link is quick again"
            )

    def draw_owed(self) -> None:
        """Draw what could not be drawn while the terminal had not taken the last frame."""
        if self._is_owed:
            self.draw()

    def _take_changes(self) -> None:
        dirty = self.replica.take_dirty()
        if dirty != {"header"}:
            self.painter.forget_lists(instruments="instruments" in dirty)
        for part in dirty:
            self.redraw(*depending_on(part, self.state.upper_tab))
        if self.state.table.selected is not None:
            self.expected = None  # a person has chosen another meanwhile
        if self.expected in self.replica.instances:
            self.state.resort()  # what a person has just made stands in its place at once
            self.select(self.expected)
        elif self.state.table.selected not in self.replica.instances and self.expected is None:
            gone = self.state.table.selected
            self.select(self.state.table.neighbour(self.replica.instances))
            if None not in (gone, self.state.table.selected) and self.hints.is_free:
                self.say(f"{gone} is gone: {self.state.table.selected} is selected now")

    def expect(self, strategy_id: object) -> None:
        """Select an instance whose row may not be here yet; until it is, none is selected, so that
        no key meant for it falls on another.
        """
        self.expected = strategy_id
        self.state.table.selected = None
        self._take_changes()

    def select(self, strategy_id: object) -> None:
        """Select an instance by id; the chart and the panel follow."""
        chosen = next((one for one in self.replica.instances if one == strategy_id), None)
        self.state.table.selected = chosen
        self.expected = None
        self.redraw("table", "upper_bar", "left", "panel", "message")

    def redraw(self, *parts: str) -> None:
        """Mark panes to be drawn at the next occasion."""
        self._turns.mark(*parts)

    def redraw_all(self) -> None:
        """Mark everything."""
        self.redraw(*PARTS)

    def say(self, text: str, *, refused: bool = False) -> None:
        """Put a sentence on the message line."""
        self.message, self.is_refused = text, refused
        self.said_at = self.replica.header.now
        self.redraw("message")

    def hint(self, text: str) -> None:
        """Put a sentence on the message line for a moment."""
        self.hints.say(text)

    # -- what the parts do through it ------------------------------------------------------------

    def do(self, binding_id: str) -> None:
        """Do what a key does that is bound to this."""
        keys = self.keys
        (keys.acts if binding_id in keys.acts.handled else keys.moves).run(binding_id)

    def open_dialog(self, dialog: Dialog) -> None:
        """Open a dialog over the screen."""
        self.keys.open_dialog(dialog)

    def settle(self, result: Result) -> None:
        """Do what a dialog answered."""
        self.keys.settle(result)

    def selected_row(self) -> tuple[str, ListContent, ListRow] | None:
        """Return the list that has the keys and its chosen row; None on a text or without one."""
        return self.keys.moves.selected_row()

    def read_on(self, tab: str, *, is_far: bool) -> None:
        """Read what is older than the last row of a list."""
        self.older.read_on(tab, is_far=is_far)

    def repaint(self) -> None:
        """Send the whole screen again, whatever the terminal should show."""
        self._console_app.forget_sent()
        self.refresh(layout=True)

    def use_theme(self) -> None:
        """Paint everything in the app's theme."""
        for view in self._views.values():
            view.use_theme(self._console_app.looks)

    # -- drawing -------------------------------------------------------------------------------

    def draw(self, *, quick_first: bool = False) -> None:
        """Draw the panes that are marked; each repaints only the cells that differ.

        ``quick_first``: the frame answers a key. Nothing is drawn while the terminal has not taken
        the last frame: what is marked then is drawn after that.
        """
        if not self._views or self.size.width == 0:
            return
        self._is_owed = not self._console_app.link.is_free(for_key=quick_first)
        if self._is_owed:
            return
        if layouts.is_too_small(self.size.width, self.size.height):
            self._draw_notice()
            return
        before = self.layout_now
        layout = self._laid_out()
        self._show_parts(layout, for_key=quick_first, is_whole=layout != before)
        self._draw_dialog()
        paint(self, self._views.values())

    def _show_parts(self, layout: Layout, *, for_key: bool, is_whole: bool) -> None:
        """Give the panes whose turn it is their lines; over a slow line what a frame holds."""
        link = self._console_app.link
        is_partial = self._is_slow and link.is_asking and not for_key and not is_whole
        room = link.frame_room if is_partial else None
        for part in self._turns.take(for_key=for_key, is_slow=self._is_slow, is_whole=is_whole):
            view = self._views[part]
            cost = view.show(self._part_lines(part, layout), room)
            if room is not None:
                room = max(room - cost, 0)
            if view.is_behind:
                self._turns.mark(part)
        if (for_key or is_partial) and self._turns.stale:
            self._is_owed = True
            self.call_later(self.draw_owed)

    def _part_lines(self, part: str, layout: Layout) -> list[Line]:
        rect: Rect = getattr(layout, part)
        if rect.height == 0 or rect.width == 0:
            return []
        if part == "message":
            return self.hints.lines(rect.width, rect.height, self._masking)
        lines: list[Line] = getattr(self.painter, part)(layout)
        return self._masking.part(part, lines)

    def _laid_out(self) -> Layout:
        """Return the layout, computed anew when something it depends on has changed."""
        state, replica = self.state, self.replica
        is_open = [alert for alert in replica.alerts.values() if not alert.is_acknowledged]
        is_wide = self.size.width >= 140 and state.upper_tab != "Widgets"
        with_panel = state.upper_tab == "Chart" or is_wide
        layout = layouts.compute(
            self.size.width,
            self.size.height,
            alerts=len(is_open),
            rows=self.painter.table_rows,
            with_panel=with_panel,
            zoomed=state.zoomed,
            shape=state.preferences.shape,
            message=self.hints.rows(self.size.width),
        )
        if layout != self.layout_now:
            self.layout_now = layout
            self._turns.mark_all()
            for part in PARTS:
                self._views[part].place(*getattr(layout, part))
        return layout

    def _draw_notice(self) -> None:
        """Say that the terminal is too small; nothing else is shown."""
        width, height = self.size
        self._views["header"].place(0, 0, width, height)
        for part in PARTS[1:]:
            self._views[part].place(*layouts.NOWHERE)
        self._views["overlay"].place(*layouts.NOWHERE)
        self._views["header"].show(layouts.notice(width, height))
        paint(self, self._views.values())
        self.layout_now = None
        self._turns.mark_all()

    def _draw_dialog(self) -> None:
        overlay = self._views["overlay"]
        if self.dialog is None:
            if overlay.lines:
                overlay.show([])
                overlay.place(*layouts.NOWHERE)
            return
        width, height = self.size
        self.dialog.masker = self._masking.now()
        lines = self.dialog.lines(width, height - 2, ascii_only=self.ascii_only)
        size = dialog_width(lines)
        top = max((height - len(lines)) // 2, 1)
        overlay.place(max((width - size) // 2, 0), top, size, len(lines))
        overlay.show(lines)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Note the end of what was read; say why it failed."""
        if event.state in (WorkerState.SUCCESS, WorkerState.ERROR, WorkerState.CANCELLED):
            error = event.worker.error if event.state is WorkerState.ERROR else None
            self._reading.ended(event.worker.group, error)

    def _read_beside(self, work: Coroutine[None, None, None], group: str) -> None:
        """Only reading is ever done in a worker, which may be cancelled."""
        self.run_worker(work, group=group, exit_on_error=False)

    # -- input ---------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Every key goes through the one dispatcher."""
        event.stop()
        event.prevent_default()
        now = self.console_app.monotonic()
        idle, self._last_key = now - self._last_key, now
        binding_id = self.keys.binding_id(event)
        self._turns.is_keyed = True
        if not self.keys.moves.explaining.is_back(idle, binding_id):
            self._teach(binding_id)
            self.hints.keyed()
            self.keys.press(event)
        self._turns.is_keyed = False
        self._reading.page_if_due(self._now)
        self.draw(quick_first=True)

    def _teach(self, binding_id: str) -> None:
        """Let the tutor know of a key; the line is its own again when nothing else is said."""
        tutor = self.console_app.tutor
        if tutor is None or self.dialog is not None or not binding_id:
            return
        tutor.pressed(binding_id)
        self.message, self.is_refused = "", False
        self.redraw("message")

    def on_paste(self, event: events.Paste) -> None:
        """A paste goes into a field, or nowhere."""
        event.stop()
        event.prevent_default()
        self.keys.paste(event.text)
        self.draw()

    def view_lines(self) -> dict[str, tuple[Line, ...]]:
        """Return what each pane shows, for tests and for copying."""
        return {name: view.lines for name, view in self._views.items()}

    def visible_keys(self) -> Iterable[str]:
        """Return the rows of the list that has the focus, by key."""
        tab = self.state.focused_tab()
        if tab == "Instances":
            return [row.strategy_id for row in self.painter.rows]
        owner = self.state.table.selected if self.state.focus == "upper" else None
        if tab in TEXT_TABS:
            return []
        return [row.key for row in self.painter.content(tab, owner).rows]
