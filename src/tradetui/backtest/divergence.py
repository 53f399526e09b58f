"""Gathers what a replay finds into one report: the first difference with its surroundings, and
counts of the rest.
"""

from __future__ import annotations

from typing import Any

from tradetui.core.kernel import Kernel
from tradetui.core.state import KernelState
from tradetui.domain.difference import Difference, Divergence, StepPart
from tradetui.domain.formatting import grouped
from tradetui.domain.ids import ClientOrderId, InstrumentId, RunId, StrategyId
from tradetui.domain.instances import state_of
from tradetui.domain.intents import PlaceOrder


class DivergenceLog:
    """Takes the steps that were compared and the differences that were found."""

    def __init__(self, run_id: RunId) -> None:
        self._run_id = run_id
        self._first_step = 0
        self._last_step = 0
        self._steps = 0
        self._by_part: dict[str, int] = {}
        self._first: Difference | None = None
        self._context: tuple[tuple[str, str], ...] = ()
        self.notes: list[str] = []

    def note_step(self, seq_id: int) -> None:
        """Count a step as compared."""
        if not self._steps:
            self._first_step = seq_id
        self._steps += 1
        self._last_step = seq_id

    def note(self, difference: Difference, kernel: Kernel) -> None:
        """Take a difference; ``kernel`` is that of the replay, after the step."""
        if self._first is None:
            self._first = difference
            self._context = context_of(difference, kernel)
        self._by_part[difference.part] = self._by_part.get(difference.part, 0) + 1

    def report(self, kernel: Kernel) -> Divergence:
        """Return the report so far."""
        return Divergence(
            self._run_id,
            self._first_step,
            self._last_step,
            self._steps,
            sum(self._by_part.values()),
            tuple(sorted(self._by_part.items())),
            self._first,
            self._context,
            kernel.state_hash(),
            tuple(self.notes),
        )


def context_of(difference: Difference, kernel: Kernel) -> tuple[tuple[str, str], ...]:
    """Return what is true of the order and the instance that a difference is about."""
    orders: dict[ClientOrderId, None] = {}
    instances: dict[StrategyId, None] = {}
    for part in (*difference.recorded, *difference.recomputed):
        _name(part, orders, instances)
    state = kernel.state
    found = [("event", f"step {difference.seq_id}, {difference.event_type}")]
    for order_id in orders:
        order = state.orders.get(order_id)
        if order is None:
            found.append((f"order {order_id}", "not known here"))
            continue
        instances.setdefault(order.terms.strategy_id)
        terms = order.terms
        size = state.instruments[terms.instrument_id].size_scale
        text = (
            f"{order.state} {terms.side} {grouped(order.quantity, size, 0)} {terms.instrument_id} "
            f"{terms.order_type}, filled {grouped(order.filled_quantity, size, 0)}"
        )
        found.append((f"order {order_id}", text))
    for strategy_id in instances:
        found.append((f"instance {strategy_id}", _instance_text(kernel, strategy_id)))
    return tuple(found)


def _name(
    part: StepPart, orders: dict[ClientOrderId, None], instances: dict[StrategyId, None]
) -> None:
    """Note the order and the instance that a part of a step names."""
    one: Any = getattr(part, "terms", part)
    intent = getattr(part, "intent", None)
    order_id = getattr(one, "client_order_id", None)
    if isinstance(intent, PlaceOrder):
        order_id = intent.client_order_id
    if order_id:
        orders.setdefault(order_id)
    strategy_id = getattr(one, "strategy_id", None)
    if strategy_id:
        instances.setdefault(strategy_id)


def _instance_text(kernel: Kernel, strategy_id: StrategyId) -> str:
    state = kernel.state
    if strategy_id not in state.instances:
        return "does not run"
    word = state_of(kernel.status_of(strategy_id))
    holdings = [
        f"{grouped(position.quantity, state.instruments[key[2]].size_scale, 0, signed=True)} "
        f"{key[2]} at {_mark_text(state, key[2])}"
        for key, position in sorted(state.positions.items())
        if key[0] == strategy_id and position.quantity
    ]
    return f"{word}, {'; '.join(holdings) or 'flat'}"


def _mark_text(state: KernelState, instrument_id: InstrumentId) -> str:
    mark = state.marks.get(instrument_id)
    if mark is None:
        return "no price"
    return grouped(mark.price, state.instruments[instrument_id].price_scale, 0)
