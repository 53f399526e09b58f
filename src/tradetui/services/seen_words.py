"""What an instance saw in a step, in the words of an explanation."""

from __future__ import annotations

from typing import Any

from tradetui.domain.explain import SeenMarket, SeenState
from tradetui.domain.formatting import age, grouped, money
from tradetui.domain.intents import PlaceOrder
from tradetui.domain.orders import Order
from tradetui.domain.words import ORDER_WORDS, intent_line, price_text, size_text


def seen_text(seen: SeenState) -> str:
    """Return one line: in which state an instance was, and what it held."""
    why = f" ({seen.state_reason})" if seen.state_reason else ""
    held = [_position_text(one) for one in seen.markets if one.position.quantity]
    return f"{seen.strategy_id} saw: {seen.state}{why}, {'; '.join(held) or 'flat'}"


def _position_text(market: SeenMarket) -> str:
    instrument = market.instrument
    size = grouped(
        market.position.quantity, instrument.size_scale, instrument.size_decimals, signed=True
    )
    return f"{size} {instrument.base} guarded by {market.guard}"


def seen_details(seen: SeenState, now: int) -> tuple[str, ...]:
    """Return lines with its markets, its working orders and its money; ``now`` is of the step."""
    lines = []
    for market in seen.markets:
        instrument = market.instrument
        if market.price is None or market.price_time is None:
            lines.append(f"{instrument.symbol}: no price yet")
            continue
        quote = ""
        if market.bid and market.ask:
            bid, ask = price_text(instrument, market.bid), price_text(instrument, market.ask)
            quote = f", {bid} | {ask}"
        price = price_text(instrument, market.price)
        lines.append(f"{instrument.symbol} {price}, {age(now - market.price_time)} old{quote}")
    instruments = {market.instrument.instrument_id: market.instrument for market in seen.markets}
    lines += [_order_text(order, instruments) for order in seen.orders]
    lines.append(
        f"free {money(seen.cash, seen.currency)} {seen.currency}, budget "
        f"{money(seen.budget, seen.currency)}, of it used "
        f"{money(seen.budget_used, seen.currency)}"
    )
    return tuple(lines)


def _order_text(order: Order, instruments: dict[Any, Any]) -> str:
    terms = order.terms
    instrument = instruments.get(terms.instrument_id)
    if instrument is None:
        return f"working: {terms.client_order_id} {terms.side} {ORDER_WORDS[order.state]}"
    intent = PlaceOrder(
        terms.client_order_id,
        terms.instrument_id,
        terms.side,
        terms.order_type,
        order.quantity,
        terms.price,
        order.trigger_price if order.trigger_price is not None else terms.trigger_price,
        terms.trail_offset,
        terms.time_in_force,
        post_only=terms.post_only,
        reduce_only=terms.reduce_only,
    )
    filled = size_text(instrument, order.filled_quantity)
    return (
        f"working: {terms.client_order_id} {intent_line(intent, instrument)} as {terms.role}, "
        f"{ORDER_WORDS[order.state]}, filled {filled}"
    )
