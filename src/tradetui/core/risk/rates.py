"""How many orders in how much time: exact sliding windows at a constant cost.

A window keeps the times of its newest ``limit`` orders in a ring. ``head`` counts all orders ever,
``tail`` those that have left the window: the difference is how many are in it. Protective orders
are not counted; orders that reduce are, but are never refused. What ``put`` would note is noted
here at once, for this is on the way of every order.
"""

from __future__ import annotations

from collections.abc import Iterable

from tradetui.core.risk.case import Case
from tradetui.core.risk.plan import RateLimit
from tradetui.core.state import ABSENT, KernelState
from tradetui.domain.risk import Gate


def check_rates(case: Case) -> Gate | None:
    """Check every window for room for one more; None: all pass."""
    state = case.state
    for rate in case.plan.rates:
        limit = rate.limit
        count = count_recent(state, rate) + 1
        if count > limit:
            return case.refuse(rate.code, count, limit, 0, "", rate.profile)
        case.gates.append(Gate(rate.code, count, limit, True))
    return None


def count_recent(state: KernelState, rate: RateLimit) -> int:
    """Return how many orders are in the window that ends now (and forget those that left it)."""
    counts = state.order_counts
    name = rate.head
    head, before = counts.get(name, 0), counts.get(rate.tail)
    tail = before or 0
    if tail < head:
        times, size, oldest = state.order_times, rate.limit, state.now - rate.window
        if times[name, tail % size] <= oldest:
            tail += 1
            while tail < head and times[name, tail % size] <= oldest:
                tail += 1
            state.undo.append((counts, rate.tail, ABSENT if before is None else before))
            counts[rate.tail] = tail
    return head - tail


def note_counted(state: KernelState, rates: Iterable[RateLimit]) -> None:
    """Put an order that is sent into every window, all of which were just found to have room."""
    counts, times, undo = state.order_counts, state.order_times, state.undo
    for rate in rates:
        name = rate.head
        before = counts.get(name)
        head = before or 0
        slot = (name, head % rate.limit)
        undo += (
            (times, slot, times.get(slot, ABSENT)),
            (counts, name, ABSENT if before is None else before),
        )
        times[slot] = state.now
        counts[name] = head + 1


def note_order(state: KernelState, rates: tuple[RateLimit, ...]) -> None:
    """Put an order that is sent into every window; a full one forgets its oldest."""
    counts, times, undo = state.order_counts, state.order_times, state.undo
    for rate in rates:
        size = rate.limit
        if size <= 0:
            continue
        name = rate.head
        before = counts.get(name)
        head = before or 0
        if head >= size and head - counts.get(rate.tail, 0) >= size:
            state.put(counts, rate.tail, head - size + 1)
        slot = (name, head % size)
        undo += (
            (times, slot, times.get(slot, ABSENT)),
            (counts, name, ABSENT if before is None else before),
        )
        times[slot] = state.now
        counts[name] = head + 1
