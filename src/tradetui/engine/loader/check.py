"""Tries a strategy file out in a child process with limits, before it may run in ours.

The child imports the file, makes an instance with the defaults of its CONFIG_SCHEMA, looks at its
declarations and calls ``render()`` once. Whatever goes wrong there (an exception, ``sys.exit``,
``os._exit``, an endless loop, endless memory, a crash of the interpreter) becomes one sentence
here.
"""

from __future__ import annotations

import enum
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec

import tradetui
from tradetui.domain.record import Record
from tradetui.domain.text import printable

_RESULT_LIMIT: Final = 65_536
_LOOK_EVERY_MS: Final = 50
_SECONDS_PER_MS: Final = 0.001
_START: Final = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from tradetui.engine.loader.child import main; main(sys.argv[2:])"
)


class CheckLimits(Record, frozen=True):
    """What the child process may use.

    Its own processor time is what tells an endless loop, for on a busy machine a sound file takes
    any time by the clock; and time spent asleep is what tells a file that waits. The time by the
    clock only ends what neither of them ends.
    """

    memory_bytes: int = 2 << 30
    cpu_seconds: int = 10
    asleep_milliseconds: int = 20_000
    wall_milliseconds: int = 180_000


class CheckReport(Record, frozen=True):
    """What the child found: ``problem`` is empty, or one sentence."""

    problem: str = ""
    tick_steps: int = 0
    """Heartbeats between two ticks."""

    feeds: tuple[str, ...] = ()
    """Each feed as ``name: kind timeframe market``."""

    is_untold: bool = False
    """The machine was too busy to tell: another check may find otherwise."""


class ChildMessage(Record, frozen=True):
    """What the child writes: the stage it has reached, at the end with its report."""

    stage: str
    report: CheckReport | None = None


class CheckSubject(Record, frozen=True):
    """What is tried out: a file's content, and the config to make an instance with."""

    source: bytes
    path: Path
    name: str
    class_name: str
    config: dict[str, Any] | None = None
    """None: the defaults of its CONFIG_SCHEMA."""


class Ended(enum.Enum):
    """Why the child is over."""

    BY_ITSELF = enum.auto()
    ASLEEP = enum.auto()
    BY_THE_CLOCK = enum.auto()
    UNWANTED = enum.auto()


def run_check(
    subject: CheckSubject, limits: CheckLimits, is_unwanted: Callable[[], bool]
) -> CheckReport:
    """Try the source out and report; blocks for at most the wall time of ``limits``, and only a
    moment once the report ``is_unwanted``: then it says nothing of the file.
    """
    read_end, write_end = os.pipe()
    try:
        exit_code, ended = _run_child(subject, limits, write_end, is_unwanted)
    finally:
        os.close(write_end)
    with os.fdopen(read_end, "rb") as results:
        messages = _decode(results.read(_RESULT_LIMIT))
    return _judge(messages, exit_code, ended, limits)


def _run_child(
    subject: CheckSubject, limits: CheckLimits, write_end: int, is_unwanted: Callable[[], bool]
) -> tuple[int, Ended]:
    """Run the child to its end or to a limit; return (exit code, why it is over).

    It gets no input but the source, no environment worth reading, and its output goes nowhere: what
    it prints (escapes, gigabytes) cannot reach the terminal.
    """
    command = [
        *(sys.executable, "-I", "-c", _START, str(Path(tradetui.__file__).parents[1])),
        *(str(write_end), str(limits.memory_bytes), str(limits.cpu_seconds)),
        *(str(subject.path), subject.name, subject.class_name),
        "" if subject.config is None else msgspec.json.encode(subject.config).decode(),
    ]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(write_end,),
        start_new_session=True,
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        cwd="/",
    ) as child:
        try:
            ended = _wait(child, subject.source, limits, is_unwanted)
        finally:
            _kill_group(child.pid)
            child.wait()
    return child.returncode, ended


def _wait(
    child: subprocess.Popen[bytes],
    source: bytes,
    limits: CheckLimits,
    is_unwanted: Callable[[], bool],
) -> Ended:
    """Feed the child and wait until it has ended, a limit is reached, or nobody wants to know any
    more.

    A look at ``is_unwanted`` every now and then, instead of a signal from the thread that ends the
    program, never hits a process that got the child's id.
    """
    fed: bytes | None = source
    asleep = 0
    for _ in range(0, limits.wall_milliseconds, _LOOK_EVERY_MS):
        try:
            child.communicate(fed, timeout=_LOOK_EVERY_MS * _SECONDS_PER_MS)
        except subprocess.TimeoutExpired:
            fed = None
            if is_unwanted():
                return Ended.UNWANTED
            asleep += _LOOK_EVERY_MS * _is_asleep(child.pid)
            if asleep >= limits.asleep_milliseconds:
                return Ended.ASLEEP
        else:
            return Ended.BY_ITSELF
    return Ended.BY_THE_CLOCK


def _is_asleep(pid: int) -> bool:
    """Tell whether a process waits for something else than the processor and the disk; False where
    the system does not say (only Linux does).
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return False
    return stat.rpartition(") ")[2].startswith("S")


def _kill_group(pid: int) -> None:
    """End the child and whatever it has started; its group bears its own id."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _decode(data: bytes) -> list[ChildMessage]:
    """Return the whole messages that the child wrote; what is no message ends them."""
    messages = []
    for line in data.splitlines():
        try:
            messages.append(msgspec.json.decode(line, type=ChildMessage))
        except (msgspec.DecodeError, UnicodeDecodeError):
            break
    return messages


def _judge(
    messages: list[ChildMessage], exit_code: int, ended: Ended, limits: CheckLimits
) -> CheckReport:
    """Turn what is left of the child into a report."""
    if messages and messages[-1].report is not None:
        report = messages[-1].report
        return msgspec.structs.replace(report, problem=printable(report.problem, 500))
    stage = printable(messages[-1].stage, 40) if messages else "starting the check"
    if ended is Ended.ASLEEP:
        seconds = limits.asleep_milliseconds // 1000
        text = f"did nothing but wait for {seconds} s (sleep, input, a lock?); a strategy may not"
        return CheckReport(f"{stage}: {text}")
    if ended is not Ended.BY_ITSELF:
        seconds = limits.wall_milliseconds // 1000
        text = f"was not over after {seconds} s: the machine is too busy to tell more; try again"
        return CheckReport(f"{stage}: {text}", is_untold=True)
    if exit_code in (-signal.SIGXCPU, -signal.SIGKILL):
        seconds = limits.cpu_seconds
        text = f"did not end within {seconds} s of processor time (an endless loop?)"
        return CheckReport(f"{stage}: {text}")
    if exit_code < 0:
        return CheckReport(f"{stage}: the interpreter crashed (signal {-exit_code})")
    return CheckReport(
        f"{stage}: the file ended the whole process (os._exit, exit code {exit_code}); remove that"
    )
