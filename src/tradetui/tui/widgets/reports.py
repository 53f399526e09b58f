"""Texts and lists about one instance or the engine: config, traceback, limits, diagnostics."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from tradetui.domain import formatting
from tradetui.domain.ids import InstrumentId
from tradetui.domain.replica import DecisionView, HeaderView, InstanceView, InstrumentView
from tradetui.domain.text import printable
from tradetui.tui.lines import Line, text_line
from tradetui.tui.money import money_text
from tradetui.tui.widgets.header import latency, percent_of
from tradetui.tui.widgets.instance_columns import (
    Cell,
)
from tradetui.tui.widgets.lists import ListColumn, ListContent, ListRow
from tradetui.tui.widgets.record_lists import (
    after_text,
    gate_number,
)

_WIDE: Final = 0


def config_lines(row: InstanceView, width: int) -> list[Line]:
    """Return the config of an instance, one key a line, with its version and who set it."""
    when = formatting.timestamp(row.config_time) if row.config_time else "at creation"
    lines = [
        text_line(
            f" config {row.config_version}, set {when} by {printable(row.config_by, 24)}   e edits",
            "dim",
        )
    ]
    try:
        config = json.loads(row.config_json or "{}")
    except ValueError as e:
        return [
            *lines,
            text_line(f" the config cannot be read: {printable(str(e), width)}", "problem"),
        ]
    if not isinstance(config, dict) or not config:
        return [*lines, text_line(" all values are the strategy's defaults", "dim")]
    size = max(len(str(key)) for key in config)
    for key, value in config.items():
        name = printable(str(key), 40).ljust(min(size, 40))
        lines.append(((f" {name}  ", "label"), (printable(json.dumps(value), width), "base")))
    return lines


def traceback_lines(row: InstanceView) -> list[Line]:
    """Return the error of an instance with its traceback."""
    if not row.error and not row.traceback:
        return [text_line("no error", "dim")]
    lines = [text_line(printable(row.error), "problem"), text_line("")]
    lines += [text_line(printable(line)) for line in row.traceback.splitlines()[-200:]]
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
    if decision.signal is not None:
        lines.append(text_line(f"signal {printable(decision.signal.name, 40)}", "label"))
        for gate in decision.signal.gates:
            needs = printable(f"{gate.comparison} {gate.limit}", 24)
            text = f"  {printable(gate.name, 20):<20} {printable(gate.value, 18):>18}  {needs:<24} "
            lines.append(((text, "base"), ("ok", "allow") if gate.passed else ("FAIL", "REJECT")))
    if decision.gates:
        lines.append(text_line(f"risk, profile {printable(decision.profile, 40)}", "label"))
    for check in decision.gates:
        value, limit = gate_number(check.value, check), gate_number(check.limit, check)
        text = f"  {check.code.value:<20} {value:>18}  {limit:<24} "
        verdict = ("ok", "allow") if check.passed else ("FAIL", "REJECT")
        lines.append(((text, "base"), verdict, (f"  {printable(check.note, 60)}", "dim")))
    word = "would" if decision.would else decision.outcome.value if decision.outcome else "no order"
    after = after_text(decision, instrument)
    lines.append(((f"result {word} {decision.reason.value}  ", "bold"), (after, "base")))
    return lines


_PAIR: Final = (ListColumn("WHAT", 24), ListColumn("VALUE", 16, right=True), ListColumn("", _WIDE))


def _pair(key: str, value: str, note: str = "", look: str = "base") -> ListRow:
    return ListRow(key, "", (Cell(key), Cell(value, look), Cell(note, "dim")))


def diagnostics_content(header: HeaderView) -> ListContent:
    """Return the engine's own figures."""
    journal = "?" if header.journal_latency is None else latency(header.journal_latency)
    rows = (
        _pair("engine", printable(header.engine, 16)),
        _pair("sequence number", formatting.count(header.seq_id)),
        _pair("event lag", latency(header.event_lag), "between ingest and apply"),
        _pair(
            "queue depth",
            formatting.count(header.queue_depth),
            f"policy {printable(header.queue_policy, 24)}",
        ),
        _pair(
            "dropped quotes", formatting.count(header.drops), "conflated before they got a number"
        ),
        _pair("journal latency", journal),
        _pair("callback p50", _micros(header.callback_p50)),
        _pair("callback p95", _micros(header.callback_p95)),
        _pair("callback p99", _micros(header.callback_p99)),
        _pair(
            "transition failures",
            formatting.count(header.transition_failures),
            "orders told to do what they cannot",
        ),
        _pair("invalid attempts", formatting.count(header.invalid_attempts)),
    )
    return ListContent(_PAIR, rows, "")


