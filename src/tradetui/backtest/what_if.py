"""What if: a recorded run again, with its prices and acts, under other rules.

Strategies and the simulated venue run anew; the risk profiles, the strategies' configs, the
instances' limits or the venue's fees may be other than they were. Without a change every step comes
out as it was recorded, byte for byte. Where strategy files have changed since, too, both causes are
told apart: the rules are compared with the run made again with the new files.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from tradetui.backtest.bar_opens import BarOpens
from tradetui.backtest.errors import ReplayError
from tradetui.backtest.figures import Figures
from tradetui.backtest.inputs import Inputs
from tradetui.backtest.older import as_written_now
from tradetui.backtest.recorded import RecordedRun
from tradetui.backtest.strategy_files import Loader, StrategyFiles
from tradetui.core.carry import CarryError, carry
from tradetui.core.checkpoint import dump, load
from tradetui.core.venue.models import VenueConfig, read_settings
from tradetui.domain.control import InstanceLoaded
from tradetui.domain.difference import Difference, first_difference
from tradetui.domain.enums import Source
from tradetui.domain.envelope import Envelope, Unsequenced
from tradetui.domain.ids import StrategyId
from tradetui.domain.market_data import Bar
from tradetui.domain.outcome import RunOutcome, WhatIfReport
from tradetui.domain.reports import OrderDenied, OrderModified
from tradetui.domain.risk import InstanceLimits
from tradetui.domain.steps import KernelConfig, StepRecord
from tradetui.engine.assembly import RunPlan, build_loop
from tradetui.engine.errors import EngineError, LoadError
from tradetui.engine.recovery import Opening
from tradetui.engine.step_loop import StepLoop

_VERDICTS: Final = (OrderDenied, OrderModified)


@dataclass(frozen=True)
class Changes:
    """What shall be other than recorded; the defaults change nothing.

    ``kernel_config`` and ``venue`` are whole; ``configs`` are single keys per instance; ``limits``
    are fields of InstanceLimits, for every instance. ``texts`` say it all to a person.
    """

    kernel_config: KernelConfig | None = None
    venue: VenueConfig | None = None
    configs: dict[StrategyId, dict[str, Any]] = field(default_factory=dict)
    limits: dict[str, int | None] = field(default_factory=dict)
    texts: tuple[str, ...] = ()
    force: bool = False
    """Also run strategy files that have changed since."""

    @property
    def is_changed(self) -> bool:
        """Tell whether anything is other than recorded."""
        return bool(
            self.kernel_config is not None
            or self.venue is not None
            or self.configs
            or self.limits
            or self.force
        )


def what_if(
    run: RecordedRun, loader: Loader, changes: Changes, *, last: int | None = None
) -> WhatIfReport:
    """Run a recorded run again under changes, up to recorded step ``last``, and compare.

    Raises ReplayError for a run that cannot be run again: of another version, of a real venue,
    of prices that are no longer kept.
    """
    return _compared(run, _WhatIf(run, loader, changes), None, last)[0]


def what_if_apart(
    run: RecordedRun, loader: Loader, changes: Changes, *, last: int | None = None
) -> tuple[WhatIfReport, RunOutcome | None]:
    """Do as ``what_if``, with the two causes apart where strategy files have changed too.

    The report then compares with the run made again with the files as they are now, under the
    recorded rules; what was recorded is the second value, None where nothing else has changed.
    """
    changed = _WhatIf(run, loader, changes)
    is_mixed = changes.force and changes.texts and _has_other_files(run, loader, last)
    same_rules = _WhatIf(run, loader, Changes(force=True)) if is_mixed else None
    report, recorded = _compared(run, changed, same_rules, last)
    return report, recorded if is_mixed else None


def _has_other_files(run: RecordedRun, loader: Loader, last: int | None) -> bool:
    """Tell whether a strategy's file is other than the run loaded it."""
    for step in run.acts_backwards():
        event = step.event.payload
        if not isinstance(event, InstanceLoaded) or (last is not None and step.event.seq_id > last):
            continue
        try:
            now = loader.load(event.strategy_type).file_hash
        except LoadError:
            continue  # the run itself says it, with the instance's name
        if event.file_hash and event.file_hash != now:
            return True
    return False


