"""Each step goes to the journal, the figures and the screen; early lines wait for the screen."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace
from tests.support.records import record_of

from tradetui.domain.codec import encode_step
from tradetui.domain.replica import LogView
from tradetui.domain.steps import StepRecord
from tradetui.runtime.tap import RECENT, StepTap

STEP = record_of(StepRecord, is_full=False)
LINE = record_of(LogView, is_full=True)


class Taker:
    """Stands for journal, telemetry and publisher: keeps what each is given, in one order."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []

    def append(self, record: StepRecord) -> bytes:
        self.calls.append(("journal", record.event.seq_id))
        return encode_step(record)

    def note_step(self, record: StepRecord) -> None:
        self.calls.append(("figures", record.event.seq_id))

    def note(self, record: StepRecord) -> None:
        self.calls.append(("screen", record.event.seq_id))

    def log(self, line: LogView) -> None:
        self.calls.append(("line", line))


def step(seq_id: int) -> StepRecord:
    return replace(STEP, event=replace(STEP.event, seq_id=seq_id))


def test_a_step_is_journalled_before_anything_is_shown() -> None:
    taker = Taker()
    tap = StepTap(taker, taker)  # type: ignore[arg-type]
    tap.append(step(1))
    tap.connect(taker)  # type: ignore[arg-type]
    tap.append(step(2))
    assert taker.calls == [
        ("journal", 1),
        ("figures", 1),
        ("journal", 2),
        ("figures", 2),
        ("screen", 2),
    ]
    assert tap.last_seq == 2


def test_lines_from_before_the_screen_are_shown_once() -> None:
    taker = Taker()
    tap = StepTap(taker, taker)  # type: ignore[arg-type]
    tap.log(LINE)
    assert taker.calls == []
    tap.connect(taker)  # type: ignore[arg-type]
    tap.connect(taker)  # type: ignore[arg-type]
    tap.log(LINE)
    assert taker.calls == [("line", LINE), ("line", LINE)]


def test_only_the_newest_steps_are_kept() -> None:
    taker = Taker()
    tap = StepTap(taker, taker)  # type: ignore[arg-type]
    for seq_id in range(1, RECENT + 3):
        tap.append(step(seq_id))
    assert len(tap.recent) == RECENT
    assert tap.last_seq == RECENT + 2
    assert [one.event.seq_id for one in tap.newest_first(until=5)] == [5, 4, 3]
    assert next(tap.newest_first(until=RECENT + 9)) == step(RECENT + 2)
    assert not list(tap.newest_first(until=2))
