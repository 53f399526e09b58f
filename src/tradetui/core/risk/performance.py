"""What a scope has earned: today, and since its best moment. In the reporting currency."""

from __future__ import annotations

from tradetui.core.conversion import to_reporting
from tradetui.core.risk.plan import ScopeFilter, is_in
from tradetui.core.risk.totals import keys_of, money_of
from tradetui.core.risk.worth import open_pnl
from tradetui.core.state import KernelState
from tradetui.domain.units import NANOS_PER_DAY, PPM, clamped_i64, div_ceil, div_floor


def day_pnl(state: KernelState, scope: ScopeFilter) -> int | None:
    """Return today's profit of a scope after fees: realised plus the change of unrealised since
    00:00 UTC. None where a rate lacks.
    """
    return money_of(state, scope).day


def day_fees(state: KernelState, scope: ScopeFilter) -> int | None:
    """Return today's fees of a scope. None where a rate lacks."""
    today = div_floor(state.now, NANOS_PER_DAY)
    strategy_id, total = scope.strategy_id, 0
    for key in state.days if strategy_id is None else keys_of(state, strategy_id):
        stats = state.days.get(key)
        if stats is not None and stats.day == today and is_in(scope, key):
            amount = to_reporting(state, state.instruments[key[2]].quote, stats.fees)
            if amount is None:
                return None
            total += amount
    return total


def run_pnl(state: KernelState, scope: ScopeFilter) -> int | None:
    """Return the scope's profit of the whole run after fees. None where a rate lacks."""
    if len(state.positions) > 1:
        return money_of(state, scope).run
    for key, held in state.positions.items():
        if is_in(scope, key):
            instrument = state.instruments[key[2]]
            amount = held.realised_pnl - held.fees + open_pnl(state, instrument, held)
            return to_reporting(state, instrument.quote, amount)
    return 0


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
