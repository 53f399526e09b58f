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
import threading
from pathlib import Path
from typing import Final

import msgspec

import tradetui
from tradetui.domain.record import Record
from tradetui.domain.text import printable

_RESULT_LIMIT: Final = 65_536
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


class Children:
    """The children of the checks that are under way, so that a stop need not wait for them.

    Used from several threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pids: list[int] = []
        self.is_ended = False

    def add(self, pid: int) -> None:
        """Take a new child; ends it at once if all were ended before."""
        with self._lock:
            self._pids.append(pid)
            if self.is_ended:
                _kill_group(pid)

    def remove(self, pid: int) -> None:
        """End a child and whatever it has started, before its id is given free."""
        with self._lock:
            self._pids.remove(pid)
            _kill_group(pid)

    def end(self) -> None:
        """End all children, now and from now on."""
        with self._lock:
            self.is_ended = True
            for pid in self._pids:
                _kill_group(pid)


def run_check(
    source: bytes,
    path: Path,
    name: str,
    class_name: str,
    limits: CheckLimits,
    children: Children,
) -> CheckReport:
    """Try the source out and report; blocks for at most the wall time of ``limits``, and only a
    moment once ``children`` are ended: then the report says nothing of the file.
    """
    read_end, write_end = os.pipe()
    try:
        child, timed_out = _run_child(source, path, name, class_name, limits, write_end, children)
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
    children: Children,
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
        children.add(child.pid)
        try:
            child.communicate(source, timeout=limits.wall_milliseconds / 1000)
            timed_out = False
        except subprocess.TimeoutExpired:
            timed_out = True
        finally:
            children.remove(child.pid)
            child.wait()
    return child.returncode, timed_out


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
        except msgspec.DecodeError:
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
