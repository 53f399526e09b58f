"""The generator of valid event streams: a case is a few small numbers, a walk is what they mean.

A ``Case`` is a world (``setup``) and a list of acts; each act is a tuple of numbers, the first of
which says what is done and the others with what. Whatever the numbers are, the stream is valid:
what they name is looked up in the state as it is, modulo what there is. So every sub-list of a
case's acts, and every smaller number in it, is a case too: that is what makes it shrink.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from msgspec.structs import replace
from tests.contracts.engine.recorder import Line, RecordedWorld
from tests.support.kernel_world import BNB, BTC, CASH, HELD, INSTRUMENTS, PERP, UNIT, YES, config

from tradetui.domain.capabilities import SIMULATED, Capabilities
from tradetui.domain.control import (
    CancelEntriesRequested,
    CancelRequested,
    CloseRequested,
    ErrorCleared,
    ExitOnlyChanged,
    HoldReleased,
    InstanceUnloaded,
    KillSwitchChanged,
    ModeChanged,
    PauseChanged,
    RiskProfileSet,
    RouteHealthChanged,
    WarmupChanged,
)
from tradetui.domain.enums import (
    CallbackOutcome,
    InstanceMode,
    InvariantPolicy,
    KillState,
    OrderRole,
    OrderState,
    OrderType,
    Scope,
    Support,
    TimeInForce,
)
from tradetui.domain.intents import CancelOrder, NoOp, ReplaceOrder, SetRiskFlag
from tradetui.domain.market_data import Bar, DataGap, InstrumentUpdated, Quote, Trade
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
from tradetui.domain.risk import InstanceLimits, ProfileBinding, RiskProfile
from tradetui.domain.steps import CallbackResult, IntentBatch
from tradetui.domain.timers import Heartbeat, StrategyTimer
from tradetui.domain.units import NANOS_PER_HOUR, NANOS_PER_SECOND

Act = tuple[int, ...]

ACT_LENGTH: Final = 8
"""Numbers of an act: what, and with what."""

BOUND: Final = 1 << 16
"""Every number of a case is below this."""


class Case(NamedTuple):
    """A world and what happens in it."""

    setup: Act
    acts: tuple[Act, ...]


ROUTES: Final[tuple[Capabilities, ...]] = (
    SIMULATED,
    HELD,
    replace(HELD, replace=Support.NATIVE, oco=Support.NATIVE),
    replace(SIMULATED, bracket=Support.HELD, oco=Support.HELD, reduce_only=Support.HELD),
    replace(SIMULATED, replace=Support.HELD),
)

LOOSE: Final = RiskProfile(
    "p", max_order_quantity=50 * UNIT, max_order_notional=9_000 * UNIT,
    max_position_quantity=500 * UNIT, max_position_notional=90_000 * UNIT,
    max_exposure=200_000 * UNIT, max_open_orders=40, max_orders=30, price_collar_ppm=400_000,
    allow=("BTC/USD", "BTC-PERP", "RAIN-YES", "BNB/USD"), max_daily_loss=50_000 * UNIT,
    max_drawdown_ppm=500_000, max_data_age_ns=40 * NANOS_PER_HOUR,
    max_clock_skew_ns=NANOS_PER_HOUR,
)  # fmt: skip
TIGHT: Final = RiskProfile(
    "p", max_order_quantity=3 * UNIT, max_order_notional=250 * UNIT,
    max_position_quantity=5 * UNIT, max_position_notional=450 * UNIT, max_exposure=2_000 * UNIT,
    max_open_orders=6, max_orders=3, order_window_ns=4 * NANOS_PER_SECOND,
    price_collar_ppm=30_000, max_daily_loss=40 * UNIT, max_drawdown_ppm=20_000,
    max_data_age_ns=30 * NANOS_PER_SECOND,
)  # fmt: skip
STRICT: Final = replace(TIGHT, may_reduce=False, max_orders=20, max_daily_loss=None)
PROFILES: Final = (None, LOOSE, TIGHT, STRICT)
SCOPES: Final = ((Scope.EXECUTION, "acct"), (Scope.GLOBAL, ""), (Scope.STRATEGY, "one"))
LOTS: Final = {BTC: UNIT // 10, PERP: 1, YES: 10, BNB: 10}
NEAR: Final = {BTC: 10_000, PERP: 10_000, YES: 4_000, BNB: 50_000}
MARKETS: Final = (BTC, BTC, PERP, YES, BNB)


class Walk:
    """Carries out a case on a recorded world, every step checked whole."""

    def __init__(self, setup: Act, *, is_checked: bool = True) -> None:
        self._numbers = iter(setup)
        route = replace(config().routes[0], capabilities=ROUTES[self.pick(len(ROUTES))])
        profile = PROFILES[self.pick(len(PROFILES))]
        more: dict[str, Any] = {"routes": (route,)}
        if profile is not None:
            binding = ProfileBinding("p", *SCOPES[self.pick(len(SCOPES))])
            more |= {"profiles": (profile,), "bindings": (binding,)}
        policy = (InvariantPolicy.ROUTE_HALT, InvariantPolicy.WARN)[self.pick(2)]
        self.is_alone = self.pick(3) == 1
        """Whether one instance trades one market, simply: the common case of the risk engine."""
        self.world = RecordedWorld(
            route.capabilities, policy, is_checked=is_checked, max_closed_orders=12, **more
        )
        limits = (
            InstanceLimits(CASH),
            InstanceLimits(2_000 * UNIT, 25, 9 * UNIT, 30 * UNIT),
        )[self.pick(2)]
        taker = replace(INSTRUMENTS[0], taker_fee_ppm=(0, 1_500)[self.pick(2)], min_quantity=2_000)
        self.world.event(InstrumentUpdated(taker), BTC)
        self.world.load("one", limits=limits, on_error=("exit-only", "close")[self.pick(2)])
        self.keys = 0
        self.numbers_of_heartbeats = 0

    def run(self, acts: tuple[Act, ...]) -> list[Line]:
        """Carry out acts; return all lines so far."""
        for act in acts:
            self._numbers = iter(act)
            table = _ALONE if self.is_alone else _ACTS
            table[self.pick(len(table))](self)
        return self.world.lines

    def pick(self, bound: int) -> int:
        """Take the next number of the act, below a bound; 0 when there is none left."""
        return next(self._numbers, 0) % bound

    def name(self) -> str:
        return "one" if self.is_alone else ("one", "two", "eye")[self.pick(3)]

    def market_id(self) -> str:
        return BTC if self.is_alone else MARKETS[self.pick(len(MARKETS))]

    def price(self, instrument_id: str) -> int:
        near = NEAR[instrument_id]
        offset = self.pick(near // 5)
        return (near + (offset + 1) // 2 * (-1 if offset % 2 else 1)) // 5 * 5

    def after(self) -> int:
        choice = self.pick(16)
        return {15: NANOS_PER_HOUR, 14: -NANOS_PER_SECOND, 13: 7 * NANOS_PER_HOUR}.get(choice, 1)

    def order(self) -> Order | None:
        """Name an order: an open one three times of four."""
        state = self.world.state
        known = state.open_orders if self.pick(4) else state.orders
        found = list((known or state.orders).values())
        return found[-1 - self.pick(len(found))] if found else None

    # What the market does.

    def trade(self) -> None:
        instrument_id = self.market_id()
        price = self.price(instrument_id)
        key = f"m{self.pick(5)}" if self.pick(12) == 11 else None
        self.world.event(Trade(price, 1), instrument_id, after=self.after(), key=key)

    def bar(self) -> None:
        instrument_id = self.market_id()
        price, wide = self.price(instrument_id), self.pick(300)
        bar = Bar(0, 1, price, price + wide, price - wide, price, 1)
        self.world.event(bar, instrument_id, after=self.after())

    def quote(self) -> None:
        instrument_id = self.market_id()
        price = self.price(instrument_id)
        sides = self.pick(6)
        bid, ask = (0 if sides == 5 else price - 5), (0 if sides == 4 else price + 6)
        self.world.event(Quote(bid, 1, ask, 1), instrument_id, after=self.after())

    def beat(self) -> None:
        self.numbers_of_heartbeats += 1
        payload = (
            Heartbeat(self.numbers_of_heartbeats, ("one",)),
            StrategyTimer("one", "t"),
            DataGap(1, 2, "lost"),
        )[self.pick(3)]
        instrument_id = BTC if isinstance(payload, DataGap) else ""
        self.world.event(payload, instrument_id, after=(1, 2, 3)[self.pick(3)] * NANOS_PER_SECOND)

    # What strategies ask.

    def place(self) -> None:
        instrument_id = self.market_id()
        price, kind = self.price(instrument_id), self.pick(6)
        quantity = LOTS[instrument_id] * (1 + self.pick(12))
        more: dict[str, Any] = {"instrument_id": instrument_id}
        if self.pick(3) == 2:
            quantity = -quantity
            more["role"] = (OrderRole.EXIT, OrderRole.STOP_LOSS, OrderRole.TAKE_PROFIT,
                            OrderRole.ENTRY)[self.pick(4)]  # fmt: skip
        flags = self.pick(12)
        if flags == 11:
            more["oco_group"] = f"g{self.pick(2)}"
        elif flags == 10:
            more["time_in_force"] = TimeInForce.DAY
        elif flags == 9:
            end = self.world.now + (1 + self.pick(30)) * NANOS_PER_SECOND
            more |= {"time_in_force": TimeInForce.GTD, "expire_time": end}
        elif flags == 8:
            more["reduce_only"] = True
        if kind == 5:
            more |= {"order_type": OrderType.STOP, "trigger_price": price}
        elif kind == 4:
            more |= {"order_type": OrderType.TRAILING_STOP, "trail_offset": 5 * (1 + price % 90)}
        limit = price if kind in (0, 1) else None
        intent = self.world.intent(quantity, limit, **more)
        self.world.intents(intent, name=self.name())

    def plain_entry(self) -> None:
        price = self.price(BTC)
        quantity = UNIT // 10 * (1 + self.pick(9))
        limit = price if self.pick(3) else None
        self.world.intents(self.world.intent(quantity, limit))

    def exit_all(self) -> None:
        name, instrument_id = self.name(), self.market_id()
        held = self.world.state.positions.get((name, "main", instrument_id))
        if held is not None and held.quantity:
            lot = self.world.state.instruments[instrument_id].size_increment
            size = abs(held.quantity) // lot * lot
            if size:
                signed = -size if held.quantity > 0 else size
                more: dict[str, Any] = {"instrument_id": instrument_id, "role": OrderRole.EXIT}
                self.world.intents(self.world.intent(signed, None, **more), name=name)

    def bracket(self) -> None:
        instrument_id = self.market_id()
        lot = LOTS[instrument_id] * (1 + self.pick(4))
        entry = self.world.intent(lot, self.price(instrument_id), instrument_id=instrument_id)
        near = NEAR[instrument_id]
        common: dict[str, Any] = {
            "instrument_id": instrument_id,
            "parent_order_id": entry.client_order_id,
            "oco_group": f"b{entry.client_order_id}",
            "reduce_only": True,
        }
        guard: dict[str, Any] = {
            "order_type": OrderType.STOP, "trigger_price": (near - self.pick(near // 4)) // 5 * 5,
        }  # fmt: skip
        if self.pick(3) == 2:
            guard = {"order_type": OrderType.TRAILING_STOP, "trail_offset": near // 50 * 5}
        stop = self.world.intent(-lot, None, role=OrderRole.STOP_LOSS, **guard, **common)
        above = (near + self.pick(near // 5)) // 5 * 5
        target = self.world.intent(-lot, above, role=OrderRole.TAKE_PROFIT, **common)
        self.world.intents(entry, stop, target, name=self.name())

    def cancel(self) -> None:
        order = self.order()
        if order is not None:
            self.world.intents(
                CancelOrder(order.terms.client_order_id), name=order.terms.strategy_id
            )

    def replace(self) -> None:
        order = self.order()
        if order is None:
            return
        terms, lot = order.terms, LOTS[order.terms.instrument_id]
        price = None if terms.price is None else self.price(terms.instrument_id)
        trigger = None if terms.trigger_price is None else self.price(terms.instrument_id)
        quantity = lot * (1 + self.pick(9)) if self.pick(3) == 2 else None
        if price is None and trigger is None and quantity is None:
            quantity = lot
        intent = ReplaceOrder(terms.client_order_id, self.world.next_id(), quantity, price, trigger)
        self.world.intents(intent, name=terms.strategy_id)

    def several(self) -> None:
        world = self.world
        first, second = world.intent(UNIT // 10, self.price(BTC)), world.intent(UNIT // 5, None)
        intents = (first, CancelOrder(first.client_order_id), second, NoOp())
        world.intents(*intents[: 1 + self.pick(4)], name=self.name())

    def flag(self) -> None:
        state = (KillState.REDUCING, KillState.NORMAL, KillState.HALTED)[self.pick(3)]
        self.world.intents(SetRiskFlag(state), name=self.name())

    # What the venue says.

    def accept(self) -> None:
        for order in self.world.state.open_orders.values():
            if order.state is OrderState.SUBMITTED and not self.pick(4):
                terms = order.terms
                report = OrderAccepted(terms.route_id, terms.client_order_id, "v")
                self.world.event(report, terms.instrument_id)
                return

    def answer(self) -> None:
        """Let the venue say something of some order, fitting or not, at times twice."""
        order = self.order()
        if order is None:
            return
        route_id, order_id = order.terms.route_id, order.terms.client_order_id
        other = order.pending_replace or order.terms.replaces or order_id
        trigger = self.pick(9_000) // 5 * 5 if self.pick(3) == 2 else None
        reports = (
            OrderAccepted(route_id, order_id, "v"),
            OrderCancelled(route_id, order_id),
            OrderRejected(route_id, order_id, "no"),
            OrderExpired(route_id, order_id, "DAY"),
            OrderTriggered(route_id, order_id),
            CancelRejected(route_id, order_id, "no"),
            OutcomeUnknown(route_id, order_id),
            OrderReplaced(route_id, order_id, other, "v2"),
            ReplaceRejected(route_id, order_id, other, "no"),
            OrderAmended(
                route_id, order_id, max(order.filled_quantity, order.quantity // 2 or 1), trigger
            ),
        )
        report = reports[self.pick(len(reports))]
        self.keys += 1
        key = f"k{self.keys}"
        self.world.event(report, order.terms.instrument_id, key=key)
        if self.pick(6) == 5:
            assert self.world.event(report, order.terms.instrument_id, key=key).is_duplicate

    def fill(self) -> None:
        order = self.order()
        if order is None:
            return
        terms = order.terms
        left = order.leaves_quantity
        if order.state is OrderState.CREATED or left <= 0:
            return
        quantity = left if self.pick(2) else min(left, LOTS[terms.instrument_id])
        price = self.price(terms.instrument_id)
        fee, coin = self.pick(50_000) - 5_000, ("USD", "USD", "BTC", "BNB", "EUR")[self.pick(5)]
        order_id = terms.client_order_id
        self.world.fill(order_id, quantity, price, fee, commission_currency=coin)
        if self.pick(5) == 4:
            again = f"t{self.world.trades_made}"
            self.world.fill(order_id, quantity, price, fee, trade_id=again)

    def stray(self) -> None:
        what = self.pick(4)
        if what == 0:
            self.world.fill(f"s{self.pick(9)}", UNIT // 10)
        elif what == 1:
            self.world.event(OrderCancelled("main", "ghost"), BTC)
        elif what == 2:
            self.world.event(CashAdjusted("main", "EUR", self.pick(100) - 50, "deposit"))
        else:
            amount = self.pick(1_000) - 500
            self.world.event(CashAdjusted("main", "USD", amount, "funding", self.name()), PERP)

    def settle(self) -> None:
        if self.pick(3) == 2:
            self.world.event(PositionSettled("main", self.pick(2) * 10_000), YES)

    # What people do.

    def control(self) -> None:
        world, name, on = self.world, self.name(), self.pick(2) == 1
        order = self.order()
        some_id = "none" if order is None else order.terms.client_order_id
        kill = (KillState.REDUCING, KillState.HALTED, KillState.NORMAL)[self.pick(3)]
        place = ((Scope.STRATEGY, name), (Scope.GLOBAL, ""), (Scope.ROUTE, "main"),
                 (Scope.INSTRUMENT, BTC), (Scope.EXECUTION, "acct"))[self.pick(5)]  # fmt: skip
        profile = PROFILES[1 + self.pick(3)]
        assert profile is not None
        events = (
            PauseChanged(name, on, "me"),
            ExitOnlyChanged(name, on, "me", "x"),
            ErrorCleared(name, "me"),
            HoldReleased(name, "me"),
            WarmupChanged(name, on),
            ModeChanged("eye", InstanceMode.ACTIVE if on else InstanceMode.OBSERVE, "me", on),
            InstanceUnloaded("eye", "me"),
            KillSwitchChanged(*place, kill, "me", "x", on),
            RouteHealthChanged("main", on, "x"),
            CancelEntriesRequested(name if on else None, "me"),
            CancelRequested(some_id, "me"),
            RiskProfileSet(profile, (ProfileBinding("p", *SCOPES[on]),), "me"),
        )
        world.event(events[self.pick(len(events))])

    def load(self) -> None:
        mode = (InstanceMode.OBSERVE, InstanceMode.ACTIVE)[self.pick(2)]
        self.world.load("eye", mode, held=self.pick(5) == 4)

    def close(self) -> None:
        ids = tuple(self.world.next_id() for _ in range(3))
        self.world.event(CloseRequested(self.name(), ids, "me"))

    def callback(self) -> None:
        outcome = (CallbackOutcome.ERROR, CallbackOutcome.OK, CallbackOutcome.TIMEOUT)[self.pick(3)]
        result = CallbackResult(self.name(), "on_bar", outcome, "x")
        self.world.kernel.process_intents(IntentBatch(callbacks=(result,)))
        self.world.check()

    def calm(self) -> None:
        """Let a person put everything right, so that the walk goes on."""
        world = self.world
        for name in list(world.state.instances):
            world.event(ErrorCleared(name, "me"))
            world.event(ExitOnlyChanged(name, False, "me", "x"))
            world.event(PauseChanged(name, False, "me"))
            world.event(HoldReleased(name, "me"))
            world.event(WarmupChanged(name, True))
        for scope, key in list(world.state.kill_switches):
            world.event(KillSwitchChanged(scope, key, KillState.NORMAL, "me", "x"))
        for order in list(world.state.open_orders.values()):
            if order.is_unknown:
                terms = order.terms
                world.event(OrderCancelled(terms.route_id, terms.client_order_id),
                            terms.instrument_id)  # fmt: skip
        world.event(RouteHealthChanged("main", False, "x"))


_Method = Callable[[Walk], None]

_ACTS: Final[tuple[_Method, ...]] = (
    *(Walk.trade, Walk.bar, Walk.quote) * 2,
    *(Walk.place,) * 7,
    *(Walk.accept,) * 5,
    *(Walk.fill,) * 8,
    *(Walk.answer,) * 8,
    *(Walk.bracket,) * 2,
    *(Walk.replace,) * 3,
    *(Walk.cancel,) * 2,
    *(Walk.calm,) * 2,
    Walk.beat, Walk.several, Walk.exit_all, Walk.control, Walk.control, Walk.callback, Walk.close,
    Walk.load, Walk.stray, Walk.settle, Walk.flag,
)  # fmt: skip
"""What may happen; the weights are those of a busy market with a talkative venue."""

_ALONE: Final[tuple[_Method, ...]] = (
    *(Walk.trade, Walk.bar, Walk.quote) * 2,
    *(Walk.plain_entry,) * 9,
    *(Walk.accept,) * 4,
    *(Walk.fill,) * 6,
    *(Walk.exit_all,) * 3,
    Walk.beat, Walk.cancel, Walk.answer, Walk.calm, Walk.place, Walk.control,
)  # fmt: skip
"""The same for one instance with one market, which the short way of the risk engine is for."""


def walk(case: Case, *, is_checked: bool = True) -> list[Line]:
    """Return the input lines of a case."""
    return Walk(case.setup, is_checked=is_checked).run(case.acts)


def random_case(seed: int, length: int = 60) -> Case:
    """Return the case of a seed."""
    source = random.Random(seed)

    def act() -> Act:
        return tuple(source.randrange(BOUND) for _ in range(ACT_LENGTH))

    return Case(act(), tuple(act() for _ in range(length)))
