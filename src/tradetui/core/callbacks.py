"""How callbacks ended, counted: errors in a row stop an instance, and its ON_ERROR rule follows."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from tradetui.core.changes import Changes
from tradetui.core.closing import close_positions, positions_of
from tradetui.core.order_manager import cancel_entries
from tradetui.core.orders import open_orders_of
from tradetui.core.state import Instance, KernelState
from tradetui.domain.enums import CallbackOutcome, InstanceMode
from tradetui.domain.ids import is_shadow, kernel_order_id
from tradetui.domain.reasons import Reason
from tradetui.domain.steps import CallbackResult

_OK: Final = CallbackOutcome.OK

_OBSERVE: Final = InstanceMode.OBSERVE

ON_ERROR_CLOSE: Final = "close"
"""The ON_ERROR rule that closes the positions; any other word lets guards do their work."""


def matter(state: KernelState, results: tuple[CallbackResult, ...]) -> bool:
    """Tell whether any result changes a count: most steps have none that does."""
    for result in results:
        if result.outcome is not _OK:
            return True
        instance = state.instances.get(result.strategy_id)
        if instance is not None and instance.consecutive_errors:
            return True
    return False


def count(state: KernelState, changes: Changes, result: CallbackResult) -> None:
    """Take one result into account.

    Success begins the count anew. The error (or timeout) that makes ``max_consecutive_errors`` in a
    row stops the instance: no entries until a person clears it, working ones are cancelled, what
    guards a position stays, and under ON_ERROR "close" the position is closed at market. For one
    that only observes, all this is of its shadow book, and nothing is closed.
    """
    instance = state.instances.get(result.strategy_id)
    if instance is None:
        return
    if result.outcome is _OK:
        if instance.consecutive_errors:
            _put(state, replace(instance, consecutive_errors=0))
        return
    errors = instance.consecutive_errors + 1
    stops = errors >= state.config.max_consecutive_errors and not instance.has_error
    _put(
        state,
        replace(instance, consecutive_errors=errors, has_error=instance.has_error or stops),
    )
    if stops:
        _stop(state, changes, instance, result)


def _put(state: KernelState, instance: Instance) -> None:
    state.put(state.instances, instance.strategy_id, instance)


def _stop(state: KernelState, changes: Changes, instance: Instance, result: CallbackResult) -> None:
    strategy_id = instance.strategy_id
    times = state.config.max_consecutive_errors
    changes.diagnose(
        Reason.INSTANCE_ERROR,
        f"instance {strategy_id} is stopped after {times} failed callbacks in a row, the last in "
        f"{result.hook}: {result.message}",
        strategy_id=strategy_id,
        is_incident=True,
    )
    is_observing = instance.mode is _OBSERVE
    if instance.on_error == ON_ERROR_CLOSE and not is_observing:
        ids = tuple(
            kernel_order_id(state.config.run_id, state.seq_id, index)
            for index in range(len(positions_of(state, strategy_id)))
        )
        close_positions(state, changes, strategy_id, ids, "ON_ERROR close")
        return
    orders = [
        order
        for order in open_orders_of(state, strategy_id, with_shadow=True)
        if is_shadow(order.terms.route_id) is is_observing
    ]
    cancel_entries(state, changes, orders, "stopped by its errors")
