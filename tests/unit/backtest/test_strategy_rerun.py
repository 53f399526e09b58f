"""Strategies run again on the record ask for the same, or the first difference is named."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace
from tests.support.recorded import Classes

from tradetui.backtest.errors import ReplayError, ReplayRefusedError
from tradetui.backtest.strategy_files import StrategyFiles
from tradetui.backtest.strategy_rerun import StrategyRerun, counter_of, rerun_strategies
from tradetui.domain.codec import encode
from tradetui.domain.control import InstanceLoaded
from tradetui.domain.enums import CallbackOutcome
from tradetui.domain.ids import ClientOrderId
from tradetui.domain.steps import CallbackResult
from tradetui.engine.errors import LoadError
from tradetui.engine.host import MAX_INTENTS
from tradetui.strategy import Strategy, bars

Record = Callable[..., Any]


def test_the_intent_stream_is_the_same(record: Record) -> None:
    recorded = record()
    report = rerun_strategies(recorded.run, StrategyFiles(recorded.classes))
    assert report.first is None
    assert report.is_equal
    assert report.notes == ()
    assert report.state_hash == recorded.session.loop.kernel.state_hash()


def test_a_strategy_that_asks_for_more_than_it_may_is_the_same(record: Record) -> None:
    class Flood(Strategy):
        DATA = {"bars": bars("1m")}

        def on_bar(self, bar: Any) -> None:
            if self.bars.count == 2:
                for _ in range(MAX_INTENTS + 5):
                    self.context.place_order("buy", 0.001)

    recorded = record(5, random_class=Flood, with_acts=False)
    assert rerun_strategies(recorded.run, StrategyFiles(recorded.classes)).is_equal


def test_another_strategy_is_found_at_its_first_other_intent(record: Record) -> None:
    recorded = record(20, with_acts=False)

    class Larger(recorded.classes.classes["Trader"]):  # type: ignore[misc,name-defined]
        def on_bar(self, bar: Any) -> None:
            if self.bars.count == 8:
                self.context.place_order("buy", 0.25)
                return
            super().on_bar(bar)

    classes = Classes(Trader=Larger, Random=recorded.classes.classes["Random"])
    report = rerun_strategies(recorded.run, StrategyFiles(classes))
    assert report.first is not None
    assert report.first.part in ("intents", "signals")
    assert dict(report.by_part).keys() <= {"intents", "signals", "callbacks", "kept"}
    assert report.differences < 60


def with_hash(recorded: Any, file_hash: str) -> None:
    """Write into the record that every instance was of a file with this hash."""
    (run_id,) = recorded.source.headers
    rows = recorded.source.rows[run_id]
    for place, step in enumerate(recorded.source.steps(run_id)):
        if isinstance(step.event.payload, InstanceLoaded):
            payload = replace(step.event.payload, file_hash=file_hash)
            rows[place] = encode(replace(step, event=replace(step.event, payload=payload)))


def test_a_file_that_has_changed_is_refused_unless_forced(record: Record) -> None:
    recorded = record(5, with_acts=False)
    with_hash(recorded, "old")
    recorded.classes.hashes = {"Trader": "old", "Random": "new"}
    with pytest.raises(ReplayRefusedError, match="the file of strategy Random has changed"):
        rerun_strategies(recorded.run, StrategyFiles(recorded.classes))
    report = rerun_strategies(recorded.run, StrategyFiles(recorded.classes, force=True))
    assert report.is_equal
    assert "Random has changed" in report.notes[0]


def test_a_journal_without_configs_is_a_sentence(record: Record) -> None:
    recorded = record(3, with_acts=False)
    (run_id,) = recorded.source.headers
    rows = recorded.source.rows[run_id]
    for place, step in enumerate(recorded.source.steps(run_id)):
        if isinstance(step.event.payload, InstanceLoaded):
            payload = replace(step.event.payload, config_json="")
            rows[place] = encode(replace(step, event=replace(step.event, payload=payload)))
    with pytest.raises(ReplayError, match="does not hold the config of instance a"):
        rerun_strategies(recorded.run, StrategyFiles(recorded.classes))


def test_an_instance_that_ran_out_of_time_is_given_up_and_said(record: Record) -> None:
    recorded = record(20, with_acts=False)
    (run_id,) = recorded.source.headers
    rows = recorded.source.rows[run_id]
    place, step = next(
        (place, step)
        for place, step in enumerate(recorded.source.steps(run_id))
        if step.result.callbacks and step.result.callbacks[0].outcome is CallbackOutcome.ERROR
    )
    late = CallbackResult(
        step.result.callbacks[0].strategy_id, "on_bar", CallbackOutcome.TIMEOUT, "on_bar: too long"
    )
    rows[place] = encode(replace(step, result=replace(step.result, callbacks=(late,))))
    report = rerun_strategies(recorded.run, StrategyFiles(recorded.classes))
    assert "ran out of time in step" in report.notes[0]
    assert report.first is None or "strategy_id" not in report.first.field


def test_a_config_that_does_not_fit_any_more_is_a_sentence(record: Record) -> None:
    recorded = record(3, with_acts=False)

    class Other(Strategy):
        CONFIG_SCHEMA = {"length": {"type": "int", "default": 5}}

    classes = Classes(Trader=Other, Random=recorded.classes.classes["Random"])
    with pytest.raises(ReplayError, match="config of a: "):
        rerun_strategies(recorded.run, StrategyFiles(classes))


def test_a_record_that_cannot_be_applied_ends_the_comparison(record: Record) -> None:
    recorded = record(5, with_acts=False)
    (run_id,) = recorded.source.headers
    del recorded.source.rows[run_id][15]
    report = rerun_strategies(recorded.run, StrategyFiles(recorded.classes))
    assert report.first is not None
    assert report.first.part == "failure"


def test_a_run_that_goes_on_gives_its_strategies_what_they_kept(
    record: Record, carry_on: Record
) -> None:
    recorded = record(28, with_acts=False)
    run = carry_on(recorded, after=28)
    report = rerun_strategies(run, StrategyFiles(recorded.classes))
    assert report.is_equal
    assert report.steps == run.last - run.header.opening_seq
    kept = json.dumps({"seen": 0}, separators=(",", ":"))
    other = dataclasses.replace(run, opening=dataclasses.replace(run.opening, kept=(("a", kept),)))
    assert not rerun_strategies(other, StrategyFiles(recorded.classes)).is_equal


def test_a_strategy_that_is_gone_is_a_sentence(record: Record) -> None:
    recorded = record(3, with_acts=False)

    class Empty:
        def load(self, name: str) -> Any:
            raise LoadError(f"there is no strategy {name}")

    with pytest.raises(ReplayError, match=r"^instance a: there is no strategy Trader$"):
        rerun_strategies(recorded.run, StrategyFiles(Empty()))


def test_a_strategy_that_no_longer_starts_is_a_sentence(record: Record) -> None:
    recorded = record(3, with_acts=False)

    class Broken(recorded.classes.classes["Trader"]):  # type: ignore[misc,name-defined]
        DATA = {"position": bars("1m")}

    classes = Classes(Trader=Broken, Random=recorded.classes.classes["Random"])
    with pytest.raises(ReplayError, match="position"):
        rerun_strategies(recorded.run, StrategyFiles(classes))


def test_a_second_load_takes_the_place_of_the_first(record: Record) -> None:
    """As when a journal lost the unload between them: the newer one runs."""
    recorded = record(12, with_acts=False)
    steps = list(recorded.run.steps())
    loads = [step for step in steps if isinstance(step.event.payload, InstanceLoaded)]
    rerun = StrategyRerun(recorded.run, StrategyFiles(recorded.classes))
    for step in steps[: loads[-1].event.seq_id]:
        assert rerun.apply(step) is None
    before = rerun.host.running_instances[loads[0].event.payload.strategy_id]
    again = replace(loads[0], event=replace(loads[0].event, seq_id=loads[-1].event.seq_id + 1))
    rerun.apply(again)
    assert rerun.host.running_instances[loads[0].event.payload.strategy_id] is not before


def test_ids_go_on_from_the_record_after_another_intent(record: Record) -> None:
    """One difference stays one: the ids that follow are those of the record."""
    recorded = record(28, with_acts=False)

    class Twice(recorded.classes.classes["Trader"]):  # type: ignore[misc,name-defined]
        def on_bar(self, bar: Any) -> None:
            super().on_bar(bar)
            if self.bars.count == 3:
                self.context.place_order("buy", 0.25, "limit", 1.0)

    classes = Classes(Trader=Twice, Random=recorded.classes.classes["Random"])
    report = rerun_strategies(recorded.run, StrategyFiles(classes))
    assert report.first is not None
    assert report.first.part == "intents"
    assert dict(report.by_part)["intents"] <= 2


@pytest.mark.parametrize(
    ("order_id", "expected"), [("ttx1-0042", 42), ("ttx1-", None), ("by-hand", None), ("7", 7)]
)
def test_the_counter_in_an_order_id(order_id: str, expected: int | None) -> None:
    assert counter_of(ClientOrderId(order_id)) == expected
