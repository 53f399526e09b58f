"""What a person asks of the running engine.

Every act names who, the state wanted, and the state that was seen; an act from a shell may leave
that None: it says what shall be, whatever is.
"""

from __future__ import annotations

from tradetui.domain.enums import InstanceState, KillState, Scope
from tradetui.domain.ids import ClientOrderId, StrategyId
from tradetui.domain.record import Record


class Pause(Record, frozen=True):
    """Pause (or resume) one instance; refused unless it is in the state seen.

    ``strategy_id`` None: every instance that runs (or is PAUSED).
    """

    strategy_id: StrategyId | None
    paused: bool
    seen: InstanceState | None
    actor: str


class SetExitOnly(Record, frozen=True):
    """Allow an instance exits only, or lift that.

    ``strategy_id`` None: all instances.
    """

    strategy_id: StrategyId | None
    exit_only: bool
    actor: str
    reason: str
    seen: InstanceState | None = None


class ReleaseHold(Record, frozen=True):
    """Let a HELD instance go on, or one in ERROR try again."""

    strategy_id: StrategyId
    seen: InstanceState | None
    actor: str


class Resume(Record, frozen=True):
    """Let an instance go on, whatever stopped it: PAUSED, HELD, ERROR or exit-only.

    ``strategy_id`` None: every instance that is PAUSED; what else was stopped is released one by
    one.
    """

    strategy_id: StrategyId | None
    actor: str


class SetKillSwitch(Record, frozen=True):
    """Engage or release a kill-switch.

    Releasing needs a reason and the state seen. ``is_kept``: left while no engine ran, it holds
    whenever the next start takes it; what engages does so always.
    """

    scope: Scope
    key: str
    state: KillState
    seen: KillState | None
    actor: str
    reason: str
    cancel_entries: bool = True
    is_kept: bool = False


class CancelOne(Record, frozen=True):
    """Cancel one order."""

    client_order_id: ClientOrderId
    actor: str


class CancelEntries(Record, frozen=True):
    """Cancel the entry orders of one instance, or of all (None)."""

    strategy_id: StrategyId | None
    actor: str


class ClosePosition(Record, frozen=True):
    """Close at market: a kill-switch that lets only exits pass over the instance, cancel its
    entries, then sell or buy back what it holds.

    None: every instance, also one that appears later; what is flat is stopped and cancelled too.
    """

    strategy_id: StrategyId | None
    actor: str
    reason: str


class Reconcile(Record, frozen=True):
    """Read the records again now."""

    actor: str


class ReloadInstance(Record, frozen=True):
    """Stop a running instance and start it again from its record and its file as they are now.

    Positions, exits, stops and kept state stay; entry orders are cancelled.
    """

    strategy_id: StrategyId
    seen: InstanceState | None
    actor: str


class AcknowledgeAlert(Record, frozen=True):
    """A person has seen an alert."""

    alert_id: str
    actor: str


class SetPlayback(Record, frozen=True):
    """Steer a replay: ``speed`` factor (None = as it is), ``playing``, and ``steps`` to go on by
    while paused.
    """

    actor: str
    speed: int | None = None
    playing: bool | None = None
    steps: int = 0


OperatorCommand = (
    Pause
    | SetExitOnly
    | ReleaseHold
    | SetKillSwitch
    | CancelOne
    | CancelEntries
    | ClosePosition
    | Reconcile
    | AcknowledgeAlert
    | SetPlayback
    | ReloadInstance
    | Resume
)


class CommandReply(Record, frozen=True):
    """Whether an act was done, and one sentence for the message line."""

    done: bool
    text: str
