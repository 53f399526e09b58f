"""What needs a person: raised while it is true, kept until it is over and acknowledged."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from tradetui.core.guards import guard_of
from tradetui.core.state import KernelState
from tradetui.domain.enums import Guard, InstanceMode, InstanceState, Severity
from tradetui.domain.formatting import age
from tradetui.domain.ids import StrategyId, is_shadow
from tradetui.domain.replica import AlertGone, AlertView, InstanceView
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


def conditions(state: KernelState, instances: list[InstanceView], now: int) -> dict[str, Condition]:
    """Return everything in the core that needs a person now, by alert id."""
    found: dict[str, Condition] = {}
    for view in instances:
        found.update(_of_instance(view, now))
    for key in sorted(state.positions):
        if is_shadow(key[1]) or guard_of(state, key) is not Guard.MISSING:
            continue
        symbol = state.instruments[key[2]].symbol
        text = f"{key[0]} {symbol}: the position has no stop although one is wanted"
        found[f"guard:{key[0]}:{key[1]}:{key[2]}"] = (Severity.ALERT, key[0], text)
    for order_id, order in state.open_orders.items():
        if order.is_unknown:
            owner = order.terms.strategy_id
            text = f"{owner} order {order_id}: its outcome is unknown; entries on its market wait"
            found[f"unknown:{order_id}"] = (Severity.ALERT, owner, text)
    for route_id, reason in sorted(state.halted_routes.items()):
        text = f"route {route_id} is halted: {reason}"
        found[f"route:{route_id}"] = (Severity.ALERT, None, text)
    return found


def _of_instance(view: InstanceView, now: int) -> dict[str, Condition]:
    sid = view.strategy_id
    found: dict[str, Condition] = {}
    if view.state is InstanceState.ERROR:
        text = f"{sid} stopped by errors: {view.error or view.state_reason}"
        found[f"error:{sid}"] = (Severity.ALERT, sid, text)
    if view.state is InstanceState.EXIT_ONLY and _is_limit(view.state_reason):
        found[f"limit:{sid}"] = (Severity.ALERT, sid, f"{sid} exit-only: {view.state_reason}")
    is_on = view.is_loaded and view.mode is not InstanceMode.OFF
    if is_on and view.is_stale and view.price_time is not None:
        old = age(now - view.price_time)
        text = f"DATA STALE {old} {view.symbol}: {sid} has no fresh price"
        found[f"stale:{sid}"] = (Severity.WARNING, sid, text)
    return found


def _is_limit(reason: str) -> bool:
    """Tell whether a limit (not a person) made an instance exit-only."""
    return "limit" in reason.lower()
