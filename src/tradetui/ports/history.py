"""What the journal remembers of this run and of earlier ones, for lists and charts."""

from __future__ import annotations

from tradetui.domain.ids import Currency, RunId
from tradetui.domain.instruments import Instrument
from tradetui.domain.orders import Fill
from tradetui.domain.record import Record


class RunInfo(Record, frozen=True):
    """One run in the journal.

    ``ended_how`` is ``running``, ``clean`` or ``crashed``. ``steps`` and ``head`` (hex) are those
    of its last durable row.
    """

    run_id: RunId
    started_time: int
    ended_time: int | None
    ended_how: str
    steps: int
    head: str


class EquityPoint(Record, frozen=True):
    """The equity of one account (``key``) after a step, with the day's profit; CASH_SCALE."""

    seq_id: int
    event_time: int
    key: str
    currency: Currency
    equity: int
    day_pnl: int


class RunFill(Record, frozen=True):
    """A fill with the run that it belongs to and the instrument as it was then (None: unknown)."""

    run_id: RunId
    fill: Fill
    instrument: Instrument | None


class FillBatch(Record, frozen=True):
    """Fills with their runs, oldest first; ``mark`` is the place of the oldest, None: no older."""

    fills: tuple[tuple[RunId, Fill], ...]
    total: int
    mark: tuple[int, int] | None
