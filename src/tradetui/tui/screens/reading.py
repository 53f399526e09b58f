"""What is read of the engine beside the replica: chart, widgets and settings of the selected
instance, the page of the list that is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Final

from tradetui.domain.replica import InstanceView
from tradetui.domain.text import printable
from tradetui.tui.screens.catalogue import PAGES
from tradetui.tui.screens.desk import Desk
from tradetui.tui.screens.event_filter import read_filter
from tradetui.tui.screens.older_readers import OlderReaders
from tradetui.tui.screens.paging import read_page, seconds_of

CHART_SECONDS: Final = 1.0
"""How often a chart that changes is fetched and drawn anew."""
SLOW_CHART_SECONDS: Final = 10.0
"""The same over a slow link."""
CHART: Final = "chart"
PAGE: Final = "page"
CONFIG: Final = "config"
"""Names of the readings."""

Beside = Callable[[Coroutine[None, None, None], str], None]
"""Runs a reading by its name, and tells ``ended`` of its end."""


class Reading:
    """Decides when something is read again; one of each at a time."""

    def __init__(self, screen: Desk, older: OlderReaders, beside: Beside) -> None:
        self._screen = screen
        self._older = older
        self._beside = beside
        self._chart_due = 0.0
        self._wanted: tuple[object, ...] = ()
        self._row: InstanceView | None = None
        self._is_fetching = False
        self._is_awaited = False
        self._page_due = 0.0
        self._page_wanted = ""
        self._is_reading = False
        self._config_wanted: tuple[object, ...] = ()

    def chart_if_due(self, now: float) -> None:
        """Ask for chart and widgets of the selected instance when they changed or are not there."""
        row = self._screen.painter.selected
        if row is None or self._screen.layout_now is None or self._is_fetching:
            return
        count = self._screen.state.chart.candles_needed(self._screen.layout_now.left.width)
        wanted = (row.strategy_id, self._screen.state.chart.span_ns(), count, row.state)
        is_new = wanted != self._wanted
        is_changed = row.strategy_id in self._screen.replica.ui_changed or row != self._row
        if not is_new and (not is_changed or now < self._chart_due):
            return
        self._wanted = wanted
        self._chart_due = now + (
            SLOW_CHART_SECONDS if self._screen.console_app.link.is_slow else CHART_SECONDS
        )
        self._row = row
        self._screen.replica.ui_changed.discard(row.strategy_id)
        self._is_fetching = True
        self._is_awaited = is_new
        self._beside(self._fetch(wanted), CHART)

    async def _fetch(self, wanted: tuple[object, ...]) -> None:
        """Read chart and widgets; only reading is ever done in a worker, which may be cancelled."""
        strategy_id, _, count, _ = wanted
        row = self._screen.replica.instances.get(strategy_id)  # type: ignore[call-overload]
        if row is None or not isinstance(count, int):
            return
        engine = self._screen.console_app.engine
        span = self._screen.state.chart.span_ns()
        self._screen.painter.uis[row.strategy_id] = await engine.get_ui(row.strategy_id)
        chart = await engine.chart(row.strategy_id, span, count)
        before = self._screen.painter.charts.get(row.strategy_id)
        self._screen.state.chart = self._screen.state.chart.followed(before, chart)
        self._screen.painter.charts[row.strategy_id] = chart
        self._screen.redraw("upper_bar", "left", "panel")

    def page_if_due(self, now: float) -> None:
        """Ask for the page of the list that is shown, at once when it is new."""
        self._config_if_new()
        self._older.count_if_due(now)
        is_shown = self._screen.layout_now is not None and self._screen.layout_now.lower.height > 0
        name = PAGES.get(self._screen.state.lower_tab, "") if is_shown else ""
        if not name or self._is_reading:
            return
        asked = f"{name} {self._screen.state.filters.get('Journal', '')}"
        if asked == self._page_wanted and now < self._page_due:
            return
        self._page_wanted = asked
        self._page_due = now + seconds_of(name)
        self._is_reading = True
        self._beside(self._read(name), PAGE)

    async def _read(self, name: str) -> None:
        """Read a page; a worker, which may be cancelled."""
        words = read_filter(self._screen.state.filters.get("Journal", ""), self._screen.replica)
        page = await read_page(self._screen.console_app.engine, name, words.wanted)
        if page != self._screen.painter.pages.get(name):
            self._screen.painter.pages[name] = page
            self._screen.painter.forget_lists()
            self._screen.redraw("lower")

    def _config_if_new(self) -> None:
        """Ask for the settings of a strategy when its config comes into view, or its file is
        another.
        """
        row = self._screen.painter.selected
        if row is None or self._screen.state.upper_tab != "Config":
            self._config_wanted = ()
            return
        wanted = (row.strategy_type, row.file_hash, row.file_changed)
        if wanted != self._config_wanted:
            self._config_wanted = wanted
            self._beside(self._read_config(row.strategy_type), CONFIG)

    async def _read_config(self, strategy_type: str) -> None:
        """Read the settings of a strategy; a worker, which may be cancelled."""
        schema = await self._screen.console_app.actions.schema(strategy_type)
        self._screen.painter.schemas[strategy_type] = schema
        self._screen.redraw("left")

    def ended(self, name: str, error: BaseException | None) -> None:
        """Note the end of a reading; say why it failed."""
        screen = self._screen
        if name == PAGE:
            self._is_reading = False
            if error is not None:
                text = printable(str(error), 120)
                screen.say(f"the page cannot be read: {text}", refused=True)
            screen.draw()
            return
        if name == CONFIG:
            if error is not None:
                text = printable(str(error), 120)
                screen.say(f"the settings cannot be read: {text}", refused=True)
            screen.draw()
            return
        self._is_fetching = False
        if error is not None:
            screen.say(f"the chart cannot be read: {printable(str(error), 120)}", refused=True)
        if self._is_awaited:
            screen.draw()
