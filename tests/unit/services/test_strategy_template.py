"""The template works as it is, and nothing that exists is overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from tradetui.engine.loader.strategy_loader import StrategyLoader
from tradetui.services.errors import RefusedError, RuntimeProblemError, UserError
from tradetui.services.strategy_template import new_strategy


def test_the_template_is_a_sound_strategy(tmp_path: Path) -> None:
    path = new_strategy(tmp_path / "own", "dip_buyer")
    assert path == tmp_path / "own" / "dip_buyer.py"
    report = StrategyLoader([path.parent]).check("dip_buyer")
    assert report.problem == ""
    assert "class DipBuyer(Strategy)" in path.read_text()
    odd = new_strategy(path.parent, "dip__buyer_").read_text()
    assert "class DipBuyer(Strategy)" in odd
    assert 'LABEL = "Dip buyer"' in odd


def test_a_file_that_exists_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("precious")
    with pytest.raises(RefusedError, match="was not touched"):
        new_strategy(tmp_path, "mine")
    assert (tmp_path / "mine.py").read_text() == "precious"


@pytest.mark.parametrize("name", ["", "Dip", "../x", "a-b", "1st", "a\x1b", "a" * 65])
def test_a_wrong_name_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match="is no name of a strategy: 1 to 64 of a-z"):
        new_strategy(tmp_path, name)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RuntimeProblemError, match="cannot be written"):
        new_strategy(tmp_path / "file" / "deeper", "dip")


def test_a_file_in_the_folder_s_place_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="file: is no folder; name another one with --folder"):
        new_strategy(tmp_path / "file", "one")
