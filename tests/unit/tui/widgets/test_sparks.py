from __future__ import annotations

import pytest

from tradetui.tui.widgets.sparks import meter, spark


def test_values_rise_from_the_lowest_block_to_the_highest() -> None:
    assert spark([0, 1, 2, 3, 4, 5, 6, 7], 8) == "▁▂▃▄▅▆▇█"
    assert spark([7, 0], 8) == "█▁"
    assert spark([0, 7], 8, ascii_only=True) == "_@"


def test_more_values_than_cells_are_joined_the_newest_at_the_right() -> None:
    assert spark(list(range(16)), 8) == "▁▂▃▄▅▆▇█"
    assert spark([5] * 20 + [9], 2) == "▁█"


def test_what_never_moved_is_a_thin_line() -> None:
    assert spark([3, 3, 3], 8) == "▁▁▁"
    assert spark([3], 8, ascii_only=True) == "_"


@pytest.mark.parametrize(("values", "width"), [([], 8), ([1], 0), ([1], -1)])
def test_nothing_to_draw_or_no_room_is_nothing(values: list[int], width: int) -> None:
    assert spark(values, width) == ""


def test_negative_and_huge_values_stay_exact() -> None:
    assert spark([-(10**30), 10**30], 2) == "▁█"


@pytest.mark.parametrize(
    ("part", "whole", "wanted"),
    [(0, 10, "...."), (5, 10, "##.."), (10, 10, "####"), (99, 10, "####"), (1, 100, "#..."),
     (None, 10, "...."), (-5, 10, "...."), (5, 0, "#...")],
)  # fmt: skip
def test_a_meter_shows_how_much_is_used(part: int | None, whole: int, wanted: str) -> None:
    assert meter(part, whole, 4, ascii_only=True) == wanted


def test_a_meter_has_its_width_in_blocks() -> None:
    assert meter(1, 2, 4) == "██░░"
