"""Rows of the journal: how a step becomes its row and the rows of its projections."""

from __future__ import annotations

from typing import Any, Final

from tradetui.domain.codec import encode
from tradetui.domain.market_data import InstrumentUpdated
from tradetui.domain.steps import StepRecord
from tradetui.ports.history import EquityPoint

STEP_SQL: Final = "INSERT INTO steps (row, seq_id, body, hash) VALUES (?, ?, ?, ?)"
FILL_SQL: Final = (
    "INSERT INTO fills (row, place, seq_id, strategy_id, instrument_id, event_time, body) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)"
)
INSTRUMENT_SQL: Final = (
    "INSERT INTO instruments (row, seq_id, instrument_id, body) VALUES (?, ?, ?, ?)"
)
EQUITY_SQL: Final = (
    "INSERT INTO equity (row, key, seq_id, event_time, currency, equity, day_pnl) "
    "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (row, key) DO UPDATE SET equity = excluded.equity, "
    "day_pnl = excluded.day_pnl"
)

StepRow = tuple[int, int, bytes, bytes]
FillRow = tuple[int, int, int, str, str, int, bytes]
Rows = list[tuple[Any, ...]]


def fill_rows(row: int, record: StepRecord) -> list[FillRow]:
    """Return the rows of ``fills`` for a step."""
    return [
        (
            row,
            place,
            fill.seq_id,
            fill.strategy_id,
            fill.instrument_id,
            fill.event_time,
            encode(fill),
        )
        for place, fill in enumerate(record.result.fills)
    ]


def instrument_row(row: int, record: StepRecord) -> tuple[int, int, str, bytes]:
    """Return the row of ``instruments`` for a step that brings one."""
    payload = record.event.payload
    assert isinstance(payload, InstrumentUpdated)
    instrument = payload.instrument
    return (row, record.event.seq_id, instrument.instrument_id, encode(instrument))


def equity_row(row: int, point: EquityPoint) -> tuple[int, str, int, int, str, int, int]:
    """Return the row of ``equity`` for a point."""
    return (
        row,
        point.key,
        point.seq_id,
        point.event_time,
        point.currency,
        point.equity,
        point.day_pnl,
    )
