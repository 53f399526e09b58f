"""Nothing acts in the past."""

from __future__ import annotations

from tradetui.bootstrap.console.past_actions import PastActions
from tradetui.domain.commands import CommandReply
from tradetui.domain.enums import InstanceMode, InstanceState
from tradetui.domain.ids import StrategyId
from tradetui.tui.actions import Draft


async def test_nothing_acts_in_the_past() -> None:
    actions, one = PastActions(), StrategyId("x")
    off = {"seen_revision": 1, "seen_state": InstanceState.OFF}
    for reply in (
        await actions.set_mode(one, InstanceMode.OFF, **off),
        await actions.create(Draft("x", "dip", "paper/main", "BTC/USD")),
        await actions.delete(one, seen_revision=1),
        await actions.set_config(one, "{}", seen_revision=1),
        await actions.restore(one),
    ):
        assert reply == CommandReply(False, "this is a recorded run: nothing acts in the past")
    assert (await actions.check_config("x", "{}", "{}")).problems
    assert (await actions.reload_facts(None))[0][1].startswith("this is a recorded run")
    assert await actions.schema("x") == {}
    assert (await actions.strategies(), await actions.markets()) == ((), ())
    assert await actions.remember("", {}) == ""
    assert await actions.recall("") is None
    assert await actions.layouts() == ()
    assert not await actions.forget_layout("x")
    assert actions.limits(StrategyId("x")) == ()
