"""Check an implementation of the core against the golden traces (``make parity``).

``python -m tests.contracts.engine.parity [--command "CMD ..."] [--trace NAME]... [--state NAME
LINE]``: the command (by default our own core, in a process of its own) gets the lines of the traces
on its standard input and answers one JSON line each; README.md has the protocol. The first
difference of each trace is said: trace, line, field, expected, got. Exit code 0: all traces agree;
1: one does not; 2: the question was wrong.
"""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
from tests.contracts.engine.golden import answer_file, files, read
from tests.contracts.engine.implementation import Line, answers

OUR_OWN: Final = (sys.executable, "-m", "tests.contracts.engine.implementation")
"""Our own core, speaking the protocol."""

TIMEOUT: Final = 120
"""Seconds for all traces together."""

_NOTHING: Final = "nothing"


class Disagreement(NamedTuple):
    """Where an implementation first answered otherwise than a trace has it."""

    trace: str
    line: int
    """Counted from 1, as an editor shows it."""
    op: str
    field: str
    expected: str
    got: str

    def __str__(self) -> str:
        return (
            f"{self.trace}, line {self.line} ({self.op}), {self.field}: "
            f"expected {self.expected}, got {self.got}"
        )


class CommandFailedError(RuntimeError):
    """The command could not be run, or did not answer in the protocol's form."""