def _micros(nanos: int) -> str:
    return f"{formatting.count(nanos // 1000)} us"


def risk_content(header: HeaderView, rows: Sequence[InstanceView]) -> ListContent:
    """Return kill-switches, the account's limits and each instance's budget."""
    currency = printable(header.reporting_currency, 12)
    lines = [
        _pair(
            f"kill {kill.scope.value} {printable(kill.key, 32)}".rstrip(),
            kill.state.value,
            f"{formatting.clock(kill.time)} by {kill.actor}: {printable(kill.reason, 200)}",
            "kill",
        )
        for kill in header.kills
    ] or [_pair("kill", "NORMAL")]
    lines.append(_limit("day PnL", header.day_pnl, header.day_loss_limit, currency, is_loss=True))
    lines.append(_limit("worst exposure", header.exposure, header.exposure_limit, currency))
    for row in rows:
        if row.budget is not None:
            unit = printable(row.currency, 12)
            lines.append(_limit(f"{row.strategy_id} budget", row.budget_used, row.budget, unit))
        if row.max_loss_per_day is not None:
            unit = printable(row.currency, 12)
            lines.append(
                _limit(
                    f"{row.strategy_id} day", row.day_pnl, row.max_loss_per_day, unit, is_loss=True
                )
            )
    return ListContent(_PAIR, tuple(lines), "")


def _limit(
    name: str, value: int | None, limit: int | None, currency: str, *, is_loss: bool = False
) -> ListRow:
    shown = "?" if value is None else money_text(value, currency, signed=is_loss)
    if limit is None:
        return _pair(name, shown, f"{currency}, no limit")
    note = f"{currency} of {money_text(limit, currency)}"
    if value is not None:
        note += f", {percent_of(-value if is_loss else value, limit, wide=True)}"
    return _pair(name, shown, note)


_MARKET_COLUMNS: Final = (
    ListColumn("MARKET", 10),
    ListColumn("PRICE", 12, right=True),
    ListColumn("AGE", 5, right=True),
    ListColumn("TICK", 12, right=True),
    ListColumn("LOT", 12, right=True),
    ListColumn("INSTANCES", _WIDE),
)


def markets_content(
    rows: Sequence[InstanceView], instruments: dict[InstrumentId, InstrumentView], now: int
) -> ListContent:
    """Return each market with the price its instances see, its tick, its lot and its users."""
    lines = []
    for instrument_id in sorted(instruments):
        view = instruments[instrument_id]
        users = [row for row in rows if row.instrument_id == instrument_id]
        priced = next((row for row in users if row.price is not None and not row.is_stale), None)
        price = "?" if users else "-"
        age = Cell("STALE", "stale") if any(row.is_stale for row in users) else Cell("-")
        if priced is not None and priced.price is not None:
            price = formatting.grouped(priced.price, view.price_scale, view.price_decimals)
            age = Cell(formatting.age(now - (priced.price_time or now)))
        cells = (
            Cell(printable(view.symbol, 32)),
            Cell(price),
            age,
            Cell(formatting.grouped(view.price_increment, view.price_scale, 0)),
            Cell(formatting.grouped(view.size_increment, view.size_scale, 0)),
            Cell(" ".join(row.strategy_id for row in users), "dim"),
        )
        lines.append(ListRow(instrument_id, "", cells))
    return ListContent(_MARKET_COLUMNS, tuple(lines), "no markets yet")
