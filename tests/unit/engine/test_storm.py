"""Storms are counted by instance and by moment."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tradetui.domain.ids import StrategyId
from tradetui.domain.intents import AttributedIntent, NoOp
from tradetui.domain.steps import IntentBatch
from tradetui.engine.storm import STORM_INTENTS, Storm


def batch(*asked: str) -> IntentBatch:
    intents = tuple(
        AttributedIntent(StrategyId(name), place, NoOp()) for place, name in enumerate(asked)
    )
    return IntentBatch(intents=intents)


def test_only_the_one_that_asks_without_end_is_told_and_only_for_that_moment() -> None:
    runners: Any = {
        StrategyId(name): SimpleNamespace(port=SimpleNamespace(is_storming=False)) for name in "ab"
    }
    storm = Storm(lambda: runners)
    for _ in range(STORM_INTENTS - 1):
        storm.add(batch("a"))
    storm.add(batch("b", "b"))
    assert not runners["a"].port.is_storming
    storm.add(batch("a", "b"))
    assert runners["a"].port.is_storming
    assert not runners["b"].port.is_storming
    assert storm.asked
    del runners[StrategyId("b")]
    storm.end()
    assert not storm.asked
    assert not runners["a"].port.is_storming
