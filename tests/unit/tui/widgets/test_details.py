"""What stands under a list: no text is cut by the edge of the screen."""

from __future__ import annotations

import pytest

from tradetui.tui.lines import plain, width_of
from tradetui.tui.widgets.details import wrapped

LINE = (
    (" trade t2  ", "title"),
    ("BUY 0.01350 BTC at 66,561.10, fee 0.78 USDT taker, realised", "base"),
)


@pytest.mark.parametrize("width", [20, 40, 60, 79, 200])
def test_a_text_wider_than_the_screen_goes_on_under_itself(width: int) -> None:
    lines = wrapped([(), LINE], width)
    assert lines[0] == ()
    words = " ".join(plain(line) for line in lines[1:]).split()
    assert words == plain(LINE).split()
    if width >= 40:
        assert all(width_of(line) <= width for line in lines)
        assert all(plain(line).startswith(" " * 11) for line in lines[2:])


def test_what_fits_stays_as_it_is() -> None:
    assert wrapped([LINE], 200) == [LINE]
