"""What a person has chosen on the screen: no record of the engine, no widget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from tradetui.domain.ids import StrategyId
from tradetui.domain.replica import InstanceView
from tradetui.tui.preferences import Preferences
from tradetui.tui.screens.catalogue import MAIN, SCREENS
from tradetui.tui.widgets.chart_window import ChartWindow
from tradetui.tui.widgets.fitting import UNSORTED, SortMark
from tradetui.tui.widgets.instances_table import (
    TableState,
)
from tradetui.tui.widgets.lists import ListState, matcher

UPPER_TABS: Final = ("Chart", "Orders", "Fills", "Decisions", "Log", "Config")
INSTANCE_TABS: Final = (*UPPER_TABS, "Widgets", "State")
"""Those of the full screen of one instance."""
TEXT_TABS: Final = ("Chart", "Config", "Widgets", "State")
"""Tabs that are no lists."""
LOWER_TABS: Final = ("Decisions", "Orders", "Fills", "Log", "Journal", "Alerts")
SORTS: Final[dict[str, Callable[[InstanceView], Any]]] = {
    "id": lambda row: row.strategy_id,
    "state": lambda row: row.state.value,
    "market": lambda row: row.symbol,
    "strategy": lambda row: row.strategy_type,
    "account": lambda row: row.account,
    "mode": lambda row: row.mode.value,
    "open": lambda row: -(row.open_pnl or 0),
    "day": lambda row: -(row.day_pnl or 0),
    "fees": lambda row: -row.fees_day,
    "orders": lambda row: -row.orders_open,
    "last": lambda row: -(row.last_decision_time or 0),
}
"""What the instances can be sorted by; money and counts with the largest first."""
_LARGEST_FIRST: Final = frozenset(("open", "day", "fees", "orders", "last"))


class Marks(NamedTuple):
    """The marked instances, by id: those whose rows the table shows, which keys act on, and those
    that are not on the screen, which no key acts on.
    """

    shown: tuple[StrategyId, ...]
    hidden: tuple[StrategyId, ...]


@dataclass
class ViewState:
    """Selection, focus, tabs, scrolling, filters, chart window."""

    table: TableState = field(default_factory=TableState)
    focus: str = "table"
    zoomed: str = ""
    screen: str = MAIN
    """Which full screen the zoomed lower pane shows; the main one has tabs of its own."""
    upper_tab: str = "Chart"
    lower_tab: str = "Decisions"
    main_tab: str = "Decisions"
    """The tab of the main screen's lower pane while a full screen shows a list of its own."""
    lists: dict[str, ListState] = field(default_factory=dict)
    filters: dict[str, str] = field(default_factory=dict)
    chart: ChartWindow = field(default_factory=ChartWindow)
    masked: bool = False
    preferences: Preferences = field(default_factory=Preferences)
    _order: dict[StrategyId, int] = field(default_factory=dict)
    """Where each instance stands in the sorted table, until it is sorted again."""

    def take(self, preferences: Preferences) -> None:
        """Take over what a person has chosen."""
        if preferences.sort not in SORTS:
            preferences = replace(preferences, sort="id")
        self.preferences = preferences
        by = preferences.sort
        self.table.sort = UNSORTED if by == "id" else SortMark(by, by in _LARGEST_FIRST)
        self.masked = preferences.masked
        self.table.hidden = frozenset(preferences.hidden)
        self.table.pinned = frozenset(preferences.pinned)
        if preferences.timeframe is not None:
            self.chart = self.chart.at_timeframe(preferences.timeframe)
        self.resort()

    def resort(self) -> None:
        """Sort the instances anew when they are next drawn; until then rows keep their places."""
        self._order.clear()

    def list_state(self, pane: str, tab: str) -> ListState:
        """Return where a person is in one list."""
        return self.lists.setdefault(f"{pane}/{tab}", ListState())

    def open_screen(self, name: str) -> None:
        """Open a full screen; the main one keeps its lower tab for later."""
        if self.screen not in SCREENS:
            self.main_tab = self.lower_tab
        if self.lower_tab not in SCREENS[name].tabs:
            self.lower_tab = SCREENS[name].tabs[0]
        self.screen = name
        self.zoomed = self.focus = "lower"

    def leave_screen(self) -> None:
        """Leave a full screen or a zoomed pane; the lower pane shows what it showed before."""
        if self.screen in SCREENS:
            self.lower_tab = self.main_tab
        self.zoomed = ""
        self.screen = MAIN

    def lower_tabs(self) -> tuple[str, ...]:
        """Return the tabs of the lower pane: those of the full screen that is open, if one is."""
        if self.zoomed == "lower" and self.screen in SCREENS:
            return SCREENS[self.screen].tabs
        return LOWER_TABS

    def shown_list(self) -> str | None:
        """Return the list that a full screen shows, None while none is open."""
        return self.lower_tab if self.zoomed == "lower" else None

    def focused_tab(self) -> str:
        """Return the tab that has the focus; ``Instances`` for the table."""
        if self.focus == "table":
            return "Instances"
        return self.upper_tab if self.focus == "upper" else self.lower_tab

    def marks(self, instances: Sequence[InstanceView]) -> Marks:
        """Part the marked instances that are there by whether their rows can be seen: not behind a
        filter, nor while a pane without the table has the whole screen.
        """
        is_table = self.zoomed in ("", "table")
        seen = {row.strategy_id for row in self.rows(instances)} if is_table else set()
        there = sorted({row.strategy_id for row in instances} & self.table.marked)
        return Marks(
            tuple([one for one in there if one in seen]),
            tuple([one for one in there if one not in seen]),
        )

    def rows(self, instances: Sequence[InstanceView]) -> list[InstanceView]:
        """Return the rows the table shows: filtered, in the order a person chose."""
        pattern = self.filters.get("Instances", "")
        matches = matcher(pattern)
        kept = [
            row
            for row in instances
            if not pattern
            or matches(f"{row.strategy_id} {row.strategy_type} {row.symbol} {row.state}")
        ]
        key = SORTS[self.preferences.sort]
        if not self._order:
            ordered = sorted(instances, key=lambda row: (key(row), row.strategy_id))
            self._order.update({row.strategy_id: at for at, row in enumerate(ordered)})
        last = len(self._order)
        kept.sort(key=lambda row: (self._order.get(row.strategy_id, last), row.strategy_id))
        return kept
