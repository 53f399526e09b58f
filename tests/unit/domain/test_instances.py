"""The state word: the table of states, whole."""

from __future__ import annotations

from itertools import product

import pytest

from tradetui.domain.enums import InstanceMode, InstanceState
from tradetui.domain.instances import InstanceStatus, state_of
from tradetui.domain.reasons import Reason

OFF, OBSERVE, ACTIVE = InstanceMode
S = InstanceState

TABLE = [
    (InstanceStatus(OFF), S.OFF),
    (InstanceStatus(OBSERVE), S.OBSERVE),
    (InstanceStatus(ACTIVE), S.ACTIVE),
    (InstanceStatus(ACTIVE, blocks=(Reason.WARM_UP,)), S.BLOCKED),
    (InstanceStatus(ACTIVE, exit_only="chop"), S.EXIT_ONLY),
    (InstanceStatus(ACTIVE, paused=True), S.PAUSED),
    (InstanceStatus(ACTIVE, held=True), S.HELD),
    (InstanceStatus(ACTIVE, has_error=True), S.ERROR),
    (InstanceStatus(OBSERVE, paused=True), S.PAUSED),
    (InstanceStatus(OBSERVE, has_error=True), S.ERROR),
]


@pytest.mark.parametrize(("status", "state"), TABLE, ids=str)
def test_each_word(status, state):
    assert state_of(status) is state


def test_every_combination_has_the_word_of_its_worst():
    for mode, error, paused, held, exit_only, blocked in product(
        InstanceMode, *[(False, True)] * 5
    ):
        status = InstanceStatus(
            mode, error, paused, held, "x" if exit_only else "",
            (Reason.DATA_AGE,) if blocked else (),
        )  # fmt: skip
        is_active = mode is ACTIVE
        ranking = [
            (mode is OFF, S.OFF),
            (error, S.ERROR),
            (paused, S.PAUSED),
            (mode is OBSERVE, S.OBSERVE),
            (is_active and held, S.HELD),
            (is_active and exit_only, S.EXIT_ONLY),
            (is_active and blocked, S.BLOCKED),
            (True, S.ACTIVE),
        ]
        assert state_of(status) is next(word for applies, word in ranking if applies)


def test_upper_case_may_enter_or_needs_a_person():
    upper = [state for state in InstanceState if state.isupper()]
    assert upper == [S.ACTIVE, S.PAUSED, S.HELD, S.ERROR]
