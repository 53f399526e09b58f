"""From what a strategy asks for to a PlaceOrder: every option checked, every number scaled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar, cast

from tradetui.domain.enums import OrderRole, OrderSide, OrderType, TimeInForce
from tradetui.domain.ids import ClientOrderId
from tradetui.domain.instruments import Instrument
from tradetui.domain.intents import PlaceOrder
from tradetui.domain.text import printable
from tradetui.strategy.errors import InvalidOrder
from tradetui.strategy.events import OrderView
from tradetui.strategy.numbers import (
    Number,
    offset_to_int,
    price_to_int,
    scaled_amount,
    scaled_price,
    shown,
    whole_steps,
)

SIDES: Final[dict[str, OrderSide]] = {
    "buy": OrderSide.BUY,
    "sell": OrderSide.SELL,
    "long": OrderSide.BUY,
    "short": OrderSide.SELL,
    "BUY": OrderSide.BUY,
    "SELL": OrderSide.SELL,
}
KINDS: Final[dict[str, tuple[OrderType, bool, bool | None, bool]]] = {
    "market": (OrderType.MARKET, False, False, False),
    "limit": (OrderType.LIMIT, True, False, False),
    "stop": (OrderType.STOP, False, True, False),
    "stop_limit": (OrderType.STOP_LIMIT, True, True, False),
    "trailing_stop": (OrderType.TRAILING_STOP, False, None, True),
}
"""Of each type: whether it has a price, a stop (None: it may) and a trail."""

ROLES: Final[dict[str, OrderRole]] = {role.value: role for role in OrderRole}
TIMES_IN_FORCE: Final[dict[str, TimeInForce]] = {
    **{tif.value: tif for tif in TimeInForce},
    **{tif.value.lower(): tif for tif in TimeInForce},
}

_COMMON: Final[dict[tuple[str, str], tuple[OrderSide, OrderType, bool]]] = {
    (word, kind): (side, KINDS[kind][0], KINDS[kind][1])
    for word, side in SIDES.items()
    for kind in ("market", "limit")
}
"""Of side and type as written: the side, the type, and whether it has a price."""

_GTC: Final = TimeInForce.GTC
_LIMIT: Final = OrderType.LIMIT
_GTD: Final = TimeInForce.GTD
_ENTRY: Final = OrderRole.ENTRY
_NAME_LIMIT: Final = 64

Choice = TypeVar("Choice")


def side_of(side: str) -> OrderSide:
    """Return the side of ``"buy"``/``"long"`` or ``"sell"``/``"short"``; InvalidOrder otherwise."""
    return _choice(SIDES, side, "side")


def order_id_of(order: OrderView | str, name: str = "order") -> ClientOrderId:
    """Return the id of an order given as a view or as its id; InvalidOrder otherwise."""
    if isinstance(order, OrderView):
        return order.client_order_id
    if isinstance(order, str) and 0 < len(order) <= _NAME_LIMIT and order.isprintable():
        return cast(ClientOrderId, order)
    raise InvalidOrder(f"{name} must be an order or its client_order_id, got {shown(order)}")


def build_place_order(
    instrument: Instrument,
    client_order_id: ClientOrderId,
    clock: Callable[[], int],
    side: str,
    amount: Number,
    type: str,  # noqa: A002 - the word of the contract
    price: Number | None,
    stop: Number | None,
    trail: Number | None,
    tif: str,
    expire: int | None,
    post_only: bool,
    reduce_only: bool,
    oco: str | None,
    parent: OrderView | str | None,
    role: str | None,
    reason: str,
    signal: int | None,
) -> PlaceOrder:
    """Check and scale everything; raise InvalidOrder with the first thing that is wrong."""
    shape = _COMMON.get((side, type)) if side.__class__ is type.__class__ is str else None
    if (
        shape is None
        or (price is not None) is not shape[2]
        or stop is not None
        or trail is not None
        or tif != "gtc"
        or expire is not None
        or post_only
        or reduce_only
        or oco is not None
        or parent is not None
        or role is not None
    ):
        links = (oco, parent, role, reason, signal)
        options = (stop, trail, tif, expire, post_only, reduce_only, *links)
        return _build_any(instrument, client_order_id, clock, side, amount, type, price, *options)
    order_side = shape[0]
    quantity, limit, requested = _scaled(amount, price, instrument, order_side)
    return PlaceOrder(
        client_order_id,
        instrument.instrument_id,
        order_side,
        shape[1],
        quantity,
        limit,
        None,
        None,
        _GTC,
        None,
        False,
        False,
        _ENTRY,
        None,
        None,
        requested,
        signal,
        printable(reason, 200) if reason else "",
    )


def _scaled(
    amount: Number, price: Number | None, instrument: Instrument, side: OrderSide
) -> tuple[int, int | None, str]:
    """Return amount and price in integers, and what was written where that was not exact."""
    lot, tick = instrument.size_increment, instrument.price_increment
    steps = whole_steps(amount, instrument.size_scale, lot)
    if steps:
        quantity, requested = steps * lot, ""
    else:
        quantity, is_exact = scaled_amount(amount, instrument)
        requested = "" if is_exact else f"amount {amount}"
    limit = None
    if price is not None:
        steps = whole_steps(price, instrument.price_scale, tick)
        if steps:
            return quantity, steps * tick, printable(requested, 100) if requested else ""
        limit, is_exact = scaled_price(price, instrument, side)
        requested = requested if is_exact else f"{requested} price {price}".lstrip()
    return quantity, limit, printable(requested, 100) if requested else ""


def _build_any(
    instrument: Instrument,
    client_order_id: ClientOrderId,
    clock: Callable[[], int],
    side: str,
    amount: Number,
    type: str,  # noqa: A002 - the word of the contract
    price: Number | None,
    stop: Number | None,
    trail: Number | None,
    tif: str,
    expire: int | None,
    post_only: bool,
    reduce_only: bool,
    oco: str | None,
    parent: OrderView | str | None,
    role: str | None,
    reason: str,
    signal: int | None,
) -> PlaceOrder:
    """Check and scale an order with any of the options."""
    order_side = _choice(SIDES, side, "side")
    kind = _choice(KINDS, type, "type")
    order_type, has_price, has_stop, has_trail = kind
    if (
        (price is not None) is not has_price
        or (trail is not None) is not has_trail
        or ((stop is not None) is not has_stop and has_stop is not None)
    ):
        raise InvalidOrder(_option_problem(kind, price, trail))
    time_in_force = _choice(TIMES_IN_FORCE, tif, "tif")
    if expire is not None or time_in_force is _GTD:
        _check_expire(time_in_force, expire, clock())
    if post_only and order_type is not _LIMIT:
        raise InvalidOrder(f"post_only is for limit orders, not for {type}")
    order_role = _ENTRY if role is None and not reduce_only else _role(role, reduce_only)
    quantity, limit, requested = _scaled(amount, price, instrument, order_side)
    return PlaceOrder(
        client_order_id,
        instrument.instrument_id,
        order_side,
        order_type,
        quantity,
        limit,
        None if stop is None else price_to_int(stop, instrument, order_side, "stop"),
        None if trail is None else offset_to_int(trail, instrument),
        time_in_force,
        expire,
        post_only is True,
        reduce_only is True or order_role is not _ENTRY,
        order_role,
        None if parent is None else order_id_of(parent, "parent"),
        None if oco is None else _name(oco, "oco"),
        requested,
        signal,
        printable(reason, 200) if reason else "",
    )


def _option_problem(
    kind: tuple[OrderType, bool, bool | None, bool],
    price: Number | None,
    trail: Number | None,
) -> str:
    """Say which option a type lacks, or would ignore."""
    name, has_price, has_stop, has_trail = kind[0].value, *kind[1:]
    if (price is not None) is not has_price:
        return f"a {name} order {'needs price=' if has_price else 'takes no price='}"
    if (trail is not None) is not has_trail:
        return f"a {name} order {'needs trail=, its distance' if has_trail else 'takes no trail='}"
    if has_stop:
        return f"a {name} order needs stop=, its trigger price"
    return f'a {name} order takes no stop=; use type="stop" or "stop_limit"'


def _check_expire(time_in_force: TimeInForce, expire: int | None, now: int) -> None:
    if time_in_force is not _GTD:
        raise InvalidOrder('expire= goes with tif="gtd" only')
    if isinstance(expire, bool) or not isinstance(expire, int) or expire <= now:
        raise InvalidOrder(
            f'tif="gtd" needs expire=, a moment in the future in ns such as '
            f"self.now + hours(4); got {shown(expire)}"
        )


def _role(role: str | None, reduce_only: bool) -> OrderRole:
    if role is None:
        return OrderRole.EXIT if reduce_only else _ENTRY
    found = _choice(ROLES, role, "role")
    if found is _ENTRY and reduce_only:
        raise InvalidOrder('an order of role "entry" cannot be reduce_only; use role="exit"')
    return found


def _name(value: str, name: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _NAME_LIMIT or not value.isprintable():
        raise InvalidOrder(f"{name} must be a short text, got {shown(value)}")
    return value


def _choice(table: dict[str, Choice], value: str, name: str) -> Choice:
    found = table.get(value) if value.__class__ is str else None
    if found is None:
        words = ", ".join(word for word in table if word.islower())
        raise InvalidOrder(f"{name} must be one of {words}; got {shown(value)}")
    return found
