"""The runs of the journal as a list: when each was, and what came of it."""

from __future__ import annotations

import shlex
from typing import Final

from tradetui.domain import formatting
from tradetui.domain.pages import RUNNING, RunLine, RunsPage
from tradetui.domain.text import printable
from tradetui.tui.money import money_text, sign_look
from tradetui.tui.widgets.instance_columns import Cell
from tradetui.tui.widgets.lists import ListColumn, ListContent, ListRow

LOOK_AT_IT: Final = "LOOK AT IT"
"""The column with the command that shows a run in time travel."""
_COLUMNS: Final = (
    ListColumn("TIME UTC", 8),
    ListColumn("MODE", 7),
    ListColumn("ENDED", 8, starts=14),
    ListColumn("HOW", 7),
    ListColumn("LASTED", 6, right=True, leaves=5),
    ListColumn("STEPS", 9, right=True, leaves=6),
    ListColumn("ORDERS", 6, right=True, leaves=4),
    ListColumn("FILLS", 6, right=True),
    ListColumn("PNL", 13, right=True),
    ListColumn("VERIFIED", 8, leaves=3),
    ListColumn("RUN", 23, leaves=7),
    ListColumn("CARRIES ON", 23, leaves=9),
    ListColumn("PROGRAM", 16, leaves=8),
    ListColumn(LOOK_AT_IT, 0, is_away=True),
)
_ENDS: Final = {RUNNING: "allow", "clean": "base", "crashed": "REJECT"}


def runs_content(page: RunsPage, *, masked: bool) -> ListContent:
    """Return the runs, the newest first."""
    rows = tuple(_row(line, page, masked=masked) for line in page.runs)
    empty = "no runs here: a recorded run is looked at, or nothing is recorded"
    return ListContent(_COLUMNS, rows, empty)


def _row(line: RunLine, page: RunsPage, *, masked: bool) -> ListRow:
    ended = line.ended_time
    changes = "; ".join(
        f"{money_text(amount, currency, signed=True, masked=masked)} {printable(currency, 12)}"
        for currency, amount in line.changes
    )
    look = "base"
    if len(line.changes) == 1:
        look = sign_look(changes)
    travel = f"tradetui travel {shlex.quote(page.path)} --run {shlex.quote(line.run_id)}"
    cells = (
        Cell(formatting.clock(line.started_time)),
        Cell(_mode(line)),
        _ended(line),
        Cell("now" if line.ended_how == RUNNING else line.ended_how, _ENDS[line.ended_how]),
        Cell("-" if ended is None else formatting.age(ended - line.started_time)),
        Cell(formatting.count(line.steps)),
        Cell("?" if line.orders is None else formatting.count(line.orders)),
        Cell(formatting.count(line.fills)),
        Cell(changes or "-", look),
        _verified(line, page),
        Cell(printable(line.run_id, 40), "dim"),
        Cell(printable(line.continues, 40) or "-", "dim"),
        Cell(printable(line.program, 40) or "-", "dim"),
        Cell(printable(travel, 400)),
    )
    return ListRow(line.run_id, "", cells, formatting.date(line.started_time))


def _ended(line: RunLine) -> Cell:
    """Say when a run ended: with the date, or without that of the day on which it began."""
    if line.ended_time is None:
        return Cell("-")
    day, clock = formatting.date(line.ended_time), formatting.clock(line.ended_time)
    is_same = day == formatting.date(line.started_time)
    return Cell(f"{day[5:]} {clock}", short=(clock,) if is_same else (f"{day[5:]} {clock[:5]}",))


def _mode(line: RunLine) -> str:
    """Name the run mode; of paper money on recorded or made-up data that is a replay."""
    return "REPLAY" if line.is_virtual else line.run_mode.value.upper()


def _verified(line: RunLine, page: RunsPage) -> Cell:
    """Say whether the run was there when the whole journal was verified last, and how that went."""
    if page.verified_at is None or line.ended_time is None or line.ended_time > page.verified_at:
        return Cell("not yet", "dim")
    return Cell("DAMAGED", "REJECT") if page.faults else Cell("yes")
