"""The damage campaign: every damage is found and named, or harmless, and the folder starts again.

``python -m tests.damage.campaign [--flips N]`` prints its table; ``make damage`` runs it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.damage.cases import Case, all_cases
from tests.damage.world import Base, Seen, build, command, copy, look, start

OUTCOMES: Final = ("named", "put aside", "refused", "harmless")


@dataclass(frozen=True)
class Outcome:
    """What a case came to: one of OUTCOMES, and how it broke a promise if it did."""

    what: str
    violations: tuple[str, ...]


def run_case(base: Base, case: Case, folder: Path) -> Outcome:
    """Damage a copy, look at it, start in it, and hold what happened against the promises.

    - No command fails with anything but a sentence and its exit code.
    - What ``journal verify`` calls sound holds exactly what was written.
    - A damaged journal is put aside as it is, and the engine starts with the same instances.
    - What is refused was not changed.
    """
    copy(base, folder)
    case.harm(folder)
    before = _files(folder)
    broken: list[str] = []
    with case.hold(folder) if case.hold is not None else contextlib.nullcontext():
        is_sound = _verify(folder, broken)
        started = start(folder, base.prices)
        _check_talk("start", started, broken)
    named = "" if is_sound else "named"
    if started.exit_code != 0:
        changed = [name for name, data in before.items() if (folder / name).read_bytes() != data]
        if changed and case.hold is None:
            broken.append(f"refused, but {changed} changed")
        return Outcome("refused", tuple(broken))
    put_aside = folder / "journal.db.damaged-1"
    if put_aside.exists():
        named = "put aside"
        if put_aside.read_bytes() != before["journal.db"]:
            broken.append("the journal that was put aside is not as it was")
        _check_talk("export", command("journal", "export", "--file", put_aside), broken)
        if not _verify(folder, broken):
            broken.append("the new journal is not sound")
    _compare(base, folder, broken, is_harmless=not named)
    return Outcome(named or "harmless", tuple(broken))


def _verify(folder: Path, broken: list[str]) -> bool:
    done = command("journal", "verify", "--json", "--state", folder)
    _check_talk("verify", done, broken)
    if done.exit_code == 0:
        return True
    if done.exit_code == 1 and done.stdout:
        faults = json.loads(done.stdout)["faults"]
        if not faults or not all(str(folder) in fault["what"] for fault in faults):
            broken.append(f"verify does not name the file: {faults}")
    return False


def _check_talk(what: str, done: object, broken: list[str]) -> None:
    exception = getattr(done, "exception", None)
    code = getattr(done, "exit_code", None)
    if exception is not None and not isinstance(exception, SystemExit):
        broken.append(f"{what}: {type(exception).__name__}: {exception}")
    elif code not in (0, 1, 2, 3):
        broken.append(f"{what}: exit code {code}")


def _compare(base: Base, folder: Path, broken: list[str], *, is_harmless: bool) -> None:
    """Compare what is there after the start with what was there before the damage."""
    try:
        seen = look(folder)
    except AssertionError as error:
        if is_harmless:
            broken.append(f"sound and started, but cannot be read: {error}")
        return
    if _identities(seen) != _identities(base.seen):
        broken.append("other instances than before")
    if is_harmless and not seen.records.startswith(base.seen.records):
        broken.append("called sound, but other records than were written")


def _identities(seen: Seen) -> list[tuple[str, str]]:
    return [(row["id"], row["mode"]) for row in seen.instances]


def _files(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in ("journal.db", "state.db")}


def main() -> int:
    """Run all cases and print the table; exit code 1 if a promise was broken."""
    parser = argparse.ArgumentParser(description="damage state folders in every way")
    parser.add_argument("--flips", type=int, default=4, help="bits flipped in each page")
    parser.add_argument("--kind", default="", help="only kinds that contain this")
    arguments = parser.parse_args()
    began = time.monotonic()
    counts: dict[str, Counter[str]] = {}
    violations: list[str] = []
    work = Path(tempfile.mkdtemp(prefix="damage-"))
    try:
        base = build(work / "base")
        for case in all_cases(base, arguments.flips):
            if arguments.kind not in case.kind:
                continue
            outcome = run_case(base, case, work / "case")
            counts.setdefault(case.kind, Counter())[outcome.what] += 1
            violations += [f"{case.kind}, {case.name}: {text}" for text in outcome.violations]
    finally:
        shutil.rmtree(work)
    _print_table(counts, violations, time.monotonic() - began)
    return 1 if violations else 0


def _print_table(counts: dict[str, Counter[str]], violations: list[str], seconds: float) -> None:
    width = max(len(kind) for kind in counts)
    out = sys.stdout
    heads = ("cases", *OUTCOMES)
    out.write(" ".join(["damage".ljust(width), *(head.rjust(10) for head in heads)]) + "\n")
    total: Counter[str] = Counter()
    for kind, count in counts.items():
        total += count
        out.write(_line(kind.ljust(width), count))
    out.write(_line("all".ljust(width), total))
    out.write(f"{len(violations)} promises broken, {seconds:.0f} s\n")
    for text in violations:
        out.write(f"  {text}\n")


def _line(name: str, count: Counter[str]) -> str:
    cells = (sum(count.values()), *(count[outcome] for outcome in OUTCOMES))
    return " ".join([name, *(f"{cell:10,}" for cell in cells)]) + "\n"


if __name__ == "__main__":
    sys.exit(main())
