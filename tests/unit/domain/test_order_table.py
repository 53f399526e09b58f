"""The order table, state by state: what may follow what, and nothing else."""

from __future__ import annotations

import pytest

from tradetui.domain.enums import OrderState
from tradetui.domain.order_table import LEGAL_MOVES, TERMINAL, is_legal, is_terminal

CREATED, SUBMITTED, ACCEPTED = OrderState.CREATED, OrderState.SUBMITTED, OrderState.ACCEPTED
PARTIAL, FILLED = OrderState.PARTIALLY_FILLED, OrderState.FILLED
PENDING, CANCELLED = OrderState.CANCEL_PENDING, OrderState.CANCELLED
REJECTED, EXPIRED = OrderState.REJECTED, OrderState.EXPIRED

ALLOWED = {
    (CREATED, SUBMITTED),
    (CREATED, REJECTED),
    (CREATED, CANCELLED),
    (CREATED, EXPIRED),
    (SUBMITTED, ACCEPTED),
    (SUBMITTED, REJECTED),
    (SUBMITTED, PENDING),
    (ACCEPTED, PARTIAL),
    (ACCEPTED, FILLED),
    (ACCEPTED, PENDING),
    (ACCEPTED, CANCELLED),
    (ACCEPTED, EXPIRED),
    (ACCEPTED, REJECTED),
    (PARTIAL, PARTIAL),
    (PARTIAL, FILLED),
    (PARTIAL, PENDING),
    (PARTIAL, CANCELLED),
    (PARTIAL, EXPIRED),
    (PENDING, PENDING),
    (PENDING, CANCELLED),
    (PENDING, FILLED),
    (PENDING, EXPIRED),
    (PENDING, ACCEPTED),
    (PENDING, PARTIAL),
}
PAIRS = [(origin, target) for origin in OrderState for target in OrderState]


@pytest.mark.parametrize(("origin", "target"), PAIRS, ids=lambda state: state.value)
def test_a_move_is_legal_when_the_theory_has_it_and_only_then(
    origin: OrderState, target: OrderState
) -> None:
    assert is_legal(origin, target) is ((origin, target) in ALLOWED)


def test_the_table_names_every_state_once() -> None:
    assert sorted(LEGAL_MOVES) == sorted(OrderState)


@pytest.mark.parametrize("state", list(OrderState), ids=lambda state: state.value)
def test_the_terminal_states_are_those_without_a_way_out(state: OrderState) -> None:
    assert is_terminal(state) is (state in TERMINAL)


def test_four_states_are_terminal() -> None:
    assert TERMINAL == (FILLED, CANCELLED, REJECTED, EXPIRED)


@pytest.mark.parametrize("state", TERMINAL, ids=lambda state: state.value)
def test_nothing_leaves_a_terminal_state(state: OrderState) -> None:
    assert not any(is_legal(state, target) for target in OrderState)