def _compared(
    run: RecordedRun, changed: _WhatIf, same_rules: _WhatIf | None, last: int | None
) -> tuple[WhatIfReport, RunOutcome]:
    """Make a run again under changes, step by step beside what it is compared with: the record, or
    the run made again under the recorded rules. Return the report, and what was recorded.
    """
    made = [one for one in (same_rules, changed) if one is not None]
    if same_rules is not None:
        same_rules.meeting.told = changed.meeting.expect
    for one in made:
        one.begin(last)
    again = run.rerun()
    figures = Figures(again.kernel)
    for step in run.steps(last=last):
        fault = again.apply(step)
        if fault is not None:
            raise ReplayError(
                f"step {fault.seq_id} of the record cannot be made again as it is "
                f"({fault.field or fault.part}: recorded {fault.was}, now {fault.now}): see "
                "`replay --verify`"
            )
        figures.add(step)
        if same_rules is None:
            changed.meeting.expect(step)
        for one in made:
            one.feed(step)
    if last is not None:
        for one in made:
            one.finish(last)
    for one in made:
        one.end()
    recorded = figures.outcome()
    before = recorded if same_rules is None else same_rules.outcome()
    report = WhatIfReport(
        run.header.run_id,
        changed.texts,
        before,
        changed.outcome(),
        changed.meeting.first(),
        changed.notes,
    )
    return report, recorded


class _WhatIf:
    """One what-if under way."""

    def __init__(self, run: RecordedRun, loader: Loader, changes: Changes) -> None:
        run.check_begun(run.last)
        self._run = run
        self._changes = changes
        self._files = StrategyFiles(loader, force=changes.force, config_changes=changes.configs)
        self.meeting = _Meeting()
        self._loop = self._build()
        self.meeting.figures = Figures(self._loop.kernel)
        self._inputs: Inputs | None = None
        self._last: StepRecord | None = None
        """The last recorded step that counts, None if all do."""
        self._final = 0
        """Up to that: the last one that came from outside."""

    @property
    def texts(self) -> tuple[str, ...]:
        """What is changed, to a person."""
        return self._changes.texts

    @property
    def notes(self) -> tuple[str, ...]:
        """What the comparison cannot know."""
        return (*self._files.notes, *(() if self._inputs is None else self._inputs.notes))

    def begin(self, last: int | None) -> None:
        """Get ready for the steps up to ``last``."""
        if last is not None:
            back = self._run.backwards(last, self._run.first)
            self._final = next((step.event.seq_id for step in back if _is_input(step)), last)
            self._last = next(self._run.steps(last, last))
        is_virtual = self._run.header.is_virtual
        self._inputs = Inputs(
            self._loop,
            self._files,
            BarOpens(self._run.steps()) if is_virtual else None,
            limits_of=self._limits_of,
            is_changed=self._changes.is_changed,
        )

    def feed(self, step: StepRecord) -> None:
        """Take what came with a recorded step."""
        assert self._inputs is not None
        if step.event.seq_id == self._final and self._last is not None:
            self.meeting.end_with(self._last)
        try:
            self._inputs.feed(step)
        except EngineError as error:
            raise ReplayError(f"the run under these rules has failed: {error}") from error

    def finish(self, last: int) -> None:
        """Make what time brought up to the recorded step ``last``: timers, and reports on orders
        that an open filled, come with the input behind them.
        """
        for step in self._run.steps(last + 1):
            self.feed(step)
            if _is_input(step):
                break

    def end(self) -> None:
        """Say what could not be made again; raises ReplayError for a change of nothing."""
        assert self._inputs is not None
        self._inputs.end()
        self._files.check_used()

    def outcome(self) -> RunOutcome:
        """Return what the run came to."""
        return self.meeting.outcome()

    def _build(self) -> StepLoop:
        """Return a step loop at the beginning of the run, under the changed rules."""
        run, header = self._run, self._run.header
        config = self._changes.kernel_config or header.kernel_config
        opening = None
        if run.opening.kernel is not None:
            opening = Opening(
                rebased(run.opening.kernel, header.kernel_config, config),
                run.opening.venue or b"",
                run.opening.kept,
                tuple(left_to_say(run)),
                run.opening.memory,
            )
        plan = RunPlan(config, header.run_code, header.seed, self._venue(), opening=opening)
        return build_loop(plan, is_virtual=header.is_virtual, sink=self.meeting)

    def _venue(self) -> VenueConfig:
        """Return how the simulated venue is set."""
        header = self._run.header
        if not header.venue:
            raise ReplayError(
                f"run {header.run_id} does not say how its simulated venue was set: it was written "
                "by an older tradetui, or traded at a real venue"
            )
        if header.run_mode.is_real:
            raise ReplayError(
                f"run {header.run_id} traded at a real venue ({header.run_mode}): what that would "
                "have done otherwise cannot be known"
            )
        return self._changes.venue or read_settings(header.venue)

    def _limits_of(self, strategy_id: StrategyId, limits: InstanceLimits) -> InstanceLimits:
        return msgspec.structs.replace(limits, **self._changes.limits)


