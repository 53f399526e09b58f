"""The instances table: its columns, which of them fit, and how each cell is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from tradetui.domain import formatting
from tradetui.domain.enums import Guard, InstanceMode, InstanceState, Outcome
from tradetui.domain.ids import InstrumentId, StrategyId
from tradetui.domain.replica import InstanceView, InstrumentView
from tradetui.domain.text import printable
from tradetui.domain.units import NANOS_PER_SECOND
from tradetui.tui.lines import Line, Span, crop, fit


class Cell(NamedTuple):
    """What one cell says and how it looks."""

    text: str
    look: str = "base"


class RowContext(NamedTuple):
    """What a cell is written from, besides the row itself."""

    now: int
    instrument: InstrumentView | None
    masked: bool
    single_currency: bool


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


def _is_blank(row: InstanceView) -> bool:
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
    if row.is_stale or (_is_blank(row) and row.price is None):
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
    if _is_blank(row):
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


def _at_price(price: int | None, row: InstanceView, ctx: RowContext) -> Cell:
    if price is None or row.position == 0:
        return NOT
    if ctx.instrument is None:
        return UNKNOWN
    return Cell(
        formatting.grouped(price, ctx.instrument.price_scale, ctx.instrument.price_decimals)
    )


def _guard(row: InstanceView, _: RowContext) -> Cell:
    return Cell(row.guard.value, "missing" if row.guard is Guard.MISSING else "base")


def _orders(row: InstanceView, _: RowContext) -> Cell:
    if _is_blank(row):
        return Cell("- ")
    if row.orders_unknown:
        return Cell(f"{row.orders_open}?", "unknown")
    return Cell(f"{row.orders_open} ")


def _pnl(amount: int | None, row: InstanceView, ctx: RowContext) -> Cell:
    if _is_blank(row) and not amount:
        return NOT
    if amount is None:
        return UNKNOWN
    if ctx.masked:
        return Cell("***")
    text = formatting.money(amount, signed=True)
    if not ctx.single_currency:
        text += f" {printable(row.currency, 8)}"
    return Cell(text, "good" if amount > 0 else "bad" if amount < 0 else "base")


def _fees(row: InstanceView, ctx: RowContext) -> Cell:
    if _is_blank(row) and not row.fees_day:
        return NOT
    return Cell("***" if ctx.masked else formatting.money(row.fees_day))


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
        lambda row, ctx: _at_price(row.entry_price, row, ctx),
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
    Column("last_tick", "LAST TICK", 9, 9, 8, _last_tick),
    Column("next", "NEXT", 4, 4, 8, lambda row, ctx: Cell(countdown(row, ctx.now)), right=True),
    Column("last", "LAST", 7, 20, 10, _last),
)
_TIMED_LAST: Final = Column("last", "LAST DECISION", 15, 20, 4, _last_timed)
_LAST_JOIN: Final = max(column.joins for column in COLUMNS)


@dataclass(slots=True)
class TableState:
    """What a person has done to the table: the selection follows the id, never the line."""

    selected: StrategyId | None = None
    marked: set[StrategyId] = field(default_factory=set)
    top: int = 0
    pan: int = 0
    sort: str = "id"
    hidden: frozenset[str] = frozenset()
    grown: dict[str, int] = field(default_factory=dict)
    """The widest each column has been: it never shrinks under the eyes."""


class TableView(NamedTuple):
    """The table's lines and which row each of the lines below the heading shows."""

    lines: list[Line]
    rows: tuple[StrategyId, ...]


def currency_of(rows: Sequence[InstanceView]) -> str | None:
    """Return the one currency of all rows that show money, None if there are several."""
    found = {row.currency for row in rows if not _is_blank(row)} or {row.currency for row in rows}
    return min(found) if len(found) == 1 else None


def chosen_columns(
    rows: Sequence[InstanceView], width: int, needed: dict[str, int], hidden: frozenset[str]
) -> list[tuple[Column, int]]:
    """Return the columns that fit, each with its width.

    Optional ones join in the fixed order; the narrow LAST comes first of all of them. ACCOUNT never
    leaves while the rows have different ones.
    """
    accounts = len({row.account for row in rows}) > 1
    must = [
        column for column in COLUMNS if column.joins == 0 or (accounts and column.key == "account")
    ]
    chosen = {column.key: column for column in must}
    last = next(column for column in COLUMNS if column.key == "last")
    if _total([*must, last], needed) <= width and "last" not in hidden:
        chosen["last"] = last
        for rank in range(1, _LAST_JOIN):
            if not _join(chosen, rank, width, needed, hidden):
                break
    ordered = [chosen[column.key] for column in COLUMNS if column.key in chosen]
    wide = {column.key: max(column.wide, needed.get(column.key, 0)) for column in ordered}
    if len(ordered) == len(COLUMNS) and GUTTER + sum(wide.values()) + len(ordered) - 1 <= width:
        return [(column, wide[column.key]) for column in ordered]
    return [(column, max(column.width, needed.get(column.key, 0))) for column in ordered]


def _join(
    chosen: dict[str, Column], rank: int, width: int, needed: dict[str, int], hidden: frozenset[str]
) -> bool:
    """Add the columns of one rank, together; False when they do not fit: then none joins after."""
    joining = [column for column in (*COLUMNS, _TIMED_LAST) if column.joins == rank]
    if any(column.key in hidden for column in joining):
        return True
    trial = {**chosen, **{column.key: column for column in joining}}
    if _total(list(trial.values()), needed) > width:
        return False
    chosen.update({column.key: column for column in joining})
    return True


