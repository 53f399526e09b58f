"""Markets: the top of each book, the last price and what it has been."""

from __future__ import annotations

from typing import Final

from tradetui.core.state import KernelState
from tradetui.domain.ids import InstrumentId, StrategyId
from tradetui.domain.pages import MarketLine, MarketsPage
from tradetui.domain.replica import ChartBar
from tradetui.domain.units import NANOS_PER_DAY, NANOS_PER_MINUTE
from tradetui.runtime.charts import ChartKeeper
from tradetui.runtime.staleness import stale_after

SPARK_BARS: Final = 60
_DAY_MINUTES: Final = 1_000


def markets_page(state: KernelState, charts: ChartKeeper, now: int) -> MarketsPage:
    """Return the page as of now."""
    users = _users(state)
    return MarketsPage(
        now,
        tuple(
            _line(state, charts, key, now, users.get(key, ())) for key in sorted(state.instruments)
        ),
    )


def _users(state: KernelState) -> dict[InstrumentId, tuple[StrategyId, ...]]:
    found: dict[InstrumentId, tuple[StrategyId, ...]] = {}
    for strategy_id in sorted(state.instances):
        instance = state.instances[strategy_id]
        for key in dict.fromkeys((instance.instrument_id, *instance.instruments)):
            found[key] = (*found.get(key, ()), strategy_id)
    return found


def _line(
    state: KernelState,
    charts: ChartKeeper,
    key: InstrumentId,
    now: int,
    users: tuple[StrategyId, ...],
) -> MarketLine:
    mark, quote = state.marks.get(key), charts.quote(key)
    bars = charts.candles(key, NANOS_PER_MINUTE, _DAY_MINUTES, now)
    today = [bar for bar in bars if bar.open_time >= now - now % NANOS_PER_DAY]
    time = None if mark is None else mark.event_time
    deadline = stale_after(state, charts, key, [state.instances[user] for user in users])
    return MarketLine(
        instrument_id=key,
        venue=state.instruments[key].venue,
        bid=(mark.bid or None) if mark is not None else None,
        bid_quantity=quote.bid_quantity if quote is not None and quote.bid else None,
        ask=(mark.ask or None) if mark is not None else None,
        ask_quantity=quote.ask_quantity if quote is not None and quote.ask else None,
        last=None if mark is None else mark.price,
        time=time,
        is_stale=time is not None and now - time > deadline,
        day_open=today[0].open if today else None,
        volume=sum(bar.volume for bar in today),
        spark=_spark(bars),
        users=users,
    )


def _spark(bars: tuple[ChartBar, ...]) -> tuple[int, ...]:
    return tuple(bar.close for bar in bars[-SPARK_BARS:])
