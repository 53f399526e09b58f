"""What all tests share: the recorded market data beside the repository, and the network guard."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.sample_checks import remembered

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
"""The programs that tests start keep their compiled modules, as installed ones do."""

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder with recorded market data; tests that need it skip without it."""
    if not (SHARED / "data").is_dir():
        pytest.skip("needs the recorded market data (a folder `shared` beside the repository)")
    return SHARED


@pytest.fixture(autouse=True)
def samples_checked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare the engines of a suite the check of the same samples again and again."""
    monkeypatch.setattr("tradetui.engine.loader.run_check", remembered)


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Refuse every connection that would leave this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test tried to reach {address[0]}")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)
    yield
