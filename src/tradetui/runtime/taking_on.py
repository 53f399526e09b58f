"""What a record means to the engine that takes it on: where it trades, whether it starts HELD."""

from __future__ import annotations

from collections.abc import Mapping

from tradetui.core.state import Instance
from tradetui.domain.enums import InstanceMode
from tradetui.domain.ids import InstrumentId, instrument_id
from tradetui.domain.instances import InstanceRecord
from tradetui.domain.instruments import Instrument
from tradetui.domain.steps import KernelConfig
from tradetui.engine.errors import LoadError


def starts_held(record: InstanceRecord, before: Instance | None, *, is_carried: bool) -> bool:
    """Tell whether an instance must start HELD after a run that has ended: it was paused, stopped
    by its errors or HELD then; or it is recorded active and what it did is not known.

    ``before`` is what the run knew of it, ``is_carried`` whether this run goes on with its state.
    """
    if record.mode is not InstanceMode.ACTIVE:
        return False
    if not is_carried:
        return True
    return before is not None and (before.paused or before.has_error or before.held)


def market_of(
    record: InstanceRecord, config: KernelConfig, known: Mapping[InstrumentId, Instrument]
) -> InstrumentId:
    """Find a record's market among those that are known on the routes of its account; raises
    LoadError.
    """
    routes = {route.route_id: route for route in config.routes}
    context = next((c for c in config.contexts if c.execution_id == record.account), None)
    if context is None:
        names = ", ".join(sorted(c.execution_id for c in config.contexts))
        raise LoadError(f"account {record.account} is not in the config; there is {names}")
    for route_id in context.routes:
        key = instrument_id(record.market, routes[route_id].venue)
        if key in known:
            return key
    symbols = ", ".join(sorted({one.symbol for one in known.values()})) or "none"
    raise LoadError(f"market {record.market} has no prices here; there is {symbols}")
