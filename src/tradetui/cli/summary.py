"""What a run came to, printed: its figures and, with ``--plot``, its charts."""

from __future__ import annotations

from tradetui.cli.output import print_fields
from tradetui.cli.plot import draw
from tradetui.cli.wiring import Row

DRAWN = ("plots", "equity", "equity_title", "labels", "no_colour")
"""What only the charts are made of."""


def print_summary(summary: Row, *, as_json: bool, plot: bool) -> None:
    """Print what a run came to: trades, fees, PnL, refusals by reason."""
    if plot and not as_json:
        draw(summary)
    shown = {key: value for key, value in summary.items() if key not in DRAWN}
    print_fields(shown, as_json=as_json)
