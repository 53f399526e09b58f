"""What tests in several processes share: a watchdog in each process, the compiling of tests."""

from __future__ import annotations

import contextlib
import importlib
import os
import threading
import time
import warnings
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_timeout

ROOT: Final = Path(__file__).resolve().parents[2]
_LOOK_SECONDS: Final = 1.0


class Watchdog:
    """Ends the process in a test that takes too long, as the plugin's own threads do.

    The plugin starts a thread for each test, which takes longer than most tests; this is one for
    all, and looks once a second.
    """

    def __init__(self) -> None:
        self._watched: tuple[float, pytest.Item, Any] | None = None
        self._thread: threading.Thread | None = None

    def watch(self, item: pytest.Item, settings: Any) -> None:
        """Give a test the seconds of its settings."""
        self._watched = (time.monotonic() + settings.timeout, item, settings)
        item.cancel_timeout = self._leave  # type: ignore[attr-defined]
        if self._thread is None:
            self._thread = threading.Thread(target=self._look, name="watchdog", daemon=True)
            self._thread.start()

    def _leave(self) -> None:
        self._watched = None

    def _look(self, now: Any = time.monotonic) -> None:
        pause = threading.Event()
        while True:
            pause.wait(_LOOK_SECONDS)
            watched = self._watched
            if watched is not None and now() > watched[0]:
                pytest_timeout.timeout_timer(watched[1], watched[2])


def compile_a_share() -> None:
    """Import every n-th test module first, so that n workers compile each of them only once.

    In a fresh clone most of the time to the first test is spent on compiling test modules, whose
    asserts pytest rewrites; all workers go through them in the same order. What cannot be imported
    is told when it is collected.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    if not worker.isdecimal():
        return
    share = slice(int(worker), None, int(os.environ["PYTEST_XDIST_WORKER_COUNT"]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for path in sorted((ROOT / "tests").rglob("test_*.py"))[share]:
            with contextlib.suppress(Exception):
                importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
