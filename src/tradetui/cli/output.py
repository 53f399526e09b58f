"""How commands print: data on standard output, talk on standard error; and the exit codes.

Whatever is printed goes through here, and nothing that a terminal would act on leaves.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Any, Final

import click

from tradetui.cli.amounts import with_amounts_apart
from tradetui.cli.wiring import Row
from tradetui.domain.text import escaped_json, visible
from tradetui.services.errors import RefusedError, RuntimeProblemError, UserError

WINDOW: Final = "TRADETUI_COLUMNS"
CSV: Final = "tradetui.csv"
"""Where a click context says that CSV was asked for."""
_GAP: Final = 2
_INDENT: Final = 4
"""Blanks between two columns, and before those that did not fit on the line."""
_LEAST_TEXT: Final = 20
"""Cells that a text which wraps has at least."""


class Exit(IntEnum):
    """The exit codes, for scripts to rely on."""

    DONE = 0
    """What was asked for was done, or told."""
    FAILED = 1
    """Something went wrong while running: a database, a feed, a bug of ours."""
    BAD_INPUT = 2
    """What a person wrote is wrong: an option, a file, a key. Nothing was done."""
    REFUSED = 3
    """Understood, and refused: the state does not allow it, or another process holds the folder."""
    INTERRUPTED = 130
    """Broken off before the end: ctrl-c, or another signal in a backtest or `demo --until-end`."""


@contextmanager
def exit_codes() -> Iterator[None]:
    """Turn our errors into one sentence on standard error and the right exit code."""
    try:
        yield
    except RefusedError as e:
        fail(str(e), Exit.REFUSED)
    except UserError as e:
        fail(str(e), Exit.BAD_INPUT)
    except RuntimeProblemError as e:
        fail(str(e), Exit.FAILED)
    except KeyboardInterrupt:
        fail("interrupted", Exit.INTERRUPTED)
    except BrokenPipeError:
        quiet_exit()


def fail(text: str, code: Exit) -> None:
    """Say one sentence and leave."""
    say(f"tradetui: {text}")
    raise SystemExit(int(code))


def put(text: str | bytes, *, end: bool = True) -> None:
    """Write data that is harmless already; raises RuntimeProblemError where that fails (a full
    disk), BrokenPipeError when the reader has gone.
    """
    try:
        click.echo(text, nl=end)
    except BrokenPipeError:
        raise
    except OSError as error:
        _forget_output()
        raise RuntimeProblemError(_no_output(error)) from error


def end_output() -> None:
    """Write out what waits, at the end of the program; leaves with a sentence where that fails."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        quiet_exit()
    except OSError as error:
        _forget_output()
        fail(_no_output(error), Exit.FAILED)


def _no_output(error: OSError) -> str:
    return f"the output cannot be written ({error.strerror}); what was printed is not whole"


