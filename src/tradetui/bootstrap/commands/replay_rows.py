"""Reports of replays as rows to print."""

from __future__ import annotations

from typing import Any, Final

from tradetui.cli.wiring import Row
from tradetui.domain.difference import Difference, Divergence
from tradetui.domain.formatting import exact_money
from tradetui.domain.ids import Currency, StrategyId
from tradetui.domain.instruments import Instrument
from tradetui.domain.outcome import InstanceOutcome, RunOutcome, WhatIfReport
from tradetui.domain.units import CASH_SCALE, format_scaled

_MONEY: Final = (
    "amount", "commission", "cost", "fees", "filled_cost", "notional", "realised_pnl",
)  # fmt: skip
"""Fields that hold money, whatever the market."""

NEW_FILES: Final = "new files"
"""What the run is called that is made again with changed strategy files and the recorded rules."""


def divergence_row(report: Divergence, market: Instrument | None = None) -> Row:
    """Return a divergence report, its first difference in full; ``market`` is the one of that."""
    row: Row = {
        "run": report.run_id,
        "first_step": report.first_step,
        "last_step": report.last_step,
        "steps": report.steps,
        "differences": report.differences,
        "state_hash": report.state_hash,
        "notes": list(report.notes),
    }
    if report.by_part:
        row["by_part"] = [{"part": part, "steps": count} for part, count in report.by_part]
    if report.first is not None:
        row["first_difference"] = [difference_row(report.first, market)]
        row["context"] = [{"what": what, "is": text} for what, text in report.context]
    return row


def difference_row(difference: Difference, market: Instrument | None = None) -> Row:
    """Return one difference; a price, a quantity or money in its own decimals."""
    field = difference.field or difference.part
    return {
        "step": difference.seq_id,
        "event": difference.event_type,
        "field": field,
        "recorded": _value_text(field, difference.was, market),
        "now": _value_text(field, difference.now, market),
    }


def _value_text(field: str, value: str, market: Instrument | None) -> str:
    name = field.rpartition(".")[2]
    if not value.removeprefix("-").isdigit():
        return value or "(nothing)"
    if name in _MONEY:
        return format_scaled(int(value), CASH_SCALE, 2)
    if market is not None and name.endswith("price"):
        return format_scaled(int(value), market.price_scale, market.price_decimals)
    if market is not None and name.endswith("quantity"):
        return format_scaled(int(value), market.size_scale, market.size_decimals)
    return value


def outcome_row(outcome: RunOutcome) -> Row:
    """Return what a run came to."""
    return {
        "steps": outcome.steps,
        "equity_change": money_text(outcome.equity_change, outcome.currency),
        "state_hash": outcome.state_hash,
        "instances": [_instance_row(one) for one in outcome.instances],
    }


def what_if_row(
    report: WhatIfReport,
    market: Instrument | None = None,
    before_files: RunOutcome | None = None,
) -> Row:
    """Return the two runs side by side: for each instance recorded, now, and the difference.

    ``market`` is the one of the first step that differs. ``before_files`` is what was recorded,
    where the report compares with the run made again with changed strategy files: the change of
    equity is then told by its two causes.
    """
    was_called = "recorded" if before_files is None else NEW_FILES
    recorded = {one.strategy_id: one for one in report.recorded.instances}
    replayed = {one.strategy_id: one for one in report.replayed.instances}
    names = sorted({*recorded, *replayed})
    first = report.first
    return {
        "run": report.run_id,
        "changes": list(report.changes) or ["none"],
        "same": first is None,
        "equity_change": _equity_rows(report, before_files),
        "instances": [
            row
            for name in names
            for row in _compared(name, recorded.get(name), replayed.get(name), was_called)
        ],
        "decisions": _decisions(recorded, replayed),
        "first_difference": [] if first is None else [difference_row(first, market)],
        "notes": [
            *report.notes,
            *(() if before_files is None else (f"all below is against the run with {NEW_FILES}",)),
        ],
    }


def _equity_rows(report: WhatIfReport, before_files: RunOutcome | None) -> list[Row]:
    """Return the change of equity of both runs; by cause where strategy files have changed too."""
    if before_files is None:
        return [_equity_row(report.recorded, report.replayed)]
    causes = (
        ("strategy files changed", before_files, report.recorded),
        ("; ".join(report.changes), report.recorded, report.replayed),
        ("both", before_files, report.replayed),
    )
    return [
        {"because": why, **_equity_row(was, now, ("before", "after"))} for why, was, now in causes
    ]


def _equity_row(
    was: RunOutcome, now: RunOutcome, names: tuple[str, str] = ("recorded", "now")
) -> Row:
    return {
        names[0]: money_text(was.equity_change, was.currency),
        names[1]: money_text(now.equity_change, now.currency),
        "difference": _less(now.equity_change, was.equity_change, was.currency),
    }


def money_text(amount: int | None, currency: Currency) -> str:
    """Write money exactly; ``?`` while a price or a rate lacks."""
    return "?" if amount is None else f"{exact_money(amount, currency)} {currency}"


def _instance_row(one: InstanceOutcome) -> Row:
    fees = ", ".join(money_text(amount, currency) for currency, amount in one.fees)
    return {
        "instance": one.strategy_id,
        "intents": one.intents,
        "allowed": one.allowed,
        "modified": one.modified,
        "refused": sum(count for _, count in one.refused),
        "would": one.would,
        "fills": one.fills,
        "fees": fees or "0",
        "pnl": money_text(one.pnl, one.currency),
    }


def _compared(
    name: StrategyId,
    recorded: InstanceOutcome | None,
    replayed: InstanceOutcome | None,
    was_called: str,
) -> list[Row]:
    """Return two rows and their difference; one row where both are the same."""
    known = recorded or replayed
    assert known is not None
    was = recorded or InstanceOutcome(name, known.currency)
    now = replayed or InstanceOutcome(name, known.currency)
    rows = [{"run": was_called, **_instance_row(was)}, {"run": "now", **_instance_row(now)}]
    if was == now:
        return [{**rows[0], "run": "both"}]
    difference: dict[str, Any] = {"run": "difference", "instance": name}
    for column in ("intents", "allowed", "modified", "refused", "would", "fills"):
        difference[column] = int(rows[1][column]) - int(rows[0][column])
    before, after = dict(was.fees), dict(now.fees)
    difference["fees"] = ", ".join(
        money_text(after.get(one, 0) - before.get(one, 0), one) for one in sorted({*before, *after})
    )
    difference["pnl"] = _less(now.pnl, was.pnl, known.currency)
    return [*rows, difference]


def _less(after: int | None, before: int | None, currency: Currency) -> str:
    if after is None or before is None:
        return "?"
    return money_text(after - before, currency)


def _decisions(
    recorded: dict[StrategyId, InstanceOutcome], replayed: dict[StrategyId, InstanceOutcome]
) -> list[Row]:
    """Return the refusals by reason, over all instances."""
    counts: dict[str, list[int]] = {}
    for place, outcomes in enumerate((recorded, replayed)):
        for one in outcomes.values():
            for reason, count in one.refused:
                counts.setdefault(str(reason), [0, 0])[place] += count
    return [
        {"refused": reason, "recorded": was, "now": now, "difference": now - was}
        for reason, (was, now) in sorted(counts.items())
    ]
