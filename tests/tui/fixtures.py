"""A fake engine with the figures of the two drawings of the main screen, consistent throughout.

Rows add up to the totals, price and quantity to PnL. The tests and the stand-alone app
(``python -m tests.tui.standalone``) use the same.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace
from tests.support.styles import share_parsed_styles

from tradetui.domain.commands import CommandReply, OperatorCommand
from tradetui.domain.enums import (
    Guard,
    InstanceMode,
    InstanceState,
    InstrumentClass,
    LiquiditySide,
    OrderRole,
    OrderSide,
    OrderState,
    OrderType,
    Outcome,
    RunMode,
    Severity,
    TimeInForce,
)
from tradetui.domain.ids import (
    ClientOrderId,
    Currency,
    InstrumentId,
    RouteId,
    StrategyId,
    TradeId,
)
from tradetui.domain.intents import Signal, SignalGate
from tradetui.domain.pages import (
    DecisionsPage,
    DiagnosticsPage,
    EventFilter,
    EventsPage,
    FillsPage,
    MarketsPage,
    OrdersPage,
    RiskPage,
    RunsPage,
)
from tradetui.domain.reasons import Reason
from tradetui.domain.replica import (
    AlertView,
    Change,
    ChartBar,
    ChartFill,
    ChartLevel,
    ChartSeries,
    ChartView,
    DecisionView,
    FillView,
    HeaderView,
    HoldingView,
    InstanceView,
    InstrumentView,
    LogView,
    OrderView,
    ReplicaChange,
    ReplicaSnapshot,
    UiView,
)
from tradetui.domain.risk import Gate, InstanceLimits, RiskProfile
from tradetui.domain.units import NANOS_PER_MINUTE, NANOS_PER_SECOND, parse_scaled
from tradetui.runtime.alerts import AlertBook
from tradetui.runtime.conditions import Inquiry, seen_conditions
from tradetui.services.config_changes import differences
from tradetui.services.worst_case import limit_lines, share_lines
from tradetui.tui.actions import (
    ConfigDiff,
    Draft,
    MarketChoice,
    Printed,
    SettingLine,
    StrategyChoice,
)
from tradetui.tui.app import ConsoleApp
from tradetui.tui.theme import load_theme

share_parsed_styles()

SECOND = NANOS_PER_SECOND
DAY = 1_795_132_800 * SECOND
"""2026-11-20 00:00 UTC."""


def at(text: str) -> int:
    """Return the moment ``HH:MM:SS[.mmm]`` of the fixture's day."""
    hours, minutes, seconds = text.split(":")
    return DAY + (int(hours) * 3600 + int(minutes) * 60) * SECOND + parse_scaled(seconds, 9)


NOW = at("14:32:07")


@functools.cache
def cash(text: str) -> int:
    """Return an amount of money."""
    return parse_scaled(text, 8)


def course(text: str) -> tuple[int, ...]:
    """Return the amounts of a profit's course."""
    return tuple(cash(amount) for amount in text.split())


def instrument(symbol: str, price_decimals: int, size_decimals: int) -> InstrumentView:
    base, quote = symbol.split("/")
    return InstrumentView(
        InstrumentId(f"{symbol}.BINANCE"),
        symbol,
        Currency(base),
        Currency(quote),
        8,
        8,
        price_decimals,
        size_decimals,
    )


INSTRUMENTS = tuple(
    instrument(*row)
    for row in (
        ("ADA/BTC", 8, 1),
        ("BTC/USDT", 2, 5),
        ("ETH/USDT", 2, 4),
        ("SOL/USDT", 2, 2),
        ("XRP/USDT", 4, 1),
    )
)

CONFIG = {"z": 2.0, "stop_atr": 2.5, "rr": 2.5, "risk": 0.005, "cooldown_h": 4}


TRACEBACK = """\
Traceback (most recent call last):
  File "market_maker.py", line 61, in on_book
    skew = self.position.size / self.cfg.clip
ZeroDivisionError: float division by zero
"""


