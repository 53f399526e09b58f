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


def test_what_a_failed_step_gathered_is_not_given_with_the_next() -> None:
    changes = Changes()
    changes.diagnose(Reason.SCHEMA, "odd")
    move = Transition("tt-1", "one", OrderState.CREATED, OrderState.SUBMITTED, "x")
    for gathered in (changes.transitions, changes.commands, changes.fills, changes.decisions):
        gathered.append(move)  # type: ignore[arg-type, attr-defined]
    changes.is_duplicate = True
    changes.clear()
    assert changes.applied() == Applied()


def test_what_is_diagnosed_is_no_incident_unless_it_is_said() -> None:
    changes = Changes()
    changes.diagnose(Reason.SCHEMA, "odd")
    changes.diagnose(Reason.SCHEMA, "bad", is_incident=True)
    assert [one.is_incident for one in changes.applied().diagnostics] == [False, True]
