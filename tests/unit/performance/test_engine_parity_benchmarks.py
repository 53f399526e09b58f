"""The benchmark that compares: what it writes, what it refuses, and when it fails."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.performance import engine_parity_benchmarks as bench
from tests.performance.figures import Figure

QUICK = ("--iterations", "1", "--warmup", "0", "--bars", "60")


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that stands: every figure is known."""
    monkeypatch.setattr(bench, "floor_ns", lambda bars, repeats: 100.0)
    workloads = {name: (lambda bars: 800.0) for name in bench.WORKLOADS}
    monkeypatch.setattr(bench, "WORKLOADS", workloads)


def baseline(path: Path, **more: Any) -> Path:
    ratios = {name: {"ratio": 8.0} for name in ("W1", "W1_journal", "W2", "W3")}
    body = {"schema_version": 1, "bars": 60, "figures": ratios, **more}
    path.write_text(json.dumps(body), encoding="utf-8")
    return path


def test_it_measures_the_engine_and_writes_what_it_can_compare_with(tmp_path: Path) -> None:
    out = tmp_path / "now.json"
    assert bench.main([*QUICK, "--json-out", str(out)]) == 0
    found = bench.read_baseline(out, 60)
    assert found["floor"] == 1.0
    assert all(found[name] > 0 for name in bench.WORKLOADS)


@pytest.mark.parametrize(("allowed", "code"), [("1.1", 0), ("1.0", 0), ("0.9", 1)])
@pytest.mark.usefixtures("still")
def test_a_ratio_that_is_worse_than_allowed_fails(
    allowed: str, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = baseline(tmp_path / "b.json")
    line = [*QUICK, "--baseline-json", str(before), "--max-slowdown-ratio", allowed]
    assert bench.main(line) == code
    said = capsys.readouterr().err
    assert ("W1: 8.00x -> 8.00x of the floor" in said) == (code == 1)


def test_only_what_became_slower_is_named() -> None:
    figures = [Figure("W1", 1, "ns", 9.0), Figure("W2", 1, "ns", 8.0), Figure("floor", 1, "ns", 1)]
    found = bench.slower(figures, {"W1": 8.0, "W2": 8.0}, 1.1)
    assert found == ["W1: 8.00x -> 9.00x of the floor, 1.12 times as slow; 1.10 is allowed"]


@pytest.mark.usefixtures("still")
def test_the_median_counts_and_the_warmup_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([9_000.0, 500.0, 900.0, 700.0])
    monkeypatch.setattr(bench, "WORKLOADS", {"W1": lambda bars: next(times)})
    figures = bench.measure(3, 1, 60)
    assert [(one.name, one.value, one.ratio) for one in figures] == [
        ("floor", 100.0, 1.0),
        ("W1", 700.0, 7.0),
    ]


def test_wrong_money_is_no_figure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def wrong(bars: int) -> float:
        raise AssertionError("equity 1 instead of 2")

    monkeypatch.setattr(bench, "WORKLOADS", {"W1": wrong})
    assert bench.main(QUICK) == 1
    read = capsys.readouterr()
    assert "no figure counts" in read.err and read.out == ""


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "is not what --json-out writes"),
        ("[]", "is not what --json-out writes"),
        ('{"schema_version": 2, "bars": 60, "figures": {}}', "has schema_version 2"),
        ('{"schema_version": 1, "bars": 50, "figures": {}}', "was measured with --bars 50"),
        ('{"schema_version": 1, "bars": 60, "figures": {}}', "has no W1, W1_journal, W2, W3"),
    ],
)
def test_a_baseline_that_cannot_be_used_is_bad_input(
    text: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "b.json"
    path.write_text(text, encoding="utf-8")
    assert bench.main([*QUICK, "--baseline-json", str(path)]) == 2
    assert sentence in capsys.readouterr().err


def test_a_ratio_of_zero_and_a_file_that_is_not_there(tmp_path: Path) -> None:
    zero = {name: {"ratio": 0} for name in bench.WORKLOADS}
    path = baseline(tmp_path / "b.json", figures=zero)
    with pytest.raises(bench.BaselineError, match="not above 0"):
        bench.read_baseline(path, 60)
    with pytest.raises(bench.BaselineError, match="cannot be read"):
        bench.read_baseline(tmp_path / "none.json", 60)


@pytest.mark.usefixtures("still")
def test_a_place_that_cannot_be_written_is_bad_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench.main([*QUICK, "--json-out", str(tmp_path / "no" / "x.json")]) == 2
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [("--iterations", "0"), ("--warmup", "-1"), ("--bars", "1"), ("--bars", "x"),
     ("--max-slowdown-ratio", "0"), ("--max-slowdown-ratio", "nan")],
)  # fmt: skip
def test_options_out_of_range_are_refused(words: tuple[str, str]) -> None:
    with pytest.raises(SystemExit) as left:
        bench.main(words)
    assert left.value.code == 2
