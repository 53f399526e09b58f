"""The C library is told to keep little, where it can be."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from typing import Any

import pytest

from tradetui.bootstrap.process import allocation

_GIVEN_BACK = """
import ctypes, threading
from tradetui.bootstrap.process.allocation import keep_little

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

def work():
    for size in range(1, 33):
        held = [bytes(1 << 20) for _ in range(size)]
        del held

if keep_little():
    before = resident()
    for _ in range(4):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    print(resident() - before)
"""


def test_what_threads_gave_back_goes_back() -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("/proc says how much is resident; it is only there on Linux")
    run = subprocess.run(
        [sys.executable, "-c", _GIVEN_BACK], capture_output=True, text=True, check=True
    )
    if not run.stdout:
        pytest.skip("the C library of this machine cannot be told")
    assert int(run.stdout) < 1 << 20


@pytest.mark.parametrize("error", [OSError("none"), AttributeError("mallopt")])
def test_another_library_is_left_as_it_is(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def missing(name: Any) -> Any:
        raise error

    monkeypatch.setattr(ctypes, "CDLL", missing)
    assert not allocation.keep_little()


def test_one_that_refuses_is_said_to(monkeypatch: pytest.MonkeyPatch) -> None:
    class Library:
        def mallopt(self, option: int, value: int) -> int:
            return 0

    monkeypatch.setattr(ctypes, "CDLL", lambda name: Library())
    assert not allocation.keep_little()
