"""The columns of the instances table, and how each cell is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

from tradetui.domain import formatting
from tradetui.domain.enums import Guard, InstanceMode, Outcome
from tradetui.domain.replica import InstanceView, InstrumentView
from tradetui.domain.text import printable
from tradetui.domain.units import NANOS_PER_SECOND
from tradetui.tui.money import money_text, sign_look
from tradetui.tui.widgets.sparks import spark


class Cell(NamedTuple):
    """What one cell says and how it looks."""

    text: str
    look: str = "base"
    short: tuple[str, ...] = ()
    """The same in ever fewer words, for a column too narrow for all of them."""
    exact: str = ""
    """What another program gets, where the text is rounded."""


def timed(time: int) -> Cell:
    """Write a moment to the millisecond; where there is no room, to the second."""
    return Cell(formatting.clock(time, millis=True), short=(formatting.clock(time),))


class RowContext(NamedTuple):
    """What a cell is written from, besides the row itself."""

    now: int
    instrument: InstrumentView | None
    masked: bool
    single_currency: bool
    ascii_only: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """One column; ``joins`` is its place in the order in which columns join, 0 = never leaves.

    ``heading`` may hold ``{unit}``. ``wide`` is the width when everything fits.
    """

    key: str
    heading: str
    width: int
    wide: int
    joins: int
    write: Callable[[InstanceView, RowContext], Cell]
    right: bool = False
    is_number: bool = False


GUTTER: Final = 2
NOT: Final = Cell("-")
UNKNOWN: Final = Cell("?", "unknown")


def is_blank(row: InstanceView) -> bool:
    """Off and flat without orders: nothing of it applies."""
    return (
        row.mode is InstanceMode.OFF
        and row.position == 0
        and row.orders_open == 0
        and row.orders_unknown == 0
    )


def _state(row: InstanceView, _: RowContext) -> Cell:
    return Cell(row.state.value, f"state_{row.state.value}")


def _price(row: InstanceView, ctx: RowContext) -> Cell:
    if row.is_stale or (is_blank(row) and row.price is None):
        return NOT
    if row.price is None or ctx.instrument is None:
        return UNKNOWN
    return Cell(
        formatting.grouped(row.price, ctx.instrument.price_scale, ctx.instrument.price_decimals)
    )


def _age(row: InstanceView, ctx: RowContext) -> Cell:
    if row.is_stale:
        return Cell("STALE", "stale")
    if row.price_time is None:
        return NOT
    return Cell(formatting.age(ctx.now - row.price_time))


def _position(row: InstanceView, ctx: RowContext) -> Cell:
    if is_blank(row):
        return NOT
    if ctx.instrument is None:
        return UNKNOWN
    if ctx.masked:
        return Cell("***")
    return Cell(
        formatting.grouped(
            row.position, ctx.instrument.size_scale, ctx.instrument.size_decimals, signed=True
        )
    )


def _at_price(
    price: int | None,
    row: InstanceView,
    ctx: RowContext,
    write: Callable[[int, int, int], str] = formatting.grouped,
) -> Cell:
    if price is None or row.position == 0:
        return NOT
    if ctx.instrument is None:
        return UNKNOWN
    return Cell(write(price, ctx.instrument.price_scale, ctx.instrument.price_decimals))


def _guard(row: InstanceView, _: RowContext) -> Cell:
    return Cell(row.guard.value, "missing" if row.guard is Guard.MISSING else "base")


def _orders(row: InstanceView, _: RowContext) -> Cell:
    if is_blank(row):
        return Cell("- ")
    if row.orders_unknown:
        return Cell(f"{row.orders_open}?", "unknown")
    return Cell(f"{row.orders_open} ")


def _pnl(amount: int | None, row: InstanceView, ctx: RowContext) -> Cell:
    if is_blank(row) and not amount:
        return NOT
    if amount is None:
        return UNKNOWN
    if ctx.masked:
        return Cell("***")
    text = money_text(amount, row.currency, signed=True)
    if not ctx.single_currency:
        text += f" {printable(row.currency, 8)}"
    return Cell(text, sign_look(text))


def _fees(row: InstanceView, ctx: RowContext) -> Cell:
    if is_blank(row) and not row.fees_day:
        return NOT
    return Cell(money_text(row.fees_day, row.currency, masked=ctx.masked))


def _last_tick(row: InstanceView, _: RowContext) -> Cell:
    return NOT if row.last_tick is None else Cell(formatting.clock(row.last_tick))


def countdown(row: InstanceView, now: int) -> str:
    """Write how long until the next tick: ``0:29``, ``-`` if none is due."""
    if row.next_tick is None:
        return "-"
    seconds = max(-(-(row.next_tick - now) // NANOS_PER_SECOND), 0)
    return f"{seconds // 60}:{seconds % 60:02d}"


def decision_word(outcome: Outcome | None, *, would: bool) -> Cell:
    """Write a decision: ``allow modify REJECT would``, or ``-``."""
    if would:
        return Cell("would", "would")
    if outcome is None:
        return NOT
    word = "REJECT" if outcome is Outcome.REJECT else outcome.value
    return Cell(word, word)


def _last(row: InstanceView, _: RowContext) -> Cell:
    return decision_word(row.last_decision, would=row.last_decision_would)


def _last_timed(row: InstanceView, ctx: RowContext) -> Cell:
    word = _last(row, ctx)
    if row.last_decision_time is None or word is NOT:
        return word
    return Cell(f"{formatting.clock(row.last_decision_time)} {word.text}", word.look)


def _curve(row: InstanceView, ctx: RowContext) -> Cell:
    """Draw how the profit went; of what would have been in the look of that."""
    if is_blank(row) or not row.course:
        return NOT
    text = spark(row.course, CURVE_CELLS, ascii_only=ctx.ascii_only)
    if row.mode is InstanceMode.OBSERVE:
        return Cell(text, "would")
    change = row.course[-1] - row.course[0]
    return Cell(text, "good" if change > 0 else "bad" if change < 0 else "base")


CURVE_CELLS: Final = 8
COLUMNS: Final = (
    Column("id", "ID", 10, 12, 0, lambda row, _: Cell(row.strategy_id)),
    Column(
        "strategy", "STRATEGY", 13, 13, 5, lambda row, _: Cell(printable(row.strategy_type, 64))
    ),
    Column("account", "ACCOUNT", 12, 12, 7, lambda row, _: Cell(printable(row.account, 24))),
    Column("market", "MARKET", 8, 9, 0, lambda row, _: Cell(printable(row.symbol, 32))),
    Column("mode", "MODE", 7, 7, 1, lambda row, _: Cell(row.mode.value)),
    Column("state", "STATE", 9, 9, 0, _state),
    Column("price", "PRICE", 11, 11, 2, _price, right=True, is_number=True),
    Column("age", "AGE", 4, 4, 2, _age, right=True),
    Column("position", "POSITION", 10, 11, 0, _position, right=True, is_number=True),
    Column(
        "entry",
        "ENTRY",
        11,
        11,
        6,
        lambda row, ctx: _at_price(row.entry_price, row, ctx, formatting.average),
        right=True,
        is_number=True,
    ),
    Column(
        "stop",
        "STOP",
        11,
        11,
        3,
        lambda row, ctx: _at_price(row.stop_price, row, ctx),
        right=True,
        is_number=True,
    ),
    Column("guard", "GUARD", 5, 5, 0, _guard),
    Column("orders", "ORD", 3, 3, 0, _orders, right=True),
    Column(
        "open",
        "OPEN{unit}",
        9,
        10,
        0,
        lambda row, ctx: _pnl(row.open_pnl, row, ctx),
        right=True,
        is_number=True,
    ),
    Column(
        "day",
        "DAY{unit}",
        9,
        10,
        0,
        lambda row, ctx: _pnl(row.day_pnl, row, ctx),
        right=True,
        is_number=True,
    ),
    Column("fees", "FEES DAY", 8, 8, 9, _fees, right=True, is_number=True),
    Column("curve", "CURVE", CURVE_CELLS, CURVE_CELLS, 10, _curve, right=True),
    Column("last_tick", "LAST TICK", 9, 9, 8, _last_tick),
    Column("next", "NEXT", 4, 4, 8, lambda row, ctx: Cell(countdown(row, ctx.now)), right=True),
    Column("last", "LAST", 7, 20, 11, _last),
)
TIMED_LAST: Final = Column("last", "LAST DECISION", 15, 20, 4, _last_timed)
TIMED: Final = tuple(column for column in COLUMNS if column.key in ("age", "next"))
"""The columns whose text changes with the clock alone."""
LAST_JOIN: Final = max(column.joins for column in COLUMNS)
