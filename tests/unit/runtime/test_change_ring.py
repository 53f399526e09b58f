"""Changes have numbers without a gap; who is too far behind is told."""

from __future__ import annotations

from tradetui.domain.ids import StrategyId
from tradetui.domain.replica import UiChanged
from tradetui.runtime.change_ring import ChangeRing


def ring(size: int, count: int) -> ChangeRing:
    """A ring to which ``count`` changes came."""
    made = ChangeRing(size)
    for number in range(1, count + 1):
        made.append(UiChanged(StrategyId(str(number))))
    return made


def test_an_empty_ring_has_nothing_new_and_knows_no_later_reader() -> None:
    empty = ring(4, 0)
    assert (empty.number, len(empty)) == (0, 0)
    assert empty.after(0) == ()
    assert empty.after(1) is None


def test_what_came_after_a_number_is_given_in_order() -> None:
    found = ring(4, 3).after(1)
    assert found is not None
    assert [one.number for one in found] == [2, 3]
    assert [one.change for one in found] == [UiChanged(StrategyId("2")), UiChanged(StrategyId("3"))]


def test_no_more_than_its_size_is_kept() -> None:
    full = ring(4, 10)
    assert (full.number, len(full)) == (10, 4)
    found = full.after(6)
    assert found is not None
    assert [one.number for one in found] == [7, 8, 9, 10]
    assert full.after(5) is None
    assert full.after(10) == ()
