"""The instances table: which columns fit, which rows are in sight, and the total."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from tradetui.domain.enums import InstanceState
from tradetui.domain.ids import InstrumentId, StrategyId
from tradetui.domain.replica import HeaderView, InstanceView, InstrumentView
from tradetui.domain.text import printable
from tradetui.tui.lines import Line, Span, barred, crop, fit, padded
from tradetui.tui.money import money_text
from tradetui.tui.widgets.fitting import UNSORTED, SortMark, heading
from tradetui.tui.widgets.instance_columns import (
    COLUMNS,
    GUTTER,
    LAST_JOIN,
    TIMED,
    TIMED_LAST,
    Cell,
    Column,
    RowContext,
    is_blank,
)

OUT_OF_VIEW: Final = Cell("")
LEAST: Final = "curve"
"""The column that joins last, once all others have the room they need."""
_LEAST_RANK: Final = next(column.joins for column in COLUMNS if column.key == LEAST)
_CURVE_FROM: Final = 200


@dataclass(slots=True)
class TableState:
    """What a person has done to the table: the selection follows the id, never the line."""

    selected: StrategyId | None = None
    marked: set[StrategyId] = field(default_factory=set)
    top: int = 0
    pan: int = 0
    hidden: frozenset[str] = frozenset()
    pinned: frozenset[str] = frozenset()
    """Columns that join before all others that may leave."""
    grown: dict[str, int] = field(default_factory=dict)
    """The widest each column has been: it never shrinks under the eyes."""
    cells: dict[StrategyId, RowCells] = field(default_factory=dict)
    is_plain: bool = False
    """Mark the selected row by its ``>`` alone: over a slow line two rows of colours are half a
    second."""
    sort: SortMark = UNSORTED
    """By the key of which column a person sorts the rows; by none for the order of their ids."""
    lines: dict[StrategyId, RowLine] = field(default_factory=dict)
    """The lines of the rows that were drawn last."""
    listed: tuple[StrategyId, ...] = ()
    """The rows of the table as it was drawn last, those scrolled away too."""

    def neighbour(self, there: Collection[StrategyId]) -> StrategyId | None:
        """Return the row that stands where the selected one stood, which is gone: the next below
        it, else the next above; the first of those there are where neither is.
        """
        listed = self.listed
        at = listed.index(self.selected) if self.selected in listed else len(listed)
        near = (*listed[at + 1 :], *reversed(listed[:at]))
        return next((one for one in near if one in there), next(iter(there), None))


class RowCells(NamedTuple):
    """The cells of a row by heading, and what they were written from."""

    row: InstanceView
    ctx: RowContext
    cells: dict[str, Cell]


class Sight(NamedTuple):
    """The columns with their widths, which of them are whole in view, and how the table is
    panned.
    """

    columns: tuple[tuple[Column, int], ...]
    is_seen: tuple[bool, ...]
    width: int
    pan: int
    is_whole: bool
    """All of it is in view."""


class RowLine(NamedTuple):
    """The line of a row, its spans before it was cut, and all that they were made of."""

    frame: tuple[object, ...]
    cells: list[Cell]
    spans: list[Span]
    line: Line


class TableView(NamedTuple):
    """The table's lines and which row each of the lines below the heading shows."""

    lines: list[Line]
    rows: tuple[StrategyId, ...]


_LEAST_WIDTH: Final = 80
"""From this width on MARKET and GUARD never leave."""
_WAITING: Final = ("market", "guard")
_IN_MONEY: Final = tuple(column for column in COLUMNS if "{unit}" in column.heading)


def why_empty(header: HeaderView, *, is_filtered: bool) -> str:
    """Say why the table has no rows: before the first price a start still loads the instances."""
    if is_filtered:
        return "no instance matches the filter: Esc clears it"
    if header.data_age is None:
        return "no prices yet: instances show once they are loaded; {new} makes one"
    return "no instances yet: {new} makes one"


def currency_of(rows: Sequence[InstanceView]) -> str | None:
    """Return the one currency of all rows that show money, None if there are several."""
    found = {row.currency for row in rows if not is_blank(row)} or {row.currency for row in rows}
    return min(found) if len(found) == 1 else None


