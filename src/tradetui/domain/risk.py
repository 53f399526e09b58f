"""Risk profiles, limits, and the decision that every intent gets."""

from __future__ import annotations

from typing import Final

from tradetui.domain.enums import KillState, Outcome, Scope
from tradetui.domain.ids import ClientOrderId, InstrumentId, RouteId, StrategyId
from tradetui.domain.reasons import Reason
from tradetui.domain.record import Record


class RiskProfile(Record, frozen=True):
    """A named set of limits.

    ``None`` means not limited. Money in the reporting currency at CASH_SCALE. Quantities are base
    units at scale 8 (CASH_SCALE), whatever the instrument's own size scale. Several profiles may
    bind to one order: each is checked, so the tightest wins.
    """

    name: str
    max_order_quantity: int | None = None
    max_order_notional: int | None = None
    max_position_quantity: int | None = None
    max_position_notional: int | None = None
    max_exposure: int | None = None
    """Worst case of positions, open, unknown and cancelling orders over the bound scope."""

    max_open_orders: int | None = None
    max_orders: int | None = None
    """At most this many orders within ``order_window_ns``."""

    order_window_ns: int = 1_000_000_000
    price_collar_ppm: int | None = None
    """How far a limit price may be on the aggressive side of the mark."""

    allow: tuple[str, ...] = ()
    """Symbols that may be traded; empty = all."""
    block: tuple[str, ...] = ()
    max_daily_loss: int | None = None
    max_drawdown_ppm: int | None = None
    max_data_age_ns: int | None = None
    max_clock_skew_ns: int | None = None
    """Largest distance of a market item's event_time ahead of or behind its ingest_time."""

    prevent_self_cross: bool = True
    may_reduce: bool = True
    """Whether an order over a quantity or notional limit is cut to it (modify) instead of
    rejected."""


MONEY_LIMITS: Final = (
    "max_order_notional",
    "max_position_notional",
    "max_exposure",
    "max_daily_loss",
)
"""The limits of a profile that are amounts of money."""


class ProfileBinding(Record, frozen=True):
    """Binds a profile to a scope: a route, an execution context, an instance or (GLOBAL)
    everything.
    """

    profile: str
    scope: Scope
    key: str = ""


class InstanceLimits(Record, frozen=True):
    """Hard limits of one instance, in the reporting currency at CASH_SCALE.

    A breach makes it exit-only.
    """

    budget: int
    max_orders_per_hour: int | None = None
    max_fees_per_day: int | None = None
    max_loss_per_day: int | None = None


class KillSwitch(Record, frozen=True):
    """The state of one kill-switch, who set it, when (ns UTC) and why."""

    scope: Scope
    key: str
    state: KillState
    actor: str
    reason: str
    time: int


class Gate(Record, frozen=True):
    """One check of a decision: what it measured, the limit, both as integers in the gate's unit,
    and the result.

    ``scale`` is the decimals of ``value`` and ``limit``; ``None`` for a limit means not limited.
    """

    code: Reason
    value: int
    limit: int | None
    passed: bool
    scale: int = 0
    note: str = ""


class RiskDecision(Record, frozen=True):
    """What became of one intent, and why.

    ``gates`` holds every check in its fixed order up to the first that refused. ``would`` marks an
    intent of an observing instance that only the mode stopped. ``quantity`` and ``price`` are as
    asked; ``approved_*`` as allowed (equal unless the outcome is modify).
    """

    strategy_id: StrategyId
    index: int
    intent: str
    outcome: Outcome
    reason: Reason
    gates: tuple[Gate, ...]
    client_order_id: ClientOrderId | None = None
    route_id: RouteId | None = None
    instrument_id: InstrumentId | None = None
    profile: str = ""
    is_reducing: bool = False
    would: bool = False
    quantity: int | None = None
    price: int | None = None
    approved_quantity: int | None = None
    approved_price: int | None = None
    note: str = ""
