"""Instances that hold something and have no record: a row is made up for them, so that nothing that
holds money is missing from a list.

A record is deleted by hand, in ``state.db``, or with a restored copy of it; through the console and
the shell only what is flat and without orders can be.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Final

from tradetui.core.state import KernelState
from tradetui.domain.enums import InstanceMode
from tradetui.domain.ids import EXTERNAL, InstrumentId, RouteId, StrategyId, is_shadow
from tradetui.domain.instances import InstanceRecord

NO_RECORD: Final = "no record has its id: make one under the same id, or close what it holds"
NOT_LOADED: Final = "not loaded at this step"
NOT_KNOWN: Final = "?"
"""Stands for the strategy's type: that is in the record that is gone."""


def ownerless(
    state: KernelState, records: Container[StrategyId]
) -> dict[StrategyId, InstanceRecord]:
    """Return a made-up record, off, of each instance with a real position or open order that is not
    loaded and not among ``records``; of the first market where it has something.
    """
    found: dict[StrategyId, InstanceRecord] = {}
    for strategy_id, route_id, instrument_id in sorted(_held(state)):
        is_known = strategy_id in records or strategy_id in found or strategy_id == EXTERNAL
        if is_known or is_shadow(route_id):
            continue
        instance = state.instances.get(strategy_id)
        found[strategy_id] = InstanceRecord(
            strategy_id,
            NOT_KNOWN if instance is None else instance.strategy_type,
            state.routes[route_id].execution_id,
            state.instruments[instrument_id].symbol,
            InstanceMode.OFF,
            "{}",
        )
    return found


def _held(state: KernelState) -> Iterator[tuple[StrategyId, RouteId, InstrumentId]]:
    """Yield where there is a position, or an open order."""
    for key, position in state.positions.items():
        if position.quantity:
            yield key
    for order in state.open_orders.values():
        yield order.terms.strategy_id, order.terms.route_id, order.terms.instrument_id
