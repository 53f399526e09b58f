"""Hundreds of random steps, each checked whole; the same seed gives the same state.

``make properties`` walks fifty times as far.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace
from tests.property.profiles import IS_MANY
from tests.support.kernel_world import BTC, CASH, HELD, PERP, UNIT, YES, World

from tradetui.core.kernel import _HANDLERS, Kernel
from tradetui.core.state import KernelState
from tradetui.domain.capabilities import SIMULATED, Capabilities
from tradetui.domain.codec import encode
from tradetui.domain.control import (
    CancelEntriesRequested,
    CancelRequested,
    CloseRequested,
    ErrorCleared,
    ExitOnlyChanged,
    InstanceUnloaded,
    KillSwitchChanged,
    ModeChanged,
    PauseChanged,
    RouteHealthChanged,
)
from tradetui.domain.enums import (
    CallbackOutcome,
    InstanceMode,
    KillState,
    OrderRole,
    OrderState,
    OrderType,
    Scope,
    Support,
    TimeInForce,
)
from tradetui.domain.intents import CancelOrder, ReplaceOrder
from tradetui.domain.market_data import Bar, Quote, Trade
from tradetui.domain.orders import Order
from tradetui.domain.reports import (
    CancelRejected,
    CashAdjusted,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderRejected,
    OrderReplaced,
    OrderTriggered,
    OutcomeUnknown,
    PositionSettled,
    ReplaceRejected,
)
from tradetui.domain.steps import CallbackResult, IntentBatch
from tradetui.domain.timers import Heartbeat
from tradetui.domain.units import NANOS_PER_HOUR

STEPS = 30_000 if IS_MANY else 600
MARKETS = {BTC: (UNIT // 10, 10_000), PERP: (1, 10_000), YES: (10, 4_000)}


class Walk:
    """A world that is walked at random: a plain linear congruential generator picks the steps."""

    def __init__(self, seed: int, capabilities: Capabilities = SIMULATED) -> None:
        self.world = World(capabilities, max_closed_orders=60)
        self.seed = seed
        self.keys = 0
        self.last_key = ""
        self.acts: tuple[Callable[[], None], ...] = (
            *(self.market,) * 6,
            *(self.place,) * 8,
            *(self.answer,) * 14,
            *(self.fill,) * 6,
            self.bracket,
            self.cancel,
            self.replace,
            self.replace,
            self.close,
            self.control,
            self.callback,
            self.stray,
        )

    def pick(self, bound: int) -> int:
        self.seed = (self.seed * 6_364_136_223_846_793_005 + 1_442_695_040_888_963_407) % 2**64
        return (self.seed >> 33) % bound

    def run(self) -> str:
        for step in range(STEPS):
            self.acts[self.pick(len(self.acts))]()
            if step % 40 == 0:
                self.calm()
            if step % 500 == 250:
                self.restart()
        return self.world.kernel.state_hash()

    def name(self) -> str:
        return ("one", "two", "eye")[self.pick(3)]

    def market_id(self) -> str:
        return (BTC, PERP, YES)[self.pick(3)]

    def price(self, instrument_id: str) -> int:
        near = MARKETS[instrument_id][1]
        return (near + self.pick(near // 5) - near // 10) // 5 * 5

    def order(self, **_: object) -> Order | None:
        found = list(self.world.state.orders.values())
        return found[self.pick(len(found))] if found else None

    def market(self) -> None:
        instrument_id = self.market_id()
        price = self.price(instrument_id)
        payload = (
            Bar(0, 1, price, price + 50, price - 50, price, 1),
            Quote(price - 5, 1, price + 5, 1),
            Heartbeat(1, ()),
        )[self.pick(3)]
        after = NANOS_PER_HOUR if self.pick(8) == 0 else 1
        self.world.event(payload, instrument_id, after=after)

    def place(self) -> None:
        world, name, instrument_id = self.world, self.name(), self.market_id()
        lot = MARKETS[instrument_id][0]
        price = self.price(instrument_id)
        kind = self.pick(4)
        quantity = lot * (1 + self.pick(5)) * (1 if self.pick(2) else -1)
        more: dict[str, object] = {"instrument_id": instrument_id}
        if self.pick(4) == 0:
            more["oco_group"] = f"g{self.pick(3)}"
        if self.pick(5) == 0:
            more["time_in_force"] = TimeInForce.DAY
        if quantity < 0 or self.pick(4) == 0:
            more["role"] = (OrderRole.EXIT, OrderRole.STOP_LOSS, OrderRole.TAKE_PROFIT)[
                self.pick(3)
            ]
        if kind == 0:
            more |= {"order_type": OrderType.STOP, "trigger_price": price}
        world.intents(world.intent(quantity, None if kind < 2 else price, **more), name=name)

    def bracket(self) -> None:
        world, instrument_id = self.world, self.market_id()
        lot = MARKETS[instrument_id][0] * 4
        entry = world.intent(lot, self.price(instrument_id), instrument_id=instrument_id)
        common: dict[str, object] = {
            "instrument_id": instrument_id,
            "parent_order_id": entry.client_order_id,
            "oco_group": f"b{entry.client_order_id}",
            "reduce_only": True,
        }
        near = MARKETS[instrument_id][1]
        stop = world.intent(
            -lot,
            None,
            order_type=OrderType.STOP,
            trigger_price=near // 2,
            role=OrderRole.STOP_LOSS,
            **common,
        )
        target = world.intent(-lot, near // 5 * 10, role=OrderRole.TAKE_PROFIT, **common)
        world.intents(entry, stop, target, name=self.name())

    def answer(self) -> None:
        """Let the venue say something of some order, fitting or not, at times twice."""
        order = self.order()
        if order is None:
            return
        route_id, order_id = order.terms.route_id, order.terms.client_order_id
        other = order.pending_replace or order.terms.replaces or order_id
        reports = (
            OrderAccepted(route_id, order_id, "v"),
            OrderAccepted(route_id, order_id, "v"),
            OrderAccepted(route_id, order_id, "v"),
            OrderCancelled(route_id, order_id),
            OrderRejected(route_id, order_id, "no"),
            OrderExpired(route_id, order_id),
            OrderTriggered(route_id, order_id),
            CancelRejected(route_id, order_id, "no"),
            OutcomeUnknown(route_id, order_id),
            OrderReplaced(route_id, order_id, other, "v2"),
            ReplaceRejected(route_id, order_id, other, "no"),
            OrderAmended(route_id, order_id, max(order.filled_quantity, order.quantity // 2 or 1)),
        )
        self.keys += 1
        key = f"k{self.keys}"
        report = reports[self.pick(len(reports))]
        instrument_id = order.terms.instrument_id
        self.world.event(report, instrument_id, key=key)
        if self.pick(6) == 0:
            before = self.world.state.working.copy()
            assert self.world.event(report, instrument_id, key=key).is_duplicate
            assert self.world.state.working == before

    def fill(self) -> None:
        order = self.order()
        if order is None:
            return
        left = order.leaves_quantity
        if order.state is OrderState.CREATED or left <= 0:
            return
        lot = MARKETS[order.terms.instrument_id][0]
        quantity = left if self.pick(2) else min(left, lot)
        price = self.price(order.terms.instrument_id)
        currency = ("USD", "USD", "BTC", "BNB")[self.pick(4)]
        fee = self.pick(1_000)
        order_id = order.terms.client_order_id
        self.world.fill(order_id, quantity, price, fee, commission_currency=currency)
        if self.pick(5) == 0 and order_id in self.world.state.orders:
            trade_id = f"t{self.world.trades_made}"
            again = self.world.fill(
                order_id, quantity, price, fee, commission_currency=currency, trade_id=trade_id
            )
            assert again.is_duplicate

    def cancel(self) -> None:
        order = self.order()
        if order is not None:
            name = order.terms.strategy_id
            self.world.intents(CancelOrder(order.terms.client_order_id), name=name)

    def replace(self) -> None:
        order = self.order()
        if order is not None:
            terms = order.terms
            price = None if terms.price is None else self.price(terms.instrument_id)
            trigger = None if terms.trigger_price is None else self.price(terms.instrument_id)
            intent = ReplaceOrder(terms.client_order_id, self.world.next_id(), None, price, trigger)
            self.world.intents(intent, name=terms.strategy_id)

    def close(self) -> None:
        ids = (self.world.next_id(), self.world.next_id())
        self.world.event(CloseRequested(self.name(), ids, "me"))

    def control(self) -> None:
        world, name = self.world, self.name()
        on = self.pick(2) == 0
        order = self.order()
        some_id = "none" if order is None else order.terms.client_order_id
        kill = (KillState.NORMAL, KillState.NORMAL, KillState.REDUCING, KillState.HALTED)
        mode = InstanceMode.ACTIVE if on else InstanceMode.OBSERVE
        events = (
            PauseChanged(name, on and self.pick(3) == 0, "me"),
            ExitOnlyChanged(name, False, "me", "x"),
            ExitOnlyChanged(name, False, "me", "x"),
            ErrorCleared(name, "me"),
            ModeChanged("eye", mode, "me", on),
            InstanceUnloaded("eye", "me"),
            KillSwitchChanged(Scope.STRATEGY, name, kill[self.pick(4)], "me", "x", on),
            KillSwitchChanged(Scope.STRATEGY, name, KillState.NORMAL, "me", "x", on),
            RouteHealthChanged("main", on and self.pick(4) == 0, "x"),
            RouteHealthChanged("main", False, "x"),
            CancelEntriesRequested(name if on else None, "me"),
            CancelRequested(some_id, "me"),
            CashAdjusted("main", "USD", self.pick(100) - 50, "funding", name),
            PositionSettled("main", 4_000),
        )
        event = events[self.pick(len(events))]
        instrument_id = YES if isinstance(event, PositionSettled) else PERP
        world.event(event, instrument_id)
        if "eye" not in world.state.instances:
            world.load("eye", mode)

    def callback(self) -> None:
        outcome = (CallbackOutcome.OK, CallbackOutcome.ERROR)[self.pick(2)]
        result = CallbackResult(self.name(), "on_bar", outcome, "x")
        self.world.kernel.process_intents(IntentBatch(callbacks=(result,)))
        self.world.check()

    def stray(self) -> None:
        """Let a fill of a stranger come, and a report of no order at all."""
        self.world.fill(f"s{self.pick(9)}", UNIT // 10)
        self.world.event(OrderCancelled("main", "ghost"), BTC)
        self.world.event(RouteHealthChanged("main", False, "x"))

    def calm(self) -> None:
        """Let a person put everything right, so that the walk goes on."""
        world = self.world
        for name in list(world.state.instances):
            world.event(ErrorCleared(name, "me"))
            world.event(ExitOnlyChanged(name, False, "me", "x"))
            world.event(PauseChanged(name, False, "me"))
            world.event(KillSwitchChanged(Scope.STRATEGY, name, KillState.NORMAL, "me", "x"))
        for order in list(world.state.open_orders.values()):
            if order.is_unknown:
                route_id, order_id = order.terms.route_id, order.terms.client_order_id
                world.event(OrderCancelled(route_id, order_id), order.terms.instrument_id)
        world.event(RouteHealthChanged("main", False, "x"))

    def restart(self) -> None:
        """Go on with a new kernel from a checkpoint of the old."""
        old = self.world.kernel
        kernel = Kernel(old.state.config)
        kernel.restore(old.checkpoint())
        assert kernel.state_hash() == old.state_hash()
        self.world.kernel = kernel


ABILITIES = {
    "native": SIMULATED,
    "held": HELD,
    "replacing": replace(HELD, replace=Support.NATIVE, oco=Support.NATIVE),
}


@pytest.mark.parametrize("name", ABILITIES)
def test_every_step_of_a_walk_keeps_the_invariants_and_can_be_repeated(name: str) -> None:
    first, second = Walk(7, ABILITIES[name]), Walk(7, ABILITIES[name])
    second.world.is_checked = False
    assert first.run() == second.run()
    state = first.world.state
    assert len(state.trade_ids) > 50
    assert any(key[0] == "one" for key in state.positions)
    assert state.cash["main", "USD"] != CASH


def test_another_seed_walks_another_way() -> None:
    one, other = Walk(7), Walk(8)
    one.world.is_checked = other.world.is_checked = False
    assert one.run() != other.run()


SHORT_WAYS: dict[str, Any] = {
    "tradetui.core.risk.engine.judge_common": lambda *args: None,
    "tradetui.core.risk.engine.judge_exit": lambda *args: None,
    "tradetui.core.order_manager._stands_alone": lambda terms: False,
    "tradetui.core.orders.close_alone": lambda state, old, new: False,
    "tradetui.core.fills.fill_whole": lambda *args: False,
    "tradetui.core.kernel.Kernel.apply_event": lambda kernel, envelope: kernel._change(
        envelope, _HANDLERS[envelope.payload.__class__]
    ),
}
"""The ways that common events take past the general ones, and what closes each."""


def walked(seed: int, capabilities: Capabilities, closed: tuple[str, ...]) -> list[bytes]:
    """Return, in bytes, all that a walk's kernel answers and becomes, with some ways closed."""
    seen: list[bytes] = []

    def watched(call: Callable[..., Any]) -> Callable[..., Any]:
        def recording(*args: Any) -> Any:
            answer = call(*args)
            seen.append(encode(answer))
            return answer

        return recording

    with pytest.MonkeyPatch.context() as patch:
        for name in closed:
            patch.setattr(name, SHORT_WAYS[name])
        for name in ("apply_event", "process_intents"):
            patch.setattr(Kernel, name, watched(getattr(Kernel, name)))
        walk = Walk(seed, capabilities)
        walk.world.is_checked = False
        seen.append(walk.run().encode())
    return seen


