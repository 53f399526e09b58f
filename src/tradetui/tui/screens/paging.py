"""The pages of the engine: which one is read for the open full screen, and the list it becomes."""

from __future__ import annotations

from typing import Final

from tradetui.domain.pages import (
    DiagnosticsPage,
    EventFilter,
    EventsPage,
    MarketsPage,
    RiskPage,
    RunsPage,
)
from tradetui.tui.actions import Engine
from tradetui.tui.widgets import engine_figures, page_lists
from tradetui.tui.widgets.lists import ListContent
from tradetui.tui.widgets.page_lists import Instruments
from tradetui.tui.widgets.runs_list import runs_content

PAGE_SECONDS: Final = 0.5
"""How often the page of the open full screen is read."""
RUNS_SECONDS: Final = 5.0
"""The same for what is read of the journal's file."""
EVENTS: Final = 500

Page = RiskPage | MarketsPage | EventsPage | DiagnosticsPage | RunsPage


def seconds_of(name: str) -> float:
    """Return how often a page is read."""
    return RUNS_SECONDS if name == "runs" else PAGE_SECONDS


async def read_page(engine: Engine, name: str, wanted: EventFilter) -> Page:
    """Read a page; ``wanted`` says which events."""
    match name:
        case "risk":
            return await engine.risk_page()
        case "markets":
            return await engine.markets_page()
        case "events":
            return await engine.events_page(wanted, EVENTS)
        case "runs":
            return await engine.runs_page()
        case _:
            return await engine.diagnostics_page()


def page_content(
    tab: str, page: Page | None, instruments: Instruments, *, masked: bool, ascii_only: bool
) -> ListContent:
    """Return a list that is made of a page; empty until the page has come."""
    match page:
        case RiskPage():
            return _risk(tab, page, masked=masked, ascii_only=ascii_only)
        case MarketsPage():
            return page_lists.markets_content(page, instruments, ascii_only=ascii_only)
        case RunsPage():
            return runs_content(page, masked=masked)
        case EventsPage():
            return page_lists.events_content(page, instruments)
        case DiagnosticsPage():
            figures = engine_figures.figures_content, engine_figures.callbacks_content
            return figures[tab == "Callbacks"](page)
        case _:
            return ListContent((), (), "reading ...")


def _risk(tab: str, page: RiskPage, *, masked: bool, ascii_only: bool) -> ListContent:
    match tab:
        case "Limits":
            return page_lists.limits_content(page, masked=masked, ascii_only=ascii_only)
        case "Exposure":
            return page_lists.exposure_content(page, masked=masked, ascii_only=ascii_only)
        case "Kill-switches":
            return page_lists.kills_content(page)
        case _:
            return page_lists.routes_content(page, masked=masked)