def chosen_columns(
    rows: Sequence[InstanceView],
    width: int,
    needed: dict[str, int],
    hidden: frozenset[str],
    pinned: frozenset[str] = frozenset(),
) -> list[tuple[Column, int]]:
    """Return the columns that fit, each with its width.

    Optional ones join in the fixed order, pinned ones before them; the narrow LAST comes first of
    the others. ACCOUNT never leaves while the rows have different ones. CURVE joins last: where
    there is no room for the wide forms of all, each column is as wide as it needs to be; from 200
    cells on it takes the place of an ACCOUNT that is the same in all rows and in the header.
    """
    accounts = len({row.account for row in rows}) > 1
    must = [
        column for column in COLUMNS if column.joins == 0 or (accounts and column.key == "account")
    ]
    chosen = {column.key: column for column in must}
    for column in COLUMNS:
        if column.key in pinned and _total([*chosen.values(), column], needed) <= width:
            chosen[column.key] = column
    last = next(column for column in COLUMNS if column.key == "last")
    if _total([*chosen.values(), last], needed) <= width and "last" not in hidden:
        chosen["last"] = last
        for rank in range(1, LAST_JOIN):
            if not _join(chosen, rank, width, needed, hidden):
                break
    is_said = not accounts and "account" not in pinned
    if is_said and width >= _CURVE_FROM and LEAST not in {*chosen, *hidden}:
        without = {key: column for key, column in chosen.items() if key != "account"}
        _join(without, _LEAST_RANK, width, needed, hidden)
        chosen = without if LEAST in without else chosen
    ordered = [chosen[column.key] for column in COLUMNS if column.key in chosen]
    wide = {column.key: max(column.wide, needed.get(column.key, 0)) for column in ordered}
    is_full = len(ordered) >= len(COLUMNS) - 1
    if is_full and GUTTER + sum(wide.values()) + len(ordered) - 1 <= width:
        return [(column, wide[column.key]) for column in ordered]
    return [(column, max(column.width, needed.get(column.key, 0))) for column in ordered]


def _join(
    chosen: dict[str, Column], rank: int, width: int, needed: dict[str, int], hidden: frozenset[str]
) -> bool:
    """Add the columns of one rank, together; False when they do not fit: then none joins after."""
    joining = [column for column in (*COLUMNS, TIMED_LAST) if column.joins == rank]
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


def columns_of(
    rows: Sequence[InstanceView], width: int, state: TableState
) -> list[tuple[Column, int]]:
    """Return the columns that are drawn, each with its width.

    On a screen below the least width, MARKET and then GUARD wait until somebody pans: money is
    worth more there, and a missing stop is an alert.
    """
    columns = chosen_columns(rows, width, state.grown, state.hidden, state.pinned)
    for key in () if state.pan or width >= _LEAST_WIDTH else _WAITING:
        if _drawn(columns) > width:
            columns = [one for one in columns if one[0].key != key]
    return columns


def _drawn(columns: Sequence[tuple[Column, int]]) -> int:
    return GUTTER + sum(cells for _, cells in columns) + len(columns) - 1


def table_lines(
    rows: Sequence[InstanceView],
    instruments: dict[InstrumentId, InstrumentView],
    state: TableState,
    *,
    now: int,
    width: int,
    height: int,
    masked: bool = False,
    ascii_only: bool = False,
) -> TableView:
    """Return heading and rows for ``height`` lines, scrolled so that the selection is seen."""
    unit = currency_of(rows)
    in_unit = f" {printable(unit, 8)}" if unit else ""
    room = max(height - 1, 0)
    first, shown, below = window(len(rows), _index(rows, state.selected), state.top, room)
    state.top = first
    state.listed = tuple([row.strategy_id for row in rows])
    visible = rows[first : first + shown]
    written = []
    for row in visible:
        market = instruments.get(row.instrument_id)
        ctx = RowContext(now, market, masked, unit is not None, ascii_only)
        written.append(_written(row, ctx, state))
    make_room(state, {one.key: one.heading.format(unit=in_unit) for one in _IN_MONEY})
    columns = columns_of(rows, width, state)
    pan = _pan_start(state, columns, width)
    titles = {}
    for column, cells in columns:
        title = column.heading.format(unit=in_unit)
        # The flag of an unknown order stands behind the figure: the heading ends before it.
        titles[column.key] = title.ljust(cells) if column.key == "orders" else title
    mark = (state.sort.column, state.sort.shape(ascii_only=ascii_only))
    placed = _placed(titles, columns, width, pan, "head", mark)
    lines = [_more_marked(placed, columns, width, pan)]
    seen = tuple(_in_sight(columns, width, pan))
    sight = Sight(tuple(columns), seen, width, pan, not pan and _drawn(columns) <= width)
    known, state.lines = state.lines, {}
    for row, cells_of in zip(visible, written, strict=True):
        key = row.strategy_id
        drawn = _row_line(row, cells_of, sight, state, known.get(key))
        state.lines[key] = drawn
        lines.append(drawn.line)
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


def _written(row: InstanceView, ctx: RowContext, state: TableState) -> dict[str, Cell]:
    """Write the cells of a row; only those that tell the time, if the record is the same."""
    known = state.cells.get(row.strategy_id)
    if known is not None and known.row is row and known.ctx[1:] == ctx[1:]:
        cells = known.cells
        columns = TIMED
    else:
        cells = {}
        columns = (*COLUMNS, TIMED_LAST)
        state.cells[row.strategy_id] = RowCells(row, ctx, cells)
    for column in columns:
        cell = cells[column.heading] = column.write(row, ctx)
        length = len(cell.text)
        if length > column.width and length > state.grown.get(column.key, 0):
            state.grown[column.key] = length
    return cells


def _in_sight(columns: Sequence[tuple[Column, int]], width: int, pan: int) -> list[bool]:
    """Tell which columns are whole in view: the others leave, heading and all, until somebody pans.

    Half a number would say another one.
    """
    found = []
    start = GUTTER - pan
    for _, cells in columns:
        found.append(start >= 0 and start + cells <= width)
        start += cells + 1
    return found


