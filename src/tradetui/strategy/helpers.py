"""Orders as a trader says them: enter, bracket, close, reduce, protect, move the stop, cancel.

No helper raises for what the market or the data bring, nor in observe: it returns None (or False)
and records the condition that said no, which *why* shows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tradetui.domain.enums import OrderRole, OrderSide
from tradetui.domain.ids import ClientOrderId
from tradetui.strategy.context import Context
from tradetui.strategy.entries import (
    Bracket,
    Entry,
    Family,
    HelperRefused,
    bracket_of,
    no_exit_working,
    on_gain_side,
    on_loss_side,
    positive,
)
from tradetui.strategy.errors import InvalidOrder
from tradetui.strategy.events import POWERS, OrderView
from tradetui.strategy.numbers import Number, amount_to_int, shown

Result = TypeVar("Result")


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
            lambda: Entry(
                side, amount, risk, value, stop, target, target_r, limit, trail, add, tif, expire,
                post_only, symbol, reason,
            ).send(self.context),
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
            lambda: Entry(
                side, amount, risk, value, stop, target, target_r, limit, None, add, "gtc", None,
                False, symbol, reason,
            ).send(self.context),
        )  # fmt: skip

    def close(self, *, symbol: str | None = None, reason: str = "") -> ClientOrderId | None:
        """Cancel working entries and exits, and close the position at market; return the exit's id.

        Returns None, with the reason recorded, when flat or when a close is already under way. The
        stop and the target go with the position.
        """
        return self._attempt("close", lambda: self._close(symbol, reason or "close"))

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
        return self._attempt(
            "reduce", lambda: self._reduce(amount, fraction, limit, symbol, reason or "reduce")
        )

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
        return self._attempt("protect", lambda: self._protect(stop, target, trail, symbol))

    def move_stop(self, price: float, *, symbol: str | None = None) -> ClientOrderId | None:
        """Move the working stop to ``price`` and return the id it has then.

        A position without a stop gets one. Returns None, with the reason recorded, when there is
        nothing to protect, when the last move is unanswered, or when the price is on the wrong side
        of the market.
        """
        return self._attempt("move_stop", lambda: self._move_stop(price, symbol))

    def place(
        self,
        side: str,
        amount: Number,
        type: str = "market",  # noqa: A002 - the word of the contract
        price: Number | None = None,
        *,
        symbol: str | None = None,
        stop: Number | None = None,
        trail: Number | None = None,
        tif: str = "gtc",
        expire: int | None = None,
        post_only: bool = False,
        reduce_only: bool = False,
        oco: str | None = None,
        parent: OrderView | str | None = None,
        role: str | None = None,
        reason: str = "",
    ) -> ClientOrderId | None:
        """Place any order, like ``context.place_order``, without an exception for a bad number.

        Returns its id; None, with the reason recorded, when it cannot be understood.
        """
        intent = self._attempt(
            f"place {side}",
            lambda: self.context.build_order(
                side,
                amount,
                type,
                price,
                symbol=symbol,
                stop=stop,
                trail=trail,
                tif=tif,
                expire=expire,
                post_only=post_only,
                reduce_only=reduce_only,
                oco=oco,
                parent=parent,
                role=role,
                reason=reason,
            ),
        )
        if intent is None:
            return None
        self.context.record(intent)
        return intent.client_order_id

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

    def _attempt(self, what: str, act: Callable[[], Result]) -> Result | None:
        """Run a helper; what does not hold becomes None and a recorded reason."""
        try:
            return act()
        except HelperRefused as no:
            self.context.refuse(what, no.gate, no.value, no.limit)
        except InvalidOrder as problem:
            self.context.refuse(what, "order", str(problem), "legal")
        return None

    def _close(self, symbol: str | None, reason: str) -> ClientOrderId:
        context = self.context
        market = context.instrument(symbol)
        pending = context.pending(market.instrument_id, OrderRole.EXIT)
        if pending is not None:
            raise HelperRefused("exit", f"{pending} asked for", "none working")
        working = [
            order
            for order in context.get_open_orders(symbol)
            if order.symbol == market.symbol and not order.is_protective
        ]
        for order in working:
            if order.role == "exit" and order.type == "market":
                raise HelperRefused("exit", f"{order.id} {order.status}", "none working")
        for order in working:
            if order.status != "CancelPending":
                context.cancel_order(order, reason)
        return self._exit(None, None, symbol, reason)

    def _reduce(
        self,
        amount: Number | None,
        fraction: float | None,
        limit: float | None,
        symbol: str | None,
        reason: str,
    ) -> ClientOrderId:
        if (amount is None) is (fraction is None):
            raise HelperRefused("size", "unclear", "one of amount, fraction")
        if fraction is not None:
            if positive(fraction, "fraction") > 1:
                raise HelperRefused("fraction", shown(fraction), "above 0, at most 1")
            amount = self.context.get_position(symbol).amount * fraction
        no_exit_working(self.context, symbol)
        return self._exit(amount, limit, symbol, reason)

    def _exit(
        self, amount: Number | None, limit: float | None, symbol: str | None, reason: str
    ) -> ClientOrderId:
        context = self.context
        position = context.get_position(symbol)
        if not position:
            raise HelperRefused("position", "flat", "held")
        quantity = abs(context.ledger_position(symbol).quantity)
        instrument = context.instrument(symbol)
        if amount is not None:
            quantity = min(quantity, amount_to_int(amount, instrument))
        intent = context.build_order(
            "sell" if position.is_long else "buy",
            quantity / POWERS[instrument.size_scale],
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
            raise HelperRefused("position", "flat", "held")
        if stop is None and target is None and trail is None:
            raise HelperRefused("guard", "nothing", "stop, target or trail")
        wanted = []
        if stop is not None or trail is not None:
            wanted.append("stop_loss")
        if target is not None:
            wanted.append("take_profit")
        for order in context.get_open_orders(symbol):
            if order.role in wanted and order.symbol == position.symbol:
                raise HelperRefused("guard", f"{order.role} {order.id} working", "none of its kind")
        price = context.get_price(symbol)
        if price is None:
            raise HelperRefused("price", "none", "known")
        side = OrderSide.BUY if position.is_long else OrderSide.SELL
        on_loss_side(side, stop, price, "stop")
        on_gain_side(side, target, price, "target")
        family = Family(context, side, position.amount, symbol, None)
        guards = family.guards(stop, target, trail)
        for guard in guards:
            context.record(guard)
        return bracket_of(ClientOrderId(""), guards)

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
            raise HelperRefused("stop", f"{order.id} not answered", "acknowledged")
        last = context.get_price(symbol)
        if last is None:
            raise HelperRefused("price", "none", "known")
        # A stop that guards a long sells.
        side = OrderSide.BUY if order.side == "sell" else OrderSide.SELL
        on_loss_side(side, price, last, "stop")
        if order.stop == price:
            return order.client_order_id
        return context.replace_order(order, stop=price, reason="move stop")
