"""Strategy files are parsed once for the same bytes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tradetui.engine.loader.find import find_strategies

SOURCE = 'from tradetui.strategy import Strategy\n\n\nclass One(Strategy):\n    LABEL = "{}"\n'


def test_a_file_that_did_not_change_is_not_parsed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "one_of_a_kind.py"
    file.write_text(SOURCE.format("first"))
    parsed: list[str] = []
    real = ast.parse

    def counted(source: bytes, name: str) -> ast.Module:
        parsed.append(name)
        return real(source, name)

    monkeypatch.setattr(ast, "parse", counted)
    for _ in range(3):
        (found,) = find_strategies([tmp_path])
        assert found.label == "first"
    file.write_text(SOURCE.format("second"))
    (found,) = find_strategies([tmp_path])
    assert found.label == "second"
    assert len(parsed) == 2


def test_a_folder_that_cannot_be_read_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where a file stands in its place; one that is not there holds nothing."""
    (tmp_path / "file").touch()
    (tmp_path / "mine").mkdir()
    real = Path.iterdir

    def closed(folder: Path) -> Iterator[Path]:
        if folder.name == "mine":
            raise PermissionError(13, "Permission denied")
        return real(folder)

    monkeypatch.setattr(Path, "iterdir", closed)
    assert find_strategies([tmp_path / "gone"]) == ()
    found = find_strategies([tmp_path / "mine", tmp_path / "file"])
    assert [(one.name, one.problem) for one in found] == [
        ("file", "the folder file cannot be read: Not a directory"),
        ("mine", "the folder mine cannot be read: Permission denied"),
    ]
