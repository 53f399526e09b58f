"""The pages of the fake engine; exposure adds up to that of its header."""

from __future__ import annotations

from tests.tui.fixtures import INSTRUMENTS, NOW, SECOND, at, cash

from tradetui.domain.enums import InstanceMode, InstanceState, KillState, RunMode, Scope, Source
from tradetui.domain.ids import Currency, InstrumentId, RunId, StrategyId
from tradetui.domain.pages import (
    RUNNING,
    CallbackLine,
    DiagnosticsPage,
    EventFilter,
    EventLine,
    EventsPage,
    ExposureLine,
    LimitLine,
    MarketLine,
    MarketsPage,
    RiskPage,
    RouteLine,
    RunLine,
    RunsPage,
)
from tradetui.domain.replica import KillView
from tradetui.domain.units import parse_scaled

USDT = Currency("USDT")


def risk_page() -> RiskPage:
    """Return limits from idle to broken, and exposure by each dimension."""
    limits = (
        LimitLine(Scope.GLOBAL, "", "main", "daily_loss", cash("19.70"), cash("300"), 8, "USDT"),
        LimitLine(
            Scope.GLOBAL, "", "main", "max_exposure", cash("8632.65"), cash("10000"), 8, "USDT"
        ),
        LimitLine(Scope.GLOBAL, "", "main", "max_open_orders", 14, 40, 0, "orders"),
        LimitLine(Scope.GLOBAL, "", "main", "drawdown", 1_580, 50_000, 6, "share"),
        LimitLine(Scope.STRATEGY, "eth-mr", "", "orders_per_hour", 6, 6, 0, "orders"),
        LimitLine(Scope.STRATEGY, "sol-mm", "", "fees_per_day", None, cash("20"), 8, "USDT"),
    )
    exposures = (
        ExposureLine("route", "main", cash("6698.60"), 0, cash("8632.65"), 14),
        ExposureLine("execution", "binance/main", cash("6698.60"), 0, cash("8632.65"), 14),
        ExposureLine("strategy", "btc-mr", cash("1584.19"), 0, cash("1584.19"), 2),
        ExposureLine("symbol", "SOL/USDT", None, None, None, 0),
    )
    kill = KillView(
        Scope.STRATEGY, "sol-mm", KillState.REDUCING, "op", "errors in a row", at("14:31:31")
    )
    route = RouteLine("main", "binance/main", "BINANCE", "", cash("12480.16"), ((USDT, cash("9")),))
    broken = RouteLine("spare", "binance/main", "BINANCE", "reports out of order", None, ())
    return RiskPage(NOW, RunMode.LIVE, USDT, (kill,), limits, exposures, (route, broken))


def markets_page() -> MarketsPage:
    """Return a market with a book, one that is stale, and one without a price."""
    btc, eth, sol = (view.instrument_id for view in INSTRUMENTS[1:4])

    def scaled(text: str) -> int:
        return parse_scaled(text, 8)

    return MarketsPage(
        NOW,
        (
            MarketLine(
                btc,
                "BINANCE",
                scaled("67412.20"),
                scaled("0.5"),
                scaled("67412.30"),
                scaled("0.25"),
                scaled("67412.30"),
                NOW - SECOND // 2,
                False,
                scaled("66900"),
                scaled("1204.5"),
                tuple(scaled(str(66_900 + step * 9)) for step in range(60)),
                (StrategyId("btc-mr"), StrategyId("btc-trend")),
            ),
            MarketLine(
                sol, "BINANCE", scaled("142.35"), None, None, None, scaled("142.36"),
                NOW - 200 * SECOND, True, scaled("140"), 0, (), (StrategyId("sol-mm"),),
            ),
            MarketLine(
                eth, "BINANCE", None, None, None, None, None, None, False, None, 0, (), ()
            ),
        ),
    )  # fmt: skip


def events() -> tuple[EventLine, ...]:
    """Return a few steps, oldest first."""
    btc = INSTRUMENTS[1].instrument_id
    none = InstrumentId("")
    mr = StrategyId("btc-mr")
    return (
        EventLine(
            1_204_297, at("14:32:00.100"), Source.CONTROL, "OperatorNoted", none, None, "op: hi",
            0, 0, 0,
        ),
        EventLine(
            1_204_298, at("14:32:00.200"), Source.MARKET_DATA, "Quote", btc, None,
            "0.50000 67,412.20 | 67,412.30 0.25000", 1, 2, 0,
        ),
        EventLine(
            1_204_299, at("14:32:00.413"), Source.BROKER_REPORT, "OrderFilled", btc, mr,
            "tt7k-0397 BUY 0.01000 at 66,561.10, fee 0.6656 USDT", 0, 1, 1,
        ),
        EventLine(
            1_204_300, at("14:32:06.000"), Source.TIMER, "Heartbeat", none, None, "due btc-mr",
            0, 0, 0,
        ),
    )  # fmt: skip


def events_page(wanted: EventFilter, count: int) -> EventsPage:
    """Return the newest of the few steps that fit."""
    fitting = [
        line
        for line in events()
        if wanted.strategy_id in (None, line.strategy_id)
        and wanted.instrument_id in (None, line.instrument_id)
        and (not wanted.sources or line.source in wanted.sources)
    ]
    return EventsPage(tuple(fitting[-count:]))


def diagnostics_page() -> DiagnosticsPage:
    """Return the figures of a healthy engine with one slow instance."""
    callbacks = (
        CallbackLine(
            StrategyId("btc-mr"), InstanceMode.ACTIVE, InstanceState.ACTIVE,
            12_400, 180_000, 900_000, 3_000_000, 11_000_000, 0,
        ),
        CallbackLine(
            StrategyId("sol-mm"), InstanceMode.ACTIVE, InstanceState.ERROR,
            90_210, 90_000, 4_000_000, 48_000_000, 51_000_000, 3,
        ),
    )  # fmt: skip
    return DiagnosticsPage(
        NOW, 1_204_331, 212, 2_000_000, 0, 10_000, 37, "drop", 0, 12, 0, 1, 2, 0,
        1_300_000, 16_000_000, 0, 66_000_000, callbacks, reordered=204, late=3,
    )  # fmt: skip


def runs_page() -> RunsPage:
    """Return the run of now, one that was cut off, and a replay before them."""
    third, second, first = (RunId(f"run-179514{number}") for number in (9842, 9801, 1200))
    program = "0.1.0 (3f9a1c07)"
    runs = (
        RunLine(
            third, RunMode.LIVE, False, at("11:29:58"), None, RUNNING,
            204_331, 61, ((USDT, -cash("19.70")),), second, program, 88,
        ),
        RunLine(
            second, RunMode.LIVE, False, at("03:10:00"), at("11:29:40"), "crashed",
            988_000, 204, ((USDT, cash("31.02")),), first, program, 1_312,
        ),
        RunLine(
            first, RunMode.PAPER, True, at("03:10:00") - 86_400 * SECOND,
            at("03:11:30") - 86_400 * SECOND, "clean", 12_000, 0, (), "", "",
        ),
    )  # fmt: skip
    return RunsPage("/state dir/journal.db", runs, 3, at("12:00:00") - 3_600 * SECOND)
