"""Payloads of source ``market_data``.

Prices at the instrument's price scale, quantities at its size scale.
"""

from __future__ import annotations

from tradetui.domain.enums import OrderSide
from tradetui.domain.ids import InstrumentId, StrategyId
from tradetui.domain.instruments import Instrument
from tradetui.domain.record import Record


class Bar(Record, frozen=True):
    """One closed candle: prices at the instrument's price scale, ``volume`` at its size scale.

    The event is stamped at the close; ``open_time`` and ``close_time`` are ns UTC.
    ``warmup_for`` names the one instance that a bar of history is meant for; nothing trades on it.
    """

    open_time: int
    close_time: int
    open: int
    high: int
    low: int
    close: int
    volume: int
    warmup_for: StrategyId | None = None


class Trade(Record, frozen=True):
    """One public trade: ``price`` at the instrument's price scale, ``quantity`` at its size scale.

    ``aggressor`` is the side that took liquidity, None where the source does not say.
    """

    price: int
    quantity: int
    aggressor: OrderSide | None = None
    trade_id: str = ""


class Quote(Record, frozen=True):
    """The best bid and ask: prices at the instrument's price scale, quantities at its size scale.

    A side that is empty has price 0 and quantity 0.
    """

    bid: int
    bid_quantity: int
    ask: int
    ask_quantity: int


class DataGap(Record, frozen=True):
    """Items were lost or never recorded between two moments (ns UTC)."""

    from_time: int
    to_time: int
    reason: str


class InstrumentUpdated(Record, frozen=True):
    """An instrument is new, or its increments, limits or fees changed (its scales never do)."""

    instrument: Instrument


class BarOpen(Record, frozen=True):
    """The first price of a bar, shown to the simulated venue at the bar's open time; never
    sequenced.
    """

    open_time: int
    open: int


MarketPayload = Bar | Trade | Quote | DataGap | InstrumentUpdated


class MarketItem(Record, frozen=True):
    """What an edge hands to the engine: one payload of one instrument at one moment, not yet
    sequenced.

    ``event_time`` is the source's time (ns UTC). ``producer`` is the index of the feed, the last
    tie-breaker.
    """

    event_time: int
    venue: str
    instrument_id: InstrumentId
    payload: Bar | Trade | Quote | DataGap | InstrumentUpdated | BarOpen
    producer: int = 0
