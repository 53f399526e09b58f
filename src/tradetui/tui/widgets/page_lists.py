"""From pages to lists: limits, exposure, kill-switches, routes, markets, events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tradetui.domain import formatting
from tradetui.domain.ids import InstrumentId
from tradetui.domain.pages import (
    EventLine,
    EventsPage,
    ExposureLine,
    LimitLine,
    MarketLine,
    MarketsPage,
    RiskPage,
)
from tradetui.domain.replica import InstrumentView, KillView
from tradetui.domain.text import printable
from tradetui.domain.units import PPM, div_half_even
from tradetui.domain.words import kill_word, scope_text
from tradetui.services.market_numbers import price_text, size_text
from tradetui.tui.money import MASK, money_text, sign_look
from tradetui.tui.widgets.header import percent_of
from tradetui.tui.widgets.instance_columns import Cell, timed
from tradetui.tui.widgets.lists import ListColumn, ListContent, ListRow
from tradetui.tui.widgets.sparks import meter, spark

Instruments = Mapping[InstrumentId, InstrumentView]

_BAR: Final = 12
_SPARK: Final = 16
_SHARE: Final = "share"
"""The unit of a limit whose values are per cent, and say so."""
_NEAR: Final = 80
"""Per cent of a limit from which on its use is shown as a warning."""

_LIMIT_COLUMNS: Final = (
    ListColumn("SCOPE", 10, starts=20),
    ListColumn("CONTROL", 16, starts=21),
    ListColumn("USED", 11, right=True, leaves=1),
    ListColumn("LIMIT", 11, right=True, leaves=2),
    ListColumn("", _BAR, leaves=8),
    ListColumn("%", 4, right=True),
    ListColumn("LEFT", 11, right=True, leaves=6),
    ListColumn("UNIT", 6, leaves=7),
    ListColumn("PROFILE", 0, leaves=9),
)


def limits_content(
    page: RiskPage, *, masked: bool = False, ascii_only: bool = False
) -> ListContent:
    """Return every limit that is set, the one most used first."""
    lines = limits_in_order(page)
    rows = tuple(_limit_row(line, masked=masked, ascii_only=ascii_only) for line in lines)
    return ListContent(_LIMIT_COLUMNS, rows, "no limit is set: bind a risk profile in the config")


def limits_in_order(page: RiskPage) -> list[LimitLine]:
    """Return the limits, the one most used first."""
    return sorted(page.limits, key=lambda line: (-_share(line), line.scope, line.key))


def limit_key(line: LimitLine) -> str:
    """Return the key of a limit's row."""
    return f"{scope_text(line.scope, printable(line.key, 40))}/{line.control}/{line.profile}"


def _share(line: LimitLine) -> int:
    if line.value is None:
        return 10**9
    return div_half_even(max(line.value, 0) * 1_000, max(line.limit, 1))


def _limit_row(line: LimitLine, *, masked: bool, ascii_only: bool) -> ListRow:
    share = div_half_even(_share(line), 10)
    look = "base" if line.value is not None and share < _NEAR else "state_blocked"
    if line.value is not None and line.value >= line.limit:
        look = "REJECT"
    left = None if line.value is None else line.limit - line.value
    name = printable(line.key, 40)
    where = scope_text(line.scope, name)
    percent = "?" if line.value is None else percent_of(line.value, line.limit, wide=False)
    cells = (
        Cell(where, short=(name,) if name else ()),
        Cell(line.control),
        Cell(amount_text(line.value, line, masked=masked), look),
        Cell(amount_text(line.limit, line, masked=masked)),
        Cell(meter(line.value, line.limit, _BAR, ascii_only=ascii_only), look),
        Cell(percent, look),
        Cell(amount_text(left, line, masked=masked)),
        Cell("-" if line.unit == _SHARE else printable(line.unit, 12), "dim"),
        Cell(printable(line.profile, 40) or "its own", "dim"),
    )
    owner = line.key if line.scope.value == "strategy" else ""
    return ListRow(limit_key(line), owner, cells)


def amount_text(value: int | None, line: LimitLine, *, masked: bool = False) -> str:
    """Write a value of a limit in its unit: money, a count, or a share in per cent."""
    if value is None:
        return "?"
    if line.unit == "orders":
        return formatting.count(value)
    if line.unit == _SHARE:
        return f"{formatting.grouped(div_half_even(value * 10_000, PPM), 2, 2)} %"
    return money_text(value, line.unit, masked=masked)


_EXPOSURE_COLUMNS: Final = (
    ListColumn("BY", 9),
    ListColumn("NAME", 14),
    ListColumn("LONG", 12, right=True, leaves=2),
    ListColumn("SHORT", 12, right=True, leaves=3),
    ListColumn("NET", 12, right=True, leaves=6),
    ListColumn("GROSS", 12, right=True, leaves=7),
    ListColumn("WORST", 12, right=True),
    ListColumn("ORD", 4, right=True),
    ListColumn("OF ALL", 0, leaves=9),
)


