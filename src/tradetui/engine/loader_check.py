"""Tries a strategy file out in a child process with limits, before it may run in ours.

The child imports the file, makes an instance with the defaults of its CONFIG_SCHEMA, looks at its
declarations and calls ``render()`` once. Whatever goes wrong there (an exception, ``sys.exit``,
``os._exit``, an endless loop, endless memory, a crash of the interpreter) becomes one sentence
here.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

import tradetui
from tradetui.domain.record import Record
from tradetui.domain.text import printable

_RESULT_LIMIT: Final = 65_536
_LOOK_EVERY_MS: Final = 50
_START: Final = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from tradetui.engine.loader_child import main; main(sys.argv[2:])"
)


class CheckLimits(Record, frozen=True):
    """What the child process may use."""

    memory_bytes: int = 2 << 30
    cpu_seconds: int = 10
    wall_milliseconds: int = 20_000


class CheckReport(Record, frozen=True):
    """What the child found: ``problem`` is empty, or one sentence."""

    problem: str = ""
    tick_steps: int = 0
    """Heartbeats between two ticks."""

    feeds: tuple[str, ...] = ()
    """Each feed as ``name: kind timeframe market``."""


class ChildMessage(Record, frozen=True):
    """What the child writes: the stage it has reached, at the end with its report."""

    stage: str
    report: CheckReport | None = None


def run_check(
    source: bytes,
    path: Path,
    name: str,
    class_name: str,
    limits: CheckLimits,
    is_unwanted: Callable[[], bool],
) -> CheckReport:
    """Try the source out and report; blocks for at most the wall time of ``limits``, and only a
    moment once the report ``is_unwanted``: then it says nothing of the file.
    """
    read_end, write_end = os.pipe()
    try:
        child, timed_out = _run_child(
            source, path, name, class_name, limits, write_end, is_unwanted
        )
    finally:
        os.close(write_end)
    with os.fdopen(read_end, "rb") as results:
        messages = _decode(results.read(_RESULT_LIMIT))
    return _judge(messages, child, timed_out, limits)


def _run_child(
    source: bytes,
    path: Path,
    name: str,
    class_name: str,
    limits: CheckLimits,
    write_end: int,
    is_unwanted: Callable[[], bool],
) -> tuple[int, bool]:
    """Run the child to its end or to the limit; return (exit code, whether it was too slow).

    It gets no input but the source, no environment worth reading, and its output goes nowhere: what
    it prints (escapes, gigabytes) cannot reach the terminal.
    """
    command = [
        *(sys.executable, "-I", "-c", _START, str(Path(tradetui.__file__).parents[1])),
        *(str(write_end), str(limits.memory_bytes), str(limits.cpu_seconds)),
        *(str(path), name, class_name),
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
            timed_out = not _has_ended(child, source, limits.wall_milliseconds, is_unwanted)
        finally:
            _kill_group(child.pid)
            child.wait()
    return child.returncode, timed_out


def _has_ended(
    child: subprocess.Popen[bytes],
    source: bytes,
    milliseconds: int,
    is_unwanted: Callable[[], bool],
) -> bool:
    """Feed the child and wait; False if it did not end in time, or nobody wants to know any more.

    A look at ``is_unwanted`` every now and then, instead of a signal from the thread that ends the
    program, never hits a process that got the child's id.
    """
    fed: bytes | None = source
    for waited in range(0, milliseconds, _LOOK_EVERY_MS):
        left = min(_LOOK_EVERY_MS, milliseconds - waited)
        try:
            child.communicate(fed, timeout=left / 1000)
        except subprocess.TimeoutExpired:
            fed = None
            if is_unwanted():
                return False
        else:
            return True
    return False


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
    messages: list[ChildMessage], exit_code: int, timed_out: bool, limits: CheckLimits
) -> CheckReport:
    """Turn what is left of the child into a report."""
    if messages and messages[-1].report is not None:
        report = messages[-1].report
        return msgspec.structs.replace(report, problem=printable(report.problem, 500))
    stage = printable(messages[-1].stage, 40) if messages else "starting the check"
    if timed_out or exit_code in (-signal.SIGXCPU, -signal.SIGKILL):
        seconds = limits.cpu_seconds
        return CheckReport(f"{stage}: did not end within {seconds} s (an endless loop?)")
    if exit_code < 0:
        return CheckReport(f"{stage}: the interpreter crashed (signal {-exit_code})")
    return CheckReport(
        f"{stage}: the file ended the whole process (os._exit, exit code {exit_code}); remove that"
    )
