"""The instrument of a file: what is stated, and the rest from the file's name and its numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Final

from tradetui.data.instrument_spec import InstrumentSpec, class_of, parse_fee, parse_margin
from tradetui.data.problems import DataError
from tradetui.domain.enums import InstrumentClass
from tradetui.domain.ids import Currency, instrument_id
from tradetui.domain.instruments import Instrument, price_decimals
from tradetui.domain.text import MAX_SYMBOL, printable
from tradetui.domain.units import CASH_SCALE, PPM, NumberError, decimals_of, parse_scaled

DEFAULT_FEE_PPM: Final = 1_000
DEFAULT_MARGIN_PPM: Final = 100_000
_QUOTES: Final = ("USDT", "USDC", "BUSD", "FDUSD", "USD", "EUR", "GBP", "JPY", "BTC", "ETH", "BNB")
_VENUES: Final = (
    "binance",
    "bitfinex",
    "bitmex",
    "bitstamp",
    "bybit",
    "coinbase",
    "deribit",
    "ftx",
    "gate",
    "kalshi",
    "kraken",
    "kucoin",
    "okx",
    "polymarket",
)
_FUTURE_WORDS: Final = ("perp", "usdm", "coinm", "swap", "future", "futures")
_VENUE_NAME: Final = re.compile(r"[A-Z0-9_-]{1,32}")
_FILE_VENUE: Final = "FILE"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the data show: scales and increments as (scale, increment at that scale)."""

    price_scale: int
    price_step: int
    size_scale: int
    size_step: int
    symbol: str = ""
    venue: str = ""


@dataclass(frozen=True, slots=True)
class _Names:
    symbol: str
    venue: str
    base: str
    quote: str
    class_: InstrumentClass


def build_instrument(
    path: Path, spec: InstrumentSpec, evidence: Evidence
) -> tuple[Instrument, tuple[str, ...]]:
    """Return the instrument and the notes that say what was not stated but inferred."""
    notes: list[str] = []
    names = _names(path, spec, evidence, notes)
    price_scale, tick = _increment(
        spec, "price_increment", evidence.price_scale, evidence.price_step
    )
    size_scale, lot = _increment(spec, "size_increment", evidence.size_scale, evidence.size_step)
    if not spec.price_increment:
        notes.append(f"price_increment {_show(tick, price_scale)} from the data")
    if not spec.size_increment:
        notes.append(f"size_increment {_show(lot, size_scale)} from the data")
    is_prediction = names.class_ is InstrumentClass.PREDICTION
    bounds = [
        _optional(spec, key, price_scale, default if is_prediction else "")
        for key, default in (("price_min", "0"), ("price_max", "1"))
    ]
    multiplier_scale = _decimals(spec, "multiplier")
    instrument = Instrument(
        instrument_id=instrument_id(names.symbol, names.venue),
        symbol=names.symbol,
        venue=names.venue,
        instrument_class=names.class_,
        base=Currency(names.base),
        quote=Currency(names.quote),
        price_scale=price_scale,
        size_scale=size_scale,
        price_increment=tick,
        size_increment=lot,
        min_quantity=_optional(spec, "min_quantity", size_scale) or lot,
        max_quantity=_optional(spec, "max_quantity", size_scale),
        min_notional=_optional(spec, "min_notional", CASH_SCALE) or 0,
        multiplier=_optional(spec, "multiplier", multiplier_scale) or 1,
        multiplier_scale=multiplier_scale,
        margin_ppm=_margin(spec, names.class_, notes),
        maker_fee_ppm=_fee(spec, "maker_fee", notes),
        taker_fee_ppm=_fee(spec, "taker_fee", notes),
        price_min=bounds[0],
        price_max=bounds[1],
        price_decimals=price_decimals(tick, price_scale),
        size_decimals=price_decimals(lot, size_scale),
    )
    return instrument, tuple(notes)


def needed_scales(spec: InstrumentSpec) -> tuple[int, int]:
    """Return the decimals that the stated increments and bounds need, for prices and for sizes."""
    price = max(_decimals(spec, key) for key in ("price_increment", "price_min", "price_max"))
    size = max(_decimals(spec, key) for key in ("size_increment", "min_quantity", "max_quantity"))
    return price, size