def exposure_content(
    page: RiskPage, *, masked: bool = False, ascii_only: bool = False
) -> ListContent:
    """Return what is held and may still be, by route, execution context, strategy and symbol."""
    totals: dict[str, int] = {}
    for line in page.exposures:
        totals[line.by] = totals.get(line.by, 0) + (line.worst or 0)
    rows = tuple(
        _exposure_row(line, page.currency, totals[line.by], masked=masked, ascii_only=ascii_only)
        for line in page.exposures
    )
    columns = list(_EXPOSURE_COLUMNS)
    columns[6] = columns[6]._replace(heading=f"WORST {printable(page.currency, 8)}")
    return ListContent(tuple(columns), rows, "nothing is held and no order works")


def _exposure_row(
    line: ExposureLine, currency: str, total: int, *, masked: bool, ascii_only: bool
) -> ListRow:
    def money(value: int | None, *, signed: bool = False) -> str:
        return "?" if value is None else money_text(value, currency, signed=signed, masked=masked)

    cells = (
        Cell(line.by, "dim"),
        Cell(printable(line.key, 40)),
        Cell(money(line.long)),
        Cell(money(line.short)),
        Cell(money(line.net, signed=True)),
        Cell(money(line.gross)),
        Cell(money(line.worst), "bold"),
        Cell(formatting.count(line.orders)),
        Cell(meter(line.worst, max(total, 1), _BAR, ascii_only=ascii_only), "dim"),
    )
    owner = line.key if line.by == "strategy" else ""
    return ListRow(f"{line.by}/{line.key}", owner, cells)


_KILL_COLUMNS: Final = (
    ListColumn("SCOPE", 24),
    ListColumn("STATE", 9),
    ListColumn("SINCE UTC", 19, leaves=2),
    ListColumn("BY", 10, leaves=3),
    ListColumn("REASON", 0),
)


def kills_content(page: RiskPage) -> ListContent:
    """Return the kill-switches that are not NORMAL."""
    return ListContent(
        _KILL_COLUMNS,
        tuple(_kill_row(kill) for kill in page.kills),
        "every kill-switch is NORMAL: {stop} engages one, {resume} releases it",
    )


def _kill_row(kill: KillView) -> ListRow:
    where = scope_text(kill.scope, printable(kill.key, 40))
    cells = (
        Cell(where),
        Cell(kill_word(kill.state), "kill"),
        Cell(formatting.timestamp(kill.time)),
        Cell(printable(kill.actor, 32)),
        Cell(printable(kill.reason, 200)),
    )
    return ListRow(where, kill.key if kill.scope.value == "strategy" else "", cells)


_ROUTE_COLUMNS: Final = (
    ListColumn("ROUTE", 16),
    ListColumn("ACCOUNT", 14, leaves=3),
    ListColumn("VENUE", 10, leaves=4),
    ListColumn("STATE", 8),
    ListColumn("EQUITY", 14, right=True),
    ListColumn("CASH", 0, leaves=5),
)


def routes_content(page: RiskPage, *, masked: bool = False) -> ListContent:
    """Return the routes with what they hold and whether they are sound."""
    rows = []
    for route in page.routes:
        equity = (
            "?" if route.equity is None else money_text(route.equity, page.currency, masked=masked)
        )
        cash = "  ".join(
            f"{MASK if masked else money_text(amount, currency)} {printable(currency, 12)}"
            for currency, amount in route.cash
        )
        halted = printable(route.halted, 120)
        cells = (
            Cell(printable(route.route_id, 40)),
            Cell(printable(route.execution_id, 40)),
            Cell(printable(route.venue, 20)),
            Cell(f"HALTED {halted}" if halted else "sound", "REJECT" if halted else "base"),
            Cell(f"{equity} {printable(page.currency, 8)}"),
            Cell(cash, "dim"),
        )
        rows.append(ListRow(route.route_id, "", cells))
    return ListContent(_ROUTE_COLUMNS, tuple(rows), "no routes")


_MARKET_COLUMNS: Final = (
    ListColumn("MARKET", 10),
    ListColumn("BID", 11, right=True, leaves=2),
    ListColumn("ASK", 11, right=True, leaves=1),
    ListColumn("LAST", 11, right=True),
    ListColumn("DAY %", 8, right=True, leaves=3),
    ListColumn("AGE", 5, right=True),
    ListColumn("LAST HOUR", _SPARK, leaves=5),
    ListColumn("BID SIZE", 11, right=True, leaves=7),
    ListColumn("ASK SIZE", 11, right=True, leaves=7),
    ListColumn("SPREAD", 9, right=True, leaves=6),
    ListColumn("VOLUME", 12, right=True, leaves=8),
    ListColumn("VENUE", 8, leaves=10),
    ListColumn("INSTANCES", 0, leaves=9),
)


