"""What needs a person: raised while it is true, kept until it is over and acknowledged."""

from __future__ import annotations

from typing import Final, NamedTuple

from msgspec.structs import replace

from tradetui.domain.enums import Mend, Severity
from tradetui.domain.ids import StrategyId
from tradetui.domain.replica import AlertGone, AlertView
from tradetui.domain.text import printable
from tradetui.runtime.cause_times import CauseTimes

_RANK: Final = {Severity.ALERT: 0, Severity.ERROR: 1, Severity.WARNING: 2}


class Condition(NamedTuple):
    """Why a person is needed: how loud, of which instance, the sentence, when it began (ns UTC;
    None: when it is found), and what can be done about it.
    """

    severity: Severity
    strategy_id: StrategyId | None
    text: str
    time: int | None = None
    mends: tuple[Mend, ...] = ()


class AlertBook:
    """The alerts on the screen, by id."""

    def __init__(self) -> None:
        self._alerts: dict[str, AlertView] = {}
        self._true: dict[str, Condition] = {}
        self._own: dict[str, Condition] = {}
        self.causes = CauseTimes()

    def raise_alert(self, alert_id: str, condition: Condition) -> None:
        """Keep an alert of the driver's own (a feed, the journal) until ``clear_alert``."""
        self._own[alert_id] = condition

    def clear_alert(self, alert_id: str) -> None:
        """Say that an alert of the driver's own is over."""
        self._own.pop(alert_id, None)

    def update(self, found: dict[str, Condition], now: int) -> list[AlertView | AlertGone]:
        """Compare with what is true now; return what changed on the screen.

        An alert has the time of what caused it, where that is known: in a fast replay it is found
        long after.
        """
        current = {**found, **self._own}
        changes: list[AlertView | AlertGone] = []
        for alert_id, one in current.items():
            if self._true.get(alert_id) == one:
                continue
            known = self._alerts.get(alert_id)
            text = printable(one.text)
            if known is None or alert_id not in self._true:
                began = now if one.time is None else one.time
                view = AlertView(
                    alert_id, began, one.severity, one.strategy_id, text, False, one.mends
                )
            elif (known.text, known.severity, known.mends) != (text, one.severity, one.mends):
                view = replace(known, severity=one.severity, text=text, mends=one.mends)
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
        self._alerts[alert_id] = replace(known, mends=(), is_over=True)
        return self._alerts[alert_id]
