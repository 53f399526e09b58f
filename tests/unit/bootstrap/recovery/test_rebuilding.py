"""A recorded run brought back: which checkpoint is taken, and what is said of the others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tradetui.bootstrap.recovery.rebuilding import Telling, last_state, newest_sound
from tradetui.cli.wiring import Place
from tradetui.core.checkpoint import state_hash
from tradetui.domain.ids import RunId
from tradetui.domain.recovery import CheckpointTooNewError
from tradetui.domain.steps import JournalHeader
from tradetui.ports.journal import CheckpointInfo, JournalError
from tradetui.services.errors import RefusedError
from tradetui.storage.folder import JOURNAL_DB
from tradetui.storage.reader import JournalReader


@pytest.fixture
def reader(place: Place) -> Iterator[JournalReader]:
    assert place.state is not None
    with JournalReader(place.state / JOURNAL_DB) as opened:
        yield opened


@pytest.fixture
def header(reader: JournalReader) -> JournalHeader:
    return reader.header(RunId(reader.runs()[-1].run_id))


@pytest.fixture
def kept(reader: JournalReader, header: JournalHeader) -> tuple[CheckpointInfo, ...]:
    """The checkpoints of the run, of which there are some."""
    found = tuple(reader.checkpoints(header.run_id))
    assert found
    return found


def spoil(
    monkeypatch: pytest.MonkeyPatch, reader: JournalReader, above: int, error: Exception
) -> None:
    """Let no checkpoint above a step be read."""
    whole = reader.checkpoint

    def read(run_id: RunId, seq_id: int) -> bytes:
        if seq_id > above:
            raise error
        return whole(run_id, seq_id)

    monkeypatch.setattr(reader, "checkpoint", read)


def test_the_newest_checkpoint_is_taken_in_silence(
    reader: JournalReader, header: JournalHeader, kept: tuple[CheckpointInfo, ...]
) -> None:
    telling = Telling()
    found = newest_sound(reader, header, telling)
    assert found is not None
    assert found.cursor.seq_id == kept[-1].seq_id
    assert telling == Telling()


def test_each_one_that_cannot_be_read_is_told_and_passed_over(
    reader: JournalReader,
    header: JournalHeader,
    kept: tuple[CheckpointInfo, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spoil(monkeypatch, reader, -1, JournalError("journal.db: a page is damaged"))
    telling = Telling()
    assert newest_sound(reader, header, telling) is None
    said = "journal.db: a page is damaged: the one before it is used"
    assert telling.alerts == [said] * len(kept)


def test_one_of_a_later_version_is_refused_and_not_passed_over(
    reader: JournalReader,
    header: JournalHeader,
    kept: tuple[CheckpointInfo, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spoil(monkeypatch, reader, -1, CheckpointTooNewError("is of version 99"))
    where = f"the checkpoint of run {header.run_id} at step {kept[-1].seq_id} is of version 99"
    with pytest.raises(RefusedError, match=f"^{where}; nothing was started$"):
        newest_sound(reader, header, Telling())


def test_the_last_state_is_the_same_from_a_checkpoint_and_from_the_first_step(
    reader: JournalReader,
    header: JournalHeader,
    kept: tuple[CheckpointInfo, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    quick = last_state(reader, header)
    spoil(monkeypatch, reader, -1, JournalError("gone"))
    slow = last_state(reader, header)
    assert quick is not None
    assert slow is not None
    assert state_hash(quick) == state_hash(slow)
