"""What the commands need done; ``bootstrap`` does it. Results are plain data to print."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from tradetui.domain.event_log import EventQuery
    from tradetui.domain.explain import Since, Why, WhyNot

Row = dict[str, Any]
"""One printable row: column name to str, int, float, bool, None, or a list of those."""


@dataclass(frozen=True, slots=True)
class Place:
    """Which config file and state folder a command works on; None = found as documented."""

    config: Path | None = None
    state: Path | None = None


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What to run and how to show it. ``speed`` is the replay factor."""

    place: Place = Place()
    demo: bool = False
    replay: tuple[Path, ...] = ()
    instrument: str | None = None
    speed: int | None = None
    until_end: bool = False
    seed: int | None = None
    ascii_only: bool = False
    frames_per_second: int | None = None
    theme: str | None = None
    read_only: bool = False
    slow_link: bool = False
    mouse: bool = False
    is_throwaway: bool = False
    """Keep nothing: the state folder goes with the run, which begins when its data do."""


@dataclass(frozen=True, slots=True)
class BacktestOptions:
    """What to try the instances of a place on.

    ``files``: empty = those of the config. ``instances``: empty = all that are not off. ``keep`` is
    a new folder for the run's journal, None: it is not kept.
    """

    place: Place = Place()
    files: tuple[Path, ...] = ()
    instrument: str | None = None
    instances: tuple[str, ...] = ()
    keep: Path | None = None
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class JournalPart:
    """Which part of which journal a command reads.

    ``path`` is a journal's file or a state folder, None: that of the place. ``run`` is a run's id,
    None: the newest. ``first`` and ``last`` are a step's number or a time (UTC), as written.
    """

    path: Path | None = None
    run: str | None = None
    first: str | None = None
    last: str | None = None


@dataclass(frozen=True, slots=True)
class OtherRules:
    """The rules that a what-if run has instead of the recorded ones, each as written."""

    profiles: tuple[str, ...] = ()
    configs: tuple[str, ...] = ()
    fees: str | None = None
    slippage: str | None = None


