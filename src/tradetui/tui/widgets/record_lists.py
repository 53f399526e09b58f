"""From replica records to lists: orders, fills, decisions, log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final, TypeVar

from tradetui.domain import formatting
from tradetui.domain.enums import LiquiditySide, OrderState, Severity
from tradetui.domain.ids import InstrumentId, RouteId, StrategyId, is_shadow
from tradetui.domain.replica import (
    DecisionView,
    FillView,
    InstanceView,
    InstrumentView,
    LogView,
    OrderView,
)
from tradetui.domain.text import printable
from tradetui.domain.units import div_half_even
from tradetui.domain.words import ORDER_WORDS, UNKNOWN
from tradetui.services.decision_words import after_text, deciding_gate, short_intents
from tradetui.tui.money import MASK, money_text, sign_look
from tradetui.tui.widgets.instance_columns import (
    Cell,
    decision_word,
    timed,
)
from tradetui.tui.widgets.lists import ListColumn, ListContent, ListRow

T = TypeVar("T")
_NO_ORDERS: Final = "no orders yet: an instance that is active makes them"
_NO_FILLS: Final = "no fills yet: they come with the first order that trades"
_NO_DECISIONS: Final = "no decisions yet: they come with the next tick; {why} says why"
Instruments = dict[InstrumentId, InstrumentView]


def _quantity(value: int | None, instrument: InstrumentView | None, *, signed: bool = False) -> str:
    if value is None:
        return "-"
    if instrument is None:
        return "?"
    return formatting.grouped(value, instrument.size_scale, instrument.size_decimals, signed=signed)


def _price(
    value: int | None,
    instrument: InstrumentView | None,
    write: Callable[[int, int, int], str] = formatting.grouped,
) -> str:
    if value is None:
        return "-"
    if instrument is None:
        return "?"
    return write(value, instrument.price_scale, instrument.price_decimals)


_WOULD: Final = {
    OrderState.FILLED: "fill",
    OrderState.CANCELLED: "cancel",
    OrderState.REJECTED: "refuse",
    OrderState.EXPIRED: "expire",
}
"""What stands behind ``would`` where the whole word finds no room."""


def order_word(order: OrderView, instrument: InstrumentView | None) -> Cell:
    """Write an order's state: ``open``, ``part 0.0120/0.0500``, ``UNKNOWN``; ``would open`` of one
    that never left the house.
    """
    if order.is_unknown:
        return Cell(UNKNOWN, "unknown")
    word = ORDER_WORDS[order.state]
    short: tuple[str, ...] = ()
    if order.state is OrderState.PARTIALLY_FILLED:
        percent = div_half_even(order.filled_quantity * 100, order.quantity or 1)
        short = (f"{word} {percent}%",)
        filled = _quantity(order.filled_quantity, instrument)
        word = f"{word} {filled}/{_quantity(order.quantity, instrument)}"
    if order.is_shadow:
        verb = _WOULD.get(order.state, word[:4])
        short = (*(f"would {one}" for one in short), f"would {verb}", f"would {verb[:4]}")
        return Cell(f"would {word}", "would", short=short)
    look = "base" if order.is_open else "dim"
    return Cell(word, "REJECT" if order.state is OrderState.REJECTED else look, short=short)


def _side(side: str, *, would: bool = False) -> Cell:
    """Write a side; of a fill that never left the house ``would BUY``."""
    if would:
        return Cell(f"would {side}", "would")
    return Cell(side, "buy" if side == "BUY" else "sell")


def order_text(order: OrderView, instrument: InstrumentView | None) -> str:
    """Write an order in one line: ``SELL 0.02350 BTC stop 66,135.60, open``."""
    price = order.price if order.price is not None else order.trigger_price
    base = instrument.base if instrument else ""
    return printable(
        f"{order.side.value} {_quantity(order.quantity, instrument)} {base} "
        f"{order.order_type.value} {_price(price, instrument)}, {order.role.value}, "
        f"{order_word(order, instrument).text}"
    )


RowCache = dict[int, tuple[object, ListRow]]
"""Rows by the id() of their record, which is kept with them so that no id is ever reused."""


class RowCaches:
    """The written rows of each list; of the lists of single instances only the last seen stay."""

    def __init__(self) -> None:
        self._of: dict[tuple[str, str | None], RowCache] = {}

    def of(self, name: str, owner: str | None) -> RowCache:
        """Return the rows of a list: of all instances, or of ``owner``."""
        cache = self._of.get((name, owner))
        if cache is None:
            self._of = {key: rows for key, rows in self._of.items() if key[1] in (None, owner)}
            cache = self._of[name, owner] = {}
        return cache

    def clear(self) -> None:
        """Write all rows anew."""
        self._of.clear()


def _rows(
    records: Iterable[T], make: Callable[[T], ListRow], cache: RowCache | None
) -> tuple[ListRow, ...]:
    """Make the row of each record, once: records never change, they are replaced."""
    if cache is None:
        return tuple(make(record) for record in records)
    fresh: RowCache = {}
    for record in records:
        found = cache.get(id(record))
        fresh[id(record)] = (record, make(record)) if found is None else found
    cache.clear()
    cache.update(fresh)
    return tuple(row for _, row in fresh.values())


def orders_content(
    orders: Iterable[OrderView],
    instruments: Instruments,
    cache: RowCache | None = None,
    *,
    masked: bool = False,
) -> ListContent:
    """Return the orders: open ones, then would-be ones that rest, then all others; of each those
    that changed last come first, by CHANGED, the time since when they have their STATE.
    """
    ordered = sorted(
        orders,
        key=lambda order: (
            not order.is_open,
            order.is_open and order.is_shadow,
            -order.updated_time,
        ),
    )

    def make(order: OrderView) -> ListRow:
        instrument = instruments.get(order.instrument_id)
        day = formatting.date(order.updated_time)
        cells = (
            Cell(formatting.clock(order.updated_time)),
            Cell(order.strategy_id),
            Cell(instrument.symbol if instrument else "?"),
            _side(order.side.value),
            Cell(MASK if masked else _quantity(order.quantity, instrument)),
            Cell(
                _price(order.price if order.price is not None else order.trigger_price, instrument)
            ),
            order_word(order, instrument),
            Cell(order.order_type.value, "would" if order.is_shadow else "base"),
            Cell(order.role.value),
            Cell(order.time_in_force.value),
            Cell(_price(order.average_price, instrument, formatting.average)),
            Cell(printable(order.client_order_id, 32)),
            Cell(_made(order)),
            Cell(printable(order.reason, 120), "dim"),
        )
        return ListRow(order.client_order_id, order.strategy_id, cells, day)

    return ListContent(
        _ORDER_COLUMNS,
        _rows(ordered, make, cache),
        _NO_ORDERS,
    )


_ORDER_COLUMNS: Final = (
    ListColumn("CHANGED", 8),
    ListColumn("INSTANCE", 10),
    ListColumn("MARKET", 8, leaves=1),
    ListColumn("SIDE", 4),
    ListColumn("SIZE", 10, right=True),
    ListColumn("PRICE", 11, right=True),
    ListColumn("STATE", 10),
    ListColumn("TYPE", 10, leaves=2, starts=6),
    ListColumn("ROLE", 11, leaves=6),
    ListColumn("TIF", 3, leaves=7),
    ListColumn("AVERAGE", 11, right=True, leaves=8),
    ListColumn("ORDER", 14, leaves=3),
    ListColumn("MADE", 14, leaves=5),
    ListColumn("REASON", 0, leaves=9),
)


def _made(order: OrderView) -> str:
    """Write when an order was made: the date stands with it, for the rows' is of the change."""
    time = order.created_time
    return f"{formatting.date(time)[5:]} {formatting.clock(time)}"


