"""Intents of one step: each is decided once, and children hear why their parent was refused.

Also the tests of ``core/risk/reply.py``.
"""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from tests.support.kernel_world import UNIT, World

from tradetui.core.risk.verdict import GATE_ORDER
from tradetui.domain.enums import InstanceMode, OrderRole, OrderType, Outcome
from tradetui.domain.intents import PlaceOrder, ReplaceOrder
from tradetui.domain.reasons import Reason
from tradetui.domain.steps import Applied


def bracket(world: World, **changes: Any) -> tuple[PlaceOrder, PlaceOrder, PlaceOrder]:
    """Return an entry with its stop and its target, as one callback asks for them."""
    entry = replace(world.intent(UNIT, 9_000), **changes)
    child = {"parent_order_id": entry.client_order_id, "oco_group": "pair"}
    stop = world.intent(
        -UNIT, None, order_type=OrderType.STOP, trigger_price=8_000,
        role=OrderRole.STOP_LOSS, **child,
    )  # fmt: skip
    target = world.intent(-UNIT, 11_000, role=OrderRole.TAKE_PROFIT, **child)
    return entry, stop, target


def told(applied: Applied) -> list[tuple[Reason, str]]:
    return [(decision.reason, decision.note) for decision in applied.decisions]


def test_the_children_of_a_refused_entry_give_its_reason() -> None:
    world = World()
    entry, *children = bracket(world, quantity=9_999_999 * UNIT)
    applied = world.intents(entry, *children)
    parent, *others = applied.decisions
    assert parent.outcome is Outcome.REJECT
    assert parent.reason is not Reason.UNKNOWN_ORDER
    for decision, child in zip(others, children, strict=True):
        assert decision.outcome is Outcome.REJECT
        assert decision.client_order_id == child.client_order_id
        assert decision.reason is parent.reason
        assert decision.note.startswith(f"its parent {entry.client_order_id} was refused")
        last, refused = decision.gates[-1], parent.gates[-1]
        assert (last.code, last.value, last.limit) == (refused.code, refused.value, refused.limit)
        assert last.note == decision.note
        places = [GATE_ORDER.index(gate.code) for gate in decision.gates]
        assert places == sorted(set(places))
    assert not world.state.open_orders


@pytest.mark.parametrize(
    ("changes", "reason", "gates"),
    [
        ({"quantity": 0}, Reason.SCHEMA, 1),
        ({"instrument_id": "NO.SIM"}, Reason.UNKNOWN_INSTRUMENT, 2),
        ({"quantity": UNIT + 1}, Reason.QUANTITY_LOT, 3),
    ],
)
def test_the_gates_stay_in_their_order(changes: dict[str, Any], reason: Reason, gates: int) -> None:
    world = World()
    entry, stop, _ = bracket(world, **changes)
    parent, child = world.intents(entry, stop).decisions
    assert (parent.reason, child.reason) == (reason, reason)
    assert len(child.gates) == gates
    note = parent.gates[-1].note
    said = f"its parent {entry.client_order_id} was refused"
    assert child.note == (f"{said}: {note}" if note else said)


def test_a_parent_that_was_never_asked_for_is_unknown() -> None:
    world = World()
    _, stop, _ = bracket(world)
    other = world.intent(UNIT, 9_000)
    applied = world.intents(other, stop)
    assert told(applied)[1] == (Reason.UNKNOWN_ORDER, f"no parent order {stop.parent_order_id}")


def test_a_refusal_of_an_earlier_step_is_not_looked_up() -> None:
    world = World()
    entry, stop, _ = bracket(world, quantity=0)
    world.intents(entry)
    assert told(world.intents(stop))[0][0] is Reason.UNKNOWN_ORDER


def test_the_refused_entry_of_another_instance_is_nobody_s_parent() -> None:
    world = World()
    entry, stop, _ = bracket(world, quantity=0)
    world.intents(entry, name="one")
    applied = world.intents(stop, name="two")
    assert told(applied)[0][0] is Reason.UNKNOWN_ORDER


def test_an_order_that_a_replace_does_not_find_stays_unknown() -> None:
    world = World()
    entry, *_ = bracket(world, quantity=0)
    applied = world.intents(entry, ReplaceOrder(entry.client_order_id, "tt-9", price=9_100))
    assert told(applied)[1] == (Reason.UNKNOWN_ORDER, f"no order {entry.client_order_id}")


def test_the_children_of_a_shadow_entry_are_made() -> None:
    world = World()
    world.load("eye", InstanceMode.OBSERVE)
    applied = world.intents(*bracket(world), name="eye")
    assert [decision.reason for decision in applied.decisions] == [Reason.INSTANCE_MODE] * 3
    assert all(decision.would for decision in applied.decisions)
