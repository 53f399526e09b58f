"""Every kind of failure has its row, and says by it what follows."""

from __future__ import annotations

import pytest

from tradetui.ports.faults import FAULTS, ExecutionError, FaultKind


@pytest.mark.parametrize("kind", FaultKind)
def test_each_kind_has_one_row_and_one_class(kind: FaultKind) -> None:
    fault = FAULTS[kind]
    assert issubclass(fault.error, ExecutionError)
    assert fault.error.kind is kind
    assert fault.error("x", 5).retry_after == 5
    assert fault.words.startswith(("the ", "no "))


def test_only_what_provably_did_nothing_proves_absence() -> None:
    proven = {kind for kind, fault in FAULTS.items() if fault.proves_absence}
    assert proven == {
        FaultKind.NOT_SENT,
        FaultKind.RATE_LIMITED,
        FaultKind.BANNED,
        FaultKind.CLOCK,
        FaultKind.AUTHENTICATION,
    }