def row(
    name: str,
    kind: str,
    symbol: str,
    mode: InstanceMode,
    state: InstanceState,
    **more: Any,
) -> InstanceView:
    fields: dict[str, Any] = dict(  # noqa: C408 - reads like the record
        strategy_id=StrategyId(name),
        strategy_type=kind,
        label=kind.replace("_", " "),
        account="binance/main",
        symbol=symbol,
        instrument_id=InstrumentId(f"{symbol}.BINANCE"),
        currency=Currency(symbol.split("/")[1]),
        mode=mode,
        state=state,
        state_reason="",
        price=None,
        price_time=None,
        is_stale=False,
        position=0,
        entry_price=None,
        stop_price=None,
        target_price=None,
        guard=Guard.FLAT,
        orders_open=0,
        orders_unknown=0,
        open_pnl=None,
        day_pnl=None,
        fees_day=0,
        last_tick=None,
        next_tick=None,
        last_decision=None,
        last_decision_would=False,
        last_decision_time=None,
        config_json=json.dumps(CONFIG),
        config_version=7,
        config_time=at("09:12:00") - 2 * 86_400 * SECOND,
        config_by="op",
        revision=12,
        file_hash="3f9a1c07",
        is_loaded=mode is not InstanceMode.OFF,
    )
    fields.update(more)
    return InstanceView(**fields)


@functools.cache
def instances() -> tuple[InstanceView, ...]:
    off, observe, active = InstanceMode
    tick, due = at("14:31:36"), NOW + 29 * SECOND
    return (
        row("ada-test", "bollinger", "ADA/BTC", off, InstanceState.OFF),
        row(
            "btc-mr",
            "mean_revert",
            "BTC/USDT",
            active,
            InstanceState.ACTIVE,
            price=cash("67412.30"),
            price_time=NOW - 4 * SECOND // 10,
            position=cash("0.02350"),
            entry_price=cash("66561.10"),
            stop_price=cash("66135.60"),
            target_price=cash("67624.80"),
            guard=Guard.VENUE,
            orders_open=2,
            open_pnl=cash("20.00"),
            day_pnl=cash("46.92"),
            fees_day=cash("3.31"),
            last_tick=tick,
            next_tick=due,
            tick_steps=10,
            callback_p99=3_200_000,
            last_decision=Outcome.ALLOW,
            last_decision_time=at("14:30:00"),
            budget=cash("2000"),
            budget_used=cash("1564.19"),
            max_loss_per_day=cash("60"),
            opened_time=at("11:30:01"),
            warm=(("fast", 200, 200), ("slow", 100, 100)),
            holding=HoldingView(
                worth=cash("1584.19"),
                risk=cash("10.00"),
                open_bps=128,
                open_r=200,
                best=cash("22.15"),
                worst=cash("-5.67"),
                fills=2,
                fees=cash("1.56"),
            ),
            course=course("0 5 12 9 14 20 18 26.92 30 24 38 46.92"),
        ),
        row(
            "btc-trend",
            "ma_cross",
            "BTC/USDT",
            active,
            InstanceState.EXIT_ONLY,
            state_reason='set 13:58:12 by op: "chop, wait for the US open"',
            price=cash("67412.30"),
            price_time=NOW - 4 * SECOND // 10,
            position=cash("0.01000"),
            entry_price=cash("68020.00"),
            course=course("0 -3 -9 -12 -10 -18.82 -24.9"),
            stop_price=cash("66800.00"),
            guard=Guard.VENUE,
            orders_open=1,
            open_pnl=cash("-6.08"),
            day_pnl=cash("-24.90"),
            fees_day=cash("1.36"),
            last_tick=tick,
            next_tick=due,
            last_decision=Outcome.REJECT,
            last_decision_time=at("14:25:00"),
            budget=cash("1000"),
            budget_used=cash("680.20"),
        ),
        row(
            "eth-grid",
            "grid",
            "ETH/USDT",
            active,
            InstanceState.BLOCKED,
            state_reason="order_unknown: eth-mr order tt7k-0412 not proven",
            price=cash("3184.55"),
            price_time=NOW - 7 * SECOND // 10,
            position=cash("0.8400"),
            entry_price=cash("3171.20"),
            guard=Guard.NONE_BY_DESIGN,
            orders_open=11,
            open_pnl=cash("11.21"),
            day_pnl=cash("14.06"),
            fees_day=cash("2.10"),
            last_tick=at("14:32:00"),
            next_tick=NOW + 5 * SECOND,
            last_decision=Outcome.REJECT,
            last_decision_time=at("14:32:00"),
            budget=cash("4000"),
            budget_used=cash("2663.81"),
        ),
        row(
            "eth-mr",
            "mean_revert",
            "ETH/USDT",
            active,
            InstanceState.BLOCKED,
            state_reason="order_unknown: order tt7k-0412 not proven",
            price=cash("3184.55"),
            price_time=NOW - 7 * SECOND // 10,
            orders_open=1,
            orders_unknown=1,
            open_pnl=0,
            day_pnl=cash("-31.44"),
            fees_day=cash("4.02"),
            last_tick=tick,
            next_tick=due,
            last_decision=Outcome.MODIFY,
            last_decision_time=at("14:31:58"),
            budget=cash("2000"),
            budget_used=cash("999.85"),
            max_loss_per_day=cash("60"),
        ),
        row(
            "sol-mm",
            "market_maker",
            "SOL/USDT",
            active,
            InstanceState.ERROR,
            state_reason="3 errors in a row",
            price=cash("142.36"),
            price_time=NOW - 11 * SECOND // 10,
            position=cash("12.40"),
            entry_price=cash("143.02"),
            guard=Guard.MISSING,
            open_pnl=cash("-8.18"),
            day_pnl=cash("-24.34"),
            fees_day=cash("5.77"),
            last_tick=at("14:31:30"),
            last_decision=Outcome.ALLOW,
            last_decision_time=at("14:31:24"),
            error="ZeroDivisionError in on_book: float division by zero",
            traceback=TRACEBACK,
        ),
        row(
            "xrp-bb",
            "bollinger",
            "XRP/USDT",
            observe,
            InstanceState.OBSERVE,
            price=cash("0.5231"),
            price_time=NOW - 9 * SECOND // 10,
            open_pnl=0,
            day_pnl=0,
            last_tick=tick,
            next_tick=due,
            last_decision=Outcome.REJECT,
            last_decision_would=True,
            last_decision_time=tick,
            shadow_position=0,
            shadow_pnl=cash("6.10"),
            shadow_orders=4,
            observed_since=NOW - 94_200 * SECOND,
            budget=cash("500"),
            budget_used=0,
        ),
    )


