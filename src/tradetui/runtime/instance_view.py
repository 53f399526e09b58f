"""The row of one instance: its record, and what is true of it in the kernel.

Whether its price is stale is left open here (``rows.RowBook`` says it, by ``staleness``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from msgspec.structs import replace

from tradetui.core.conversion import convert
from tradetui.core.state import Instance, KernelState
from tradetui.core.view import FilteredView, Snapshot
from tradetui.domain.enums import InstanceMode, InstanceState, OrderRole
from tradetui.domain.ids import EXTERNAL, Currency, InstrumentId, StrategyId
from tradetui.domain.ids import instrument_id as id_of
from tradetui.domain.instances import InstanceRecord, state_of
from tradetui.domain.instruments import Instrument
from tradetui.domain.orders import Order
from tradetui.domain.reasons import Reason
from tradetui.domain.replica import DecisionView, HoldingView, InstanceView
from tradetui.domain.words import reason_words, state_words
from tradetui.engine.heartbeat import HeartbeatSchedule
from tradetui.engine.runner import Runner
from tradetui.runtime.course import Course
from tradetui.runtime.holding_view import holding_of
from tradetui.runtime.instance_money import InstanceMoney, money_of
from tradetui.runtime.lacking import lacking
from tradetui.runtime.limit_words import broken_limit, limit_words
from tradetui.runtime.loop_view import LoopView
from tradetui.runtime.trips import TripBook
from tradetui.strategy.feeds import BarFeed

_NO_INSTRUMENT: Final = InstrumentId("")


@dataclass(slots=True)
class InstanceNotes:
    """What the publisher remembers of an instance beside the kernel."""

    label: str = ""
    load_error: str = ""
    load_traceback: str = ""
    file_changed: bool = False
    last_decision: DecisionView | None = None
    observed_since: int | None = None
    would_orders: int = 0
    file_hash: str = ""
    why_bare: str = ""
    """Why there is no record of it, though it holds something: its row is made up."""
    goes_on: bool = False
    """Known from the run before, and not loaded in this one yet."""
    course: Course = field(default_factory=Course)
    is_shadow_course: bool = False

    def followed(self, now: int, mode: InstanceMode, money: InstanceMoney) -> tuple[int, ...]:
        """Go on with the course of the profit and return it; another book is another course."""
        is_shadow = mode is InstanceMode.OBSERVE
        if is_shadow is not self.is_shadow_course:
            self.course, self.is_shadow_course = Course(), is_shadow
        profit = money.shadow_pnl if is_shadow else money.total_pnl
        if profit is not None:
            self.course.add(now, profit)
        return self.course.values


def instance_view(
    loop: LoopView,
    record: InstanceRecord,
    runner: Runner | None,
    notes: InstanceNotes,
    now: int,
    trips: TripBook,
    callback_p99: int | None = None,
) -> InstanceView:
    """Return the row of an instance; its notes take down how its profit goes."""
    state = loop.kernel.state
    sid = record.strategy_id
    instance = state.instances.get(sid)
    instrument, instrument_id, currency = _market_of(state, record, instance)
    price, price_time = _price(state, instrument_id)
    snapshot = loop.kernel.view()
    money = money_of(state, instrument_id, snapshot.keys(sid))
    orders = _orders(snapshot, sid, instrument_id)
    stop_price = _nearest(orders, OrderRole.STOP_LOSS, price)
    return InstanceView(
        **_of_record(record),
        **_of_notes(notes, runner),
        **_ticks(loop.schedule, sid),
        **_standing(loop, record, instance, runner, notes),
        **_failure(instance, runner, notes),
        **_budget(loop, instance),
        **_of_money(money),
        symbol=record.market if instrument is None else instrument.symbol,
        instrument_id=instrument_id,
        currency=currency,
        price=price,
        price_time=price_time,
        is_stale=False,
        stop_price=stop_price,
        target_price=_nearest(orders, OrderRole.TAKE_PROFIT, price),
        orders_open=len(orders),
        orders_unknown=sum(order.is_unknown for order in orders),
        is_loaded=instance is not None,
        warm=_warmth(runner),
        holding=_holding(state, sid, instrument_id, trips, stop_price, money),
        course=notes.followed(now, record.mode, money),
        callback_p99=callback_p99,
        external_position=_external(state, record, instrument_id),
    )


def can_move(loop: LoopView, last: InstanceView) -> bool:
    """Tell whether nothing but what ``moved_view`` works out follows the price of a row: nothing
    blocks its instance, which is warm, and its money needs no rate. What blocks it from elsewhere
    has the row built anew (``shared_blocks``).
    """
    instance = loop.kernel.state.instances.get(last.strategy_id)
    return (
        instance is not None
        and last.is_loaded
        and last.price is not None
        and not last.is_stale
        and not last.state_reason
        and last.currency == loop.kernel.state.config.reporting_currency
        and len(instance.instruments) <= 1
        and all(seen >= needed for _, seen, needed in last.warm)
    )


def moved_view(
    loop: LoopView,
    last: InstanceView,
    notes: InstanceNotes,
    now: int,
    trips: TripBook,
    callback_p99: int | None,
) -> InstanceView:
    """Return the row of an instance of which only the price moved since ``last`` was built, and
    which ``can_move``; its notes take down how its profit goes.
    """
    state = loop.kernel.state
    sid, instrument_id = last.strategy_id, last.instrument_id
    price, price_time = _price(state, instrument_id)
    snapshot = loop.kernel.view()
    money = money_of(state, instrument_id, snapshot.keys(sid))
    stop_price, target_price = last.stop_price, last.target_price
    if last.orders_open > 1:
        orders = _orders(snapshot, sid, instrument_id)
        stop_price = _nearest(orders, OrderRole.STOP_LOSS, price)
        target_price = _nearest(orders, OrderRole.TAKE_PROFIT, price)
    return replace(
        last,
        price=price,
        price_time=price_time,
        stop_price=stop_price,
        target_price=target_price,
        open_pnl=money.open_pnl,
        day_pnl=money.day_pnl,
        fees_day=money.fees_day,
        shadow_pnl=money.shadow_pnl,
        holding=_holding(state, sid, instrument_id, trips, stop_price, money),
        course=notes.followed(now, last.mode, money),
        callback_p99=callback_p99,
    )


def _standing(
    loop: LoopView,
    record: InstanceRecord,
    instance: Instance | None,
    runner: Runner | None,
    notes: InstanceNotes,
) -> dict[str, Any]:
    """Return an instance's state, why it is in it, and what brought it there: a limit of its own,
    or bars that never come, for which it would be waiting for ever.
    """
    word, reason = _state_of(loop, record, instance, notes)
    lacks = lacking(loop.host.market, runner)
    words = limit_words(reason, loop.kernel.state.config.reporting_currency)
    if lacks and word in (InstanceState.BLOCKED, InstanceState.OBSERVE):
        words = words.replace(reason_words(Reason.WARM_UP), lacks)
    return {
        "state": word,
        "state_reason": words,
        "broken_limit": broken_limit(reason),
        "lacks": lacks,
    }


def _of_record(record: InstanceRecord) -> dict[str, Any]:
    """Return what a row says of its record alone."""
    return {
        "strategy_id": record.strategy_id,
        "strategy_type": record.strategy_type,
        "account": str(record.account),
        "mode": record.mode,
        "config_json": record.config_json,
        "config_version": record.config_version,
        "config_time": record.config_time,
        "config_by": record.config_by,
        "revision": record.revision,
    }


def _of_notes(notes: InstanceNotes, runner: Runner | None) -> dict[str, Any]:
    """Return what a row says of an instance that the kernel does not know."""
    last = notes.last_decision
    return {
        "label": notes.label,
        "file_hash": notes.file_hash if runner is None else runner.spec.file_hash,
        "file_changed": notes.file_changed,
        "last_decision": None if last is None else last.outcome,
        "last_decision_would": last is not None and last.would,
        "last_decision_time": None if last is None else last.event_time,
        "shadow_orders": notes.would_orders,
        "observed_since": notes.observed_since,
    }


def _of_money(money: InstanceMoney) -> dict[str, Any]:
    """Return what a row says of what an instance holds, in the real book and in the shadow's."""
    return {
        "position": money.position,
        "entry_price": money.entry_price,
        "opened_time": money.opened_time,
        "guard": money.guard,
        "open_pnl": money.open_pnl,
        "day_pnl": money.day_pnl,
        "fees_day": money.fees_day,
        "shadow_position": money.shadow_position,
        "shadow_pnl": money.shadow_pnl,
    }


