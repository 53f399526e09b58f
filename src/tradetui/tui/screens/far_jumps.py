"""Jumps to what stands in pages of the engine: an account, a limit, a run. They are read first."""

from __future__ import annotations

from typing import Final, NamedTuple

from tradetui.domain.pages import LimitLine, RiskPage, RunsPage
from tradetui.tui.screens.desk import Desk
from tradetui.tui.widgets.page_lists import limit_key, limits_in_order

_RUN: Final = "run-"
"""How the names of runs begin: the journal is read for no other word."""


class Place(NamedTuple):
    """A row of a list over all instances, and the screen that shows it."""

    screen: str
    tab: str
    key: str


class FarJumps:
    """Finds rows of lists that the console reads only while they are open."""

    def __init__(self, screen: Desk) -> None:
        self._screen = screen

    async def find(self, name: str) -> Place | None:
        """Read what may hold a name, and return where it is; None where nothing is called so.

        Raises OSError where the runs of the journal cannot be read.
        """
        engine, pages = self._screen.console_app.engine, self._screen.painter.pages
        if name.startswith(_RUN):
            runs = pages["runs"] = await engine.runs_page()
            self._screen.painter.forget_lists()
            return _run(runs, name)
        risk = pages["risk"] = await engine.risk_page()
        self._screen.painter.forget_lists()
        return _route(risk, name) or _limit(risk, name)

    def names(self) -> list[str]:
        """Return the names that are known: of what has been read, and the accounts."""
        pages = self._screen.painter.pages
        found = {row.account for row in self._screen.replica.instances.values()}
        match pages.get("risk"):
            case RiskPage() as page:
                found.update(word for line in page.limits for word in _words(line))
                found.update(route.route_id for route in page.routes)
        match pages.get("runs"):
            case RunsPage() as runs:
                found.update(line.run_id for line in runs.runs)
        return sorted(found)


def _run(page: RunsPage, name: str) -> Place | None:
    found = next((line.run_id for line in page.runs if line.run_id == name), None)
    return None if found is None else Place("screen_runs", "Runs", found)


def _route(page: RiskPage, name: str) -> Place | None:
    """Find a route by its own name, or the first of an account."""
    routes = page.routes
    found = [one.route_id for one in routes if one.route_id == name]
    found += [one.route_id for one in routes if one.execution_id == name]
    return Place("screen_risk", "Routes", found[0]) if found else None


def _limit(page: RiskPage, name: str) -> Place | None:
    """Find the limit of a scope, or of all that are called so the one most used."""
    lines = limits_in_order(page)
    found = next((line for line in lines if name in _words(line)), None)
    return None if found is None else Place("screen_risk", "Limits", limit_key(found))


def _words(line: LimitLine) -> tuple[str, str]:
    """Return what a limit is called: by its control, and with its scope before that."""
    return line.control, f"{line.key or line.scope.value}/{line.control}"
