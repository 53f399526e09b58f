"""The check of our own samples, once in each process: the same file is found the same again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from tradetui.engine.loader_check import CheckLimits, CheckReport, CheckSubject, run_check

SAMPLES = Path(__file__).resolve().parents[2] / "strategies"
_sound: dict[bytes, CheckReport] = {}


def remembered(
    subject: CheckSubject, limits: CheckLimits, is_unwanted: Callable[[], bool]
) -> CheckReport:
    """Check in a child as always, but a sample that was found sound before only once.

    A suite starts a few hundred engines with five samples each. Any other file, and a sample whose
    bytes or config differ, is checked each time.
    """
    if subject.path.parent != SAMPLES:
        return run_check(subject, limits, is_unwanted)
    key = msgspec.msgpack.encode((subject, limits), enc_hook=str)
    if key not in _sound:
        report = run_check(subject, limits, is_unwanted)
        if report.problem:
            return report
        _sound[key] = report
    return _sound[key]