def header(**more: Any) -> HeaderView:
    fields: dict[str, Any] = dict(  # noqa: C408 - reads like the record
        run_mode=RunMode.LIVE,
        account="binance/main",
        feed="binance, real-time",
        now=NOW,
        reporting_currency=Currency("USDT"),
        equity=cash("12480.16"),
        day_pnl=cash("-19.70"),
        day_loss_limit=cash("300"),
        exposure=cash("8632.65"),
        exposure_limit=cash("10000"),
        kills=(),
        count_off=1,
        count_observe=1,
        count_active=5,
        count_limited=4,
        orders_open=15,
        orders_unknown=1,
        data_age=4 * SECOND // 10,
        data_worst="SOL/USDT 1.1s",
        event_lag=2_000_000,
        queue_depth=0,
        drops=0,
        seq_id=1_204_331,
        journal_latency=3_000_000,
        instrument_classes=(InstrumentClass.SPOT,),
        venue_latency=38_000_000,
        venue_weight=14,
    )
    fields.update(more)
    return HeaderView(**fields)


def order(
    name: str, owner: str, symbol: str, side: OrderSide, size: str, price: str, **more: Any
) -> OrderView:
    fields: dict[str, Any] = dict(  # noqa: C408 - reads like the record
        client_order_id=ClientOrderId(name),
        strategy_id=StrategyId(owner),
        route_id=RouteId("binance-spot"),
        instrument_id=InstrumentId(f"{symbol}.BINANCE"),
        side=side,
        order_type=OrderType.LIMIT,
        quantity=cash(size),
        filled_quantity=0,
        price=None if more.get("trigger_price") else cash(price),
        trigger_price=None,
        average_price=None,
        time_in_force=TimeInForce.GTC,
        role=OrderRole.ENTRY,
        state=OrderState.ACCEPTED,
        is_unknown=False,
        is_open=True,
        is_shadow=False,
        reason="",
        created_time=at("11:30:01"),
        updated_time=at("11:30:02"),
    )
    fields.update(more)
    return OrderView(**fields)


