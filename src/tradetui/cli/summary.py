"""What a run came to, printed: its figures and, with ``--plot``, its charts."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

from tradetui.cli.output import Exit, fail, print_fields
from tradetui.cli.plot import draw
from tradetui.cli.wiring import Row
from tradetui.domain.formatting import counted, plain_money
from tradetui.domain.units import CASH_SCALE, NumberError, parse_scaled

DRAWN = ("plots", "equity", "equity_title", "labels", "no_colour")
"""What only the charts are made of."""
_MONEY: Final = (
    "fees",
    "realised_pnl",
    "unrealised_pnl",
    "equity_change",
    "max_drawdown",
)
"""Figures that come as exact amounts by currency, or by account and currency."""


def print_summary(summary: Row, *, as_json: bool, plot: bool) -> None:
    """Print what a run came to: trades, fees, PnL, refusals by reason."""
    if plot and not as_json:
        draw(summary)
    shown = {key: value for key, value in summary.items() if key not in DRAWN}
    print_fields(shown if as_json else _read_by_people(shown), as_json=as_json)


def end_where_broken_off(summary: Row) -> None:
    """Leave with the code of an interruption where a signal came before the end of the files, and
    say where that was: a summary of a part must not pass for that of the whole.
    """
    name = summary.get("broken_off")
    if not name:
        return
    steps, time = summary.get("steps", 0), summary.get("to", "-")
    where = f"after {counted(steps, 'step')}, at {time} of the data" if steps else "at its start"
    fail(f"{name}: broken off {where}, before the end of the files", Exit.INTERRUPTED)


def _read_by_people(row: Row) -> Row:
    """Return a summary with its money as everywhere: rounded, the currency behind it."""
    told: Row = {}
    for key, value in row.items():
        if key in _MONEY and isinstance(value, dict):
            told[key] = [_amount(name, text) for name, text in value.items()] or None
        elif key == "instances":
            told[key] = [_read_by_people(one) for one in value]
        else:
            told[key] = value
    return told


def _amount(name: str, text: Any) -> str:
    """Write ``53.64 USD`` for (``USD``, ``53.64021788``), with the account before it if named."""
    account, _, currency = name.rpartition(" ")
    with suppress(NumberError):  # a dash: a price or a rate lacks
        text = plain_money(parse_scaled(text, CASH_SCALE), currency)
    return f"{account} {text} {currency}".lstrip()