def fill_key(fill: FillView) -> str:
    """Return what the selection follows."""
    return f"{fill.run_id}/{fill.trade_id}/{fill.seq_id}"


def fills_content(
    fills: Iterable[FillView],
    instruments: Instruments,
    cache: RowCache | None = None,
    *,
    masked: bool = False,
) -> ListContent:
    """Return the fills, the newest first."""

    def make(fill: FillView) -> ListRow:
        instrument = instruments.get(fill.instrument_id)
        maker = "maker" if fill.liquidity is LiquiditySide.MAKER else "taker"
        currency = printable(fill.commission_currency, 8)
        fee = f"{MASK if masked else formatting.fee(fill.commission, currency)} {currency}"
        quote = instrument.quote if instrument else ""
        pnl = money_text(fill.realised_pnl, quote, signed=True, masked=masked)
        cells = (
            timed(fill.event_time),
            Cell(fill.strategy_id),
            Cell(instrument.symbol if instrument else "?"),
            _side(fill.side.value, would=fill.is_shadow),
            Cell(MASK if masked else _quantity(fill.quantity, instrument)),
            Cell(_price(fill.price, instrument)),
            Cell(fee, exact="" if masked else _exact(fill.commission, currency)),
            Cell(pnl, sign_look(pnl), exact="" if masked else _exact(fill.realised_pnl, quote)),
            Cell(MASK if masked else _quantity(fill.position_after, instrument, signed=True)),
            Cell(printable(fill.client_order_id, 32)),
            Cell(maker),
            Cell(printable(fill.route_id, 32), "would" if fill.is_shadow else "base"),
            Cell(formatting.count(fill.seq_id) if fill.seq_id else "-"),
            Cell(printable(fill.run_id, 40), "dim"),
        )
        day = formatting.date(fill.event_time)
        return ListRow(fill_key(fill), fill.strategy_id, cells, day)

    newest = reversed(list(fills))
    return ListContent(
        _FILL_COLUMNS,
        _rows(newest, make, cache),
        _NO_FILLS,
    )


def _exact(amount: int, currency: str) -> str:
    return f"{formatting.exact_money(amount, currency)} {currency}".rstrip()


