"""What recorded data can do: show prices and their history, and nothing else."""

from __future__ import annotations

from typing import Final

from tradetui.domain.capabilities import Capabilities
from tradetui.domain.enums import InstrumentClass, Support

REPLAY: Final = Capabilities(
    instrument_classes=tuple(InstrumentClass),
    market=Support.NONE,
    limit=Support.NONE,
    stop=Support.NONE,
    stop_limit=Support.NONE,
    trailing_stop=Support.NONE,
    gtc=Support.NONE,
    day=Support.NONE,
    ioc=Support.NONE,
    fok=Support.NONE,
    gtd=Support.NONE,
    oco=Support.NONE,
    bracket=Support.NONE,
    reduce_only=Support.NONE,
    post_only=Support.NONE,
    partial_fill_reports=False,
    client_order_id=False,
    order_stream=False,
    trades=True,
    ticker_snapshot=True,
    ohlcv=True,
    historical=True,
)
"""Capabilities of a feed of files: orders go to a simulated venue instead."""
