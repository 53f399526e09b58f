"""Jumps by name: an instance, order, trade, market, decision (its step), setting: to its row."""

from __future__ import annotations

import re
from typing import Final

from tradetui.domain.text import printable
from tradetui.tui.screens.desk import Desk
from tradetui.tui.widgets.record_lists import decision_key, fill_key
from tradetui.tui.widgets.settings_list import settings_content

_STEP: Final = re.compile(r"([0-9][0-9,]{0,22})(?:@([a-z0-9_-]{1,24}))?")
"""A step as lists write it, or as ``why`` takes it."""


class Jumping:
    """Finds what is called by a name, and puts the cursor on it."""

    def __init__(self, screen: Desk) -> None:
        self._screen = screen

    def to(self, name: str) -> bool:
        """Go to the row of what is called so; False when nothing is."""
        return (
            self._to_instance(name)
            or self.to_order(name)
            or self._to_fill(name)
            or self._to_market(name)
            or self._to_decision(name)
            or self._to_setting(name)
        )

    def names(self) -> list[str]:
        """Return the names that are completed: instances, markets, open orders and settings."""
        replica = self._screen.replica
        markets = {row.symbol for row in replica.instances.values()}
        orders = [o.client_order_id for o in replica.orders.values() if o.is_open]
        settings = [line.key for line in self._screen.painter.settings() if " " not in line.key]
        return [*replica.instances, *sorted(markets), *orders, *settings]

    def to_order(self, name: str) -> bool:
        """Go to the row of an order."""
        if self._screen.painter.older.orders.at(name) is None:
            return False
        self._go("screen_orders", "Orders", name)
        return True

    def _to_instance(self, name: str) -> bool:
        if not any(one == name for one in self._screen.replica.instances):
            return False
        self._screen.select(name)
        self._screen.say(f"at {name}")
        return True

    def _to_fill(self, name: str) -> bool:
        found = self._screen.painter.older.fills.named(name)
        if found is None:
            return False
        self._go("screen_fills", "Fills", fill_key(found), name)
        return True

    def _to_market(self, name: str) -> bool:
        views = self._screen.replica.instruments.values()
        wanted = name.lower()
        found = next((one for one in views if one.symbol.lower() == wanted), None)
        if found is None:
            return False
        self._go("screen_markets", "Markets", found.instrument_id, found.symbol)
        return True

    def _to_decision(self, name: str) -> bool:
        """Go to the newest decision of a step, or of one instance in it."""
        step = _STEP.fullmatch(name)
        if step is None:
            return False
        seq_id = int(step[1].replace(",", ""))
        found = self._screen.painter.older.decisions.of_step(seq_id, step[2])
        if found is None:
            return False
        self._go("screen_decisions", "Decisions", decision_key(found), name)
        return True

    def _to_setting(self, name: str) -> bool:
        lines = self._screen.painter.settings()
        at = next((at for at, line in enumerate(lines) if line.key == name), None)
        if at is None:
            return False
        self._go("screen_settings", "Settings", settings_content(lines).rows[at].key, name)
        return True

    def _go(self, screen: str, tab: str, key: str, name: str = "") -> None:
        """Open a full screen with the cursor on a row; its filter goes if it hid that."""
        state = self._screen.state
        state.filters.pop(tab, None)
        self._screen.do(screen)
        state.list_state("lower", tab).selected = key
        self._screen.redraw("lower", "lower_bar")
        self._screen.say(f"at {printable(name or key, 60)}")
