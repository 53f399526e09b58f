"""The short way of what most market orders meet: a bar at whose open they fill, alone.

A bar is three segments, and each is a walk through every book. Where one plain market order is all
that rests on the instrument, it fills whole at the open and nothing is left for the rest of the
bar: this does in one go what ``matching`` would do in three walks, with the same records. For
anything else it answers False, having written nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tradetui.core.venue.book import Book, Resting, VenueState
from tradetui.core.venue.filling import book_fill
from tradetui.core.venue.fills import slipped
from tradetui.core.venue.funds import Balance, cash_flow, spendable
from tradetui.core.venue.models import FillModel
from tradetui.core.venue.tape import absorb
from tradetui.domain.enums import LiquiditySide, OrderSide, OrderType
from tradetui.domain.market_data import Bar, MarketItem

_FULL: Final = FillModel.FULL
_MARKET: Final = OrderType.MARKET
_TAKER: Final = LiquiditySide.TAKER
_BUY: Final = OrderSide.BUY

_SEGMENTS: Final = 3
"""Open, range and close: what a bar is cut into whose open was not shown before."""


def fill_at_open(
    state: VenueState, item: MarketItem, bar: Bar, balance: Balance | None = None
) -> bool:
    """Fill the one market order of an instrument at a bar's open, if that is all there is to do.

    ``balance`` says what its route can pay; None: nothing limits it.
    """
    instrument_id, opened = item.instrument_id, bar.open_time
    tape = state.tapes.get(instrument_id)
    if (
        tape is None
        or state.busy[instrument_id] != 1
        or state.pending.get(instrument_id)
        or tape.open_time == opened
        or tape.fine_time > opened
        or bar.open <= 0
        or state.config.fill_model is not _FULL
    ):
        return False
    books = state.books[instrument_id]
    order = _only_order(books.values())
    if order is None or order.active_time > opened or order.ready > state.segment + 1:
        return False
    terms, config = order.terms, state.config
    instrument, side = state.instruments[instrument_id], terms.side
    price = slipped(instrument, side, bar.open, config.slippage_ppm, None)
    if side is _BUY:
        cash = spendable(balance, terms.route_id, instrument)
        if cash is not None and (
            cash + cash_flow(config, instrument, side, _TAKER, order.leaves, price) < 0
        ):
            return False
    state.now = item.event_time
    book_fill(state, instrument, order, order.leaves, price, _TAKER)
    state.remove(order)
    state.note_unasked(terms.client_order_id)
    state.segment += _SEGMENTS
    absorb(tape, item)
    return True


def _only_order(books: Iterable[Book]) -> Resting | None:
    """Return the order of some books that hold one, if no other can be concerned by its fill; None
    where it is no plain market order, or volume of the bar is spoken for.
    """
    found: Resting | None = None
    for book in books:
        if book.open_used:
            return None
        for order in book.orders.values():
            found = order
    assert found is not None
    terms = found.terms
    if (
        terms.order_type is not _MARKET
        or terms.reduce_only
        or terms.oco_group is not None
        or found.bracket is not None
        or found.leads is not None
        or found.expire_time is not None
    ):
        return None
    return found