class Wiring(Protocol):
    """The doors that the commands use. All may raise the errors of ``services.errors``."""

    def open_console(self, options: RunOptions) -> int:
        """Run the full-screen console and return the exit code."""
        ...

    def first_run(self, place: Place, ask: Callable[[str], str], say: Callable[[str], None]) -> str:
        """Say and ask what a first start does, if this is one; return what was written, empty for
        nothing.

        Only without a config of one's own, and when none is named.
        """
        ...

    def open_travel(self, options: RunOptions, part: JournalPart) -> int:
        """Run the console over a recorded run and return the exit code."""
        ...

    def run_headless(self, options: RunOptions, say: Callable[[str], None]) -> Row:
        """Run without a screen until a signal or the end, and return the summary."""
        ...

    def backtest(self, options: BacktestOptions, say: Callable[[str], None]) -> Row:
        """Try the instances of a place on recorded files to their end; return the summary."""
        ...

    def list_strategies(self, place: Place) -> list[Row]:
        """Return every strategy file that was found, without executing any."""
        ...

    def check_strategies(self, place: Place, names: tuple[str, ...]) -> list[Row]:
        """Check the named strategies (all if none), each first in a child process with limits."""
        ...

    def list_instances(self, place: Place) -> list[Row]:
        """Return the records."""
        ...

    def create_instance(
        self, place: Place, *, name: str, strategy: str, account: str, market: str, config: str
    ) -> Row:
        """Create a record, in mode off; ``config`` is a JSON object."""
        ...

    def set_mode(
        self, place: Place, name: str, mode: str, *, confirmed: bool, keep_orders: bool
    ) -> Row:
        """Write the mode of a record; leaving active cancels its entry orders unless kept."""
        ...

    def get_config(self, place: Place, name: str) -> Row:
        """Return the config of a record with its schema's help."""
        ...

    def set_config(self, place: Place, name: str, changes: tuple[str, ...]) -> Row:
        """Change ``key=value`` pairs of a record's config and return the differences."""
        ...

    def preview_config(self, place: Place, name: str, changes: tuple[str, ...]) -> Row:
        """Return what ``set_config`` would do: ``changes``, ``worst_case``, and ``check``, which is
        ``ok`` or why the strategy does not load with it.
        """
        ...

    def preview_reload(self, place: Place, name: str) -> Row:
        """Return what loading an instance anew would change, in the same words."""
        ...

    def status(self, place: Place) -> Row:
        """Return the engine, the money, the limits and every instance."""
        ...

    def positions(self, place: Place) -> list[Row]:
        """Return what is held."""
        ...

    def orders(self, place: Place, *, instance: str | None, closed: bool, limit: int) -> list[Row]:
        """Return the open orders, or also the newest closed ones, at most ``limit``."""
        ...

    def fills(self, place: Place, *, instance: str | None, limit: int) -> list[Row]:
        """Return the newest fills, oldest first."""
        ...

    def decisions(
        self, place: Place, *, instance: str | None, limit: int, outcome: str | None
    ) -> list[Row]:
        """Return the newest risk decisions, oldest first."""
        ...

    def log(self, place: Place, *, instance: str | None, limit: int) -> list[Row]:
        """Return acts, warnings and errors, oldest first."""
        ...

    def delete_instance(self, place: Place, name: str, *, confirmed: bool) -> Row:
        """Delete a record that is off, flat and without orders."""
        ...

    def show_instance(self, place: Place, name: str) -> Row:
        """Return a record with its config and its mode history."""
        ...

    def duplicate_instance(self, place: Place, name: str, new_name: str) -> Row:
        """Create a record, in mode off, like another one."""
        ...

    def restore_instance(self, place: Place, name: str) -> Row:
        """Bring a deleted record back."""
        ...

    def steer(self, place: Place, verb: str, name: str) -> Row:
        """Ask the running engine to ``pause``, ``resume``, ``exit-only`` or ``reload`` an instance
        (``all`` for every one); return ``{done, text}``.
        """
        ...

    def kill(
        self, place: Place, *, scope: str, exit_only: bool, keep_entries: bool, reason: str
    ) -> Row:
        """Engage a kill-switch; return ``{done, text}``."""
        ...

    def release(self, place: Place, *, scope: str, reason: str, confirmed: bool) -> Row:
        """Release a kill-switch; return ``{done, text}``."""
        ...

    def flatten(self, place: Place, *, name: str, reason: str, confirmed: bool) -> Row:
        """Close positions at market; return ``{done, text}``."""
        ...

    def cancel(self, place: Place, *, order: str, confirmed: bool) -> Row:
        """Cancel one order; return ``{done, text}``."""
        ...

    def show_strategy(self, place: Place, name: str) -> Row:
        """Return what a strategy is: file, hash, feeds, cadence, settings."""
        ...

    def new_strategy(self, place: Place, name: str, folder: Path | None) -> Row:
        """Write a strategy to begin with, and say where."""
        ...

    def config_paths(self, place: Place) -> Row:
        """Return where everything is, and which config file won and why."""
        ...

    def show_config(self, place: Place) -> list[Row]:
        """Return every setting with its value and where that comes from."""
        ...

    def validate_config(self, place: Place) -> Row:
        """Return that the config is right, with what is odd in it; raises UserError if it is
        wrong.
        """
        ...

    def config_schema(self) -> Row:
        """Return the JSON Schema of the config file."""
        ...

    def list_themes(self, place: Place) -> list[Row]:
        """Return the themes."""
        ...

    def list_keys(self, place: Place) -> list[Row]:
        """Return the key bindings."""
        ...

    def doctor(self, place: Place) -> list[Row]:
        """Check this machine and the state folder: rows of check, result (ok warn FAIL), text."""
        ...

    def replay_summary(self, place: Place, part: JournalPart) -> Row:
        """Return what a recorded run came to."""
        ...

    def replay_steps(
        self, place: Place, part: JournalPart, *, also_quiet: bool, speed: int | None
    ) -> Iterator[Row]:
        """Yield what happened, line by line; ``speed`` paces it by the run's own time."""
        ...

    def replay_verify(
        self,
        place: Place,
        part: JournalPart,
        *,
        with_strategies: bool,
        as_backtest: bool,
        force: bool,
    ) -> Row:
        """Check the chain and make every step again; ``equal`` tells whether all is the same."""
        ...

    def replay_what_if(
        self, place: Place, part: JournalPart, rules: OtherRules, *, force: bool
    ) -> Row:
        """Run a recorded run again under other rules, and compare."""
        ...

    def why(self, place: Place, part: JournalPart, subject: str) -> Why:
        """Return the chain of an order, a fill or a decision."""
        ...

    def why_not(self, place: Place, part: JournalPart, instance: str) -> WhyNot:
        """Return what kept an instance from making orders."""
        ...

    def since(self, place: Place, part: JournalPart, moment: str | None) -> Since:
        """Return what happened since a moment."""
        ...

    def recover(
        self,
        place: Place,
        *,
        checkpoint: Path | None,
        replay: Path | None,
        start_step: int | None,
        strict: bool,
    ) -> Row:
        """Bring the newest run of a journal back and report, without starting anything."""
        ...

    def verify_journal(self, place: Place, file: Path | None) -> Row:
        """Check a journal wholly; ``sound`` and ``faults`` say what was found."""
        ...

    def archive_journal(self, place: Place) -> Row:
        """Archive old steps and keep the size cap."""
        ...

    def put_journal_aside(self, place: Place) -> Row:
        """Rename the journal with all beside it; the next start begins a new one."""
        ...

    def journal_usage(self, place: Place) -> Row:
        """Return sizes, growth, and the days until the cap and until the disk is full."""
        ...

    def list_runs(self, place: Place, file: Path | None) -> list[Row]:
        """Return the runs of a journal."""
        ...

    def runtime_events(self, place: Place, part: JournalPart, query: EventQuery) -> Row:
        """Return a page of the runtime event log."""
        ...

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
        """Write records as JSON lines; return how many."""
        ...

    def known_names(self, place: Place, kind: str) -> tuple[str, ...]:
        """Return names of a kind (``cli.completing``) at once; any error may be raised."""
        ...

    def backup(self, place: Place, target: Path) -> Row:
        """Back the state folder up into one file."""
        ...

    def restore(self, place: Place, source: Path, *, force: bool) -> Row:
        """Restore a backup into the state folder."""
        ...
