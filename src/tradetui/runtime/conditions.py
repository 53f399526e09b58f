"""What in the core needs a person, and the sentence of each: what is held or asked for, in numbers.
Clauses stand in the order in which a narrow screen needs them, apart by ``; ``. What can be done is
named beside the sentence, never in it: which key does it is the screen's to say.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple, Protocol

from tradetui.core.guards import unguarded
from tradetui.core.state import KernelState
from tradetui.domain.enums import Guard, InstanceMode, InstanceState, Mend, Severity
from tradetui.domain.formatting import age, clock, counted, grouped
from tradetui.domain.ids import ClientOrderId, InstrumentId, StrategyId, is_shadow
from tradetui.domain.reasons import Reason
from tradetui.domain.replica import InstanceView, OrderView
from tradetui.domain.units import NANOS_PER_SECOND
from tradetui.runtime.alerts import Condition
from tradetui.runtime.views import order_view

_GUARDED: Final = {
    Guard.VENUE: "its stop at the venue",
    Guard.OURS: "its stop held by us",
    Guard.NONE_BY_DESIGN: "no stop by design",
    Guard.MISSING: "NO STOP",
}
_STOP: Final = (Mend.STOP,)

_TENTHS_UNTIL: Final = 10
"""Seconds below which ages are written with tenths elsewhere."""


class Market(Protocol):
    """What sizes and prices of a market are written with."""

    @property
    def symbol(self) -> str: ...
    @property
    def base(self) -> str: ...
    @property
    def size_scale(self) -> int: ...
    @property
    def size_decimals(self) -> int: ...
    @property
    def price_scale(self) -> int: ...
    @property
    def price_decimals(self) -> int: ...


class Inquiry(NamedTuple):
    """What has been asked of a venue about an order whose outcome is unknown.

    ``asked``: lookups that were answered and did not find it. ``provable_from``: the moment (ns
    UTC) after which not finding it proves that it never arrived; None while that is not known.
    """

    asked: int
    provable_from: int | None


Inquiries = Mapping[ClientOrderId, Inquiry]
NO_INQUIRIES: Final[Inquiries] = MappingProxyType({})
NOT_KNOWN: Final[Mapping[str, int]] = MappingProxyType({})


def conditions(
    state: KernelState,
    instances: list[InstanceView],
    now: int,
    inquiries: Inquiries = NO_INQUIRIES,
    began: Mapping[str, int] = NOT_KNOWN,
    awaited: Container[StrategyId] = (),
) -> dict[str, Condition]:
    """Return everything in the core that needs a person now, by alert id.

    ``began``: when what happened (``CauseTimes``). ``awaited``: the instances whose stale price
    nobody need look after yet.
    """
    unknown = [order_view(state, o) for o in state.open_orders.values() if o.is_unknown]
    markets = state.instruments
    found = seen_conditions(instances, unknown, markets, now, inquiries, began, awaited)
    stopped = {
        (view.strategy_id, view.instrument_id)
        for view in instances
        if view.state is InstanceState.ERROR
    }
    for key in unguarded(state):
        if (key[0], key[2]) in stopped or is_shadow(key[1]):
            continue
        market = state.instruments[key[2]]
        position, name = state.positions[key], ":".join(key)
        held = held_words(position.quantity, Guard.MISSING, market)
        text = f"{key[0]} {market.symbol}: {held} although one is wanted"
        time = max(position.opened_time, began.get(f"stop:{name}", 0))
        found[f"guard:{name}"] = Condition(Severity.ALERT, key[0], text, time, _STOP)
    for route_id, reason in sorted(state.halted_routes.items()):
        text, name = f"route {route_id} is halted: {reason}", f"route:{route_id}"
        found[name] = Condition(Severity.ALERT, None, text, began.get(name))
    return found


def seen_conditions(
    instances: Iterable[InstanceView],
    orders: Iterable[OrderView],
    markets: Mapping[InstrumentId, Market],
    now: int,
    inquiries: Inquiries = NO_INQUIRIES,
    began: Mapping[str, int] = NOT_KNOWN,
    awaited: Container[StrategyId] = (),
) -> dict[str, Condition]:
    """Return what the rows of instances and orders alone say that needs a person, by alert id."""
    views = list(instances)
    found: dict[str, Condition] = {}
    for view in views:
        found.update(_of_instance(view, markets.get(view.instrument_id), began))
    found.update(_stale([view for view in views if view.strategy_id not in awaited], now))
    for order in orders:
        if order.is_open and order.is_unknown:
            text = _unknown_words(
                order, markets[order.instrument_id], now, inquiries.get(order.client_order_id)
            )
            found[f"unknown:{order.client_order_id}"] = Condition(
                Severity.ALERT, order.strategy_id, text, order.updated_time
            )
    return found


def _of_instance(
    view: InstanceView, market: Market | None, began: Mapping[str, int]
) -> dict[str, Condition]:
    sid = view.strategy_id
    found: dict[str, Condition] = {}
    if view.state is InstanceState.ERROR:
        name, why = f"error:{sid}", view.error or view.state_reason
        text = f"{sid} ERROR, not run since: {_standing(view, market)}{f'; {why}' if why else ''}"
        mends = (Mend.TRACEBACK, *_STOP)
        found[name] = Condition(Severity.ALERT, sid, text, began.get(name), mends)
    if view.lacks and view.mode is not InstanceMode.OFF:
        text = f"{sid} gets no bars: {view.lacks}"
        name = f"lacks:{sid}"
        found[name] = Condition(Severity.ALERT, sid, text, began.get(name))
    if view.state is InstanceState.EXIT_ONLY and view.broken_limit is not Reason.NONE:
        name = f"limit:{sid}"
        text = (
            f"{sid} exit-only: {view.state_reason}; {_standing(view, market)}; "
            "exits and stops go on"
        )
        found[name] = Condition(Severity.ALERT, sid, text, began.get(name), (Mend.RESUME,))
    return found


def _standing(view: InstanceView, market: Market | None) -> str:
    """Say what an instance holds and has in the market."""
    held = "flat" if market is None else held_words(view.position, view.guard, market)
    return f"{held}, {counted(view.orders_open, 'order')} open" if view.orders_open else held


def held_words(position: int, guard: Guard, market: Market) -> str:
    """Write a position and who guards it: ``LONG 12.40 SOL with NO STOP``."""
    if position == 0:
        return "flat"
    side = "LONG" if position > 0 else "SHORT"
    size = grouped(abs(position), market.size_scale, market.size_decimals)
    guarded = f" with {_GUARDED[guard]}" if guard in _GUARDED else ""
    return f"{side} {size} {market.base}{guarded}"


def _unknown_words(order: OrderView, market: Market, now: int, inquiry: Inquiry | None) -> str:
    """Say an order whose outcome is unknown: what it is, how long, what is done about it."""
    price = order.price if order.price is not None else order.trigger_price
    size = grouped(order.quantity, market.size_scale, market.size_decimals)
    at = (
        order.order_type.value
        if price is None
        else f"at {grouped(price, market.price_scale, market.price_decimals)}"
    )
    asked = "" if inquiry is None else f": asked {counted(inquiry.asked, 'time')}, not found yet"
    old = _whole_age(now - order.updated_time)
    what = f"{order.side.value} {size} {market.base} {at} unknown {old}{asked}"
    clauses = [f"{order.strategy_id} order {order.client_order_id} {what}"]
    if inquiry is not None and inquiry.provable_from is not None:
        clauses.append(f"provable from {clock(inquiry.provable_from)}")
    clauses.append(f"no new {market.symbol} entries until then, cancels and exits go on")
    return "; ".join(clauses)


def _stale(views: list[InstanceView], now: int) -> dict[str, Condition]:
    """Say each market whose price is too old, once, and what of it stands still; it is of no one
    instance, however many trade it.
    """
    running = [view for view in views if view.is_loaded and view.mode is not InstanceMode.OFF]
    stale: dict[InstrumentId, list[InstanceView]] = {}
    for view in running:
        if view.is_stale and view.price_time is not None:
            stale.setdefault(view.instrument_id, []).append(view)
    count = sum(len(held) for held in stale.values())
    others = ", others go on" if count < len(running) else ""
    found: dict[str, Condition] = {}
    for instrument_id, held in stale.items():
        newest = max(view.price_time or 0 for view in held)
        venue = instrument_id.rpartition(".")[2].lower()
        blocked = sum(view.mode is InstanceMode.ACTIVE for view in held)
        stands = f"{blocked} blocked" if blocked else counted(len(held), "observes", "observe")
        where = f"{venue} {held[0].symbol}"
        text = f"DATA STALE {_whole_age(now - newest)} {where}: {stands}{others}"
        found[f"stale:{instrument_id}"] = Condition(Severity.WARNING, None, text)
    return found


def _whole_age(nanos: int) -> str:
    """Write an age without tenths, so that what it stands in changes once a second."""
    seconds = max(nanos, 0) // NANOS_PER_SECOND
    return f"{seconds}s" if seconds < _TENTHS_UNTIL else age(nanos)
