"""From which age on a price is STALE: one rule for rows, alerts and the markets, now and in travel.

What a risk profile sets for the entries of an instance holds for what it is shown. Where none does,
a market may be silent for a minute; one whose prices come as bars, for a minute after the next bar
was due.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tradetui.core.risk.profiles import bound_profiles
from tradetui.core.risk.resolve import select_route
from tradetui.core.state import Instance, KernelState
from tradetui.domain.ids import InstrumentId, RouteId
from tradetui.domain.units import NANOS_PER_MINUTE
from tradetui.runtime.charts import ChartKeeper

SILENCE_NS: Final = NANOS_PER_MINUTE
"""How long after it was due a price is waited for where no risk profile sets a deadline."""


def stale_after(
    state: KernelState,
    charts: ChartKeeper,
    instrument_id: InstrumentId,
    users: Iterable[Instance] = (),
) -> int:
    """Return the age in ns that a market's price may have: the tightest deadline of the profiles
    that bind its users there, else one bar of what it brings and ``SILENCE_NS``.
    """
    set_by_profiles = [
        limit for instance in users for limit in _deadlines(state, instance, instrument_id)
    ]
    if set_by_profiles:
        return min(set_by_profiles)
    return charts.bar_length(instrument_id) + SILENCE_NS


def _deadlines(state: KernelState, instance: Instance, instrument_id: InstrumentId) -> list[int]:
    """Return what the profiles that bind an instance's orders on a market let its price's age be,
    as the core judges them.
    """
    route = select_route(state, instance.execution_id, state.instruments[instrument_id])
    route_id = RouteId("") if route is None else route.route_id
    bound = bound_profiles(state, instance.strategy_id, route_id, instance.execution_id)
    return [
        profile.max_data_age_ns for _, _, profile in bound if profile.max_data_age_ns is not None
    ]
