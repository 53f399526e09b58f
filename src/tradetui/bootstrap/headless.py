"""Runs without a screen: until a signal, or until the data end."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

from tradetui.bootstrap.engine import Engine, engine
from tradetui.bootstrap.profile import Profile, profile_for, state_folder
from tradetui.bootstrap.records import equity_point
from tradetui.cli.wiring import Row, RunOptions
from tradetui.domain.enums import Severity
from tradetui.domain.formatting import timestamp
from tradetui.domain.steps import StepRecord
from tradetui.ports.journal import Journal
from tradetui.services.summary import RunSummary

SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


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

    def append(self, record: StepRecord) -> None:
        """Take one step."""
        self._journal.append(record)
        self._summary.add(record)

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
    """Says every alert of a run without a screen, once, when it is raised."""

    def __init__(self, running: Engine, say: Callable[[str], None]) -> None:
        self._running = running
        self._say = say
        self._told = {alert.alert_id: alert.time for alert in running.driver.publisher.alerts()}

    def tell(self) -> None:
        """Say what is new."""
        for alert in self._running.driver.publisher.alerts():
            if alert.severity is Severity.ALERT and self._told.get(alert.alert_id) != alert.time:
                self._told[alert.alert_id] = alert.time
                self._say(f"{timestamp(alert.time)}  {alert.text}")


async def run_headless(options: RunOptions, say: Callable[[str], None]) -> Row:
    """Run and return the summary."""
    profile = profile_for(options)
    with state_folder(profile, options) as folder:
        return await _run(profile, options, folder, say)


async def _run(
    profile: Profile, options: RunOptions, folder: Path, say: Callable[[str], None]
) -> Row:
    summary = RunSummary()
    wrap = lambda journal: SummedJournal(journal, summary)  # noqa: E731
    async with engine(profile, options, folder, wrap=wrap) as running:
        for note in running.notes:
            say(note)
        teller = Teller(running, say)
        sampler = asyncio.create_task(_sample(running, summary, teller))
        try:
            await _until_end_or_signal(running, options, say)
        finally:
            sampler.cancel()
            await asyncio.gather(sampler, return_exceptions=True)
            await running.driver.stop("the run has ended")
        teller.tell()
        point = equity_point(running.driver)
        if point is not None:
            summary.add_equity(point)
        report = summary.report()
    head = running.driver.journal.head
    return {**report, "journal": head, "no_colour": bool(os.environ.get("NO_COLOR"))}


async def _sample(running: Engine, summary: RunSummary, teller: Teller) -> None:
    """Add equity to the summary a few times a second, whatever the speed of the data; tell what
    needs a person.
    """
    while True:
        await asyncio.sleep(0.02)
        teller.tell()
        point = equity_point(running.driver)
        if point is not None:
            summary.add_equity(point)


async def _until_end_or_signal(
    running: Engine, options: RunOptions, say: Callable[[str], None]
) -> None:
    loop = asyncio.get_running_loop()
    stopped: asyncio.Future[str] = loop.create_future()

    def on_signal(number: signal.Signals) -> None:
        if not stopped.done():
            stopped.set_result(number.name)

    for number in SIGNALS:
        loop.add_signal_handler(number, on_signal, number)
    task = asyncio.create_task(_work(running, options))
    try:
        await asyncio.wait((task, stopped), return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            await task
        else:
            say(f"{stopped.result()}: stopping")
            await running.driver.stop("the run has ended")
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _work(running: Engine, options: RunOptions) -> None:
    await running.driver.start()
    if options.until_end:
        await running.driver.run_until_end()
    else:
        await running.driver.run_forever()