@functools.cache
def orders() -> tuple[OrderView, ...]:
    sell, buy = OrderSide.SELL, OrderSide.BUY
    grid = tuple(
        order(
            f"tt7k-03{80 + index}",
            "eth-grid",
            "ETH/USDT",
            sell if index > 4 else buy,
            "0.0600",
            f"{3120 + 16 * index}.00",
            role=OrderRole.EXIT if index > 4 else OrderRole.ENTRY,
        )
        for index in range(11)
    )
    return (
        order(
            "tt7k-0398",
            "btc-mr",
            "BTC/USDT",
            sell,
            "0.02350",
            "66135.60",
            order_type=OrderType.STOP,
            trigger_price=cash("66135.60"),
            role=OrderRole.STOP_LOSS,
            oco_group="oco-1",
        ),
        order(
            "tt7k-0399",
            "btc-mr",
            "BTC/USDT",
            sell,
            "0.02350",
            "67624.80",
            role=OrderRole.TAKE_PROFIT,
            oco_group="oco-1",
        ),
        order(
            "tt7k-0397",
            "btc-trend",
            "BTC/USDT",
            sell,
            "0.01000",
            "66800.00",
            order_type=OrderType.STOP,
            trigger_price=cash("66800.00"),
            role=OrderRole.STOP_LOSS,
        ),
        *grid,
        order(
            "tt7k-0412",
            "eth-mr",
            "ETH/USDT",
            buy,
            "0.3143",
            "3181.20",
            is_unknown=True,
            state=OrderState.SUBMITTED,
            created_time=at("14:31:58"),
            updated_time=at("14:31:58"),
        ),
    )


@functools.cache
def fills() -> tuple[FillView, ...]:
    rows = (("11:30:01.120", "0.01000", 1), ("11:30:01.480", "0.01350", 2))
    return tuple(
        FillView(
            seq_id=1_150_000 + index,
            event_time=at(time),
            strategy_id=StrategyId("btc-mr"),
            route_id=RouteId("binance-spot"),
            instrument_id=InstrumentId("BTC/USDT.BINANCE"),
            client_order_id=ClientOrderId("tt7k-0396"),
            trade_id=TradeId(f"t{index}"),
            side=OrderSide.BUY,
            quantity=cash(size),
            price=cash("66561.10"),
            commission=cash("0.78"),
            commission_currency=Currency("USDT"),
            liquidity=LiquiditySide.TAKER,
            realised_pnl=0,
            position_after=cash("0.02350") if index == 2 else cash("0.01000"),
            run_id="r7k",
        )
        for time, size, index in rows
    )


def decision(
    time: str, seq: int, owner: str, symbol: str, intent: str, outcome: Outcome | None, **more: Any
) -> DecisionView:
    fields: dict[str, Any] = dict(  # noqa: C408 - reads like the record
        seq_id=seq,
        event_time=at(time),
        strategy_id=StrategyId(owner),
        instrument_id=InstrumentId(f"{symbol}.BINANCE"),
        route_id=RouteId("binance-spot"),
        client_order_id=None,
        intent=intent,
        outcome=outcome,
        would=False,
        reason=Reason.NONE,
        gates=(),
        profile="default",
        quantity=None,
        price=None,
        approved_quantity=None,
        approved_price=None,
        note="",
    )
    fields.update(more)
    return DecisionView(**fields)


def passed_gates(count: int) -> tuple[Gate, ...]:
    codes = [code for code in Reason if code is not Reason.NONE]
    return tuple(Gate(code, 0, 1, True) for code in codes[:count])


