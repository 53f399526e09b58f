"""The market as the simulated venue sees it: each item cut into segments of a price path.

A bar is three segments: its open (a price), its range (every price between low and high, in an
order that nobody knows) and its close (a price). A trade or a quote is one price. An order that
arrived while a bar ran may not use the bar's range, which may be older than the order: ``since``
says how early an order must have been there.

A bar of an instrument whose trades or quotes came while it ran adds nothing and is not used.
"""

from __future__ import annotations

from typing import Final

import msgspec

from tradetui.core.venue.models import FillModel, VenueConfig
from tradetui.domain.enums import OrderSide
from tradetui.domain.market_data import Bar, BarOpen, MarketItem, Quote, Trade
from tradetui.domain.units import PPM, div_floor

_VOLUME_CAP: Final = FillModel.VOLUME_CAP
_BUY: Final = OrderSide.BUY

UNKNOWN: Final = -1

OPEN: Final = 0
RANGE: Final = 1
CLOSE: Final = 2
TRADE: Final = 3
QUOTE: Final = 4
"""The kinds of segments."""


class Segment(msgspec.Struct, frozen=True, gc=False):
    """One piece of a price path.

    ``buy_price`` and ``sell_price`` are what an order that takes pays and gets (0: no one is
    there, or not known). ``buy_high``/``buy_low`` are the extremes that buy orders are tested
    with, ``sell_high``/``sell_low`` those of sell orders. ``high`` and ``low`` bound every fill.
    ``buy_volume`` and ``sell_volume`` are what others traded or offer to a buyer and to a seller;
    a bar's is one volume for both.
    """

    kind: int
    since: int
    buy_price: int
    sell_price: int
    buy_high: int
    buy_low: int
    sell_high: int
    sell_low: int
    high: int
    low: int
    buy_volume: int
    sell_volume: int

    def price(self, side: OrderSide) -> int:
        """Return what an order that takes pays (BUY) or gets (SELL); 0 when there is none."""
        return self.buy_price if side is _BUY else self.sell_price


class Tape(msgspec.Struct, gc=False):
    """What the venue remembers of one instrument's market; zeros and UNKNOWN where it knows not."""

    bid: int = 0
    ask: int = 0
    last: int = 0
    volume: int = UNKNOWN
    """Volume of the newest closed bar: what an open may use, whose own volume is still to come."""
    open_time: int = UNKNOWN
    """Open time of the bar whose open was used."""
    fine_time: int = UNKNOWN
    """Time of the newest trade or quote."""
    is_fine: bool = False
    """Whether trades or quotes are the feed, and bars only repeat them."""

    def taking_price(self, side: OrderSide) -> int:
        """Return the price at which an order would take now: the quote's other side, else the last
        price; 0 when neither is known.
        """
        return (self.ask if side is _BUY else self.bid) or self.last


def absorb(tape: Tape, item: MarketItem) -> None:
    """Remember what an item says of the market."""
    payload = item.payload
    if isinstance(payload, Bar):
        if payload.warmup_for is not None:
            return
        tape.volume = payload.volume
        if tape.fine_time > payload.open_time:
            tape.is_fine = True
        else:
            tape.is_fine = False
            tape.last = payload.close
            tape.bid = tape.ask = 0
    elif isinstance(payload, BarOpen):
        if not tape.is_fine:
            tape.last, tape.open_time = payload.open, payload.open_time
    elif isinstance(payload, Quote):
        tape.bid, tape.ask = payload.bid, payload.ask
        tape.fine_time, tape.is_fine = item.event_time, True
    elif isinstance(payload, Trade):
        tape.last = payload.price
        tape.fine_time, tape.is_fine = item.event_time, True


def segments(tape: Tape, item: MarketItem, config: VenueConfig) -> tuple[Segment, ...]:
    """Cut an item into its segments, in order; none where it says nothing that can be traded on.

    Called before ``absorb``.
    """
    payload = item.payload
    if isinstance(payload, Bar):
        return _of_bar(tape, payload)
    if isinstance(payload, BarOpen):
        is_capped = config.fill_model is _VOLUME_CAP
        if tape.is_fine or (is_capped and tape.volume == UNKNOWN):
            return ()
        if tape.open_time == payload.open_time:
            return ()  # after a restart the feed begins behind the last step: seen before
        return (_point(OPEN, item.event_time, payload.open, max(tape.volume, 0)),)
    if isinstance(payload, Trade):
        price, time = payload.price, item.event_time
        buy = max(price, tape.ask)
        sell = min(price, tape.bid) if tape.bid else price
        volume = payload.quantity
        return (
            Segment(TRADE, time, buy, sell, *(price,) * 4, max(buy, price), sell, volume, volume),
        )
    if isinstance(payload, Quote):
        bid, ask = payload.bid, payload.ask
        return (
            Segment(
                QUOTE,
                item.event_time,
                ask,
                bid,
                *(ask, ask, bid, bid),
                *(ask, bid),
                payload.ask_quantity,
                payload.bid_quantity,
            ),
        )
    return ()


def capacity(config: VenueConfig, volume: int) -> int:
    """Return what of a volume our orders may have, before rounding to the lot."""
    return div_floor(volume * config.volume_share_ppm, PPM)


def _of_bar(tape: Tape, bar: Bar) -> tuple[Segment, ...]:
    if bar.warmup_for is not None or tape.fine_time > bar.open_time:
        return ()
    start, high, low, volume = bar.open_time, bar.high, bar.low, bar.volume
    span = Segment(RANGE, start, 0, 0, high, low, high, low, high, low, volume, volume)
    p = bar.close
    close = Segment(CLOSE, bar.close_time, p, p, p, p, p, p, high, low, volume, volume)
    if tape.open_time == start:
        return (span, close)
    return (_point(OPEN, start, bar.open, volume), span, close)


def _point(kind: int, since: int, p: int, volume: int) -> Segment:
    return Segment(kind, since, p, p, p, p, p, p, p, p, volume, volume)
