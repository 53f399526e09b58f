"""Explanations in the lines that a person reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tradetui.domain.enums import InstanceState
from tradetui.domain.explain import (
    GateLine,
    GateMiss,
    RiskStop,
    SignalMiss,
    Why,
    WhyLink,
    WhyNot,
)
from tradetui.domain.formatting import clock, count, counted, timestamp
from tradetui.domain.reasons import Reason
from tradetui.domain.replica import InstanceView
from tradetui.domain.words import reason_words

_UNDER_TEXT: Final = " " * 34
_UNDER_GATES: Final = " " * 14
"""Less far in than other details: gates need three columns, and 76 cells hold them."""


def why_lines(why: Why) -> list[str]:
    """Return a chain: a line for each link, its details and gates below it."""
    lines = [why.title, f"run {why.run_id}", ""]
    newest = -1
    for link in why.links:
        place = ""
        if link.seq_id != newest:
            place = f"{count(link.seq_id)} {clock(link.time, millis=True)}"
        newest = link.seq_id
        lines.append(f"{place:>22}  {link.kind:<9} {link.text}")
        lines += _below(link)
    if why.is_cut:
        lines.append("more followed than is told here")
    return lines


def state_lines(row: InstanceView, timeframes: Sequence[tuple[str, str]] = ()) -> tuple[str, ...]:
    """Say what an instance may do now, and what it still waits for.

    ``timeframes`` (market, length) are the bars that its feeds take: told where the row does not
    know how many came.
    """
    reason = f": {row.state_reason}" if row.state_reason else ""
    lines = [f"now {row.state.value}{reason}"]
    lines += [
        f"waits for {needed} bars of {name}, has {seen}"
        for name, seen, needed in row.warm
        if seen < needed
    ]
    if not row.warm and reason_words(Reason.WARM_UP) in row.state_reason:
        lines += [f"waits for bars of {length} of {name}" for name, length in timeframes]
    return tuple(lines)


def may_enter(row: InstanceView) -> bool:
    """Tell whether nothing but its strategy, and risk, keeps an instance from an entry, or from a
    would-be one.
    """
    is_warm = reason_words(Reason.WARM_UP) not in row.state_reason
    is_warm = is_warm and all(seen >= needed for _, seen, needed in row.warm)
    return is_warm and row.state in (InstanceState.ACTIVE, InstanceState.OBSERVE)


def why_not_lines(report: WhyNot) -> list[str]:
    """Return what kept an instance from trading."""
    lines = [*report.now, ""] if report.now else []
    lines += [
        (
            f"{report.strategy_id}: {counted(report.orders, 'order')} asked for in steps "
            f"{count(report.first_step)} to {count(report.last_step)} "
            f"({timestamp(report.from_time)} to {timestamp(report.to_time)})"
        ),
        f"run {report.run_id}",
    ]
    for signal in report.signals:
        lines += ["", *_signal_lines(signal)]
    if report.stops:
        lines += ["", "stopped by risk"]
        lines += [line for stop in report.stops for line in _stop_line(stop)]
    if report.notes:
        lines += ["", *report.notes]
    return lines


def gate_lines(gates: Sequence[GateLine]) -> list[str]:
    """Say gates in columns as wide as they need."""
    name = max((len(gate.name) for gate in gates), default=0)
    value = max((len(gate.value) for gate in gates), default=0)
    limit = max((len(gate.limit) for gate in gates), default=0)
    return [
        f"{gate.name:<{name}}  {gate.value:>{value}}  {gate.limit:>{limit}}  "
        f"{'ok' if gate.passed else 'FAIL'}{f'  {gate.note}' if gate.note else ''}"
        for gate in gates
    ]


def _below(link: WhyLink) -> list[str]:
    lines = [f"{_UNDER_TEXT}{text}" for text in link.details]
    return lines + [f"{_UNDER_GATES}{text}" for text in gate_lines(link.gates)]


def _signal_lines(signal: SignalMiss) -> list[str]:
    head = (
        f"signal {signal.name}: weighed {count(signal.weighed)}, passed {count(signal.passed)}, "
        f"became an order {count(signal.ordered)}"
    )
    if signal.idle:
        head += f", passed without an order {count(signal.idle)}"
    return [head, *(line for gate in signal.gates for line in _gate_miss(gate))]


def _gate_miss(gate: GateMiss) -> list[str]:
    failed = f"  {gate.name:<20} failed {count(gate.failed):>8}"
    lines = [f"{failed}, as the only one {count(gate.alone)}"]
    near = gate.nearest
    if near is not None:
        how = f"nearest by {near.distance}" if near.distance else "the last"
        lines += [
            f"    {how}: {near.value}{'' if near.distance else ':'} not {near.limit}",
            f"    at {timestamp(near.time)} (step {count(near.seq_id)})",
        ]
    return lines


def _stop_line(stop: RiskStop) -> list[str]:
    counts = (("refused", stop.count), ("made smaller", stop.modified), ("would", stop.would))
    text = ", ".join(f"{name} {count(number)}" for name, number in counts if number)
    gate = ""
    if stop.last is not None:
        gate = f": {stop.last.value}, limit {stop.last.limit}"
    return [
        f"  {reason_words(stop.reason):<24} {text}",
        f"    last at {timestamp(stop.last_time)} (step {count(stop.last_seq)}){gate}",
    ]
