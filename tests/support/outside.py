"""The program from outside: every command a process of its own, quickly.

A *nursery* has read the program's modules once and forks a process for each command, which then has
its own descriptors, environment and exit code, as one that a shell starts; what children of it have
answered before it takes from ``children``. What a terminal would show is judged by ``foreign``: all
that is no text and no sequence of ours.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final

from tests.support.children import FOLDER

ROOT: Final = Path(__file__).resolve().parents[2]
PROGRAM: Final = (sys.executable, "-c", "from tradetui.bootstrap import main; main()")
CLOSED: Final = "closed"
"""For ``stdout``: the descriptor is closed, as ``>&-`` does."""
BROKEN: Final = "broken"
"""For ``stdout``: a pipe whose reader has gone."""

_SERVE: Final = r"""
import atexit, gc, importlib, json, os, sys, threading
for name in ("tradetui.bootstrap", "tradetui.cli.main", "tradetui.bootstrap.wiring",
             "tradetui.bootstrap.commands.instances", "tradetui.bootstrap.commands.settings",
             "tradetui.bootstrap.run.headless", "tradetui.bootstrap.commands.reading",
             "tradetui.bootstrap.commands.operating", "tradetui.bootstrap.commands.why",
             "tradetui.bootstrap.console.opening", "tradetui.bootstrap.console.travel"):
    importlib.import_module(name)
from tradetui.bootstrap import main
root, folder = sys.argv[1:]
if folder:
    sys.path.insert(0, root)
    from tests.support.children import FOLDER, PATCHES
    del sys.path[0]
    for name, answering in PATCHES.items():
        module, _, attribute = name.rpartition(".")
        setattr(importlib.import_module(module), attribute, answering)
gc.collect(); gc.freeze()
for line in sys.stdin:
    asked = json.loads(line)
    if "wait" in asked:
        ended, status = os.waitpid(asked["wait"], 0 if asked["until"] else os.WNOHANG)
        print(os.waitstatus_to_exitcode(status) if ended else "runs", flush=True)
        continue
    ready, begun = os.pipe()
    pid = os.fork()
    if pid == 0:
        break
    os.close(begun)
    os.read(ready, 1)  # nothing comes: it has its files
    os.close(ready)
    print(pid, flush=True)
else:
    raise SystemExit(0)
os.close(ready)
os.setsid()  # the first terminal that is opened is its own
for number, (path, flags) in enumerate(asked["files"]):
    if path == "broken":
        reader, writer = os.pipe()
        os.close(reader)
        os.dup2(writer, number)
        os.close(writer)
    elif path:
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)
for number, (path, flags) in enumerate(asked["files"]):
    if not path:
        os.close(number)
os.close(begun)
names = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))
for number, (name, mode) in enumerate(names):
    is_open = asked["files"][number][0]
    file = open(number, mode, encoding=asked["encoding"], closefd=False) if is_open else None
    setattr(sys, name, file)
    setattr(sys, "__" + name + "__", file)
os.environ.clear()
os.environ.update(asked["env"])
if folder:
    os.environ[FOLDER] = folder
os.chdir(asked["cwd"])
sys.argv = ["tradetui", *asked["words"]]
del asked, line, pid, ready, begun
try:
    main()
except SystemExit as left:
    code = 0 if left.code is None else left.code
    if not isinstance(code, int):
        raise
else:
    code = 0
# What a process does at its end, but for giving back, object by object, what the nursery has read.
threading._shutdown()
atexit._run_exitfuncs()
for stream in (sys.stdout, sys.stderr):
    if stream is not None:
        try:
            stream.flush()
        except OSError:
            raise SystemExit(code)
