"""When what alerts are about began, as it happened."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tests.support.kernel_world import BTC

from tradetui.domain.control import InstanceFailed, InstanceLoaded
from tradetui.domain.enums import (
    CallbackOutcome,
    InstanceMode,
    OrderRole,
    OrderState,
    Severity,
)
from tradetui.domain.ids import ExecutionId, InstrumentId, StrategyId
from tradetui.domain.orders import Diagnostic
from tradetui.domain.reasons import Reason
from tradetui.domain.replica import LogView
from tradetui.domain.risk import InstanceLimits
from tradetui.domain.steps import QUIET, CallbackResult, StepResult
from tradetui.runtime.cause_times import CauseTimes

ONE = StrategyId("one")
LOADED = InstanceLoaded(
    ONE,
    "dip",
    ExecutionId("acc"),
    InstrumentId(BTC),
    InstanceMode.ACTIVE,
    InstanceLimits(1),
    "",
    "",
    "op",
)
BROKE = StepResult(callbacks=(CallbackResult(ONE, "on_bar", CallbackOutcome.ERROR),))


def state(**changes: Any) -> Any:
    """Return what the times look at of a kernel's state."""
    instances = {ONE: SimpleNamespace(has_error=changes.pop("has_error", False))}
    return SimpleNamespace(
        instances=instances, orders=changes.pop("orders", {}), halted_routes=changes
    )


def step(time: int, result: StepResult = QUIET, payload: Any = None, *moved: str) -> Any:
    """Return what the times look at of a step."""
    event = SimpleNamespace(event_time=time, payload=payload)
    moves = [SimpleNamespace(client_order_id=one) for one in moved]
    return SimpleNamespace(event=event, result=result, transitions=moves)


def test_the_newest_breach_of_a_limit() -> None:
    causes = CauseTimes()
    broken = StepResult(diagnostics=(Diagnostic(Reason.LOSS_PER_DAY, "exits only", None, ONE),))
    causes.take(step(1, broken), state())
    causes.take(step(2, broken), state())
    other = StepResult(diagnostics=(Diagnostic(Reason.NO_ROUTE, "x", None, ONE),))
    causes.take(step(3, other), state())
    assert causes.began == {"limit:one": 2}


def test_the_error_that_stopped_an_instance_until_it_is_loaded_again() -> None:
    causes = CauseTimes()
    causes.take(step(1, BROKE), state())
    assert causes.began == {}, "it goes on after a first error"
    causes.take(step(2, BROKE), state(has_error=True))
    causes.take(step(3, BROKE), state(has_error=True))
    assert causes.began == {"error:one": 2}
    causes.take(step(4, payload=LOADED), state())
    assert causes.began == {"lacks:one": 4}, "what its bars lack, they lack from here on"


def test_an_instance_that_could_not_be_loaded() -> None:
    causes = CauseTimes()
    causes.take(step(1, payload=InstanceFailed(ONE, "engine", "no file")), state())
    assert causes.began == {}, "it runs on as it was"
    failed = InstanceFailed(StrategyId("two"), "engine", "no file")
    causes.take(step(2, payload=failed), state())
    assert causes.began == {"error:two": 2}


def test_a_route_is_halted_until_it_is_sound() -> None:
    causes = CauseTimes()
    causes.take(step(1), state(main="a fill after the end"))
    causes.take(step(2), state(main="a fill after the end", other="the same"))
    assert causes.began == {"route:main": 1, "route:other": 2}
    causes.take(step(3), state(other="the same"))
    assert causes.began == {"route:other": 2}


def test_a_stop_that_ended() -> None:
    causes = CauseTimes()
    for time, (role, word) in enumerate(
        (
            (OrderRole.STOP_LOSS, OrderState.ACCEPTED),
            (OrderRole.STOP_LOSS, OrderState.CANCELLED),
            (OrderRole.TAKE_PROFIT, OrderState.CANCELLED),
        )
    ):
        terms = SimpleNamespace(role=role, strategy_id=ONE, route_id="main", instrument_id=BTC)
        order = SimpleNamespace(terms=terms, state=word)
        causes.take(step(time, QUIET, None, "c1", "gone"), state(orders={"c1": order}))
    assert causes.began == {f"stop:one:main:{BTC}": 1}


def test_a_limit_that_was_reached_before_has_the_time_of_the_line_that_told_it() -> None:
    why = "loss_per_day 106.13, limit 100"
    told = [
        LogView(3, Severity.WARNING, ONE, "one is exit-only: loss_per_day 120.00, limit 100"),
        LogView(5, Severity.WARNING, ONE, f"one is exit-only: {why}"),
        LogView(7, Severity.WARNING, ONE, "something else"),
        LogView(8, Severity.WARNING, None, why),
        LogView(9, Severity.WARNING, StrategyId("gone"), why),
    ]
    causes = CauseTimes()
    held = SimpleNamespace(instances={ONE: SimpleNamespace(exit_only=why)})
    causes.recall(told, held)  # type: ignore[arg-type]
    assert causes.began == {"limit:one": 5}
    by_hand = CauseTimes()
    by_hand.recall(told, SimpleNamespace(instances={ONE: SimpleNamespace(exit_only="by op")}))  # type: ignore[arg-type]
    assert by_hand.began == {}
