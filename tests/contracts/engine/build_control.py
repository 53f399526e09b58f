"""Traces of people's acts: modes, pauses, holds, kill-switches, closes, and stopping errors."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace
from tests.contracts.engine.recorder import Line, RecordedWorld, trace
from tests.support.kernel_world import BTC, HELD, INSTRUMENTS, PERP, UNIT, YES

from tradetui.domain.control import (
    CancelEntriesRequested,
    CancelRequested,
    CloseRequested,
    EngineStopping,
    ErrorCleared,
    ExitOnlyChanged,
    HoldReleased,
    InstanceFailed,
    InstanceUnloaded,
    KillSwitchChanged,
    ModeChanged,
    OperatorNoted,
    PauseChanged,
    RouteHealthChanged,
    WarmupChanged,
)
from tradetui.domain.enums import (
    CallbackOutcome,
    InstanceMode,
    KillState,
    OrderRole,
    OrderState,
    OrderType,
    Scope,
)
from tradetui.domain.intents import CancelOrder, NoOp, ReplaceOrder, SetRiskFlag, Signal, SignalGate
from tradetui.domain.market_data import InstrumentUpdated
from tradetui.domain.reports import CancelRejected, OrderCancelled
from tradetui.domain.risk import InstanceLimits
from tradetui.domain.steps import CallbackResult, IntentBatch
from tradetui.domain.timers import Heartbeat, StrategyTimer
from tradetui.domain.units import NANOS_PER_SECOND

OBSERVE, ACTIVE = InstanceMode.OBSERVE, InstanceMode.ACTIVE


def entry_and_exit(world: RecordedWorld, name: str = "one") -> None:
    """Try to enter and to leave a little: what the state of an instance lets pass."""
    world.intents(world.intent(UNIT, 9_000), name=name)
    world.intents(world.intent(-UNIT // 10, None, role=OrderRole.EXIT), name=name)
    world.status(name)


def positioned() -> RecordedWorld:
    """Return a world whose first instance holds two coins, guarded by a stop at the venue."""
    world = RecordedWorld()
    world.hold(2 * UNIT)
    guard = world.place(
        -UNIT, None, order_type=OrderType.STOP, trigger_price=8_000, role=OrderRole.STOP_LOSS
    )
    world.accept(guard)
    return world


@trace("instance-states", "Paused, held, exit-only, warming up, in error: what passes in each.")
def instance_states() -> list[Line]:
    world = positioned()
    on_off: tuple[tuple[Any, Any], ...] = (
        (PauseChanged("one", True, "me"), PauseChanged("one", False, "me")),
        (ExitOnlyChanged("one", True, "me", "night"), ExitOnlyChanged("one", False, "me", "")),
        (ExitOnlyChanged("one", True, "me", ""), ExitOnlyChanged("one", False, "me", "")),
        (WarmupChanged("one", False), WarmupChanged("one", True)),
        (RouteHealthChanged("main", True, "drift"), RouteHealthChanged("main", False, "sound")),
    )
    for on, off in on_off:
        world.event(on)
        entry_and_exit(world)
        world.event(off)
    world.note("loaded anew as held, then released; held in error is shown as error")
    world.load("one", held=True)
    entry_and_exit(world)
    world.event(HoldReleased("one", "me"))
    world.status("one")
    world.note("of an instance that does not run")
    for event in (
        PauseChanged("no", True, "me"), HoldReleased("no", "me"), ErrorCleared("no", "me"),
        ExitOnlyChanged("no", True, "me", ""), WarmupChanged("no", True),
        ModeChanged("no", ACTIVE, "me"), InstanceUnloaded("no", "me"),
    ):  # fmt: skip
        world.event(event)
    world.status("no")
    return world.lines


def _fails(world: RecordedWorld, name: str = "one", times: int = 1) -> None:
    for turn in range(times):
        outcome = CallbackOutcome.TIMEOUT if turn == 1 else CallbackOutcome.ERROR
        result = CallbackResult(name, "on_bar", outcome, "division by zero")
        world.trade(10_000)
        world.kernel.process_intents(IntentBatch(callbacks=(result,)))


@trace("errors", "Callbacks that fail: three in a row stop the instance, success begins anew.")
def errors() -> list[Line]:
    world = positioned()
    entry = world.place(UNIT, 9_000)
    world.accept(entry)
    _fails(world, times=2)
    fine = CallbackResult("one", "on_bar", CallbackOutcome.OK)
    world.kernel.process_intents(IntentBatch(callbacks=(fine,)))
    world.note("three in a row: entries are cancelled, the guard stays")
    _fails(world, times=3)
    entry_and_exit(world)
    _fails(world)
    world.event(ErrorCleared("one", "me"))
    entry_and_exit(world)
    world.note("of nobody; with intents and signals of the same step")
    _fails(world, "nobody")
    gate = SignalGate("z", "-2.1", "<", "-2", True)
    world.kernel.process_intents(
        replace(
            IntentBatch(signals=(Signal("one", "dip", (gate,), True),), callbacks=(fine,)),
            intents=(),
        )
    )
    world.note("ON_ERROR close: a market order of the kernel's own, and no second one")
    world.load("two", on_error="close")
    for market, quantity in ((BTC, UNIT), (PERP, 3)):
        order = world.place(quantity, None, name="two", instrument_id=market)
        world.fill(order, quantity, 10_000)
    world.place(UNIT, 9_000, name="two")
    _fails(world, "two", times=3)
    world.event(ErrorCleared("two", "me"))
    _fails(world, "two", times=3)
    return world.lines


@trace("errors-observing", "An observing instance that fails is stopped on its shadow book only.")
def errors_observing() -> list[Line]:
    world = RecordedWorld()
    world.load("eye", OBSERVE, limits=InstanceLimits(5_000 * UNIT), on_error="close")
    world.place(UNIT, 9_000, name="eye")
    _fails(world, "eye", times=3)
    world.intents(world.intent(UNIT, 9_000), name="eye")
    world.status("eye")
    return world.lines


def _kill(scope: Scope, key: str) -> list[Line]:
    world = positioned()
    first, second = world.place(UNIT, 9_000), world.place(UNIT, 9_100, name="two")
    world.place(2, 9_000, instrument_id=PERP)
    world.accept(first)
    world.note("exit-only: entries in the scope are cancelled, exits and guards pass")
    world.event(KillSwitchChanged(scope, key, KillState.REDUCING, "me", "uneasy"))
    entry_and_exit(world)
    world.intents(world.intent(UNIT, 9_000), name="two")
    world.intents(world.intent(2, 9_000, instrument_id=PERP))
    world.status("two")
    world.note("halted, in the middle of a restart: cancels only")
    world.event(KillSwitchChanged(scope, key, KillState.HALTED, "me", "worse", False))
    world.restart()
    entry_and_exit(world)
    world.intents(CancelOrder(second), name="two")
    world.event(KillSwitchChanged(scope, key, KillState.NORMAL, "me", ""))
    entry_and_exit(world)
    return world.lines


@trace("kill-global", "The kill-switch over everything.")
def kill_global() -> list[Line]:
    return _kill(Scope.GLOBAL, "")


@trace("kill-execution", "The kill-switch of an account.")
def kill_execution() -> list[Line]:
    return _kill(Scope.EXECUTION, "acct")


@trace("kill-route", "The kill-switch of a route.")
def kill_route() -> list[Line]:
    return _kill(Scope.ROUTE, "main")


@trace("kill-strategy", "The kill-switch of an instance.")
def kill_strategy() -> list[Line]:
    return _kill(Scope.STRATEGY, "one")


@trace("kill-instrument", "The kill-switch of a market.")
def kill_instrument() -> list[Line]:
    return _kill(Scope.INSTRUMENT, BTC)


@trace("kill-several", "Several switches at once: the strictest counts, each is released alone.")
def kill_several() -> list[Line]:
    world = positioned()
    steps = (
        (Scope.GLOBAL, "", KillState.REDUCING), (Scope.STRATEGY, "one", KillState.HALTED),
        (Scope.GLOBAL, "", KillState.NORMAL), (Scope.ROUTE, "other", KillState.HALTED),
        (Scope.STRATEGY, "one", KillState.NORMAL),
    )  # fmt: skip
    for scope, key, state in steps:
        world.event(KillSwitchChanged(scope, key, state, "me", "why"))
        entry_and_exit(world)
    return world.lines


@trace("observe", "An observing instance: would-be orders on its shadow book, fills, no exits out.")
def observe() -> list[Line]:
    world = RecordedWorld()
    world.load("eye", OBSERVE, limits=InstanceLimits(5_000 * UNIT))
    world.load("eye", OBSERVE, limits=InstanceLimits(5_001 * UNIT))
    order = world.place(UNIT, 9_000, name="eye")
    world.accept(order)
    world.fill(order, UNIT, 8_990, 44)
    world.note("a guard, a replace and a cancel stay in the house as well")
    guard = world.place(
        -UNIT, None, name="eye", order_type=OrderType.STOP, trigger_price=8_000,
        role=OrderRole.STOP_LOSS,
    )  # fmt: skip
    world.intents(ReplaceOrder(guard, world.next_id(), trigger_price=8_100), name="eye")
    world.intents(CancelOrder(guard), SetRiskFlag(KillState.REDUCING), name="eye")
    world.note("what would be refused is refused: beyond its book, beyond its position")
    world.intents(world.intent(900 * UNIT, 9_000), name="eye")
    world.intents(world.intent(-9 * UNIT, 9_000), name="eye")
    world.status("eye")
    world.restart()
    world.note("activated: the shadow book is dropped; late reports of it are no news")
    world.event(ModeChanged("eye", ACTIVE, "me"))
    world.event(OrderCancelled("shadow:eye", order), BTC)
    world.fill(order, 5, route_id="shadow:eye")
    world.place(UNIT, 9_000, name="eye")
    world.note("back to observing: entries go, or stay when asked to")
    kept = world.place(UNIT, 9_010, name="eye")
    world.accept(kept)
    world.event(ModeChanged("eye", OBSERVE, "me", keep_orders=True))
    world.intents(CancelOrder(kept), name="eye")
    world.event(ModeChanged("eye", ACTIVE, "me"))
    world.event(ModeChanged("eye", OBSERVE, "me"))
    world.event(ModeChanged("eye", OBSERVE, "me"))
    world.event(ModeChanged("eye", InstanceMode.OFF, "me"))
    world.event(InstanceUnloaded("eye", "me", "done"))
    return world.lines


@trace("shadow-odd", "Shadow books where the money has no rate, or the market no route.")
def shadow_odd() -> list[Line]:
    world = RecordedWorld()
    cross = replace(INSTRUMENTS[0], instrument_id="ETH/BTC.SIM", base="ETH", quote="BTC")
    odd = replace(INSTRUMENTS[0], instrument_id="ODD.SIM", base="ODD", quote="XYZ")
    far = replace(INSTRUMENTS[0], instrument_id="FAR.ELSE", base="FAR", venue="ELSE")
    for name, instrument in (("a", cross), ("b", odd), ("c", far)):
        world.event(InstrumentUpdated(instrument), instrument.instrument_id)
        market = instrument.instrument_id
        world.load(name, OBSERVE, limits=InstanceLimits(7 * UNIT), instrument_id=market)
    return world.lines


@trace("load-unload", "Instances come and go; what they hold stays, exit-only comes back.")
def load_unload() -> list[Line]:
    world = positioned()
    world.accept(world.place(UNIT, 9_000))
    world.event(ExitOnlyChanged("one", True, "me", "careful"))
    world.event(InstanceUnloaded("one", "me"))
    world.note("a closed order of an instance that does not run; its guard still fills")
    world.intents(world.intent(), name="one")
    world.load("one")
    world.status("one")
    world.note("loaded in another mode while it runs")
    world.load("one", OBSERVE)
    world.load("one", ACTIVE)
    world.note("loads that are refused")
    world.load("bad", InstanceMode.OFF)
    world.load("bad", execution_id="nowhere")
    world.load("bad", instrument_id="NO.SIM")
    world.load("plain", instruments=())
    world.intents(world.intent(2, 9_000, instrument_id=PERP), name="plain")
    return world.lines


@trace("unload-keeps", "Instances that leave active and keep their entry orders, or do not.")
def unload_keeps() -> list[Line]:
    world = positioned()
    world.load("two")
    kept = world.place(UNIT, 9_000)
    world.accept(kept)
    waiting = world.place(UNIT, 8_900)
    cancelled = world.place(UNIT, 9_000, name="two")
    world.accept(cancelled)
    world.event(InstanceUnloaded("one", "me", "switched off", keep_orders=True))
    world.event(InstanceUnloaded("two", "me", "switched off"))
    world.note("what was kept goes on without its instance: it is accepted, fills, is guarded")
    world.accept(waiting)
    world.fill(kept, UNIT, 9_000)
    world.note("loaded again, it finds them; the next unloading cancels")
    world.load("one")
    world.status("one")
    world.event(InstanceUnloaded("one", "me"))
    return world.lines


@trace("close", "A person closes positions: of a running instance, of one that is gone, twice.")
def close() -> list[Line]:
    world = positioned()
    order = world.place(3, None, instrument_id=PERP)
    world.fill(order, 3, 10_000)
    world.accept(world.place(UNIT, 9_000))
    ids = ("close-1", "close-2")
    world.event(CloseRequested("one", ids, "me", "enough"))
    world.note("again: one is on its way already")
    world.event(CloseRequested("one", ("close-3", "close-4"), "me"))
    for order_id in ids:
        terms = world.order(order_id).terms
        world.fill(order_id, terms.quantity, 9_900)
    world.note("nothing left, too few ids, an instance that is gone, an id that was used")
    world.event(CloseRequested("one", (), "me"))
    world.event(CloseRequested("two", (), "me"))
    world.event(ExitOnlyChanged("two", False, "me", ""))
    order = world.place(UNIT, None, name="two")
    world.fill(order, UNIT, 10_000)
    world.event(CloseRequested("two", (), "me"))
    world.event(CloseRequested("two", ("close-1",), "me"))
    world.event(InstanceUnloaded("two", "me"))
    world.event(CloseRequested("two", ("close-9",), "me"))
    return world.lines


@trace("close-halted", "A close under HALTED is refused, and said.")
def close_halted() -> list[Line]:
    world = positioned()
    world.event(KillSwitchChanged(Scope.GLOBAL, "", KillState.HALTED, "me", "stop"))
    world.event(CloseRequested("one", ("close-1",), "me"))
    world.event(KillSwitchChanged(Scope.GLOBAL, "", KillState.REDUCING, "me", "go"))
    world.event(CloseRequested("one", ("close-2",), "me"))
    return world.lines


@trace("cancel-entries", "A person cancels entries of one instance, of all; what guards stays.")
def cancel_entries() -> list[Line]:
    world = positioned()
    for name in ("one", "two"):
        world.accept(world.place(UNIT, 9_000, name=name))
    world.load("eye", OBSERVE)
    world.place(UNIT, 9_000, name="eye")
    world.event(CancelEntriesRequested("one", "me", "night"))
    world.event(CancelEntriesRequested(None, "me"))
    world.event(CancelEntriesRequested("eye", "me"))
    world.event(OperatorNoted("me", "went home"))
    world.event(EngineStopping("engine", "the run has ended"))
    for order in list(world.state.open_orders):
        world.event(CancelRequested(order, "me", "all of it"))
    return world.lines


@trace("instance-failed", "What the engine could not do with an instance changes nothing.")
def instance_failed() -> list[Line]:
    world = positioned()
    world.event(InstanceFailed("one", "engine", "config 2 is not taken"))
    world.event(InstanceFailed("nobody", "engine", "line 1: invalid syntax"))
    return world.lines


@trace("timers", "Heartbeats and timers move time and nothing else; time never goes back.")
def timers() -> list[Line]:
    world = RecordedWorld()
    world.event(Heartbeat(10, ("one", "two")), after=6 * NANOS_PER_SECOND)
    world.event(StrategyTimer("one", "rebalance"))
    world.note("an event that is late does not turn the clock back")
    world.event(StrategyTimer("one", "late"), after=-60 * NANOS_PER_SECOND)
    world.intents(NoOp("waiting"))
    world.note("late by its own time, still an event of its market")
    world.trade(10_001)
    return world.lines


@trace(
    "held-halt-twin", "A stop that waits for its twin under HALTED waits on, and goes out after."
)
def held_halt_twin() -> list[Line]:
    world = RecordedWorld(HELD)
    world.hold(UNIT)
    group: dict[str, Any] = {"oco_group": "x", "reduce_only": True}
    world.place(
        -UNIT, None, order_type=OrderType.STOP, trigger_price=9_000, role=OrderRole.STOP_LOSS,
        **group,
    )  # fmt: skip
    target = world.place(-UNIT, 11_000, role=OrderRole.TAKE_PROFIT, **group)
    world.accept(target)
    world.trade(8_900)
    world.event(KillSwitchChanged(Scope.GLOBAL, "", KillState.HALTED, "me", "stop", False))
    for number in (1, 2):
        world.event(Heartbeat(number, ()), after=3 * NANOS_PER_SECOND)
    world.event(KillSwitchChanged(Scope.GLOBAL, "", KillState.NORMAL, "me", "on"))
    world.trade(8_850)
    world.event(CancelRejected("main", target, "busy"), BTC)
    world.event(Heartbeat(3, ()), after=3 * NANOS_PER_SECOND)
    world.note("and one that cancels while its order is only known to us")
    world.order_in(OrderState.CREATED)
    world.event(CancelEntriesRequested(None, "me"))
    world.place(1, 4_000, instrument_id=YES)
    return world.lines
