"""What ``tradetui why``, ``why-not`` and ``since`` do."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from tradetui.backtest.errors import PricesGoneError
from tradetui.backtest.recorded import RecordedRun, recorded_run
from tradetui.backtest.since import SinceLog, last_act_of_a_person
from tradetui.backtest.state_at import seen_at
from tradetui.bootstrap.commands.replay import narrator_at
from tradetui.bootstrap.recorded.journal_part import (
    first_at,
    moment_of,
    opened,
    run_at,
    run_of,
    span_of,
)
from tradetui.bootstrap.recorded.newest_run import problems_of, rebuilt, records_of
from tradetui.cli.wiring import JournalPart, Place
from tradetui.data.tables import timeframe_text
from tradetui.domain.control import InstanceLoaded
from tradetui.domain.explain import SeenState, Since, Why, WhyNot
from tradetui.domain.formatting import count, timestamp
from tradetui.domain.ids import StrategyId
from tradetui.domain.naming import no_such
from tradetui.domain.replica import InstanceView
from tradetui.domain.steps import StepRecord
from tradetui.ports.history import RunInfo
from tradetui.ports.journal import JournalSource
from tradetui.services.errors import UserError
from tradetui.services.narrate import Narrator
from tradetui.services.why import explain
from tradetui.services.why_lines import may_enter, state_lines
from tradetui.services.why_not import why_not as count_misses
from tradetui.storage.reader import JournalReader


@dataclass(frozen=True)
class RunReading:
    """One recorded run as explanations read it: implements ``services.why.RunSteps``."""

    run: RecordedRun

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self.run.header.run_id

    @property
    def first(self) -> int:
        """Its first step."""
        return self.run.first

    @property
    def last(self) -> int:
        """Its last durable step."""
        return self.run.last

    def steps(self, first: int, last: int | None = None) -> Iterator[StepRecord]:
        """Yield steps; raises PricesGoneError at one that is no longer kept."""
        try:
            yield from self.run.steps(first, self.run.last if last is None else last)
        except PricesGoneError as error:
            raise PricesGoneError(
                f"step {count(first)} of run {self.run_id} brought market data that nothing came "
                "of, and is no longer kept (journal.max_size)"
            ) from error

    def eventful(self, first: int, last: int | None = None) -> Iterator[StepRecord]:
        """Yield those in which more happened than that a price passed by."""
        return self.run.eventful(first, self.run.last if last is None else last)

    def seen(self, seq_id: int, strategy_id: StrategyId) -> SeenState | str | None:
        """Return what an instance saw, a sentence where that is no longer kept."""
        try:
            return seen_at(self.run, seq_id, strategy_id)
        except PricesGoneError:
            return (
                f"what {strategy_id} saw cannot be shown: market data up to step "
                f"{count(self.run.pruned_to)} is no longer kept (journal.max_size)"
            )

    def narrator(self, seq_id: int) -> Narrator:
        """Return a narrator that knows all up to a step."""
        return narrator_at(self.run, seq_id)


def why(place: Place, part: JournalPart, subject: str) -> Why:
    """Return the chain of an order, a fill or a decision, in the newest run that has it."""
    with opened(place, part.path) as reader:
        if part.run is not None:
            return explain(RunReading(run_of(reader, part)), subject)
        problem: UserError | None = None
        for info in reversed(reader.runs()):
            try:
                return explain(RunReading(recorded_run(reader, info.run_id)), subject)
            except UserError as error:
                problem = problem or error
        raise problem or UserError("the journal holds no run yet")


def why_not(place: Place, part: JournalPart, instance: str) -> WhyNot:
    """Return what an instance may do at the end of a span of a run, and what kept it from making
    orders in it. Raises UserError for one that is not known there.
    """
    with opened(place, part.path) as reader:
        run = run_of(reader, part)
        last = span_of(run, part)[1]
        is_now = (part.path, part.run, part.last) == (None, None, None)
        is_newest = last == recorded_run(reader).last
        try:
            rows = _rows_at(reader, run, last, place if is_now and is_newest else None)
        except PricesGoneError:
            return _without_now(run, span_of(run, part), instance)
        row = next((one for one in rows if one.strategy_id == instance), None)
        if row is None:
            raise UserError(no_such("instance", instance, [one.strategy_id for one in rows]))
    return why_not_of(place, part, row)


def _without_now(run: RecordedRun, span: tuple[int, int], instance: str) -> WhyNot:
    """Return what kept an instance from making orders up to a step whose state cannot be made."""
    report = count_misses(
        run.header.run_id,
        StrategyId(instance),
        run.eventful(*span),
        reporting=run.header.kernel_config.reporting_currency,
        may_enter=False,
    )
    now = f"what it might do at step {count(span[1])} cannot be shown: {run.gone_words}"
    return msgspec.structs.replace(report, now=(now,))


def why_not_of(place: Place, part: JournalPart, row: InstanceView) -> WhyNot:
    """Return what kept an instance from making orders; its row is known."""
    with opened(place, part.path) as reader:
        run = run_of(reader, part)
        first, last = span_of(run, part)
        return count_misses(
            run.header.run_id,
            row.strategy_id,
            run.eventful(first, last),
            reporting=run.header.kernel_config.reporting_currency,
            now=state_lines(row, _timeframes(run, row)),
            may_enter=may_enter(row),
        )


def _rows_at(
    reader: JournalReader, run: RecordedRun, last: int, place: Place | None
) -> tuple[InstanceView, ...]:
    """Return the instances as they were after a step; of a place, as its records have them now."""
    traveller = rebuilt(reader, run, last)
    if place is not None:
        records = asyncio.run(records_of(place))
        traveller.show_records(records, problems_of(reader, records))
    return traveller.snapshot().instances


def _timeframes(run: RecordedRun, row: InstanceView) -> list[tuple[str, str]]:
    """Return the bars that an instance's feeds take, as it was loaded last."""
    for step in run.acts_backwards():
        loaded = step.event.payload
        if isinstance(loaded, InstanceLoaded) and loaded.strategy_id == row.strategy_id:
            return [
                (market.rpartition(".")[0], timeframe_text(length))
                for market, length in loaded.timeframes
            ]
    return []


