"""Parents and children, OCO groups, reduce-only: who follows whom, and by how much."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest

from tradetui.core.venue.models import FillModel, VenueConfig
from tradetui.domain.enums import OrderRole, TimeInForce

Make = Callable[..., Any]
CAPPED = VenueConfig(FillModel.VOLUME_CAP, volume_share_ppm=1_000_000)


def bracket(desk: Any, quantity: int = 10, *, oco: str | None = "g", **entry: Any) -> None:
    """Place an entry with a stop at 90 and a target at 110."""
    kind = "limit" if "price" in entry else "stop" if "trigger_price" in entry else "market"
    desk.place("1", "BUY", kind, quantity, **entry)
    common = {"parent_order_id": "1", "reduce_only": True, "oco_group": oco}
    desk.place("2", "SELL", "stop", quantity, trigger_price=90, role=OrderRole.STOP_LOSS, **common)
    desk.place("3", "SELL", "limit", quantity, price=110, role=OrderRole.TAKE_PROFIT, **common)


def is_empty(desk: Any) -> bool:
    """Nothing is left of any bracket, group or order."""
    state = desk.venue._state
    return not (state.orders or state.brackets or state.groups or state.busy)


# -- one bar ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "bar", "expected"),
    [
        # entered at the open: the whole range comes after it, and the stop comes first
        ({}, (100, 105, 95, 100), ["fill 1 10@100 taker"]),
        ({}, (100, 110, 95, 100), ["fill 1 10@100 taker", "fill 3 10@110 maker", "cancel 2 oco"]),
        (
            {},
            (100, 105, 90, 100),
            ["fill 1 10@100 taker", "trigger 2", "fill 2 10@90 taker", "cancel 3 oco"],
        ),
        (
            {},
            (100, 115, 85, 100),
            ["fill 1 10@100 taker", "trigger 2", "fill 2 10@90 taker", "cancel 3 oco"],
        ),
        # entered inside the range: the stop may have come after it, the target is not proven
        ({"price": 98}, (100, 115, 95, 100), ["fill 1 10@98 maker"]),
        (
            {"price": 98},
            (100, 115, 90, 100),
            ["fill 1 10@98 maker", "trigger 2", "fill 2 10@90 taker", "cancel 3 oco"],
        ),
        # a close beyond the target proves it; it pays the target and no more
        (
            {"price": 98},
            (100, 115, 95, 112),
            ["fill 1 10@98 maker", "fill 3 10@110 maker", "cancel 2 oco"],
        ),
        (
            {"trigger_price": 104},
            (100, 115, 95, 100),
            ["trigger 1", "fill 1 10@104 taker"],
        ),
        (
            {"trigger_price": 104},
            (100, 115, 90, 113),
            ["trigger 1", "fill 1 10@104 taker", "trigger 2", "fill 2 10@90 taker", "cancel 3 oco"],
        ),
    ],
)
@pytest.mark.parametrize("with_open", [True, False])
def test_children_may_act_in_the_bar_of_their_parent(
    desk: Any, entry: dict[str, int], bar: tuple[int, ...], expected: list[str], with_open: bool
) -> None:
    bracket(desk, **entry)
    seen = desk.open(bar[0]) if with_open else []
    seen += desk.bar(*bar)
    assert seen == expected
    assert is_empty(desk) is (len(expected) > 2)


def test_a_stop_comes_before_a_target_in_later_bars_too(desk: Any) -> None:
    bracket(desk)
    desk.bar(100, 100, 100, 100)
    assert desk.bar(100, 120, 80, 100) == ["trigger 2", "fill 2 10@90 taker", "cancel 3 oco"]
    assert is_empty(desk)


def test_a_gap_beyond_the_target_fills_it_at_the_open(desk: Any) -> None:
    bracket(desk)
    desk.bar(100, 100, 100, 100)
    assert desk.bar(115, 120, 80, 100) == ["fill 3 10@115 taker", "cancel 2 oco"]


# -- children follow the filled quantity -----------------------------------------------------------


def test_children_grow_with_the_fills_of_their_parent(make_desk: Make) -> None:
    desk = make_desk(CAPPED)
    desk.trade(100)
    bracket(desk)
    assert desk.trade(100, 4) == ["fill 1 4@100 taker", "amend 2 4 ^90", "amend 3 4"]
    assert desk.trade(100, 3) == ["fill 1 3@100 taker", "amend 2 7 ^90", "amend 3 7"]
    assert desk.trade(100, 9) == ["fill 1 3@100 taker", "amend 2 10 ^90", "amend 3 10"]
    assert desk.trade(111, 4) == ["fill 3 4@110 maker", "amend 2 6 ^90"]
    assert desk.trade(89, 99) == ["trigger 2", "fill 2 6@89 taker", "cancel 3 oco"]
    assert is_empty(desk)


def test_an_exit_that_fires_ends_the_resting_entry(make_desk: Make) -> None:
    desk = make_desk(CAPPED)
    desk.trade(100)
    bracket(desk, price=99)
    assert desk.trade(98, 4) == ["fill 1 4@99 maker", "amend 2 4 ^90", "amend 3 4"]
    assert desk.trade(112, 1) == [
        "fill 3 1@110 maker",
        "cancel 1 bracket",
        "amend 2 3 ^90",
    ]
    assert desk.trade(112, 100) == ["fill 3 3@110 maker", "cancel 2 oco"]
    assert is_empty(desk)


def test_an_exit_that_sells_all_there_is_ends_the_resting_entry(make_desk: Make) -> None:
    desk = make_desk(CAPPED)
    desk.trade(100)
    bracket(desk, price=99)
    desk.trade(98, 4)
    assert desk.trade(112, 10) == ["fill 3 4@110 maker", "cancel 1 bracket", "cancel 2 oco"]
    assert is_empty(desk)


def test_an_exit_that_its_brothers_leave_nothing_ends_after_its_own_fill(make_desk: Make) -> None:
    """Two exits for all of it: what the one sells in part, the other has lost."""
    desk = make_desk(CAPPED)
    desk.trade(100)
    desk.place("1", "BUY", "market", 10)
    common = {"parent_order_id": "1", "oco_group": "g"}
    desk.place("2", "SELL", "limit", 10, price=110, **common)
    desk.place("3", "SELL", "limit", 10, price=110, **common)
    desk.trade(100, 10)
    assert desk.trade(111, 4) == ["fill 2 4@110 maker", "amend 3 6"]
    assert desk.trade(111, 6) == ["fill 2 6@110 maker", "cancel 3 oco"]
    assert is_empty(desk)


def test_a_stop_that_is_triggered_ends_the_entry_before_it_fills(make_desk: Make) -> None:
    desk = make_desk(VenueConfig(FillModel.VOLUME_CAP, volume_share_ppm=500_000))
    desk.trade(100)
    bracket(desk, price=99)
    desk.trade(98, 8)
    assert desk.quote(89, 110, size=0) == ["trigger 2", "cancel 1 bracket"]
    assert desk.trade(88, 8) == ["fill 2 4@88 taker", "cancel 3 oco"]
    assert is_empty(desk)


def test_children_go_with_a_parent_that_never_filled(desk: Any) -> None:
    bracket(desk, price=50)
    assert desk.cancel("1") == ["cancel 1", "cancel 2 parent", "cancel 3 parent"]
    assert is_empty(desk)


def test_children_stay_with_what_a_cancelled_parent_had_filled(make_desk: Make) -> None:
    desk = make_desk(CAPPED)
    desk.trade(100)
    bracket(desk, price=99)
    desk.trade(98, 4)
    assert desk.cancel("1") == ["cancel 1"]
    assert desk.trade(80, 99) == ["trigger 2", "fill 2 4@80 taker", "cancel 3 oco"]
    assert is_empty(desk)


def test_what_is_too_small_to_be_an_order_is_dust(make_desk: Make) -> None:
    desk = make_desk(CAPPED, min_quantity=3)
    desk.trade(100)
    bracket(desk, price=99)
    assert desk.trade(98, 2) == ["fill 1 2@99 maker"]
    assert desk.cancel("1") == ["cancel 1", "cancel 2 dust", "cancel 3 dust"]
    assert is_empty(desk)


def test_dust_by_notional(make_desk: Make) -> None:
    desk = make_desk(CAPPED, min_notional=250 * 10**8)
    desk.trade(100)
    bracket(desk, price=99)
    assert desk.trade(98, 2) == ["fill 1 2@99 maker"]
    assert desk.trade(98, 1) == ["fill 1 1@99 maker", "amend 2 3 ^90", "amend 3 3"]


def test_children_follow_what_a_fee_in_the_base_coin_leaves(make_desk: Make) -> None:
    config = VenueConfig(fee_in_base=True, taker_fee_ppm=1_000)
    desk = make_desk(config, size_scale=8, size_increment=1_000)
    desk.bar(100, 100, 100, 100)
    bracket(desk, quantity=100_000)
    assert desk.open(100) == [
        "fill 1 100000@100 taker",
        "amend 2 99000 ^90",
        "amend 3 99000",
    ]
    assert desk.last[0].payload.commission_currency == "AAA"
    assert desk.last[0].payload.commission == 100
    assert desk.bar(100, 100, 80, 80) == ["trigger 2", "fill 2 99000@90 taker", "cancel 3 oco"]


def test_targets_for_a_part_share_the_position(make_desk: Make) -> None:
    """Two targets for half each and one stop for all, as one group."""
    desk = make_desk(CAPPED)
    desk.trade(100)
    desk.place("1", "BUY", "market", 10)
    common = {"parent_order_id": "1", "reduce_only": True, "oco_group": "g"}
    desk.place("2", "SELL", "stop", 10, trigger_price=90, **common)
    desk.place("3", "SELL", "limit", 5, price=110, **common)
    desk.place("4", "SELL", "limit", 5, price=120, **common)
    assert desk.trade(100, 4) == [
        "fill 1 4@100 taker",
        "amend 2 4 ^90",
        "amend 3 2",
        "amend 4 2",
    ]
    assert desk.trade(100, 99) == [
        "fill 1 6@100 taker",
        "amend 2 10 ^90",
        "amend 3 5",
        "amend 4 5",
    ]
    assert desk.trade(111, 99) == ["fill 3 5@110 maker", "amend 2 5 ^90"]
    assert desk.trade(121, 99) == ["fill 4 5@120 maker", "cancel 2 oco"]
    assert is_empty(desk)


def test_exits_of_one_parent_are_one_group_named_so_or_not(desk: Any) -> None:
    """What one parent bought is sold once."""
    bracket(desk, oco=None)
    desk.open(100)
    assert desk.bar(100, 111, 99, 100) == ["fill 3 10@110 maker", "cancel 2 oco"]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_any_order_of_arrival_gives_the_same_end(desk: Any, order: tuple[int, ...]) -> None:
    """The exits may come in any order, and after their parent has filled."""
    common = {"parent_order_id": "1", "reduce_only": True, "oco_group": "g"}
    places = [
        lambda: desk.place("2", "SELL", "stop", 10, trigger_price=90, **common),
        lambda: desk.place("3", "SELL", "limit", 10, price=110, **common),
        lambda: desk.open(100),
    ]
    desk.place("1", "BUY", "market", 10)
    for index in order:
        places[index]()
    assert desk.bar(100, 115, 85, 100) == ["trigger 2", "fill 2 10@90 taker", "cancel 3 oco"]
    assert is_empty(desk)


def test_a_child_that_comes_after_some_fills_begins_at_once(make_desk: Make) -> None:
    desk = make_desk(CAPPED)
    desk.trade(100)
    desk.place("1", "BUY", "limit", 10, price=100)
    desk.trade(100, 4)
    assert desk.place("2", "SELL", "stop", 10, trigger_price=90, parent_order_id="1") == [
        "accept 2",
        "amend 2 4 ^90",
    ]
    assert desk.trade(99, 2) == ["fill 1 2@99 taker", "amend 2 6 ^90"]


def test_a_trailing_child_starts_at_its_parents_price(desk: Any) -> None:
    desk.place("1", "BUY", "limit", 10, price=98)
    desk.place("2", "SELL", "trailing_stop", 10, trail_offset=5, parent_order_id="1")
    assert desk.bar(100, 130, 95, 96) == ["fill 1 10@98 maker", "amend 2 10 ^93"]
    assert desk.bar(96, 99, 94, 99) == ["amend 2 10 ^94"]


def test_a_market_child_acts_after_its_parent(desk: Any) -> None:
    desk.place("1", "BUY", "limit", 10, price=98)
    desk.place("2", "SELL", "market", 10, parent_order_id="1")
    assert desk.bar(100, 130, 95, 96) == ["fill 1 10@98 maker", "fill 2 10@96 taker"]


def test_a_child_on_the_side_of_its_parent_adds(desk: Any) -> None:
    """It waits for the parent and follows its fills, but is no exit: it ends nothing."""
    desk.place("1", "BUY", "limit", 10, price=98)
    desk.place("2", "BUY", "limit", 10, price=95, parent_order_id="1")
    assert desk.bar(100, 100, 97, 97) == ["fill 1 10@98 maker"]
    assert desk.bar(97, 97, 95, 95) == ["fill 2 10@95 maker"]
    assert is_empty(desk)


def test_an_adding_child_that_fires_leaves_its_parent(make_desk: Make) -> None:
    desk = make_desk(CAPPED)
    desk.trade(100)
    desk.place("1", "BUY", "limit", 10, price=98)
    desk.place("2", "BUY", "stop", 10, trigger_price=101, parent_order_id="1")
    assert desk.trade(97, 4) == ["fill 1 4@98 maker", "amend 2 4 ^101"]
    assert desk.trade(102, 4) == ["trigger 2", "fill 2 4@102 taker"]
    assert desk.trade(97, 4) == ["fill 1 4@98 maker"]


def test_a_post_only_child_that_would_take_goes(desk: Any) -> None:
    desk.place("1", "BUY", "market", 10)
    desk.place("2", "SELL", "limit", 10, price=99, post_only=True, parent_order_id="1")
    assert desk.open(100) == ["fill 1 10@100 taker"]
    assert desk.bar(100, 100, 100, 100) == ["cancel 2 post_only"]


# -- OCO without a parent --------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["BUY", "SELL"])
def test_oco_entries_the_first_fill_ends_the_other(make_desk: Make, first: str) -> None:
    desk = make_desk(CAPPED)
    desk.trade(100)
    desk.place("1", "BUY", "stop", 10, trigger_price=105, oco_group="g")
    desk.place("2", "SELL", "stop", 10, trigger_price=95, oco_group="g")
    price, one, other = (106, "1", "2") if first == "BUY" else (94, "2", "1")
    assert desk.trade(price, 4) == [
        f"trigger {one}",
        f"fill {one} 4@{price} taker",
        f"cancel {other} oco",
    ]


def test_oco_exits_shrink_by_what_the_other_filled(make_desk: Make) -> None:
    desk = make_desk(CAPPED)
    desk.trade(100)
    desk.place("1", "BUY", "market", 10)
    desk.trade(100, 10)
    desk.place("2", "SELL", "stop", 10, trigger_price=90, reduce_only=True, oco_group="g")
    desk.place("3", "SELL", "limit", 10, price=110, reduce_only=True, oco_group="g")
    assert desk.trade(111, 4) == ["fill 3 4@110 maker", "amend 2 6 ^90"]
    assert desk.trade(111, 6) == ["fill 3 6@110 maker", "cancel 2 oco"]
    assert is_empty(desk)


def test_oco_cancelling_one_leaves_the_other(desk: Any) -> None:
    desk.place("1", "BUY", "limit", 10, price=90, oco_group="g")
    desk.place("2", "BUY", "limit", 10, price=80, oco_group="g")
    assert desk.cancel("1") == ["cancel 1"]
    assert desk.bar(100, 100, 80, 80) == ["fill 2 10@80 maker"]
    assert is_empty(desk)


def test_groups_of_two_instances_are_apart(desk: Any) -> None:
    desk.place("1", "BUY", "market", 10, oco_group="g", strategy_id="s")
    desk.place("2", "BUY", "limit", 10, price=90, oco_group="g", strategy_id="t")
    assert desk.open(100) == ["fill 1 10@100 taker"]
    assert desk.bar(100, 100, 90, 90) == ["fill 2 10@90 maker"]


# -- reduce-only -----------------------------------------------------------------------------------


def test_reduce_only_never_opens_nor_turns(desk: Any) -> None:
    desk.place("1", "BUY", "market", 4)
    desk.open(100)
    desk.place("2", "SELL", "market", 10, reduce_only=True)
    assert desk.bar(100, 100, 100, 100) == ["fill 2 4@100 taker", "cancel 2 position closed"]
    assert is_empty(desk)


def test_reduce_only_is_refused_without_a_position_or_an_entry(desk: Any) -> None:
    assert desk.place("1", "SELL", "market", 10, reduce_only=True) == [
        "reject 1 reduce-only, and there is no position to reduce"
    ]


def test_reduce_only_waits_beside_an_entry(desk: Any) -> None:
    desk.place("1", "BUY", "market", 4)
    assert desk.place("2", "SELL", "stop", 4, trigger_price=90, reduce_only=True) == ["accept 2"]
    assert desk.bar(100, 100, 90, 90) == [
        "fill 1 4@100 taker",
        "trigger 2",
        "fill 2 4@90 taker",
    ]


def test_reduce_only_ends_when_it_fires_before_the_entry(desk: Any) -> None:
    desk.place("1", "BUY", "limit", 4, price=80)
    desk.place("2", "SELL", "stop", 4, trigger_price=90, reduce_only=True)
    assert desk.bar(100, 100, 90, 90) == ["trigger 2", "cancel 2 position closed"]


@pytest.mark.parametrize("quantity", [4, 9])
def test_reduce_only_ends_with_its_position(desk: Any, quantity: int) -> None:
    """Closed or turned by another order."""
    desk.place("1", "BUY", "market", 4)
    desk.open(100)
    desk.place("2", "SELL", "limit", 4, price=200, reduce_only=True)
    desk.place("3", "SELL", "market", quantity)
    assert desk.bar(100, 100, 100, 100) == [
        f"fill 3 {quantity}@100 taker",
        "cancel 2 position closed",
    ]
    assert is_empty(desk)


def test_reduce_only_of_a_short(desk: Any) -> None:
    desk.place("1", "SELL", "market", 4)
    desk.open(100)
    desk.place("2", "BUY", "stop", 4, trigger_price=105, reduce_only=True)
    assert desk.bar(100, 105, 100, 100) == ["trigger 2", "fill 2 4@105 taker"]


def test_reduce_only_does_not_depend_on_another_instance(desk: Any) -> None:
    """The route is flat on balance, and yet each instance keeps its guard."""
    desk.place("1", "BUY", "market", 4, strategy_id="s")
    desk.place("2", "SELL", "market", 4, strategy_id="t")
    desk.place("3", "SELL", "stop", 4, trigger_price=90, reduce_only=True, strategy_id="s")
    assert desk.open(100) == ["fill 1 4@100 taker", "fill 2 4@100 taker"]
    assert desk.bar(100, 100, 90, 90) == ["trigger 3", "fill 3 4@90 taker"]


# -- replaced versions -----------------------------------------------------------------------------


def test_children_follow_the_new_version_of_their_parent(make_desk: Make) -> None:
    desk = make_desk(CAPPED)
    desk.trade(100)
    bracket(desk, price=99)
    desk.trade(98, 4)
    assert desk.replace("1", "4", "BUY", "limit", 6, price=97) == ["replace 1 4"]
    assert desk.trade(96, 6) == ["fill 4 6@97 maker", "amend 2 10 ^90", "amend 3 10"]
    assert desk.trade(89, 99) == ["trigger 2", "fill 2 10@89 taker", "cancel 3 oco"]
    assert is_empty(desk)


def test_a_child_can_be_replaced(desk: Any) -> None:
    bracket(desk)
    desk.open(100)
    common = {"parent_order_id": "1", "reduce_only": True, "oco_group": "g"}
    assert desk.replace("2", "4", "SELL", "stop", 10, trigger_price=95, **common) == ["replace 2 4"]
    assert desk.bar(100, 100, 95, 96) == ["trigger 4", "fill 4 10@95 taker", "cancel 3 oco"]
    assert is_empty(desk)


def test_a_child_may_name_the_first_version_of_its_parent(desk: Any) -> None:
    desk.place("1", "BUY", "limit", 10, price=50)
    desk.replace("1", "2", "BUY", "limit", 10, price=98)
    desk.place("3", "SELL", "stop", 10, trigger_price=90, parent_order_id="1")
    assert desk.bar(100, 100, 90, 91) == ["fill 2 10@98 maker", "trigger 3", "fill 3 10@90 taker"]
    assert is_empty(desk)


@pytest.mark.parametrize(
    ("quantity", "fill", "expected"),
    [(2, 2, "amend 2 6 ^90"), (16, 6, "amend 2 10 ^90"), (16, 16, "amend 2 10 ^90")],
)
def test_a_child_is_a_part_of_what_its_parent_was_first_ordered_for(
    make_desk: Make, quantity: int, fill: int, expected: str
) -> None:
    """A smaller parent gives it less, a larger one never more than it was ordered for itself."""
    desk = make_desk(CAPPED)
    desk.trade(100)
    bracket(desk, price=99)
    desk.trade(98, 4)
    desk.replace("1", "4", "BUY", "limit", quantity, price=97)
    assert desk.trade(96, fill)[1] == expected


def test_an_exit_outside_the_bracket_counts_in_its_group(make_desk: Make) -> None:
    desk = make_desk(CAPPED)
    desk.trade(100)
    desk.place("1", "BUY", "limit", 10, price=99)
    desk.place(
        "2", "SELL", "stop", 10, trigger_price=90, reduce_only=True, oco_group="g",
        parent_order_id="1",
    )  # fmt: skip
    desk.trade(98, 8)
    desk.place("3", "SELL", "limit", 10, price=110, reduce_only=True, oco_group="g")
    assert desk.trade(111, 4) == ["fill 3 4@110 maker", "amend 2 6 ^90"]
    assert desk.trade(98, 2) == ["fill 1 2@99 maker"]


def test_a_new_version_may_be_larger_than_what_its_group_had_left(make_desk: Make) -> None:
    desk = make_desk(CAPPED)
    desk.trade(100)
    desk.place("1", "BUY", "market", 20)
    desk.trade(100, 20)
    common = {"reduce_only": True, "oco_group": "g"}
    desk.place("2", "SELL", "stop", 10, trigger_price=90, **common)
    desk.place("3", "SELL", "limit", 10, price=110, **common)
    assert desk.trade(111, 4) == ["fill 3 4@110 maker", "amend 2 6 ^90"]
    assert desk.replace("2", "4", "SELL", "stop", 8, trigger_price=90, **common) == ["replace 2 4"]
    assert desk.trade(111, 1) == ["fill 3 1@110 maker", "amend 4 7 ^90"]


def test_a_waiting_child_stays_when_another_position_is_closed(desk: Any) -> None:
    """It guards what its parent will buy."""
    desk.place("1", "BUY", "market", 4)
    desk.open(100)
    bracket_of_two = {"parent_order_id": "2", "reduce_only": True}
    desk.place("2", "BUY", "limit", 4, price=80)
    desk.place("3", "SELL", "stop", 4, trigger_price=70, **bracket_of_two)
    desk.place("4", "SELL", "market", 4)
    assert desk.bar(100, 100, 100, 100) == ["fill 4 4@100 taker"]
    assert desk.bar(80, 80, 75, 75) == ["fill 2 4@80 maker"]
    assert desk.bar(75, 75, 70, 70) == ["trigger 3", "fill 3 4@70 taker"]


def test_an_immediate_child_has_the_next_item_for_itself(desk: Any) -> None:
    desk.trade(100)
    desk.place("1", "BUY", "market", 4)
    desk.place(
        "2", "SELL", "limit", 4, price=110, parent_order_id="1", time_in_force=TimeInForce.IOC
    )
    assert desk.trade(100) == ["fill 1 4@100 taker"]
    assert desk.trade(100) == ["expire 2 IOC"]


def test_a_target_that_would_take_inside_the_range_gets_its_limit_only(desk: Any) -> None:
    """What the market did after the entry is not known; the close may be better than what was."""
    desk.place("1", "BUY", "limit", 4, price=98)
    desk.place("2", "SELL", "limit", 4, price=97, parent_order_id="1")
    assert desk.bar(100, 100, 95, 99) == ["fill 1 4@98 maker", "fill 2 4@97 maker"]


def test_a_child_that_adds_is_not_cut_by_what_its_brother_sold(make_desk: Make) -> None:
    desk = make_desk()
    desk.place("1", "BUY", "market", 10)
    desk.place("2", "SELL", "limit", 8, price=110, parent_order_id="1", role=OrderRole.TAKE_PROFIT)
    desk.place("3", "BUY", "limit", 5, price=80, parent_order_id="1")
    assert desk.bar(100, 105, 95, 100) == ["fill 1 10@100 taker"]
    assert desk.bar(100, 110, 95, 100) == ["fill 2 8@110 maker"]
    assert desk.bar(100, 105, 80, 100) == ["fill 3 5@80 maker"]


def test_a_child_that_adds_takes_nothing_from_the_exits(make_desk: Make) -> None:
    desk = make_desk()
    desk.place("1", "BUY", "market", 10)
    desk.place("2", "SELL", "limit", 10, price=110, parent_order_id="1", role=OrderRole.TAKE_PROFIT)
    desk.place("3", "BUY", "limit", 5, price=80, parent_order_id="1")
    assert desk.bar(100, 105, 95, 100) == ["fill 1 10@100 taker"]
    assert desk.bar(100, 105, 80, 100) == ["fill 3 5@80 maker"]
    assert desk.bar(100, 110, 95, 100) == ["fill 2 10@110 maker"]


def test_a_target_below_the_whole_bar_of_its_entry_pays_the_lowest_price(make_desk: Make) -> None:
    desk = make_desk()
    desk.place("1", "BUY", "limit", 10, price=98)
    desk.place("2", "SELL", "limit", 10, price=60, parent_order_id="1", role=OrderRole.TAKE_PROFIT)
    assert desk.bar(100, 105, 95, 100) == ["fill 1 10@98 maker", "fill 2 10@95 maker"]


def test_a_parent_that_ends_after_its_children_leaves_nothing(make_desk: Make) -> None:
    desk = make_desk()
    bracket(desk, price=98)
    for order_id in ("2", "3", "1"):
        assert desk.cancel(order_id) == [f"cancel {order_id}"]
    assert is_empty(desk)
