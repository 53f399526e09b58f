"""What a decision says in a few words: which gate decided, what became of the intent."""

from __future__ import annotations

import re
from typing import Final

from tradetui.domain import formatting
from tradetui.domain.gate_words import Market, gate_words
from tradetui.domain.intents import Signal
from tradetui.domain.replica import DecisionView, InstrumentView
from tradetui.domain.text import printable
from tradetui.services.market_numbers import price_text, size_text
from tradetui.strategy.signals import short_text

_IS: Final = "is"
"""The comparison of a plain truth: what such a gate needs goes without the word."""
_DECIMAL: Final = re.compile(r"-?[0-9]{1,15}\.[0-9]{3,18}")
_OLD_PRICE: Final = re.compile(r"[0-9][0-9,.]* -> ")


def deciding_gate(decision: DecisionView, instrument: Market | None = None) -> tuple[str, str, str]:
    """Return (gate, value, limit) of what decided: the gate that said no, the strategy's own where
    it asked for nothing; else how many passed.
    """
    failed = next((gate for gate in decision.gates if not gate.passed), None)
    if failed is not None:
        return (failed.code.value, *gate_words(failed, instrument, decision.currency))
    if decision.reason.value:
        return decision.reason.value, "-", "-"
    if decision.signal is not None and not (decision.signal.passed and decision.gates):
        return _signal_words(decision.signal)
    return formatting.counted(len(decision.gates), "gate"), "-", "-"


def _signal_words(signal: Signal) -> tuple[str, str, str]:
    """Return (gate, value, needs) of the first gate of a strategy that a signal failed."""
    failed = next((gate for gate in signal.gates if not gate.passed), None)
    if failed is None:
        return f"strategy: {printable(signal.name, 24)}", "-", "-"
    is_plain = failed.comparison == _IS
    value, limit = _short(failed.value), _short(failed.limit)
    if value == limit:
        value, limit = failed.value, failed.limit
    value, limit = formatting.separated(value), formatting.separated(limit)
    return (
        f"strategy: {printable(failed.name, 24)}",
        printable(value, 16),
        printable(limit if is_plain else f"{failed.comparison} {limit}", 16),
    )


def _short(text: str) -> str:
    """Write a number that a strategy weighed as short as its own widgets do; other text as it is.

    What was compared exactly stands in ``why``.
    """
    return short_text(float(text)) if _DECIMAL.fullmatch(text) else text


def _signal_count(signal: Signal) -> str:
    """Say how many gates of a strategy a signal that became no order failed: ``2 of 4 gates
    failed``.
    """
    failed = sum(not gate.passed for gate in signal.gates)
    if not failed:
        return f"{signal.name}: all gates passed, nothing was asked for"
    return f"{failed} of {formatting.counted(len(signal.gates), 'gate')} failed"


def after_text(decision: DecisionView, instrument: InstrumentView | None) -> str:
    """Say what became of the intent: before and after where it was modified, and the note; of a
    signal without one how many of its gates failed.
    """
    if decision.signal is not None and decision.outcome is None:
        return printable(_signal_count(decision.signal), 200)  # its note says the same
    parts = []
    if decision.approved_quantity is not None and decision.approved_quantity != decision.quantity:
        before, after = decision.quantity, decision.approved_quantity
        unit = f" {instrument.base}" if instrument else ""
        parts.append(f"{size_text(before, instrument)} -> {size_text(after, instrument)}{unit}")
    if decision.approved_price is not None and decision.approved_price != decision.price:
        before, after = decision.price, decision.approved_price
        parts.append(f"at {price_text(before, instrument)} -> {price_text(after, instrument)}")
    if decision.note:
        parts.append(decision.note)
    return printable("   ".join(parts), 200)


def short_intents(intent: str) -> tuple[str, ...]:
    """Return an intent in ever fewer words, none of them a size or the price that is wanted:
    without its conditions, without the price it had, and without the word of a plain limit.
    """
    forms = [intent.removesuffix(" reduce-only").removesuffix(" post-only")]
    forms.append(_OLD_PRICE.sub("", forms[-1]))
    if " stop " not in forms[-1]:
        forms.append(forms[-1].replace(" limit ", " "))
    return tuple(form for form in dict.fromkeys(forms) if form != intent)
