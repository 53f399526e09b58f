"""A start that imports without looking for garbage, and only what it shows."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest

from tradetui.bootstrap.process.quick_imports import quick_imports

LATE = (
    "aiosqlite",
    "ccxt",
    "msgspec",
    "plotext",
    "polars",
    "pydantic",
    "tradetui.bootstrap.run.engine",
    "tradetui.bootstrap.console.served",
    "tradetui.runtime",
    "tradetui.storage",
    "tradetui.tui.screens.main",
)
"""What the first page does not wait for."""


def test_the_collector_rests_during_imports_and_works_after() -> None:
    with quick_imports():
        assert not gc.isenabled()
    assert gc.isenabled()
    gc.unfreeze()


def test_the_collector_works_after_an_import_that_failed() -> None:
    with pytest.raises(ImportError), quick_imports():
        raise ImportError("no such module")
    assert gc.isenabled()
    gc.unfreeze()


def test_the_console_imports_late_what_it_does_not_start_with() -> None:
    code = (
        "import sys; import tradetui.bootstrap.console.opening, tradetui.tui.app; "
        f"print(*[name for name in {LATE!r} if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout.split() == []