def _holding(
    state: KernelState,
    strategy_id: StrategyId,
    instrument_id: InstrumentId,
    trips: TripBook,
    stop_price: int | None,
    money: InstanceMoney,
) -> HoldingView | None:
    if not money.position:
        return None
    return holding_of(state, strategy_id, instrument_id, trips, stop_price, money.open_pnl)


def _market_of(
    state: KernelState, record: InstanceRecord, instance: Instance | None
) -> tuple[Instrument | None, InstrumentId, Currency]:
    """Return the market of an instance with its id and quote currency, empty if it is unknown."""
    found = _instrument_of(state, record, instance)
    if found is None:
        return None, _NO_INSTRUMENT, Currency("")
    return found, found.instrument_id, found.quote


def _instrument_of(
    state: KernelState, record: InstanceRecord, instance: Instance | None
) -> Instrument | None:
    """Return the market of an instance; of one that does not run by its symbol and account."""
    if instance is not None:
        return state.instruments[instance.instrument_id]
    context = state.contexts.get(record.account)
    for route_id in () if context is None else context.routes:
        found = state.instruments.get(id_of(record.market, state.routes[route_id].venue))
        if found is not None:
            return found
    return None


def _ticks(schedule: HeartbeatSchedule, strategy_id: StrategyId) -> dict[str, Any]:
    """Return what a row says of its ticks."""
    return {
        "last_tick": schedule.last_tick(strategy_id),
        "next_tick": schedule.next_tick(strategy_id),
        "missed_ticks": schedule.missed_ticks(strategy_id),
        "tick_steps": schedule.tick_steps(strategy_id),
    }


