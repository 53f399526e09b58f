"""The made-up instruments: realistic increments, fees and liquidity, invented prices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tradetui.domain.enums import InstrumentClass
from tradetui.domain.ids import Currency, instrument_id
from tradetui.domain.instruments import Instrument
from tradetui.domain.units import CASH_SCALE, PPM

VENUE: Final = "SIM"


@dataclass(frozen=True, slots=True)
class Character:
    """How a made-up market behaves.

    ``volatility`` is a year's standard deviation of the log price (of the log odds for a
    prediction); ``spread`` is relative to the price; ``typical_size`` is in base units; ``weight``
    is its share of the events. ``follows`` names the market whose price this one shadows with a
    small basis.
    """

    start_price: float
    volatility: float
    spread: float
    typical_size: float
    weight: float = 1.0
    follows: str = ""


def _spot(base: str, tick: int, scale: int, lot: int) -> Instrument:
    symbol = f"{base}/USDT"
    return Instrument(
        instrument_id=instrument_id(symbol, VENUE),
        symbol=symbol,
        venue=VENUE,
        instrument_class=InstrumentClass.SPOT,
        base=Currency(base),
        quote=Currency("USDT"),
        price_scale=scale,
        size_scale=8,
        price_increment=tick,
        size_increment=lot,
        min_quantity=lot,
        min_notional=5 * 10**CASH_SCALE,
        maker_fee_ppm=1_000,
        taker_fee_ppm=1_000,
        price_decimals=scale,
        size_decimals=9 - len(str(lot)),
    )


BTC_PERPETUAL: Final = Instrument(
    instrument_id=instrument_id("BTC/USDT:USDT", VENUE),
    symbol="BTC/USDT:USDT",
    venue=VENUE,
    instrument_class=InstrumentClass.FUTURE,
    base=Currency("BTC"),
    quote=Currency("USDT"),
    price_scale=1,
    size_scale=0,
    price_increment=1,
    size_increment=1,
    min_quantity=1,
    min_notional=5 * 10**CASH_SCALE,
    multiplier=1,
    multiplier_scale=3,
    margin_ppm=PPM // 20,
    maker_fee_ppm=200,
    taker_fee_ppm=500,
    price_decimals=1,
    size_decimals=0,
)
"""A perpetual future: one contract is 0.001 BTC, 5 % initial margin."""

RATE_CUT: Final = Instrument(
    instrument_id=instrument_id("RATECUT-DEC/USD", VENUE),
    symbol="RATECUT-DEC/USD",
    venue=VENUE,
    instrument_class=InstrumentClass.PREDICTION,
    base=Currency("RATECUT-DEC"),
    quote=Currency("USD"),
    price_scale=4,
    size_scale=0,
    price_increment=100,
    size_increment=1,
    min_quantity=1,
    maker_fee_ppm=0,
    taker_fee_ppm=10_000,
    price_min=0,
    price_max=10_000,
    price_decimals=2,
    size_decimals=0,
)
"""A contract that pays 1 USD if a made-up central bank cuts its rate, else nothing."""

CATALOGUE: Final[tuple[tuple[Instrument, Character], ...]] = (
    (_spot("BTC", 1, 2, 1_000), Character(67_400.0, 0.55, 0.000_02, 0.08, 2.0)),
    (_spot("ETH", 1, 2, 10_000), Character(3_180.0, 0.70, 0.000_04, 1.2, 1.5)),
    (_spot("SOL", 1, 2, 100_000), Character(142.60, 0.95, 0.000_12, 20.0)),
    (_spot("XRP", 1, 4, 10_000_000), Character(0.5230, 0.85, 0.000_25, 1_500.0)),
    (BTC_PERPETUAL, Character(67_400.0, 0.55, 0.000_02, 60.0, 1.5, follows="BTC/USDT")),
    (RATE_CUT, Character(0.62, 1.50, 0.016, 120.0, 0.5)),
)
"""All made-up markets in the order of their producer's tie-break."""
