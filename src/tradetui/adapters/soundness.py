"""What a market item can never be, whatever its source: told before it goes any further.

A file is refused by line when it is read; what comes one at a time is judged here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

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
    check = _CHECKS.get(item.payload.__class__)
    return check is not None and check(item.payload, item)


def are_sound(items: Iterable[MarketItem], instruments: Mapping[InstrumentId, Instrument]) -> bool:
    """Tell whether all of several items are (``is_sound``); the usual quote is judged here."""
    for item in items:
        quote: Any = item.payload
        if (
            quote.__class__ is Quote
            and 0 < quote.bid <= quote.ask <= I64_MAX
            and 0 <= quote.bid_quantity <= I64_MAX
            and 0 <= quote.ask_quantity <= I64_MAX
            and 0 < item.event_time <= I64_MAX
        ):
            instrument = instruments.get(item.instrument_id)
            if instrument is not None and instrument.venue == item.venue:
                continue
        if not is_sound(item, instruments):
            return False
    return True


def _is_sound_quote(quote: Quote, item: MarketItem) -> bool:
    """Tell so of a quote: an empty side has neither price nor quantity, and the bid is not above
    the ask.
    """
    bid, ask = quote.bid, quote.ask
    bid_quantity, ask_quantity = quote.bid_quantity, quote.ask_quantity
    if not (0 <= bid_quantity <= I64_MAX and 0 <= ask_quantity <= I64_MAX):
        return False
    if 0 < bid <= ask <= I64_MAX:
        return True
    if not (0 <= bid <= I64_MAX and 0 <= ask <= I64_MAX):
        return False
    if (bid_quantity and not bid) or (ask_quantity and not ask):
        return False
    return bid <= ask or not ask


def _is_sound_trade(trade: Trade, item: MarketItem) -> bool:
    return 0 < trade.price <= I64_MAX and 0 < trade.quantity <= I64_MAX


def _is_sound_open(opened: BarOpen, item: MarketItem) -> bool:
    return 0 < opened.open <= I64_MAX


def _is_sound_gap(gap: DataGap, item: MarketItem) -> bool:
    return gap.from_time <= gap.to_time


def _is_sound_update(update: InstrumentUpdated, item: MarketItem) -> bool:
    return update.instrument.instrument_id == item.instrument_id


def _is_sound_bar(bar: Bar, item: MarketItem) -> bool:
    """Tell so of a bar: it closed after it opened, and its high and low hold the other two."""
    return (
        bar.open_time < bar.close_time
        and 0 < bar.low <= min(bar.open, bar.close)
        and max(bar.open, bar.close) <= bar.high <= I64_MAX
        and 0 <= bar.volume <= I64_MAX
    )


_CHECKS: Final[dict[type, Callable[[Any, MarketItem], bool]]] = {
    Quote: _is_sound_quote,
    Trade: _is_sound_trade,
    Bar: _is_sound_bar,
    BarOpen: _is_sound_open,
    DataGap: _is_sound_gap,
    InstrumentUpdated: _is_sound_update,
}
"""By class: that of a Struct costs many times as much to ask for by ``isinstance``."""
