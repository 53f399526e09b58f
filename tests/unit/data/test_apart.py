"""Files read in a child process: the same tables, the same errors, and a child that dies."""

from __future__ import annotations

import io
import pickle
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tradetui.data import apart
from tradetui.data.instrument_spec import InstrumentSpec
from tradetui.data.loader import load
from tradetui.data.problems import DataError

HEAD = "ts_ms,open,high,low,close,volume\n"
ROWS = "".join(f"{1_600_000_000_000 + i * 60_000},10,12,9,11,3\n" for i in range(5))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "v_btcusd_1m.csv"
    path.write_text(HEAD + ROWS)
    return path


def test_a_child_reads_what_the_loader_reads(file: Path) -> None:
    (table,) = apart.load_apart([file], InstrumentSpec())
    alone = load(file)
    assert table.instrument == alone.instrument
    assert table.notes == alone.notes
    assert table.times.tolist() == alone.times.tolist()
    assert {name: list(values) for name, values in table.columns.items()} == {
        name: list(values) for name, values in alone.columns.items()
    }


def test_what_is_wrong_with_a_file_comes_back(file: Path) -> None:
    file.write_text(HEAD + ROWS + "x,10,12,9,11,3\n")
    with pytest.raises(DataError) as alone:
        load(file)
    source = io.BytesIO(pickle.dumps(((file,), InstrumentSpec(), True, None)))
    target = io.BytesIO()
    apart.serve(source, target)
    error = pickle.loads(target.getvalue())
    assert str(error) == str(alone.value)
    assert error.problems == alone.value.problems


@pytest.mark.parametrize(
    ("said", "shown"), [(b"a\nMemoryError\n", "MemoryError"), (b"", "nothing")]
)
def test_a_child_that_dies_is_said(
    file: Path, monkeypatch: pytest.MonkeyPatch, said: bytes, shown: str
) -> None:
    def died(command: list[str], **_: Any) -> subprocess.CompletedProcess[bytes]:
        return subprocess.CompletedProcess(command, -9, b"", said)

    monkeypatch.setattr(subprocess, "run", died)
    with pytest.raises(DataError, match=f"ended with -9: .*{shown}"):
        apart.load_apart([file], InstrumentSpec())


def test_its_error_is_raised_here(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def answered(command: list[str], **_: Any) -> subprocess.CompletedProcess[bytes]:
        return subprocess.CompletedProcess(command, 0, pickle.dumps(DataError("no good")), b"")

    monkeypatch.setattr(subprocess, "run", answered)
    with pytest.raises(DataError, match="no good"):
        apart.load_apart([file], InstrumentSpec())
