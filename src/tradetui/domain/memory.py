"""What a run remembers beside its state: the newest bars, cadences, and what its screens showed.

A checkpoint carries both parts, so that the next start begins with the markets as they were watched
and shows what was shown. Neither decides anything in the kernel.
"""

from __future__ import annotations

from typing import Final, TypeVar

import msgspec

from tradetui.domain.ids import InstrumentId, RouteId, StrategyId
from tradetui.domain.market_data import Bar, Quote
from tradetui.domain.record import Record
from tradetui.domain.replica import DecisionView, LogView


class MemoryUnreadableError(ValueError):
    """Bytes hold no such memory; the message is half a sentence."""


class OpenBucket(Record, frozen=True):
    """A bar under way: of a timeframe (ns), begun at ``start`` and due at ``end`` (ns UTC).

    ``end`` is 0 when the last one was closed and the next has not begun. ``is_whole``: its
    beginning was seen.
    """

    timeframe_ns: int
    start: int
    end: int
    is_whole: bool
    open: int
    high: int
    low: int
    close: int
    volume: int


class MarketMemory(Record, frozen=True):
    """The bars of one market, as the engine keeps them for strategies.

    ``source`` is what bars are made of (``engine.market.BarSource``), ``base_ns`` the length of
    those that come in, 0 where none do; ``last_close`` when the newest of them closed. ``series``
    are the closed bars by timeframe, oldest first.
    """

    instrument_id: InstrumentId
    source: int
    base_ns: int
    last_close: int
    series: tuple[tuple[int, tuple[Bar, ...]], ...]
    buckets: tuple[OpenBucket, ...]


class TickMemory(Record, frozen=True):
    """The cadence of one instance, in numbers of heartbeats."""

    strategy_id: StrategyId
    steps: int
    due: int
    last: int | None
    missed: int


class EngineMemory(Record, frozen=True):
    """What the engine remembers of its markets and of when its instances tick."""

    markets: tuple[MarketMemory, ...] = ()
    ticks: tuple[TickMemory, ...] = ()


class CourseMemory(Record, frozen=True):
    """How the profit of an instance went: values at even steps (ns) from number ``first`` on."""

    step: int
    first: int
    values: tuple[int, ...]
    is_shadow: bool


class InstanceMemory(Record, frozen=True):
    """What screens say of one instance beside its state."""

    strategy_id: StrategyId
    last_decision: DecisionView | None = None
    observed_since: int | None = None
    would_orders: int = 0
    course: CourseMemory | None = None


class TripMemory(Record, frozen=True):
    """What happened to an open position so far: see ``runtime.trips.Trip``."""

    strategy_id: StrategyId
    route_id: RouteId
    instrument_id: InstrumentId
    since: int
    is_long: bool
    is_whole: bool
    high: int | None
    low: int | None
    fills: int
    fees: int | None
    first_stop: int | None


class ChartMemory(Record, frozen=True):
    """The minutes of one market that no feed gives as bars; ``open_bar`` is the one under way.

    Open time, open, high, low, close, volume.
    """

    instrument_id: InstrumentId
    has_bars: bool
    has_trades: bool
    bars: tuple[Bar, ...] = ()
    open_bar: tuple[int, int, int, int, int, int] | None = None
    quote: Quote | None = None


class ScreenMemory(Record, frozen=True):
    """What screens showed: the newest decisions and log lines, oldest first, notes and minutes.

    The two counters are the header's.
    """

    decisions: tuple[DecisionView, ...] = ()
    log: tuple[LogView, ...] = ()
    instances: tuple[InstanceMemory, ...] = ()
    charts: tuple[ChartMemory, ...] = ()
    invalid_attempts: int = 0
    transition_failures: int = 0
    trips: tuple[TripMemory, ...] = ()


NOTHING_WATCHED: Final = EngineMemory()
NOTHING_SHOWN: Final = ScreenMemory()

Memory = TypeVar("Memory", EngineMemory, ScreenMemory)

_encoder: Final = msgspec.msgpack.Encoder()


def encode_memory(memory: EngineMemory | ScreenMemory) -> bytes:
    """Return a memory's bytes."""
    return _encoder.encode(memory)


def decode_memory(body: bytes, kind: type[Memory]) -> Memory:
    """Return the memory of some bytes; none at all is an empty one.

    Raises MemoryUnreadableError.
    """
    if not body:
        return kind()
    try:
        return msgspec.msgpack.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise MemoryUnreadableError(f"cannot be read ({error})") from error
