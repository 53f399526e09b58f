"""Limits of the risk profiles on what may be lost, once they are reached: nothing is entered then,
though every instance goes on.
"""

from __future__ import annotations

from typing import Final

from tradetui.core.risk.loss_gates import profile_losses
from tradetui.core.risk.plan import ScopeFilter, scope_filter
from tradetui.core.state import KernelState
from tradetui.domain.enums import Severity
from tradetui.domain.formatting import grouped, money
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import RiskProfile
from tradetui.domain.words import scope_text
from tradetui.runtime.alerts import Condition

_PERCENT_SCALE: Final = 4
"""Decimals of a per cent that one millionth is written with."""


def loss_conditions(state: KernelState) -> dict[str, Condition]:
    """Return each profile's limit on loss that is reached where it is bound, by alert id.

    At the limit is over it, as the gates judge it.
    """
    found: dict[str, Condition] = {}
    for scope, key in sorted(state.bindings):
        where = scope_filter(state, scope, key)
        for binding in state.bindings[scope, key]:
            profile = state.profiles[binding.profile]
            for control, words in _reached(state, where, profile).items():
                text = (
                    f"{scope_text(scope, key)}: {words}; nothing is entered, exits and stops go on"
                )
                name = f"loss:{control}:{scope.value}:{key}:{profile.name}"
                found[name] = Condition(Severity.ALERT, None, text)
    return found


def _reached(state: KernelState, where: ScopeFilter, profile: RiskProfile) -> dict[str, str]:
    """Return in words what of a profile's limits on loss is reached in a scope, by the limit."""
    found: dict[str, str] = {}
    currency = state.config.reporting_currency
    for code, value, limit in profile_losses(state, where, profile):
        if value is None or value < limit:
            continue
        if code is Reason.DAILY_LOSS:
            found["max_daily_loss"] = (
                f"{money(value, currency)} {currency} lost today, "
                f"max_daily_loss {money(limit, currency)}"
            )
        else:
            found["max_drawdown"] = (
                f"{_percent(value)} below its best, max_drawdown {_percent(limit)}; "
                "until it recovers or the limit is raised"
            )
    return found


def _percent(ppm: int) -> str:
    """Write millionths in per cent, with two decimals and as many more as it has."""
    return f"{grouped(ppm, _PERCENT_SCALE, 2)} %"
