"""From what a strategy asks for to a PlaceOrder: every option checked, every number scaled."""

from __future__ import annotations

from typing import Final, TypeVar

from tradetui.domain.enums import OrderRole, OrderSide, OrderType, TimeInForce
from tradetui.domain.ids import ClientOrderId
from tradetui.domain.instruments import Instrument
from tradetui.domain.intents import PlaceOrder
from tradetui.domain.text import printable
from tradetui.strategy.errors import InvalidOrder
from tradetui.strategy.events import OrderView
from tradetui.strategy.numbers import (
    Number,
    amount_to_int,
    offset_to_int,
    price_to_int,
    shown,
    was_rounded,
)

SIDES: Final[dict[str, OrderSide]] = {
    "buy": OrderSide.BUY,
    "sell": OrderSide.SELL,
    "long": OrderSide.BUY,
    "short": OrderSide.SELL,
    "BUY": OrderSide.BUY,
    "SELL": OrderSide.SELL,
}
TYPES: Final[dict[str, OrderType]] = {kind.value: kind for kind in OrderType}
ROLES: Final[dict[str, OrderRole]] = {role.value: role for role in OrderRole}
TIMES_IN_FORCE: Final[dict[str, TimeInForce]] = {
    **{tif.value: tif for tif in TimeInForce},
    **{tif.value.lower(): tif for tif in TimeInForce},
}

_PRICED: Final = (OrderType.LIMIT, OrderType.STOP_LIMIT)
_TRIGGERED: Final = (OrderType.STOP, OrderType.STOP_LIMIT)
_NAME_LIMIT: Final = 64

Choice = TypeVar("Choice")


def side_of(side: str) -> OrderSide:
    """Return the side of ``"buy"``/``"long"`` or ``"sell"``/``"short"``; InvalidOrder otherwise."""
    return _choice(SIDES, side, "side", ("buy", "sell"))


def order_id_of(order: OrderView | str, name: str = "order") -> ClientOrderId:
    """Return the id of an order given as a view or as its id; InvalidOrder otherwise."""
    if isinstance(order, OrderView):
        return order.client_order_id
    if isinstance(order, str) and 0 < len(order) <= _NAME_LIMIT:
        return ClientOrderId(order)
    raise InvalidOrder(f"{name} must be an order or its client_order_id, got {shown(order)}")


def build_place_order(
    instrument: Instrument,
    client_order_id: ClientOrderId,
    now: int,
    side: str,
    amount: Number,
    type: str,  # noqa: A002 - the word of the contract
    price: Number | None,
    *,
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
    order_side = SIDES.get(side) if side.__class__ is str else None
    if order_side is None:
        order_side = side_of(side)
    order_type = _choice(TYPES, type, "type", tuple(TYPES))
    _check_options(order_type, price, stop, trail)
    time_in_force = _choice(TIMES_IN_FORCE, tif, "tif", ("gtc", "day", "ioc", "fok", "gtd"))
    if expire is not None or time_in_force is TimeInForce.GTD:
        _check_expire(time_in_force, expire, now)
    if post_only and order_type is not OrderType.LIMIT:
        raise InvalidOrder(f"post_only is for limit orders, not for {type}")
    order_role = _role(role, reduce_only)
    quantity = amount_to_int(amount, instrument)
    limit = None if price is None else price_to_int(price, instrument, order_side)
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
        reduce_only is True or order_role is not OrderRole.ENTRY,
        order_role,
        None if parent is None else order_id_of(parent, "parent"),
        None if oco is None else _name(oco, "oco"),
        _requested(instrument, amount, price),
        signal,
        printable(reason, 200) if reason else "",
    )


def _requested(instrument: Instrument, amount: Number, price: Number | None) -> str:
    """Write what was asked for, where lot or tick changed it; empty where they did not."""
    parts = []
    if was_rounded(amount, instrument.size_scale, instrument.size_increment):
        parts.append(f"amount {amount}")
    if price is not None and was_rounded(price, instrument.price_scale, instrument.price_increment):
        parts.append(f"price {price}")
    return printable(", ".join(parts), 100) if parts else ""


def _check_options(
    order_type: OrderType, price: Number | None, stop: Number | None, trail: Number | None
) -> None:
    """Each type has the options it needs, and none that it would ignore."""
    name = order_type.value
    if (price is None) is (order_type in _PRICED):
        wanted = "needs price=" if price is None else "takes no price="
        raise InvalidOrder(f"a {name} order {wanted}")
    if stop is None and order_type in _TRIGGERED:
        raise InvalidOrder(f"a {name} order needs stop=, its trigger price")
    if stop is not None and order_type in (OrderType.MARKET, OrderType.LIMIT):
        raise InvalidOrder(f'a {name} order takes no stop=; use type="stop" or "stop_limit"')
    if (trail is None) is (order_type is OrderType.TRAILING_STOP):
        wanted = "needs trail=, its distance" if trail is None else "takes no trail="
        raise InvalidOrder(f"a {name} order {wanted}")


def _check_expire(time_in_force: TimeInForce, expire: int | None, now: int) -> None:
    if time_in_force is not TimeInForce.GTD:
        raise InvalidOrder('expire= goes with tif="gtd" only')
    if isinstance(expire, bool) or not isinstance(expire, int) or expire <= now:
        raise InvalidOrder(
            f'tif="gtd" needs expire=, a moment in the future in ns such as '
            f"self.now + hours(4); got {shown(expire)}"
        )


def _role(role: str | None, reduce_only: bool) -> OrderRole:
    if role is None:
        return OrderRole.EXIT if reduce_only else OrderRole.ENTRY
    found = _choice(ROLES, role, "role", tuple(ROLES))
    if found is OrderRole.ENTRY and reduce_only:
        raise InvalidOrder('an order of role "entry" cannot be reduce_only; use role="exit"')
    return found


def _name(value: str, name: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _NAME_LIMIT or not value.isprintable():
        raise InvalidOrder(f"{name} must be a short text, got {shown(value)}")
    return value


def _choice(table: dict[str, Choice], value: str, name: str, words: tuple[str, ...]) -> Choice:
    found = table.get(value) if isinstance(value, str) else None
    if found is None:
        raise InvalidOrder(f"{name} must be one of {', '.join(words)}; got {shown(value)}")
    return found
