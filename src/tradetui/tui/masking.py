"""Amounts in running text, hidden while money is masked.

What is hidden is a number that stands before its currency: ``6,698.60 USDT``, ``+0.02350 BTC``, and
what stands behind the name of a gate that measures money or sizes: ``max_order_notional 1,590.60``.
Prices, which everybody can see, stand without either and stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from tradetui.domain.gate_words import AMOUNTS
from tradetui.tui.lines import Line, plain
from tradetui.tui.money import MASK
from tradetui.tui.replica import Replica
from tradetui.tui.screens.state import ViewState

PARTS: Final = frozenset(("alerts", "left", "lower", "panel", "message"))
"""Panes with running text; the table and the header mask their own cells."""

_NUMBER: Final = r"[+-]?\d+(?:,\d{3})*(?:\.\d+)?"
_LAST_NUMBER: Final = re.compile(rf"(?<![\w.,:-]){_NUMBER}(?=\s*$)")
_ANY_NUMBER: Final = re.compile(rf"(?<![\w.,:-]){_NUMBER}(?![\w:%])")
_PART: Final = re.compile(rf"(?<=\bpart ){_NUMBER}/{_NUMBER}")
"""How much of an order is filled, as its state says it."""
_GATE: Final = re.compile(rf"\b(?:{'|'.join(sorted(gate.value for gate in AMOUNTS))})\b")


class Masker:
    """Hides amounts of some currencies; every line keeps its width."""

    def __init__(self, currencies: Iterable[str]) -> None:
        units = "|".join(re.escape(one) for one in sorted({*currencies}, reverse=True))
        self._amount = (
            re.compile(rf"(?<![\w.,:-]){_NUMBER}(?= (?:{units})(?![\w/]))") if units else None
        )
        self._unit = re.compile(rf"\s*(?:{units})(?![\w/])") if units else None

    def text(self, text: str) -> str:
        """Hide the amounts in a text."""
        return text if self._amount is None else self._amount.sub(MASK, text)

    def lines(self, lines: Sequence[Line]) -> list[Line]:
        """Hide the amounts in lines, also one whose currency begins the next line."""
        masked = []
        for index, line in enumerate(lines):
            following = plain(lines[index + 1]) if index + 1 < len(lines) else ""
            is_broken = self._unit is not None and self._unit.match(following) is not None
            gate = _GATE.search(plain(line))
            masked.append(self._line(line, is_broken, None if gate is None else gate.end()))
        return masked

    def _line(self, line: Line, is_broken: bool, gate_ends: int | None) -> Line:
        spans, at = [], 0
        for text, look in line:
            behind = len(text) if gate_ends is None else min(max(gate_ends - at, 0), len(text))
            spans.append((self._span(text, behind, is_broken=is_broken), look))
            at += len(text)
        return tuple(spans)

    def _span(self, text: str, behind: int, *, is_broken: bool) -> str:
        """Hide amounts in a span; every number ``behind`` a place of it."""
        hidden = text[:behind] + _ANY_NUMBER.sub(_stars, text[behind:])
        hidden = _PART.sub(_stars, hidden)
        if self._amount is not None:
            hidden = self._amount.sub(_stars, hidden)
        if is_broken:
            hidden = _LAST_NUMBER.sub(_stars, hidden)
        return hidden + " " * (len(text) - len(hidden))


class Masking:
    """Knows whether money is masked now, and what is money here."""

    def __init__(self, replica: Replica, state: ViewState) -> None:
        self._replica = replica
        self._state = state
        self._made: tuple[frozenset[str], Masker] | None = None

    def now(self) -> Masker | None:
        """Return what hides amounts; None while they are shown."""
        if not self._state.masked:
            return None
        known = {str(self._replica.header.reporting_currency)}
        for instrument in self._replica.instruments.values():
            known |= {str(instrument.base), str(instrument.quote)}
        known |= {str(row.currency) for row in self._replica.instances.values()}
        key = frozenset(known)
        if self._made is None or self._made[0] != key:
            self._made = (key, Masker(known))
        return self._made[1]

    def part(self, name: str, lines: list[Line]) -> list[Line]:
        """Return a pane's lines as they may be shown."""
        masker = self.now() if name in PARTS else None
        return lines if masker is None else masker.lines(lines)


def _stars(found: re.Match[str]) -> str:
    """Return the mask, never longer than what it hides."""
    return MASK[: len(found.group())]
