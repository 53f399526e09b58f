"""The reorder buffer: what comes out of order is put in order, within its bounds, and counted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tradetui.adapters.reorder import ReorderBuffer

A, B = "BTC/USD.SIM", "ETH/USD.SIM"

Arrival = tuple[int, str]
"""(event time, market)."""


def passed(
    arrivals: list[Arrival], size: int, timeout: int
) -> tuple[list[int], ReorderBuffer[int]]:
    """Return which arrivals come out, in which order; the clock is the newest event time."""
    buffer = ReorderBuffer[int](size, timeout)
    out: list[int] = []
    now = 0
    for number, (time, market) in enumerate(arrivals):
        now = max(now, time)
        buffer.put(time, market, number, now)
        out += buffer.take(now)
        assert not buffer.is_overfull
    return out + buffer.flush(), buffer


def times_of(arrivals: list[Arrival], numbers: list[int]) -> list[int]:
    return [arrivals[number][0] for number in numbers]


def test_what_is_in_order_stays_as_it_is() -> None:
    arrivals = [(time, A) for time in range(1, 50)]
    out, buffer = passed(arrivals, 4, 10)
    assert out == list(range(49))
    assert (buffer.reordered, buffer.late) == (0, 0)


def test_one_that_comes_late_gets_its_place() -> None:
    arrivals = [(10, A), (30, A), (20, A), (25, A), (40, A)]
    out, buffer = passed(arrivals, 8, 1_000)
    assert times_of(arrivals, out) == [10, 20, 25, 30, 40]
    assert (buffer.reordered, buffer.late) == (2, 0)


def test_ties_keep_the_order_in_which_they_came() -> None:
    arrivals = [(20, A), (10, A), (20, A), (10, A), (20, A)]
    out, _ = passed(arrivals, 8, 1_000)
    assert out == [1, 3, 0, 2, 4]


def test_what_is_older_than_what_was_handed_on_is_dropped_and_counted() -> None:
    arrivals = [(10, A), (20, A), (30, A), (15, A), (5, A), (20, A)]
    out, buffer = passed(arrivals, 1, 1_000)
    assert times_of(arrivals, out) == [10, 20, 20, 30]
    assert buffer.late == 2
    assert buffer.reordered == 1


def test_a_market_holds_no_more_than_its_size() -> None:
    buffer = ReorderBuffer[int](2, 1_000)
    for time in (3, 2, 1):
        buffer.put(time, A, time, 3)
    buffer.put(9, B, 9, 9)
    assert buffer.is_overfull
    assert buffer.take(9) == [1]
    assert len(buffer) == 3
    assert not buffer.is_overfull


def test_nothing_is_held_longer_than_the_timeout() -> None:
    buffer = ReorderBuffer[int](100, 50)
    assert buffer.due is None
    buffer.put(10, A, 10, 1_000)
    buffer.put(5, A, 5, 1_020)
    buffer.put(30, A, 30, 1_030)
    assert buffer.due == 1_050
    assert buffer.take(1_049) == []
    assert buffer.take(1_050) == [5, 10]
    assert buffer.due == 1_080
    assert buffer.take(1_080) == [30]
    assert buffer.due is None


def test_a_market_is_not_judged_by_another() -> None:
    arrivals = [(10, A), (20, A), (30, A), (12, B), (11, B), (13, B)]
    out, buffer = passed(arrivals, 1, 1_000)
    assert buffer.late == 0
    assert [number for number in out if arrivals[number][1] == B] == [4, 3, 5]


def test_all_come_in_order_of_time_where_nothing_is_late() -> None:
    arrivals = [(10, A), (30, B), (20, A), (40, B), (35, A)]
    out, _ = passed(arrivals, 8, 1_000)
    assert times_of(arrivals, out) == [10, 20, 30, 35, 40]


@given(
    st.lists(st.tuples(st.integers(1, 60), st.sampled_from((A, B))), max_size=60),
    st.integers(1, 8),
    st.integers(1, 40),
)
def test_each_comes_out_once_in_order_or_is_counted(
    arrivals: list[Arrival], size: int, timeout: int
) -> None:
    out, buffer = passed(arrivals, size, timeout)
    assert len(out) + buffer.late == len(arrivals)
    assert len(frozenset(out)) == len(out)
    for market in (A, B):
        keys = [(arrivals[one][0], one) for one in out if arrivals[one][1] == market]
        assert keys == sorted(keys)
    assert passed(arrivals, size, timeout)[0] == out
