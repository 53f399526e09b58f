"""The figures of the line to the terminal."""

from __future__ import annotations

from itertools import count

from tests.tui.pages import diagnostics_page

from tradetui.tui.link import Link
from tradetui.tui.widgets.engine_figures import figures_content
from tradetui.tui.widgets.link_figures import with_link
from tradetui.tui.widgets.lists import ListContent


def figures(link: Link) -> dict[str, tuple[str, str]]:
    rows = with_link(figures_content(diagnostics_page()), link).rows
    return {row.key: (row.cells[1].text, row.cells[2].text) for row in rows}


def test_a_line_that_was_not_measured_says_so() -> None:
    found = figures(Link(lambda: 0.0))
    assert found["terminal line"] == ("?", "not measured: the terminal answers no question")
    assert found["bytes under way"][0] == "0"
    assert found["slow-link mode"] == ("off", "")
    assert "event lag" in found


def test_rate_delay_and_what_is_under_way() -> None:
    now = 0.0
    link = Link(lambda: now, is_slow=True)
    for size in (100, 2_000, 300, 1_200):
        link.sent(size)
        now += 0.4 + size / 960
        link.answered()
    link.sent(1_234)
    found = figures(link)
    assert found["terminal line"] == ("960 B/s", "there and back in 504 ms at best")
    assert found["bytes under way"][0] == "1,234"
    assert found["slow-link mode"][0] == "on"


def test_a_line_whose_size_does_not_matter_is_quick() -> None:
    ticks = count()
    link = Link(lambda: float(next(ticks)))
    for size in (10, 500, 1_000):
        link.sent(size)
        link.answered()
    assert figures(link)["terminal line"][0] == "quick"


def test_an_empty_page_stays_empty() -> None:
    empty = ListContent((), (), "reading ...")
    assert with_link(empty, Link(lambda: 0.0)) is empty
