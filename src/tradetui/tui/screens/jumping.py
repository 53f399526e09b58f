"""Jumps by name, to a row: an instance, strategy, order, trade, market, decision (its step), alert,
setting; what the engine is asked for first is in ``far_jumps``.
"""

from __future__ import annotations

import re
from typing import Final

from tradetui.domain.text import printable
from tradetui.tui.screens.desk import Desk
from tradetui.tui.screens.far_jumps import FarJumps
from tradetui.tui.widgets.record_lists import decision_key, fill_key
from tradetui.tui.widgets.settings_list import settings_content

_STEP: Final = re.compile(r"([0-9][0-9,]{0,22})(?:@([a-z0-9_-]{1,24}))?")
"""A step as lists write it, or as ``why`` takes it."""


class Jumping:
    """Finds what is called by a name, and puts the cursor on it."""

    def __init__(self, screen: Desk) -> None:
        self._screen = screen
        self._far = FarJumps(screen)

    def to(self, name: str) -> bool:
        """Go to the row of what is called so; False when nothing is."""
        return (
            self._to_instance(name)
            or self.to_order(name)
            or self._to_fill(name)
            or self._to_market(name)
            or self._to_decision(name)
            or self._to_setting(name)
            or self._to_strategy(name)
            or self._to_alert(name)
        )

    async def to_far(self, name: str) -> bool:
        """Ask the engine for what may be called so, and go to its row; False when nothing is.

        Raises OSError where that cannot be read.
        """
        found = await self._far.find(name)
        if found is None:
            return False
        self._go(found.screen, found.tab, found.key, name)
        return True

    def names(self) -> list[str]:
        """Return the names that are completed: instances and their strategies, markets, open
        orders, settings, alerts; accounts, and the limits and runs that have been read.
        """
        replica = self._screen.replica
        markets = {row.symbol for row in replica.instances.values()}
        orders = [o.client_order_id for o in replica.orders.values() if o.is_open]
        settings = [line.key for line in self._screen.painter.settings() if " " not in line.key]
        strategies = {row.strategy_type for row in replica.instances.values()}
        few = sorted({*strategies, *replica.alerts, *self._far.names()} - set(replica.instances))
        found = [*replica.instances, *sorted(markets), *orders, *settings, *few]
        return [name for name in found if " " not in name]

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

    def _to_strategy(self, name: str) -> bool:
        """Go to the next instance of a strategy, from the last one to the first."""
        rows = self._screen.replica.instances.values()
        ids = sorted(row.strategy_id for row in rows if row.strategy_type == name)
        if not ids:
            return False
        chosen = self._screen.state.table.selected or ""
        found = next((one for one in ids if one > chosen), ids[0]) if chosen in ids else ids[0]
        self._screen.select(found)
        of_all = f"{ids.index(found) + 1} of {len(ids)} of the strategy {printable(name, 40)}"
        self._screen.say(f"at {found}, {of_all}")
        return True

    def _to_alert(self, name: str) -> bool:
        if name not in self._screen.replica.alerts:
            return False
        self._go("screen_alerts", "Alerts", name)
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
        state.lower_tab = tab
        state.list_state("lower", tab).selected = key
        self._screen.redraw("lower", "lower_bar")
        self._screen.say(f"at {printable(name or key, 60)}")
