"""What STATE_SCHEMA keeps is noted once for each change, and given back."""

from __future__ import annotations

import json
from typing import Any

from tests.engine_kit import BTC, START, Steps, bar

from tradetui.domain.ids import StrategyId
from tradetui.engine.kept import KeptState
from tradetui.strategy import Strategy, bars


class Counter(Strategy):
    """Counts every third bar; what is not in the schema is nobody's business."""

    DATA = {"bars": bars("1m")}
    STATE_SCHEMA = {"turns": {"type": "int", "default": 0}}

    def on_bar(self, bar: Any) -> None:
        self.state["other"] = bar.close
        if self.bars.count % 3 == 0:
            self.state["turns"] += 1


class Plain(Strategy):
    """Keeps nothing."""

    DATA = {"bars": bars("1m")}


def run(make_session: Any, kind: type[Strategy]) -> Any:
    session = make_session(check_every_step=False)
    session.add_strategy("a", kind, [BTC.instrument_id], "acc")
    session.start(at=START)
    session.run(bar(number) for number in range(10))
    return session.loop.host


def test_a_change_is_in_its_step_and_in_no_other(make_session: Any, steps: Steps) -> None:
    host = run(make_session, Counter)
    noted = [json.loads(text) for one in steps.records for _, text in one.result.kept]
    assert noted == [{"turns": number} for number in range(4)]
    assert host.kept.texts == {StrategyId("a"): '{"turns":3}'}
    assert host.kept.take() == ()


def test_who_keeps_nothing_is_not_watched(make_session: Any, steps: Steps) -> None:
    host = run(make_session, Plain)
    assert host.kept.runners == {}
    assert not any(one.result.kept for one in steps.records)


def test_what_was_kept_outlives_its_instance(make_session: Any) -> None:
    host = run(make_session, Counter)
    host.unload_instance(StrategyId("a"))
    assert host.kept.runners == {}
    assert host.kept.texts == {StrategyId("a"): '{"turns":3}'}


def test_the_same_again_is_no_change() -> None:
    kept = KeptState()

    class Runner:
        def changed_kept(self) -> str:
            return "{}"

    for _ in range(2):
        kept.touched[StrategyId("a")] = Runner()  # type: ignore[assignment]
        kept.compare()
    assert kept.take() == ((StrategyId("a"), "{}"),)
    assert kept.take() == ()


class Lists(Strategy):
    """Keeps a list that it changes in place."""

    DATA = {"bars": bars("1m")}
    STATE_SCHEMA = {"closes": {"type": "list", "item": "int", "default": []}}

    def on_bar(self, bar: Any) -> None:
        if self.bars.count % 5 == 0:
            self.state["closes"].append(self.bars.count)


def test_a_list_that_is_changed_in_place_is_a_change(make_session: Any, steps: Steps) -> None:
    run(make_session, Lists)
    noted = [json.loads(text)["closes"] for one in steps.records for _, text in one.result.kept]
    assert noted == [[], [5], [5, 10]]


def test_changes_of_one_step_are_in_ascending_id() -> None:
    kept = KeptState()

    class Runner:
        def changed_kept(self) -> str:
            return "{}"

    for name in "ba":
        kept.touched[StrategyId(name)] = Runner()  # type: ignore[assignment]
    kept.compare()
    assert [strategy_id for strategy_id, _ in kept.take()] == ["a", "b"]
