"""What is said around the first difference, also of what the replay does not know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from tradetui.backtest.divergence import DivergenceLog, context_of
from tradetui.domain.difference import Difference
from tradetui.domain.enums import OrderState
from tradetui.domain.ids import ClientOrderId, RunId, StrategyId


@pytest.fixture
def made(record: Callable[..., Any]) -> Any:
    """A kernel that holds something, and the transitions and intents that led there."""
    recorded = record(20, with_acts=False)
    rerun = recorded.run.rerun()
    steps = []
    for step in recorded.run.steps():
        rerun.apply(step)
        steps.append(step)
        held = rerun.kernel.state.positions.values()
        if any(one.quantity for one in held) and len(steps) > 60:
            break
    return rerun.kernel, steps


def difference(*parts: Any, now: tuple[Any, ...] = ()) -> Difference:
    return Difference(5, "Bar", "transitions", "", "", "", parts, now)


def test_an_order_and_its_instance_are_described(made: Any) -> None:
    kernel, steps = made
    move = next(m for step in steps for m in step.transitions if m.to_state is OrderState.FILLED)
    context = dict(context_of(difference(move), kernel))
    assert context["event"] == "step 5, Bar"
    order = kernel.state.orders[move.client_order_id]
    text = context[f"order {move.client_order_id}"]
    assert text.startswith(f"{order.state} {order.terms.side} ")
    assert f" {order.terms.instrument_id} {order.terms.order_type}, " in text
    assert text.endswith(f", filled {text.split()[2]}")
    assert f"instance {order.terms.strategy_id}" in context


def test_what_the_replay_does_not_know_is_said(made: Any) -> None:
    kernel, steps = made
    move = next(move for step in steps for move in step.transitions)
    unknown = replace(move, client_order_id=ClientOrderId("ttx1-9999"))
    intent = next(one for step in steps for one in step.intents)
    other = replace(
        intent,
        strategy_id=StrategyId("gone"),
        intent=replace(intent.intent, client_order_id=ClientOrderId("ttx1-8888")),
    )
    context = dict(context_of(difference(unknown, now=(other,)), kernel))
    assert context["order ttx1-9999"] == context["order ttx1-8888"] == "not known here"
    assert context["instance gone"] == "does not run"


def test_what_is_held_is_told_with_its_price_or_that_there_is_none(made: Any) -> None:
    kernel, steps = made
    key = next(key for key, one in sorted(kernel.state.positions.items()) if one.quantity)
    intent = next(one for step in steps for one in step.intents)
    named = replace(intent, strategy_id=key[0])
    with_price = dict(context_of(difference(named), kernel))[f"instance {key[0]}"]
    assert f" {key[2]} at " in with_price
    assert "no price" not in with_price
    kernel.state.marks.pop(key[2])
    assert dict(context_of(difference(named), kernel))[f"instance {key[0]}"].endswith("at no price")


def test_the_first_difference_is_kept_and_all_are_counted_by_part(made: Any) -> None:
    kernel, _ = made
    log = DivergenceLog(RunId("r"))
    for seq_id in (4, 5, 6):
        log.note_step(seq_id)
    first = difference()
    log.note(first, kernel)
    log.note(replace(first, part="commands", seq_id=6), kernel)
    log.note(replace(first, seq_id=6), kernel)
    report = log.report(kernel)
    assert report.first == first
    assert (report.first_step, report.last_step, report.steps) == (4, 6, 3)
    assert report.by_part == (("commands", 1), ("transitions", 2))
    assert report.differences == 3
    assert not report.is_equal
