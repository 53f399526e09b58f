"""The golden traces; ``python -m tests.contracts.engine.golden`` (``make golden``) writes them.

Each trace is two files of JSON lines in ``traces/``: ``NAME.in.jsonl`` is what an implementation is
given, ``NAME.out.jsonl`` what it must answer, line by line. The builders (``build_*.py``) make the
first; our core makes the second.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Final

import msgspec
from tests.contracts.engine.implementation import answers
from tests.contracts.engine.recorder import TRACES, Line, lines_of

FOLDER: Final = Path(__file__).parent / "traces"
FOUND: Final = Path(__file__).parent / "found"
"""Failing cases that the differential generator wrote, kept as traces of their own."""

MAX_BYTES: Final = 200_000
"""A trace stays small enough to be read."""

_BUILDERS: Final = (
    "market", "orders", "held", "guards", "risk", "money", "control", "venue", "wire", "random",
)  # fmt: skip


def names() -> list[str]:
    """Return the names of all traces that the builders make."""
    for name in _BUILDERS:
        import_module(f"tests.contracts.engine.build_{name}")
    return sorted(TRACES)


def text_of(lines: list[Line]) -> str:
    """Return lines as the files have them: compact JSON, one object a line."""
    return "".join(msgspec.json.encode(line).decode() + "\n" for line in lines)


def read(path: Path) -> list[Line]:
    """Read a file of JSON lines."""
    return [msgspec.json.decode(line) for line in path.read_text(encoding="utf-8").splitlines()]


def texts(name: str) -> tuple[str, str]:
    """Build a trace: the text of its input and of its answers.

    The core is given the text of the input, parsed: nothing but what is in the file.
    """
    given = text_of(lines_of(name))
    parsed = [msgspec.json.decode(line) for line in given.splitlines()]
    return given, text_of(list(answers(parsed)))


def files() -> list[Path]:
    """Return the input files of all committed traces, found ones included."""
    return [*sorted(FOLDER.glob("*.in.jsonl")), *sorted(FOUND.glob("*.in.jsonl"))]


def answer_file(path: Path) -> Path:
    """Return the file of answers that belongs to an input file."""
    return path.with_name(path.name.replace(".in.jsonl", ".out.jsonl"))


def write() -> int:
    """Write all traces anew, and take away those that no builder makes; return their number."""
    FOLDER.mkdir(exist_ok=True)
    wanted = names()
    for name in wanted:
        given, answered = texts(name)
        path = FOLDER / f"{name}.in.jsonl"
        path.write_text(given, encoding="utf-8")
        answer_file(path).write_text(answered, encoding="utf-8")
    for path in FOLDER.glob("*.jsonl"):
        if path.name.split(".")[0] not in wanted:
            path.unlink()
    for path in sorted(FOUND.glob("*.in.jsonl")):
        answer_file(path).write_text(text_of(list(answers(read(path)))), encoding="utf-8")
    return len(wanted)


if __name__ == "__main__":
    count = write()
    size = sum(path.stat().st_size for path in FOLDER.iterdir())
    sys.stdout.write(f"{count} golden traces in {FOLDER}, {size:,} bytes\n")
