"""The cash of a route, per currency, kept twice: as it is, and as the sum of all that flowed.

Whoever moves it says both amounts, each from sums of its own; they must agree (invariant 5).
"""

from __future__ import annotations

from typing import Final

from tradetui.core.changes import Changes
from tradetui.core.invariants import breach
from tradetui.core.state import ABSENT, CashKey, KernelState
from tradetui.domain.enums import InstrumentClass
from tradetui.domain.instruments import Instrument
from tradetui.domain.reasons import Reason
from tradetui.domain.reports import CashAdjusted
from tradetui.domain.units import CASH_SCALE, format_scaled

_FUTURE: Final = InstrumentClass.FUTURE


def move_cash(state: KernelState, key: CashKey, moved: int, flow: int) -> None:
    """Change a route's cash and, apart from it, the sum of its flows."""
    cash, flows = state.cash, state.cash_flows
    held, flown = cash.get(key), flows.get(key)
    state.undo += (
        (cash, key, ABSENT if held is None else held),
        (flows, key, ABSENT if flown is None else flown),
    )
    cash[key] = (held or 0) + moved
    flows[key] = (flown or 0) + flow


def check_cash(state: KernelState, changes: Changes, key: CashKey) -> None:
    """Check that a route's cash is the sum of its flows (invariant 5)."""
    cash, flows = state.cash.get(key, 0), state.cash_flows.get(key, 0)
    if cash != flows:
        breach(
            state,
            changes,
            key[0],
            f"the cash of route {key[0]} in {key[1]} is {cash}, but its flows add up to {flows}",
        )


def check_balance(
    state: KernelState, changes: Changes, instrument: Instrument, key: CashKey, spent: int
) -> None:
    """Check that a spot or prediction route that owes its quote currency has leverage; say when the
    fill that moved its cash by ``spent`` is what made it owe: orders are judged at the price of
    then, and a gap can make them dearer than the cushion of ``risk.funds`` covers.
    """
    if instrument.instrument_class is _FUTURE:
        return
    if not state.routes[key[0]].capabilities.leverage:
        breach(
            state,
            changes,
            key[0],
            f"the cash of route {key[0]} in {key[1]} went below zero without leverage",
        )
    elif state.cash[key] - spent >= 0:
        owed = format_scaled(-state.cash[key], CASH_SCALE, 2)
        changes.diagnose(
            Reason.AVAILABLE_BALANCE,
            f"the cash of route {key[0]} went below zero: it owes {owed} {key[1]} after a fill "
            "that was dearer than its order was judged to be",
            route_id=key[0],
        )


def adjust_cash(state: KernelState, changes: Changes, report: CashAdjusted) -> None:
    """Book money that moved for another reason than a fill."""
    key: CashKey = (report.route_id, report.currency)
    move_cash(state, key, report.amount, report.amount)
    check_cash(state, changes, key)
