"""Which program this is, as a journal names it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import tradetui
from tradetui.bootstrap.process import program
from tradetui.bootstrap.process.program import code_hash, this_program


def sources(folder: Path, text: str) -> Path:
    for name in ("core/a.py", "core/risk/b.py", "domain/c.py", "tui/d.py"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text if name.endswith("b.py") else "1")
    return folder


def test_it_is_the_version_and_a_hash_of_what_decides() -> None:
    pattern = rf"{re.escape(tradetui.__version__)} \([0-9a-f]{{8}}\)"
    assert re.fullmatch(pattern, this_program())


def test_other_deciding_code_is_another_program(tmp_path: Path) -> None:
    one = code_hash(sources(tmp_path / "one", "x = 1"))
    assert code_hash(sources(tmp_path / "same", "x = 1")) == one
    assert code_hash(sources(tmp_path / "other", "x = 2")) != one
    (tmp_path / "same" / "tui" / "d.py").write_text("2")
    assert code_hash(tmp_path / "same") == one
    (tmp_path / "same" / "core" / "a.py").rename(tmp_path / "same" / "core" / "z.py")
    assert code_hash(tmp_path / "same") != one


def test_without_sources_it_is_the_version_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert code_hash(tmp_path) == ""
    monkeypatch.setattr(program, "code_hash", lambda folder: "")
    this_program.cache_clear()
    try:
        assert this_program() == tradetui.__version__
    finally:
        this_program.cache_clear()
