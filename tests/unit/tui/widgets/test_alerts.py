"""Alerts name the keys that mend them, as a person has bound them."""

from __future__ import annotations

from msgspec import structs
from tests.tui.fixtures import alerts

from tradetui.domain.enums import Mend
from tradetui.tui.keymap import BINDINGS
from tradetui.tui.lines import plain
from tradetui.tui.own_keys import parse_bindings
from tradetui.tui.widgets.alerts import alert_words, alerts_content
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
