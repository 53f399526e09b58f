"""Strategy files are parsed once for the same bytes."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tradetui.engine.loader_find import find_strategies

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
