"""How many orders in how much time: exact sliding windows at a constant cost.

A window keeps the times of its newest ``limit`` orders in a ring. ``head`` counts all orders ever,
``tail`` those that have left the window: the difference is how many are in it. Protective orders
are not counted; orders that reduce are, but are never refused.
"""

from __future__ import annotations

from tradetui.core.risk.case import Case
from tradetui.core.risk.plan import RateLimit
from tradetui.core.state import KernelState
from tradetui.domain.risk import Gate


def check_rates(case: Case) -> Gate | None:
    """Check every window for room for one more; None: all pass."""
    state = case.state
    for rate in case.plan.rates:
        count = count_recent(state, rate) + 1
        if count > rate.limit:
            return case.refuse(rate.code, count, rate.limit, 0, "", rate.profile)
        case.gates.append(Gate(rate.code, count, rate.limit, True))
    return None


def count_recent(state: KernelState, rate: RateLimit) -> int:
    """Return how many orders are in the window that ends now (and forget those that left it)."""
    counts = state.order_counts
    head = counts.get(rate.head, 0)
    before = tail = counts.get(rate.tail, 0)
    oldest = state.now - rate.window
    while tail < head and state.order_times[(rate.head, tail % rate.limit)] <= oldest:
        tail += 1
    if tail != before:
        state.put(counts, rate.tail, tail)
    return head - tail


def note_order(state: KernelState, rates: tuple[RateLimit, ...]) -> None:
    """Put an order that is sent into every window."""
    for rate in rates:
        if rate.limit <= 0:
            continue
        head = state.order_counts.get(rate.head, 0)
        if count_recent(state, rate) == rate.limit:
            state.put(state.order_counts, rate.tail, head - rate.limit + 1)
        state.put(state.order_times, (rate.head, head % rate.limit), state.now)
        state.put(state.order_counts, rate.head, head + 1)
