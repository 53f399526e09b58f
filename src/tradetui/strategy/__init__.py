"""What users import to write strategies: ``from tradetui.strategy import Strategy, bars``.

Owns: the Strategy base class, its context, feeds, indicators, widgets, config and state schemas,
order helpers. May import: domain. Never: the engine, the kernel, adapters, I/O, clocks, randomness
that is not seeded by the engine.
"""

from tradetui.domain.intents import CancelOrder, Intent, NoOp, PlaceOrder, ReplaceOrder, SetRiskFlag
from tradetui.strategy.base import Strategy
from tradetui.strategy.context import Context
from tradetui.strategy.entries import Bracket
from tradetui.strategy.errors import (
    InvalidOrder,
    InvalidParameter,
    SchemaError,
    StrategyError,
    StrategyTimeout,
    TradingNotAllowed,
    UnknownSymbol,
    WrongMoment,
)
from tradetui.strategy.events import (
    BarView,
    EventView,
    ExitView,
    FillView,
    GapView,
    ModeView,
    OrderView,
    QuoteView,
    StartView,
    StopView,
    TickView,
    TimerView,
    TradeView,
)
from tradetui.strategy.feeds import BarFeed, QuoteFeed, TradeFeed, bars, quotes, trades
from tradetui.strategy.indicators.averages import EMA, MACD, SMA
from tradetui.strategy.indicators.bands import Bollinger, Donchian
from tradetui.strategy.indicators.oscillators import ATR, RSI
from tradetui.strategy.positions import PositionView
from tradetui.strategy.timeframes import days, hours, minutes, seconds

__all__ = [
    "ATR",
    "EMA",
    "MACD",
    "RSI",
    "SMA",
    "BarFeed",
    "BarView",
    "Bollinger",
    "Bracket",
    "CancelOrder",
    "Context",
    "Donchian",
    "EventView",
    "ExitView",
    "FillView",
    "GapView",
    "Intent",
    "InvalidOrder",
    "InvalidParameter",
    "ModeView",
    "NoOp",
    "OrderView",
    "PlaceOrder",
    "PositionView",
    "QuoteFeed",
    "QuoteView",
    "ReplaceOrder",
    "SchemaError",
    "SetRiskFlag",
    "StartView",
    "StopView",
    "Strategy",
    "StrategyError",
    "StrategyTimeout",
    "TickView",
    "TimerView",
    "TradeFeed",
    "TradeView",
    "TradingNotAllowed",
    "UnknownSymbol",
    "WrongMoment",
    "bars",
    "days",
    "hours",
    "minutes",
    "quotes",
    "seconds",
    "trades",
]
