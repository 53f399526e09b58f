"""What needs a person, in words, and the keys that mend it: in a line and as a list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tradetui.domain import formatting
from tradetui.domain.enums import Mend, Severity
from tradetui.domain.replica import AlertView
from tradetui.domain.text import printable
from tradetui.tui.keymap import BINDINGS, Binding
from tradetui.tui.widgets.instance_columns import Cell
from tradetui.tui.widgets.lists import ListColumn, ListContent, ListRow

_SEVERITY_ORDER: Final = list(Severity)
_MENDS: Final = {
    Mend.TRACEBACK: ("open", "traceback"),
    Mend.STOP: ("stop", "exit-only or close"),
    Mend.RESUME: ("resume", "resumes"),
    Mend.CLOSE: ("stop", "closes it again"),
}
"""The act that mends, as the table of keys names it, and what that does here."""


def sorted_alerts(alerts: Iterable[AlertView]) -> list[AlertView]:
    """Return the alerts, those not acknowledged first, what is over last of them, then the worst,
    then the oldest.
    """
    order = _SEVERITY_ORDER.index
    return sorted(
        alerts,
        key=lambda a: (a.is_acknowledged, a.is_over, -order(a.severity), a.time, a.alert_id),
    )


def open_alerts(alerts: Iterable[AlertView]) -> list[AlertView]:
    """Return the alerts that nobody has acknowledged, the worst first; if there is none all."""
    shown = sorted_alerts(alerts)
    return [alert for alert in shown if not alert.is_acknowledged] or shown


def alert_words(alert: AlertView, bindings: Iterable[Binding] = BINDINGS) -> str:
    """Return what an alert says, without the instance it begins with, for that stands before it;
    and the keys that mend it. That it is over comes first, where no narrow line cuts it.
    """
    text = printable(alert.text)
    body = text.removeprefix(f"{alert.strategy_id} ") if alert.strategy_id else text
    if alert.is_over:
        return f"over: {body}"
    keys = {binding.id: binding.shown for binding in bindings}
    mends = [f"{keys[act]} {words}" for act, words in (_MENDS[mend] for mend in alert.mends)]
    return "; ".join([body, ", ".join(mends)]) if mends else body


def short_alerts(text: str) -> tuple[str, ...]:
    """Return an alert in ever fewer clauses: those at the end are what a narrow screen can miss."""
    clauses = text.split("; ")
    return tuple("; ".join(clauses[:count]) for count in range(len(clauses) - 1, 0, -1))


def alerts_content(
    alerts: Iterable[AlertView], bindings: Iterable[Binding] = BINDINGS
) -> ListContent:
    """Return the alerts as a list."""
    rows = tuple(_alert_row(alert, alert_words(alert, bindings)) for alert in sorted_alerts(alerts))
    return ListContent(_COLUMNS, rows, "no alerts: nothing needs a person")


def _alert_row(alert: AlertView, words: str) -> ListRow:
    seen = Cell("over", "dim") if alert.is_over else Cell("open", "alert")
    if alert.is_acknowledged:
        seen = Cell("seen", "dim")
    return ListRow(
        alert.alert_id,
        alert.strategy_id or "",
        (
            Cell(formatting.clock(alert.time)),
            seen,
            Cell(alert.strategy_id or "-"),
            Cell(words, short=short_alerts(words)),
        ),
        formatting.date(alert.time),
    )


_COLUMNS: Final = (
    ListColumn("TIME UTC", 8),
    ListColumn("STATE", 5),
    ListColumn("INSTANCE", 10),
    ListColumn("TEXT", 0),
)
