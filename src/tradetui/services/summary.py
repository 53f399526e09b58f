"""What a run came to: trades, fees, PnL, refusals by reason; fed with the steps of the journal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from tradetui.domain.enums import InstanceState, OrderSide, Outcome
from tradetui.domain.formatting import counted, exact_money, plain_money, timestamp
from tradetui.domain.ids import Currency, InstrumentId, StrategyId, is_shadow
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import Bar, InstrumentUpdated, Quote, Trade
from tradetui.domain.orders import Fill
from tradetui.domain.reasons import Reason
from tradetui.domain.replica import InstanceView, InstrumentView
from tradetui.domain.risk import RiskDecision
from tradetui.domain.steps import StepRecord
from tradetui.domain.units import (
    CASH_SCALE,
    NANOS_PER_SECOND,
    div_floor,
    div_half_even,
    format_scaled,
)
from tradetui.domain.words import limit_key
from tradetui.ports.history import EquityPoint
from tradetui.ports.market_data import EdgeCounts
from tradetui.services.performance import Performance

Value = Callable[[], EquityPoint | None]
"""Says what the money is worth now, None while a price or a rate lacks."""

MAX_POINTS: Final = 4_000
_LABELS: Final = 5


@dataclass
class _Curve:
    """A series of (time ns, value), thinned by half whenever it grows too long."""

    points: list[tuple[int, int]] = field(default_factory=list)
    _keep_every: int = 1
    _seen: int = 0

    def add(self, time: int, value: int) -> None:
        self._seen += 1
        if self._seen % self._keep_every:
            return
        self.points.append((time, value))
        if len(self.points) > MAX_POINTS:
            self.points = self.points[1::2]
            self._keep_every *= 2


@dataclass
class _Instance:
    """Counts of one instance; money by currency at CASH_SCALE."""

    trades: int = 0
    would: int = 0
    realised: Counter[Currency] = field(default_factory=Counter)
    fees: Counter[Currency] = field(default_factory=Counter)
    performance: Performance = field(default_factory=Performance)


class RunSummary:
    """Adds up a run, step by step; memory does not grow with its length."""

    def __init__(self) -> None:
        self._instruments: dict[InstrumentId, Instrument] = {}
        self._instances: dict[StrategyId, _Instance] = {}
        self._outcomes: Counter[Outcome] = Counter()
        self._reasons: Counter[str] = Counter()
        self._prices: dict[InstrumentId, _Curve] = {}
        self._fills: dict[InstrumentId, list[tuple[int, int, OrderSide]]] = {}
        self._equity: dict[str, _Curve] = {}
        self._first_equity: dict[str, EquityPoint] = {}
        self._value_opening: Value | None = None
        """What values the money of the beginning, as long as it has no value."""
        self._last_equity: dict[str, EquityPoint] = {}
        self._first_time: int | None = None
        self._last_time = 0
        self._steps = 0
        self._incidents = 0
        self._performance = Performance()
        self._traders: dict[InstrumentId, dict[StrategyId, Performance]] = {}
        self._edges: tuple[EdgeCounts, ...] = ()
        self._views: dict[StrategyId, InstanceView] = {}
        self._markets: dict[InstrumentId, InstrumentView] = {}

    def begin(self, value: Value) -> None:
        """Take what values the run's money. What it begins with is worth its value before the first
        step; where a rate lacks there, at the first prices, if nothing has been traded before.
        """
        self._value_opening = value
        self._open()

    def _open(self) -> None:
        point = self._value_opening() if self._value_opening is not None else None
        if point is not None:
            self._first_equity[point.key] = point
            self._value_opening = None

    def add(self, record: StepRecord) -> None:
        """Take one step."""
        event, markets = record.event, len(self._prices)
        self._steps += 1
        if self._first_time is None:
            self._first_time = event.event_time
        self._last_time = max(self._last_time, event.event_time)
        payload = event.payload
        if isinstance(payload, InstrumentUpdated):
            self._instruments[payload.instrument.instrument_id] = payload.instrument
        elif isinstance(payload, (Quote, Trade, Bar)):
            self._add_price(event.instrument, event.event_time, payload)
        for decision in record.decisions:
            self._add_decision(decision)
        for fill in record.result.fills:
            self._add_fill(fill)
        self._incidents += sum(d.is_incident for d in record.result.diagnostics)
        if record.result.fills:
            self._value_opening = None
        elif len(self._prices) > markets:
            self._open()

    def add_equity(self, point: EquityPoint) -> None:
        """Take one point of the equity curve."""
        self._last_equity[point.key] = point
        self._equity.setdefault(point.key, _Curve()).add(point.event_time, point.equity)

    def end(
        self,
        instances: Iterable[InstanceView],
        instruments: Iterable[InstrumentView],
        edges: Iterable[EdgeCounts] = (),
    ) -> None:
        """Take how every instance is at the end, also of those that did nothing, and what became
        of the items of each feed before they were steps.
        """
        self._edges = tuple(edges)
        self._views = {view.strategy_id: view for view in instances}
        self._markets = {view.instrument_id: view for view in instruments}

    def report(self) -> dict[str, Any]:
        """Return the summary as plain data: money as exact text, and the curves for a plot."""
        return {
            "steps": self._steps,
            "from": "-" if self._first_time is None else timestamp(self._first_time),
            "to": "-" if self._first_time is None else timestamp(self._last_time),
            "trades": sum(instance.trades for instance in self._instances.values()),
            "fees": self._total("fees"),
            "realised_pnl": self._total("realised"),
            "unrealised_pnl": self._unrealised(),
            "still_open": self._still_open(),
            "limits_reached": self._limits_reached(),
            "equity_change": self._equity_change(),
            **_performed(self._performance),
            "decisions": {outcome.value: self._outcomes[outcome] for outcome in Outcome},
            "refusals": dict(sorted(self._reasons.items(), key=lambda item: (-item[1], item[0]))),
            "incidents": self._incidents,
            "edge": {
                name: sum(getattr(edge, name) for edge in self._edges)
                for name in ("reordered", "late", "malformed")
            },
            "instances": [self._row(name) for name in sorted({**self._views, **self._instances})],
            **self._plots(),
        }

    def _add_price(self, instrument_id: InstrumentId, time: int, item: Bar | Trade | Quote) -> None:
        if isinstance(item, Bar):
            if item.warmup_for is not None:
                return
            price = item.close
        elif isinstance(item, Trade):
            price = item.price
        else:
            if not item.bid or not item.ask:
                return
            price = div_floor(item.bid + item.ask, 2)
        curve = self._prices.get(instrument_id)
        if curve is None:
            curve = self._prices[instrument_id] = _Curve()
        curve.add(time, price)
        traders = self._traders.get(instrument_id)
        if traders:
            instrument = self._instruments[instrument_id]
            self._performance.price(instrument, price)
            for performance in traders.values():
                performance.price(instrument, price)

    def _add_decision(self, decision: RiskDecision) -> None:
        if decision.would:
            self._instance(decision.strategy_id).would += 1
            return
        self._outcomes[decision.outcome] += 1
        if decision.outcome is Outcome.REJECT:
            self._reasons[decision.reason.value] += 1

    def _add_fill(self, fill: Fill) -> None:
        if is_shadow(fill.route_id):
            return
        instance = self._instance(fill.strategy_id)
        instance.trades += 1
        instance.fees[fill.commission_currency] += fill.commission
        instrument = self._instruments.get(fill.instrument_id)
        if instrument is not None:
            instance.realised[instrument.quote] += fill.realised_pnl
            self._performance.fill(fill, instrument)
            instance.performance.fill(fill, instrument)
            traders = self._traders.setdefault(fill.instrument_id, {})
            traders[fill.strategy_id] = instance.performance
        marks = self._fills.setdefault(fill.instrument_id, [])
        if len(marks) < MAX_POINTS:
            marks.append((fill.event_time, fill.price, fill.side))

    def _instance(self, strategy_id: StrategyId) -> _Instance:
        return self._instances.setdefault(strategy_id, _Instance())

    def _total(self, name: str) -> dict[str, str]:
        total: Counter[Currency] = Counter()
        for instance in self._instances.values():
            total.update(getattr(instance, name))
        return _money(total)

    def _row(self, strategy_id: StrategyId) -> dict[str, Any]:
        instance = self._instances.get(strategy_id, _Instance())
        return {
            "instance": strategy_id,
            **self._standing(strategy_id),
            "trades": instance.trades,
            "would": instance.would,
            "realised_pnl": _money(instance.realised),
            "fees": _money(instance.fees),
            **_performed(instance.performance),
        }

    def _standing(self, strategy_id: StrategyId) -> dict[str, Any]:
        """Return how an instance is at the end, nothing when that was not told."""
        view = self._views.get(strategy_id)
        if view is None:
            return {}
        return {
            "state": view.state.value,
            "position": self._size(view) if view.position else None,
            "open_pnl": _open_pnl(view) if view.position else None,
            "error": view.error or None,
            "why": view.state_reason or None,
        }

    def _still_open(self) -> list[str]:
        """Return a sentence for every instance that holds something or has orders at the end."""
        return [
            f"{name}: {self._held(view)}, {counted(view.orders_open, 'order')}"
            for name, view in sorted(self._views.items())
            if view.position or view.orders_open
        ]

    def _limits_reached(self) -> list[str]:
        """Return a sentence for every instance that a limit of its own keeps from entering: what
        was reached, and where the config sets it.
        """
        return [
            f"{name}: {view.state_reason}, so it enters nothing more: raise "
            f"{limit_key(view.broken_limit.value)} in [limits.{name}] of the config, in "
            "[limits.default] where it has none of its own"
            for name, view in sorted(self._views.items())
            if view.state is InstanceState.EXIT_ONLY and view.broken_limit is not Reason.NONE
        ]

    def _held(self, view: InstanceView) -> str:
        if not view.position:
            return f"no position in {view.symbol}"
        side = "LONG" if view.position > 0 else "SHORT"
        size = self._size(view).removeprefix("-")
        return f"{side} {size} {view.symbol}, open PnL {_open_pnl(view)}, guard {view.guard.value}"

    def _size(self, view: InstanceView) -> str:
        market = self._markets[view.instrument_id]
        return format_scaled(view.position, market.size_scale, market.size_decimals)

    def _unrealised(self) -> dict[str, str]:
        """Return the profit of what is still held by currency; a dash where a price lacks."""
        total: Counter[Currency] = Counter()
        unknown: dict[str, str] = {}
        for view in self._views.values():
            if view.position and view.open_pnl is None:
                unknown[view.currency] = "-"
            elif view.position:
                total[view.currency] += view.open_pnl or 0
        return {**_money(total), **unknown}

    def _equity_change(self) -> dict[str, str]:
        changes = {}
        for key, last in sorted(self._last_equity.items()):
            first = self._first_equity.get(key)
            name = f"{key} {last.currency}"
            changes[name] = (
                "-" if first is None else exact_money(last.equity - first.equity, last.currency)
            )
        return changes

    def _plots(self) -> dict[str, Any]:
        plots = [
            self._price_plot(self._instruments[name], curve)
            for name, curve in sorted(self._prices.items())
            if name in self._instruments
        ]
        key = min(self._equity, default=None)
        points = [] if key is None else _scaled(self._equity[key].points, CASH_SCALE)
        title = "" if key is None else f"equity of {key}, {self._last_equity[key].currency}"
        labels = [] if key is None else _time_labels(self._equity[key].points)
        return {"plots": plots, "equity": points, "equity_title": title, "labels": labels}

    def _price_plot(self, instrument: Instrument, curve: _Curve) -> dict[str, Any]:
        scale = 10**instrument.price_scale
        fills = [
            [time / NANOS_PER_SECOND, price / scale, side.value]
            for time, price, side in self._fills.get(instrument.instrument_id, [])
        ]
        return {
            "title": f"{instrument.symbol} with {len(fills)} fills",
            "price": _scaled(curve.points, instrument.price_scale),
            "fills": fills,
            "labels": _time_labels(curve.points),
        }


def _performed(performance: Performance) -> dict[str, Any]:
    """Return round trips, the share of them that won, and the largest fall of the money."""
    rate = performance.win_rate_ppm
    return {
        "round_trips": performance.round_trips,
        "win_rate": None
        if rate is None
        else f"{format_scaled(div_half_even(rate, 1_000), 1, 1)} %",
        "max_drawdown": _money(performance.drawdown),
    }


def _open_pnl(view: InstanceView) -> str:
    if view.open_pnl is None:
        return "-"
    return f"{plain_money(view.open_pnl, view.currency)} {view.currency}"


def _money(amounts: Counter[Currency]) -> dict[str, str]:
    return {name: exact_money(amounts[name], name) for name in sorted(amounts)}


def _scaled(points: list[tuple[int, int]], scale: int) -> list[list[float]]:
    """Return (seconds, value) for a chart: the one place where exactness does not matter."""
    factor = 10**scale
    return [[time / NANOS_PER_SECOND, value / factor] for time, value in points]


def _time_labels(points: list[tuple[int, int]]) -> list[str]:
    if len(points) < 2:
        return []
    first, last = points[0][0], points[-1][0]
    step = div_floor(last - first, _LABELS - 1)
    return [timestamp(first + number * step) for number in range(_LABELS)]
