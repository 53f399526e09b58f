from __future__ import annotations

from tradetui.domain.enums import Mend, Severity
from tradetui.domain.replica import AlertGone, AlertView
from tradetui.runtime.alerts import AlertBook, Condition

WRONG = {"x": Condition(Severity.ALERT, None, "it is wrong")}


def test_an_alert_is_raised_once() -> None:
    book = AlertBook()
    (raised,) = book.update(WRONG, 5)
    assert raised == AlertView("x", 5, Severity.ALERT, None, "it is wrong")
    assert book.update(WRONG, 6) == []


def test_it_stays_until_it_is_over_and_acknowledged() -> None:
    book = AlertBook()
    book.update(WRONG, 5)
    (ended,) = book.update({}, 6)
    assert isinstance(ended, AlertView)
    assert (ended.text, ended.is_over) == ("it is wrong", True)
    assert book.acknowledge("x") == AlertGone("x")
    assert book.views() == ()


def test_acknowledged_first_it_goes_when_it_is_over() -> None:
    book = AlertBook()
    book.update(WRONG, 5)
    seen = book.acknowledge("x")
    assert isinstance(seen, AlertView)
    assert seen.is_acknowledged
    assert book.update({}, 6) == [AlertGone("x")]


def test_what_comes_back_must_be_acknowledged_again() -> None:
    book = AlertBook()
    book.update(WRONG, 5)
    book.acknowledge("x")
    book.update({}, 6)
    (again,) = book.update(WRONG, 7)
    assert isinstance(again, AlertView)
    assert not again.is_acknowledged and not again.is_over


def test_a_changed_text_keeps_its_time_and_its_acknowledgement() -> None:
    book = AlertBook()
    book.update(WRONG, 5)
    book.acknowledge("x")
    (changed,) = book.update({"x": Condition(Severity.ALERT, None, "worse\x1b[31m")}, 9)
    assert changed == AlertView("x", 5, Severity.ALERT, None, "worse?[31m", True)


def test_the_drivers_own_alerts_and_the_order() -> None:
    book = AlertBook()
    book.raise_alert("feed", Condition(Severity.WARNING, None, "slow"))
    book.update(WRONG, 5)
    assert [view.alert_id for view in book.views()] == ["x", "feed"]
    book.clear_alert("feed")
    book.update(WRONG, 6)
    assert (book.views()[1].text, book.views()[1].is_over) == ("slow", True)


def test_acknowledging_what_is_not_there() -> None:
    assert AlertBook().acknowledge("x") is None


def test_what_goes_on_unchanged_is_not_looked_at_again() -> None:
    book = AlertBook()
    condition = Condition(Severity.ALERT, None, "bad\x1b[2J")
    (view,) = book.update({"a": condition}, 1)
    assert isinstance(view, AlertView) and "\x1b" not in view.text
    assert book.update({"a": condition}, 2) == []
    (changed,) = book.update({"a": Condition(Severity.ERROR, None, "bad\x1b[2J")}, 3)
    assert isinstance(changed, AlertView) and changed.time == 1


def test_an_alert_has_the_time_of_its_cause_and_what_mends_it() -> None:
    book = AlertBook()
    late = Condition(Severity.ALERT, None, "it is wrong", 3, (Mend.RESUME,))
    (raised,) = book.update({"x": late}, 5)
    assert raised == AlertView("x", 3, Severity.ALERT, None, "it is wrong", False, (Mend.RESUME,))
    (changed,) = book.update({"x": late._replace(mends=(Mend.STOP,))}, 6)
    assert isinstance(changed, AlertView)
    assert (changed.time, changed.mends) == (3, (Mend.STOP,))
    (ended,) = book.update({}, 7)
    assert isinstance(ended, AlertView)
    assert (ended.time, ended.mends) == (3, ()), "nothing is to be mended"