def _forget_output() -> None:
    """Drop what waits to be written: nothing can take it any more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def quiet_exit() -> None:
    """Leave without a word when the reader of our output has gone."""
    _forget_output()
    raise SystemExit(int(Exit.DONE))


def print_json(data: Any) -> None:
    """Print data as JSON, keys in their own order."""
    told = with_amounts_apart(data)
    put(escaped_json(json.dumps(told, indent=2, ensure_ascii=False, allow_nan=False)))


def print_json_line(data: Any) -> None:
    """Print data as JSON in one line."""
    put(escaped_json(json.dumps(data, ensure_ascii=False, allow_nan=False)))


def print_text(text: str) -> None:
    """Print one line of text."""
    put(visible(text))


def print_rows(
    rows: list[Row],
    *,
    as_json: bool,
    empty: str,
    narrow: Callable[[Row], Row] | None = None,
) -> None:
    """Print rows as an aligned table, a JSON list, or CSV where ``--csv`` was given; ``empty`` is
    said when there are none.

    On a terminal that is too narrow, columns that say nothing are left out and the rest fold; where
    ``narrow`` gives a row of fewer columns for each, those stand there and the last one wraps.
    """
    context = click.get_current_context(silent=True)
    is_csv = context is not None and bool(context.meta.get(CSV))
    if as_json and is_csv:
        raise UserError("--json and --csv exclude each other")
    if as_json:
        print_json(rows)
        return
    if not rows:
        click.echo(empty, err=True)
        return
    if is_csv:
        print_csv(rows)
        return
    room = terminal_width()
    if narrow is not None and room is not None and _table_width(rows) > room:
        _print_wrapped([narrow(row) for row in rows], room)
        return
    columns = list(rows[0])
    cells = [[cell_text(row.get(column)) for column in columns] for row in rows]
    right = [all(isinstance(row.get(column), int | float) for row in rows) for column in columns]
    lines = [[column.upper() for column in columns], *cells]
    widths = [max(len(line[at]) for line in lines) for at in range(len(columns))]
    if room is not None and sum(widths) + _GAP * (len(widths) - 1) > room:
        told = [at for at in range(len(columns)) if not at or any(c[at] != "-" for c in cells)]
        lines = [[line[at] for at in told] for line in lines]
        widths, right = [widths[at] for at in told], [right[at] for at in told]
    pieces = folds(widths, room)
    for line in lines:
        for first, last in pieces:
            indent = " " * _INDENT if first else ""
            put(indent + aligned(line[first:last], widths[first:last], right[first:last]))


def _table_width(rows: list[Row]) -> int:
    columns = list(rows[0])
    widths = [max(len(one), *(len(cell_text(row[one])) for row in rows)) for one in columns]
    return sum(widths) + _GAP * (len(widths) - 1)


def _print_wrapped(rows: list[Row], room: int) -> None:
    """Print a table whose last column is as wide as the room left, and wraps there."""
    *columns, text = rows[0]
    widths = [max(len(one), *(len(cell_text(row[one])) for row in rows)) for one in columns]
    indent = sum(widths) + _GAP * len(widths)
    lines = [dict(zip(rows[0], map(str.upper, rows[0]), strict=True)), *rows]
    for line in lines:
        pieces = textwrap.wrap(cell_text(line[text]), max(room - indent, _LEAST_TEXT)) or [""]
        head = [cell_text(line[one]) for one in columns]
        put(aligned([*head, pieces[0]], [*widths, 0], [False] * (len(widths) + 1)))
        for piece in pieces[1:]:
            put(" " * indent + piece)


def print_csv(rows: list[Row]) -> None:
    """Print rows as CSV that no spreadsheet runs; a currency has a column of its own."""
    from tradetui.services.export import to_csv, with_currencies_apart

    cells = [{name: csv_value(value) for name, value in row.items()} for row in rows]
    put(to_csv(*with_currencies_apart(list(rows[0]), cells)), end=False)


def csv_value(value: Any) -> Any:
    """Return a value as CSV has it: a number, or a text that is harmless to a terminal."""
    if value is None or isinstance(value, bool | int | float):
        return value
    return cell_text(value)


def terminal_width() -> int | None:
    """Return the columns of the terminal that is printed to; None where nobody looks.

    A console that shows what is printed says how much room it has, in ``TRADETUI_COLUMNS``.
    """
    window = os.environ.get(WINDOW, "")
    if window.isascii() and window.isdigit():
        return int(window[:4])
    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    return shutil.get_terminal_size().columns if is_terminal else None


def is_interactive() -> bool:
    """Tell whether a person sits at both ends; a stream may also be closed."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def folds(widths: list[int], room: int | None) -> list[tuple[int, int]]:
    """Return which columns stand on one line: all, or as many as there is room for; those that
    follow go on an indented line below, so that nothing is cut or broken by the terminal.
    """
    pieces = []
    first, used = 0, 0
    for at, width in enumerate(widths):
        needed = width if at == first else used + _GAP + width
        if room is not None and at > first and needed > room:
            pieces.append((first, at))
            first, needed = at, _INDENT + width
        used = needed
    return [*pieces, (first, len(widths))]


def aligned(cells: list[str], widths: list[int], right: list[bool]) -> str:
    """Join cells into one line, numbers to the right."""
    padded = [
        cell.rjust(width) if is_right else cell.ljust(width)
        for cell, width, is_right in zip(cells, widths, right, strict=True)
    ]
    return "  ".join(padded).rstrip()


def cell_text(value: Any) -> str:
    """Write one value as a person reads it."""
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case dict():
            return ", ".join(f"{name} {cell_text(item)}" for name, item in value.items()) or "-"
        case list() | tuple():
            return ", ".join(cell_text(item) for item in value)
        case _:
            return visible(str(value))


def print_fields(row: Row, *, as_json: bool) -> None:
    """Print one row as ``name  value`` lines; a list of rows below its heading."""
    if as_json:
        print_json(row)
        return
    scalars = {key: value for key, value in row.items() if not is_table(value)}
    width = max((len(key) for key in scalars), default=0)
    for key, value in scalars.items():
        put(f"{visible(key).ljust(width)}  {cell_text(value)}")
    for key, value in row.items():
        if is_table(value) and value:
            put(f"\n{visible(key)}")
            print_rows(value, as_json=False, empty="")


def is_table(value: Any) -> bool:
    """Tell whether a value is a list of rows."""
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def folded(line: str, room: int | None) -> list[str]:
    """Return a line of a report over as many as it needs: cut at blanks, what follows indented
    below it; whole where nobody looks.
    """
    text = visible(line)
    if room is None or len(text) <= room:
        return [text]
    begins = len(text) - len(text.lstrip(" "))
    return textwrap.wrap(
        text,
        max(room, 20),
        subsequent_indent=" " * min(begins + _INDENT, max(room, 20) // 2),
        break_on_hyphens=False,
        drop_whitespace=True,
    )


Say = Callable[[str], None]


def say(text: str) -> None:
    """Print talk, on standard error."""
    click.echo(visible(text), err=True)


def tell(text: str) -> None:
    """Say a sentence of several, on a terminal folded at blanks so that no word is cut."""
    if sys.stderr.isatty():
        columns = max(shutil.get_terminal_size().columns, 20)
        text = textwrap.fill(text, columns, break_long_words=False, break_on_hyphens=False)
    for line in text.split("\n"):
        say(line)


def print_reply(reply: Row, *, as_json: bool) -> None:
    """Print the engine's answer to an act; one that was refused ends with the code for that."""
    if as_json:
        print_json(reply)
    elif reply["done"]:
        print_text(reply["text"])
    if not reply["done"]:
        fail(str(reply["text"]), Exit.REFUSED)