os._exit(code & 0xFF)
"""

_SEQUENCE: Final = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI
    r"|\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"  # OSC, DCS, SOS, PM, APC
    r"|\x1b[ -/]*[0-~]"
    r"|\x1b"
)
_PLAIN: Final = frozenset("\n\t")


def sequences(text: str) -> list[str]:
    """Return every sequence and every character that is no text, in order."""
    found = _SEQUENCE.findall(text)
    rest = _SEQUENCE.sub("", text)
    return found + [char for char in rest if not char.isprintable() and char not in _PLAIN]


def foreign(text: str, *ours: re.Pattern[str]) -> list[str]:
    """Return the sequences and characters that are neither text nor one of ``ours``."""
    return [one for one in sequences(text) if not any(own.fullmatch(one) for own in ours)]


CREATE: Final = (
    *("instances", "create", "gallery", "--strategy", "grid"),
    *("--account", "paper/main", "--market", "XRP/USDT"),
)
"""Words that record an instance: an act that makes the state folder where there is none."""


@dataclass(frozen=True)
class Done:
    """What came of a command."""

    words: tuple[str, ...]
    code: int
    out: str
    err: str

    def refused(self, code: int, *said: str) -> None:
        """Check for one clear sentence, the exit code, nothing else, and nothing that could act on
        a terminal.
        """
        assert (self.code, len(self.err.strip().splitlines())) == (code, 1), self
        for word in said:
            assert word in self.err, self
        self.is_clean()

    def succeeded(self) -> str:
        """Check for exit code 0 and return what was printed."""
        assert self.code == 0, self
        self.is_clean()
        return self.out

    def is_clean(self) -> None:
        """Check that nothing reached the terminal but text, and no traceback."""
        assert not foreign(self.out), self
        assert not foreign(self.err), self
        assert "Traceback" not in self.out + self.err, self


@dataclass(frozen=True)
class Shown:
    """What came of a command in a terminal, with every byte that it was sent."""

    words: tuple[str, ...]
    code: int
    raw: str

    @property
    def last(self) -> str:
        """What stands on the terminal after the full screen was left."""
        return self.raw.rpartition("\x1b[?1049l")[2].replace("\r", "")

    def refused(self, code: int, *said: str) -> None:
        """Check for one clear sentence below the screen that was left, and the exit code."""
        text = "".join(char for char in _SEQUENCE.sub("", self.last) if char != "\r")
        assert (self.code, len(text.strip().splitlines())) == (code, 1), self
        for word in said:
            assert word in text, self
        assert "Traceback" not in self.raw, self
        assert not foreign(self.raw.replace("\r", ""), *OURS), self


OURS: Final = (
    re.compile(r"\x1b\[[0-9;]*m"),  # colours
    re.compile(r"\x1b\[[0-9]+;[0-9]+H"),  # the cursor's place
    re.compile(r"\x1b\[\?(?:1049|25|1004|1006|1000|1003|1015|2004|2026|7)[hl]"),
    re.compile(r"\x1b\[\?(?:2026|2048)\$p"),  # questions to the terminal
    re.compile(r"\x1b\[>[0-9]+u|\x1b\[<u"),  # keys as they are
    re.compile(r"\x1b\]22;default\x07"),  # the pointer
)
"""The sequences that the console sends; a copy to the clipboard is one more."""


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return an environment whose folders are below ``home``."""
    return {
        "PATH": os.defpath,
        "LC_ALL": "C.UTF-8",
        "HOME": str(home),
        "USER": "op",
        "LOGNAME": "op",
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_STATE_HOME": str(home / "state"),
        "TERM": "dumb",
        **more,
    }


@dataclass(frozen=True)
class Begun:
    """A command that runs on beside the test."""

    nursery: Nursery
    pid: int
    errors: Path

    @property
    def err(self) -> str:
        """What it has said so far."""
        return self.errors.read_text(encoding="utf-8")

    def runs(self) -> bool:
        """Whether it has not ended; not to be asked again once it has."""
        return self.nursery.ended(self.pid) is None

    def end(self, number: int, times: int = 1) -> int:
        """Send a signal, as often as asked, and return the exit code."""
        for _ in range(times):
            os.kill(self.pid, number)
        code = self.nursery.ended(self.pid, until=True)
        assert code is not None
        return code


