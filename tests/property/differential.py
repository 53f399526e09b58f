"""The differential generator: random valid event streams through two implementations at once.

``python -m tests.property.differential [--seeds N] [--first SEED] [--acts N] [--only NAME]
[--command "CMD ..."]``: every seed is a case (``walker``); its lines go through our core and

- ``checkpoint``: our core, restarted from a checkpoint after every line;
- ``general``: our core without its short ways (of the risk engine, of whole fills);
- ``command``: another implementation behind the protocol of the golden traces.

Answers must agree, hashes included. A failing case is shrunk (acts taken away, numbers made
smaller) as long as it fails, and written to ``tests/contracts/engine/found/`` as a trace, which the
default suite and ``make parity`` run from then on. Exit code 0: all agree; 1: one does not.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import Any, Final, NamedTuple

import msgspec
from tests.contracts.engine.golden import FOUND, text_of
from tests.contracts.engine.implementation import Implementation as Ours
from tests.contracts.engine.implementation import Line
from tests.contracts.engine.parity import ask, first_field
from tests.property.walker import Case, Walk, random_case

from tradetui.core import fills, kernel
from tradetui.core.risk import engine

Implementation = Callable[[list[Line]], list[Line]]
"""Answers the lines of one trace."""


class Difference(NamedTuple):
    """Where two implementations first differ in a case."""

    line: int
    op: str
    field: str
    expected: str
    got: str


def straight(lines: list[Line]) -> list[Line]:
    """Answer with our core as it is; the last answer says what it died of, if it did."""
    core = Ours()
    found: list[Line] = []
    for line in lines:
        try:
            found.append(core.answer(line))
        except Exception as error:  # noqa: BLE001 - whatever it is, the case shall be kept
            found.append({"error": "died", "message": f"{type(error).__name__}: {error}"})
            break
    return _plain(found)


def checkpointed(lines: list[Line]) -> list[Line]:
    """Answer with our core, restarted from a checkpoint after every line that changes its state."""
    stops = [line["op"] in ("event", "intents") for line in lines]
    given: list[Line] = []
    for line, is_stop in zip(lines, stops, strict=True):
        given.append(line)
        if is_stop:
            given.append({"op": "checkpoint"})
    found = iter(straight(given))
    kept: list[Line] = []
    for is_stop in stops:
        answer = next(found, None)
        if answer is None:
            break
        if is_stop and (restored := next(found, None)) is not None:
            if "hash" not in restored:
                kept.append(restored)
                break
            if restored["hash"] != answer["hash"]:
                answer = {**answer, "hash": f"{restored['hash']} after a restart"}
        kept.append(answer)
    return kept


_SHORT_WAYS: Final[tuple[tuple[ModuleType, str, Any], ...]] = (
    (engine, "judge_common", lambda *_: None),
    (engine, "judge_exit", lambda *_: None),
    (fills, "fill_whole", lambda *_: False),
    (kernel, "SHORT_REPORTS", {}),
)
"""The core's short ways, and what stands in the place of each where all goes the long one."""


@contextmanager
def without_express() -> Iterator[None]:
    """Take away the core's short ways meanwhile."""
    shorts = [(module, name, getattr(module, name)) for module, name, _ in _SHORT_WAYS]
    for module, name, left in _SHORT_WAYS:
        setattr(module, name, left)
    try:
        yield
    finally:
        for module, name, short in shorts:
            setattr(module, name, short)


def general(lines: list[Line]) -> list[Line]:
    """Answer with our core, every order the long way."""
    with without_express():
        return straight(lines)


def behind(command: tuple[str, ...]) -> Implementation:
    """Return what answers with a command's process."""
    return lambda lines: ask(command, lines)[0]


def _plain(found: list[Line]) -> list[Line]:
    """Return answers as they are after a way through JSON."""
    return [msgspec.json.decode(msgspec.json.encode(answer)) for answer in found]


OURS: Final[dict[str, Implementation]] = {"checkpoint": checkpointed, "general": general}
"""The implementations that need nothing but our core."""


def compare(lines: list[Line], right: list[Line], other: list[Line]) -> Difference | None:
    """Return the first difference of two implementations' answers to the same lines."""
    for number, (line, expected) in enumerate(zip(lines, right, strict=True)):
        if number >= len(other):
            return Difference(number + 1, line["op"], "answer", "an answer", "none")
        found = first_field(expected, other[number])
        if found is not None:
            return Difference(number + 1, line["op"], *found)
    return None


def death(lines: list[Line], right: list[Line]) -> Difference | None:
    """Return where our core died (a broken invariant, an assertion, anything), if it did."""
    last = right[-1]
    if last.get("error") != "died":
        return None
    op = lines[len(right) - 1]["op"]
    return Difference(len(right), op, "invariants", "a sound state", last["message"])


