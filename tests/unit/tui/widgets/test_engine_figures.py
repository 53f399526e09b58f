"""The engine's own figures: what should not be stands out, what is not known is said."""

from __future__ import annotations

from msgspec.structs import replace
from tests.tui.fixtures import at
from tests.tui.pages import diagnostics_page

from tradetui.domain.pages import DiagnosticsPage
from tradetui.tui.widgets.engine_figures import callbacks_content, figures_content


def figure(page: DiagnosticsPage, name: str) -> tuple[str, str, str]:
    """Return value, note and look of a figure."""
    row = next(row for row in figures_content(page).rows if row.key == name)
    return row.cells[1].text, row.cells[2].text, row.cells[1].look


def test_what_is_dropped_at_the_edge_is_told_apart() -> None:
    page = replace(diagnostics_page(), reordered=1_204, late=0, malformed=0)
    text = "too late 0, malformed 0; put in order 1,204"
    assert figure(page, "dropped at the edge") == ("0", text, "base")
    page = replace(page, late=3, malformed=1_000)
    text = "too late 3, malformed 1,000; put in order 1,204"
    assert figure(page, "dropped at the edge") == ("1,003", text, "REJECT")


def test_every_figure_says_what_it_is() -> None:
    bare = [row.key for row in figures_content(diagnostics_page()).rows if not row.cells[2].text]
    assert bare == []


def test_when_the_whole_journal_was_verified() -> None:
    page = diagnostics_page()
    assert figure(page, "journal verified")[::2] == ("not yet", "base")
    page = replace(page, verified_at=at("14:31:30"), verified_steps=1_204_331)
    value, note, look = figure(page, "journal verified")
    assert value.endswith(" 14:31")
    assert (note, look) == ("1,204,331 steps, sound", "base")
    found = figure(replace(page, journal_faults=2), "journal verified")
    assert found[1:] == ("DAMAGED: 2 faults", "REJECT")


def test_lost_items_and_timeouts_stand_out() -> None:
    page = replace(diagnostics_page(), drops=4, timeouts=1, transition_failures=2)
    looks = {name: figure(page, name)[2] for name in ("lost items", "timeouts", "steps")}
    assert looks == {"lost items": "REJECT", "timeouts": "REJECT", "steps": "base"}


def test_the_slowest_callbacks_come_first_and_errors_stand_out() -> None:
    rows = callbacks_content(diagnostics_page()).rows
    assert [row.key for row in rows] == ["sol-mm", "btc-mr"]
    assert rows[0].cells[-1].look == "REJECT"
    assert rows[1].cells[-1].look == "base"
