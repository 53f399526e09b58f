"""What an instance saw, in words: flat or holding, with or without a price, its working orders."""

from __future__ import annotations

from msgspec.structs import replace
from tests.unit.services.test_why import A, World, orders_of, world

from tradetui.domain.intents import ReplaceOrder
from tradetui.services.seen_words import seen_details, seen_text

__all__ = ["world"]


def test_who_holds_sees_the_position_its_guard_and_its_stop(world: World) -> None:
    run, steps = world
    moved = next(s for s in steps if any(isinstance(one.intent, ReplaceOrder) for one in s.intents))
    seen = run.seen(moved.event.seq_id, A)
    assert seen is not None
    assert "guarded by" in seen_text(seen)
    lines = seen_details(seen, moved.event.event_time)
    assert any("stop 90.00" in line and line.startswith("working: ") for line in lines)
    assert lines[-1].startswith("free ")


def test_without_a_price_that_is_said(
    world: World,
) -> None:
    run, steps = world
    (entry,) = orders_of(steps, lambda intent: intent.reason == "a dip")
    step = next(s for s in steps if entry in s.intents)
    seen = run.seen(step.event.seq_id, A)
    assert seen is not None
    blind = replace(seen, markets=(replace(seen.markets[0], price=None),))
    assert seen_text(blind) == "a saw: ACTIVE, flat"
    assert seen_details(blind, step.event.event_time)[0] == "BTC/USD: no price yet"
