"""What the risk engine answers, and the fixed order in which it asks.

An intent passes its gates in the order of ``GATE_ORDER``: schema, capability, state of the
instance, its route and the kill-switches, risk, legal transition, and last the mode of the
instance (so that the would-be order of an observing instance is judged whole). The first gate that
refuses ends the judgement. A gate whose limit is not set is not checked, and not listed.

An order that only reduces a position, or guards one, skips everything between KILL_SWITCH and
DUPLICATE_ID but its own two gates, REDUCE_ONLY and QUANTITY_FROM_PARENT.
"""

from __future__ import annotations

from typing import Final

from tradetui.domain.orders import Diagnostic, OrderTerms
from tradetui.domain.reasons import Reason
from tradetui.domain.record import Record
from tradetui.domain.risk import Gate, RiskDecision
from tradetui.domain.units import clamped_i64


class Verdict(Record, frozen=True):
    """The decision on one intent.

    ``terms`` are those of the order (or the version) to create: None when there is none to create.
    For a would-be order they are on the instance's shadow route. ``diagnostics`` tell what else the
    decision changed: a limit of the instance that is broken makes it exit-only. ``is_single`` says
    that the order was found to need nothing of the kernel's and to hang together with no other.
    """

    decision: RiskDecision
    terms: OrderTerms | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    is_single: bool = False


GATE_ORDER: Final = (
    # schema
    Reason.SCHEMA,
    Reason.UNKNOWN_INSTRUMENT,
    Reason.UNKNOWN_ORDER,
    Reason.NOT_OWNER,
    Reason.RISK_FLAG_SCOPE,
    # capability
    Reason.NO_ROUTE,
    Reason.CAPABILITY,
    Reason.PRICE_TICK,
    Reason.PRICE_BOUNDS,
    Reason.QUANTITY_LOT,
    Reason.MIN_QUANTITY,
    Reason.MAX_QUANTITY,
    Reason.MIN_NOTIONAL,
    Reason.NUMBER_RANGE,
    # state
    Reason.INSTANCE_ERROR,
    Reason.INSTANCE_PAUSED,
    Reason.INSTANCE_HELD,
    Reason.EXIT_ONLY,
    Reason.WARM_UP,
    Reason.ROUTE_HALTED,
    Reason.KILL_SWITCH,
    Reason.ORDER_UNKNOWN,
    # risk of an order that reduces
    Reason.REDUCE_ONLY,
    Reason.QUANTITY_FROM_PARENT,
    # risk of an entry
    Reason.SYMBOL_BLOCKED,
    Reason.SYMBOL_NOT_ALLOWED,
    Reason.NO_PRICE,
    Reason.DATA_AGE,
    Reason.CLOCK_SKEW,
    Reason.PRICE_COLLAR,
    Reason.SELF_CROSS,
    Reason.MAX_ORDER_QUANTITY,
    Reason.MAX_POSITION_QUANTITY,
    Reason.RATE_UNKNOWN,
    Reason.MAX_ORDER_NOTIONAL,
    Reason.MAX_POSITION_NOTIONAL,
    Reason.MAX_EXPOSURE,
    Reason.MAX_OPEN_ORDERS,
    Reason.SHORTING,
    Reason.AVAILABLE_BALANCE,
    Reason.MARGIN,
    Reason.BUDGET,
    Reason.DAILY_LOSS,
    Reason.DRAWDOWN,
    Reason.FEES_PER_DAY,
    Reason.LOSS_PER_DAY,
    Reason.ORDERS_PER_HOUR,
    Reason.ORDER_RATE,
    # legal transition
    Reason.DUPLICATE_ID,
    Reason.ILLEGAL_TRANSITION,
    # mode
    Reason.INSTANCE_MODE,
)
"""Every gate there is, in the order of checking."""


def passed(code: Reason) -> Gate:
    """Return the passing gate of a check that counts faults and allows none; made once, shared."""
    return Gate(code, 0, 0, True)


def refused(code: Reason, value: int, limit: int | None, scale: int = 0, note: str = "") -> Gate:
    """Return the gate that refuses; a value beyond 64 bits is shown as the largest that fits."""
    return Gate(code, clamped_i64(value), limit, False, scale, note)
