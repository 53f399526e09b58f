"""Whether an intent says something that can be meant at all."""

from __future__ import annotations

from typing import Final

import msgspec

from tradetui.domain.enums import OrderRole, OrderSide, OrderType, TimeInForce
from tradetui.domain.ids import MAX_CLIENT_ORDER_ID_LENGTH
from tradetui.domain.intents import PlaceOrder, ReplaceOrder
from tradetui.domain.units import I64_MAX

_MAX_GROUP_LENGTH: Final = 64


class _Shape(msgspec.Struct, frozen=True, gc=False):
    """Which of its three price fields an order type has; a trailing stop may name its first
    trigger.
    """

    has_price: bool
    has_trigger: bool
    has_trail: bool


_SHAPES: Final = {
    OrderType.MARKET: _Shape(False, False, False),
    OrderType.LIMIT: _Shape(True, False, False),
    OrderType.STOP: _Shape(False, True, False),
    OrderType.STOP_LIMIT: _Shape(True, True, False),
    OrderType.TRAILING_STOP: _Shape(False, False, True),
}

ID_CHARACTERS: Final = "0123456789-tabcdefghijklmnopqrsuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""What a client_order_id is made of, the commonest first."""

_BUY: Final = OrderSide.BUY
_SELL: Final = OrderSide.SELL
_LIMIT: Final = OrderType.LIMIT
_MARKET: Final = OrderType.MARKET
_GTC: Final = TimeInForce.GTC
_ENTRY: Final = OrderRole.ENTRY
_EXIT: Final = OrderRole.EXIT
_IMMEDIATE: Final = (TimeInForce.IOC, TimeInForce.FOK)


def order_fault(intent: PlaceOrder, now: int) -> str:
    """Return what is wrong with an order as written, in a few words; empty when nothing is."""
    if is_plain(intent):
        return ""
    return (
        _field_fault(intent)
        or _price_fault(intent)
        or _time_fault(intent, now)
        or (
            ""
            if intent.parent_order_id is None and intent.oco_group is None
            else _link_fault(intent)
        )
    )


def version_fault(intent: ReplaceOrder) -> str:
    """Return what is wrong with a replace as written; empty when nothing is."""
    if intent.quantity is None and intent.price is None and intent.trigger_price is None:
        return "a replace must change quantity, price or trigger_price"
    return ""


def is_order_id(order_id: object) -> bool:
    """Tell whether an id keeps to what every venue accepts."""
    return (
        type(order_id) is str
        and 0 < len(order_id) <= MAX_CLIENT_ORDER_ID_LENGTH
        and order_id.isascii()
        and order_id.replace("-", "0").isalnum()
    )


def is_quantity(value: object) -> bool:
    """Tell whether a value is an integer above zero that fits into 64 bits."""
    return type(value) is int and 0 < value <= I64_MAX


def is_price(value: object) -> bool:
    """Tell whether a value is an integer that fits into 64 bits."""
    return type(value) is int and -I64_MAX <= value <= I64_MAX


def is_plain(intent: PlaceOrder) -> bool:
    """Tell at once that a common order is sound: a limit or market order, good till cancelled, that
    stands alone. Any other is looked at field by field.
    """
    order_id, quantity, price = intent.client_order_id, intent.quantity, intent.price
    order_type, side = intent.order_type, intent.side
    return (
        type(order_id) is str
        and 0 < len(order_id) <= MAX_CLIENT_ORDER_ID_LENGTH
        and not order_id.strip(ID_CHARACTERS)
        and type(quantity) is int
        and 0 < quantity <= I64_MAX
        and (
            (order_type is _LIMIT and type(price) is int and -I64_MAX <= price <= I64_MAX)
            or (order_type is _MARKET and price is None and not intent.post_only)
        )
        and (side is _BUY or side is _SELL)
        and intent.time_in_force is _GTC
        and (intent.role is _ENTRY or intent.role is _EXIT)
        and intent.trigger_price is None
        and intent.trail_offset is None
        and intent.expire_time is None
        and intent.parent_order_id is None
        and intent.oco_group is None
    )


def _field_fault(intent: PlaceOrder) -> str:
    if not is_order_id(intent.client_order_id):
        return "client_order_id must be 1 to 32 of A-Z a-z 0-9 -"
    if not is_quantity(intent.quantity):
        return "quantity must be an integer above 0 within 64 bits"
    if type(intent.side) is not OrderSide:
        return "side must be an OrderSide"
    if type(intent.order_type) is not OrderType:
        return "order_type must be an OrderType"
    if type(intent.time_in_force) is not TimeInForce:
        return "time_in_force must be a TimeInForce"
    if type(intent.role) is not OrderRole:
        return "role must be an OrderRole"
    return ""


def _price_fault(intent: PlaceOrder) -> str:
    price, trigger, trail = intent.price, intent.trigger_price, intent.trail_offset
    shape = _SHAPES[intent.order_type]
    if (price is not None) is not shape.has_price:
        return f"a {intent.order_type} order {'needs a' if shape.has_price else 'has no'} price"
    if (trigger is not None) is not shape.has_trigger and not shape.has_trail:
        needs = "needs a" if shape.has_trigger else "has no"
        return f"a {intent.order_type} order {needs} trigger_price"
    if (trail is not None) is not shape.has_trail:
        needs = "needs a" if shape.has_trail else "has no"
        return f"a {intent.order_type} order {needs} trail_offset"
    if price is not None and not is_price(price):
        return "price must be an integer within 64 bits"
    if trigger is not None and not is_price(trigger):
        return "trigger_price must be an integer within 64 bits"
    if trail is not None and not is_quantity(trail):
        return "trail_offset must be an integer above 0 within 64 bits"
    return ""


def _time_fault(intent: PlaceOrder, now: int) -> str:
    time_in_force = intent.time_in_force
    expires = intent.expire_time
    if time_in_force is TimeInForce.GTD:
        if not is_quantity(expires):
            return "a GTD order needs an expire_time in ns"
        if expires is not None and expires <= now:
            return "expire_time is not after now"
    elif expires is not None:
        return "only a GTD order has an expire_time"
    if intent.post_only and (
        intent.order_type is not OrderType.LIMIT or time_in_force in _IMMEDIATE
    ):
        return "post_only is for limit orders that may rest"
    return ""


def _link_fault(intent: PlaceOrder) -> str:
    parent, group = intent.parent_order_id, intent.oco_group
    if parent is not None and (not is_order_id(parent) or parent == intent.client_order_id):
        return "parent_order_id must be the id of another order"
    if group is not None and not (type(group) is str and 0 < len(group) <= _MAX_GROUP_LENGTH):
        return "oco_group must be 1 to 64 characters"
    return ""
