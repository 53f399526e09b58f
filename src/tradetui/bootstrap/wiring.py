"""What the commands need done, done: implements ``cli.wiring.Wiring``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

from tradetui.bootstrap.process.quick_imports import quick_imports
from tradetui.cli.wiring import BacktestOptions, JournalPart, OtherRules, Place, Row, RunOptions
from tradetui.domain.event_log import EventQuery
from tradetui.domain.explain import Since, Why, WhyNot

T = TypeVar("T")

_THREADS: Final = 2
"""For what people ask for now and then: a strategy's check, an older page. Few, for the C library
keeps, for each thread that ever worked, the most memory that it had.
"""


async def _with_few_threads(work: Coroutine[Any, Any, T]) -> T:
    """Do it in a loop whose threads for others' work are few; ``asyncio.run`` ends them."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_THREADS, "asked"))
    return await work


class Application:
    """The doors that the commands use."""

    def open_console(self, options: RunOptions) -> int:
        """Run the full-screen console and return the exit code."""
        with quick_imports():
            from tradetui.bootstrap.console.opening import open_console

        return asyncio.run(_with_few_threads(open_console(options)))

    def first_run(self, place: Place, ask: Callable[[str], str], say: Callable[[str], None]) -> str:
        """Say and ask what a first start does, if this is one."""
        from tradetui.bootstrap.commands import settings

        return settings.first_run(place, ask, say)

    def open_travel(self, options: RunOptions, part: JournalPart) -> int:
        """Run the console over a recorded run and return the exit code."""
        from tradetui.bootstrap.console.travel import open_travel

        return asyncio.run(_with_few_threads(open_travel(options, part)))

    def run_headless(self, options: RunOptions, say: Callable[[str], None]) -> Row:
        """Run without a screen and return the summary."""
        from tradetui.bootstrap.run.headless import run_headless

        return asyncio.run(_with_few_threads(run_headless(options, say)))

    def backtest(self, options: BacktestOptions, say: Callable[[str], None]) -> Row:
        """Try instances on recorded files."""
        from tradetui.bootstrap.commands.backtest import run_backtest

        return asyncio.run(_with_few_threads(run_backtest(options, say)))

    def known_names(self, place: Place, kind: str) -> tuple[str, ...]:
        """Return names for the shell's Tab key."""
        from tradetui.bootstrap.commands.completing import known_names

        return known_names(place, kind)

    def list_strategies(self, place: Place) -> list[Row]:
        """Return every strategy file that was found."""
        from tradetui.bootstrap.commands import strategies

        return asyncio.run(strategies.list_strategies(place))

    def check_strategies(self, place: Place, names: tuple[str, ...]) -> list[Row]:
        """Check strategies, each in a child process."""
        from tradetui.bootstrap.commands import strategies

        return asyncio.run(strategies.check_all(place, names))

    def list_instances(self, place: Place) -> list[Row]:
        """Return the records."""
        from tradetui.bootstrap.commands import instances

        return asyncio.run(instances.list_instances(place))

    def create_instance(
        self, place: Place, *, name: str, strategy: str, account: str, market: str, config: str
    ) -> Row:
        """Create a record, off."""
        from tradetui.bootstrap.commands import instances

        return asyncio.run(
            instances.create_instance(
                place, name=name, strategy=strategy, account=account, market=market, config=config
            )
        )

    def set_mode(
        self, place: Place, name: str, mode: str, *, confirmed: bool, keep_orders: bool
    ) -> Row:
        """Write the mode of a record."""
        from tradetui.bootstrap.commands import instances

        return asyncio.run(
            instances.set_mode(place, name, mode, confirmed=confirmed, keep_orders=keep_orders)
        )

    def get_config(self, place: Place, name: str) -> Row:
        """Return the config of a record."""
        from tradetui.bootstrap.commands import instances

        return asyncio.run(instances.get_config(place, name))

    def set_config(self, place: Place, name: str, changes: tuple[str, ...]) -> Row:
        """Change keys of a record's config."""
        from tradetui.bootstrap.commands import instances

        return asyncio.run(instances.set_config(place, name, changes))

    def preview_config(self, place: Place, name: str, changes: tuple[str, ...]) -> Row:
        """Return what a change of config would do."""
        from tradetui.bootstrap.commands import previews

        return asyncio.run(previews.preview_config(place, name, changes))

    def preview_reload(self, place: Place, name: str) -> Row:
        """Return what a reload would change."""
        from tradetui.bootstrap.commands import previews

        return previews.preview_reload(place, name)

    def status(self, place: Place) -> Row:
        """Return the engine, the money, the limits and every instance."""
        from tradetui.bootstrap.commands import status

        return status.status(place)

    def positions(self, place: Place) -> list[Row]:
        """Return what is held."""
        from tradetui.bootstrap.commands import reading

        return reading.positions(place)

    def orders(self, place: Place, *, instance: str | None, closed: bool, limit: int) -> list[Row]:
        """Return the open orders, or also the newest closed ones, at most ``limit``."""
        from tradetui.bootstrap.commands import reading

        return reading.orders(place, instance=instance, closed=closed, limit=limit)

    def fills(self, place: Place, *, instance: str | None, limit: int) -> list[Row]:
        """Return the newest fills."""
        from tradetui.bootstrap.commands import reading

        return reading.fills(place, instance=instance, limit=limit)

    def decisions(
        self, place: Place, *, instance: str | None, limit: int, outcome: str | None
    ) -> list[Row]:
        """Return the newest risk decisions."""
        from tradetui.bootstrap.commands import reading

        return reading.decisions(place, instance=instance, limit=limit, outcome=outcome)

    def log(self, place: Place, *, instance: str | None, limit: int) -> list[Row]:
        """Return acts, warnings and errors."""
        from tradetui.bootstrap.commands import reading

        return reading.log(place, instance=instance, limit=limit)

    def delete_instance(self, place: Place, name: str, *, confirmed: bool) -> Row:
        """Delete a record that is off, flat and without orders."""
        from tradetui.bootstrap.commands import instances

        return asyncio.run(instances.delete_instance(place, name, confirmed=confirmed))

    def show_instance(self, place: Place, name: str) -> Row:
        """Return a record with its config and its mode history."""
        from tradetui.bootstrap.commands import instances

        return asyncio.run(instances.show_instance(place, name))

    def duplicate_instance(self, place: Place, name: str, new_name: str) -> Row:
        """Create a record, off, like another one."""
        from tradetui.bootstrap.commands import instances

        return asyncio.run(instances.duplicate_instance(place, name, new_name))

    def restore_instance(self, place: Place, name: str) -> Row:
        """Bring a deleted record back, off."""
        from tradetui.bootstrap.commands import instances

        return asyncio.run(instances.restore_instance(place, name))

    def steer(self, place: Place, verb: str, name: str) -> Row:
        """Ask the running engine for an act on one instance, or on all."""
        from tradetui.bootstrap.commands import operating

        return asyncio.run(operating.steer(place, verb, name))

    def kill(
        self, place: Place, *, scope: str, exit_only: bool, keep_entries: bool, reason: str
    ) -> Row:
        """Engage a kill-switch."""
        from tradetui.bootstrap.commands import operating

        return asyncio.run(
            operating.kill(
                place,
                scope=scope,
                exit_only=exit_only,
                keep_entries=keep_entries,
                reason=reason,
            )
        )

    def release(self, place: Place, *, scope: str, reason: str, confirmed: bool) -> Row:
        """Release a kill-switch."""
        from tradetui.bootstrap.commands import operating

        return asyncio.run(
            operating.release(place, scope=scope, reason=reason, confirmed=confirmed)
        )

    def flatten(self, place: Place, *, name: str, reason: str, confirmed: bool) -> Row:
        """Close positions at market."""
        from tradetui.bootstrap.commands import operating

        return asyncio.run(operating.flatten(place, name=name, reason=reason, confirmed=confirmed))

    def cancel(self, place: Place, *, order: str, confirmed: bool) -> Row:
        """Cancel one order."""
        from tradetui.bootstrap.commands import operating

        return asyncio.run(operating.cancel(place, order=order, confirmed=confirmed))

    def show_strategy(self, place: Place, name: str) -> Row:
        """Return what a strategy is."""
        from tradetui.bootstrap.commands import strategies

        return asyncio.run(strategies.show_strategy(place, name))

    def new_strategy(self, place: Place, name: str, folder: Path | None) -> Row:
        """Write a strategy to begin with."""
        from tradetui.bootstrap.commands import strategies

        return strategies.new_strategy(place, name, folder)

    def config_paths(self, place: Place) -> Row:
        """Return where everything is."""
        from tradetui.bootstrap.commands import settings

        return settings.config_paths(place)

    def show_config(self, place: Place) -> list[Row]:
        """Return every setting and where it comes from."""
        from tradetui.bootstrap.commands import settings

        return settings.show_config(place)

    def validate_config(self, place: Place) -> Row:
        """Check the config."""
        from tradetui.bootstrap.commands import settings

        return settings.validate_config(place)

    def config_schema(self) -> Row:
        """Return the JSON Schema of the config file."""
        from tradetui.bootstrap.commands import settings

        return settings.config_schema()

    def list_themes(self, place: Place) -> list[Row]:
        """Return the themes."""
        from tradetui.bootstrap.commands import settings

        return settings.list_themes(place)

    def list_keys(self, place: Place) -> list[Row]:
        """Return the key bindings."""
        from tradetui.bootstrap.commands import settings

        return settings.list_keys(place)

    def doctor(self, place: Place) -> list[Row]:
        """Check this machine and the state folder."""
        from tradetui.bootstrap.commands import doctor

        return asyncio.run(doctor.doctor(place))

    def replay_summary(self, place: Place, part: JournalPart) -> Row:
        """Return what a recorded run came to."""
        from tradetui.bootstrap.commands import replay

        return replay.summary(place, part)

    def replay_steps(
        self, place: Place, part: JournalPart, *, also_quiet: bool, speed: int | None
    ) -> Iterator[Row]:
        """Yield what happened, line by line."""
        from tradetui.bootstrap.commands import replay

        return replay.steps(place, part, also_quiet=also_quiet, speed=speed)

    def replay_verify(
        self,
        place: Place,
        part: JournalPart,
        *,
        with_strategies: bool,
        as_backtest: bool,
        force: bool,
    ) -> Row:
        """Make every step again and compare."""
        from tradetui.bootstrap.commands import replay

        return replay.verify(
            place, part, with_strategies=with_strategies, as_backtest=as_backtest, force=force
        )

    def replay_what_if(
        self, place: Place, part: JournalPart, rules: OtherRules, *, force: bool
    ) -> Row:
        """Run a recorded run again under other rules."""
        from tradetui.bootstrap.commands import replay

        return replay.what_if(place, part, rules, force=force)

    def why(self, place: Place, part: JournalPart, subject: str) -> Why:
        """Return the chain of an order, a fill or a decision."""
        from tradetui.bootstrap.commands import why

        return why.why(place, part, subject)

    def why_not(self, place: Place, part: JournalPart, instance: str) -> WhyNot:
        """Return what kept an instance from making orders."""
        from tradetui.bootstrap.commands import why

        return why.why_not(place, part, instance)

    def since(self, place: Place, part: JournalPart, moment: str | None) -> Since:
        """Return what happened since a moment."""
        from tradetui.bootstrap.commands import why

        return why.since(place, part, moment)

    def recover(
        self,
        place: Place,
        *,
        checkpoint: Path | None,
        replay: Path | None,
        start_step: int | None,
        strict: bool,
    ) -> Row:
        """Bring the newest run of a journal back and report."""
        from tradetui.bootstrap.commands import recovering

        question = recovering.Question(checkpoint, replay, start_step, strict)
        return recovering.recover(place, question)

    def verify_journal(self, place: Place, file: Path | None) -> Row:
        """Check a journal wholly."""
        from tradetui.bootstrap.commands import journal

        return journal.verify_journal(place, file)

    def archive_journal(self, place: Place) -> Row:
        """Archive old steps and keep the size cap."""
        from tradetui.bootstrap.commands import journal

        return journal.archive_journal(place)

    def put_journal_aside(self, place: Place) -> Row:
        """Rename the journal, so that the next start begins a new one."""
        from tradetui.bootstrap.commands import journal

        return journal.put_journal_aside(place)

    def journal_usage(self, place: Place) -> Row:
        """Return sizes and growth."""
        from tradetui.bootstrap.commands import journal

        return journal.journal_usage(place)

    def list_runs(self, place: Place, file: Path | None) -> list[Row]:
        """Return the runs of a journal."""
        from tradetui.bootstrap.commands import journal

        return journal.list_runs(place, file)

    def runtime_events(self, place: Place, part: JournalPart, query: EventQuery) -> Row:
        """Return a page of the runtime event log."""
        from tradetui.bootstrap.commands import journal

        return journal.runtime_events(place, part, query)

    def export_journal(
        self,
        place: Place,
        file: Path | None,
        *,
        run: str | None,
        first: int | None,
        last: int | None,
        write: Callable[[str], object],
    ) -> int:
        """Write records as JSON lines."""
        from tradetui.bootstrap.commands import journal

        return journal.export_journal(place, file, run=run, first=first, last=last, write=write)

    def backup(self, place: Place, target: Path) -> Row:
        """Back the state folder up into one file."""
        from tradetui.bootstrap.commands import backup

        return backup.backup(place, target)

    def restore(self, place: Place, source: Path, *, force: bool) -> Row:
        """Restore a backup into the state folder."""
        from tradetui.bootstrap.commands import backup

        return backup.restore(place, source, force=force)
