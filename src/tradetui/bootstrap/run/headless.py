"""Runs without a screen: until a signal, or until the data end."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tradetui.bootstrap.process.printed import printed_aside
from tradetui.bootstrap.process.signals import Stop, listening
from tradetui.bootstrap.profile.profile import Profile, profile_for, state_folder
from tradetui.bootstrap.run.engine import Engine, engine, stopped_after
from tradetui.bootstrap.run.records import equity_point
from tradetui.cli.wiring import Row, RunOptions
from tradetui.domain.enums import Severity
from tradetui.domain.formatting import timestamp
from tradetui.domain.steps import StepRecord
from tradetui.ports.journal import Journal
from tradetui.services.summary import RunSummary


class SummedJournal:
    """A journal that also adds every step up for the summary."""

    def __init__(self, journal: Journal, summary: RunSummary) -> None:
        self._journal = journal
        self._summary = summary

    @property
    def watermark(self) -> int:
        """The last durable step."""
        return self._journal.watermark

    @property
    def head(self) -> str:
        """The hash of the last row."""
        return self._journal.head

    def append(self, record: StepRecord) -> bytes:
        """Take one step; return it as it is encoded."""
        body = self._journal.append(record)
        self._summary.add(record)
        return body

    async def commit(self) -> int:
        """Make all appended steps durable."""
        return await self._journal.commit()

    async def close(self) -> None:
        """Close the journal."""
        await self._journal.close()

    async def abandon(self) -> None:
        """Close without a clean stop."""
        await self._journal.abandon()


class Teller:
    """Says every alert of a run without a screen: once when it is raised, once when it is over."""

    def __init__(self, running: Engine, say: Callable[[str], None]) -> None:
        self._running = running
        self._say = say
        alerts = running.driver.publisher.alerts()
        self._told = {alert.alert_id: (alert.time, alert.is_over) for alert in alerts}

    def tell(self) -> None:
        """Say what is new."""
        for alert in self._running.driver.publisher.alerts():
            told = (alert.time, alert.is_over)
            if alert.severity is Severity.ALERT and self._told.get(alert.alert_id) != told:
                self._told[alert.alert_id] = told
                over = "over: " if alert.is_over else ""
                self._say(f"{timestamp(alert.time)}  {over}{alert.text}")


async def run_headless(
    options: RunOptions, talk: Callable[[str], None], *, profile: Profile | None = None
) -> Row:
    """Run and return the summary; a signal ends the run in order, whenever it comes.

    ``profile``: what to run in place of what the options name. ``talk`` says something to the
    person who started it; what strategies print is kept apart.
    """
    with printed_aside() as aside:
        chosen = profile_for(options) if profile is None else profile
        return await _run_apart(chosen, options, lambda text: aside.say(talk, text))


async def _run_apart(profile: Profile, options: RunOptions, say: Callable[[str], None]) -> Row:
    summary = RunSummary()

    async def listened(stop: Stop) -> Row:
        with state_folder(profile, options) as folder:
            opening = _run(profile, options, folder, summary, say, stop)
            row = await stop.unless_stopped(opening)
        if row is None:
            say(f"{stop.name}: stopped before the run had begun")
            row = _row(summary, "") | _broken_off(options, stop.name)
        return row

    return await listening(listened)


async def _run(
    profile: Profile,
    options: RunOptions,
    folder: Path,
    summary: RunSummary,
    say: Callable[[str], None],
    stop: Stop,
) -> Row:
    wrap = lambda journal: SummedJournal(journal, summary)  # noqa: E731
    async with engine(profile, options, folder, wrap=wrap) as running:
        stop.has_begun = True
        for note in running.notes:
            say(note)
        teller = Teller(running, say)
        summary.begin(partial(equity_point, running.driver))
        sampler = asyncio.create_task(_sample(running, summary, teller))
        try:
            async with stopped_after(running):
                signal_name = await _until_end_or_signal(running, options, say, stop)
        finally:
            sampler.cancel()
            await asyncio.gather(sampler, return_exceptions=True)
        teller.tell()
        point = equity_point(running.driver)
        if point is not None:
            summary.add_equity(point)
        running.driver.publisher.publish(force=True)
        end = running.driver.client.snapshot()
        summary.end(end.instances, end.instruments, running.driver.telemetry.edges)
    return _row(summary, running.driver.journal.head) | _broken_off(options, signal_name)


def _row(summary: RunSummary, head: str) -> Row:
    return {**summary.report(), "journal": head, "no_colour": bool(os.environ.get("NO_COLOR"))}


async def _sample(running: Engine, summary: RunSummary, teller: Teller) -> None:
    """Add equity to the summary again and again, the more often the faster the data; tell what
    needs a person.
    """
    every = 0.02 if running.driver.is_virtual else 0.25
    while True:
        await asyncio.sleep(every)
        teller.tell()
        point = equity_point(running.driver)
        if point is not None:
            summary.add_equity(point)


def _broken_off(options: RunOptions, signal_name: str) -> Row:
    """Return the field that says of a run to the end of its files that a signal came before it."""
    return {"broken_off": signal_name} if options.until_end and signal_name else {}


async def _until_end_or_signal(
    running: Engine, options: RunOptions, say: Callable[[str], None], stop: Stop
) -> str:
    """Work until the end of the run or a signal; return the signal's name, empty at the end."""
    task = asyncio.create_task(_work(running, options))
    told = asyncio.create_task(stop.came.wait())
    try:
        await asyncio.wait((task, told), return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            await task
            return ""
        say(f"{stop.name}: stopping")
        await running.driver.stop("the run has ended")
        return stop.name
    finally:
        told.cancel()
        task.cancel()
        await asyncio.gather(task, told, return_exceptions=True)


async def _work(running: Engine, options: RunOptions) -> None:
    await running.driver.start()
    if options.until_end:
        await running.driver.run_until_end()
    else:
        await running.driver.run_forever()
