"""Rows of a file, put in order as a feed's items are."""

from __future__ import annotations

import pickle

from tradetui.adapters.replay.ordering import RowsInOrder
from tradetui.data.row_order import RowOrder


def test_rows_get_their_place_or_are_left_out() -> None:
    order = RowsInOrder(2, 100)([10, 30, 20, 40, 50, 5])
    assert order == RowOrder([0, 2, 1, 3, 4], reordered=1, late=1)


def test_the_clock_is_the_newest_time_that_was_read() -> None:
    assert RowsInOrder(100, 10)([10, 30, 25, 41, 29]) == RowOrder([0, 2, 1, 3], 1, 1)
    assert RowsInOrder(100, 12)([10, 30, 25, 41, 29]) == RowOrder([0, 2, 4, 1, 3], 2, 0)


def test_it_goes_to_another_process() -> None:
    one = RowsInOrder(5, 7)
    assert pickle.loads(pickle.dumps(one)) == one
