"""Orders that were to close a position and ended while it still stands.

A market exit may be refused, expire or fill in part. Whoever asked for it takes the position to be
gone: so it is said, until the position is gone or another order closes it.
"""

from __future__ import annotations

from typing import Final

from tradetui.core.guards import guard_of
from tradetui.core.relations import key_of
from tradetui.core.state import KernelState, PositionKey
from tradetui.domain.control import CloseRequested
from tradetui.domain.enums import Mend, OrderRole, OrderState, OrderType, Severity
from tradetui.domain.formatting import grouped
from tradetui.domain.ids import is_shadow
from tradetui.domain.order_table import TERMINAL
from tradetui.domain.orders import Order, Position
from tradetui.domain.reasons import Reason
from tradetui.domain.steps import StepRecord
from tradetui.runtime.alerts import Condition
from tradetui.runtime.conditions import held_words

CLOSED: Final = "closed: "
"""How the reason begins that keeps a closed instance exit-only: the release of the kill-switch that
was engaged with it lifts it too.
"""


class ClosingBook:
    """The newest order that was to close each open position; shadow books are not followed.

    What ``state`` still knows is taken over, so that a restart forgets none. A part that a strategy
    sells on purpose leaves a position too: a full fill is an alert only where a person wanted all
    gone.
    """

    def __init__(self, state: KernelState) -> None:
        self._last: dict[PositionKey, Order] = {}
        self._refused: dict[PositionKey, tuple[str, int]] = {}
        """Why no order was sent, and when."""
        self._whole: dict[PositionKey, None] = {}
        """Positions that a person wanted closed whole."""
        for order_id in (*state.closed_order_ids, *state.open_orders):
            self._note(state, state.orders[order_id])

    def copy(self) -> ClosingBook:
        """Return a book that says the same and goes its own way."""
        other = ClosingBook.__new__(ClosingBook)
        other._last = dict(self._last)
        other._refused = dict(self._refused)
        other._whole = dict(self._whole)
        return other

    def take(self, record: StepRecord, state: KernelState) -> None:
        """Take in a step; ``state`` is the one behind it."""
        for move in record.transitions:
            order = state.orders.get(move.client_order_id)
            if order is not None:
                self._note(state, order)
        payload = record.event.payload
        if isinstance(payload, CloseRequested):
            for key, position in state.positions.items():
                if key[0] == payload.strategy_id and position.quantity and not is_shadow(key[1]):
                    self._ask(key, record)

    def _note(self, state: KernelState, order: Order) -> None:
        terms = order.terms
        if terms.role is not OrderRole.EXIT or terms.order_type is not OrderType.MARKET:
            return
        key = key_of(terms)
        position = state.positions.get(key)
        if position is None or not position.quantity or is_shadow(key[1]):
            self._forget(key)
        elif terms.created_time >= position.opened_time:
            known = self._last.get(key)
            if known is None or known.terms.created_time <= terms.created_time:
                self._last[key] = order
                self._refused.pop(key, None)

    def _ask(self, key: PositionKey, record: StepRecord) -> None:
        """Note that a position shall be closed, and why nothing does it."""
        self._whole[key] = None
        last = self._last.get(key)
        if last is not None and last.state not in TERMINAL:
            return
        reasons = [
            one.reason
            for one in record.decisions
            if one.strategy_id == key[0] and one.instrument_id == key[2]
        ]
        known = reasons[-1] if reasons else Reason.NONE
        why = "" if known is Reason.NONE else known.value
        self._refused[key] = (why, record.event.event_time)

    def _forget(self, key: PositionKey) -> None:
        self._last.pop(key, None)
        self._refused.pop(key, None)
        self._whole.pop(key, None)

    def conditions(self, state: KernelState) -> dict[str, Condition]:
        """Return an alert for each position that stands though an order was to close it, by id."""
        found: dict[str, Condition] = {}
        for key in sorted({**self._last, **self._refused}):
            position = state.positions.get(key)
            if position is None or not position.quantity:
                self._forget(key)
                continue
            what = self._ended(state, key, position)
            if what:
                market = state.instruments[key[2]]
                held = held_words(position.quantity, guard_of(state, key), market)
                text = f"{key[0]} {market.symbol}: {what}; {held} stands"
                found[f"close:{':'.join(key)}"] = Condition(
                    Severity.ALERT, key[0], text, self._time(key), (Mend.CLOSE,)
                )
        return found

    def _time(self, key: PositionKey) -> int:
        """Return when the closing of a position was refused, or ended."""
        refused = self._refused.get(key)
        return self._last[key].updated_time if refused is None else refused[1]

    def _ended(self, state: KernelState, key: PositionKey, position: Position) -> str:
        """Say how the closing of a position ended; empty while it works, or when it did all."""
        if key in self._refused:
            reason, _ = self._refused[key]
            return f"its close was refused{f' ({reason})' if reason else ''}: no order was sent"
        order = self._last[key]
        if order.state not in TERMINAL or order.terms.created_time < position.opened_time:
            return ""
        instance = state.instances.get(key[0])
        is_closed = instance is not None and instance.exit_only.startswith(CLOSED)
        is_whole = is_closed or key in self._whole
        if order.filled_quantity >= order.quantity and not is_whole:
            return ""
        market = state.instruments[key[2]]
        filled, wanted = (
            grouped(size, market.size_scale, market.size_decimals)
            for size in (order.filled_quantity, order.quantity)
        )
        why = f" ({order.reason})" if order.reason else ""
        word = "refused" if order.state is OrderState.REJECTED else order.state.value.lower()
        return (
            f"its close {order.terms.client_order_id} ended {word}{why}, filled "
            f"{filled} of {wanted} {market.base}"
        )
