"""The undo log, and copies."""

from __future__ import annotations

from tests.support.kernel_world import BTC, World, config

from tradetui.core.state import KernelState


def state() -> KernelState:
    return KernelState(config())


def test_writes_are_taken_back_newest_first() -> None:
    one = state()
    one.cash["main", "USD"] = 1
    one.begin()
    one.put(one.cash, ("main", "USD"), 2)
    one.put(one.cash, ("main", "USD"), 3)
    one.put(one.cash, ("main", "EUR"), 4)
    one.drop(one.cash, ("main", "USD"))
    one.drop(one.cash, ("main", "GBP"))
    one.undo.append((None, "now", one.now))
    one.now = 9
    one.rollback()
    assert one.cash == {("main", "USD"): 1}
    assert one.now == 0


def test_what_was_before_begin_is_kept() -> None:
    one = state()
    one.put(one.cash, ("main", "USD"), 2)
    one.begin()
    one.rollback()
    assert one.cash == {("main", "USD"): 2}


def test_only_the_newest_notes_can_be_taken_back() -> None:
    one = state()
    one.put(one.cash, ("main", "USD"), 2)
    notes = len(one.undo)
    one.put(one.cash, ("main", "USD"), 3)
    one.rollback(notes)
    assert one.cash == {("main", "USD"): 2}
    one.rollback()
    assert one.cash == {}


def test_dropping_what_is_not_there_takes_nothing_back() -> None:
    one = state()
    one.drop(one.parents, "x")
    one.rollback()
    assert one.parents == {}


def test_a_copy_has_maps_of_its_own() -> None:
    world = World()
    order_id = world.place()
    copy = world.state.copy()
    del world.state.open_by_instrument[BTC][order_id]
    world.state.orders.clear()
    assert list(copy.open_by_instrument[BTC]) == [order_id]
    assert list(copy.orders) == [order_id]
