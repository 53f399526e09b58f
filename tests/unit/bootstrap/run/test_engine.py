"""What an engine is built of, and the sentences of one that cannot be."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from tests.unit.bootstrap.conftest import with_config

from tradetui.bootstrap.profile.profile import profile_for
from tradetui.bootstrap.run.engine import engine, label_of
from tradetui.cli.wiring import RunOptions
from tradetui.domain.enums import RunMode
from tradetui.engine.errors import EngineError
from tradetui.ports.journal import JournalError
from tradetui.ports.store import StoreError
from tradetui.services.errors import RefusedError, RuntimeProblemError
from tradetui.storage.lock import FolderLock


async def test_a_run_mode_that_is_not_built_is_refused(options: RunOptions, tmp_path: Path) -> None:
    profile = profile_for(options)
    section = profile.config.profile.model_copy(update={"run_mode": RunMode.LIVE})
    live = with_config(profile, profile=section)
    with pytest.raises(RefusedError, match="run_mode live is not built yet; this version runs pap"):
        async with engine(live, options, tmp_path / "state"):
            pass
    assert not (tmp_path / "state").exists()


async def test_a_folder_that_another_process_holds_is_refused(
    options: RunOptions, tmp_path: Path
) -> None:
    folder = tmp_path / "state"
    folder.mkdir(mode=0o700)
    with FolderLock(folder), pytest.raises(RefusedError, match=str(folder)):
        async with engine(profile_for(options), options, folder):
            pass


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (StoreError("state.db: the disk is full"), "state.db: the disk is full"),
        (JournalError("journal.db: the disk is full"), "journal.db: the disk is full"),
        (
            EngineError("step 5 (Bar) failed: no"),
            (
                "step 5 (Bar) failed: no; what was durable before it is kept in {folder}: "
                "`tradetui engine recover` tells what the next start brings back"
            ),
        ),
    ],
    ids=("store", "journal", "engine"),
)
async def test_what_ends_a_run_is_one_sentence_and_the_folder_is_free_again(
    options: RunOptions, tmp_path: Path, error: Exception, said: str
) -> None:
    folder = tmp_path / "state"
    with pytest.raises(RuntimeProblemError) as caught:
        async with engine(profile_for(options), options, folder) as running:
            await running.driver.abandon()
            raise error
    assert str(caught.value) == said.format(folder=folder)
    with FolderLock(folder):
        pass


def test_a_strategy_is_called_by_its_label_or_else_its_name() -> None:
    @dataclasses.dataclass
    class Info:
        name: str
        label: str

    class Catalogue:
        def found(self) -> tuple[Info, ...]:
            return (Info("cross", "Moving-average cross"), Info("plain", ""))

    catalogue: Any = Catalogue()
    names = ("cross", "plain", "gone")
    assert [label_of(catalogue, name) for name in names] == [
        "Moving-average cross",
        "plain",
        "gone",
    ]
