from __future__ import annotations

from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tradetui.tui.output import CellRuns, CroppedUpdate, Run

CONSOLE = Console(force_terminal=True, color_system=None, width=20)


def sent(chops, spans, ends) -> str:
    return CroppedUpdate(chops, spans, ends).render_segments(CONSOLE)


def test_only_the_changed_cells_are_sent() -> None:
    line = {0: Strip([Segment("abcdefghij")])}
    assert sent([line], [(0, 3, 5)], [[10]]) == "\x1b[1;4Hde"


def test_a_span_over_two_widgets_is_sent_from_both() -> None:
    line = {0: Strip([Segment("abcde")]), 5: Strip([Segment("fghij")])}
    assert sent([line], [(0, 4, 7)], [[5, 10]]) == "\x1b[1;5He\x1b[1;6Hfg"


def test_what_is_outside_or_not_drawn_is_not_sent() -> None:
    line = {0: Strip([Segment("abcde")]), 5: None, 8: Strip([Segment("kl")])}
    assert sent([line], [(0, 5, 8)], [[5, 8, 10]]) == ""


def test_runs_of_cells_are_sent_each_to_its_place() -> None:
    bold = Style(bold=True)
    runs = [Run(3, 0, [Segment("de")]), Run(0, 2, [Segment("a", bold), Segment("b")])]
    update = CellRuns(runs)
    assert "".join(one.text for one in CONSOLE.render(update)) == "\x1b[1;4Hde\x1b[3;1Hab"
    assert update.render_segments(CONSOLE) == "\x1b[1;4Hde\x1b[3;1H\x1b[1ma\x1b[0mb"
