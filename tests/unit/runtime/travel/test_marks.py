"""Marks: where they are made, which one serves, and how many are kept."""

from __future__ import annotations

from tests.unit.runtime.travel.test_traveller import Rig

from tradetui.runtime.charts import ChartKeeper
from tradetui.runtime.closings import ClosingBook
from tradetui.runtime.travel.beginnings import Beginning
from tradetui.runtime.travel.marks import MOST, MOST_BYTES, REACH, SPACING, Mark, Marks

RIG = Rig(minutes=1)


def mark(seq_id: int, size: int = 10) -> Mark:
    book = ClosingBook(RIG.traveller().state)
    return Mark(seq_id, Beginning(RIG.header, bytes(size)), ChartKeeper(), book, (), (), 0, ())


def test_marks_are_wanted_shortly_before_a_place_and_once() -> None:
    marks, wanted = Marks(), 50 * SPACING + 1
    assert marks.is_wanted(50 * SPACING, wanted)
    assert not marks.is_wanted(50 * SPACING + 1, wanted)
    assert not marks.is_wanted(wanted - wanted % SPACING - REACH, wanted)
    assert not marks.is_wanted(51 * SPACING, wanted)
    assert not marks.is_wanted(50 * SPACING, 50 * SPACING)
    marks.add(mark(50 * SPACING))
    assert not marks.is_wanted(50 * SPACING, wanted)


def test_the_newest_before_a_place_serves_unless_it_is_far() -> None:
    marks = Marks()
    assert marks.before(10_000) is None
    for place in (1_000, 1_200, 1_400):
        marks.add(mark(place))
    for asked, found in ((1_400, 1_200), (1_401, 1_400), (1_400 + REACH, 1_400), (1_001, 1_000)):
        known = marks.before(asked)
        assert known is not None and known.seq_id == found
    assert marks.before(1_000) is None
    assert marks.before(1_401 + REACH) is None


def test_those_far_away_go_first_when_there_are_too_many() -> None:
    marks = Marks()
    for number in range(3 * MOST):
        marks.add(mark(SPACING * (number + 1)))
    assert len(marks) == MOST
    assert marks.before(SPACING * 2) is None
    newest = marks.before(SPACING * 3 * MOST + 1)
    assert newest is not None and newest.seq_id == SPACING * 3 * MOST


def test_so_they_do_when_they_are_too_large_but_the_newest_stays() -> None:
    marks = Marks()
    for number in range(5):
        marks.add(mark(SPACING * (number + 1), MOST_BYTES // 2))
    assert len(marks) == 2
    marks.add(mark(SPACING * 9, MOST_BYTES + 1))
    assert len(marks) == 1
    assert marks.before(SPACING * 9 + 1) is not None
