"""A run that an older program recorded is compared with what that program meant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from tradetui.backtest.older import callbacks_now
from tradetui.backtest.strategy_files import StrategyFiles
from tradetui.backtest.strategy_rerun import rerun_strategies
from tradetui.backtest.verifying import verify_steps
from tradetui.backtest.what_if import Changes, what_if
from tradetui.domain.codec import encode
from tradetui.domain.enums import CallbackOutcome
from tradetui.domain.ids import StrategyId
from tradetui.domain.reasons import Reason
from tradetui.domain.steps import CallbackResult, StepRecord
from tradetui.strategy import Strategy, bars

Record = Callable[..., Any]


class Broken(Strategy):
    """Fails at every bar."""

    DATA = {"bars": bars("1m")}

    def on_bar(self, bar: Any) -> None:
        raise ValueError("a bug")


def older(step: StepRecord) -> StepRecord:
    """Return a step as it was written when the message of a failed hook began with its name."""
    result = step.result
    doubled = tuple(replace(c, message=f"{c.hook}: {c.message}") for c in result.callbacks)
    said = tuple(
        replace(one, message=one.message.replace("in on_bar: ", "in on_bar: on_bar: "))
        for one in result.diagnostics
    )
    return replace(step, result=replace(result, callbacks=doubled, diagnostics=said))


def test_failed_hooks_that_were_named_twice_part_no_runs(record: Record) -> None:
    recorded = record(8, trader=Broken, with_acts=False)
    (run_id,) = recorded.source.headers
    steps = list(recorded.source.steps(run_id))
    stopped = [
        one.message
        for step in steps
        for one in step.result.diagnostics
        if one.code is Reason.INSTANCE_ERROR
    ]
    assert {text.partition("the last in ")[2] for text in stopped} == {"on_bar: ValueError: a bug"}
    rows = recorded.source.rows[run_id]
    for place, step in enumerate(steps):
        rows[place] = encode(older(step)) if step.result.callbacks else rows[place]
    assert verify_steps(recorded.run).first is None, "the kernel says what it is told"
    assert rerun_strategies(recorded.run, StrategyFiles(recorded.classes)).first is None
    assert what_if(recorded.run, recorded.classes, Changes()).first is None


def test_what_is_said_once_stays_as_it_is() -> None:
    told = CallbackResult(StrategyId("a"), "on_bar", CallbackOutcome.ERROR, "ValueError: on_bar: x")
    assert callbacks_now((told,)) == (told,)