@pytest.mark.parametrize("name", ABILITIES)
@pytest.mark.parametrize("seed", [3, 11])
def test_short_ways_give_what_the_general_ones_do(name: str, seed: int) -> None:
    assert walked(seed, ABILITIES[name], ()) == walked(seed, ABILITIES[name], tuple(SHORT_WAYS))


@pytest.mark.parametrize(
    "way", [way for way in SHORT_WAYS if not ("kernel" in way or "risk" in way)]
)
def test_each_short_way_of_an_order_is_taken(way: str) -> None:
    taken = 0
    module, _, name = way.rpartition(".")
    way_in = getattr(sys.modules[module], name)

    def counting(*args: Any) -> Any:
        nonlocal taken
        answer = way_in(*args)
        taken += bool(answer)
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(way, counting)
        walk = Walk(3)
        walk.world.is_checked = False
        walk.run()
    assert taken


def taken_back_first(call: Callable[..., Any], kept: frozenset[str]) -> Callable[..., Any]:
    """Let every call of a kernel be taken back, as if it had failed at its end, and done again."""

    def twice(kernel: Kernel, *given: Any) -> Any:
        kernel.state.begin()
        before = kernel.state.copy()
        call(kernel, *given)
        kernel._undo_call(before.seq_id, before.now)
        for name in kept:
            assert getattr(kernel.state, name) == getattr(before, name), (name, given)
        return call(kernel, *given)

    return twice


