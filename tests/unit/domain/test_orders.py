"""What orders say of themselves."""

from __future__ import annotations

import msgspec
from tests.support.records import record_of

from tradetui.domain import enums, orders


def test_a_protective_order_is_known_by_its_role():
    terms = record_of(orders.OrderTerms, is_full=False)
    for role, is_protective in (
        (enums.OrderRole.ENTRY, False),
        (enums.OrderRole.EXIT, False),
        (enums.OrderRole.STOP_LOSS, True),
        (enums.OrderRole.TAKE_PROFIT, True),
    ):
        assert msgspec.structs.replace(terms, role=role).is_protective is is_protective


def test_leaves_are_what_is_still_to_fill():
    order = record_of(orders.Order, is_full=False)
    assert msgspec.structs.replace(order, quantity=10, filled_quantity=4).leaves_quantity == 6
