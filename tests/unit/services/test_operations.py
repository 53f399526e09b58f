"""Pause, resume, STOP and release: what is sent, and what is refused before it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from tradetui.domain.commands import (
    CancelEntries,
    CancelOne,
    ClosePosition,
    Pause,
    ReleaseHold,
    SetExitOnly,
    SetKillSwitch,
)
from tradetui.domain.enums import InstanceState, KillState, OrderRole, OrderSide, Scope
from tradetui.domain.ids import ClientOrderId, StrategyId
from tradetui.domain.replica import InstanceView, KillView, OrderView, ReplicaSnapshot
from tradetui.services.errors import RefusedError, UserError
from tradetui.services.operations import (
    PositionToClose,
    StopRung,
    cancel_order,
    closing_sizes,
    pause,
    release,
    resume,
    stop,
    stop_figures,
)

View = Callable[..., InstanceView]
MakeOrder = Callable[..., OrderView]
A, B = StrategyId("a"), StrategyId("b")


@pytest.fixture
def engine(make_engine: Callable[..., Any], make_view: View, make_order: MakeOrder) -> Any:
    """Two instances, one long and one short, with all kinds of orders."""
    return make_engine(
        (
            make_view("a", position=2_350_000),
            make_view("b", InstanceState.EXIT_ONLY, position=-100_000_000, price=None),
            make_view("c", InstanceState.OFF),
        ),
        (
            make_order("o1", "a"),
            make_order("o2", "a", is_unknown=True),
            make_order("o3", "a", OrderRole.STOP_LOSS),
            make_order("o4", "a", reduce_only=True),
            make_order("o5", "b", OrderRole.EXIT),
            make_order("o6", "b", is_shadow=True),
            make_order("o7", "b", is_open=False),
            make_order("o8", "gone"),
        ),
    )


def test_the_figures_of_all(engine: Any) -> None:
    figures = stop_figures(engine.snapshot(), None)
    assert figures.all_instances
    assert figures.instances == ("a", "b", "c")
    assert (figures.entry_orders, figures.kept_orders, figures.unknown_orders) == (1, 3, 1)
    long, short = figures.positions
    assert (long.side, long.quantity, long.base) == (OrderSide.SELL, "0.02350", "BTC")
    assert long.value == 158_418_905_000
    assert (short.side, short.quantity, short.value) == (OrderSide.BUY, "1.00000", None)


def test_the_figures_of_some(engine: Any) -> None:
    figures = stop_figures(engine.snapshot(), [B])
    assert not figures.all_instances
    assert figures.instances == ("b",)
    assert (figures.entry_orders, figures.kept_orders, figures.unknown_orders) == (0, 1, 0)


def test_sizes_to_close_are_added_up_by_side_and_coin() -> None:
    def position(name: str, side: OrderSide, size: str, base: str) -> PositionToClose:
        return PositionToClose(StrategyId(name), side, size, base, "USDT", None)

    sell, buy = OrderSide.SELL, OrderSide.BUY
    positions = (
        position("a", sell, "0.02350", "BTC"),
        position("b", sell, "1,000.01000", "BTC"),
        position("c", buy, "0.5", "BTC"),
        position("d", sell, "?", "ETH"),
        position("e", sell, "2", "ETH"),
    )
    assert closing_sizes(positions) == (
        (sell, "1,000.03350", "BTC"), (buy, "0.5", "BTC"), (sell, "?", "ETH")
    )  # fmt: skip


def test_a_position_without_its_instrument_is_named_all_the_same(
    make_engine: Callable[..., Any], make_view: View
) -> None:
    engine = make_engine((make_view("a", position=5, instrument="X/Y.SIM"),))
    (position,) = stop_figures(engine.snapshot(), None).positions
    assert (position.quantity, position.base) == ("?", "X/Y")


def test_a_price_of_low_scale_is_valued(make_engine: Callable[..., Any], make_view: View) -> None:
    engine = make_engine((make_view("a", position=5, price=3),))
    snapshot = engine.snapshot()
    coarse = msgspec.structs.replace(snapshot.instruments[0], price_scale=0, size_scale=0)
    snapshot = msgspec.structs.replace(snapshot, instruments=(coarse,))
    (position,) = stop_figures(snapshot, None).positions
    assert position.value == 15 * 10**8


def exits_only(scope: Scope, key: str, *, cancels: bool) -> SetKillSwitch:
    """The switch of a stop: it also holds what is switched on later."""
    return SetKillSwitch(
        scope, key, KillState.REDUCING, KillState.NORMAL, "op", "why", cancel_entries=cancels
    )


@pytest.mark.parametrize(
    ("rung", "scope", "commands"),
    [
        (StopRung.EXIT_ONLY, None, [exits_only(Scope.GLOBAL, "", cancels=False)]),
        (StopRung.EXIT_ONLY, [B], [exits_only(Scope.STRATEGY, "b", cancels=False)]),
        (StopRung.CANCEL, None, [exits_only(Scope.GLOBAL, "", cancels=True)]),
        (
            StopRung.CANCEL,
            [A, B],
            [
                exits_only(Scope.STRATEGY, "a", cancels=True),
                exits_only(Scope.STRATEGY, "b", cancels=True),
            ],
        ),
        (StopRung.CLOSE, None, [ClosePosition(None, "op", "why")]),
        (StopRung.CLOSE, [A], [ClosePosition(A, "op", "why")]),
        (
            StopRung.HALT,
            None,
            [SetKillSwitch(Scope.GLOBAL, "", KillState.HALTED, KillState.NORMAL, "op", "why")],
        ),
        (
            StopRung.HALT,
            [A],
            [SetKillSwitch(Scope.STRATEGY, "a", KillState.HALTED, KillState.NORMAL, "op", "why")],
        ),
    ],
)
async def test_each_rung_sends_its_commands(
    engine: Any, rung: StopRung, scope: list[StrategyId] | None, commands: list[Any]
) -> None:
    figures = stop_figures(engine.snapshot(), scope)
    replies = await stop(engine, rung, figures, actor="op", reason="why")
    assert engine.sent == commands
    assert all(reply.done for reply in replies)


async def test_halting_names_the_state_that_was_seen(
    make_engine: Callable[..., Any], make_view: View
) -> None:
    kill = KillView(Scope.GLOBAL, "", KillState.REDUCING, "op", "x", 0)
    engine = make_engine((make_view("a"),), (), (kill,))
    figures = stop_figures(engine.snapshot(), None)
    await stop(engine, StopRung.HALT, figures, actor="op", reason="why")
    assert engine.sent[0].seen is KillState.REDUCING


async def test_a_stop_never_loosens_what_is_halted(
    make_engine: Callable[..., Any], make_view: View
) -> None:
    kill = KillView(Scope.GLOBAL, "", KillState.HALTED, "op", "x", 0)
    engine = make_engine((make_view("a"),), (), (kill,))
    figures = stop_figures(engine.snapshot(), None)
    (reply,) = await stop(engine, StopRung.EXIT_ONLY, figures, actor="op", reason="why")
    assert (reply.done, engine.sent) == (True, [])
    assert "HALTED already" in reply.text
    await stop(engine, StopRung.CANCEL, figures, actor="op", reason="why")
    assert engine.sent == [CancelEntries(None, "op")]


def without(snapshot: ReplicaSnapshot, **changes: Any) -> ReplicaSnapshot:
    return msgspec.structs.replace(snapshot, **changes)


async def test_a_stop_is_refused_when_it_would_do_something_else(
    engine: Any, make_view: View, make_order: MakeOrder
) -> None:
    seen = engine.snapshot()
    figures = stop_figures(seen, None)
    views, orders = seen.instances, seen.orders
    smaller = (make_view("a", position=2_350_001), *views[1:])
    flat = (make_view("a", position=0), *views[1:])
    close, cancel, halt = StopRung.CLOSE, StopRung.CANCEL, StopRung.HALT
    changes = [
        ((close, cancel, halt), {"instances": (*views, make_view("d"))}, "d is new"),
        ((close, cancel, halt), {"instances": views[:2]}, "c is gone"),
        ((close,), {"instances": smaller}, "a sell 0.02350 BTC -> sell 0.0235"),
        ((close,), {"instances": flat}, "a sell 0.02350 BTC -> nothing to close"),
        ((close, cancel), {"orders": orders[1:]}, "entry orders 1 -> 0"),
        ((close, cancel), {"orders": (*orders, make_order("n", "a", OrderRole.EXIT))},
         "exits 3 -> 4"),
        ((close, cancel), {"orders": (orders[0], make_order("o2", "a"), *orders[2:])},
         "unknown orders 1 -> 0"),
    ]  # fmt: skip
    for rungs, change, said in changes:
        for rung in (close, cancel, halt):
            engine.shown = without(seen, **change)
            engine.sent.clear()
            if rung not in rungs:
                await stop(engine, rung, figures, actor="op", reason="")
                assert len(engine.sent) == 1
                continue
            with pytest.raises(RefusedError, match=f"^changed while you looked: {said}") as caught:
                await stop(engine, rung, figures, actor="op", reason="")
            assert str(caught.value).endswith(". Nothing done.")
            assert engine.sent == []


async def test_a_state_may_change_while_a_person_looks(engine: Any, make_view: View) -> None:
    seen = engine.snapshot()
    figures = stop_figures(seen, None)
    blocked = make_view("a", InstanceState.BLOCKED, position=2_350_000)
    engine.shown = without(seen, instances=(blocked, *seen.instances[1:]))
    await stop(engine, StopRung.CLOSE, figures, actor="op", reason="")
    assert len(engine.sent) == 1


async def test_a_price_may_change_while_a_person_looks(engine: Any, make_view: View) -> None:
    seen = engine.snapshot()
    figures = stop_figures(seen, None)
    moved = (make_view("a", position=2_350_000, price=1), *seen.instances[1:])
    engine.shown = without(seen, instances=moved)
    await stop(engine, StopRung.CLOSE, figures, actor="op", reason="")
    assert len(engine.sent) == 1


async def test_exit_only_is_never_refused(engine: Any) -> None:
    figures = stop_figures(engine.snapshot(), None)
    engine.shown = without(engine.shown, instances=())
    await stop(engine, StopRung.EXIT_ONLY, figures, actor="op", reason="")
    assert len(engine.sent) == 1


async def test_pause_carries_the_state_that_was_seen(engine: Any, make_view: View) -> None:
    await pause(engine, make_view("a", InstanceState.BLOCKED), actor="op")
    assert engine.sent == [Pause(A, True, InstanceState.BLOCKED, "op")]
    for state in (InstanceState.OFF, InstanceState.PAUSED):
        with pytest.raises(UserError, match=f"a is {state.value}; there is nothing to pause"):
            await pause(engine, make_view("a", state), actor="op")


@pytest.mark.parametrize(
    ("state", "command"),
    [
        (InstanceState.PAUSED, Pause(A, False, InstanceState.PAUSED, "op")),
        (InstanceState.HELD, ReleaseHold(A, InstanceState.HELD, "op")),
        (InstanceState.ERROR, ReleaseHold(A, InstanceState.ERROR, "op")),
        (
            InstanceState.EXIT_ONLY,
            SetExitOnly(A, False, "op", "resumed", seen=InstanceState.EXIT_ONLY),
        ),
    ],
)
async def test_resume_does_what_the_state_needs(
    engine: Any, make_view: View, state: InstanceState, command: Any
) -> None:
    await resume(engine, make_view("a", state), actor="op")
    assert engine.sent == [command]


@pytest.mark.parametrize("state", [InstanceState.ACTIVE, InstanceState.OFF, InstanceState.OBSERVE])
async def test_what_runs_cannot_be_resumed(
    engine: Any, make_view: View, state: InstanceState
) -> None:
    with pytest.raises(UserError, match=f"a is {state.value}; there is nothing to resume"):
        await resume(engine, make_view("a", state), actor="op")


async def test_a_release_needs_a_reason_and_something_to_release(engine: Any) -> None:
    halted, normal = KillState.HALTED, KillState.NORMAL
    with pytest.raises(UserError, match="a release needs a reason"):
        await release(engine, Scope.GLOBAL, "", halted, actor="op", reason="  ")
    with pytest.raises(UserError, match="there is nothing to release"):
        await release(engine, Scope.GLOBAL, "", normal, actor="op", reason="calm")
    await release(engine, Scope.GLOBAL, "", halted, actor="op", reason="calm\x1b")
    assert engine.sent == [SetKillSwitch(Scope.GLOBAL, "", normal, halted, "op", "calm?")]


async def test_only_an_open_order_can_be_cancelled(engine: Any) -> None:
    for name in ("o7", "nope"):
        with pytest.raises(UserError, match=f"order {name} is not open"):
            await cancel_order(engine, ClientOrderId(name), actor="op")
    await cancel_order(engine, ClientOrderId("o3"), actor="op")
    assert engine.sent == [CancelOne(ClientOrderId("o3"), "op")]
