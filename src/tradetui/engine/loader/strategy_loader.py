"""Finds, checks and loads strategies: the only way that a strategy file gets into the engine."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from tradetui.domain.text import printable
from tradetui.engine.errors import LoadError
from tradetui.engine.loader.check import CheckLimits, CheckReport, CheckSubject, run_check
from tradetui.engine.loader.find import (
    SourceError,
    StrategyFile,
    find_strategies,
    locate,
    parse,
    read_source,
    source_hash,
    strategy_class_of,
)
from tradetui.engine.loader.module import class_of, import_source
from tradetui.engine.runner import describe, traceback_of
from tradetui.strategy import Strategy

SURE_AFTER: Final = 4
"""Readings of a file that found it the same before what the disk says of it is believed: it is
asked for every second, and two changes within the grain of a disk's clock look like one.
"""

MAX_CHANGES: Final = 40
"""So many lines of a changed file are told."""


class LoadedStrategy(msgspec.Struct, frozen=True):
    """A strategy class that has passed the check, with the hash of the file it came from."""

    name: str
    label: str
    path: str
    file_hash: str
    strategy_class: type[Strategy]
    tick_steps: int


class StrategyLoader:
    """Knows the strategy folders; remembers what each content of a file was found to be.

    ``find`` runs nothing. ``check`` runs the file in a child process with limits and blocks until
    that is over (seconds at worst: call it in a thread). ``load`` checks first, then runs the file
    in this process.
    """

    def __init__(self, folders: Sequence[Path], limits: CheckLimits | None = None) -> None:
        self._folders = tuple(folders)
        self._limits = limits or CheckLimits()
        self._reports: dict[tuple[str, str], CheckReport] = {}
        self._loaded: dict[tuple[str, str], LoadedStrategy] = {}
        self._sources: dict[str, bytes] = {}
        self._hashes: dict[str, tuple[tuple[object, ...], str, int]] = {}
        """By name, how a file's places looked on disk, the hash that it had, and how often it was
        found so.
        """
        self._is_interrupted = False

    @property
    def is_interrupted(self) -> bool:
        """``interrupt`` was called: what a check reports since says nothing of the file."""
        return self._is_interrupted

    def interrupt(self) -> None:
        """End the checks under way, in whatever threads; for a program that ends."""
        self._is_interrupted = True

    def find(self) -> tuple[StrategyFile, ...]:
        """List the strategies of all folders, also those with a problem, by name."""
        return find_strategies(self._folders)

    def file_hash(self, name: str) -> str:
        """Return the SHA-256 of a strategy's file as it is on disk now; raises LoadError.

        It is asked for every second: a file of which the disk says that nothing has touched it is
        not read again.
        """
        places = self._places(name)
        known, found, times = self._hashes.get(name, ((), "", 0))
        if known == places and times >= SURE_AFTER:
            return found
        try:
            now = source_hash(read_source(locate(self._folders, name)))
        except SourceError as problem:
            raise LoadError(str(problem)) from None
        is_same = known == places == self._places(name) and now == found
        self._hashes[name] = places, now, times + 1 if is_same else 1
        return now

    def _places(self, name: str) -> tuple[object, ...]:
        """Return what the disk says of each place where a strategy's file may be."""
        return tuple([_looks_of(folder.joinpath(f"{name}.py")) for folder in self._folders])

    def check(self, name: str) -> CheckReport:
        """Try a strategy out, unless this very content was tried before."""
        try:
            path = locate(self._folders, name)
            source = read_source(path)
            return self._check(name, path, source)[0]
        except SourceError as problem:
            return CheckReport(str(problem))

    def load(self, name: str) -> LoadedStrategy:
        """Check a strategy and load its class; raises LoadError with one sentence.

        The same content gives the same class; a changed file gives a new one, and instances of the
        old one go on as they are.
        """
        try:
            path = locate(self._folders, name)
            source = read_source(path)
            report, class_name, label = self._check(name, path, source)
        except SourceError as problem:
            raise LoadError(str(problem)) from None
        if report.problem:
            raise LoadError(f"strategy {name}: {report.problem}")
        key = (str(path), source_hash(source))
        loaded = self._loaded.get(key)
        if loaded is None:
            kind = self._import(name, path, source, class_name)
            loaded = LoadedStrategy(name, label or name, str(path), key[1], kind, report.tick_steps)
            self._loaded[key] = loaded
            self._sources[key[1]] = source
        return loaded

    def try_config(self, name: str, config: dict[str, Any]) -> None:
        """Make an instance with this config in a child process; raises LoadError if that fails.

        Blocks as ``check`` does; an interrupted trial says nothing, and raises nothing.
        """
        try:
            path = locate(self._folders, name)
            source = read_source(path)
            class_name, _ = strategy_class_of(parse(source, path.name), path.name)
        except SourceError as problem:
            raise LoadError(str(problem)) from None
        subject = CheckSubject(source, path, name, class_name, config)
        report = run_check(subject, self._limits, lambda: self._is_interrupted)
        if report.problem and not self._is_interrupted:
            raise LoadError(f"strategy {name}: {report.problem}")

    def changes(self, name: str, file_hash: str) -> tuple[str, ...]:
        """Return how a strategy's file differs from the content that was loaded with this hash.

        Lines of a unified diff, printable and at most MAX_CHANGES; a line that says so when that
        content is no longer known. Raises LoadError when the file cannot be read.
        """
        try:
            now = read_source(locate(self._folders, name))
        except SourceError as problem:
            raise LoadError(str(problem)) from None
        if source_hash(now) == file_hash:
            return ()
        before = self._sources.get(file_hash)
        if before is None:
            return ("it is another file than the one loaded, which is no longer known",)
        lines = difflib.unified_diff(
            before.decode("utf-8", "replace").splitlines(),
            now.decode("utf-8", "replace").splitlines(),
            "as loaded",
            "on disk",
            lineterm="",
            n=1,
        )
        shown = tuple(printable(line, 120) for line in lines)[2:]
        if len(shown) > MAX_CHANGES:
            return (*shown[:MAX_CHANGES], f"... and {len(shown) - MAX_CHANGES} more lines")
        return shown

    def _check(self, name: str, path: Path, source: bytes) -> tuple[CheckReport, str, str]:
        """Return (report, class name, label)."""
        class_name, label = strategy_class_of(parse(source, path.name), path.name)
        key = (str(path), source_hash(source))
        report = self._reports.get(key)
        if report is None:
            subject = CheckSubject(source, path, name, class_name)
            report = run_check(subject, self._limits, lambda: self._is_interrupted)
            if not (self.is_interrupted or report.is_untold):
                self._reports[key] = report
        return report, class_name, label

    def _import(self, name: str, path: Path, source: bytes, class_name: str) -> type[Strategy]:
        try:
            return class_of(import_source(source, str(path), name), class_name)
        except SourceError as problem:
            raise LoadError(f"strategy {name}: {problem}") from None
        except (Exception, SystemExit) as error:  # noqa: BLE001 - isolation edge
            sentence = describe("importing the file", error, str(path))
            raise LoadError(f"strategy {name}: {sentence}", traceback_of(error)) from None


class _Looks(NamedTuple):
    """Which file it is, and when it was changed last, by which size (times in ns UTC)."""

    device: int
    number: int
    size: int
    written_time: int
    changed_time: int


def _looks_of(path: Path) -> _Looks | None:
    """Return what the disk says of a file; None if there is none that can be seen."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return _Looks(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
