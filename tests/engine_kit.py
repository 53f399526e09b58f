"""A small made-up market for tests of the engine: instruments, bars, trades, quotes, a sink."""

from __future__ import annotations

from tradetui.domain.enums import InstrumentClass
from tradetui.domain.ids import Currency, instrument_id
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import Bar, MarketItem, Quote, Trade
from tradetui.domain.steps import StepRecord
from tradetui.domain.units import NANOS_PER_MINUTE

START = 17_000 * 1440 * NANOS_PER_MINUTE
"""A midnight."""

BTC = Instrument(
    instrument_id("BTC/USD", "SIM"),
    "BTC/USD",
    "SIM",
    InstrumentClass.SPOT,
    Currency("BTC"),
    Currency("USD"),
    2,
    8,
    1,
    1,
    taker_fee_ppm=1_000,
)
ETH = Instrument(
    instrument_id("ETH/USD", "SIM"),
    "ETH/USD",
    "SIM",
    InstrumentClass.SPOT,
    Currency("ETH"),
    Currency("USD"),
    2,
    8,
    1,
    1,
)


class Steps:
    """A sink that keeps every record."""

    def __init__(self) -> None:
        self.records: list[StepRecord] = []

    def append(self, record: StepRecord) -> None:
        self.records.append(record)

    def types(self) -> list[str]:
        return [record.event.event_type for record in self.records]

    def of(self, event_type: str) -> list[StepRecord]:
        return [record for record in self.records if record.event.event_type == event_type]


def bar(n: int, price: int = 10_000, instrument: Instrument = BTC, length: int = 1) -> MarketItem:
    """Minute ``n`` after START, a bar around ``price`` (scaled)."""
    opened = START + n * NANOS_PER_MINUTE
    closed = opened + length * NANOS_PER_MINUTE
    payload = Bar(opened, closed, price, price + 50, price - 50, price, 100 * 10**8)
    return MarketItem(closed, instrument.venue, instrument.instrument_id, payload)


def trade(time: int, price: int = 10_000, instrument: Instrument = BTC) -> MarketItem:
    return MarketItem(START + time, instrument.venue, instrument.instrument_id, Trade(price, 10**8))


def quote(time: int, bid: int, ask: int, instrument: Instrument = BTC) -> MarketItem:
    payload = Quote(bid, 10**8, ask, 10**8)
    return MarketItem(START + time, instrument.venue, instrument.instrument_id, payload)
