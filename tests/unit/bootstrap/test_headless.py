"""A run without a screen says what needs a person, once."""

from __future__ import annotations

from types import SimpleNamespace

from tradetui.bootstrap.headless import Teller
from tradetui.domain.enums import Severity
from tradetui.domain.replica import AlertView


def test_alerts_are_said_once_when_they_are_raised() -> None:
    alerts = [AlertView("a", 0, Severity.ALERT, None, "was there at the start")]
    publisher = SimpleNamespace(alerts=lambda: tuple(alerts))
    said: list[str] = []
    teller = Teller(SimpleNamespace(driver=SimpleNamespace(publisher=publisher)), said.append)
    teller.tell()
    assert said == []
    alerts.append(AlertView("b", 60 * 10**9, Severity.ALERT, None, "it failed"))
    alerts.append(AlertView("c", 60 * 10**9, Severity.WARNING, None, "data stale"))
    teller.tell()
    teller.tell()
    assert said == ["1970-01-01 00:01:00  it failed"]
    alerts[1] = AlertView("b", 120 * 10**9, Severity.ALERT, None, "it failed again")
    teller.tell()
    assert said[1:] == ["1970-01-01 00:02:00  it failed again"]
