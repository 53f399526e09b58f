"""Blocks are cut at line ends wherever they fall."""

from __future__ import annotations

from pathlib import Path

import pytest

from tradetui.data import source
from tradetui.data.loader import load
from tradetui.data.problems import DataError


def rows(count: int) -> str:
    return "".join(f"{1_500_000_000_000 + n * 60_000},1,1,1,1,{n}\n" for n in range(count))


@pytest.mark.parametrize("block", [16, 64, 1_000])
def test_every_block_size_gives_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(source, "_BLOCK", block)
    path = tmp_path / "x.csv"
    path.write_text("ts_ms,open,high,low,close,volume\n" + rows(50).rstrip("\n"))
    table = load(path)
    assert table.columns["volume"].tolist() == [n * 10**8 for n in range(50)]


def test_lines_are_counted_over_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "_BLOCK", 100)
    path = tmp_path / "x.csv"
    path.write_text("ts_ms,open,high,low,close,volume\n" + rows(30) + "x,1,1,1,1,1\n")
    with pytest.raises(DataError, match="line 32, column ts_ms: is not a time"):
        load(path)


def test_a_line_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "_BLOCK", 100)
    monkeypatch.setattr(source, "_MAX_LINE", 500)
    path = tmp_path / "x.csv"
    path.write_text("ts_ms,open,high,low,close,volume\n" + "1" * 1_000)
    with pytest.raises(DataError, match="line 2 has no end"):
        load(path)


def test_too_much_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "_MAX_BYTES", 100)
    path = tmp_path / "x.csv"
    path.write_text("ts_ms,open,high,low,close,volume\n" + rows(30))
    with pytest.raises(DataError, match="split the file"):
        load(path)
