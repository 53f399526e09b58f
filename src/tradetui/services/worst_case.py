"""What an instance may use and lose at worst, in sentences: before it is activated or changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from tradetui.domain.formatting import counted, money
from tradetui.domain.ids import Currency
from tradetui.domain.risk import InstanceLimits, RiskProfile
from tradetui.services.strategies import Schema

_OF_BUDGET: Final = "of budget"


def limit_lines(
    limits: InstanceLimits, profiles: Sequence[RiskProfile], currency: Currency
) -> tuple[str, ...]:
    """Say what the limits of an instance, and the profiles that bind it, leave it at most."""
    orders = [p.max_order_notional for p in profiles if p.max_order_notional is not None]
    use = [f"{money(limits.budget, currency)} {currency} in all"]
    if orders:
        use.append(f"{money(min(*orders, limits.budget), currency)} an order")
    if limits.max_orders_per_hour is not None:
        use.append(f"{counted(limits.max_orders_per_hour, 'order')} an hour")
    lose = []
    if limits.max_loss_per_day is not None:
        lose.append(f"{money(limits.max_loss_per_day, currency)} {currency} a day")
    if limits.max_fees_per_day is not None:
        lose.append(f"{money(limits.max_fees_per_day, currency)} {currency} a day in fees")
    lines = [f"may use   {', '.join(use)}"]
    if lose:
        lines.append(f"may lose  {', '.join(lose)}, then exit-only")
    else:
        all_of_it = f"{money(limits.budget, currency)} {currency}"
        lines.append(f"may lose  all of its {all_of_it}: no limit a day is set")
    return tuple(lines)


def share_lines(
    schema: Schema,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    limits: InstanceLimits,
    currency: Currency,
) -> tuple[str, ...]:
    """Say what every setting that is a share of the budget comes to in money, before and after; and
    of which changed ones nothing can be said.
    """
    lines, others = [], []
    budget = money(limits.budget, currency)
    for key, entry in schema.items():
        amount = _share(entry, new.get(key), limits)
        if amount is None:
            others += [key] if old.get(key) != new.get(key) else []
            continue
        before = _share(entry, old.get(key), limits)
        if before is None or old[key] == new[key]:
            text = f"{key} {new[key]} of {budget} is {money(amount, currency)} {currency}"
        else:
            text = (
                f"{key} {old[key]} -> {new[key]} of {budget} is "
                f"{money(before, currency)} -> {money(amount, currency)} {currency}"
            )
        lines.append(text)
    if others:
        lines.append(f"what {', '.join(others)} may cost is not known: the limits below hold")
    return tuple(lines)


def _share(entry: Mapping[str, Any], value: Any, limits: InstanceLimits) -> int | None:
    """Return what a share of the budget is in money; None for a setting that is none."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if entry.get("unit") != _OF_BUDGET or not is_number:
        return None
    return int(Decimal(str(value)) * limits.budget)