def _external(state: KernelState, record: InstanceRecord, instrument_id: InstrumentId) -> int:
    """Return what the routes of an account hold of a market that is not ours."""
    context = state.contexts.get(record.account)
    total = 0
    for route_id in () if context is None else context.routes:
        held = state.positions.get((EXTERNAL, route_id, instrument_id))
        total += 0 if held is None else held.quantity
    return total


def _state_of(
    loop: LoopView, record: InstanceRecord, instance: Instance | None, notes: InstanceNotes
) -> tuple[InstanceState, str]:
    """Return the state word and why; an instance that shall run and could not be loaded is in
    ERROR.
    """
    if instance is None:
        if record.mode is InstanceMode.OFF:
            return InstanceState.OFF, notes.why_bare
        if notes.load_error:
            return InstanceState.ERROR, notes.load_error
        return InstanceState.BLOCKED, "not running"
    if notes.goes_on and record.mode is not InstanceMode.OFF:
        return InstanceState.BLOCKED, "its strategy is being loaded"
    status = loop.kernel.status_of(record.strategy_id)
    return state_of(status), state_words(status)


def _failure(
    instance: Instance | None, runner: Runner | None, notes: InstanceNotes
) -> dict[str, Any]:
    """Return what is wrong: it could not be loaded, or its code raised."""
    if runner is None or instance is None:
        return {"error": notes.load_error, "traceback": notes.load_traceback}
    if runner.failures or instance.has_error:
        return {"error": runner.error, "traceback": runner.traceback}
    return {}


def _price(state: KernelState, instrument_id: InstrumentId) -> tuple[int | None, int | None]:
    """Return the price of a market and its time, None before the first."""
    mark = state.marks.get(instrument_id)
    return (None, None) if mark is None else (mark.price, mark.event_time)


def _orders(snapshot: Snapshot, sid: StrategyId, instrument_id: InstrumentId) -> list[Order]:
    """Return the instance's real open orders in its own market."""
    found = snapshot.open_orders(sid, is_observing=False)
    return [order for order in found if order.terms.instrument_id == instrument_id]


def _nearest(orders: list[Order], role: OrderRole, price: int | None) -> int | None:
    """Return the price of the protective order of a role that is nearest to the market."""
    prices = []
    for order in orders:
        if order.terms.role is role:
            trigger = order.trigger_price or order.terms.trigger_price
            level = trigger if trigger is not None else order.terms.price
            if level is not None:
                prices.append(level)
    return min(prices, key=lambda level: abs(level - (price or level)), default=None)


def _budget(loop: LoopView, instance: Instance | None) -> dict[str, Any]:
    """Return budget, what is used of it, and the loss a day, in the market's quote currency."""
    if instance is None:
        return {}
    view = FilteredView(loop.kernel.view(), instance.strategy_id)
    state = loop.kernel.state
    max_loss = instance.limits.max_loss_per_day
    if max_loss is not None:
        quote = state.instruments[instance.instrument_id].quote
        max_loss = convert(state, state.config.reporting_currency, quote, max_loss)
    return {
        "budget": view.budget(),
        "budget_used": view.budget_used(),
        "max_loss_per_day": max_loss,
    }


def _warmth(runner: Runner | None) -> tuple[tuple[str, int, int], ...]:
    if runner is None:
        return ()
    return tuple(
        (feed.name, min(feed.count, feed.needed), feed.needed)
        for feed in runner.feeds
        if isinstance(feed, BarFeed)
    )
