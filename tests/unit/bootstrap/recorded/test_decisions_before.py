"""Older decisions are read backwards, over the runs that were carried on, none twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.support.recorded import RecordedSource
from tests.support.records import record_of

from tradetui.bootstrap.recorded import decisions_before
from tradetui.bootstrap.recorded.decisions_before import decided_before, read_decided
from tradetui.domain.enums import RunMode, Source
from tradetui.domain.envelope import DEFAULT_SOURCE_PRIORITY, Envelope
from tradetui.domain.ids import Currency, InstrumentId, RunId
from tradetui.domain.intents import Signal
from tradetui.domain.risk import RiskDecision
from tradetui.domain.steps import JournalHeader, KernelConfig, StepRecord, StepResult
from tradetui.domain.timers import Heartbeat
from tradetui.ports.journal import JournalError

DECISION = record_of(RiskDecision, is_full=False)
SIGNAL = record_of(Signal, is_full=False)
assert isinstance(DECISION, RiskDecision) and isinstance(SIGNAL, Signal)


def header(run: str, opening_seq: int = 0, continues: str = "") -> JournalHeader:
    config = KernelConfig(RunId(run), RunMode.PAPER, Currency("USDT"), (), ())
    plain = JournalHeader(
        1, RunId(run), RunMode.PAPER, DEFAULT_SOURCE_PRIORITY, "hash", config, (), 7, 0
    )
    return replace(plain, opening_seq=opening_seq, continues=continues)


def step(seq_id: int) -> StepRecord:
    """Every third step judges two intents, every fifth weighs a signal, the rest are quiet."""
    event = Envelope(
        seq_id, seq_id, seq_id, Source.TIMER, "", InstrumentId(""), "Heartbeat",
        Heartbeat(seq_id, ()),
    )  # fmt: skip
    signals = () if seq_id % 5 else (SIGNAL,)
    judged = () if seq_id % 3 else (DECISION, DECISION)
    return StepRecord(event, (), judged, (), StepResult(signals=signals))


@pytest.fixture
def source() -> RecordedSource:
    """A run apart, then one that was carried on by another."""
    return (
        RecordedSource()
        .add(header("apart"), [step(n) for n in range(1, 20)])
        .add(header("first"), [step(n) for n in range(1, 41)], "crashed")
        .add(header("second", 40, "first"), [step(n) for n in range(41, 91)])
    )


@pytest.mark.parametrize(("count", "block"), [(1, 5_000), (7, 3), (1_000, 10)])
def test_page_by_page_they_are_all_there(
    source: RecordedSource, monkeypatch: pytest.MonkeyPatch, count: int, block: int
) -> None:
    monkeypatch.setattr(decisions_before, "BLOCK", block)
    found: list[int] = []
    mark: int | None = None
    while True:
        page, mark = decided_before(source, mark, count)
        found = [*(one.event.seq_id for one in page), *found]
        if mark is None:
            break
        assert sum(len(one.decisions) + len(one.result.signals) for one in page) >= count
    assert found == [n for n in range(1, 91) if not n % 3 or not n % 5]


def test_before_a_step_and_before_the_first(source: RecordedSource) -> None:
    page, mark = decided_before(source, 42, 2)
    assert [one.event.seq_id for one in page] == [39, 40] and mark == 39
    assert decided_before(source, 1, 10) == ((), None)
    assert decided_before(RecordedSource(), None, 10) == ((), None)


def test_a_journal_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(JournalError):
        read_decided(tmp_path / "journal.db", None, 1)
