"""How an entry and the orders that guard it are checked, sized and recorded."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from tradetui.domain.enums import OrderRole, OrderSide
from tradetui.domain.ids import ClientOrderId
from tradetui.domain.instruments import Instrument
from tradetui.domain.intents import PlaceOrder
from tradetui.strategy.context import Context
from tradetui.strategy.events import POWERS
from tradetui.strategy.numbers import Number, shown
from tradetui.strategy.orders import side_of

_WORDS: Final = {OrderSide.BUY: "long", OrderSide.SELL: "short"}


class Bracket(NamedTuple):
    """The ids of an entry and of its children; None for one that was not asked for."""

    entry: ClientOrderId
    stop: ClientOrderId | None
    target: ClientOrderId | None


class HelperRefused(Exception):  # noqa: N818 - never leaves the helpers
    """A condition of a helper does not hold."""

    def __init__(self, gate: str, value: str, limit: str) -> None:
        super().__init__(gate, value, limit)
        self.gate, self.value, self.limit = gate, value, limit


class Entry(NamedTuple):
    """What ``enter`` was asked for."""

    side: str
    amount: Number | None
    risk: float | None
    value: float | None
    stop: float | None
    target: float | None
    target_r: float | None
    limit: float | None
    trail: float | None
    add: bool
    tif: str
    expire: int | None
    post_only: bool
    symbol: str | None
    reason: str

    def send(self, context: Context) -> Bracket:
        """Check everything, then record the entry and its children."""
        side = side_of(self.side)
        instrument = context.instrument(self.symbol)
        self._may_enter(context, instrument)
        price = self.limit if self.limit is not None else context.get_price(self.symbol)
        if price is None:
            raise HelperRefused("price", "none", "known")
        positive(price, "price")
        target = self._target(side, price)
        on_loss_side(side, self.stop, price, "stop")
        on_gain_side(side, target, price, "target")
        amount = self._size(context, price)
        intent = context.build_order(
            self.side,
            amount,
            "market" if self.limit is None else "limit",
            self.limit,
            symbol=self.symbol,
            tif=self.tif,
            expire=self.expire,
            post_only=self.post_only,
            reason=self.reason,
        )
        whole = intent.quantity / POWERS[instrument.size_scale]
        family = Family(context, side, whole, self.symbol, intent.client_order_id)
        guards = family.guards(self.stop, target, self.trail)
        # Only now, when its guards are known to be legal: no entry goes out without them.
        for each in (intent, *guards):
            context.record(each)
        return bracket_of(intent.client_order_id, guards)

    def _may_enter(self, context: Context, instrument: Instrument) -> None:
        position = context.get_position(self.symbol)
        if position and not self.add:
            raise HelperRefused("flat", f"{position.side} {position.amount:.8g}", "flat")
        pending = context.pending(instrument.instrument_id, OrderRole.ENTRY)
        if pending is not None:
            raise HelperRefused("entry", f"{pending} asked for", "none working")
        for order in context.get_open_orders(self.symbol):
            if order.symbol != instrument.symbol:
                continue
            if order.is_unknown:
                raise HelperRefused("orders", f"{order.id} UNKNOWN", "all known")
            if order.is_entry:
                raise HelperRefused("entry", f"{order.id} {order.status}", "none working")

    def _target(self, side: OrderSide, price: float) -> float | None:
        if self.target_r is None:
            return self.target
        if self.target is not None:
            raise HelperRefused("target", "given twice", "one of target, target_r")
        if self.stop is None:
            raise HelperRefused("stop", "none", "given, target_r counts in its distance")
        distance = positive(self.target_r, "target_r") * abs(price - positive(self.stop, "stop"))
        return price + distance if side is OrderSide.BUY else price - distance

    def _size(self, context: Context, price: float) -> Number:
        given = [x for x in (self.amount, self.risk, self.value) if x is not None]
        if len(given) != 1:
            raise HelperRefused("size", f"{len(given)} given", "one of amount, risk, value")
        if self.amount is not None:
            return self.amount
        if self.risk is not None:
            positive(self.risk, "risk")
            if self.stop is None:
                raise HelperRefused("stop", "none", "given, risk is what is lost there")
        else:
            positive(self.value or math.nan, "value")
        amount = context.suggest_order_amount(
            self.side,
            price=price,
            risk=self.risk,
            stop=self.stop,
            value=self.value,
            symbol=self.symbol,
        )
        if not amount:
            raise HelperRefused("amount", "less than a lot", "what budget and cash allow")
        return amount


class Family(NamedTuple):
    """Makes the stop and the target that guard an entry, or a position."""

    context: Context
    side: OrderSide
    amount: float
    symbol: str | None
    parent: ClientOrderId | None

    def guards(
        self, stop: float | None, target: float | None, trail: float | None
    ) -> list[PlaceOrder]:
        """Return them as one OCO group, not yet recorded."""
        both = target is not None and (stop is not None or trail is not None)
        group = f"oco-{self.parent or self.context.now}" if both else None
        guards = []
        if trail is not None:
            guards.append(self._child("trailing_stop", None, stop, trail, group, "stop_loss"))
        elif stop is not None:
            guards.append(self._child("stop", None, stop, None, group, "stop_loss"))
        if target is not None:
            guards.append(self._child("limit", target, None, None, group, "take_profit"))
        return guards

    def _child(
        self,
        kind: str,
        price: float | None,
        stop: float | None,
        trail: float | None,
        group: str | None,
        role: str,
    ) -> PlaceOrder:
        return self.context.build_order(
            "sell" if self.side is OrderSide.BUY else "buy",
            self.amount,
            kind,
            price,
            symbol=self.symbol,
            stop=stop,
            trail=trail,
            reduce_only=True,
            oco=group,
            parent=self.parent,
            role=role,
        )


def bracket_of(entry: ClientOrderId, guards: list[PlaceOrder]) -> Bracket:
    """Return the ids of an entry and its guards, by what they are for."""
    ids = {guard.role.value: guard.client_order_id for guard in guards}
    return Bracket(entry, ids.get("stop_loss"), ids.get("take_profit"))


def no_exit_working(context: Context, symbol: str | None) -> None:
    """Refuse when an exit of the market is working, or was asked for in this step."""
    instrument = context.instrument(symbol)
    pending = context.pending(instrument.instrument_id, OrderRole.EXIT)
    if pending is not None:
        raise HelperRefused("exit", f"{pending} asked for", "none working")
    for order in context.get_open_orders(symbol):
        if order.role == "exit" and order.symbol == instrument.symbol:
            raise HelperRefused("exit", f"{order.id} {order.status}", "none working")


def positive(value: float, name: str) -> float:
    """Return a finite number above zero; refuse anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < math.inf:
        raise HelperRefused(name, shown(value), "a number above 0")
    return value


def on_loss_side(side: OrderSide, stop: float | None, price: float, name: str) -> None:
    """Refuse a stop that is already beyond the price: it would close at once."""
    if stop is None:
        return
    positive(stop, name)
    if (stop >= price) if side is OrderSide.BUY else (stop <= price):
        where = "below" if side is OrderSide.BUY else "above"
        raise HelperRefused(name, f"{stop:.10g}", f"{where} {price:.10g} for a {_WORDS[side]}")


def on_gain_side(side: OrderSide, target: float | None, price: float, name: str) -> None:
    """Refuse a target that the price has passed already."""
    if target is None:
        return
    positive(target, name)
    if (target <= price) if side is OrderSide.BUY else (target >= price):
        where = "above" if side is OrderSide.BUY else "below"
        raise HelperRefused(name, f"{target:.10g}", f"{where} {price:.10g} for a {_WORDS[side]}")
