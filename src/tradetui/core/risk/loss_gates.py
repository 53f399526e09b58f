"""Gates on what was lost and paid: by the profiles, and by the instance's own limits."""

from __future__ import annotations

from typing import Final

from tradetui.core.risk.case import Case
from tradetui.core.risk.performance import day_fees, day_pnl, drawdown_ppm
from tradetui.core.risk.plan import ScopeFilter
from tradetui.core.state import KernelState
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import Gate, InstanceLimits, RiskProfile
from tradetui.domain.units import CASH_SCALE, clamped_i64

_PPM_SCALE = 6
_DAILY_LOSS: Final = Reason.DAILY_LOSS
_DRAWDOWN: Final = Reason.DRAWDOWN
_FEES_PER_DAY: Final = Reason.FEES_PER_DAY
_LOSS_PER_DAY: Final = Reason.LOSS_PER_DAY
_RATE_UNKNOWN: Final = Reason.RATE_UNKNOWN


def check_losses(case: Case) -> Gate | None:
    """Check every limit on loss and fees that is set; None: all pass.

    At the limit is over it: what may be lost in a day is lost.
    """
    plan, state = case.plan, case.state
    for limit in plan.daily_loss:
        pnl = day_pnl(state, plan.scopes[limit.scope])
        if pnl is None:
            return _no_rate(case)
        if -pnl >= limit.value:
            return case.refuse(_DAILY_LOSS, -pnl, limit.value, CASH_SCALE, "", limit.profile)
        case.gates.append(Gate(_DAILY_LOSS, clamped_i64(-pnl), limit.value, True, CASH_SCALE))
    for limit in plan.drawdown:
        fallen = drawdown_ppm(state, plan.scopes[limit.scope])
        if fallen is None:
            return _no_rate(case)
        if fallen >= limit.value:
            return case.refuse(_DRAWDOWN, fallen, limit.value, _PPM_SCALE, "", limit.profile)
        case.gates.append(Gate(_DRAWDOWN, fallen, limit.value, True, _PPM_SCALE))
    return _check_own(case)


def limits_loss(profile: RiskProfile) -> bool:
    """Tell whether a profile sets a limit on loss: its sums are added up only then."""
    return profile.max_daily_loss is not None or profile.max_drawdown_ppm is not None


def profile_losses(
    state: KernelState, scope: ScopeFilter, profile: RiskProfile
) -> tuple[tuple[Reason, int | None, int], ...]:
    """Return (code, value, limit) of each limit on loss that a profile sets, over the sums of a
    scope it is bound to; money at CASH_SCALE, the drawdown in ppm.

    A value of None lacks a rate. At the limit is over it, as ``check_losses`` judges.
    """
    found: list[tuple[Reason, int | None, int]] = []
    if profile.max_daily_loss is not None:
        pnl = day_pnl(state, scope)
        found.append((_DAILY_LOSS, None if pnl is None else -pnl, profile.max_daily_loss))
    if profile.max_drawdown_ppm is not None:
        found.append((_DRAWDOWN, drawdown_ppm(state, scope), profile.max_drawdown_ppm))
    return tuple(found)


def own_losses(
    state: KernelState, scope: ScopeFilter, limits: InstanceLimits
) -> tuple[tuple[Reason, int | None, int], ...]:
    """Return (code, value, limit) of each limit of an instance on fees and loss that is set.

    A value of None lacks a rate.
    """
    found: list[tuple[Reason, int | None, int]] = []
    if limits.max_fees_per_day is not None:
        found.append((_FEES_PER_DAY, day_fees(state, scope), limits.max_fees_per_day))
    if limits.max_loss_per_day is not None:
        pnl = day_pnl(state, scope)
        loss = None if pnl is None else -pnl
        found.append((_LOSS_PER_DAY, loss, limits.max_loss_per_day))
    return tuple(found)


def _check_own(case: Case) -> Gate | None:
    plan = case.plan
    limits = plan.instance.limits
    if limits.max_fees_per_day is None and limits.max_loss_per_day is None:
        return None
    for code, value, limit in own_losses(case.state, plan.own_scope, limits):
        if value is None:
            return _no_rate(case)
        if value >= limit:
            return case.refuse(code, value, limit, CASH_SCALE, "exits only from now on")
        case.gates.append(Gate(code, clamped_i64(value), limit, True, CASH_SCALE))
    return None


def _no_rate(case: Case) -> Gate:
    return case.refuse(_RATE_UNKNOWN, 0, 1, 0, "no rate for a currency traded")