@functools.cache
def decisions() -> tuple[DecisionView, ...]:
    notional = Gate(Reason.MAX_ORDER_NOTIONAL, cash("1590.60"), cash("1000.00"), False, 8)
    flat = Signal(
        StrategyId("btc-mr"),
        "long",
        (
            SignalGate("flat", "no", "is", "yes", False),
            SignalGate("z", "+2.11", "<", "-2.00", False),
            SignalGate("trend 1h", "66,958.10", ">", "66,702.45", True),
            SignalGate("cooldown", "over 5h15m", "is", "over", True),
        ),
        False,
    )
    return (
        decision("14:20:00.402", 1_201_818, "btc-mr", "BTC/USDT", "", None, signal=flat),
        decision(
            "14:25:00.377",
            1_202_447,
            "btc-trend",
            "BTC/USDT",
            "BUY 0.01000 BTC market",
            Outcome.REJECT,
            reason=Reason.EXIT_ONLY,
            gates=(Gate(Reason.EXIT_ONLY, 1, 0, False),),
            note='set 13:58:12 by op: "chop, wait for the US open"',
        ),
        decision(
            "14:30:00.398",
            1_203_102,
            "btc-mr",
            "BTC/USDT",
            "REPLACE tt7k-0399 limit 67,580.00 -> 67,624.80",
            Outcome.ALLOW,
            gates=passed_gates(12),
            note="acknowledged in 38 ms",
        ),
        decision(
            "14:31:24.117",
            1_203_702,
            "sol-mm",
            "SOL/USDT",
            "SELL 6.20 SOL limit 142.71 post-only",
            Outcome.ALLOW,
            gates=passed_gates(12),
            note="tt7k-0411 cancelled 14:31:30 by error rule",
        ),
        decision(
            "14:31:36.004",
            1_203_960,
            "xrp-bb",
            "XRP/USDT",
            "BUY 410.0 XRP market",
            Outcome.REJECT,
            would=True,
            reason=Reason.INSTANCE_MODE,
            gates=(Gate(Reason.INSTANCE_MODE, 1, 0, False, note="observe"),),
            note="would buy at 0.5232, stop 0.5105",
        ),
        decision(
            "14:31:58.006",
            1_204_201,
            "eth-mr",
            "ETH/USDT",
            "BUY 0.5000 ETH limit 3,181.20 post-only",
            Outcome.MODIFY,
            reason=Reason.MAX_ORDER_NOTIONAL,
            gates=(*passed_gates(5), notional),
            quantity=cash("0.5000"),
            approved_quantity=cash("0.3143"),
            price=cash("3181.20"),
            approved_price=cash("3181.20"),
            note="tt7k-0412 UNKNOWN",
            client_order_id=ClientOrderId("tt7k-0412"),
        ),
        decision(
            "14:32:00.413",
            1_204_299,
            "eth-grid",
            "ETH/USDT",
            "BUY 0.0600 ETH limit 3,152.00 post-only",
            Outcome.REJECT,
            reason=Reason.ORDER_UNKNOWN,
            gates=(Gate(Reason.ORDER_UNKNOWN, 1, 0, False),),
            note="eth-mr order tt7k-0412 not proven",
        ),
    )


@functools.cache
def alerts() -> tuple[AlertView, ...]:
    """Return what the program itself says of the fixture's rows and orders, as it came about."""
    book = AlertBook()
    markets = {view.instrument_id: view for view in INSTRUMENTS}
    asked = {ClientOrderId("tt7k-0412"): Inquiry(3, at("14:32:18"))}
    found = seen_conditions(instances(), orders(), markets, NOW, asked)
    stopped = {key: found[key] for key in ("error:sol-mm",)}
    book.update(stopped, at("14:31:30"))
    book.update(found, at("14:31:58"))
    return tuple(
        replace(view, alert_id=f"a{number}") for number, view in enumerate(book.views(), 1)
    )


@functools.cache
def log() -> tuple[LogView, ...]:
    return (
        LogView(at("13:58:12"), Severity.INFO, StrategyId("btc-trend"), "exit-only set by op"),
        LogView(
            at("14:30:00"),
            Severity.INFO,
            StrategyId("btc-mr"),
            "target moved 67,580.00 -> 67,624.80, acknowledged in 38 ms",
        ),
        LogView(
            at("14:31:30"), Severity.ERROR, StrategyId("sol-mm"), "ZeroDivisionError in on_book"
        ),
    )


