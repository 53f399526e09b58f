"""Choices survive the way through JSON; what cannot be read costs that choice alone."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest

from tradetui.domain.ids import StrategyId
from tradetui.tui.preferences import LIMITS, Preferences, Shape, as_body, from_body
from tradetui.tui.widgets.arranging import AS_IT_COMES, Arrangement

WHOLE = Preferences(
    theme="light",
    sort="day",
    hidden=("fees",),
    timeframe=2,
    shape=Shape(table=8, panel=None, lower=12),
    locked=(StrategyId("btc-mr"),),
    pinned=("curve",),
    masked=True,
).with_list("Orders", Arrangement("PRICE", True, ("TIF",)))


def test_there_and_back() -> None:
    body = json.loads(json.dumps(as_body(WHOLE)))
    assert from_body(body) == (WHOLE, "")
    assert from_body(None) == (Preferences(), "")
    assert from_body({}) == (Preferences(), "")


@pytest.mark.parametrize("name", [one.name for one in fields(WHOLE)])
def test_what_cannot_be_read_costs_itself_alone(name: str) -> None:
    body = as_body(WHOLE) | {name: {"no": "such"}}
    found, problem = from_body(body)
    assert name in problem
    assert getattr(found, name) == getattr(Preferences(), name)
    others = [one.name for one in fields(WHOLE) if one.name != name]
    assert [getattr(found, one) for one in others] == [getattr(WHOLE, one) for one in others]


def test_what_a_newer_version_added_is_left() -> None:
    assert from_body(as_body(WHOLE) | {"holograms": True}) == (WHOLE, "")


def test_sizes_stay_within_their_limits() -> None:
    for pane, (low, high) in LIMITS.items():
        assert getattr(Shape().changed(pane, 0), pane) == low
        assert getattr(Shape().changed(pane, 10_000), pane) == high
        assert getattr(Shape().changed(pane, None), pane) is None
    found, _ = from_body({"shape": {"table": -5, "panel": 9_999, "lower": None}})
    assert found.shape == Shape(LIMITS["table"][0], LIMITS["panel"][1], None)


def test_a_list_as_it_comes_is_not_remembered() -> None:
    assert WHOLE.arrangement("Orders").sort == "PRICE"
    assert WHOLE.arrangement("Fills") is AS_IT_COMES
    assert WHOLE.with_list("Orders", AS_IT_COMES).lists == ()


def test_hostile_words_are_made_printable() -> None:
    _, problem = from_body({"timeframe": "\x1b[2J"})
    assert "\x1b" not in problem
