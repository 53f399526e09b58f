"""What an engine remembers beside its state: taken for a checkpoint, given back at the next start.

The bars that strategies are fed with, the bars under way, and when each instance ticks. A follower
brings a memory through the steps after its checkpoint, without any strategy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from tradetui.domain.control import InstanceLoaded, InstanceUnloaded
from tradetui.domain.enums import Source
from tradetui.domain.envelope import Envelope
from tradetui.domain.ids import InstrumentId, StrategyId
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import Bar, InstrumentUpdated, Quote, Trade
from tradetui.domain.memory import EngineMemory, MarketMemory, TickMemory
from tradetui.domain.steps import StepRecord
from tradetui.domain.timers import HEARTBEAT_NS, Heartbeat
from tradetui.domain.units import div_floor
from tradetui.engine.feeding import Feeding
from tradetui.engine.heartbeat import HeartbeatSchedule
from tradetui.engine.market import BARS_KEPT, BarSource, Desk, Market


def remember(market: Market, schedule: HeartbeatSchedule) -> EngineMemory:
    """Return what an engine remembers now; cheap, because bars are never changed."""
    markets = tuple(_market_memory(desk) for _, desk in sorted(market.desks.items()))
    return EngineMemory(markets, schedule.cadences())


def recall(
    memory: EngineMemory,
    instruments: Mapping[InstrumentId, Instrument],
    market: Market,
    schedule: HeartbeatSchedule,
) -> None:
    """Give a memory back to an engine without instances; markets that are gone are forgotten."""
    for known in memory.markets:
        instrument = instruments.get(known.instrument_id)
        if instrument is None:
            continue
        market.add(instrument)
        desk = market.desks[known.instrument_id]
        _restore(desk, known)
        end = desk.next_end()
        if end is not None:
            desk.woken_for = end
            schedule.wake_at(end)


class MemoryFollower:
    """Brings an engine's memory through recorded steps.

    Which bars are built and who ticks follows from the instances that are loaded on the way, and
    from the memory that it begins with.
    """

    def __init__(
        self, memory: EngineMemory, instruments: Mapping[InstrumentId, Instrument]
    ) -> None:
        self._market = Market(BARS_KEPT)
        self._instruments = dict(instruments)
        self._ticks = cadences_of(memory)
        schedule = HeartbeatSchedule(is_virtual=True)
        feeding = Feeding(self._market, {}, schedule, _nobody, _nobody, [])
        self._handlers: dict[type, Callable[[Envelope, Any], None]] = {
            Bar: feeding.on_bar,
            Trade: feeding.on_trade,
            Quote: feeding.on_quote,
            InstrumentUpdated: self._on_instrument,
        }
        self._pass_time = feeding.on_heartbeat
        recall(memory, instruments, self._market, schedule)

    def take(self, step: StepRecord) -> None:
        """Take the next recorded step."""
        event = step.event
        payload: Any = event.payload
        if event.source is Source.MARKET_DATA:
            handler = self._handlers.get(payload.__class__)
            if handler is not None:
                handler(event, payload)
        elif isinstance(payload, Heartbeat):
            self._pass_time(event, Heartbeat(payload.number, ()))
            self._tick(payload)
        elif isinstance(payload, InstanceLoaded):
            self._load(event.event_time, payload, is_refused=bool(step.result.diagnostics))
        elif isinstance(payload, InstanceUnloaded):
            self._ticks.pop(payload.strategy_id, None)

    def memory(self) -> EngineMemory:
        """Return what is remembered after the last step."""
        markets = tuple(_market_memory(desk) for _, desk in sorted(self._market.desks.items()))
        return EngineMemory(markets, tuple(self._ticks[key] for key in sorted(self._ticks)))

    def _on_instrument(self, envelope: Envelope, event: InstrumentUpdated) -> None:
        self._instruments[event.instrument.instrument_id] = event.instrument
        self._market.add(event.instrument)

    def _load(self, now: int, event: InstanceLoaded, *, is_refused: bool) -> None:
        """Begin what an instance makes the engine keep: its bars, even of a load that the kernel
        refused, and its cadence, unless it goes on with the one that it had.
        """
        for instrument_id, timeframe_ns in event.timeframes:
            instrument = self._instruments.get(instrument_id)
            if instrument is not None:
                self._market.add(instrument)
                self._market.desks[instrument_id].want(timeframe_ns)
        known = self._ticks.get(event.strategy_id)
        if is_refused or not event.tick_steps or (known and known.steps == event.tick_steps):
            return
        first = div_floor(now, HEARTBEAT_NS) + 1
        self._ticks[event.strategy_id] = TickMemory(
            event.strategy_id, event.tick_steps, first, None, 0
        )

    def _tick(self, beat: Heartbeat) -> None:
        for strategy_id in beat.due:
            known = self._ticks.get(strategy_id)
            if known is not None:
                self._ticks[strategy_id] = after_tick(known, beat.number)


def after_tick(known: TickMemory, number: int) -> TickMemory:
    """Return a cadence after the tick of a heartbeat; those slept through are counted."""
    skipped = div_floor(max(number - known.due, 0), known.steps)
    due = known.due + (skipped + 1) * known.steps
    return TickMemory(known.strategy_id, known.steps, due, number, known.missed + skipped)


def unwatched(memory: EngineMemory) -> EngineMemory:
    """Return a memory without bars under way: nobody watched the markets meanwhile."""
    return replace(memory, markets=tuple(replace(one, buckets=()) for one in memory.markets))


def cadences_of(memory: EngineMemory) -> dict[StrategyId, TickMemory]:
    """Return the cadences by instance."""
    return {tick.strategy_id: tick for tick in memory.ticks}


def _market_memory(desk: Desk) -> MarketMemory:
    wanted = [t for t in sorted(desk.series) if t in desk.on_bars or t == desk.base_ns]
    if not desk.runners:
        wanted = sorted(desk.series)
    return MarketMemory(
        desk.instrument.instrument_id,
        int(desk.source),
        desk.base_ns,
        desk.last_close,
        tuple((timeframe, desk.series[timeframe].newest(desk.keep)) for timeframe in wanted),
        tuple(b.bucket() for b in desk.builders if b.timeframe_ns in wanted),
    )


def _restore(desk: Desk, known: MarketMemory) -> None:
    for timeframe, bars in known.series:
        desk.want(timeframe)
        for bar in bars:
            desk.series[timeframe].append(bar)
    if known.source:
        desk.see(BarSource(known.source), known.base_ns)
    desk.last_close = known.last_close
    builders = {builder.timeframe_ns: builder for builder in desk.builders}
    for bucket in known.buckets:
        builder = builders.get(bucket.timeframe_ns)
        if builder is not None:
            builder.resume(bucket)


def _nobody(*_: object) -> None:
    """Nobody is told."""
