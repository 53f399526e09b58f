"""What both halves of a step did, as one."""

from __future__ import annotations

from tradetui.core.changes import Changes, joined
from tradetui.domain.enums import OrderState
from tradetui.domain.orders import Diagnostic, Transition
from tradetui.domain.reasons import Reason
from tradetui.domain.steps import Applied


def test_joined_keeps_the_order_of_things() -> None:
    moves = [
        Transition(f"tt-{n}", "one", OrderState.CREATED, OrderState.SUBMITTED, "x")
        for n in range(2)
    ]
    said = [Diagnostic(Reason.SCHEMA, str(n)) for n in range(3)]
    applied = Applied(transitions=(moves[0],), diagnostics=(said[0],), is_duplicate=True)
    decided = Applied(transitions=(moves[1],), diagnostics=(said[1],))
    whole = joined(applied, decided, (said[2],))
    assert whole == Applied(tuple(moves), diagnostics=tuple(said), is_duplicate=True)


def test_what_was_gathered_is_given_once() -> None:
    changes = Changes()
    changes.diagnose(Reason.SCHEMA, "odd")
    assert [one.message for one in changes.applied().diagnostics] == ["odd"]
    assert changes.applied() == Applied()
