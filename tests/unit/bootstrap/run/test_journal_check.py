"""The check of the whole journal beside a running engine: what it says, counts and finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tradetui.bootstrap.run import journal_check
from tradetui.bootstrap.run.journal_check import JournalCheck
from tradetui.ports.journal import JournalError
from tradetui.runtime.telemetry import Telemetry
from tradetui.storage.verify import Verification
from tradetui.storage.verify_rows import Fault

PATH = Path("/state/journal.db")
FAULT = Fault("step 7 of run r1 is not as it was written", "r1", 7, 7)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_check, "AGAIN_SECONDS", 0.0)


def check_of(*answers: tuple[Fault, ...], segments: int = 0) -> tuple[JournalCheck, list[Path]]:
    """Return a check that finds one answer after the other."""
    asked: list[Path] = []
    left = list(answers)

    async def verify(path: Path) -> Verification:
        asked.append(path)
        return Verification(path, 1, 1_234, segments=segments, faults=left.pop(0))

    return JournalCheck(PATH, verify), asked


async def test_a_sound_journal_is_said_and_counted() -> None:
    telemetry = Telemetry()
    check, asked = check_of((), segments=2)
    said = await check.chore(telemetry)
    assert said == "the whole journal was verified: 1,234 steps, 2 segments, sound"
    assert asked == [PATH]
    assert telemetry.verified is not None
    assert (telemetry.verified.steps, telemetry.verified.faults) == (1_234, 0)
    check, _ = check_of(())
    assert await check.chore(telemetry) == "the whole journal was verified: 1,234 steps, sound"


async def test_damage_is_named_once_it_was_found_twice() -> None:
    telemetry = Telemetry()
    check, asked = check_of((FAULT,), (FAULT, FAULT, FAULT))
    with pytest.raises(JournalError) as caught:
        await check.chore(telemetry)
    assert str(caught.value).startswith(
        f"the journal is damaged: {PATH}: {FAULT.what} (and 2 more faults); the run goes on; "
        "`tradetui journal verify` names all"
    )
    assert len(asked) == 2
    assert telemetry.verified is not None
    assert telemetry.verified.faults == 3


async def test_one_fault_is_not_counted_to_others() -> None:
    check, _ = check_of((FAULT,), (FAULT,))
    with pytest.raises(JournalError, match="as it was written; the run goes on"):
        await check.chore(Telemetry())


async def test_what_was_on_its_way_into_a_segment_is_no_damage() -> None:
    telemetry = Telemetry()
    check, asked = check_of((FAULT,), ())
    assert "sound" in await check.chore(telemetry)
    assert len(asked) == 2
    assert telemetry.verified is not None
    assert telemetry.verified.faults == 0