class _Meeting:
    """Where recorded steps and the new ones meet, until the first pair that differs."""

    figures: Figures
    told: Callable[[StepRecord], None] | None = None
    """Who is told of every step that is made; then nothing is compared here."""

    def __init__(self) -> None:
        self._recorded: deque[StepRecord] = deque()
        self._made: deque[StepRecord] = deque()
        self._first: Difference | None = None
        self._until: Envelope | None = None
        self._outcome: RunOutcome | None = None

    def end_with(self, last: StepRecord) -> None:
        """Let nothing count that is made behind a recorded step, from now on."""
        self._until = last.event
        self._outcome = self.figures.outcome()

    def outcome(self) -> RunOutcome:
        """Return what the steps that count came to."""
        return self.figures.outcome() if self._outcome is None else self._outcome

    def expect(self, step: StepRecord) -> None:
        """Take the next recorded step."""
        if self._first is None:
            self._recorded.append(step)
            self._match()

    def append(self, record: StepRecord) -> None:
        """Take the next step as it is made now: the sink of the step loop."""
        if self._until is not None and self._is_behind(record.event, self._until):
            return
        self.figures.add(record)
        if self._until is not None:
            self._outcome = self.figures.outcome()
        if self.told is not None:
            self.told(record)
        elif self._first is None:
            self._made.append(record)
            self._match()

    def first(self) -> Difference | None:
        """Return where the two part; a step that only one of them has is such a place."""
        if self._first is None and (self._recorded or self._made):
            is_missing = bool(self._recorded)
            step = self._recorded[0] if is_missing else self._made[0]
            said = f'"{step.event.event_type}"'
            was, now = (said, "") if is_missing else ("", said)
            return Difference(step.event.seq_id, step.event.event_type, "event", "event", was, now)
        return self._first

    def _is_behind(self, made: Envelope, last: Envelope) -> bool:
        """Tell whether a step lies behind the last; numbers count until the two runs part."""
        is_same_so_far = self._first is None and made.seq_id > last.seq_id
        return is_same_so_far or made.event_time > last.event_time

    def _match(self) -> None:
        recorded, made = self._recorded, self._made
        while recorded and made:
            was, now = recorded.popleft(), made.popleft()
            found = first_difference(as_written_now(was, now), now)
            if found is not None and found[0] == "result.opens":
                found = first_difference(_outcome_of(was), _outcome_of(now))
            if found is not None:
                part = found[0].partition(".")[0].partition("[")[0]
                event = was.event
                self._first = Difference(event.seq_id, event.event_type, part, *found)
                recorded.clear()
                made.clear()


def _is_input(step: StepRecord) -> bool:
    """Tell whether a step came from outside and is no bar of a warm-up."""
    event = step.event
    is_warmup = isinstance(event.payload, Bar) and event.payload.warmup_for is not None
    return event.source in (Source.MARKET_DATA, Source.CONTROL) and not is_warmup


def _outcome_of(step: StepRecord) -> StepRecord:
    """Return a step without the count of opens: the last bar of a run may never have closed."""
    return msgspec.structs.replace(step, result=msgspec.structs.replace(step.result, opens=0))


def left_to_say(run: RecordedRun) -> list[Unsequenced]:
    """Return what the simulated venue still had to say when a run went on from another: the reports
    before the run's first input and right behind it, of the time at which the run before ended.

    Those of later times came with time, and come with it again.
    """
    if run.opening.kernel is None:
        return []
    opened = load(run.opening.kernel, run.header.kernel_config).now
    found: list[Unsequenced] = []
    is_begun = False
    for step in run.steps():
        event = step.event
        if event.source is not Source.BROKER_REPORT or isinstance(event.payload, _VERDICTS):
            if is_begun:
                break
            is_begun = True
        elif event.event_time <= opened:
            times = (event.event_time, event.ingest_time, event.source)
            where = (event.venue, event.instrument)
            found.append(Unsequenced(*times, *where, event.payload, event.idempotency_key))
    return found


def rebased(opening: bytes, recorded: KernelConfig, config: KernelConfig) -> bytes:
    """Return a kernel checkpoint of one configuration as one of another."""
    if config == recorded:
        return opening
    try:
        return dump(carry(load(opening, recorded), config).state)
    except CarryError as error:
        raise ReplayError(str(error)) from error
