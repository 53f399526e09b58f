"""What a step gives back: commands for venues, and the record that the journal keeps."""

from __future__ import annotations

from typing import Final

from tradetui.domain.capabilities import Capabilities
from tradetui.domain.enums import CallbackOutcome, InvariantPolicy, RunMode, Source
from tradetui.domain.envelope import Envelope
from tradetui.domain.ids import (
    AccountId,
    BrokerId,
    ClientOrderId,
    Currency,
    ExecutionId,
    InstrumentId,
    RouteId,
    RunId,
    StrategyId,
    VenueOrderId,
)
from tradetui.domain.intents import AttributedIntent, Signal
from tradetui.domain.orders import Diagnostic, Fill, OrderTerms, Transition
from tradetui.domain.record import Record
from tradetui.domain.risk import ProfileBinding, RiskDecision, RiskProfile


class SubmitCommand(Record, frozen=True):
    """Send a new order to its route's venue: once, ever."""

    terms: OrderTerms


class CancelCommand(Record, frozen=True):
    """Ask the venue to cancel."""

    route_id: RouteId
    instrument_id: InstrumentId
    client_order_id: ClientOrderId
    venue_order_id: VenueOrderId | None = None


class ReplaceCommand(Record, frozen=True):
    """Ask the venue to put the version ``terms`` in the place of ``client_order_id``."""

    client_order_id: ClientOrderId
    terms: OrderTerms
    venue_order_id: VenueOrderId | None = None


Command = SubmitCommand | CancelCommand | ReplaceCommand
"""What goes to a venue."""


class CallbackResult(Record, frozen=True):
    """How the callbacks of one instance ended in a step.

    ``message`` is one line that does not name the hook; the traceback is kept elsewhere.
    """

    strategy_id: StrategyId
    hook: str
    outcome: CallbackOutcome
    message: str = ""

    @property
    def reason(self) -> str:
        """What was raised. The message of older records begins with the hook."""
        return self.message.removeprefix(f"{self.hook}: ")

    @property
    def text(self) -> str:
        """The hook, and what was raised in it."""
        return f"{self.hook}: {self.reason or self.outcome}"


class IntentBatch(Record, frozen=True):
    """All that the strategies answered in one step, in processing order: ascending strategy id,
    emission index.
    """

    intents: tuple[AttributedIntent, ...] = ()
    callbacks: tuple[CallbackResult, ...] = ()
    signals: tuple[Signal, ...] = ()


class Applied(Record, frozen=True):
    """What ``Kernel.apply_event`` or ``Kernel.process_intents`` changed and wants done."""

    transitions: tuple[Transition, ...] = ()
    commands: tuple[Command, ...] = ()
    fills: tuple[Fill, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    decisions: tuple[RiskDecision, ...] = ()
    is_duplicate: bool = False


class StepResult(Record, frozen=True):
    """The last part of a step record."""

    callbacks: tuple[CallbackResult, ...] = ()
    signals: tuple[Signal, ...] = ()
    commands: tuple[Command, ...] = ()
    fills: tuple[Fill, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    is_duplicate: bool = False
    opens: int = 0
    """How many opens of bars the simulated venue was shown in this run before this step. They are
    no steps themselves; written with an act of the operator or of the engine (and what follows from
    it at once), the only steps whose place among them the data do not tell."""

    kept: tuple[tuple[StrategyId, str], ...] = ()
    """(instance, what its STATE_SCHEMA keeps as canonical JSON), for each whose values this step
    changed, in ascending id: what a restart gives back to it."""


QUIET: Final = StepResult()
"""The result of a step that only moved a mark, or nothing: a running engine records this very
object, so that whoever looks at every step sees at once that there is nothing more in it."""


class StepRecord(Record, frozen=True):
    """One step as the journal keeps it: ``{event, intents, decisions, transitions, result}``."""

    event: Envelope
    intents: tuple[AttributedIntent, ...]
    decisions: tuple[RiskDecision, ...]
    transitions: tuple[Transition, ...]
    result: StepResult


class RouteConfig(Record, frozen=True):
    """A route: which broker, account and venue, and what it can do.

    ``opening_cash`` is (currency, amount).
    """

    route_id: RouteId
    execution_id: ExecutionId
    broker_id: BrokerId
    account_id: AccountId
    venue: str
    capabilities: Capabilities
    opening_cash: tuple[tuple[Currency, int], ...] = ()
    instruments: tuple[InstrumentId, ...] = ()
    """Empty = every instrument of the venue."""


class ExecutionContextConfig(Record, frozen=True):
    """An execution context (an ``account`` of the records) and its routes in order of
    preference.
    """

    execution_id: ExecutionId
    routes: tuple[RouteId, ...]


class KernelConfig(Record, frozen=True):
    """All that the kernel needs beside its inputs; its hash is in the journal's header."""

    run_id: RunId
    run_mode: RunMode
    reporting_currency: Currency
    routes: tuple[RouteConfig, ...]
    contexts: tuple[ExecutionContextConfig, ...]
    profiles: tuple[RiskProfile, ...] = ()
    bindings: tuple[ProfileBinding, ...] = ()
    source_priority: tuple[Source, ...] = ()
    invariant_policy: InvariantPolicy = InvariantPolicy.STRICT
    max_closed_orders: int = 10_000
    max_consecutive_errors: int = 3


class JournalHeader(Record, frozen=True):
    """What a journal begins with: enough to replay it."""

    codec_version: int
    run_id: RunId
    run_mode: RunMode
    source_priority: tuple[Source, ...]
    config_hash: str
    kernel_config: KernelConfig
    strategy_files: tuple[tuple[str, str], ...]
    """(strategy_type, sha256 of its file)."""

    seed: int
    created_time: int
    continues: str = ""
    """The run whose state this one carries on; empty: it began flat."""

    opening_seq: int = 0
    """The last seq_id of what is carried; the first step of this run is the next one."""

    opening_hash: str = ""
    """The hash of the kernel state that is carried, in hex; empty: it began flat."""

    run_code: str = ""
    """What the client order ids of this run begin with, behind ``tt``."""

    venue: str = ""
    """The settings of the simulated venue as JSON, by name; empty where there is none."""

    is_virtual: bool = False
    """Whether time was the data's own: a replay or a backtest."""

    data_hash: str = ""
    """The hash of the data that were replayed; empty in real time."""

    program: str = ""
    """Which program wrote the journal: its version and, in brackets, the hash of the code that
    decides; empty: it was not recorded.
    """
