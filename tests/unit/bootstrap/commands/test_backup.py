"""A backup made and restored, and what is refused before anything is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from tradetui.bootstrap.commands.backup import backup, restore
from tradetui.cli.wiring import Place
from tradetui.services.errors import RefusedError, UserError


def test_what_was_backed_up_comes_back_under_another_name(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "kept.backup"
    made = backup(place, file)
    assert made["backup"] == str(file)
    assert made["bytes"] > 0
    other = tmp_path / "other"
    back = restore(Place(state=other), file, force=False)
    assert (back["restored"], back["old_folder"]) == (str(other), None)
    same = ("made", "run_mode", "runs", "last_run", "last_step", "files")
    assert [back[key] for key in same] == [made[key] for key in same]


def test_a_file_that_is_there_is_not_written_over(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "kept.backup"
    file.write_text("mine")
    with pytest.raises(RefusedError, match="is there already; name another file"):
        backup(place, file)
    assert file.read_text() == "mine"


def test_a_folder_without_records_and_a_backup_that_is_none_are_mistakes(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"holds no state\.db"):
        backup(Place(state=tmp_path / "empty"), tmp_path / "kept.backup")
    with pytest.raises(UserError, match="there is no such file; name a backup"):
        restore(Place(state=tmp_path / "empty"), tmp_path / "gone.backup", force=False)
    assert list(tmp_path.iterdir()) == []