class Nursery:
    """Forks a process for each command."""

    def __init__(self) -> None:
        self._parent = subprocess.Popen(
            [sys.executable, "-c", _SERVE, str(ROOT), os.environ.get(FOLDER, "")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env={**os.environ, "PYDANTIC_DISABLE_PLUGINS": "__all__"},
        )
        self._folder = tempfile.TemporaryDirectory(prefix="outside-")

    def __enter__(self) -> Nursery:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._parent.stdin is not None
        self._parent.stdin.close()
        self._parent.wait(60)
        assert self._parent.stdout is not None
        self._parent.stdout.close()
        self._folder.cleanup()

    def run(
        self,
        home: Path,
        *words: str | Path,
        env: Mapping[str, str] | None = None,
        typed: str | None = None,
        stdout: str = "",
        encoding: str = "utf-8",
        seconds: float = 90.0,
    ) -> Done:
        """Run a command whose folders are below ``home``; ``typed`` is on its standard input,
        ``stdout`` a path in the place of a file of ours.
        """
        folder = Path(self._folder.name)
        (folder / "in").write_text(typed or "", encoding="utf-8")
        for name in ("out", "err"):
            (folder / name).write_bytes(b"")
        wanted = {"": str(folder / "out"), CLOSED: ""}.get(stdout, stdout)
        asked = {
            "words": [str(word) for word in words],
            "env": {**environment(home), **(env or {})},
            "files": [
                (str(folder / "in") if typed is not None else os.devnull, os.O_RDONLY),
                (wanted, os.O_WRONLY),
                (str(folder / "err"), os.O_WRONLY),
            ],
            "cwd": str(home),
            "encoding": encoding,
        }
        pid = self._begin(asked)
        self._ask({"wait": pid, "until": True})
        try:
            code = int(self._line(seconds))
        except TimeoutError:
            os.killpg(pid, signal.SIGKILL)
            self._line(60)
            raise AssertionError(f"{words} still runs after {seconds} s") from None
        out, err = ((folder / name).read_bytes() for name in ("out", "err"))
        return Done(tuple(asked["words"]), code, out.decode(encoding), err.decode(encoding))  # type: ignore[arg-type]

    def show(
        self,
        home: Path,
        *words: str | Path,
        env: Mapping[str, str] | None = None,
        size: tuple[int, int] = (80, 24),
        seconds: float = 90.0,
    ) -> Shown:
        """Run a command in a terminal of its own until it ends by itself."""
        master, slave = pty.openpty()
        try:
            fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
            name = os.ttyname(slave)
            asked = {
                "words": [str(word) for word in words],
                "env": {**environment(home), "TERM": "xterm-256color", **(env or {})},
                "files": [(name, os.O_RDWR)] * 3,
                "cwd": str(home),
                "encoding": "utf-8",
            }
            pid = self._begin(asked)
            self._ask({"wait": pid, "until": True})
            raw = bytearray()
            assert self._parent.stdout is not None
            end = time.monotonic() + seconds
            while True:
                ready = select.select([master, self._parent.stdout], [], [], 0.5)[0]
                if master in ready:
                    raw += os.read(master, 65536)
                elif ready:
                    return Shown(tuple(asked["words"]), int(self._line(60)), raw.decode())  # type: ignore[arg-type]
                elif time.monotonic() > end:
                    os.kill(pid, signal.SIGKILL)
                    self._line(60)
                    raise AssertionError(f"{words} still runs after {seconds} s: {raw!r}")
        finally:
            os.close(master)
            os.close(slave)

    def begin(self, home: Path, *words: str | Path) -> Begun:
        """Start a command whose folders are below ``home``; what it prints goes nowhere."""
        errors = home / "err"
        errors.write_bytes(b"")
        files = [(os.devnull, os.O_RDONLY), (os.devnull, os.O_WRONLY), (str(errors), os.O_WRONLY)]
        asked = {
            "words": [str(word) for word in words],
            "env": environment(home),
            "files": files,
            "cwd": str(home),
            "encoding": "utf-8",
        }
        return Begun(self, self._begin(asked), errors)

    def launch(self, words: Sequence[str], tty: str, env: Mapping[str, str], cwd: Path) -> int:
        """Start a command in a terminal by its path; return the process id once it has it."""
        files = [(tty, os.O_RDWR)] * 3
        return self._begin(
            {"words": words, "env": env, "files": files, "cwd": str(cwd), "encoding": "utf-8"}
        )

    def ended(self, pid: int, *, until: bool = False) -> int | None:
        """Return the exit code of what was launched, minus the number of a signal that ended it;
        None while it runs, unless it is waited ``until`` it does not.
        """
        self._ask({"wait": pid, "until": until})
        said = self._line(90)
        return None if said == "runs" else int(said)

    def _begin(self, asked: Mapping[str, object]) -> int:
        self._ask(asked)
        return int(self._line(30))

    def _ask(self, asked: Mapping[str, object]) -> None:
        assert self._parent.stdin is not None
        self._parent.stdin.write(json.dumps(asked).encode() + b"\n")

    def _line(self, seconds: float) -> str:
        """Read the parent's next line; raises TimeoutError when it does not come."""
        assert self._parent.stdout is not None
        descriptor = self._parent.stdout.fileno()
        end, line = time.monotonic() + seconds, b""
        while not line.endswith(b"\n"):
            if not select.select([descriptor], [], [], max(0.0, end - time.monotonic()))[0]:
                raise TimeoutError
            byte = os.read(descriptor, 1)
            assert byte, "the nursery has ended"
            line += byte
        return line.decode().strip()
