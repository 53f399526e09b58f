"""From the replica and what a person chose to the lines of each pane."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from tradetui.domain import formatting
from tradetui.domain.ids import StrategyId
from tradetui.domain.replica import ChartView, DecisionView, InstanceView, OrderView, UiView
from tradetui.domain.text import printable
from tradetui.services.strategies import Schema
from tradetui.tui.actions import SettingLine
from tradetui.tui.key_names import KeyNames
from tradetui.tui.keymap import BINDINGS, Binding, footer_hints
from tradetui.tui.lines import Line, beside, padded, text_line
from tradetui.tui.link import Link
from tradetui.tui.replica import Replica
from tradetui.tui.screens.catalogue import COUNTED, PAGES, SCREENS
from tradetui.tui.screens.detailing import detail_lines, with_detail
from tradetui.tui.screens.event_filter import narrowed
from tradetui.tui.screens.layout import Layout, Rect
from tradetui.tui.screens.older_lists import OlderLists
from tradetui.tui.screens.paging import Page, page_content
from tradetui.tui.screens.state import INSTANCE_TABS, UPPER_TABS, ViewState
from tradetui.tui.screens.tab_counts import Count, count_of
from tradetui.tui.widgets import (
    bars,
    header,
    identity,
    instances_table,
    lists,
    record_lists,
    settings_list,
)
from tradetui.tui.widgets.alerts import alerts_content, open_alerts
from tradetui.tui.widgets.arranging import AS_IT_COMES, arranged
from tradetui.tui.widgets.chart import chart_lines
from tradetui.tui.widgets.chart_picture import candle_word
from tradetui.tui.widgets.config_list import config_lines
from tradetui.tui.widgets.link_figures import LINK_TAB, with_link
from tradetui.tui.widgets.lists import ListContent
from tradetui.tui.widgets.panel import ROOMY, PanelInput, panel_lines, position_title

_WARMED: Final = ("Orders", "Fills", "Decisions", "Log")
_WARM_SECONDS: Final = 1.0
_SEPARATOR: Final = 2


class Painter:
    """Draws every pane; asks nothing, remembers nothing but what it was given."""

    def __init__(
        self,
        replica: Replica,
        state: ViewState,
        *,
        ascii_only: bool,
        bindings: Sequence[Binding] = BINDINGS,
        is_travel: bool = False,
        link: Link | None = None,
    ) -> None:
        self.replica = replica
        self._is_travel = is_travel
        self._bindings = bindings
        self._names = KeyNames(bindings)
        self.state = state
        self.ascii_only = ascii_only
        self.is_slow_link = False
        self.is_read_only = False
        self._link = link
        self.charts: dict[StrategyId, ChartView | None] = {}
        self.uis: dict[StrategyId, UiView] = {}
        self.schemas: dict[str, Schema] = {}  # by strategy, of each whose config was looked at
        self.settings: Callable[[], tuple[SettingLine, ...]] = tuple
        """Returns what is set, in the console and in the config."""
        self.pages: dict[str, Page] = {}
        """What the open full screen has read, by name."""
        self.older = OlderLists(replica)
        self._warm_due = 0.0
        self._warm_next = 0
        self._contents: dict[tuple[str, str | None], ListContent] = {}
        self._caches = record_lists.RowCaches()

    def warm(self, now: float) -> None:
        """Write, each second (``now`` is in seconds), the new rows of one of the long lists, so
        that a screen that is opened finds most of its rows written.
        """
        if now >= self._warm_due:
            self._warm_due = now + _WARM_SECONDS
            self.whole(_WARMED[self._warm_next % len(_WARMED)], None)
            self._warm_next += 1

    def forget_lists(self, *, instruments: bool = False) -> None:
        """Build the lists anew when they are next drawn: their records have changed.

        Rows of records that are the same are kept, unless how numbers are written has changed.
        """
        self._contents.clear()
        if instruments:
            self._caches.clear()
            self.older.forget_rows()

    @property
    def rows(self) -> list[InstanceView]:
        """The rows of the table."""
        return self.state.rows(list(self.replica.instances.values()))

    @property
    def table_rows(self) -> int:
        """How many lines the table wants below its heading: one more to name a filter."""
        return len(self.rows) + (1 if self.state.filters.get("Instances") else 0)

    @property
    def is_selected_hidden(self) -> bool:
        """Whether the table is on the screen and its filter leaves out the selected instance."""
        chosen, state = self.state.table.selected, self.state
        if (
            chosen is None
            or state.zoomed not in ("", "table")
            or not state.filters.get("Instances")
        ):
            return False
        return all(row.strategy_id != chosen for row in self.rows)

    @property
    def selected(self) -> InstanceView | None:
        """The selected instance."""
        chosen = self.state.table.selected
        return None if chosen is None else self.replica.instances.get(chosen)

    def chart_of_selected(self) -> ChartView | None:
        """Return the chart of the selected instance, None while there is none."""
        chosen = self.state.table.selected
        return None if chosen is None else self.charts.get(chosen)

    def header(self, layout: Layout) -> list[Line]:
        """Return the two header lines; what an alert line says is not said there again."""
        alerts = open_alerts(self.replica.alerts.values())[: layout.alerts.height]
        return header.header_lines(
            self.replica.header,
            layout.header.width,
            masked=self.state.masked,
            is_slow_link=self.is_slow_link,
            is_read_only=self.is_read_only,
            said=[alert.text for alert in alerts],
        )

    def alerts(self, layout: Layout) -> list[Line]:
        """Return the alert lines."""
        shown = open_alerts(self.replica.alerts.values())
        return bars.alert_lines(shown, layout.alerts.width, layout.alerts.height, self._bindings)

    def table(self, layout: Layout) -> list[Line]:
        """Return the instances table, with its total where there is room."""
        rows, rect, pattern = self.rows, layout.table, self.state.filters.get("Instances")
        if not rows:
            why = instances_table.why_empty(self.replica.header, is_filtered=bool(pattern))
            return [text_line("  ID", "head"), text_line(f"  {self._names(why)}", "dim")]
        height = rect.height - (1 if layout.has_total else 0) - (1 if pattern else 0)
        said = instances_table.totals(rows, masked=self.state.masked)
        if layout.has_total:
            instances_table.make_room(self.state.table, said)
        self.state.table.is_plain = self.is_slow_link
        view = instances_table.table_lines(
            rows,
            self.replica.instruments,
            self.state.table,
            now=self.replica.header.now,
            width=rect.width,
            height=height,
            masked=self.state.masked,
            ascii_only=self.ascii_only,
        )
        lines = view.lines
        if pattern:
            found = f"{len(rows)} of {len(self.replica.instances)}"
            hidden = len(self.state.marks(list(self.replica.instances.values())).hidden)
            found += f", hides {hidden} marked" if hidden else ""
            hint = self._names("{filter} changes it, Esc clears it")
            said_of = f"  filter {printable(pattern, 24)} shows {found}: {hint}"
            lines = [*lines, text_line(said_of, "bold")]
        if not layout.has_total:
            return lines
        columns = instances_table.columns_of(rows, rect.width, self.state.table)
        return [*lines, instances_table.total_line(said, columns, rect.width, self.state.table.pan)]

    def upper_bar(self, layout: Layout) -> list[Line]:
        """Return the tab bar over the chart, with the panel's title."""
        row = self.selected
        title = "" if row is None else row.strategy_id
        if row is not None and layout.has_lower:
            length = candle_word(self.chart_of_selected(), self.state.chart)
            title = f"{row.strategy_id}  {printable(row.symbol, 32)} {length}"
        names = self.upper_tabs(layout)
        tabs = [bars.Tab(name, *self._count(name, row)) for name in names]
        active = names.index(self.state.upper_tab) if self.state.upper_tab in names else 0
        right = ""
        if row is not None and layout.panel.width - _SEPARATOR >= ROOMY:
            right = position_title(self._panel_input(row))
        return [
            bars.tab_bar(
                title,
                tabs,
                active,
                layout.upper_bar.width,
                ascii_only=self.ascii_only,
                is_focused=self.state.focus == "upper",
                right_title=right,
                right_at=layout.panel.x,
            )
        ]

    def upper_tabs(self, layout: Layout) -> list[str]:
        """Return the tabs over the chart: Decisions only where no lower pane has them; on the full
        screen of an instance all.
        """
        if self.state.zoomed == "upper":
            return list(INSTANCE_TABS)
        shown = (*UPPER_TABS, self.state.upper_tab)
        return [
            name
            for name in dict.fromkeys(shown)
            if name != "Decisions" or not layout.has_lower or self.state.upper_tab == name
        ]

    def lower_bar(self, layout: Layout) -> list[Line]:
        """Return the tab bar of the lower pane: lists over all instances."""
        names = list(self.state.lower_tabs())
        if self.state.lower_tab not in names:
            names.append(self.state.lower_tab)
        is_full = self.state.zoomed == "lower" and self.state.screen in SCREENS
        units = COUNTED if is_full else {}
        labels = [f"{name}, all" if name == self.state.lower_tab else name for name in names]
        tabs = [
            bars.Tab(label, *self._count(name, None), units.get(name, ""))
            for label, name in zip(labels, names, strict=True)
        ]
        title = SCREENS[self.state.screen].title if is_full else ""
        return [
            bars.tab_bar(
                title,
                tabs,
                names.index(self.state.lower_tab),
                layout.lower_bar.width,
                ascii_only=self.ascii_only,
                is_focused=self.state.focus == "lower",
            )
        ]

    def _count(self, tab: str, row: InstanceView | None) -> Count:
        owner = None if row is None else row.strategy_id
        return count_of(tab, owner, self.replica, self.older, lambda *of: len(self.whole(*of).rows))

    def left(self, layout: Layout) -> list[Line]:
        """Return the chart, or the list or text of the upper tab."""
        row, rect = self.selected, layout.left
        if row is None:
            return [text_line("  no instance selected", "dim")]
        if self.state.upper_tab == "Chart":
            return chart_lines(
                self.charts.get(row.strategy_id),
                self.replica.instrument_of(row.instrument_id),
                self.state.chart,
                width=rect.width,
                height=rect.height,
                ascii_only=self.ascii_only,
                opened_time=row.opened_time,
            )
        if self.state.upper_tab == "Config":
            schema = self.schemas.get(row.strategy_type)
            return config_lines(row, rect.width, rect.height, schema, self._names)
        if self.state.upper_tab == "Widgets":
            whole = self._panel_input(row)._replace(is_whole=True)
            return panel_lines(whole, rect.width, rect.height)
        if self.state.upper_tab == "State":
            now, masked = self.replica.header.now, self.state.masked
            return identity.state_lines(row, now, rect.width, masked=masked)[: rect.height]
        return self._whole_list("upper", self.state.upper_tab, row.strategy_id, rect)

    def panel(self, layout: Layout) -> list[Line]:
        """Return the panel beside the chart, its separator included."""
        rect, row = layout.panel, self.selected
        if row is None or rect.width <= _SEPARATOR:
            return []
        body = panel_lines(self._panel_input(row), rect.width - _SEPARATOR, rect.height)
        bar = text_line("| " if self.ascii_only else "│ ", "rule")
        return [padded(line, rect.width) for line in beside([bar] * rect.height, _SEPARATOR, body)]

    def lower(self, layout: Layout) -> list[Line]:
        """Return the list of the lower pane."""
        return self._whole_list("lower", self.state.lower_tab, None, layout.lower)

    def _whole_list(self, pane: str, tab: str, owner: str | None, rect: Rect) -> list[Line]:
        """Return a list; where its pane has the screen alone the selected row whole below it."""
        if self.state.zoomed != pane:
            return self._list(pane, tab, owner, rect.width, rect.height)
        content = self.content(tab, owner)
        chosen = self.state.list_state(pane, tab).selected
        detail = detail_lines(
            content, chosen, self.replica, tab, rect.width, self.older,
            spare=rect.height - 2 - len(content.rows), masked=self.state.masked,
        )  # fmt: skip
        return with_detail(
            lambda height: self._list(pane, tab, owner, rect.width, height),
            detail, rect, ascii_only=self.ascii_only,
        )  # fmt: skip

    def footer(self, layout: Layout) -> list[Line]:
        """Return the footer."""
        word, look = header.mode_word(self.replica.header)
        width = layout.footer.width
        hints = footer_hints(
            width - len(word),
            is_replay=self.is_replay,
            is_travel=self._is_travel,
            bindings=self._bindings,
        )
        return [bars.footer_line(word, look, hints, width)]

    @property
    def is_replay(self) -> bool:
        """Prices are replayed or made up: speed, hold and step mean something."""
        return self.replica.header.speed is not None or bool(self.replica.header.playing)

    def _list(self, pane: str, tab: str, owner: str | None, width: int, height: int) -> list[Line]:
        content = self.content(tab, owner)
        state = self.state.list_state(pane, tab)
        return lists.list_lines(
            content,
            state,
            width=width,
            height=height,
            today=formatting.date(self.replica.header.now),
            is_own=owner is not None,
            note=self.older.note(tab), ascii_only=self.ascii_only,
        )  # fmt: skip

    def content(self, tab: str, owner: str | None) -> ListContent:
        """Return a tab's list, of one instance or of all, filtered and as a person wants it."""
        found = self.whole(tab, owner)
        pattern = self.state.filters.get(tab, "")
        if pattern and tab == "Journal":
            found, pattern = narrowed(found, pattern, self.replica)
        if pattern and found.rows:
            found = lists.filtered(found, pattern)
            found = found._replace(empty=f"nothing matches {printable(pattern, 40)}: Esc clears it")
        wanted = self.state.preferences.arrangement(tab)
        return found if wanted == AS_IT_COMES else arranged(found, wanted)

    def whole(self, tab: str, owner: str | None) -> ListContent:
        """Return a tab's list with every row and column."""
        key = (tab, owner)
        found = self._contents.get(key)
        if found is None:
            built = self._build(tab, owner)
            found = self._contents[key] = built._replace(empty=self._names(built.empty))
        return found

    def _build(self, tab: str, owner: str | None) -> ListContent:
        replica = self.replica
        instruments = replica.instruments
        cache = self._caches.of(tab, owner)
        masked = self.state.masked

        def mine(record: object) -> bool:
            return owner is None or getattr(record, "strategy_id", None) == owner

        match tab:
            case "Orders":
                return self.older.orders.content(owner, cache, masked=masked)
            case "Fills":
                newest = record_lists.fills_content(
                    filter(mine, replica.fills), instruments, cache, masked=masked
                )
                return newest._replace(
                    rows=newest.rows + self.older.fills.rows(owner, masked=masked)
                )
            case "Decisions":
                return self.older.decisions.content(owner, cache)
            case "Settings":
                return settings_list.settings_content(self.settings())
            case "Alerts":
                alerts = filter(mine, replica.alerts.values())
                return alerts_content(alerts, self._bindings)
            case "Log":
                return record_lists.log_content(filter(mine, replica.log), cache, replica.instances)
            case _:
                page = self.pages.get(PAGES[tab])
                content = page_content(
                    tab, page, instruments, masked=masked, ascii_only=self.ascii_only
                )
                return with_link(content, self._link) if tab == LINK_TAB and self._link else content

    def _panel_input(self, row: InstanceView) -> PanelInput:
        return PanelInput(
            row=row,
            instrument=self.replica.instrument_of(row.instrument_id),
            orders=[
                order
                for order in self.replica.orders.values()
                if order.strategy_id == row.strategy_id and not order.is_shadow
            ],
            ui=self.uis.get(row.strategy_id),
            why=self.newest_refused_signal(row.strategy_id),
            now=self.replica.header.now,
            masked=self.state.masked,
            ascii_only=self.ascii_only, names=self._names,
        )  # fmt: skip

    def newest_refused_signal(self, owner: str) -> DecisionView | None:
        """Return the newest signal of an instance that became no order."""
        for decision in reversed(self.replica.decisions):
            if decision.strategy_id == owner and decision.signal is not None:
                return None if decision.signal.passed else decision
        return None

    def newest_decision(self, owner: str) -> DecisionView | None:
        """Return the newest decision or signal of an instance."""
        return next((d for d in reversed(self.replica.decisions) if d.strategy_id == owner), None)

    def decision_at(self, key: str | None) -> DecisionView | None:
        """Return the decision that a list's selection follows."""
        return self.older.decisions.at(key)

    def selected_order(self) -> OrderView | None:
        """Return the order selected in the orders pane that has the focus."""
        if self.state.focused_tab() != "Orders":
            return None
        key = self.state.list_state(self.state.focus, "Orders").selected
        return self.older.orders.at(key)