def since(place: Place, part: JournalPart, moment: str | None) -> Since:
    """Return what happened since a step or a time; None: since a person was last seen.

    Raises UserError while the journal holds no run.
    """
    with opened(place, part.path) as reader:
        runs = reader.runs()
        if not runs:
            raise UserError("the journal holds no run yet")
        place_in_runs, first, text = _begin(reader, runs, part, moment)
        log = SinceLog()
        begun, begin, late = _told_from(reader, runs, place_in_runs, first)
        if late:
            text = f"{text}, counted {late}"
            run = recorded_run(reader, runs[begun].run_id)
            times = (step.event.event_time for step in run.steps(begin, run.last))
            log.begins_late(begin, next(filter(None, times), 0), f"counted {late}")
        for number, info in enumerate(runs[begun:], begun):
            run = recorded_run(reader, info.run_id)
            if number > place_in_runs:
                before = runs[number - 1]
                ended = "was stopped" if before.ended_how == "clean" else "did not end cleanly"
                log.restart(f"{info.run_id} began; the run before it {ended}", info.started_time)
            log.run(run, begin if number == begun else run.first)
        return log.report(text)


def _told_from(
    source: JournalSource, runs: tuple[RunInfo, ...], place: int, first: int
) -> tuple[int, int, str]:
    """Return the run (its place) and the step from which figures can be made, at or after a step of
    a run; and words for it where that is not the step itself.

    Raises PricesGoneError where there is none.
    """
    asked = recorded_run(source, runs[place].run_id)
    first = max(first, asked.first)
    if asked.is_whole_after(first - 1):
        return place, first, ""
    for number in range(place, len(runs)):
        run = recorded_run(source, runs[number].run_id)
        begin = run.whole_from
        if begin is not None and begin <= run.last:
            return number, begin, f"from step {count(begin)} on: {asked.gone_words}"
    raise PricesGoneError(
        f"{asked.gone_words}, and behind it is no step to count from: `tradetui fills`, "
        "`orders --all`, `decisions` and `log` list what happened"
    )


def _begin(
    source: JournalSource, runs: tuple[RunInfo, ...], part: JournalPart, moment: str | None
) -> tuple[int, int, str]:
    """Return where to begin: the run's place, the first step, and words for it."""
    newest = len(runs) - 1 if part.run is None else _place(runs, recorded_run(source, part.run))
    if moment is None:
        return _last_seen(source, runs, newest)
    if moment.isascii() and moment.isdigit():
        run = run_at(source, recorded_run(source, part.run), moment, "since")
        return _place(runs, run), int(moment), f"step {moment}"
    time = moment_of(recorded_run(source, runs[newest].run_id), moment, "since")
    for number in range(newest, -1, -1):
        run = recorded_run(source, runs[number].run_id)
        begins = next(run.kept(run.first, run.last), None)
        if number == 0 or (begins is not None and begins.event.ingest_time <= time):
            return number, first_at(run, time), timestamp(time)
    raise AssertionError(runs)


def _place(runs: tuple[RunInfo, ...], run: RecordedRun) -> int:
    """Return where a run stands among all of the journal."""
    return [info.run_id for info in runs].index(run.header.run_id)


def _last_seen(
    source: JournalSource, runs: tuple[RunInfo, ...], newest: int
) -> tuple[int, int, str]:
    """Return the moment at which a person was last there: their newest act, or their stopping of
    the run before.
    """
    for number in range(newest, -1, -1):
        run = recorded_run(source, runs[number].run_id)
        act = last_act_of_a_person(run.acts_backwards())
        if act is not None:
            event = act.event
            actor = getattr(event.payload, "actor", "a person")
            what = f"the last act of {actor} ({event.event_type}, step {event.seq_id})"
            return number, event.seq_id + 1, f"{timestamp(event.event_time)}: {what}"
        if number and runs[number - 1].ended_how == "clean":
            return number, run.first, f"the stop of run {runs[number - 1].run_id}"
    first = recorded_run(source, runs[0].run_id)
    return 0, first.first, "the beginning of the journal: nobody has done anything since"