def ask(command: tuple[str, ...], lines: list[Line]) -> tuple[list[Line], str]:
    """Give lines to a command; return its answers, and what it said on standard error."""
    given = b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
    try:
        done = subprocess.run(
            command, input=given, capture_output=True, timeout=TIMEOUT, check=False
        )
    except OSError as error:
        raise CommandFailedError(f"{command[0]} cannot be run: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise CommandFailedError(f"{command[0]} did not end within {TIMEOUT} s") from error
    said = done.stderr.decode(errors="replace").strip()
    found: list[Line] = []
    for number, answer in enumerate(done.stdout.splitlines(), 1):
        try:
            found.append(msgspec.json.decode(answer, type=Line))
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            shown = answer[:80].decode(errors="replace")
            raise CommandFailedError(
                f"answer {number} is no JSON object ({error}): {shown}"
            ) from error
    if done.returncode and len(found) >= len(lines):
        last = f": {said.splitlines()[-1]}" if said else ""
        raise CommandFailedError(
            f"{command[0]} answered every line, then ended with code {done.returncode}{last}"
        )
    return found, said


def first_field(expected: Any, got: Any, path: str = "") -> tuple[str, str, str] | None:
    """Return (field, expected, got) of the first place where two answers differ, None if none.

    Types count: 1 is not true, and not "1".
    """
    if isinstance(expected, dict) and isinstance(got, dict):
        for name in (*expected, *(name for name in got if name not in expected)):
            inner = f"{path}.{name}" if path else name
            if name not in expected or name not in got:
                return inner, _shown(expected, name), _shown(got, name)
            found = first_field(expected[name], got[name], inner)
            if found is not None:
                return found
        return None
    if isinstance(expected, list) and isinstance(got, list):
        for index, pair in enumerate(zip(expected, got, strict=False)):
            found = first_field(*pair, f"{path}[{index}]")
            if found is not None:
                return found
        if len(expected) != len(got):
            return f"{path} (number of items)", str(len(expected)), str(len(got))
        return None
    if type(expected) is type(got) and expected == got:
        return None
    return path or "answer", _json(expected), _json(got)


def check(command: tuple[str, ...], paths: list[Path]) -> list[Disagreement]:
    """Run all traces through one process of the command; return the first disagreement of each."""
    inputs = [read(path) for path in paths]
    given = [line for lines in inputs for line in lines]
    answered, said = ask(command, given)
    found: list[Disagreement] = []
    at = 0
    for path, lines in zip(paths, inputs, strict=True):
        name = path.name.removesuffix(".in.jsonl")
        got = answered[at : at + len(lines)]
        at += len(lines)
        disagreement = _compare(name, lines, read(answer_file(path)), got, said)
        if disagreement is not None:
            found.append(_explained(command, lines, disagreement))
    if len(answered) > len(given):
        raise CommandFailedError(f"{len(answered)} answers to {len(given)} lines")
    return found


def _compare(
    name: str, lines: list[Line], expected: list[Line], got: list[Line], said: str
) -> Disagreement | None:
    for number, (line, right) in enumerate(zip(lines, expected, strict=True), 1):
        if number > len(got):
            why = f"no answer{f' ({said.splitlines()[-1]})' if said else ''}"
            return Disagreement(name, number, line["op"], "answer", _json(right), why)
        found = first_field(right, got[number - 1])
        if found is not None:
            return Disagreement(name, number, line["op"], *found)
    return None


def _explained(command: tuple[str, ...], lines: list[Line], found: Disagreement) -> Disagreement:
    """Name the field of the state, where only the hash of it tells that it differs.

    Asked with the optional operation ``state``; an implementation without it keeps the hash.
    """
    if found.field != "hash" or found.got == _NOTHING:
        return found
    if command == OUR_OWN:
        return found._replace(field="hash (of the state, which our own core makes otherwise now)")
    until = [*lines[: found.line], {"op": "state"}]
    try:
        theirs, _ = ask(command, until)
    except CommandFailedError:
        return found
    if len(theirs) != len(until) or "state" not in theirs[-1]:
        return found
    ours = list(answers(until))[-1]
    place = first_field(msgspec.json.decode(msgspec.json.encode(ours)), theirs[-1])
    if place is None:
        return found._replace(field="hash (of a state that is the same: the bytes differ)")
    return Disagreement(found.trace, found.line, found.op, *place)


def _json(value: Any) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= 300 else f"{text[:300]}..."


def _shown(answer: Line, name: str) -> str:
    return _json(answer[name]) if name in answer else _NOTHING


def main(arguments: list[str] | None = None) -> int:
    """Check, print what was found, and return the exit code."""
    parser = argparse.ArgumentParser(prog="parity", description=__doc__)
    parser.add_argument("--command", default="", help="what to check; default: our own core")
    parser.add_argument("--trace", action="append", default=[], help="only this one (repeatable)")
    parser.add_argument(
        "--state", nargs=2, metavar=("NAME", "LINE"), help="print our state after a line, and leave"
    )
    options = parser.parse_args(arguments)
    known = {path.name.removesuffix(".in.jsonl"): path for path in files()}
    wanted = options.trace or list(known)
    if options.state:
        wanted = [options.state[0]]
    unknown = [name for name in wanted if name not in known]
    if unknown:
        sys.stderr.write(f"no golden trace is named {unknown[0]}; there are {', '.join(known)}\n")
        return 2
    if options.state:
        lines = read(known[wanted[0]])
        last = options.state[1]
        if not (last.isdecimal() and 2 <= int(last) <= len(lines)):
            sys.stderr.write(f"{last} is no line of {wanted[0]}: give 2 to {len(lines)}\n")
            return 2
        until = lines[: int(last)]
        if all(line["op"] != "kernel" for line in until):
            sys.stderr.write(f"{wanted[0]} has no kernel whose state could be shown\n")
            return 2
        state = list(answers([*until, {"op": "state"}]))[-1]
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(state)).decode() + "\n")
        return 0
    paths = [known[name] for name in wanted]
    try:
        command = tuple(shlex.split(options.command)) or OUR_OWN
    except ValueError as error:
        sys.stderr.write(f"the command {options.command} cannot be read: {error}\n")
        return 2
    try:
        found = check(command, paths)
    except CommandFailedError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for disagreement in found:
        sys.stdout.write(f"{disagreement}\n")
    lines = sum(len(read(path)) for path in paths)
    right = len(paths) - len(found)
    sys.stdout.write(f"{right} of {len(paths)} traces agree ({lines} lines)\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