def lines_of(case: Case) -> list[Line]:
    """Return the lines of a case, up to the one that our core dies of, if it does."""
    walker = Walk(case.setup, is_checked=False)
    with suppress(Exception):
        walker.run(case.acts)
    return walker.world.lines


def differ(case: Case, other: Implementation | None) -> Difference | None:
    """Run a case through our core and another implementation (None: only see that ours lives)."""
    lines = lines_of(case)
    right = straight(lines)
    return death(lines, right) or (compare(lines, right, other(lines)) if other else None)


def shrink(case: Case, fails: Callable[[Case], bool], budget: int = 2_000) -> Case:
    """Return a smaller case that still fails: fewer acts, then smaller numbers.

    ``budget`` bounds the tries, so that a slow implementation does not hold up the campaign.
    """
    tries = 0

    def still(candidate: Case) -> bool:
        nonlocal tries
        tries += 1
        return tries <= budget and fails(candidate)

    size = max(len(case.acts) // 2, 1)
    while size:
        at = 0
        while at < len(case.acts):
            candidate = Case(case.setup, case.acts[:at] + case.acts[at + size :])
            if still(candidate):
                case = candidate
            else:
                at += size
        size //= 2
    return _smaller_numbers(case, still)


def _smaller_numbers(case: Case, fails: Callable[[Case], bool]) -> Case:
    """Return a case with shorter acts and smaller numbers that still fails."""
    for place in range(-1, len(case.acts)):
        act = case.setup if place < 0 else case.acts[place]
        while act and fails(changed := _with(case, place, act[:-1])):
            case, act = changed, act[:-1]
        for index in range(len(act)):
            for value in (0, 1, act[index] % 256, act[index] // 2):
                smaller = (*act[:index], value, *act[index + 1 :])
                if value < act[index] and fails(changed := _with(case, place, smaller)):
                    case, act = changed, smaller
                    break
    return case


def _with(case: Case, place: int, act: tuple[int, ...]) -> Case:
    if place < 0:
        return Case(act, case.acts)
    return Case(case.setup, (*case.acts[:place], act, *case.acts[place + 1 :]))


def keep(name: str, what: str, case: Case) -> str:
    """Write a case to the found traces, answered by our core; return the file's name.

    The answers are ours as they are now: whoever mends the core writes them anew (``make golden``).
    """
    first: Line = {"op": "trace", "name": name, "what": what, "codec": 1}
    lines = [first, *lines_of(case)]
    FOUND.mkdir(exist_ok=True)
    path = FOUND / f"{name}.in.jsonl"
    path.write_text(text_of(lines), encoding="utf-8")
    path.with_name(f"{name}.out.jsonl").write_text(text_of(straight(lines)), encoding="utf-8")
    return path.name


def campaign(
    seeds: range, length: int, others: dict[str, Implementation], say: Callable[[str], object]
) -> int:
    """Run seeds through all implementations; return the number of failures."""
    failures = lines = 0
    for seed in seeds:
        case = random_case(seed, length)
        given = lines_of(case)
        right = straight(given)
        lines += len(given)
        dead = death(given, right)
        if dead is not None:
            failures += 1
            _report(seed, "invariants", case, None, say)
            continue
        for name, other in others.items():
            if compare(given, right, other(given)) is not None:
                failures += 1
                _report(seed, name, case, other, say)
    say(f"{len(seeds)} seeds, {lines} lines, {', '.join(others)}: {failures} differences")
    return failures


def _report(
    seed: int, name: str, case: Case, other: Implementation | None, say: Callable[[str], object]
) -> None:
    """Shrink a failing case, keep it, and say where it is."""
    small = shrink(case, lambda one: differ(one, other) is not None)
    found = differ(small, other)
    assert found is not None
    file = keep(f"{name}-{seed}", f"Seed {seed}, {name}: {found.field} differed.", small)
    say(
        f"seed {seed}, {name}: line {found.line} ({found.op}), {found.field}: expected "
        f"{found.expected}, got {found.got}; {len(small.acts)} acts in {file}"
    )


def main(arguments: list[str] | None = None) -> int:
    """Run a campaign, print what was found, and return the exit code."""
    parser = argparse.ArgumentParser(prog="differential", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many cases")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--acts", type=int, default=80, help="how long each case is")
    parser.add_argument("--only", choices=sorted(OURS), help="only this implementation")
    parser.add_argument("--command", default="", help="another implementation, by the protocol")
    options = parser.parse_args(arguments)
    others = {k: v for k, v in OURS.items() if options.only in (None, k)}
    if options.command:
        others = {"command": behind(tuple(shlex.split(options.command)))}
    seeds = range(options.first, options.first + options.seeds)
    return 1 if campaign(seeds, options.acts, others, lambda text: print(text, flush=True)) else 0


if __name__ == "__main__":
    sys.exit(main())
