"""What happened since a moment, in the lines that a person reads."""

from __future__ import annotations

from typing import Final

from tradetui.domain.explain import Note, PnlSplit, Since
from tradetui.domain.formatting import count, counted, money, timestamp
from tradetui.domain.ids import StrategyId
from tradetui.domain.orders import Fill
from tradetui.domain.words import reason_words
from tradetui.services.narrate import Narrator

HEADINGS: Final = (
    ("kills", "kill-switches and routes"),
    ("errors", "errors"),
    ("restarts", "restarts"),
    ("gaps", "gaps in the prices"),
    ("acts", "acts"),
)
_FILLS: Final = 20
"""As many fills are listed."""
_NOTES: Final = 10
"""As many notes of each kind are."""


def split_parts(split: PnlSplit) -> tuple[tuple[str, int], ...]:
    """Return the parts of a change of equity, in the order in which they are shown."""
    return (
        ("move", split.move),
        ("fees", split.fees),
        ("funding", split.funding),
        ("slippage", split.slippage),
        ("transfers", split.transfers),
        ("rates", split.rates),
    )


def since_lines(report: Since) -> list[str]:
    """Return the whole report as lines, with the newest fills and notes of each kind."""
    lines = [
        f"since {report.from_text}",
        (
            f"{counted(report.steps, 'step')}, {timestamp(report.from_time)} to "
            f"{timestamp(report.to_time)}"
        ),
    ]
    if not report.steps:
        return [f"since {report.from_text}", "nothing has happened"]
    lines += _money_lines(report)
    lines += _instance_lines(report)
    lines += _fill_lines(report)
    if report.refusals:
        said = ", ".join(f"{reason_words(reason)} {number}" for reason, number in report.refusals)
        lines += ["", f"refused: {said}"]
    for name, heading in HEADINGS:
        found: tuple[Note, ...] = getattr(report, name)
        if found:
            lines += ["", f"{heading} ({len(found)})"]
            lines += [note_line(note) for note in found[-_NOTES:]]
    return lines


def note_line(note: Note) -> str:
    """Say one note, with its place."""
    owner = f"{note.strategy_id}: " if note.strategy_id else ""
    step = f"step {count(note.seq_id)}  " if note.seq_id else ""
    return f"  {timestamp(note.time)}  {step}{owner}{note.text}"


def fill_lines(fills: tuple[Fill, ...], narrator: Narrator) -> list[str]:
    """Say fills, one a line."""
    return [
        f"  {timestamp(fill.event_time)}  {_of(fill.strategy_id)}{narrator.fill_text(fill)}"
        for fill in fills
    ]


def _of(strategy_id: StrategyId) -> str:
    return f"{strategy_id}: "


def _money_lines(report: Since) -> list[str]:
    if report.split is None:
        return ["", "change of equity: ? (a price or a rate lacks)"]
    total = money(report.split.change, report.currency, signed=True)
    lines = ["", f"change of equity  {total} {report.currency}"]
    for name, amount in split_parts(report.split):
        if amount or name in ("move", "fees", "funding", "slippage"):
            lines.append(f"  {name:<10} {money(amount, report.currency, signed=True):>16}")
    return lines


def _instance_lines(report: Since) -> list[str]:
    lines = []
    for one in report.instances:
        pnl = "?" if one.pnl is None else money(one.pnl, one.currency, signed=True)
        fills = counted(one.fills, "fill ", "fills")
        lines.append(
            f"  {one.strategy_id:<24} {fills:>11}  {pnl:>14} {one.currency}  "
            f"fees {money(one.fees, one.currency)}  "
            f"slippage {money(one.slippage, one.currency, signed=True)}"
        )
    return ["", "instances", *lines] if lines else []


def _fill_lines(report: Since) -> list[str]:
    if not report.fills:
        return []
    shown = report.fills[-_FILLS:]
    more = f", the last {len(shown)}" if report.fill_count > len(shown) else ""
    narrator = Narrator(report.instruments, reporting=report.currency)
    return ["", f"fills ({report.fill_count}{more})", *fill_lines(shown, narrator)]