_FILL_COLUMNS: Final = (
    ListColumn("TIME UTC", 8, starts=12),
    ListColumn("INSTANCE", 10),
    ListColumn("MARKET", 8, leaves=1),
    ListColumn("SIDE", 4),
    ListColumn("SIZE", 9, right=True),
    ListColumn("PRICE", 9, right=True),
    ListColumn("FEE", 11, right=True, leaves=2),
    ListColumn("REALISED", 9, right=True, leaves=4),
    ListColumn("POSITION", 10, right=True, leaves=5),
    ListColumn("ORDER", 14, leaves=3),
    ListColumn("LIQUIDITY", 9, leaves=6),
    ListColumn("ROUTE", 14, leaves=7),
    ListColumn("SEQ", 9, right=True, leaves=9),
    ListColumn("RUN", 0, leaves=10),
)


def decision_key(decision: DecisionView) -> str:
    """Return what the selection follows."""
    order = decision.client_order_id or ""
    signal = decision.signal.name if decision.signal else ""
    return f"{decision.seq_id}/{decision.strategy_id}/{order}/{decision.intent}/{signal}"


def decisions_content(
    decisions: Iterable[DecisionView], instruments: Instruments, cache: RowCache | None = None
) -> ListContent:
    """Return the decisions, the newest first; ROUTE is for ``with_routes`` to leave out."""

    def make(decision: DecisionView) -> ListRow:
        instrument = instruments.get(decision.instrument_id) if decision.instrument_id else None
        gate, value, limit = deciding_gate(decision, instrument)
        intent = printable(decision.intent, 80)
        cells = (
            timed(decision.event_time),
            Cell(formatting.count(decision.seq_id)),
            Cell(decision.strategy_id),
            Cell(_route_text(decision.route_id)),
            Cell(intent or "no intent", short=short_intents(intent)),
            Cell(printable(gate, 40)),
            Cell(value),
            Cell(limit),
            decision_word(decision.outcome, would=decision.would),
            Cell(after_text(decision, instrument), "dim"),
        )
        day = formatting.date(decision.event_time)
        return ListRow(decision_key(decision), decision.strategy_id, cells, day)

    newest = reversed(list(decisions))
    return ListContent(
        _DECISION_COLUMNS,
        _rows(newest, make, cache),
        _NO_DECISIONS,
    )


_DECISION_COLUMNS: Final = (
    ListColumn("TIME UTC", 8, starts=12),
    ListColumn("SEQ", 9, right=True, leaves=9),
    ListColumn("INSTANCE", 10),
    ListColumn("ROUTE", 10, leaves=10),
    ListColumn("INTENT", 24, starts=9),
    ListColumn("GATE", 18, leaves=2, starts=8),
    ListColumn("VALUE", 9, right=True, leaves=6, is_dear=True),
    ListColumn("LIMIT", 9, right=True, leaves=7, is_dear=True),
    ListColumn("RESULT", 6),
    ListColumn("AFTER", 0, leaves=8),
)


def _route_text(route: RouteId | None) -> str:
    """Write a route; the shadow books of observing instances are none."""
    return "-" if route is None or is_shadow(route) else printable(route, 32)


def with_routes(content: ListContent, routes: Iterable[RouteId | None]) -> ListContent:
    """Return the decisions without ROUTE while all that have one have the same."""
    is_one = len({route for route in routes if route and not is_shadow(route)}) < _SEVERAL
    return content.without("ROUTE") if is_one else content


_SEVERAL: Final = 2

_SEVERITY_LOOKS: Final = {
    Severity.DEBUG: "dim",
    Severity.INFO: "base",
    Severity.WARNING: "state_blocked",
    Severity.ERROR: "REJECT",
    Severity.ALERT: "alert",
}


def log_content(
    log: Iterable[LogView],
    cache: RowCache | None = None,
    instances: Mapping[StrategyId, InstanceView] = MappingProxyType({}),
) -> ListContent:
    """Return the log, the newest first, with the market and (while they differ) the account of each
    line's instance.
    """

    def make(line: LogView) -> ListRow:
        owner = None if line.strategy_id is None else instances.get(line.strategy_id)
        cells = (
            Cell(formatting.clock(line.time)),
            Cell(line.severity.value, _SEVERITY_LOOKS[line.severity]),
            Cell(line.strategy_id or "-"),
            Cell("-" if owner is None else printable(owner.symbol, 24)),
            Cell("-" if owner is None else printable(owner.account, 32)),
            Cell(printable(line.text)),
        )
        key = f"{line.time}/{line.text}"
        return ListRow(key, line.strategy_id or "", cells, formatting.date(line.time))

    newest = reversed(list(log))
    found = ListContent(_LOG_COLUMNS, _rows(newest, make, cache), "nothing logged yet")
    is_one = len({view.account for view in instances.values()}) < _SEVERAL
    return found.without("ACCOUNT") if is_one else found


_LOG_COLUMNS: Final = (
    ListColumn("TIME UTC", 8),
    ListColumn("LEVEL", 7),
    ListColumn("INSTANCE", 10),
    ListColumn("MARKET", 8, leaves=2),
    ListColumn("ACCOUNT", 12, leaves=3),
    ListColumn("TEXT", 0, wants=56),
)