def _names(path: Path, spec: InstrumentSpec, evidence: Evidence, notes: list[str]) -> _Names:
    stem = path.name.partition(".")[0]
    words = [word for word in re.split(r"[^A-Za-z0-9]+", stem.lower()) if word]
    venue = (spec.venue or evidence.venue).upper() or next(
        (word.upper() for word in words if word in _VENUES), spec.feed_venue or _FILE_VENUE
    )
    symbol = (
        spec.symbol or evidence.symbol or _symbol_of(words) or stem.upper()[:MAX_SYMBOL] or "DATA"
    )
    symbol = _pair_of(symbol)
    if symbol != printable(symbol, MAX_SYMBOL) or not symbol.strip():
        raise DataError(
            f"{printable(str(path))}: the symbol {printable(symbol, MAX_SYMBOL)!r} has "
            f"characters that "
            "cannot be shown or is too long; state it: --instrument BTC/USDT"
        )
    if not _VENUE_NAME.fullmatch(venue):
        raise DataError(
            f"{printable(str(path))}: the venue {printable(venue, 40)!r} is not a name of "
            f"letters and "
            "digits; state it: --instrument BTC/USDT.BINANCE"
        )
    base, slash, quote = symbol.partition("/")
    quote = quote.partition(":")[0]
    class_ = class_of(spec) or (
        InstrumentClass.FUTURE
        if ":" in symbol or any(word in _FUTURE_WORDS for word in words)
        else InstrumentClass.SPOT
    )
    if not spec.symbol:
        if class_ is InstrumentClass.FUTURE and slash and ":" not in symbol:
            symbol = f"{symbol}:{quote}"
        notes.append(f"instrument {symbol} of {venue}, {class_}: from the file")
    return _Names(
        symbol, venue, spec.base or base, spec.quote or (quote if slash else "USD"), class_
    )


def _symbol_of(words: list[str]) -> str:
    """Find a pair among the words of a file's name: ``btcusd``, or ``ada`` before ``btc``."""
    rest = [
        word
        for word in words
        if word not in _VENUES and word not in _FUTURE_WORDS and word != "spot"
    ]
    for word, following in zip_longest(rest, rest[1:], fillvalue=""):
        if following.upper() in _QUOTES and word.isalpha():
            return f"{word.upper()}/{following.upper()}"
        pair = _pair_of(word.upper())
        if "/" in pair:
            return pair
    return rest[0].upper() if rest else ""


def _pair_of(symbol: str) -> str:
    """Split ``BTCUSDT`` into ``BTC/USDT``; anything else stays."""
    plain = symbol.upper()
    if "/" not in plain and plain.isalnum():
        for quote in _QUOTES:
            if plain.endswith(quote) and 2 <= len(plain) - len(quote) <= 6:
                return f"{plain.removesuffix(quote)}/{quote}"
    return symbol


def _increment(spec: InstrumentSpec, key: str, scale: int, inferred: int) -> tuple[int, int]:
    text = getattr(spec, key)
    if not text:
        return scale, inferred
    value = _number(spec, key, scale)
    if value <= 0:
        raise DataError(f"{spec.where}: {key}: {text!r} is not above zero")
    return scale, value


def _optional(spec: InstrumentSpec, key: str, scale: int, default: str = "") -> int | None:
    text = getattr(spec, key) or default
    if not text:
        return None
    value = parse_scaled(text, scale) if not getattr(spec, key) else _number(spec, key, scale)
    if value < 0 or (value == 0 and key == "multiplier"):
        raise DataError(f"{spec.where}: {key}: {text!r} is not allowed; it must be above zero")
    return value


def _number(spec: InstrumentSpec, key: str, scale: int) -> int:
    try:
        return parse_scaled(getattr(spec, key), scale)
    except NumberError as e:
        raise DataError(f"{spec.where}: {key}: {e}") from e


def _decimals(spec: InstrumentSpec, key: str) -> int:
    text = getattr(spec, key)
    try:
        return decimals_of(text) if text else 0
    except NumberError as e:
        raise DataError(f"{spec.where}: {key}: {e}; write a plain number such as 0.01") from e


def _fee(spec: InstrumentSpec, key: str, notes: list[str]) -> int:
    text = getattr(spec, key)
    if text:
        return parse_fee(text, spec.where, key)
    notes.append(f"{key} 0.1%: assumed, the data do not say")
    return DEFAULT_FEE_PPM


def _margin(spec: InstrumentSpec, class_: InstrumentClass, notes: list[str]) -> int:
    if spec.margin:
        return parse_margin(spec.margin, spec.where)
    if class_ is not InstrumentClass.FUTURE:
        return PPM
    notes.append("margin 10%: assumed, the data do not say")
    return DEFAULT_MARGIN_PPM


def _show(value: int, scale: int) -> str:
    from tradetui.domain.units import format_scaled

    return format_scaled(value, scale)
