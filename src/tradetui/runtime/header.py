"""The header: run mode, money, limits, counts, ages, and the one thing that is wrong."""

from __future__ import annotations

from dataclasses import dataclass

from tradetui.core.conversion import to_reporting
from tradetui.core.risk.exposure import keys_in, worst_value
from tradetui.core.risk.performance import day_pnl
from tradetui.core.risk.plan import ScopeFilter, scope_filter
from tradetui.core.state import KernelState
from tradetui.core.valuation import equity
from tradetui.core.venue.models import VenueConfig
from tradetui.domain.enums import InstanceMode, InstanceState, Scope
from tradetui.domain.ids import InstrumentId, is_shadow
from tradetui.domain.replica import HeaderView, InstanceView
from tradetui.runtime.pacer import Pacer
from tradetui.runtime.telemetry import TelemetrySnapshot
from tradetui.runtime.views import kill_views


@dataclass(frozen=True, slots=True)
class RunCaption:
    """What the header says of the run and never changes.

    ``venue``: how the simulated venue is set; None where orders go to a real one.
    """

    account: str
    feed: str
    engine: str = "python"
    venue: VenueConfig | None = None


@dataclass(frozen=True, slots=True)
class DataAge:
    """The oldest price among the markets that somebody runs on."""

    age: int | None
    symbol: str


def header_view(
    state: KernelState,
    info: RunCaption,
    telemetry: TelemetrySnapshot,
    instances: list[InstanceView],
    *,
    now: int,
    pacer: Pacer | None,
    trouble: str,
) -> HeaderView:
    """Return the header of this moment."""
    everything = scope_filter(state, Scope.GLOBAL, "")
    modes = [view.mode for view in instances]
    is_limited = [
        view.mode is InstanceMode.ACTIVE and view.state is not InstanceState.ACTIVE
        for view in instances
    ]
    age = data_age(state, now)
    orders = [order for order in state.open_orders.values() if not is_shadow(order.terms.route_id)]
    return HeaderView(
        run_mode=state.config.run_mode,
        account=info.account,
        feed=info.feed,
        now=now,
        reporting_currency=state.config.reporting_currency,
        equity=total_equity(state),
        day_pnl=day_pnl(state, everything),
        day_loss_limit=tightest_limit(state, "max_daily_loss"),
        exposure=_exposure(state, everything),
        exposure_limit=tightest_limit(state, "max_exposure"),
        kills=kill_views(state),
        count_off=modes.count(InstanceMode.OFF),
        count_observe=modes.count(InstanceMode.OBSERVE),
        count_active=modes.count(InstanceMode.ACTIVE),
        count_limited=sum(is_limited),
        orders_open=len(orders),
        orders_unknown=sum(order.is_unknown for order in orders),
        data_age=age.age,
        data_worst=age.symbol,
        event_lag=telemetry.event_lag,
        queue_depth=telemetry.queue_depth,
        drops=telemetry.drops,
        seq_id=state.seq_id,
        journal_latency=telemetry.journal_latency,
        engine=info.engine,
        speed=None if pacer is None else pacer.speed,
        playing="" if pacer is None else pacer.playing,
        trouble=trouble,
        instrument_classes=tuple(
            sorted({one.instrument_class for one in state.instruments.values()})
        ),
        is_venue_simulated=info.venue is not None,
        venue_latency=None if info.venue is None else info.venue.latency_ns,
        venue_items=0 if info.venue is None else info.venue.latency_bars,
    )


def total_equity(state: KernelState) -> int | None:
    """Return what all real routes are worth, in the reporting currency; None where a mark or a rate
    lacks. Shadow books are in no total.
    """
    total = 0
    for route_id in state.routes:
        if is_shadow(route_id):
            continue
        worth = equity(state, route_id)
        if worth is None:
            return None
        total += worth
    return total


def tightest_limit(state: KernelState, field: str) -> int | None:
    """Return the smallest limit of a kind among the profiles that bind more than one instance."""
    limits = []
    for (scope, _), bindings in state.bindings.items():
        if scope is Scope.STRATEGY:
            continue
        for binding in bindings:
            value = getattr(state.profiles[binding.profile], field)
            if value is not None:
                limits.append(value)
    return min(limits, default=None)


def data_age(state: KernelState, now: int) -> DataAge:
    """Return the age of the oldest price among the markets of running instances.

    Where none runs, all markets count.
    """
    wanted: dict[InstrumentId, None] = {}
    for instance in state.instances.values():
        wanted.update(dict.fromkeys((instance.instrument_id, *instance.instruments)))
    oldest: DataAge = DataAge(None, "")
    for instrument_id in wanted or state.marks:
        mark = state.marks.get(instrument_id)
        if mark is None:
            continue
        age = max(now - mark.event_time, 0)
        if oldest.age is None or age > oldest.age:
            oldest = DataAge(age, state.instruments[instrument_id].symbol)
    return oldest


def _exposure(state: KernelState, scope: ScopeFilter) -> int | None:
    """Return the worst case of all positions and working orders, gross."""
    total = 0
    for key in keys_in(state, scope):
        value = worst_value(state, key, True, 0, None)
        converted = to_reporting(state, state.instruments[key[2]].quote, value)
        if converted is None:
            return None
        total += converted
    return total
