"""What a scope has earned: today, and since its best moment. In the reporting currency."""

from __future__ import annotations

from tradetui.core.conversion import to_reporting
from tradetui.core.risk.exposure import is_in
from tradetui.core.risk.plan import ScopeFilter
from tradetui.core.state import KernelState
from tradetui.domain.ids import EXTERNAL
from tradetui.domain.instruments import Instrument, notional
from tradetui.domain.orders import Position
from tradetui.domain.units import NANOS_PER_DAY, PPM, clamped_i64, div_ceil, div_floor


def open_pnl(state: KernelState, instrument: Instrument, held: Position | None) -> int:
    """Return the unrealised profit of a position at the mark, quote currency; 0 without a mark."""
    if held is None or held.quantity == 0:
        return 0
    mark = state.marks.get(instrument.instrument_id)
    return 0 if mark is None else notional(instrument, mark.price, held.quantity) - held.cost


def day_pnl(state: KernelState, scope: ScopeFilter) -> int | None:
    """Return today's profit of a scope after fees: realised plus the change of unrealised since
    00:00 UTC. None where a rate lacks.
    """
    today = div_floor(state.now, NANOS_PER_DAY)
    total = 0
    routes, strategy_id = scope.routes, scope.strategy_id
    instruments, reporting = state.instruments, state.config.reporting_currency
    for key, stats in state.days.items():
        if (
            stats.day == today
            and key[1] in routes
            and (key[0] == strategy_id if strategy_id is not None else key[0] != EXTERNAL)
        ):
            instrument = instruments[key[2]]
            amount = stats.realised - stats.fees - stats.open_pnl_start
            held = state.positions.get(key)
            if held is not None and held.quantity:
                amount += open_pnl(state, instrument, held)
            if instrument.quote != reporting:
                converted = to_reporting(state, instrument.quote, amount)
                if converted is None:
                    return None
                amount = converted
            total += amount
    return total


def day_fees(state: KernelState, scope: ScopeFilter) -> int | None:
    """Return today's fees of a scope. None where a rate lacks."""
    today = div_floor(state.now, NANOS_PER_DAY)
    total = 0
    for key, stats in state.days.items():
        if stats.day == today and is_in(scope, key):
            amount = to_reporting(state, state.instruments[key[2]].quote, stats.fees)
            if amount is None:
                return None
            total += amount
    return total


def run_pnl(state: KernelState, scope: ScopeFilter) -> int | None:
    """Return the scope's profit of the whole run after fees. None where a rate lacks."""
    total = 0
    routes, strategy_id = scope.routes, scope.strategy_id
    instruments, reporting = state.instruments, state.config.reporting_currency
    marks = state.marks
    for (owner, route_id, instrument_id), held in state.positions.items():
        if route_id in routes and (
            owner == strategy_id if strategy_id is not None else owner != EXTERNAL
        ):
            instrument = instruments[instrument_id]
            amount = held.realised_pnl - held.fees
            if held.quantity and (mark := marks.get(instrument_id)) is not None:
                amount += notional(instrument, mark.price, held.quantity) - held.cost
            if instrument.quote != reporting:
                converted = to_reporting(state, instrument.quote, amount)
                if converted is None:
                    return None
                amount = converted
            total += amount
    return total


def capital(state: KernelState, scope: ScopeFilter) -> int | None:
    """Return what the scope trades with: an instance's budget, or the cash that its routes were
    given. None where a rate lacks.
    """
    if scope.strategy_id is not None:
        instance = state.instances.get(scope.strategy_id)
        return 0 if instance is None else instance.limits.budget
    total = 0
    for route_id in scope.routes:
        route = state.routes.get(route_id)
        for currency, amount in () if route is None else route.opening_cash:
            converted = to_reporting(state, currency, amount)
            if converted is None:
                return None
            total += converted
    return total


def drawdown_ppm(state: KernelState, scope: ScopeFilter, now: int | None = None) -> int | None:
    """Return how far the scope is below its best: (best - now) / (capital + best) of its profit, in
    ppm, rounded up. None where a rate lacks.

    Profit alone is measured, so that a deposit or a withdrawal is neither gain nor loss. ``now`` is
    that profit where it is known already.
    """
    if now is None:
        now = run_pnl(state, scope)
    if now is None:
        return None
    best = state.peak_equity.get(scope.name, 0)
    if best <= now:
        return 0
    base = capital(state, scope)
    if base is None:
        return None
    return div_ceil((best - now) * PPM, max(base + best, 1))


def note_peak(state: KernelState, scope: ScopeFilter) -> None:
    """Remember the scope's profit if it is the best of the run."""
    now = run_pnl(state, scope)
    if now is not None and now > state.peak_equity.get(scope.name, 0):
        state.put(state.peak_equity, scope.name, clamped_i64(now))
