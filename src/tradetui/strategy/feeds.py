"""What a strategy declares in DATA, and the feeds it then finds as ``self.<name>``.

A feed is filled by the engine (``push``) before the strategy is told of the item, so that its
history and its indicators already hold what a hook is called with.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar, Final, TypeVar

import msgspec

from tradetui.domain.ids import InstrumentId
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import Bar, Quote, Trade
from tradetui.strategy.errors import InvalidParameter
from tradetui.strategy.events import POWERS, BarView, QuoteView, TradeView
from tradetui.strategy.indicators.averages import EMA, MACD, SMA
from tradetui.strategy.indicators.bands import Bollinger, Donchian
from tradetui.strategy.indicators.base import CloseIndicator, RangeIndicator
from tradetui.strategy.indicators.oscillators import ATR, RSI
from tradetui.strategy.timeframes import timeframe_ns

DEFAULT_KEEP: Final = 500
MAX_KEEP: Final = 100_000
SOURCES: Final = ("open", "high", "low", "close", "volume")

OfClose = TypeVar("OfClose", bound=CloseIndicator)
OfRange = TypeVar("OfRange", bound=RangeIndicator)


class BarsSpec(msgspec.Struct, frozen=True):
    """A declaration of bars; made by ``bars()``."""

    timeframe: str
    timeframe_ns: int
    warm: int | None
    market: str | None
    keep: int
    setting: str | None = None
    """The key of CONFIG_SCHEMA that holds the timeframe."""

    def configured(self, config: Mapping[str, object]) -> BarsSpec:
        """Return the declaration with the timeframe that an instance's config asks for.

        Raises InvalidParameter when that is none.
        """
        if self.setting is None:
            return self
        timeframe = str(config[self.setting])
        return msgspec.structs.replace(
            self, timeframe=timeframe, timeframe_ns=timeframe_ns(timeframe)
        )


class QuotesSpec(msgspec.Struct, frozen=True):
    """A declaration of quotes; made by ``quotes()``."""

    market: str | None
    keep: int


class TradesSpec(msgspec.Struct, frozen=True):
    """A declaration of public trades; made by ``trades()``."""

    market: str | None
    keep: int


FeedSpec = BarsSpec | QuotesSpec | TradesSpec


def bars(
    timeframe: str = "1m",
    *,
    warm: int | None = None,
    market: str | None = None,
    keep: int = DEFAULT_KEEP,
    setting: str | None = None,
) -> BarsSpec:
    """Declare closed bars of a timeframe (``"1m"``, ``"5m"``, ``"1h"`` ...; it must divide a day).

    ``warm`` is how many bars of history the strategy needs before its market hooks are called;
    default: as many as the indicators attached in ``setup`` need. ``market`` is a symbol, default
    the instance's own. The newest ``keep`` bars are kept in ``feed.history``. ``setting`` names the
    key of CONFIG_SCHEMA that holds the timeframe, where each instance may have another; its default
    then counts, and ``timeframe`` says nothing.
    """
    if warm is not None:
        _checked_count(warm, "warm", 0)
    _checked_count(keep, "keep", 1)
    market = _checked_market(market)
    return BarsSpec(timeframe, timeframe_ns(timeframe), warm, market, keep, setting)


def quotes(*, market: str | None = None, keep: int = 1) -> QuotesSpec:
    """Declare best bid and ask of a market (default: the instance's own)."""
    return QuotesSpec(_checked_market(market), _checked_count(keep, "keep", 1))


def trades(*, market: str | None = None, keep: int = DEFAULT_KEEP) -> TradesSpec:
    """Declare the public trades of a market (default: the instance's own)."""
    return TradesSpec(_checked_market(market), _checked_count(keep, "keep", 1))


def _checked_count(value: int, name: str, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= MAX_KEEP:
        raise InvalidParameter(
            f"{name} must be a whole number from {least} to {MAX_KEEP}, got {value!r}"
        )
    return value


def _checked_market(market: str | None) -> str | None:
    if market is not None and (not isinstance(market, str) or not market):
        raise InvalidParameter(f'market must be a symbol such as "BTC/USDT", got {market!r}')
    return market


class BarFeed:
    """Bars of one market and timeframe, newest last, with the indicators attached to them."""

    kind: ClassVar[str] = "bars"

    def __init__(self, name: str, spec: BarsSpec, instrument: Instrument) -> None:
        self.name = name
        self.symbol = instrument.symbol
        self.instrument_id: InstrumentId = instrument.instrument_id
        self.timeframe = spec.timeframe
        self.timeframe_ns = spec.timeframe_ns
        self.count = 0
        """Bars seen so far, history included."""
        self._warm = spec.warm
        self._indicators_need = 0
        self._has_indicators = False
        self._price: int = POWERS[instrument.price_scale]
        self._size: int = POWERS[instrument.size_scale]
        self._history: deque[BarView] = deque(maxlen=max(spec.keep, spec.warm or 0))
        self._close_updates: list[Callable[[float], None]] = []
        self._view_updates: list[Callable[[BarView], None]] = []

    @property
    def needed(self) -> int:
        """Bars it needs to be warm: those declared, else what its indicators need."""
        return self._indicators_need if self._warm is None else self._warm

    @property
    def kept(self) -> int:
        """How many bars ``history`` holds at most."""
        return self._history.maxlen or 0

    @property
    def is_warm(self) -> bool:
        return self.count >= self.needed

    @property
    def history(self) -> list[BarView]:
        """The bars kept, oldest first."""
        return list(self._history)

    @property
    def last(self) -> BarView | None:
        """The newest closed bar; None before the first."""
        return self._history[-1] if self._history else None

    @property
    def closes(self) -> list[float]:
        """The closes of the bars kept, oldest first."""
        return [bar.close for bar in self._history]

    @property
    def candles(self) -> list[list[float]]:
        """The bars kept as ``[time, open, high, low, close]``, ready for a candles widget."""
        return [[b.close_time, b.open, b.high, b.low, b.close] for b in self._history]

    def __len__(self) -> int:
        return len(self._history)

    def __getitem__(self, index: int) -> BarView:
        return self._history[index]

    def __iter__(self) -> Iterator[BarView]:
        return iter(self._history)

    def push(self, record: Bar) -> BarView:
        """Take the next closed bar (called by the engine) and return its view."""
        close = record.close / self._price
        view = BarView(self.name, record, self._price, self._size, close)
        self._history.append(view)
        self.count += 1
        if self._has_indicators:
            for update in self._close_updates:
                update(close)
            for update_view in self._view_updates:
                update_view(view)
        return view

    def sma(self, period: int, *, source: str = "close") -> SMA:
        """Attach a simple moving average."""
        return self.attach(SMA(period), source=source)

    def ema(self, period: int, *, source: str = "close") -> EMA:
        """Attach an exponential moving average."""
        return self.attach(EMA(period), source=source)

    def rsi(self, period: int = 14, *, source: str = "close") -> RSI:
        """Attach Wilder's relative strength index."""
        return self.attach(RSI(period), source=source)

    def macd(
        self, fast: int = 12, slow: int = 26, signal: int = 9, *, source: str = "close"
    ) -> MACD:
        """Attach a MACD: ``value``, ``signal``, ``histogram``."""
        return self.attach(MACD(fast, slow, signal), source=source)

    def bollinger(
        self, period: int = 20, deviations: float = 2.0, *, source: str = "close"
    ) -> Bollinger:
        """Attach Bollinger bands: ``upper``, ``middle``, ``lower``, ``z``, ``width``."""
        return self.attach(Bollinger(period, deviations), source=source)

    def atr(self, period: int = 14) -> ATR:
        """Attach Wilder's average true range."""
        return self.attach_range(ATR(period))

    def donchian(self, period: int = 20) -> Donchian:
        """Attach a Donchian channel: ``upper``, ``middle``, ``lower``."""
        return self.attach_range(Donchian(period))

    def attach(self, indicator: OfClose, *, source: str = "close") -> OfClose:
        """Feed an indicator of one number per bar, the bars already kept first."""
        if source not in SOURCES:
            raise InvalidParameter(f"source must be one of {', '.join(SOURCES)}, got {source!r}")
        for bar in self._history:
            indicator.update(getattr(bar, source))
        if source == "close":
            self._close_updates.append(indicator.update)
        else:
            self._view_updates.append(lambda bar: indicator.update(getattr(bar, source)))
        self._indicators_need = max(self._indicators_need, indicator.needed)
        self._has_indicators = True
        return indicator

    def attach_range(self, indicator: OfRange) -> OfRange:
        """Feed an indicator of highs, lows and closes, the bars already kept first."""
        for bar in self._history:
            indicator.update(bar.high, bar.low, bar.close)
        self._view_updates.append(lambda bar: indicator.update(bar.high, bar.low, bar.close))
        self._indicators_need = max(self._indicators_need, indicator.needed)
        self._has_indicators = True
        return indicator


class QuoteFeed:
    """The best bid and ask of one market; the newest is also in the attributes."""

    kind: ClassVar[str] = "quotes"
    timeframe_ns: ClassVar[int] = 0
    needed: ClassVar[int] = 0
    is_warm: ClassVar[bool] = True

    def __init__(self, name: str, spec: QuotesSpec, instrument: Instrument) -> None:
        self.name = name
        self.symbol = instrument.symbol
        self.instrument_id: InstrumentId = instrument.instrument_id
        self.count = 0
        self._price: int = POWERS[instrument.price_scale]
        self._size: int = POWERS[instrument.size_scale]
        self._history: deque[QuoteView] = deque(maxlen=spec.keep)
        self.take = self._history.append
        """Take the next quote by its view (called by the engine, which counts it too)."""

    @property
    def last(self) -> QuoteView | None:
        """The newest quote; None before the first."""
        return self._history[-1] if self._history else None

    @property
    def bid(self) -> float | None:
        """The best bid; None before the first quote and while that side is empty."""
        return (self._history[-1].bid or None) if self._history else None

    @property
    def ask(self) -> float | None:
        """The best ask; None before the first quote and while that side is empty."""
        return (self._history[-1].ask or None) if self._history else None

    @property
    def mid(self) -> float | None:
        return self._history[-1].mid if self._history else None

    @property
    def spread(self) -> float | None:
        return self._history[-1].spread if self._history else None

    @property
    def history(self) -> list[QuoteView]:
        """The quotes kept, oldest first."""
        return list(self._history)

    def push(self, record: Quote, time: int) -> QuoteView:
        """Take the next quote (called by the engine) and return its view."""
        view = self.view_of(record, time)
        self.take(view)
        self.count += 1
        return view

    def view_of(self, record: Quote, time: int) -> QuoteView:
        """Return the view of a quote, which feeds of that name and market may share."""
        price = self._price
        bid, ask = record.bid / price, record.ask / price
        return QuoteView(self.name, record, time, price, self._size, bid, ask)


class TradeFeed:
    """The public trades of one market, newest last."""

    kind: ClassVar[str] = "trades"
    timeframe_ns: ClassVar[int] = 0
    needed: ClassVar[int] = 0
    is_warm: ClassVar[bool] = True

    def __init__(self, name: str, spec: TradesSpec, instrument: Instrument) -> None:
        self.name = name
        self.symbol = instrument.symbol
        self.instrument_id: InstrumentId = instrument.instrument_id
        self.count = 0
        self._price: int = POWERS[instrument.price_scale]
        self._size: int = POWERS[instrument.size_scale]
        self._history: deque[TradeView] = deque(maxlen=spec.keep)

    @property
    def last(self) -> TradeView | None:
        """The newest trade; None before the first."""
        return self._history[-1] if self._history else None

    @property
    def history(self) -> list[TradeView]:
        """The trades kept, oldest first."""
        return list(self._history)

    def push(self, record: Trade, time: int) -> TradeView:
        """Take the next trade (called by the engine) and return its view."""
        view = TradeView(self.name, record, time, self._price, self._size)
        self._history.append(view)
        self.count += 1
        return view


Feed = BarFeed | QuoteFeed | TradeFeed


def build_feed(name: str, spec: FeedSpec, instrument: Instrument) -> Feed:
    """Make the feed that a declaration asks for."""
    if isinstance(spec, BarsSpec):
        return BarFeed(name, spec, instrument)
    if isinstance(spec, QuotesSpec):
        return QuoteFeed(name, spec, instrument)
    return TradeFeed(name, spec, instrument)
