"""What a market item can never be, whatever its source: told before it goes any further.

A file is refused by line when it is read; what comes one at a time is judged here.
"""

from __future__ import annotations

from collections.abc import Mapping

from tradetui.domain.ids import InstrumentId
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import (
    Bar,
    BarOpen,
    DataGap,
    InstrumentUpdated,
    MarketItem,
    Quote,
    Trade,
)
from tradetui.domain.units import I64_MAX


def is_sound(item: MarketItem, instruments: Mapping[InstrumentId, Instrument]) -> bool:
    """Tell whether an item is of a market that its feed carries, of a moment that can be, and can
    be true in itself.
    """
    instrument = instruments.get(item.instrument_id)
    if instrument is None or instrument.venue != item.venue:
        return False
    if not 0 < item.event_time <= I64_MAX:
        return False
    payload: object = item.payload
    match payload:
        case Quote() as quote:
            return _is_sound_quote(quote)
        case Trade(price=price, quantity=quantity):
            return 0 < price <= I64_MAX and 0 < quantity <= I64_MAX
        case Bar() as bar:
            return _is_sound_bar(bar)
        case BarOpen(open=price):
            return 0 < price <= I64_MAX
        case DataGap(from_time=since, to_time=until):
            return since <= until
        case InstrumentUpdated(instrument=updated):
            return updated.instrument_id == item.instrument_id
    return False


def _is_sound_quote(quote: Quote) -> bool:
    """Tell so of a quote: an empty side has neither price nor quantity, and the bid is not above
    the ask.
    """
    bid, ask = quote.bid, quote.ask
    if not (0 <= bid <= I64_MAX and 0 <= ask <= I64_MAX):
        return False
    if not (0 <= quote.bid_quantity <= I64_MAX and 0 <= quote.ask_quantity <= I64_MAX):
        return False
    if (quote.bid_quantity and not bid) or (quote.ask_quantity and not ask):
        return False
    return bid <= ask or not ask


def _is_sound_bar(bar: Bar) -> bool:
    """Tell so of a bar: it closed after it opened, and its high and low hold the other two."""
    return (
        bar.open_time < bar.close_time
        and 0 < bar.low <= min(bar.open, bar.close)
        and max(bar.open, bar.close) <= bar.high <= I64_MAX
        and 0 <= bar.volume <= I64_MAX
    )
