"""What needs a person: raised while it is true, kept until it is over and acknowledged."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from tradetui.domain.enums import Severity
from tradetui.domain.ids import StrategyId
from tradetui.domain.replica import AlertGone, AlertView
from tradetui.domain.text import printable

OVER: Final = " (over)"
_RANK: Final = {Severity.ALERT: 0, Severity.ERROR: 1, Severity.WARNING: 2}

Condition = tuple[Severity, StrategyId | None, str]
"""How loud, of which instance, and the sentence."""


class AlertBook:
    """The alerts on the screen, by id."""

    def __init__(self) -> None:
        self._alerts: dict[str, AlertView] = {}
        self._true: dict[str, Condition] = {}
        self._own: dict[str, Condition] = {}

    def raise_alert(self, alert_id: str, condition: Condition) -> None:
        """Keep an alert of the driver's own (a feed, the journal) until ``clear_alert``."""
        self._own[alert_id] = condition

    def clear_alert(self, alert_id: str) -> None:
        """Say that an alert of the driver's own is over."""
        self._own.pop(alert_id, None)

    def update(self, found: dict[str, Condition], now: int) -> list[AlertView | AlertGone]:
        """Compare with what is true now; return what changed on the screen."""
        current = {**found, **self._own}
        changes: list[AlertView | AlertGone] = []
        for alert_id, (severity, strategy_id, text) in current.items():
            if self._true.get(alert_id) == (severity, strategy_id, text):
                continue
            known = self._alerts.get(alert_id)
            if known is None or alert_id not in self._true:
                view = AlertView(alert_id, now, severity, strategy_id, printable(text))
            elif known.text != printable(text) or known.severity is not severity:
                view = replace(known, severity=severity, text=printable(text))
            else:
                continue
            self._alerts[alert_id] = view
            changes.append(view)
        for alert_id in [key for key in self._true if key not in current]:
            changes.append(self._end(alert_id))
        self._true = current
        return changes

    def acknowledge(self, alert_id: str) -> AlertView | AlertGone | None:
        """Note that a person has seen an alert; None if there is none of that id."""
        known = self._alerts.get(alert_id)
        if known is None:
            return None
        if alert_id not in self._true:
            del self._alerts[alert_id]
            return AlertGone(alert_id)
        self._alerts[alert_id] = replace(known, is_acknowledged=True)
        return self._alerts[alert_id]

    def views(self) -> tuple[AlertView, ...]:
        """Return all alerts, the worst first, then the oldest."""
        return tuple(
            sorted(
                self._alerts.values(),
                key=lambda view: (_RANK.get(view.severity, 3), view.time, view.alert_id),
            )
        )

    def worst(self) -> str:
        """Return the text of the worst alert that is true now and not acknowledged; else empty."""
        return next(
            (
                view.text
                for view in self.views()
                if view.alert_id in self._true and not view.is_acknowledged
            ),
            "",
        )

    def _end(self, alert_id: str) -> AlertView | AlertGone:
        known = self._alerts[alert_id]
        if known.is_acknowledged:
            del self._alerts[alert_id]
            return AlertGone(alert_id)
        self._alerts[alert_id] = replace(known, text=known.text + OVER)
        return self._alerts[alert_id]
