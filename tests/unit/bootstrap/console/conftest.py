"""A recorded run to travel in: that of the place."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tradetui.backtest.recorded import RecordedRun, recorded_run
from tradetui.cli.wiring import Place
from tradetui.storage.reader import JournalReader


@pytest.fixture
def reader(place: Place) -> Iterator[JournalReader]:
    assert place.state is not None
    with JournalReader(place.state / "journal.db") as opened:
        yield opened


@pytest.fixture
def run(reader: JournalReader) -> RecordedRun:
    return recorded_run(reader, None)
