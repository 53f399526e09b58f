"""Bars of every market and timeframe that somebody wants, and who is to be told of what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from typing import Final, NamedTuple

from tradetui.domain.ids import InstrumentId
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import Bar, Quote, Trade
from tradetui.engine.bars import BarBuilder, BarSeries
from tradetui.engine.runner import Runner
from tradetui.strategy.events import BarView
from tradetui.strategy.feeds import BarFeed, Feed, QuoteFeed, TradeFeed

BARS_KEPT: Final = 2_000
"""Closed bars kept of each market and timeframe."""


class BarSource(IntEnum):
    """What the bars of a market are made of; the highest that was seen is used alone."""

    NONE = 0
    QUOTES = 1
    TRADES = 2
    BARS = 3


class BarListener(NamedTuple):
    """An instance that wants the closed bars of one market and timeframe, in so many feeds."""

    runner: Runner
    feeds: tuple[BarFeed, ...]


# An enum's members are looked up through its metaclass: dear, for what every quote asks.
QUOTES: Final = BarSource.QUOTES
TRADES: Final = BarSource.TRADES

BaseListener = tuple[Runner, Callable[[Bar], BarView] | None, tuple[BarFeed, ...]]
"""The same for the bars that come in as they are: instance, the ``push`` of its only feed (None
where it has several), its feeds. A plain tuple, because it is unpacked for every bar.
"""


QuoteListener = tuple[tuple[QuoteFeed, ...], tuple[Runner, ...], bool]
"""Who wants the quotes of one market, in ascending instance id: one instance with all its feeds of
them; or (True) several that follow each other, with one feed each, who share the view of a quote.
A plain tuple too.
"""


class TradeListener(NamedTuple):
    """An instance that wants the public trades of one market."""

    runner: Runner
    feeds: tuple[TradeFeed, ...]


class Desk:
    """One market: its bars, and its listeners in ascending instance id."""

    __slots__ = (
        "append",
        "base_ns",
        "builders",
        "instrument",
        "keep",
        "last_close",
        "on_bars",
        "on_base_bars",
        "on_quotes",
        "on_trades",
        "runners",
        "series",
        "source",
        "woken_for",
    )

    def __init__(self, instrument: Instrument, keep: int) -> None:
        self.instrument = instrument
        self.keep = keep
        self.source = BarSource.NONE
        self.base_ns = 0
        """Length of the bars that come in, 0 while none came."""
        self.last_close = 0
        """When the newest base bar closed; older ones, and the same again, are passed over."""
        self.woken_for = 0
        """The end of a half-built bar for which a heartbeat is already asked."""
        self.series: dict[int, BarSeries] = {}
        self.builders: tuple[BarBuilder, ...] = ()
        self.on_bars: dict[int, tuple[BarListener, ...]] = {}
        self.on_base_bars: tuple[BaseListener, ...] = ()
        """The listeners to the bars that come in as they are."""
        self.on_quotes: tuple[QuoteListener, ...] = ()
        self.on_trades: tuple[TradeListener, ...] = ()
        self.runners: tuple[Runner, ...] = ()
        """Every instance with this market among its own, in ascending id."""
        self.append: Callable[[Bar], None] = _drop
        """Keep a base bar."""

    def want(self, timeframe_ns: int) -> None:
        """Keep bars of a timeframe from now on, derived unless they come in as they are; those that
        the kept base bars give are there at once.
        """
        if timeframe_ns not in self.series:
            self.series[timeframe_ns] = BarSeries(self.instrument, timeframe_ns, self.keep)
        self._build()

    def see(self, source: BarSource, length_ns: int = 0) -> None:
        """Note what comes in; a better source takes the place of a worse one, whose half-built bars
        are dropped.
        """
        if source is BarSource.BARS and not 0 < length_ns < (self.base_ns or length_ns + 1):
            return
        if source < self.source:
            return
        self.source = source
        self.base_ns = length_ns
        self.builders = ()
        if length_ns:
            self.want(length_ns)
            self.append = self.series[length_ns].append
            self.find_base_listeners()
        self._build()

    def find_base_listeners(self) -> None:
        """Work out who listens to the bars that come in as they are."""
        self.on_base_bars = tuple(
            (runner, feeds[0].push if len(feeds) == 1 else None, feeds)
            for runner, feeds in self.on_bars.get(self.base_ns, ())
        )

    def cannot_make(self) -> tuple[int, ...]:
        """Return the timeframes wanted that the bars coming in cannot give."""
        if self.source is not BarSource.BARS:
            return ()
        return tuple(t for t in sorted(self.series) if t < self.base_ns or t % self.base_ns)

    def add_trade(self, time: int, trade: Trade) -> list[Bar]:
        """Return the bars that a trade closed."""
        if self.source < TRADES:
            self.see(TRADES)
        if self.source is not TRADES:
            return []
        return self._kept([builder.add_trade(time, trade) for builder in self.builders])

    def add_quote(self, time: int, quote: Quote) -> list[Bar]:
        """Return the bars that a quote closed."""
        if self.source < QUOTES:
            self.see(QUOTES)
        if self.source is not QUOTES:
            return []
        return self._kept([builder.add_quote(time, quote) for builder in self.builders])

    def add_bar(self, bar: Bar) -> list[Bar]:
        """Return the longer bars that a base bar closed, shortest first."""
        closed = self._kept(builder.add_bar(bar) for builder in self.builders)
        return closed + self._kept(builder.take_second() for builder in self.builders)

    def pass_time(self, now: int) -> list[Bar]:
        """Return the bars whose end has come."""
        return self._kept(builder.pass_time(now) for builder in self.builders)

    def next_end(self) -> int | None:
        """Return when the next half-built bar ends; None where base bars will end it themselves."""
        if self.source is BarSource.BARS:
            return None
        first = None
        for builder in self.builders:
            end = builder.open_end
            if end is not None and (first is None or end < first):
                first = end
        return first

    def _kept(self, bars: Iterable[Bar | None]) -> list[Bar]:
        closed = [bar for bar in bars if bar is not None]
        for bar in closed:
            self.series[bar.close_time - bar.open_time].append(bar)
        return closed

    def _build(self) -> None:
        """Have one builder for each timeframe that does not come in by itself."""
        have = {builder.timeframe_ns: builder for builder in self.builders}
        wanted = [t for t in sorted(self.series) if t != self.base_ns]
        if self.source is BarSource.BARS:
            impossible = self.cannot_make()
            wanted = [t for t in wanted if t not in impossible]
        self.builders = tuple(have.get(t) or self._new_builder(t) for t in wanted)

    def _new_builder(self, timeframe_ns: int) -> BarBuilder:
        """Make a builder that has already seen the kept base bars. A series without any bar yet
        gets those that they close.
        """
        builder = BarBuilder(self.instrument, timeframe_ns)
        base = self.series.get(self.base_ns)
        if base is None:
            return builder
        series = self.series[timeframe_ns]
        keep = _drop if len(series) else series.append
        for bar in base.newest(len(base)):
            for closed in (builder.add_bar(bar), builder.take_second()):
                if closed is not None:
                    keep(closed)
        return builder


def _drop(bar: Bar) -> None:
    """Keep nothing."""


class Market:
    """All desks, one for each instrument."""

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self.desks: dict[InstrumentId, Desk] = {}
        self.connections = 0
        """How often listeners have come or gone."""

    def add(self, instrument: Instrument) -> None:
        """Open the desk of an instrument, or note its new version."""
        desk = self.desks.get(instrument.instrument_id)
        if desk is None:
            self.desks[instrument.instrument_id] = Desk(instrument, self._keep)
        else:
            desk.instrument = instrument

    def recent_bars(
        self, instrument_id: InstrumentId, timeframe_ns: int, count: int
    ) -> tuple[Bar, ...]:
        """Return the newest closed bars kept, oldest first; empty for what nobody wanted."""
        desk = self.desks.get(instrument_id)
        series = None if desk is None else desk.series.get(timeframe_ns)
        return () if series is None else series.newest(count)

    def connect(self, runners: Iterable[Runner]) -> None:
        """Work out anew who listens to what; called when an instance comes or goes."""
        self.connections += 1
        ordered = sorted(runners, key=lambda runner: runner.strategy_id)
        for key, desk in self.desks.items():
            desk.on_bars = {}
            desk.on_quotes = ()
            desk.on_trades = ()
            desk.runners = tuple(r for r in ordered if key in r.port.instruments)
            for runner in desk.runners:
                _connect_one(desk, runner, [f for f in runner.feeds if f.instrument_id == key])
            desk.find_base_listeners()
            desk.on_quotes = _grouped(desk.on_quotes)


def _grouped(listeners: Sequence[QuoteListener]) -> tuple[QuoteListener, ...]:
    """Return the listeners with neighbours together that can share a view: one feed each, of the
    same name, and no ``on_event`` of their own.
    """
    grouped: list[QuoteListener] = []
    for feeds, runners, is_shared in listeners:
        before = grouped[-1] if grouped else None
        if is_shared and before and before[2] and before[0][0].name == feeds[0].name:
            grouped[-1] = ((*before[0], *feeds), (*before[1], *runners), True)
        else:
            grouped.append((feeds, runners, is_shared))
    return tuple(grouped)


def _connect_one(desk: Desk, runner: Runner, feeds: list[Feed]) -> None:
    by_length: dict[int, tuple[BarFeed, ...]] = {}
    for feed in feeds:
        if isinstance(feed, BarFeed):
            by_length[feed.timeframe_ns] = (*by_length.get(feed.timeframe_ns, ()), feed)
    for length, bar_feeds in by_length.items():
        desk.want(length)
        listener = BarListener(runner, bar_feeds)
        desk.on_bars[length] = (*desk.on_bars.get(length, ()), listener)
    quotes = tuple(feed for feed in feeds if isinstance(feed, QuoteFeed))
    if quotes:
        is_shared = len(quotes) == 1 and runner.strategy.handlers is not None
        desk.on_quotes = (*desk.on_quotes, (quotes, (runner,), is_shared))
    trades = tuple(feed for feed in feeds if isinstance(feed, TradeFeed))
    if trades:
        desk.on_trades = (*desk.on_trades, TradeListener(runner, trades))
