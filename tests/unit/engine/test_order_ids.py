"""Client order ids: in order, none twice."""

from __future__ import annotations

from tradetui.engine.order_ids import OrderIds


def test_ids_carry_the_run_and_a_number_that_goes_up() -> None:
    ids = OrderIds("7k")
    assert [ids.next_id(), ids.next_id()] == ["tt7k-0001", "tt7k-0002"]


def test_they_go_on_after_the_last_one_given() -> None:
    ids = OrderIds("7k")
    ids.go_on_after(41)
    assert ids.next_id() == "tt7k-0042"
    ids.go_on_after(1_234)
    assert ids.next_id() == "tt7k-1235"