@functools.cache
def chart_bars(count: int) -> tuple[ChartBar, ...]:
    """Return bars of five minutes: through the entry at 11:30, up to the last price."""
    state, bars = 12_345, []
    start, entry, last = at("14:30:00"), cash("66561.10"), cash("67412.30")
    previous: int | None = None
    for back in range(count):
        state = (state * 1_103_515_245 + 12_345) % 2**31
        noise = (state % 19_000 - 9_500) * 1_000_000
        if back == 0:
            close = last
        elif back <= 36:
            close = last - (last - entry) // 36_000_000 * back * 1_000_000 + noise
        else:
            close = entry + (back - 36) * 40 * 1_000_000 + noise * 2
        state = (state * 1_103_515_245 + 12_345) % 2**31
        reach = state % 1_250 * 4_000_000
        if previous is not None:
            bars[-1] = replace(bars[-1], open=close, low=min(bars[-1].low, close - reach // 4))
            bars[-1] = replace(bars[-1], high=max(bars[-1].high, close + reach // 4))
        bars.append(
            ChartBar(
                start - back * 5 * NANOS_PER_MINUTE,
                close,
                close + reach,
                close - reach // 2,
                close,
                cash("3"),
            )
        )
        previous = close
    bars.reverse()
    return tuple(bars)


@functools.cache
def chart(count: int) -> ChartView:
    bars = chart_bars(count)
    closes = [bar.close for bar in bars]
    mean = [
        (bars[index].open_time, sum(closes[index - 19 : index + 1]) / 20 / 10**8)
        for index in range(19, len(bars))
    ]
    return ChartView(
        StrategyId("btc-mr"),
        InstrumentId("BTC/USDT.BINANCE"),
        5 * NANOS_PER_MINUTE,
        bars,
        (ChartFill(at("11:30:01"), OrderSide.BUY, cash("66561.10")),),
        (
            ChartLevel("entry_price", OrderSide.BUY, cash("66561.10")),
            ChartLevel("stop_loss", OrderSide.SELL, cash("66135.60")),
            ChartLevel("take_profit", OrderSide.SELL, cash("67624.80")),
        ),
        (ChartSeries("mean", tuple(mean)),),
    )


def full_chart(view: ChartView) -> ChartView:
    """Return a chart with volume, lines (one of them no price), fills and resting orders."""
    bars = tuple(
        replace(bar, volume=cash(str((n * 7919 + n // 17 * 400) % 1000 / 10)))
        for n, bar in enumerate(view.bars)
    )
    mean = view.lines[0]
    slow = tuple((time, value - 150 + 90 * math.sin(n / 9)) for n, (time, value) in
                 enumerate(mean.points))  # fmt: skip
    score = tuple((bar.open_time, round(2 * math.sin(n / 7), 3)) for n, bar in enumerate(bars))
    fills = (
        *view.fills,
        ChartFill(at("13:10:00"), OrderSide.SELL, cash("66900"), cash("0.01")),
        ChartFill(at("14:15:30"), OrderSide.BUY, cash("67300"), cash("0.01")),
    )
    resting = (
        ChartLevel("entry", OrderSide.BUY, cash("66900")),
        ChartLevel("entry", OrderSide.SELL, cash("67550")),
    )
    lines = (mean, ChartSeries("slow", slow), ChartSeries("score", score))
    levels = (*view.levels, *resting)
    return replace(view, bars=bars, fills=fills, levels=levels, lines=lines)


WIDGETS = [
    {"type": "metric", "label": "z", "text": "+2.11", "value": 2.11, "unit": ""},
    {"type": "metric", "label": "atr 5m", "text": "170.23", "value": 170.23, "unit": ""},
    {"type": "metric", "label": "trend 1h", "text": "up", "unit": ""},
    {
        "type": "line_chart",
        "title": "z of the last 63 bars",
        "series": [{"name": "", "y": [((n * 37) % 50 - 20) / 10 for n in range(63)]}],
    },
]


class FakeEngine:
    """An engine that shows the fixture and records what it is asked."""

    def __init__(self, **more: Any) -> None:
        self.commands: list[OperatorCommand] = []
        self.reply = CommandReply(True, "done")
        self.widgets: bytes = json.dumps(WIDGETS).encode()
        self.ui_error = ""
        self.page_error = ""
        self.asked: list[str] = []
        self.asked_fills: list[tuple[tuple[int, int] | None, int]] = []
        self.recorded_fills: tuple[FillView, ...] = fills()
        self.asked_decisions: list[tuple[int | None, int]] = []
        self.recorded_decisions: tuple[DecisionView, ...] = ()
        self.asked_orders: list[tuple[int | None, int]] = []
        self.recorded_orders: tuple[OrderView, ...] = ()
        self._changes: list[ReplicaChange] = []
        self.lost = False
        fields: dict[str, Any] = dict(  # noqa: C408 - reads like the record
            number=100,
            header=header(),
            instruments=INSTRUMENTS,
            instances=instances(),
            orders=orders(),
            fills=fills(),
            decisions=decisions(),
            alerts=alerts(),
            log=log(),
        )
        fields.update(more)
        self._snapshot = ReplicaSnapshot(**fields)

    def push(self, change: Change) -> None:
        """Publish a change."""
        number = self._changes[-1].number + 1 if self._changes else self._snapshot.number + 1
        self._changes.append(ReplicaChange(number, change))

    def became(self, **more: Any) -> None:
        """Let the truth be another one; what was published stays as it is."""
        self._snapshot = replace(self._snapshot, **more)

    def snapshot(self) -> ReplicaSnapshot:
        return self._snapshot

    def changes(self, after: int) -> tuple[ReplicaChange, ...] | None:
        if self.lost:
            self.lost = False
            return None
        return tuple(change for change in self._changes if change.number > after)

    async def send(self, command: OperatorCommand) -> CommandReply:
        self.commands.append(command)
        return self.reply

    async def chart(
        self, strategy_id: StrategyId, timeframe_ns: int, count: int
    ) -> ChartView | None:
        if not strategy_id.startswith("btc"):
            return None
        return chart(max(count, 200))

    async def get_ui(self, strategy_id: StrategyId) -> UiView:
        return UiView(strategy_id, NOW, self.widgets, self.ui_error)

    async def risk_page(self) -> RiskPage:
        return self.page("risk_page")

    async def markets_page(self) -> MarketsPage:
        return self.page("markets_page")

    async def events_page(self, wanted: EventFilter, count: int) -> EventsPage:
        return self.page("events_page", wanted, count)

    async def fills_page(self, before: tuple[int, int] | None, count: int) -> FillsPage:
        self.asked_fills.append((before, count))
        if self.page_error:
            raise OSError(self.page_error)
        known = self.recorded_fills
        end = len(known) if before is None else before[0]
        begin = max(end - count, 0)
        return FillsPage(known[begin:end], len(known), (begin, 0) if begin and count else None)

    async def decisions_page(self, before: int | None, count: int) -> DecisionsPage:
        self.asked_decisions.append((before, count))
        if self.page_error:
            raise OSError(self.page_error)
        known = [d for d in self.recorded_decisions if before is None or d.seq_id < before]
        page = tuple(known[-count:])
        return DecisionsPage(page, page[0].seq_id if len(known) > count else None)

    async def orders_page(self, before: int | None, count: int) -> OrdersPage:
        self.asked_orders.append((before, count))
        if self.page_error:
            raise OSError(self.page_error)
        known = [o for o in self.recorded_orders if before is None or o.updated_seq < before]
        page = tuple(known[-count:])
        return OrdersPage(page, page[0].updated_seq if len(known) > count else None)

    async def runs_page(self) -> RunsPage:
        return self.page("runs_page")

    async def diagnostics_page(self) -> DiagnosticsPage:
        return self.page("diagnostics_page")

    def page(self, name: str, *asked: Any) -> Any:
        """Return a page of ``tests.tui.pages``, or raise what the test wants raised."""
        from tests.tui import pages  # it takes its figures from here

        if self.page_error:
            raise RuntimeError(self.page_error)
        self.asked.append(name)
        return getattr(pages, name)(*asked)


class FakeActions:
    """Acts on records that only write down what they were asked."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []
        self.kept: dict[str, dict[str, Any]] = {}
        self.reply = CommandReply(True, "done")
        self.problem = ""

    async def _noted(self, name: str, *details: Any) -> CommandReply:
        self.calls.append((name, details))
        return self.reply

    async def set_mode(
        self,
        strategy_id: StrategyId,
        mode: InstanceMode,
        *,
        seen_revision: int,
        seen_state: InstanceState,
        keep_orders: bool = False,
    ) -> CommandReply:
        kept = ("kept",) if keep_orders else ()
        return await self._noted("set_mode", strategy_id, mode, seen_revision, seen_state, *kept)

    async def create(self, draft: Draft) -> CommandReply:
        return await self._noted("create", draft)

    async def delete(self, strategy_id: StrategyId, *, seen_revision: int) -> CommandReply:
        return await self._noted("delete", strategy_id, seen_revision)

    async def set_config(
        self, strategy_id: StrategyId, config_json: str, *, seen_revision: int
    ) -> CommandReply:
        return await self._noted("set_config", strategy_id, json.loads(config_json), seen_revision)

    async def reload_facts(self, row: InstanceView) -> tuple[tuple[str, str], ...]:
        return (
            ("check", "the file is sound, the config fits it"),
            ("file", "+    z = 3"),
            ("config", "risk: 0.005 -> 0.05  x10"),
            ("limits", "risk 0.005 -> 0.05 of 2,000.00 is 10.00 -> 100.00 USDT"),
            ("", "may use   2,000.00 USDT in all"),
        )

    async def check_config(
        self,
        strategy_type: str,
        old_json: str,
        new_json: str,
        strategy_id: StrategyId | None = None,
    ) -> ConfigDiff:
        if self.problem:
            return ConfigDiff(new_json, problems=(self.problem,))
        old, new = json.loads(old_json), json.loads(new_json)
        changes = tuple(str(change) for change in differences(old, new))
        limits = InstanceLimits(cash("2000"), 6, None, cash("60"))
        profiles = (RiskProfile("main", max_order_notional=cash("1000")),)
        usdt = Currency("USDT")
        worst = (
            *share_lines(SCHEMA, old, new, limits, usdt),
            *limit_lines(limits, profiles, usdt),
        )
        return ConfigDiff(new_json, changes=changes, worst_case=worst)

    async def schema(self, strategy_type: str) -> dict[str, dict[str, Any]]:
        return SCHEMA if strategy_type != "grid" else {}

    async def strategies(self) -> tuple[StrategyChoice, ...]:
        return (
            StrategyChoice("bollinger", "Bollinger"),
            StrategyChoice("broken", "", "line 3: invalid syntax"),
            StrategyChoice("mean_revert", "Mean reversion"),
        )

    async def markets(self) -> tuple[MarketChoice, ...]:
        return tuple(MarketChoice("binance/main", view.symbol) for view in INSTRUMENTS)

    async def restore(self, strategy_id: StrategyId) -> CommandReply:
        return await self._noted("restore", strategy_id)

    async def remember(self, name: str, body: dict[str, Any]) -> str:
        if self.problem:
            return self.problem
        self.kept[name] = json.loads(json.dumps(body))
        return ""

    async def recall(self, name: str) -> dict[str, Any] | None:
        return self.kept.get(name)

    async def layouts(self) -> tuple[str, ...]:
        return tuple(sorted(name for name in self.kept if name))

    async def forget_layout(self, name: str) -> bool:
        return self.kept.pop(name, None) is not None

    def limits(self, strategy_id: StrategyId) -> tuple[str, ...]:
        return (
            "may use 2,000.00 USDT in all, 1,000.00 an order, 6 orders an hour",
            "may lose 60.00 USDT a day, then exit-only",
        )


SCHEMA: dict[str, dict[str, Any]] = {
    "z": {"type": "float", "default": 2.0, "min": 0.5, "max": 5.0, "help": "entry, in deviations"},
    "stop_atr": {"type": "float", "default": 2.5, "min": 0.1, "max": 20.0, "unit": "ATR"},
    "rr": {"type": "float", "default": 2.5},
    "risk": {"type": "float", "default": 0.005, "max": 0.02, "unit": "of budget"},
    "cooldown_h": {"type": "int", "default": 4, "min": 0, "max": 48, "unit": "h"},
}


SETTINGS = (
    SettingLine("config file", "/home/op/tradetui.toml", "named by --config"),
    SettingLine("state folder", "/home/op/state", "where everything is kept"),
    SettingLine("keymap", "as shipped", "default"),
    SettingLine("profile.run_mode", "live", "/home/op/tradetui.toml:3"),
    SettingLine("limits.default.budget", "2000", "/home/op/tradetui.toml:14"),
    SettingLine("ui.theme", "dark", "default"),
    SettingLine("ui.fps", "10", "default"),
)


class FakeShell:
    """A shell that remembers what it was asked, and prints what it was given."""

    def __init__(self, printed: Printed | None = None) -> None:
        self.printed = printed or Printed(0, ("ID  MODE", "btc-mr  active"))
        self.settings = SETTINGS
        self.asked: list[tuple[str, ...]] = []
        self.columns = 0

    async def run(self, words: Sequence[str], columns: int) -> Printed:
        self.asked.append(tuple(words))
        self.columns = columns
        return self.printed


def console(engine: FakeEngine | None = None, *, theme: str = "dark", **more: Any) -> ConsoleApp:
    """Return the app over the fixture."""
    ended: list[bool | None] = []

    async def shutdown(cancel_entries: bool | None) -> None:
        ended.append(cancel_entries)

    more.setdefault("shutdown", shutdown)
    more.setdefault("shell", FakeShell())
    app = ConsoleApp(
        engine or FakeEngine(),
        more.pop("actions", None) or FakeActions(),
        theme=load_theme(theme, mono=more.pop("mono", False)),
        **more,
    )
    app.ended = ended  # type: ignore[attr-defined]
    return app
