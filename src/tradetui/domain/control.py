"""Payloads of source ``control``: acts of the operator and of the engine itself, on the record."""

from __future__ import annotations

from typing import Final

from tradetui.domain.enums import InstanceMode, KillState, Scope
from tradetui.domain.ids import ClientOrderId, ExecutionId, InstrumentId, RouteId, StrategyId
from tradetui.domain.record import Record
from tradetui.domain.risk import InstanceLimits, ProfileBinding, RiskProfile


class InstanceLoaded(Record, frozen=True):
    """An instance runs from here on.

    ``held`` starts it HELD: exits only, until a person releases it. ``on_error`` is the strategy's
    ON_ERROR rule. ``instruments`` are all that it subscribes to, its own first.
    """

    strategy_id: StrategyId
    strategy_type: str
    execution_id: ExecutionId
    instrument_id: InstrumentId
    mode: InstanceMode
    limits: InstanceLimits
    config_hash: str
    file_hash: str
    actor: str
    held: bool = False
    on_error: str = "exit-only"
    instruments: tuple[InstrumentId, ...] = ()
    config_json: str = ""
    """The complete config, as canonical JSON: what a replay with strategies loads it with."""
    timeframes: tuple[tuple[InstrumentId, int], ...] = ()
    """The bars that its feeds take: market and length (ns), ascending. A recovery builds them again
    from the steps.
    """
    tick_steps: int = 0
    """Heartbeats between two of its ticks; 0 when it does not tick."""


class InstanceUnloaded(Record, frozen=True):
    """An instance stops running; its positions and protective orders stay.

    Its entry orders are cancelled unless kept.
    """

    strategy_id: StrategyId
    actor: str
    reason: str = ""
    keep_orders: bool = False


class ModeChanged(Record, frozen=True):
    """The recorded mode changed between observe and active.

    Leaving active cancels entry orders unless kept.
    """

    strategy_id: StrategyId
    mode: InstanceMode
    actor: str
    keep_orders: bool = False


class PauseChanged(Record, frozen=True):
    """A person paused or resumed an instance."""

    strategy_id: StrategyId
    paused: bool
    actor: str


class HoldReleased(Record, frozen=True):
    """A person let a HELD instance go on."""

    strategy_id: StrategyId
    actor: str


class ExitOnlyChanged(Record, frozen=True):
    """A person, or a limit, allows an instance exits only (or lifts that)."""

    strategy_id: StrategyId
    exit_only: bool
    actor: str
    reason: str


class ErrorCleared(Record, frozen=True):
    """A person resumes an instance that was stopped by its errors."""

    strategy_id: StrategyId
    actor: str


class WarmupChanged(Record, frozen=True):
    """The feeds of an instance became warm, or still need bars."""

    strategy_id: StrategyId
    is_warm: bool


class KillSwitchChanged(Record, frozen=True):
    """A kill-switch was engaged or released.

    ``cancel_entries`` also cancels the entry orders in its scope.
    """

    scope: Scope
    key: str
    state: KillState
    actor: str
    reason: str
    cancel_entries: bool = True


class CancelRequested(Record, frozen=True):
    """A person cancels one order."""

    client_order_id: ClientOrderId
    actor: str
    reason: str = ""


class CancelEntriesRequested(Record, frozen=True):
    """A person cancels all entry orders of an instance (None = of all); protective orders stay."""

    strategy_id: StrategyId | None
    actor: str
    reason: str = ""


class CloseRequested(Record, frozen=True):
    """A person closes an instance's position at market: exit-only, cancel entries, then one
    reducing order.

    ``order_ids`` are fresh client order ids, one for each position of the instance in ascending
    instrument order.
    """

    strategy_id: StrategyId
    order_ids: tuple[ClientOrderId, ...]
    actor: str
    reason: str = ""


EDGE_HALT: Final = "edge: "
"""How the reason begins of a halt that the edge declares, and may lift by itself."""


class RouteHealthChanged(Record, frozen=True):
    """A route was halted (entries refused) or is sound again.

    A reason that begins with EDGE_HALT is the edge's own: what it declares sound again is only what
    it halted itself, never a halt for any other reason.
    """

    route_id: RouteId
    halted: bool
    reason: str


class RiskProfileSet(Record, frozen=True):
    """A risk profile is new or changed, with its bindings."""

    profile: RiskProfile
    bindings: tuple[ProfileBinding, ...]
    actor: str


class OperatorNoted(Record, frozen=True):
    """An act of a person that changes nothing in the core is still on the record (acknowledge,
    note, quit).
    """

    actor: str
    text: str


class EngineStopping(Record, frozen=True):
    """The engine stops in order: each running instance gets its last event and stays as it is.

    Orders, positions, shadow books and modes are as they were when the next run goes on.
    """

    actor: str
    reason: str = ""


class InstanceFailed(Record, frozen=True):
    """The engine could not bring an instance to what its record says: it does not load, or it runs
    on with the config that it had. Changes nothing in the core.
    """

    strategy_id: StrategyId
    actor: str
    reason: str
    """Why, in one sentence."""


ControlPayload = (
    InstanceLoaded
    | InstanceUnloaded
    | ModeChanged
    | PauseChanged
    | HoldReleased
    | ExitOnlyChanged
    | ErrorCleared
    | WarmupChanged
    | KillSwitchChanged
    | CancelRequested
    | CancelEntriesRequested
    | CloseRequested
    | RouteHealthChanged
    | RiskProfileSet
    | OperatorNoted
    | EngineStopping
    | InstanceFailed
)
