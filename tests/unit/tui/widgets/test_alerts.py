"""Alerts name the keys that mend them, as a person has bound them."""

from __future__ import annotations

from msgspec import structs
from tests.tui.fixtures import alerts

from tradetui.domain.enums import Mend
from tradetui.tui.keymap import BINDINGS
from tradetui.tui.lines import plain
from tradetui.tui.own_keys import parse_bindings
from tradetui.tui.widgets.alerts import alert_words, alerts_content, sorted_alerts
from tradetui.tui.widgets.bars import alert_lines

OWN = parse_bindings('[keys]\nstop = ["X"]\nresume = ["R"]\nacknowledge = ["A"]\n', "keys.toml")


def test_the_keys_come_from_the_table() -> None:
    error = alerts()[0]
    assert alert_words(error).endswith("; Enter traceback, ! exit-only or close")
    assert alert_words(error, OWN).endswith("; Enter traceback, X exit-only or close")
    assert "!" not in error.text


def test_every_mend_has_words_and_a_key() -> None:
    for mend in Mend:
        one = structs.replace(alerts()[0], mends=(mend,))
        assert alert_words(one, BINDINGS) != one.text


def test_an_alert_that_nothing_mends_is_its_text() -> None:
    one = structs.replace(alerts()[0], mends=(), strategy_id=None)
    assert alert_words(one) == one.text


def test_lines_and_list_name_own_keys() -> None:
    first, _ = alert_lines(alerts(), 200, 2, OWN)
    assert plain(first).endswith("2 open, A acknowledge")
    assert "X exit-only" in plain(first)
    (one,) = alert_lines(alerts()[:1], 80, 1, OWN)
    assert plain(one).endswith("X acts")
    assert "X exit-only" in alerts_content(alerts(), OWN).rows[0].cells[3].text


def test_what_is_over_says_so_first_and_stands_behind_what_is_true() -> None:
    error, unknown = alerts()
    ended = structs.replace(error, mends=(), is_over=True)
    assert [one.alert_id for one in sorted_alerts([ended, unknown])] == [
        unknown.alert_id,
        ended.alert_id,
    ]
    (line,) = alert_lines([ended], 80, 1)
    assert plain(line).startswith("! 14:31:30 sol-mm over: ERROR, not run since: LONG")
    assert plain(line).rstrip().endswith("^g seen")
    assert {look for _, look in line} == {"alert_seen"}
    row = alerts_content([ended]).rows[0]
    assert row.cells[1].text == "over"
    assert row.cells[3].text.startswith("over: ERROR")
    seen = structs.replace(ended, is_acknowledged=True)
    assert alerts_content([seen]).rows[0].cells[1].text == "seen"


def test_a_wide_screen_counts_what_is_still_true() -> None:
    error, unknown = alerts()
    ended = structs.replace(error, mends=(), is_over=True)
    assert plain(alert_lines([unknown, ended], 120, 2)[0]).endswith("1 open, ^g acknowledge")
    assert plain(alert_lines([ended], 120, 2)[0]).endswith("1 over, ^g acknowledge")
