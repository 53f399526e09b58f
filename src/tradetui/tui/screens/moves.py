"""The keys that look or move: nothing here reaches the engine but a fresh snapshot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from tradetui.domain import formatting
from tradetui.tui.dialogs.run import RunDialog
from tradetui.tui.dialogs.text import TextDialog
from tradetui.tui.lines import Line
from tradetui.tui.screens.arrangements import Arrangements
from tradetui.tui.screens.catalogue import SCREENS
from tradetui.tui.screens.copying import Copying
from tradetui.tui.screens.desk import Desk
from tradetui.tui.screens.explaining import Explaining
from tradetui.tui.screens.jumping import Jumping
from tradetui.tui.screens.state import INSTANCE_TABS, TEXT_TABS, UPPER_TABS
from tradetui.tui.screens.target import Targets
from tradetui.tui.widgets import reports
from tradetui.tui.widgets.chart import has_log_scale, plot_width
from tradetui.tui.widgets.chart_window import MAX_CANDLES, TIMEFRAMES, timeframe_word
from tradetui.tui.widgets.lists import ListContent, ListRow
from tradetui.tui.widgets.record_lists import decision_key
from tradetui.tui.widgets.runs_list import LOOK_AT_IT

AT_THE_TOP: Final = "at the top: {back} again, after a moment, asks whether to quit"


class Moves:
    """One method or table entry per binding id."""

    def __init__(self, screen: Desk) -> None:
        self._screen = screen
        self._state = screen.state
        self.arrangements = Arrangements(screen)
        self.copying = Copying(screen)
        self.jumping = Jumping(screen)
        self.explaining = Explaining(screen)
        self._run: dict[str, Callable[[], None]] = {
            "down": lambda: self.move(1),
            "up": lambda: self.move(-1),
            "first": lambda: self.move(-(10**9)),
            "last": lambda: self.move(10**9),
            "half_down": lambda: self.move(self._half()),
            "half_up": lambda: self.move(-self._half()),
            "left": lambda: self._pan(-1),
            "right": lambda: self._pan(1),
            "next_pane": lambda: self._focus(1),
            "previous_pane": lambda: self._focus(-1),
            "next_tab": lambda: self._tab(1),
            "previous_tab": lambda: self._tab(-1),
            "open": self.open,
            "why": self.explaining.why,
            "fills": lambda: self._show_tab("Fills"),
            "decisions": lambda: self._show_tab("Decisions"),
            "timeframe_up": lambda: self._timeframe(1),
            "timeframe_down": lambda: self._timeframe(-1),
            "zoom_in": lambda: self._zoom_chart(1),
            "zoom_out": lambda: self._zoom_chart(-1),
            "log_scale": self._log_scale,
            "zoom": self._zoom_pane,
            "sort": self.arrangements.sort,
            "columns": self.arrangements.columns,
            "copy": self.copying.ask,
            "mask": self._mask,
            "repaint": self._repaint,
            "mark": self._mark,
            "mark_all": self._mark_all,
            "screen_main": self._main,
            "screen_instance": self._instance,
        }

    @property
    def handled(self) -> frozenset[str]:
        """The binding ids that are moves."""
        return frozenset(self._run) | frozenset(SCREENS) | {"acknowledge"}

    def run(self, binding_id: str) -> None:
        """Do what a binding says."""
        if binding_id in SCREENS:
            self._full_screen(binding_id)
        elif binding_id == "acknowledge":
            self._screen.do("acknowledge")
        else:
            self._run[binding_id]()

    # -- selection -------------------------------------------------------------------------------

    def _move_row(self, keys: list[str], step: int) -> None:
        """Move from the selected row; from one that is on its way, as if it stood in its place."""
        current: str | None = self._state.table.selected
        if current is None and self._screen.expected is not None:
            current = str(self._screen.expected)
            keys.insert(sum(key < current for key in keys), current)
        at = keys.index(current) if current in keys else 0
        target = keys[min(max(at + step, 0), len(keys) - 1)]
        if target != current:
            self._screen.select(target)

    def move(self, step: int) -> None:
        """Move the selection of the focused list; a chart has a first and a last candle only."""
        if self._is_on_chart and abs(step) > 1:
            self._move_chart(step)
            return
        keys = list(self._screen.visible_keys())
        if not keys:
            return
        if self._state.focus == "table":
            self._move_row(keys, step)
            return
        tab = self._state.focused_tab()
        listed = self._state.list_state(self._state.focus, tab)
        at = keys.index(listed.selected) if listed.selected in keys else -1 if step > 0 else 0
        listed.selected = keys[min(max(at + step, 0), len(keys) - 1)]
        if at + step >= len(keys):
            self._screen.read_on(tab, is_far=step > len(keys))
        self._screen.redraw("left", "lower")

    def _half(self) -> int:
        layout = self._screen.layout_now
        if layout is None:
            return 5
        rects = {"table": layout.table, "upper": layout.left, "lower": layout.lower}
        return max(rects[self._state.focus].height // 2, 1)

    def _pan(self, step: int) -> None:
        if self._state.focus == "table":
            self._state.table.pan = max(self._state.table.pan + 4 * step, 0)
            self._screen.redraw("table")
        elif self._state.upper_tab == "Chart":
            is_reading = self._state.chart.crosshair is not None
            self._move_chart(step if is_reading else 5 * step)

    @property
    def _is_on_chart(self) -> bool:
        return self._state.focused_tab() == "Chart"

    def _move_chart(self, candles: int) -> None:
        """Pan the chart, or move its crosshair; no further back than there are candles."""
        layout = self._screen.layout_now
        if layout is None:
            return
        window, painter = self._state.chart, self._screen.painter
        found, row = painter.chart_of_selected(), painter.selected
        known = 0 if found is None else len(found.bars)
        has_more = window.candles_needed(layout.left.width) <= known < MAX_CANDLES
        instrument = None if row is None else self._screen.replica.instrument_of(row.instrument_id)
        width = plot_width(found, instrument, layout.left.width)
        self._state.chart = window.moved(candles, width, None if has_more else known)
        self._screen.redraw("left")

    def _log_scale(self) -> None:
        """Turn the price scale from linear to logarithmic and back; say when it cannot be."""
        chart = self._state.chart
        if not chart.is_log and not has_log_scale(self._screen.painter.chart_of_selected()):
            self._screen.say("no log scale: a price here is not above 0", refused=True)
            return
        self._state.chart = replace(chart, is_log=not chart.is_log)
        self._screen.say("linear price scale" if chart.is_log else "logarithmic price scale")
        self._screen.redraw("left")

    # -- panes and tabs --------------------------------------------------------------------------

    def _panes(self) -> list[str]:
        layout = self._screen.layout_now
        has_lower = layout is not None and layout.has_lower
        return ["table", "upper", "lower"] if has_lower else ["table", "upper"]

    def _focus(self, step: int) -> None:
        if self._state.zoomed:
            return
        panes = self._panes()
        at = panes.index(self._state.focus) if self._state.focus in panes else 0
        self._state.focus = panes[(at + step) % len(panes)]
        self._screen.hint(f"{self._state.focused_tab()} has the keys")
        self._all()

    def _tab(self, step: int) -> None:
        if self._state.focus == "lower":
            self._state.lower_tab = _next(self._state.lower_tabs(), self._state.lower_tab, step)
        else:
            layout = self._screen.layout_now
            names = UPPER_TABS if layout is None else tuple(self._screen.painter.upper_tabs(layout))
            self._state.upper_tab = _next(names, self._state.upper_tab, step)
        self._all()

    def choose_tab(self, pane: str, tab: str) -> None:
        """Show a tab of a pane by its name."""
        if pane == "lower" and tab in self._state.lower_tabs():
            self._state.lower_tab = tab
        elif pane == "upper" and tab in INSTANCE_TABS:
            self._state.upper_tab = tab
        self._all()

    def _show_tab(self, tab: str) -> None:
        """Show fills or decisions of the selected instance; on a list over all of its row's.

        From an order or a fill the cursor goes to the decision that made the order.
        """
        targets = Targets(self._screen)
        decided = self._decided() if tab == "Decisions" else ""
        if targets.is_list_over_all:
            row, why = targets.pointed()
            if row is None:
                self._screen.say(why, refused=True)
                return
            self._screen.select(row.strategy_id)
        if self._state.zoomed == "lower":
            self._state.leave_screen()
        self._state.upper_tab = tab
        self._state.focus = "upper"
        if decided:
            self._state.list_state("upper", tab).selected = decided
        self._all()

    def _decided(self) -> str:
        """Return the row of the decision on the chosen order or fill; empty for none."""
        found = self.selected_row()
        if found is None:
            return ""
        tab, _, row = found
        older = self._screen.painter.older
        order_id: str | None = row.key if tab == "Orders" else None
        if tab == "Fills":
            fill = older.fills.at(row.key)
            order_id = None if fill is None else fill.client_order_id
        decision = None if order_id is None else older.decisions.of_order(order_id)
        return "" if decision is None else decision_key(decision)

    def _full_screen(self, name: str) -> None:
        self._state.open_screen(name)
        self._screen.hint(f"{SCREENS[name].title}: {SCREENS[name].text}")
        self._all()

    def _main(self) -> None:
        self._state.leave_screen()
        self._state.focus = "table"
        self._all()

    def _instance(self) -> None:
        self._state.leave_screen()
        self._state.zoomed = self._state.focus = "upper"
        self._state.upper_tab = "Chart"
        self._all()

    def _zoom_pane(self) -> None:
        if self._state.zoomed:
            self._state.leave_screen()
        else:
            self._state.zoomed = self._state.focus
        self._all()

    def back(self, *, may_quit: bool) -> None:
        """Go back one level: crosshair, filter, zoom, focus, marks; at the top the quit dialog."""
        state = self._state
        tab = state.focused_tab()
        if state.chart.crosshair is not None:
            state.chart = replace(state.chart, crosshair=None)
        elif state.filters.get(tab):
            self.set_filter("")
        elif state.zoomed:
            self._main()
        elif state.focus != "table":
            state.focus = "table"
        elif state.upper_tab != "Chart":
            state.upper_tab = "Chart"
        elif state.table.marked:
            gone = formatting.counted(len(state.table.marked), "mark")
            state.table.marked = set()
            self._screen.hint(f"{gone} taken away")
        elif may_quit:
            self._screen.do("quit")
            return
        else:
            self._screen.hint(self._screen.console_app.key_names(AT_THE_TOP))
        self._all()

    def set_filter(self, pattern: str) -> None:
        """Filter the focused list."""
        tab = self._state.focused_tab()
        self._state.filters[tab] = pattern
        self._all()

    def settle_filter(self) -> None:
        """Select the first row that the table shows when its filter leaves out the selected one."""
        rows = self._screen.painter.rows
        if self._screen.painter.is_selected_hidden and rows:
            self._screen.select(rows[0].strategy_id)

    # -- looking ---------------------------------------------------------------------------------

    def open(self) -> None:
        """Enter: instance, traceback, order or decision; the crosshair on a chart."""
        state = self._state
        if state.focus == "table":
            row = self._screen.painter.selected
            if row is not None and row.error:
                self._text(f"ERROR {row.strategy_id}", reports.traceback_lines(row))
            elif row is not None:
                self._instance()
        elif state.focused_tab() == "Chart":
            is_on = state.chart.crosshair is not None
            state.chart = replace(state.chart, crosshair=None if is_on else 0)
            self._screen.redraw("left")
        elif state.focused_tab() == "Decisions":
            self.explaining.why()
        else:
            self._open_row()

    def _open_row(self) -> None:
        """Show a row of a list whole, cell by cell."""
        found = self.selected_row()
        if found is None:
            return
        tab, content, row = found
        lines: list[Line] = [
            ((column.heading.ljust(12), "label"), (cell.text, cell.look))
            for column, cell in zip(content.columns, row.cells, strict=True)
        ]
        if tab == "Runs":
            app = self._screen.console_app
            copy = partial(self.copying.copy_cell, LOOK_AT_IT)
            dialog = RunDialog(lines, copy, place=app.place, is_live=app.is_live)
            self._screen.open_dialog(dialog)
        else:
            self._text(tab, lines)

    def selected_row(self) -> tuple[str, ListContent, ListRow] | None:
        """Return the list that has the keys and its chosen row; None on a text or without one."""
        tab = self._state.focused_tab()
        if tab in (*TEXT_TABS, "Instances"):
            return None
        owner = self._state.table.selected if self._state.focus == "upper" else None
        content = self._screen.painter.content(tab, owner)
        wanted = self._state.list_state(self._state.focus, tab).selected
        row = next((row for row in content.rows if row.key == wanted), None)
        return None if row is None else (tab, content, row)

    def _text(self, title: str, lines: list[Line]) -> None:
        app = self._screen.console_app
        self._screen.open_dialog(TextDialog(title, lines, place=app.place, is_live=app.is_live))

    def _timeframe(self, step: int) -> None:
        chart = self._state.chart = self._state.chart.with_timeframe(step)
        self.arrangements.keep(replace(self._state.preferences, timeframe=chart.timeframe))
        word = timeframe_word(TIMEFRAMES[chart.timeframe])
        self._screen.say(f"timeframe {word}")
        self._all()

    def _zoom_chart(self, step: int) -> None:
        self._state.chart = self._state.chart.zoomed(step)
        self._screen.redraw("upper_bar", "left")

    def _mask(self) -> None:
        masked = self.arrangements.mask()
        self._screen.painter.forget_lists(instruments=True)
        self._screen.say("money is masked, also at the next start" if masked else "money is shown")
        self._all()

    def _repaint(self) -> None:
        self._screen.replica.resnapshot()
        self._screen.painter.forget_lists()
        self._all()
        self._screen.repaint()
        self._screen.say("repainted from a fresh snapshot")

    def _mark(self) -> None:
        chosen = self._state.table.selected
        if chosen is not None:
            self._state.table.marked ^= {chosen}
            self._screen.redraw("table")

    def _mark_all(self) -> None:
        shown = {row.strategy_id for row in self._screen.painter.rows}
        marked = self._state.table.marked
        self._state.table.marked = set() if marked >= shown else marked | shown
        self._screen.redraw("table")

    def _all(self) -> None:
        self._screen.redraw(
            "header",
            "table",
            "upper_bar",
            "left",
            "panel",
            "lower_bar",
            "lower",
            "footer",
            "alerts",
        )


def _next(names: tuple[str, ...], current: str, step: int) -> str:
    at = names.index(current) if current in names else 0
    return names[(at + step) % len(names)]
