"""Brackets, OCO groups and stops from intent to flat, held by the venue or by the kernel.

The same stories are told to routes that can do everything and to routes that can do little: what
becomes of the position is the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.support.house import CAPPED, House
from tests.support.kernel_world import BTC, HELD, PERP, UNIT

from tradetui.core.venue.models import VenueConfig
from tradetui.core.view import FilteredView
from tradetui.domain.capabilities import SIMULATED, Capabilities
from tradetui.domain.enums import Guard, OrderRole, OrderState, OrderType, Support
from tradetui.domain.intents import CancelOrder

ROUTES: dict[str, Capabilities] = {
    "all native": SIMULATED,
    "all held": HELD,
    "held, may replace": replace(HELD, replace=Support.NATIVE),
    "native stops, held brackets": replace(
        SIMULATED, bracket=Support.HELD, oco=Support.HELD, reduce_only=Support.HELD
    ),
    "native stops, held brackets, no replace": replace(
        SIMULATED, bracket=Support.HELD, oco=Support.HELD, replace=Support.NONE
    ),
}


@pytest.fixture(params=ROUTES.values(), ids=ROUTES.keys())
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    """A house with one of the routes; whatever happens, nothing impossible is reported."""
    made = House(request.param)
    made.prints(10_000, UNIT)
    yield made
    assert [d.message for d in made.diagnostics] == []


def bracket(house: House, *, group: str | None = "exits", **entry: Any) -> tuple[str, str, str]:
    """Buy one coin at 9,900 with a stop at 9,000 and a target at 11,000."""
    first = house.intent(UNIT, entry.pop("price", 9_900), **entry)
    common: dict[str, Any] = {
        "parent_order_id": first.client_order_id,
        "oco_group": group,
        "reduce_only": True,
    }
    guard = house.intent(
        -UNIT, None, order_type=OrderType.STOP, trigger_price=9_000,
        role=OrderRole.STOP_LOSS, **common,
    )  # fmt: skip
    target = house.intent(-UNIT, 11_000, role=OrderRole.TAKE_PROFIT, **common)
    applied = house.intents(first, guard, target)
    assert [d.reason for d in applied.decisions] == ["", "", ""]
    return first.client_order_id, guard.client_order_id, target.client_order_id


def is_quiet(house: House) -> bool:
    """Nothing is open, at the kernel or at the venue."""
    return not house.state.open_orders and BTC not in house.venue._state.busy


def guarded(house: House) -> int:
    """How much the open stops would sell."""
    orders = house.state.open_orders.values()
    return sum(o.leaves_quantity for o in orders if o.terms.role is OrderRole.STOP_LOSS)


def test_partial_entry_then_the_stop(house: House) -> None:
    """The whole chain: the guard grows with each fill and sells exactly what was bought."""
    bracket(house)
    for part in (UNIT // 4, UNIT // 4, UNIT // 2):
        house.prints(9_800, part)
        assert guarded(house) == house.held()
    assert house.held() == UNIT
    house.prints(8_900, 3 * UNIT)
    house.prints(8_900, 3 * UNIT)
    assert house.held() == 0
    assert is_quiet(house)
    assert len(house.fills) > 3


def test_the_stop_in_the_middle_of_the_entry(house: House) -> None:
    """Once the stop fires, the entry enters no more."""
    entry, _, target = bracket(house)
    house.prints(9_800, UNIT // 4)
    house.prints(8_900, UNIT // 8)
    for _ in range(3):
        house.prints(8_900, UNIT)
    assert house.held() == 0
    assert is_quiet(house)
    assert house.order(entry).state is OrderState.CANCELLED
    assert house.order(target).state is not OrderState.FILLED


def test_the_target_in_parts_then_the_stop(house: House) -> None:
    _, guard, _ = bracket(house)
    house.prints(9_800, 2 * UNIT)
    house.prints(11_100, UNIT // 4)
    assert house.held() == UNIT - UNIT // 4
    house.prints(8_900, 3 * UNIT)
    house.prints(8_900, 3 * UNIT)
    assert house.held() == 0
    assert is_quiet(house)
    assert house.order(guard).filled_quantity in (UNIT - UNIT // 4, 0)


def test_the_target_ends_the_stop(house: House) -> None:
    _, guard, target = bracket(house)
    house.prints(9_800, 2 * UNIT)
    house.prints(11_100, 2 * UNIT)
    assert house.held() == 0
    assert is_quiet(house)
    assert house.order(target).state is OrderState.FILLED
    assert house.order(guard).state is OrderState.CANCELLED


def test_the_target_in_the_middle_of_the_entry(house: House) -> None:
    entry, _, _ = bracket(house)
    house.prints(9_800, UNIT // 2)
    house.prints(11_100, UNIT)
    assert house.held() == 0
    assert is_quiet(house)
    assert house.order(entry).state is OrderState.CANCELLED


def test_cancelling_the_entry_leaves_the_guard_of_what_was_bought(house: House) -> None:
    entry, _, _ = bracket(house)
    house.prints(9_800, UNIT // 2)
    house.intents(CancelOrder(entry))
    assert house.held() == UNIT // 2
    assert guarded(house) == UNIT // 2
    house.prints(8_900, UNIT)
    house.prints(8_900, UNIT)
    assert house.held() == 0
    assert is_quiet(house)


def test_cancelling_an_entry_without_a_fill_ends_everything(house: House) -> None:
    entry, _, _ = bracket(house)
    house.intents(CancelOrder(entry))
    assert is_quiet(house)
    house.prints(8_000, UNIT)
    assert house.held() == 0


def test_without_a_named_group_the_exits_are_one_all_the_same(house: House) -> None:
    bracket(house, group=None)
    house.prints(9_800, 2 * UNIT)
    house.prints(11_100, 2 * UNIT)
    house.prints(8_000, 2 * UNIT)
    assert house.held() == 0
    assert is_quiet(house)


def test_two_targets_and_one_stop(house: House) -> None:
    first = house.intent(UNIT, None)
    common: dict[str, Any] = {
        "parent_order_id": first.client_order_id, "oco_group": "x", "reduce_only": True,
    }  # fmt: skip
    guard = house.intent(
        -UNIT, None, order_type=OrderType.STOP, trigger_price=9_000,
        role=OrderRole.STOP_LOSS, **common,
    )  # fmt: skip
    near = house.intent(-UNIT // 2, 11_000, role=OrderRole.TAKE_PROFIT, **common)
    far = house.intent(-UNIT // 2, 12_000, role=OrderRole.TAKE_PROFIT, **common)
    house.intents(first, guard, near, far)
    house.prints(10_000, UNIT // 4)
    house.prints(10_000, UNIT)
    assert house.held() == UNIT
    house.prints(11_100, UNIT)
    assert house.held() == UNIT // 2
    house.prints(8_900, UNIT)
    house.prints(8_900, UNIT)
    assert house.held() == 0
    assert is_quiet(house)


def test_a_trailing_stop_sells_after_a_rise(house: House) -> None:
    first = house.intent(UNIT, None)
    trail = house.intent(
        -UNIT, None, order_type=OrderType.TRAILING_STOP, trail_offset=500,
        role=OrderRole.STOP_LOSS, parent_order_id=first.client_order_id, reduce_only=True,
    )  # fmt: skip
    house.intents(first, trail)
    for price in (10_000, 10_400, 11_000, 10_600):
        house.prints(price, 2 * UNIT)
    assert house.held() == UNIT
    house.prints(10_450, 2 * UNIT)
    house.prints(10_450, 2 * UNIT)
    assert house.held() == 0
    assert is_quiet(house)


def test_oco_entries_on_a_future_only_one_is_taken(house: House) -> None:
    house.prints(10_000, 10, PERP)
    up = house.intent(
        4, None, instrument_id=PERP, order_type=OrderType.STOP, trigger_price=10_500, oco_group="b"
    )
    down = house.intent(
        -4, None, instrument_id=PERP, order_type=OrderType.STOP, trigger_price=9_500, oco_group="b"
    )
    house.intents(up, down)
    house.prints(10_600, 10, PERP)
    house.prints(10_600, 10, PERP)
    house.prints(9_000, 10, PERP)
    house.prints(9_000, 10, PERP)
    assert house.held(PERP) == 4
    assert house.state.open_orders == {}


def test_the_guard_of_a_position_is_told_by_who_holds_it() -> None:
    for capabilities, guard in ((SIMULATED, Guard.VENUE), (HELD, Guard.OURS)):
        house = House(capabilities)
        house.prints(10_000, UNIT)
        bracket(house)
        house.prints(9_800, 2 * UNIT)
        assert FilteredView(house.kernel.view(), "one").guard(BTC) is guard


@pytest.mark.parametrize("name", ROUTES)
def test_a_fee_in_the_base_coin_leaves_no_coin_unguarded(name: str) -> None:
    """The exits follow what is really in the account."""
    house = House(ROUTES[name], replace(CAPPED, fee_in_base=True, taker_fee_ppm=1_000,
                                        maker_fee_ppm=1_000))  # fmt: skip
    house.prints(10_000, UNIT)
    bracket(house)
    house.prints(9_800, UNIT // 2)
    house.prints(9_800, UNIT // 2)
    held = house.held()
    assert held == UNIT - UNIT // 1_000
    house.prints(8_900, 3 * UNIT)
    house.prints(8_900, 3 * UNIT)
    assert house.held() == 0
    assert is_quiet(house)


STORY = st.lists(
    st.tuples(
        st.sampled_from([8_900, 9_500, 9_800, 9_950, 10_500, 11_050, 12_000]),
        st.sampled_from([UNIT // 8, UNIT // 4, UNIT // 2, 2 * UNIT]),
    ),
    max_size=12,
)


@settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(story=STORY, name=st.sampled_from([*ROUTES]), group=st.sampled_from(["exits", None]))
def test_any_path_never_turns_the_position_and_ends_flat(
    story: list[tuple[int, int]], name: str, group: str | None
) -> None:
    """Whatever the path: never short, always guarded while holding, and flat after the crash."""
    house = House(ROUTES[name], VenueConfig(CAPPED.fill_model, 1_000_000, slippage_ppm=100))
    house.prints(10_000, UNIT)
    entry, _, _ = bracket(house, group=group)
    for price, quantity in story:
        house.prints(price, quantity)
        assert 0 <= house.held() <= UNIT
        assert guarded(house) <= UNIT
    if entry in house.state.open_orders:
        house.intents(CancelOrder(entry))
    for _ in range(4):
        house.prints(8_000, 4 * UNIT)
    assert house.held() == 0
    assert is_quiet(house)
    assert [d.message for d in house.diagnostics if d.is_incident] == []
