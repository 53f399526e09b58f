"""What follows every step: the limits of whom it touched, and the bounds of what is remembered."""

from __future__ import annotations

from itertools import islice
from typing import Any, Final

from tradetui.core.changes import Changes
from tradetui.core.order_manager import cancel_entries
from tradetui.core.orders import open_orders_of
from tradetui.core.risk.limits import after_step, note_peaks
from tradetui.core.state import KernelState
from tradetui.core.working import forget
from tradetui.domain.envelope import Envelope
from tradetui.domain.ids import EXTERNAL
from tradetui.domain.timers import Heartbeat
from tradetui.domain.units import div_floor

MAX_TRADE_IDS: Final = 100_000
"""How many of the newest trade ids are remembered to tell a repeated fill."""

MAX_IDEMPOTENCY_KEYS: Final = 100_000
"""How many of the newest idempotency keys are remembered to tell a repeated event."""


def check_limits(state: KernelState, changes: Changes, envelope: Envelope) -> None:
    """Check the limits of the instances that a step may have broken: those of its fills, at a
    heartbeat all, ascending.

    A breach makes its instance exit-only, and ends its working entries.
    """
    if envelope.payload.__class__ is Heartbeat:
        strategy_ids = sorted(state.instances)
    else:
        strategy_ids = sorted({fill.strategy_id: None for fill in changes.fills})
    if strategy_ids:
        note_peaks(state)
    for strategy_id in strategy_ids:
        if strategy_id == EXTERNAL:
            continue
        broken = after_step(state, strategy_id)
        if broken:
            changes.diagnostics.extend(broken)
            orders = open_orders_of(state, strategy_id, with_shadow=False)
            cancel_entries(state, changes, orders, state.instances[strategy_id].exit_only)


def must_prune(state: KernelState) -> bool:
    """Tell whether anything that is remembered has grown beyond its bound."""
    return (
        len(state.closed_order_ids) > state.max_closed_orders
        or len(state.trade_ids) > MAX_TRADE_IDS
        or len(state.idempotency_keys) > MAX_IDEMPOTENCY_KEYS
    )


def prune(state: KernelState) -> None:
    """Forget the oldest closed orders, trade ids and keys beyond their bounds.

    Done after a step is committed: it cannot fail, so it notes no undo. An eighth goes at a time,
    so that the cost per order does not grow with what is kept.
    """
    limit = state.max_closed_orders
    if len(state.closed_order_ids) > limit:
        for order_id in _oldest(state.closed_order_ids, limit):
            forget(state, order_id)
    if len(state.trade_ids) > MAX_TRADE_IDS:
        for trade_key in _oldest(state.trade_ids, MAX_TRADE_IDS):
            del state.trade_ids[trade_key]
    if len(state.idempotency_keys) > MAX_IDEMPOTENCY_KEYS:
        for key in _oldest(state.idempotency_keys, MAX_IDEMPOTENCY_KEYS):
            del state.idempotency_keys[key]


def _oldest(table: dict[Any, Any], limit: int) -> list[Any]:
    surplus = len(table) - limit + div_floor(limit, 8)
    return list(islice(table, surplus))
