"""Profiles and what they bind to.

Also the tests of ``core/risk/resolve.py``.
"""

from __future__ import annotations

import msgspec
import pytest

from tradetui.core.risk.profiles import ProfileError, bind_all, set_profile
from tradetui.core.risk.resolve import routes_of, select_route
from tradetui.core.state import KernelState
from tradetui.domain.enums import Outcome, Scope
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import ProfileBinding, RiskProfile

UNIT = 10**8


def test_the_bindings_of_the_configuration(world):
    config = msgspec.structs.replace(
        world.state.config,
        profiles=(RiskProfile("a"), RiskProfile("b")),
        bindings=(
            ProfileBinding("a", Scope.ROUTE, "main"),
            ProfileBinding("b", Scope.ROUTE, "main"),
            ProfileBinding("a", Scope.GLOBAL, "anything"),
        ),
    )
    state = KernelState(config)
    bind_all(state)
    assert [one.profile for one in state.bindings[Scope.ROUTE, "main"]] == ["a", "b"]
    assert [one.profile for one in state.bindings[Scope.GLOBAL, ""]] == ["a"]


def test_a_binding_needs_its_profile(world):
    config = msgspec.structs.replace(
        world.state.config, bindings=(ProfileBinding("a", Scope.GLOBAL),)
    )
    with pytest.raises(ProfileError, match="no risk profile is named 'a'"):
        bind_all(KernelState(config))


def test_a_profile_cannot_bind_to_an_instrument(world):
    with pytest.raises(ProfileError, match="allow list"):
        set_profile(
            world.state, RiskProfile("a"), (ProfileBinding("a", Scope.INSTRUMENT, "BTC/USD.SIM"),)
        )


def test_a_profile_brings_its_own_bindings(world):
    with pytest.raises(ProfileError, match="names 'b'"):
        set_profile(world.state, RiskProfile("a"), (ProfileBinding("b", Scope.GLOBAL),))


def test_a_changed_profile_is_at_work_at_once_and_its_old_bindings_are_gone(world):
    world.profile(name="other", max_order_quantity=9 * UNIT)
    world.profile(max_order_quantity=UNIT // 2, may_reduce=False)
    assert world.place().decision.reason is Reason.MAX_ORDER_QUANTITY
    world.profile(max_order_quantity=2 * UNIT)
    assert world.place().decision.outcome is Outcome.ALLOW
    world.profile(Scope.STRATEGY, "two", max_order_quantity=UNIT // 2, may_reduce=False)
    assert world.place().decision.outcome is Outcome.ALLOW
    assert world.place("two").decision.reason is Reason.MAX_ORDER_QUANTITY


def test_a_rolled_back_profile_never_was(world):
    world.place()
    world.state.begin()
    world.profile(max_order_quantity=UNIT // 2, may_reduce=False)
    assert world.place().decision.reason is Reason.MAX_ORDER_QUANTITY
    world.state.rollback()
    assert world.place().decision.outcome is Outcome.ALLOW


def test_a_context_that_is_gone_has_no_route(world):
    instrument = world.state.instruments["BTC/USD.SIM"]
    assert select_route(world.state, "acct", instrument) is world.state.routes["main"]
    assert select_route(world.state, "gone", instrument) is None
    assert routes_of(world.state, "acct") == ("main",)
    assert routes_of(world.state, "gone") == ()