KEPT = frozenset(KernelState.__slots__) - {"undo", "totals", "moved", "risk_plans"}
"""All of a state but what is worked out of the rest."""


@pytest.mark.parametrize("is_alone_short", [True, False], ids=["short", "general"])
@pytest.mark.parametrize("name", ABILITIES)
def test_a_step_that_fails_leaves_the_state_of_before(
    monkeypatch: pytest.MonkeyPatch, name: str, is_alone_short: bool
) -> None:
    monkeypatch.setattr(sys.modules[__name__], "STEPS", STEPS // 2)
    for way, general in SHORT_WAYS.items():
        if not is_alone_short or way.endswith("apply_event"):
            monkeypatch.setattr(way, general)
    walk = Walk(5, ABILITIES[name])
    walk.world.is_checked = False
    walk.world.state.max_closed_orders = 10_000
    for call in ("_change", "process_intents"):
        monkeypatch.setattr(Kernel, call, taken_back_first(getattr(Kernel, call), KEPT))
    walk.run()
    assert walk.world.state.trade_ids


@pytest.mark.parametrize("payload", [Trade(5, 1), Quote(4, 1, 6, 1), Bar(0, 1, 5, 5, 5, 5, 1)])
def test_a_common_item_takes_the_short_way(payload: Trade | Quote | Bar) -> None:
    world = World()
    world.event(payload, BTC)
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(Kernel, "_change")
        world.event(payload, BTC)
    assert world.state.marks[BTC].price == 5
