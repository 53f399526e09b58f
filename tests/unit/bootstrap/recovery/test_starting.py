"""A start that cannot go on closes the journal that it has opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from tradetui.bootstrap.recovery.rebuilding import Wanted
from tradetui.bootstrap.recovery.starting import start_run
from tradetui.core.venue.models import VenueConfig
from tradetui.domain.enums import RunMode
from tradetui.domain.envelope import DEFAULT_SOURCE_PRIORITY
from tradetui.domain.ids import Currency, RunId
from tradetui.domain.steps import JournalHeader, KernelConfig
from tradetui.ports.store import StoreError
from tradetui.storage.instance_store import SqliteInstanceStore


@pytest.mark.parametrize("refusing", ["restored_run", "note_run"])
async def test_records_that_cannot_be_used_leave_no_journal_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusing: str
) -> None:
    config = KernelConfig(RunId("r1"), RunMode.PAPER, Currency("USD"), (), ())
    header = JournalHeader(
        1, RunId("r1"), RunMode.PAPER, DEFAULT_SOURCE_PRIORITY, "hash", config, (), 7, 0
    )

    async def refuse(*_: object) -> str:
        raise StoreError("state.db is locked by another process")

    monkeypatch.setattr(SqliteInstanceStore, refusing, refuse)
    store = await SqliteInstanceStore.open(tmp_path, RunMode.PAPER)
    try:
        with pytest.raises(StoreError, match="locked"):
            await start_run(tmp_path, store, header, Wanted(config, VenueConfig(), "", 0))
    finally:
        await store.close()
