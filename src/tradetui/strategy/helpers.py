"""Orders as a trader says them: enter, bracket, close, reduce, protect, move the stop, cancel.

No helper raises for what the market or the data bring, nor in observe: it returns None (or False)
and records the condition that said no, which *why* shows.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from tradetui.domain.enums import OrderRole, OrderSide
from tradetui.domain.ids import ClientOrderId
from tradetui.domain.instruments import Instrument
from tradetui.strategy.context import Context
from tradetui.strategy.errors import InvalidOrder
from tradetui.strategy.events import POWERS, OrderView
from tradetui.strategy.numbers import Number, shown
from tradetui.strategy.orders import side_of

_WORDS: Final = {OrderSide.BUY: "long", OrderSide.SELL: "short"}


class Bracket(NamedTuple):
    """The ids of an entry and of its children; None for one that was not asked for."""

    entry: ClientOrderId
    stop: ClientOrderId | None
    target: ClientOrderId | None


class _Refused(Exception):  # noqa: N818 - never leaves this module
    """A condition of a helper does not hold."""

    def __init__(self, gate: str, value: str, limit: str) -> None:
        super().__init__(gate, value, limit)
        self.gate, self.value, self.limit = gate, value, limit


class OrderHelpers:
    """The helpers; a part of Strategy."""

    context: Context

    def enter(
        self,
        side: str,
        *,
        amount: Number | None = None,
        risk: float | None = None,
        value: float | None = None,
        stop: float | None = None,
        target: float | None = None,
        target_r: float | None = None,
        limit: float | None = None,
        trail: float | None = None,
        add: bool = False,
        tif: str = "gtc",
        expire: int | None = None,
        post_only: bool = False,
        symbol: str | None = None,
        reason: str = "",
    ) -> ClientOrderId | None:
        """Open a position, with its stop and target, and return the entry's id.

        ``side`` is ``"long"`` or ``"short"``. The size is one of ``amount`` (base units), ``risk``
        (the part of the budget lost at ``stop``) and ``value`` (in the quote currency); the last
        two are cut to what the free budget and cash allow. ``target_r`` is the target's distance in
        units of the stop's. ``limit`` makes the entry a limit order, ``trail`` makes the stop
        follow at that distance. Returns None, with the reason recorded, while a position is held
        (unless ``add``), while an entry is working or unknown, or when the numbers do not fit.
        """
        bracket = self._attempt(
            f"enter {side}",
            _Entry(
                side, amount, risk, value, stop, target, target_r, limit, trail, add, tif, expire,
                post_only, symbol, reason,
            ),
        )  # fmt: skip
        return None if bracket is None else bracket.entry

    def bracket(
        self,
        side: str,
        *,
        stop: float,
        target: float | None = None,
        target_r: float | None = None,
        amount: Number | None = None,
        risk: float | None = None,
        value: float | None = None,
        limit: float | None = None,
        add: bool = False,
        symbol: str | None = None,
        reason: str = "",
    ) -> Bracket | None:
        """Enter with a stop and a target that cancel each other, and return all three ids.

        The same as ``enter`` otherwise.
        """
        return self._attempt(
            f"bracket {side}",
            _Entry(
                side, amount, risk, value, stop, target, target_r, limit, None, add, "gtc", None,
                False, symbol, reason,
            ),
        )  # fmt: skip

    def close(self, *, symbol: str | None = None, reason: str = "") -> ClientOrderId | None:
        """Cancel working entries and close the position at market; return the exit's id.

        Returns None, with the reason recorded, when flat or when an exit is already working. The
        stop and the target go with the position.
        """
        try:
            context = self.context
            for order in context.get_open_orders(symbol):
                if order.is_entry and order.status != "CancelPending":
                    context.cancel_order(order, reason or "close")
            return self._exit(None, None, symbol, reason or "close")
        except _Refused as no:
            context.refuse("close", no.gate, no.value, no.limit)
            return None

    def reduce(
        self,
        amount: Number | None = None,
        *,
        fraction: float | None = None,
        limit: float | None = None,
        symbol: str | None = None,
        reason: str = "",
    ) -> ClientOrderId | None:
        """Close a part of the position: ``amount`` in base units, or a ``fraction`` of it.

        At market, or at ``limit``. Never more than is held. Returns None, with the reason recorded,
        when flat, when an exit is already working, or when the amount is less than a lot.
        """
        try:
            if (amount is None) is (fraction is None):
                raise _Refused("size", "unclear", "one of amount, fraction")
            if fraction is not None:
                if not 0 < fraction <= 1:
                    raise _Refused("fraction", shown(fraction), "above 0, at most 1")
                amount = self.context.get_position(symbol).amount * fraction
            return self._exit(amount, limit, symbol, reason or "reduce")
        except _Refused as no:
            self.context.refuse("reduce", no.gate, no.value, no.limit)
        except InvalidOrder as problem:
            self.context.refuse("reduce", "order", str(problem), "legal")
        return None

    def protect(
        self,
        *,
        stop: float | None = None,
        target: float | None = None,
        trail: float | None = None,
        symbol: str | None = None,
    ) -> Bracket | None:
        """Guard the position held with a stop and/or a target that cancel each other.

        ``entry`` of the result is empty. Returns None, with the reason recorded, when flat, when a
        stop (or target) is already working, or when a price is on the wrong side.
        """
        try:
            return self._protect(stop, target, trail, symbol)
        except _Refused as no:
            self.context.refuse("protect", no.gate, no.value, no.limit)
        except InvalidOrder as problem:
            self.context.refuse("protect", "order", str(problem), "legal")
        return None

    def move_stop(self, price: float, *, symbol: str | None = None) -> ClientOrderId | None:
        """Move the working stop to ``price`` and return the id it has then.

        A position without a stop gets one. Returns None, with the reason recorded, when there is
        nothing to protect, when the last move is unanswered, or when the price is on the wrong side
        of the market.
        """
        try:
            return self._move_stop(price, symbol)
        except _Refused as no:
            self.context.refuse("move_stop", no.gate, no.value, no.limit)
        except InvalidOrder as problem:
            self.context.refuse("move_stop", "order", str(problem), "legal")
        return None

    def cancel(self, order: OrderView | str, *, reason: str = "") -> bool:
        """Cancel one order; False, with the reason recorded, when there is nothing to cancel."""
        context = self.context
        key = order.client_order_id if isinstance(order, OrderView) else str(order)
        known = context.get_order(key)
        if known is None or not known.is_open or known.status == "CancelPending":
            found = "unknown" if known is None else known.status
            context.refuse("cancel", "order", f"{key} {found}", "open")
            return False
        context.cancel_order(known, reason)
        return True

    # How they are done.

    def _attempt(self, what: str, entry: _Entry) -> Bracket | None:
        try:
            return entry.send(self.context)
        except _Refused as no:
            self.context.refuse(what, no.gate, no.value, no.limit)
        except InvalidOrder as problem:
            self.context.refuse(what, "order", str(problem), "legal")
        return None

    def _exit(
        self, amount: Number | None, limit: float | None, symbol: str | None, reason: str
    ) -> ClientOrderId:
        context = self.context
        position = context.get_position(symbol)
        if not position:
            raise _Refused("position", "flat", "held")
        _no_exit_working(context, symbol)
        held = position.amount
        if amount is None or float(amount) > held:
            amount = held
        intent = context.build_order(
            "sell" if position.is_long else "buy",
            amount,
            "market" if limit is None else "limit",
            limit,
            symbol=symbol,
            reduce_only=True,
            role="exit",
            reason=reason,
        )
        context.record(intent)
        return intent.client_order_id

    def _protect(
        self,
        stop: float | None,
        target: float | None,
        trail: float | None,
        symbol: str | None,
    ) -> Bracket:
        context = self.context
        position = context.get_position(symbol)
        if not position:
            raise _Refused("position", "flat", "held")
        if stop is None and target is None and trail is None:
            raise _Refused("guard", "nothing", "stop, target or trail")
        wanted = []
        if stop is not None or trail is not None:
            wanted.append("stop_loss")
        if target is not None:
            wanted.append("take_profit")
        for order in context.get_open_orders(symbol):
            if order.role in wanted and order.symbol == position.symbol:
                raise _Refused("guard", f"{order.role} {order.id} working", "none of its kind")
        price = context.get_price(symbol)
        if price is None:
            raise _Refused("price", "none", "known")
        side = OrderSide.BUY if position.is_long else OrderSide.SELL
        _on_loss_side(side, stop, price, "stop")
        _on_gain_side(side, target, price, "target")
        family = _Family(context, side, position.amount, symbol, None)
        return Bracket(ClientOrderId(""), *family.guard(stop, target, trail))

    def _move_stop(self, price: float, symbol: str | None) -> ClientOrderId | None:
        context = self.context
        market = context.instrument(symbol).symbol
        stops = [
            order
            for order in context.get_open_orders(symbol)
            if order.role == "stop_loss" and order.symbol == market
        ]
        if not stops:
            guard = self._protect(price, None, None, symbol)
            return guard.stop
        order = stops[-1]
        if order.is_replacing or order.status == "CancelPending":
            raise _Refused("stop", f"{order.id} not answered", "acknowledged")
        last = context.get_price(symbol)
        if last is None:
            raise _Refused("price", "none", "known")
        # A stop that guards a long sells.
        side = OrderSide.BUY if order.side == "sell" else OrderSide.SELL
        _on_loss_side(side, price, last, "stop")
        if order.stop == price:
            return order.client_order_id
        return context.replace_order(order, stop=price, reason="move stop")


class _Entry(NamedTuple):
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
            raise _Refused("price", "none", "known")
        _positive(price, "price")
        target = self._target(side, price)
        _on_loss_side(side, self.stop, price, "stop")
        _on_gain_side(side, target, price, "target")
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
        context.record(intent)
        entry = intent.client_order_id
        whole = intent.quantity / POWERS[instrument.size_scale]
        family = _Family(context, side, whole, self.symbol, entry)
        return Bracket(entry, *family.guard(self.stop, target, self.trail))

    def _may_enter(self, context: Context, instrument: Instrument) -> None:
        position = context.get_position(self.symbol)
        if position and not self.add:
            raise _Refused("flat", f"{position.side} {position.amount:.8g}", "flat")
        pending = context.pending(instrument.instrument_id, OrderRole.ENTRY)
        if pending is not None:
            raise _Refused("entry", f"{pending} asked for", "none working")
        for order in context.get_open_orders(self.symbol):
            if order.symbol != instrument.symbol:
                continue
            if order.is_unknown:
                raise _Refused("orders", f"{order.id} UNKNOWN", "all known")
            if order.is_entry:
                raise _Refused("entry", f"{order.id} {order.status}", "none working")

    def _target(self, side: OrderSide, price: float) -> float | None:
        if self.target_r is None:
            return self.target
        if self.target is not None:
            raise _Refused("target", "given twice", "one of target, target_r")
        if self.stop is None:
            raise _Refused("stop", "none", "given, target_r counts in its distance")
        distance = _positive(self.target_r, "target_r") * abs(price - _positive(self.stop, "stop"))
        return price + distance if side is OrderSide.BUY else price - distance

    def _size(self, context: Context, price: float) -> Number:
        given = [x for x in (self.amount, self.risk, self.value) if x is not None]
        if len(given) != 1:
            raise _Refused("size", f"{len(given)} given", "one of amount, risk, value")
        if self.amount is not None:
            return self.amount
        if self.risk is not None:
            _positive(self.risk, "risk")
            if self.stop is None:
                raise _Refused("stop", "none", "given, risk is what is lost there")
        else:
            _positive(self.value or math.nan, "value")
        amount = context.suggest_order_amount(
            self.side,
            price=price,
            risk=self.risk,
            stop=self.stop,
            value=self.value,
            symbol=self.symbol,
        )
        if not amount:
            raise _Refused("amount", "less than a lot", "what budget and cash allow")
        return amount


class _Family(NamedTuple):
    """Places the stop and the target that guard an entry, or a position."""

    context: Context
    side: OrderSide
    amount: float
    symbol: str | None
    parent: ClientOrderId | None

    def guard(
        self, stop: float | None, target: float | None, trail: float | None
    ) -> tuple[ClientOrderId | None, ClientOrderId | None]:
        """Record them as one OCO group; return their ids."""
        stop_id = target_id = None
        both = target is not None and (stop is not None or trail is not None)
        group = f"oco-{self.parent or self.context.now}" if both else None
        if trail is not None:
            stop_id = self._child("trailing_stop", None, stop, trail, group, "stop_loss")
        elif stop is not None:
            stop_id = self._child("stop", None, stop, None, group, "stop_loss")
        if target is not None:
            target_id = self._child("limit", target, None, None, group, "take_profit")
        return stop_id, target_id

    def _child(
        self,
        kind: str,
        price: float | None,
        stop: float | None,
        trail: float | None,
        group: str | None,
        role: str,
    ) -> ClientOrderId:
        intent = self.context.build_order(
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
        self.context.record(intent)
        return intent.client_order_id


def _no_exit_working(context: Context, symbol: str | None) -> None:
    instrument = context.instrument(symbol)
    pending = context.pending(instrument.instrument_id, OrderRole.EXIT)
    if pending is not None:
        raise _Refused("exit", f"{pending} asked for", "none working")
    for order in context.get_open_orders(symbol):
        if order.role == "exit" and order.symbol == instrument.symbol:
            raise _Refused("exit", f"{order.id} {order.status}", "none working")


def _positive(value: float, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < math.inf:
        raise _Refused(name, shown(value), "a number above 0")
    return value


def _on_loss_side(side: OrderSide, stop: float | None, price: float, name: str) -> None:
    """A stop that is already beyond the price would close at once."""
    if stop is None:
        return
    _positive(stop, name)
    if (stop >= price) if side is OrderSide.BUY else (stop <= price):
        where = "below" if side is OrderSide.BUY else "above"
        raise _Refused(name, f"{stop:.10g}", f"{where} {price:.10g} for a {_WORDS[side]}")


def _on_gain_side(side: OrderSide, target: float | None, price: float, name: str) -> None:
    if target is None:
        return
    _positive(target, name)
    if (target <= price) if side is OrderSide.BUY else (target >= price):
        where = "above" if side is OrderSide.BUY else "below"
        raise _Refused(name, f"{target:.10g}", f"{where} {price:.10g} for a {_WORDS[side]}")
