"""What is drawn for one instance: candles, its fills, its resting levels, its own lines."""

from __future__ import annotations

import math
from typing import Final

from tradetui.core.orders import open_orders_of
from tradetui.domain.enums import InstanceMode, OrderSide
from tradetui.domain.ids import InstrumentId, StrategyId, is_shadow
from tradetui.domain.instruments import average_price
from tradetui.domain.replica import ChartFill, ChartLevel, ChartSeries, ChartView, FillView
from tradetui.runtime.charts import ChartKeeper
from tradetui.runtime.loop_view import LoopView

POSITION_LEVEL: Final = "position"
MAX_POINTS: Final = 1_000


def chart_view(
    loop: LoopView,
    charts: ChartKeeper,
    fills: tuple[FillView, ...],
    strategy_id: StrategyId,
    instrument_id: InstrumentId,
    timeframe_ns: int,
    count: int,
) -> ChartView | None:
    """Return an instance's chart; None while its market has no price."""
    bars = charts.candles(instrument_id, timeframe_ns, count, loop.now)
    if not bars:
        return None
    since = bars[0].open_time
    marks = tuple(
        ChartFill(fill.event_time, fill.side, fill.price, fill.quantity)
        for fill in fills
        if fill.strategy_id == strategy_id
        and fill.instrument_id == instrument_id
        and fill.event_time >= since
    )
    return ChartView(
        strategy_id,
        instrument_id,
        timeframe_ns,
        bars,
        marks,
        _levels(loop, strategy_id, instrument_id),
        _lines(loop, strategy_id, since),
    )


def _levels(
    loop: LoopView, strategy_id: StrategyId, instrument_id: InstrumentId
) -> tuple[ChartLevel, ...]:
    """Return resting orders and the entry price of the book that the instance trades on."""
    state = loop.kernel.state
    instance = state.instances.get(strategy_id)
    is_observing = instance is not None and instance.mode is InstanceMode.OBSERVE
    levels = []
    for order in open_orders_of(state, strategy_id, with_shadow=is_observing):
        terms = order.terms
        if terms.instrument_id != instrument_id or is_shadow(terms.route_id) is not is_observing:
            continue
        price = terms.price
        if price is None:
            price = order.trigger_price or terms.trigger_price
        if price is not None:
            levels.append(ChartLevel(str(terms.role), terms.side, price))
    quantity = cost = 0
    for key, held in state.positions.items():
        is_own = key[0] == strategy_id and key[2] == instrument_id
        if is_own and is_shadow(key[1]) is is_observing:
            quantity += held.quantity
            cost += held.cost
    if quantity:
        side = OrderSide.BUY if quantity > 0 else OrderSide.SELL
        entry = average_price(state.instruments[instrument_id], cost, quantity)
        levels.append(ChartLevel(POSITION_LEVEL, side, entry))
    return tuple(levels)


def _lines(loop: LoopView, strategy_id: StrategyId, since: int) -> tuple[ChartSeries, ...]:
    runner = loop.host.running_instances.get(strategy_id)
    if runner is None:
        return ()
    lines = []
    for name, pairs in runner.strategy.plots.items():
        points = tuple(
            (int(time), float(value))
            for time, value in pairs[-MAX_POINTS:]
            if time >= since and not math.isnan(value)
        )
        lines.append(ChartSeries(name, points))
    return tuple(lines)
