"""The page on scripts: its example runs, and it names every registration there is."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from tradetui.engine.session import Session

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "session.md"


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text("utf-8")


def rising(folder: Path) -> Path:
    """Write 300 minutes of a market that rises in waves."""
    lines = ["ts_ms,open,high,low,close,volume"]
    for n in range(300):
        at = 1_000 + n // 2 + n % 7
        lines.append(f"{1_600_000_000_000 + n * 60_000},{at},{at + 3},{at - 2},{at + 1},5")
    path = folder / "BTC_USD-1m.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_the_example_runs(page: str, tmp_path: Path) -> None:
    found = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert found is not None
    names: dict[str, Any] = {"__name__": "script"}
    exec(found[1], names)
    session = names["backtest"](rising(tmp_path))
    assert session.summary().steps > 100
    assert session.summary().callback_errors == 0
    assert session.inventory.fills(), "the breakout has been traded"


def test_every_registration_is_on_the_page(page: str) -> None:
    for name, method in inspect.getmembers(Session, inspect.isfunction):
        if name.startswith("add_"):
            assert f"`{name}" in page, name
            assert inspect.getdoc(method)


def test_every_registration_takes_what_the_page_says(page: str) -> None:
    rows = re.findall(r"^\| `(add_\w+)\((.*?)\)`", page, re.MULTILINE)
    assert len(rows) == 7
    for name, written in rows:
        told = [one.partition("=")[0].strip() for one in written.split(",")]
        taken = list(inspect.signature(getattr(Session, name)).parameters)
        assert [one for one in told if one != "*"] == taken[1:], name
