"""The check of coverage finds what is planted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.coverage_promise import broken, main, table, tallies


def file(lines: int, of: int, taken: int, branches: int, **missing: Any) -> dict[str, Any]:
    percent = 100 * (lines + taken) / (of + branches)
    return {
        "summary": {
            "covered_lines": lines, "num_statements": of, "covered_branches": taken,
            "num_branches": branches, "percent_covered": percent,
        },
        "missing_lines": missing.get("missing_lines", []),
        "missing_branches": missing.get("missing_branches", []),
    }  # fmt: skip


def report(**more: dict[str, Any]) -> dict[str, Any]:
    files = {
        "src/tradetui/domain/units.py": file(10, 10, 4, 4),
        "src/tradetui/core/kernel.py": file(20, 20, 8, 8),
        "src/tradetui/tui/screens/main.py": file(90, 100, 9, 10, missing_lines=[7]),
    }
    files |= {f"src/tradetui/{name}.py": found for name, found in more.items()}
    return {"files": files}


def test_a_promise_kept_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "report.json"
    path.write_text(json.dumps(report()))
    assert main([str(path)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "as promised"
    assert [line.split()[0] for line in table(tallies(report()))][:2] == ["package", "tui"]


def test_one_branch_of_the_core_breaks_it(tmp_path: Path) -> None:
    hole = {"core/kernel": file(20, 20, 7, 8, missing_branches=[[3, 5]])}
    assert broken(tallies(report(**hole))) == [
        "core/ is promised whole: core/kernel.py 96.4 %: 3->5"
    ]
    path = tmp_path / "report.json"
    path.write_text(json.dumps(report(**hole)))
    assert main([str(path)]) == 1


def test_another_package_below_its_share_breaks_it() -> None:
    said = broken(tallies(report(**{"cli/main": file(8, 10, 0, 0, missing_lines=list(range(20)))})))
    assert said[0] == "cli/ has 80.0 %, promised are 90 %"
    assert said[1].endswith("11 and 8 more")


def test_a_core_that_was_not_measured_breaks_it() -> None:
    assert "core/ was not measured" in broken(tallies({"files": {}}))


def test_a_checkout_in_a_folder_of_the_same_name_is_told_apart() -> None:
    found = tallies({"files": {"/home/op/tradetui/src/tradetui/core/kernel.py": file(9, 9, 2, 2)}})
    assert list(found) == ["core"]


def test_no_report_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.json").write_text("{")
    assert main([]) == 2
    assert main([str(tmp_path / "none.json")]) == 2
    assert main([str(tmp_path / "bad.json")]) == 2
    assert "is no coverage report" in capsys.readouterr().err
