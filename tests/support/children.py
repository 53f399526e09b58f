"""What child processes answered before, once for a whole run of the tests.

Each start of an engine tries every strategy out in a child process, and each replay reads its file
in one. The suite starts some hundreds of engines with the same samples and the same few files: the
same bytes get the same answer. Each worker, and each process of a nursery, keeps the answers in one
folder.
"""

from __future__ import annotations

import hashlib
import os
import pickle
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import msgspec

from tradetui.data.apart import load_apart
from tradetui.data.instrument_spec import InstrumentSpec
from tradetui.data.row_order import Arrange
from tradetui.data.tables import MarketTable
from tradetui.engine.loader.check import CheckLimits, CheckReport, CheckSubject, run_check

FOLDER: Final = "TRADETUI_TESTS_ANSWERS"
"""Environment variable: the folder with the answers of this run."""

CPU_SECONDS: Final = 3
MEMORY_BYTES: Final = 1 << 30
"""What a file that is tried out may take; in the product it is twice as much."""

SAMPLES: Final = Path(__file__).resolve().parents[2] / "strategies"
_PLAIN: Final[set[bytes]] = set()


def ask_once(*texts: str) -> None:
    """Treat the strategies of a rig like the samples: what is found of them depends on their text
    alone, wherever it is written to.
    """
    _PLAIN.update(text.encode() for text in texts)


def checked(
    subject: CheckSubject, limits: CheckLimits, is_unwanted: Callable[[], bool]
) -> CheckReport:
    """Check in a child as always, but a sample, or what a rig asks once, that was found sound
    before only once.

    Any other file, and a sample whose bytes or config differ, is checked each time, but one that
    does not end, or takes all memory, may take less.
    """
    if subject.path.parent != SAMPLES and subject.source not in _PLAIN:
        limits = msgspec.structs.replace(
            limits,
            cpu_seconds=min(limits.cpu_seconds, CPU_SECONDS),
            memory_bytes=min(limits.memory_bytes, MEMORY_BYTES),
        )
        return run_check(subject, limits, is_unwanted)
    anywhere = msgspec.structs.replace(subject, path=Path(subject.path.name))
    answer = _answer(msgspec.msgpack.encode((anywhere, limits), enc_hook=str))
    if answer.exists():
        return msgspec.msgpack.decode(answer.read_bytes(), type=CheckReport)
    report = run_check(subject, limits, is_unwanted)
    if not report.problem:
        _keep(answer, msgspec.msgpack.encode(report))
    return report


def read(
    paths: Sequence[Path],
    spec: InstrumentSpec,
    *,
    strict: bool = True,
    arrange: Arrange | None = None,
) -> list[MarketTable]:
    """Read files in a child as always, but the same bars or quotes, under the same name, once.

    Files that have a description beside them, that are put in order, or that cannot be read, are
    read each time.
    """
    is_plain = all(
        path.is_file() and not path.with_name(f"{path.name}.toml").exists() for path in paths
    )
    if arrange is not None or not is_plain:
        return load_apart(paths, spec, strict=strict, arrange=arrange)
    contents = [(path.name, hashlib.sha256(path.read_bytes()).digest()) for path in paths]
    answer = _answer(pickle.dumps((contents, spec, strict)))
    if answer.exists():
        tables: list[MarketTable] = pickle.loads(answer.read_bytes())
        return [replace(one, path=str(path)) for one, path in zip(tables, paths, strict=True)]
    tables = load_apart(paths, spec, strict=strict)
    if all(table.trade_ids is None for table in tables):  # those need the library that reads
        _keep(answer, pickle.dumps(tables))
    return tables


def _answer(question: bytes) -> Path:
    return Path(os.environ[FOLDER], hashlib.sha256(question).hexdigest())


def _keep(answer: Path, data: bytes) -> None:
    """Put an answer down whole: others read at the same time."""
    part = answer.with_suffix(f".{os.getpid()}")
    part.write_bytes(data)
    part.replace(answer)


PATCHES: Final[dict[str, Any]] = {
    "tradetui.engine.loader.strategy_loader.run_check": checked,
    "tradetui.adapters.replay.client.load_apart": read,
}
"""What takes the place of what."""
