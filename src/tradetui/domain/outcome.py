"""What a run came to, in figures that two runs can be compared by."""

from __future__ import annotations

from tradetui.domain.difference import Difference
from tradetui.domain.ids import Currency, RunId, StrategyId
from tradetui.domain.reasons import Reason
from tradetui.domain.record import Record


class InstanceOutcome(Record, frozen=True):
    """What one instance did and earned in a run; would-be orders of its shadow book aside.

    Money in ``currency`` (that of its market) at CASH_SCALE. ``pnl`` is the change of realised and
    open profit over the run, after fees; None while a price lacks. ``fees`` are those charged in
    any currency, each in its own; ``refused`` counts decisions by reason, ``modified`` those that
    were made smaller, ``would`` those that only the mode stopped.
    """

    strategy_id: StrategyId
    currency: Currency
    intents: int = 0
    allowed: int = 0
    modified: int = 0
    would: int = 0
    refused: tuple[tuple[Reason, int], ...] = ()
    fills: int = 0
    traded: int = 0
    """Notional of the fills."""
    fees: tuple[tuple[Currency, int], ...] = ()
    pnl: int | None = 0


class RunOutcome(Record, frozen=True):
    """What a whole run came to.

    ``equity_change`` is that of all real routes in the reporting currency at CASH_SCALE; None while
    a price or a rate lacks.
    """

    steps: int
    instances: tuple[InstanceOutcome, ...]
    currency: Currency
    equity_change: int | None
    state_hash: str


class WhatIfReport(Record, frozen=True):
    """A recorded run beside the same run under other rules.

    ``changes`` say what is different, one sentence each. ``first`` is where the two part; None:
    every step is the same, byte for byte. ``notes`` say what the comparison cannot know.
    """

    run_id: RunId
    changes: tuple[str, ...]
    recorded: RunOutcome
    replayed: RunOutcome
    first: Difference | None = None
    notes: tuple[str, ...] = ()
