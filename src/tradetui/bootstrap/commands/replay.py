"""What ``tradetui replay`` does: tells, checks and tries out recorded runs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

from tradetui.backtest.errors import PricesGoneError
from tradetui.backtest.figures import Figures
from tradetui.backtest.recorded import RecordedRun
from tradetui.backtest.state_at import nearest, state_at
from tradetui.backtest.strategy_files import StrategyFiles
from tradetui.backtest.strategy_rerun import rerun_strategies
from tradetui.backtest.verifying import verify_as_backtest, verify_steps
from tradetui.backtest.what_if import what_if_apart
from tradetui.bootstrap.commands.other_rules import changes_of
from tradetui.bootstrap.commands.replay_rows import divergence_row, outcome_row, what_if_row
from tradetui.bootstrap.process.printed import printed_aside
from tradetui.bootstrap.profile.profile import profile_at
from tradetui.bootstrap.recorded.journal_part import opened, run_of, span_of
from tradetui.cli.wiring import JournalPart, OtherRules, Place, Row
from tradetui.domain.difference import Difference
from tradetui.domain.enums import RunMode
from tradetui.domain.formatting import count, timestamp
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import InstrumentUpdated
from tradetui.engine.loader.strategy_loader import StrategyLoader
from tradetui.services.narrate import Narrator
from tradetui.storage.verify import verify as verify_file


def summary(place: Place, part: JournalPart) -> Row:
    """Return what a run came to, and the other runs of its journal."""
    with opened(place, part.path) as reader:
        run = run_of(reader, part)
        first, last = span_of(run, part)
        rerun = state_at(run, first - 1)
        figures = Figures(rerun.kernel)
        times = [0, 0]
        for step in run.steps(first, last):
            times = [times[0] or step.event.event_time, step.event.event_time]
            rerun.apply(step)
            figures.add(step)
        runs = [
            {
                "run": info.run_id,
                "started": timestamp(info.started_time),
                "ended": info.ended_how,
                "last_step": info.steps,
            }
            for info in reader.runs()
        ]
        head = {
            "journal": str(reader.path),
            "run": run.header.run_id,
            "first_step": first,
            "last_step": last,
            "from": timestamp(times[0]),
            "to": timestamp(times[1]),
        }
        return head | outcome_row(figures.outcome()) | {"runs": runs}


def steps(place: Place, part: JournalPart, *, also_quiet: bool, speed: int | None) -> Iterator[Row]:
    """Yield what happened, line by line; where market data is gone, a line says so: once, and
    ``also_quiet`` in each place.
    """
    with opened(place, part.path) as reader:
        run = run_of(reader, part)
        first, last = span_of(run, part)
        narrator = narrator_at(run, first - 1)
        before, expected, is_told = None, first, False
        for step in run.kept(first, last):
            if step.event.seq_id > expected and (also_quiet or not is_told):
                is_told = True
                yield _gone_row(run, expected, step.event.seq_id - 1, is_each=also_quiet)
            expected = step.event.seq_id + 1
            lines = narrator.lines(step, also_quiet=also_quiet)
            if speed is not None:
                before = _wait(before, step.event.ingest_time, speed)
            for line in lines:
                yield {
                    "step": line.seq_id,
                    "time": timestamp(line.time),
                    "what": line.what,
                    "instance": line.strategy_id or "",
                    "text": line.text,
                }
        if expected <= last and (also_quiet or not is_told):
            yield _gone_row(run, expected, last, is_each=also_quiet)


def _gone_row(run: RecordedRun, first: int, last: int, *, is_each: bool) -> Row:
    """Return the line that stands for market data that is gone: of these steps, or of the run."""
    text = f"up to step {count(last)} only market data, which is no longer kept (journal.max_size)"
    if not is_each:
        text = f"{run.gone_words}: what happened is told, prices that led to nothing are not"
    return {"step": first, "time": "", "what": "(gone)", "instance": "", "text": text}


def verify(
    place: Place, part: JournalPart, *, with_strategies: bool, as_backtest: bool, force: bool
) -> Row:
    """Check the chain and make every step again."""
    with opened(place, part.path) as reader:
        run = run_of(reader, part)
        span = span_of(run, part)
        first = span[0] if part.first is not None else None
        last = span[1] if part.last is not None else None
        started = time.perf_counter()
        if with_strategies:
            files = StrategyFiles(loader_of(place), force=force)
            with printed_aside():
                report = rerun_strategies(run, files, last=last)
        elif as_backtest:
            report = verify_as_backtest(run, first=first, last=last)
        else:
            report = verify_steps(run, first=first, last=last)
        seconds = time.perf_counter() - started
        checked = asyncio.run(verify_file(Path(reader.path)))
        row = divergence_row(report, market_of(run, report.first))
        rate = round(report.steps / seconds) if seconds else 0
        chain = "sound" if checked.is_sound else checked.fault
        return {
            "equal": report.is_equal and checked.is_sound,
            "chain": chain,
            "compared": "steps and intents" if with_strategies else "steps",
            "run_mode": RunMode.BACKTEST if as_backtest else run.header.run_mode,
            **row,
            "steps_per_second": rate,
        }


def what_if(place: Place, part: JournalPart, rules: OtherRules, *, force: bool) -> Row:
    """Run a recorded run again under other rules, and compare."""
    with opened(place, part.path) as reader:
        run = run_of(reader, part)
        end = span_of(run, part)[1]
        last = end if part.last is not None else None
        changes = changes_of(run, rules, lambda: profile_at(place).config, force=force)
        with printed_aside():
            answer, recorded = what_if_apart(run, loader_of(place), changes, last=last)
        return what_if_row(answer, market_of(run, answer.first), recorded)


def market_of(run: RecordedRun, difference: Difference | None) -> Instrument | None:
    """Return the market of the step that differs, as the run registered it; None if it has none."""
    if difference is None:
        return None
    step = next(run.steps(difference.seq_id, difference.seq_id), None)
    if step is None or not step.event.instrument:
        return None
    for one in run.eventful(run.first, difference.seq_id):
        payload = one.event.payload
        is_same = one.event.instrument == step.event.instrument
        if is_same and isinstance(payload, InstrumentUpdated):
            return payload.instrument
    return None


def loader_of(place: Place) -> StrategyLoader:
    """Return the loader of the profile's strategies."""
    return StrategyLoader(profile_at(place).strategy_folders)


def narrator_at(run: RecordedRun, seq_id: int) -> Narrator:
    """Return a narrator that knows the markets and orders of a run up to a step: where its state
    cannot be made, from what happened since the checkpoint before.
    """
    try:
        rerun = state_at(run, seq_id)
    except PricesGoneError:
        rerun = nearest(run, seq_id)
    state = rerun.kernel.state
    reporting = state.config.reporting_currency
    orders = ((key, order.terms.instrument_id) for key, order in state.orders.items())
    narrator = Narrator(state.instruments.values(), orders, reporting=reporting)
    if rerun.seq_id < seq_id:
        for step in run.eventful(rerun.seq_id + 1, seq_id):
            narrator.learn(step)
    return narrator


def _wait(before: int | None, now: int, speed: int) -> int:
    """Wait as long as the run's own time took, divided by ``speed``."""
    if before is not None and now > before:
        time.sleep((now - before) / 1_000_000_000 / speed)
    return max(before or 0, now)
