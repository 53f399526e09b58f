"""A console that only looks: what changes something is refused, the rest goes through."""

from __future__ import annotations

import inspect

import pytest
from tests.tui.fixtures import FakeActions, FakeEngine

from tradetui.domain.commands import Pause
from tradetui.domain.ids import StrategyId
from tradetui.tui.actions import Actions
from tradetui.tui.read_only import REFUSED, ReadOnlyActions, ReadOnlyEngine

METHODS = {
    name: inspect.signature(method).return_annotation
    for name, method in inspect.getmembers(Actions, inspect.isfunction)
    if not name.startswith("_")
}
ACTS = sorted(name for name, result in METHODS.items() if result == "CommandReply")
"""Whatever answers with a reply changes records."""


def test_the_acts_are_found() -> None:
    assert {"set_mode", "create", "delete"} <= set(ACTS)
    assert "schema" in METHODS


async def test_the_engine_takes_no_command_but_tells_everything() -> None:
    engine = FakeEngine()
    only = ReadOnlyEngine(engine)
    assert await only.send(Pause(StrategyId("btc-mr"), True, None, "op")) == REFUSED
    assert not REFUSED.done
    assert REFUSED.text.startswith("read-only: ")
    assert engine.commands == []
    assert only.snapshot() == engine.snapshot()


@pytest.mark.parametrize("name", ACTS)
async def test_no_act_reaches_the_records(name: str) -> None:
    actions = FakeActions()
    assert await getattr(ReadOnlyActions(actions), name)("btc-mr", seen_revision=1) == REFUSED
    assert actions.calls == []


@pytest.mark.parametrize("name", sorted(set(METHODS) - set(ACTS)))
def test_what_only_asks_or_remembers_goes_through(name: str) -> None:
    actions = FakeActions()
    assert getattr(ReadOnlyActions(actions), name) == getattr(actions, name)