def markets_content(
    page: MarketsPage, instruments: Instruments, *, ascii_only: bool = False
) -> ListContent:
    """Return each market: top of the book, last price, its day and its last hour."""
    rows = tuple(
        _market_row(line, instruments.get(line.instrument_id), page.now, ascii_only=ascii_only)
        for line in page.markets
    )
    return ListContent(_MARKET_COLUMNS, rows, "no markets yet: a feed of the config brings them")


def _market_row(
    line: MarketLine, view: InstrumentView | None, now: int, *, ascii_only: bool
) -> ListRow:
    def price(value: int | None) -> str:
        return price_text(None if line.is_stale else value, view)

    spread = line.ask - line.bid if line.bid is not None and line.ask is not None else None
    age = "-" if line.time is None else formatting.age(now - line.time)
    day, look = _day_change(line)
    cells = (
        Cell(printable(view.symbol, 32) if view else printable(line.instrument_id, 32)),
        Cell(price(line.bid)),
        Cell(price(line.ask)),
        Cell(price(line.last), "bold"),
        Cell(day, look),
        Cell("STALE", "stale") if line.is_stale else Cell(age),
        Cell(spark(line.spark, _SPARK, ascii_only=ascii_only), _hour_look(line)),
        Cell(size_text(line.bid_quantity, view)),
        Cell(size_text(line.ask_quantity, view)),
        Cell(price(spread)),
        Cell(size_text(line.volume, view)),
        Cell(printable(line.venue, 20), "dim"),
        Cell(" ".join(line.users) or "-", "dim"),
    )
    return ListRow(line.instrument_id, line.users[0] if line.users else "", cells)


def _day_change(line: MarketLine) -> tuple[str, str]:
    """Return the change since 00:00 UTC in per cent, and its look."""
    if line.last is None or not line.day_open or line.is_stale:
        return "-", "dim"
    hundredths = div_half_even((line.last - line.day_open) * 10_000, line.day_open)
    text = formatting.grouped(hundredths, 2, 2, signed=True)
    return text, sign_look(text)


def _hour_look(line: MarketLine) -> str:
    """Return the look of the last hour: its own way up or down, whatever that of the day is."""
    if line.is_stale or not line.spark:
        return "dim"
    change = line.spark[-1] - line.spark[0]
    return "good" if change > 0 else "bad" if change < 0 else "base"


_EVENT_COLUMNS: Final = (
    ListColumn("TIME UTC", 8, starts=12),
    ListColumn("SEQ", 9, right=True, leaves=4),
    ListColumn("SOURCE", 8, leaves=7),
    ListColumn("EVENT", 11, starts=16),
    ListColumn("MARKET", 9, leaves=3),
    ListColumn("INSTANCE", 10, leaves=5),
    ListColumn("MADE", 8, leaves=6, most=8),
    ListColumn("WHAT", 0, wants=32),
)
_SOURCE_WORDS: Final = {
    "market_data": "market",
    "broker_report": "report",
    "timer": "timer",
    "control": "control",
}
_SOURCE_LOOKS: Final = {"control": "key", "broker_report": "allow", "timer": "dim"}


def events_content(page: EventsPage, instruments: Instruments) -> ListContent:
    """Return the newest steps of the journal, the newest first."""
    rows = tuple(
        _event_row(line, instruments.get(line.instrument_id)) for line in reversed(page.events)
    )
    return ListContent(_EVENT_COLUMNS, rows, "no steps yet: the first price is the first one")


def _event_row(line: EventLine, view: InstrumentView | None) -> ListRow:
    made = [
        (count, word)
        for word, count in (
            ("decision", line.decisions),
            ("change", line.transitions),
            ("fill", line.fills),
        )
        if count
    ]
    whole = ", ".join(formatting.counted(count, word) for count, word in made)
    short = " ".join(f"{count}{word[0].upper()}" for count, word in made)
    source = line.source.value
    cells = (
        timed(line.event_time),
        Cell(formatting.count(line.seq_id)),
        Cell(_SOURCE_WORDS.get(source, source), _SOURCE_LOOKS.get(source, "base")),
        Cell(line.event_type, _SOURCE_LOOKS.get(source, "base")),
        Cell(printable(view.symbol, 20) if view else "-", "dim"),
        Cell(line.strategy_id or "-"),
        Cell(whole or "-", "dim", short=(short,) if made else ()),
        Cell(printable(line.text, 160)),
    )
    day = formatting.date(line.event_time)
    return ListRow(str(line.seq_id), line.strategy_id or "", cells, day)