def _placed(
    texts: dict[str, str],
    columns: list[tuple[Column, int]],
    width: int,
    pan: int,
    look: str,
    mark: tuple[str, str] = ("", ""),
) -> Line:
    """Return a line with texts in their columns, as far as those are whole in view; ``mark``: a
    column and the shape behind its text.
    """
    gap = "head" if look == "head" else "base"
    spans: list[Span] = [(" " * GUTTER, gap)]
    for index, is_seen in enumerate(_in_sight(columns, width, pan)):
        column, cells = columns[index]
        text = texts.get(column.key, "") if is_seen else ""
        shape = mark[1] if is_seen and column.key == mark[0] else ""
        text, behind = heading(text, cells, shape, right=column.right)
        spans.append((text, look))
        if index < len(columns) - 1 or shape:
            spans.append((behind, look if shape else gap))
    return crop(tuple(spans), width, pan)


def _more_marked(line: Line, columns: Sequence[tuple[Column, int]], width: int, pan: int) -> Line:
    """Return a heading with ``>`` at its end where columns are out of view to the right."""
    if _drawn(columns) - pan <= width:
        return line
    return (*padded(crop(line, width - 1), width - 1, "head"), (">", "label"))


def _pan_start(state: TableState, columns: list[tuple[Column, int]], width: int) -> int:
    """Return the first cell shown when the columns that never leave are wider than the screen."""
    total = _drawn(columns)
    state.pan = min(max(state.pan, 0), max(total - width, 0))
    return state.pan


def _row_line(
    row: InstanceView,
    written: dict[str, Cell],
    sight: Sight,
    state: TableState,
    known: RowLine | None,
) -> RowLine:
    """Draw a row; the very line ``known`` where it would be the same."""
    is_selected = row.strategy_id == state.selected
    is_barred = is_selected and not state.is_plain
    gutter = (">" if is_selected else " ") + ("*" if row.strategy_id in state.marked else " ")
    if not is_selected and row.strategy_id in state.marked:
        gutter = "* "
    frame = (sight, gutter, is_barred, row.state is InstanceState.OFF)
    cells = [written[column.heading] for column, _ in sight.columns]
    if known is None or known.frame != frame:
        blank = (" ", "selected" if is_barred else "base")
        spans: list[Span] = [(gutter, "selected" if is_selected else "marked")]
        for cell, column, is_seen in zip(cells, sight.columns, sight.is_seen, strict=True):
            spans += (_cell_span(cell if is_seen else OUT_OF_VIEW, column, frame), blank)
        if cells:
            spans.pop()
    elif known.cells == cells:
        return known
    else:
        spans = known.spans.copy()
        for index, cell in enumerate(cells):
            if cell != known.cells[index] and sight.is_seen[index]:
                spans[1 + 2 * index] = _cell_span(cell, sight.columns[index], frame)
    line = tuple(spans)
    if is_barred and sight.is_whole:
        line = padded(line, sight.width, "selected")  # the bar goes on where the columns end
    return RowLine(
        frame, cells, spans, line if sight.is_whole else crop(line, sight.width, sight.pan)
    )


def _cell_span(cell: Cell, place: tuple[Column, int], frame: tuple[object, ...]) -> Span:
    """Return a cell of a row as it is drawn."""
    column, size = place
    *_, is_barred, is_off = frame
    is_cut = column.is_number and len(cell.text) > size
    look = "state_off" if is_off and cell.look == "base" else cell.look
    text = fit("#" * size if is_cut else cell.text, size, right=column.right)
    return text, barred(look) if is_barred else look


def totals(rows: Sequence[InstanceView], *, masked: bool) -> dict[str, str]:
    """Return what the line under the rows says, by column: how many, open orders, sums of money.

    Different currencies are never added: their sums are left out.
    """
    said = {
        "id": f"total {len(rows)}",
        "orders": f"{sum(row.orders_open for row in rows)} ",
    }
    unit = currency_of(rows)
    if unit is None:
        return said
    open_pnl = [row.open_pnl for row in rows if not is_blank(row)]
    day_pnl = [row.day_pnl for row in rows if not is_blank(row)]
    return said | {
        "open": _sum_text(open_pnl, unit, signed=True, masked=masked),
        "day": _sum_text(day_pnl, unit, signed=True, masked=masked),
        "fees": _sum_text([row.fees_day for row in rows], unit, signed=False, masked=masked),
    }


def make_room(state: TableState, said: dict[str, str]) -> None:
    """Let the columns grow to what their totals need: a number is never cut."""
    for key, text in said.items():
        state.grown[key] = max(state.grown.get(key, 0), len(text))


def total_line(
    said: dict[str, str], columns: list[tuple[Column, int]], width: int, pan: int
) -> Line:
    """Return the line under the rows, panned as they are."""
    return _placed(said, columns, width, pan, "bold")


def _sum_text(amounts: Sequence[int | None], currency: str, *, signed: bool, masked: bool) -> str:
    known = [amount for amount in amounts if amount is not None]
    if len(known) < len(amounts):
        return "?"
    return money_text(sum(known), currency, signed=signed, masked=masked)
