"""Checks of this machine, the config and the state folder; nothing is changed."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from tradetui.config.errors import ConfigError
from tradetui.config.loading import LoadedConfig
from tradetui.domain.formatting import timestamp
from tradetui.domain.text import printable
from tradetui.domain.units import NANOS_PER_DAY
from tradetui.services.errors import UserError
from tradetui.services.strategies import StrategyCatalogue

OK: Final = "ok"
WARN: Final = "warn"
FAIL: Final = "FAIL"

OLDEST_PYTHON: Final = (3, 11)
SOME_TIME_AGO: Final = 20_000 * NANOS_PER_DAY
"""2024-10-04: a clock before that is wrong."""

_TMUX_TIMEOUT: Final = 2.0


@dataclass(frozen=True)
class Check:
    """One line of the doctor's report; ``result`` is ok, warn or FAIL."""

    check: str
    result: str
    text: str


class StorageProbe(Protocol):
    """The storage's own checks: each returns a sentence, or raises an exception with one."""

    async def check_folder(self, folder: Path) -> str:
        """Check the state folder's rights and who holds its lock."""
        ...

    async def check_state(self, folder: Path) -> str:
        """Check ``state.db``."""
        ...

    async def check_journal(self, folder: Path) -> str:
        """Verify ``journal.db``: every row of it."""
        ...

    async def last_time(self, folder: Path) -> int:
        """Return the time of the newest act on record (ns UTC), 0 if there is none."""
        ...


@dataclass(frozen=True)
class Patient:
    """What is examined."""

    folder: Path
    config: Callable[[], LoadedConfig]
    catalogue: StrategyCatalogue
    storage: StorageProbe
    environment: Mapping[str, str]
    now: int
    is_terminal: bool


async def examine(patient: Patient) -> tuple[Check, ...]:
    """Run every check; one that fails harms no other."""
    checks = [
        check_python(sys.version_info[:3]),
        check_terminal(patient.environment, is_terminal=patient.is_terminal),
        await check_tmux(patient.environment),
        check_config(patient.config),
        check_strategies(patient.catalogue),
    ]
    for name, probe in (
        ("state folder", patient.storage.check_folder),
        ("state.db", patient.storage.check_state),
        ("journal.db", patient.storage.check_journal),
    ):
        checks.append(await _probe(name, probe(patient.folder)))
    checks.append(await _check_clock(patient))
    return tuple(checks)


def check_python(version: Sequence[int]) -> Check:
    """Check the interpreter's version."""
    text = ".".join(str(part) for part in version)
    if tuple(version) < OLDEST_PYTHON:
        return Check("python", FAIL, f"{text}; tradetui needs 3.11 or newer")
    return Check("python", OK, text)


def check_terminal(environment: Mapping[str, str], *, is_terminal: bool) -> Check:
    """Check that there is a terminal, what it says it is, and that it takes UTF-8."""
    kind = printable(environment.get("TERM", ""), 40)
    if not is_terminal:
        return Check("terminal", WARN, "output is not a terminal; only --headless works here")
    if kind in ("", "dumb"):
        return Check(
            "terminal", FAIL, f"TERM is {kind or 'not set'}; a full screen cannot be drawn"
        )
    names = ("LC_ALL", "LC_CTYPE", "LANG")
    locale = next((environment[name] for name in names if environment.get(name)), "")
    if "utf-8" not in locale.lower() and "utf8" not in locale.lower():
        shown = printable(locale, 40) or "not set"
        return Check("terminal", WARN, f"{kind}, locale {shown} is not UTF-8: use --ascii")
    return Check("terminal", OK, f"{kind}, UTF-8")


async def check_tmux(environment: Mapping[str, str]) -> Check:
    """Inside tmux, ask whether the client draws UTF-8; it prints ``_`` for braille if not. Over ssh
    without it, warn: the engine lives as long as its terminal.
    """
    if not environment.get("TMUX"):
        return _without_tmux(environment)
    try:
        answer = await _ask_tmux(environment)
    except (OSError, TimeoutError) as error:
        return Check("tmux", WARN, f"tmux did not answer ({printable(str(error) or 'timeout')})")
    if answer == "1":
        return Check("tmux", OK, "its client draws UTF-8")
    return Check("tmux", WARN, "its client does not draw UTF-8: use --ascii, or start tmux -u")


def _without_tmux(environment: Mapping[str, str]) -> Check:
    if environment.get("STY"):
        return Check("tmux", OK, "inside screen")
    if not any(environment.get(name) for name in ("SSH_TTY", "SSH_CONNECTION")):
        return Check("tmux", OK, "not inside tmux")
    text = (
        "over ssh, but not inside tmux: a line that breaks stops the console and its engine, "
        "positions and resting orders stay as they are; start it inside tmux, or run --headless"
    )
    return Check("tmux", WARN, text)


def check_config(load: Callable[[], LoadedConfig]) -> Check:
    """Check the config that would be used; ``load`` raises what a start on it would raise."""
    try:
        loaded = load()
    except (ConfigError, UserError) as error:
        return Check("config", FAIL, str(error))
    where = f"{loaded.found.path} ({loaded.found.origin})"
    if loaded.warnings:
        return Check("config", WARN, f"{where}: {'; '.join(loaded.warnings)}")
    return Check("config", OK, where)


def check_strategies(catalogue: StrategyCatalogue) -> Check:
    """Check that strategies are found, and that none is broken on sight."""
    found = catalogue.found()
    broken = [info for info in found if info.problem]
    if not found:
        return Check("strategies", WARN, "none found")
    if broken:
        text = "; ".join(f"{info.name}: {info.problem}" for info in broken)
        return Check("strategies", WARN, f"{len(broken)} of {len(found)} cannot be used: {text}")
    return Check("strategies", OK, f"{len(found)}: {', '.join(info.name for info in found)}")


async def _check_clock(patient: Patient) -> Check:
    if patient.now < SOME_TIME_AGO:
        return Check("clock", FAIL, f"says {timestamp(patient.now)} UTC; set the clock")
    try:
        last = await patient.storage.last_time(patient.folder)
    except Exception:  # noqa: BLE001 - an unreadable folder is reported by its own checks
        last = 0
    if last > patient.now:
        return Check(
            "clock",
            FAIL,
            f"says {timestamp(patient.now)} UTC, before the last act on record, {timestamp(last)}",
        )
    return Check("clock", OK, f"{timestamp(patient.now)} UTC")


async def _probe(name: str, answer: Awaitable[str]) -> Check:
    try:
        return Check(name, OK, await answer)
    except Exception as error:  # noqa: BLE001 - each check reports, none stops the others
        return Check(name, FAIL, str(error))


async def _ask_tmux(environment: Mapping[str, str]) -> str:
    process = await asyncio.create_subprocess_exec(
        "tmux",
        "display",
        "-p",
        "#{client_utf8}",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, **environment},
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), _TMUX_TIMEOUT)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    return output.decode("ascii", "replace").strip()
