"""A kernel fed with recorded steps comes to the same, and says where it does not."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.engine_kit import BTC, START, Steps, bar

from tradetui.core.checkpoint import CheckpointError
from tradetui.domain.control import ModeChanged
from tradetui.domain.enums import InstanceMode, OrderState
from tradetui.domain.ids import RunId, StrategyId
from tradetui.domain.orders import Diagnostic
from tradetui.domain.reasons import Reason
from tradetui.domain.steps import StepRecord
from tradetui.engine.host import MAX_INTENTS
from tradetui.engine.rerun import Rerun
from tradetui.strategy import Strategy, bars


class Trader(Strategy):
    """Enters with a bracket, closes, asks for too much, and fails; all of it again and again."""

    DATA = {"bars": bars("1m")}

    def on_bar(self, bar: Any) -> None:
        turn = self.bars.count % 5
        if turn == 1:
            self.enter("long", amount=1.0, stop=bar.close * 0.9, target_r=2.0)
        elif turn == 2:
            self.context.place_order("buy", 1e9)
        elif turn == 3:
            self.close()
        elif turn == 4:
            raise ValueError("a bug")


class Flood(Strategy):
    """Asks for more intents than a callback may."""

    DATA = {"bars": bars("1m")}

    def on_bar(self, bar: Any) -> None:
        for _ in range(MAX_INTENTS + 3):
            self.context.place_order("buy", 0.001)


def run(make_session: Any, kind: type[Strategy], length: int = 25) -> Any:
    session = make_session(check_every_step=False)
    session.add_strategy("a", kind, [BTC.instrument_id], "acc")
    session.start(at=START)
    session.run(bar(n, 10_000 + 37 * (n % 7)) for n in range(length))
    session.loop.control(ModeChanged(StrategyId("a"), InstanceMode.OBSERVE, "me"))
    return session.loop.kernel


def put(step: StepRecord, **changes: Any) -> StepRecord:
    return msgspec.structs.replace(step, **changes)


@pytest.mark.parametrize("kind", [Trader, Flood])
def test_it_comes_to_the_same(make_session: Any, steps: Steps, kind: type[Strategy]) -> None:
    kernel = run(make_session, kind)
    rerun = Rerun(kernel.state.config)
    assert [rerun.apply(step) for step in steps.records] == [None] * len(steps.records)
    assert rerun.seq_id == steps.records[-1].event.seq_id
    assert rerun.state_hash() == kernel.state_hash()


def test_what_the_host_refused_is_on_the_record(make_session: Any, steps: Steps) -> None:
    run(make_session, Flood, 3)
    said = [d for step in steps.records for d in step.result.diagnostics]
    assert any(d.code is Reason.ORDER_RATE for d in said)


def test_it_goes_on_from_a_checkpoint(make_session: Any, steps: Steps) -> None:
    kernel = run(make_session, Trader)
    half = len(steps.records) // 2
    first = Rerun(kernel.state.config)
    for step in steps.records[:half]:
        assert first.apply(step) is None
    second = Rerun(kernel.state.config, first.kernel.checkpoint())
    assert second.seq_id == half
    for step in steps.records[half:]:
        assert second.apply(step) is None
    assert second.state_hash() == kernel.state_hash()


def test_a_checkpoint_of_another_configuration_is_refused(make_session: Any) -> None:
    kernel = run(make_session, Trader, 3)
    other = msgspec.structs.replace(kernel.state.config, run_id=RunId("another"))
    with pytest.raises(CheckpointError, match="another configuration"):
        Rerun(other, kernel.checkpoint())


def changed(steps: Steps, part: str) -> tuple[int, StepRecord]:
    """Return the first step that has such a part, with that part altered."""
    for place, step in enumerate(steps.records):
        if part in ("decisions", "transitions") and getattr(step, part):
            items = getattr(step, part)
            if part == "decisions":
                altered = put(items[0], note="altered")
            else:
                altered = put(items[0], to_state=OrderState.EXPIRED)
            return place, put(step, **{part: (altered, *items[1:])})
        if part in ("commands", "fills") and getattr(step.result, part):
            items = getattr(step.result, part)
            return place, put(step, result=put(step.result, **{part: ()}))
        if part == "is_duplicate" and step.event.event_type == "Bar":
            return place, put(step, result=put(step.result, is_duplicate=True))
        if part == "diagnostics" and step.result.callbacks:
            said = Diagnostic(Reason.MAX_EXPOSURE, "made up", strategy_id=StrategyId("a"))
            return place, put(step, result=put(step.result, diagnostics=(said,)))
    raise AssertionError(part)


@pytest.mark.parametrize(
    ("part", "field"),
    [
        ("decisions", "decisions[0].note"),
        ("transitions", "transitions[0].to_state"),
        ("commands", "commands[0]"),
        ("fills", "fills[0]"),
        ("diagnostics", "diagnostics[0]"),
        ("is_duplicate", "is_duplicate"),
    ],
)
def test_it_names_the_first_difference(
    make_session: Any, steps: Steps, part: str, field: str
) -> None:
    kernel = run(make_session, Trader)
    place, altered = changed(steps, part)
    rerun = Rerun(kernel.state.config)
    for step in steps.records[:place]:
        assert rerun.apply(step) is None
    found = rerun.apply(altered)
    assert found is not None
    assert (found.seq_id, found.part, found.field) == (place + 1, part, field)
    assert found.event_type == altered.event.event_type
    assert found.was != found.now
    for step in steps.records[place + 1 :]:
        assert rerun.apply(step) is None


def test_a_refusal_in_the_host_s_name_is_not_believed_without_a_callback(
    make_session: Any, steps: Steps
) -> None:
    kernel = run(make_session, Trader, 2)
    quiet = steps.of("Bar")[-1]
    place = quiet.event.seq_id - 1
    said = Diagnostic(Reason.ORDER_RATE, "a asked for too much", strategy_id=StrategyId("nobody"))
    altered = put(quiet, result=put(quiet.result, diagnostics=(said,)))
    rerun = Rerun(kernel.state.config)
    for step in steps.records[:place]:
        rerun.apply(step)
    found = rerun.apply(altered)
    assert found is not None
    assert found.part == "diagnostics"


def test_a_gap_is_a_failure(make_session: Any, steps: Steps) -> None:
    kernel = run(make_session, Trader, 3)
    rerun = Rerun(kernel.state.config)
    rerun.apply(steps.records[0])
    found = rerun.apply(steps.records[2])
    assert found is not None
    assert found.part == "failure"
    assert "the sequence has no gap" in found.now
    assert rerun.seq_id == 1


def test_intents_out_of_order_are_a_failure(make_session: Any, steps: Steps) -> None:
    kernel = run(make_session, Flood, 3)
    place, step = next((n, s) for n, s in enumerate(steps.records) if len(s.intents) > 1)
    rerun = Rerun(kernel.state.config)
    for earlier in steps.records[:place]:
        rerun.apply(earlier)
    found = rerun.apply(put(step, intents=step.intents[::-1]))
    assert found is not None
    assert found.part == "failure"