def _total(columns: list[Column], needed: dict[str, int]) -> int:
    widths = sum(max(column.width, needed.get(column.key, 0)) for column in columns)
    return GUTTER + widths + len(columns) - 1


def table_lines(
    rows: Sequence[InstanceView],
    instruments: dict[InstrumentId, InstrumentView],
    state: TableState,
    *,
    now: int,
    width: int,
    height: int,
    masked: bool = False,
) -> TableView:
    """Return heading and rows for ``height`` lines, scrolled so that the selection is seen."""
    unit = currency_of(rows)
    heading = f" {printable(unit, 8)}" if unit else ""
    contexts = [
        RowContext(now, instruments.get(row.instrument_id), masked, unit is not None)
        for row in rows
    ]
    for row, ctx in zip(rows, contexts, strict=True):
        _grow(state.grown, row, ctx)
    columns = chosen_columns(rows, width, state.grown, state.hidden)
    head: list[Span] = [(" " * GUTTER, "head")]
    for index, (column, cells) in enumerate(columns):
        text = column.heading.format(unit=heading)
        head.append((fit(text, cells, right=column.right and column.key != "orders"), "head"))
        head.append((" ", "head") if index < len(columns) - 1 else ("", "head"))
    room = max(height - 1, 0)
    first, shown, below = window(len(rows), _index(rows, state.selected), state.top, room)
    state.top = first
    lines = [crop(tuple(head), width, _pan_start(state, columns, width))]
    visible = rows[first : first + shown]
    for row, ctx in zip(visible, contexts[first : first + shown], strict=True):
        lines.append(_row_line(row, ctx, columns, state, width))
    if below:
        lines.append(((f"  {below} more below", "dim"),))
    return TableView(lines, tuple(row.strategy_id for row in visible))


def window(count: int, selected: int, top: int, room: int) -> tuple[int, int, int]:
    """Return (first row, rows shown, rows below) for ``room`` lines.

    The last line is given up to say how many are below when some are.
    """
    if count <= room:
        return 0, count, 0
    inner = max(room - 1, 1)
    top = min(max(top, 0), count - inner)
    if selected >= 0:
        top = min(top, selected)
        if selected >= top + inner:
            top = selected - inner + 1
    if top + room >= count:
        return count - room, room, 0
    return top, inner, count - top - inner


def _index(rows: Sequence[InstanceView], selected: StrategyId | None) -> int:
    return next((index for index, row in enumerate(rows) if row.strategy_id == selected), -1)


def _grow(grown: dict[str, int], row: InstanceView, ctx: RowContext) -> None:
    for column in COLUMNS:
        length = len(column.write(row, ctx).text)
        if length > column.width and length > grown.get(column.key, 0):
            grown[column.key] = length


def _pan_start(state: TableState, columns: list[tuple[Column, int]], width: int) -> int:
    """Return the first cell shown when the columns that never leave are wider than the screen."""
    total = GUTTER + sum(cells for _, cells in columns) + len(columns) - 1
    state.pan = min(max(state.pan, 0), max(total - width, 0))
    return state.pan


def _row_line(
    row: InstanceView,
    ctx: RowContext,
    columns: list[tuple[Column, int]],
    state: TableState,
    width: int,
) -> Line:
    is_selected = row.strategy_id == state.selected
    gutter = (">" if is_selected else " ") + ("*" if row.strategy_id in state.marked else " ")
    if not is_selected and row.strategy_id in state.marked:
        gutter = "* "
    spans: list[Span] = [(gutter, "selected" if is_selected else "marked")]
    for index, (column, cells) in enumerate(columns):
        cell = column.write(row, ctx)
        text = "#" * cells if column.is_number and len(cell.text) > cells else cell.text
        look = cell.look
        if look == "base" and row.state is InstanceState.OFF:
            look = "state_off"
        elif look == "base" and is_selected:
            look = "selected"
        spans.append((fit(text, cells, right=column.right), look))
        if index < len(columns) - 1:
            spans.append((" ", "base"))
    return crop(tuple(spans), width, state.pan)


def total_line(
    rows: Sequence[InstanceView], columns: list[tuple[Column, int]], *, masked: bool
) -> Line:
    """Return the line under the rows: how many, open orders, and the sums of one currency.

    Different currencies are never added: their sums are left out.
    """
    unit = currency_of(rows)
    orders = sum(row.orders_open for row in rows)
    amounts: dict[str, list[int | None]] = {
        "open": [row.open_pnl for row in rows if not _is_blank(row)],
        "day": [row.day_pnl for row in rows if not _is_blank(row)],
        "fees": [row.fees_day for row in rows],
    }
    spans: list[Span] = [("  ", "base")]
    for index, (column, cells) in enumerate(columns):
        text = ""
        if column.key == "id":
            text = f"total {len(rows)}"
        elif column.key == "orders":
            text = f"{orders} "
        elif column.key in amounts and unit is not None:
            text = _sum_text(amounts[column.key], signed=column.key != "fees", masked=masked)
        spans.append((fit(text, cells, right=column.right), "bold"))
        if index < len(columns) - 1:
            spans.append((" ", "base"))
    return tuple(spans)


def _sum_text(amounts: Sequence[int | None], *, signed: bool, masked: bool) -> str:
    known = [amount for amount in amounts if amount is not None]
    if len(known) < len(amounts):
        return "?"
    return "***" if masked else formatting.money(sum(known), signed=signed)
