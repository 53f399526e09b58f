"""Texts about one instance: its config in a line, its traceback, the chain of a decision."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from tradetui.domain import formatting
from tradetui.domain.gate_words import gate_words
from tradetui.domain.intents import Signal
from tradetui.domain.replica import DecisionView, InstanceView, InstrumentView
from tradetui.domain.text import printable
from tradetui.services.decision_words import after_text
from tradetui.tui.lines import Line, text_line


def config_set(row: InstanceView, *, length: int = 19) -> str:
    """Say when and by whom the config was set; ``length`` 16 leaves the seconds out."""
    if not row.config_time:
        return "set when is not known"
    by = f" by {printable(row.config_by, 24)}" if row.config_by else ""
    return f"set {formatting.timestamp(row.config_time)[:length]}{by}"


def config_words(row: InstanceView) -> str:
    """Return the config of an instance in one line: ``z 2.0   stop_atr 2.5   risk 0.005``."""
    try:
        config = config_of(row)
    except ValueError:
        return "the config cannot be read"
    if not config:
        return "all values are the defaults"
    pairs = [
        f"{key} {value if isinstance(value, str) else json.dumps(value)}"
        for key, value in config.items()
    ]
    return printable("   ".join(pairs), 500)


def config_of(row: InstanceView) -> dict[str, Any]:
    """Return the config of an instance by key; raises ValueError if it is none."""
    config = json.loads(row.config_json or "{}")
    if not isinstance(config, dict):
        raise ValueError("it is no table of keys")
    return config


def traceback_lines(row: InstanceView) -> list[Line]:
    """Return the error of an instance with its traceback, without the lines that only underline."""
    if not row.error and not row.traceback:
        return [text_line("no error", "dim")]
    lines = [text_line(printable(row.error), "problem"), text_line("")]
    told = [line for line in row.traceback.splitlines() if line.strip(" ^~") or not line.strip()]
    lines += [text_line(printable(line)) for line in told[-200:]]
    return lines


def why_lines(decision: DecisionView, instrument: InstrumentView | None) -> list[Line]:
    """Return the whole chain of a decision: signal gates, risk gates, before and after."""
    when = formatting.clock(decision.event_time, millis=True)
    lines = [
        text_line(
            f"{when}  seq {formatting.count(decision.seq_id)}  {decision.strategy_id}", "head"
        ),
        text_line(printable(decision.intent) or "no intent", "bold"),
    ]
    weighed = [] if decision.signal is None else _signal_gates(decision.signal)
    checked = _risk_gates(decision, instrument)
    texts = [(row.name, row.value, row.needs) for row in (*weighed, *checked)]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    if decision.signal is not None:
        lines.append(text_line(f"signal {printable(decision.signal.name, 40)}", "label"))
        lines += [_gate_line(row, widths) for row in weighed]
    if checked:
        route = f" on {printable(decision.route_id, 40)}" if decision.route_id else ""
        profile = f", profile {printable(decision.profile, 40)}" if decision.profile else ""
        lines.append(text_line(f"risk{route}{profile}", "label"))
        lines += [_gate_line(row, widths) for row in checked]
    word = "would" if decision.would else decision.outcome.value if decision.outcome else "no order"
    after = after_text(decision, instrument)
    lines.append(((f"result {word} {decision.reason.value}  ", "bold"), (after, "base")))
    return lines


class _GateRow(NamedTuple):
    """A gate in words: its name, what it found, what it needs, whether it passed, a note."""

    name: str
    value: str
    needs: str
    passed: bool
    note: str = ""


def _signal_gates(signal: Signal) -> list[_GateRow]:
    return [
        _GateRow(
            printable(gate.name, 24),
            printable(formatting.separated(gate.value), 24),
            printable(f"{gate.comparison} {formatting.separated(gate.limit)}", 24),
            gate.passed,
        )
        for gate in signal.gates
    ]


def _risk_gates(decision: DecisionView, instrument: InstrumentView | None) -> list[_GateRow]:
    return [
        _GateRow(
            gate.code.value,
            *gate_words(gate, instrument, decision.currency),
            gate.passed,
            printable(gate.note, 60),
        )
        for gate in decision.gates
    ]


def _gate_line(row: _GateRow, widths: list[int]) -> Line:
    """Write a gate in columns as wide as the gates need."""
    name, value, needs = widths
    text = f"  {row.name:<{name}}  {row.value:>{value}}  {row.needs:<{needs}}  "
    verdict = ("ok", "allow") if row.passed else ("FAIL", "REJECT")
    return ((text, "base"), verdict, (f"  {row.note}" if row.note else "", "dim"))
