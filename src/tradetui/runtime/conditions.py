"""What in the core needs a person, and the sentence of each: what is held or asked for, in numbers,
and what to do. Clauses stand in the order in which a narrow screen needs them, apart by ``; ``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple, Protocol

from tradetui.core.guards import guard_of
from tradetui.core.state import KernelState
from tradetui.domain.enums import Guard, InstanceMode, InstanceState, Severity
from tradetui.domain.formatting import age, clock, counted, grouped
from tradetui.domain.ids import ClientOrderId, InstrumentId, is_shadow
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


def conditions(
    state: KernelState,
    instances: list[InstanceView],
    now: int,
    inquiries: Inquiries = NO_INQUIRIES,
) -> dict[str, Condition]:
    """Return everything in the core that needs a person now, by alert id."""
    unknown = [order_view(state, o) for o in state.open_orders.values() if o.is_unknown]
    found = seen_conditions(instances, unknown, state.instruments, now, inquiries)
    stopped = {
        (view.strategy_id, view.instrument_id)
        for view in instances
        if view.state is InstanceState.ERROR
    }
    for key in sorted(state.positions):
        is_told = (key[0], key[2]) in stopped
        if is_told or is_shadow(key[1]) or guard_of(state, key) is not Guard.MISSING:
            continue
        market = state.instruments[key[2]]
        held = held_words(state.positions[key].quantity, Guard.MISSING, market)
        text = f"{key[0]} {market.symbol}: {held} although one is wanted; ! exit-only or close"
        found[f"guard:{key[0]}:{key[1]}:{key[2]}"] = (Severity.ALERT, key[0], text)
    for route_id, reason in sorted(state.halted_routes.items()):
        text = f"route {route_id} is halted: {reason}"
        found[f"route:{route_id}"] = (Severity.ALERT, None, text)
    return found


def seen_conditions(
    instances: Iterable[InstanceView],
    orders: Iterable[OrderView],
    markets: Mapping[InstrumentId, Market],
    now: int,
    inquiries: Inquiries = NO_INQUIRIES,
) -> dict[str, Condition]:
    """Return what the rows of instances and orders alone say that needs a person, by alert id."""
    views = list(instances)
    found: dict[str, Condition] = {}
    for view in views:
        found.update(_of_instance(view, markets.get(view.instrument_id)))
    found.update(_stale(views, now))
    for order in orders:
        if order.is_open and order.is_unknown:
            text = _unknown_words(
                order, markets[order.instrument_id], now, inquiries.get(order.client_order_id)
            )
            found[f"unknown:{order.client_order_id}"] = (Severity.ALERT, order.strategy_id, text)
    return found


def _of_instance(view: InstanceView, market: Market | None) -> dict[str, Condition]:
    sid = view.strategy_id
    found: dict[str, Condition] = {}
    if view.state is InstanceState.ERROR:
        clauses = [
            f"{sid} ERROR, not run since: {_standing(view, market)}",
            view.error or view.state_reason,
            "Enter traceback, ! exit-only or close",
        ]
        found[f"error:{sid}"] = (
            Severity.ALERT,
            sid,
            "; ".join(clause for clause in clauses if clause),
        )
    if view.state is InstanceState.EXIT_ONLY and _is_limit(view.state_reason):
        text = (
            f"{sid} exit-only: {view.state_reason}; {_standing(view, market)}; "
            "exits and stops go on, r resumes"
        )
        found[f"limit:{sid}"] = (Severity.ALERT, sid, text)
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
    """Say each market whose price is too old, once, and what of it stands still."""
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
        where = f"{venue} {held[0].symbol}"
        text = f"DATA STALE {_whole_age(now - newest)} {where}: {blocked} blocked{others}"
        owner = held[0].strategy_id if len(held) == 1 else None
        found[f"stale:{instrument_id}"] = (Severity.WARNING, owner, text)
    return found


def _whole_age(nanos: int) -> str:
    """Write an age without tenths, so that what it stands in changes once a second."""
    seconds = max(nanos, 0) // NANOS_PER_SECOND
    return f"{seconds}s" if seconds < _TENTHS_UNTIL else age(nanos)


def _is_limit(reason: str) -> bool:
    """Tell whether a limit (not a person) made an instance exit-only."""
    return "limit" in reason.lower()
