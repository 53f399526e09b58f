"""What blocks instances that nothing happened to: losses of others, orders of others, clocks apart.

A row is built anew when something happens to its instance; these come from elsewhere. When they
change, every row is looked at again.
"""

from __future__ import annotations

from collections.abc import Iterable

from tradetui.core.state import KernelState

Block = tuple[str, ...]


def shared_blocks(state: KernelState, losses: Iterable[str]) -> frozenset[Block]:
    """Return what holds now: ``losses``, the limits on loss that are reached (alert ids); each
    route and market with an order of unknown outcome; each market whose clock is further from ours
    than a profile allows, by that limit.
    """
    limits = dict.fromkeys(
        profile.max_clock_skew_ns
        for profile in state.profiles.values()
        if profile.max_clock_skew_ns is not None
    )
    return frozenset(
        (
            *(("loss", name) for name in losses),
            *(
                ("unknown", order.terms.route_id, order.terms.instrument_id)
                for order in state.open_orders.values()
                if order.is_unknown
            ),
            *(
                ("skew", str(limit), instrument_id)
                for limit in limits
                for instrument_id, mark in state.marks.items()
                if abs(mark.ingest_time - mark.event_time) > limit
            ),
        )
    )
