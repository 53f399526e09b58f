"""What all tests share: the recorded market data beside the repository, and the network guard."""

from __future__ import annotations

import gc
import os
import socket
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, Final

import aiosqlite
import pytest
from tests.support import children
from tests.support.connections import OpenConnections
from tests.support.workers import Watchdog, compile_a_share

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
"""The tests, and the programs that they start, keep their compiled modules, as installed ones do:
each of the workers would compile all of them.
"""

WATCHDOG: Final = Watchdog()
CONNECTIONS: Final = OpenConnections()
SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder with recorded market data; tests that need it skip without it."""
    if not (SHARED / "data").is_dir():
        pytest.skip("needs the recorded market data (a folder `shared` beside the repository)")
    return SHARED


@pytest.fixture(autouse=True, scope="session")
def children_asked_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Spare the engines of a run the check of the same samples, and the reading of the same files,
    again and again.
    """
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    folder = folder / "answers"
    folder.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(children.FOLDER, str(folder))
        for name, answering in children.PATCHES.items():
            patched.setattr(name, answering)
        yield


@pytest.fixture(autouse=True, scope="session")
def loopback_only() -> Iterator[None]:
    """Refuse every connection that would leave this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test tried to reach {address[0]}")
        connect(self, address)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(socket.socket, "connect", guarded)
        yield


@pytest.fixture(autouse=True, scope="session")
def connections_noted() -> Iterator[None]:
    """Note every connection to a database, see ``pytest_runtest_teardown``."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(aiosqlite, "connect", CONNECTIONS.connect)
        yield


def pytest_exception_interact(call: pytest.CallInfo[Any]) -> None:
    """Remember that the test has failed."""
    if call.when in ("setup", "call"):
        CONNECTIONS.has_failed = True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """Close what a test that failed left open: the thread of a connection keeps pytest from ending.
    One that passed must have closed everything itself.
    """
    try:
        result = yield
    finally:
        left, has_failed = CONNECTIONS.close_left(), CONNECTIONS.has_failed
        CONNECTIONS.has_failed = False
    if left and not has_failed:
        pytest.fail(f"{item.name} left {left} open connections to databases")
    return result


def pytest_sessionstart(session: pytest.Session) -> None:
    """Let the workers of a run of everything share the compiling of the test modules."""
    if session.config.args == session.config.getini("testpaths"):
        compile_a_share()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Leave the ten thousand tests out of every search for garbage, and search less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


@pytest.hookimpl(tryfirst=True)
def pytest_timeout_set_timer(item: pytest.Item, settings: Any) -> bool | None:
    """Watch over a test without a thread of its own (``timeout_method = "thread"``)."""
    if settings.method != "thread":
        return None
    WATCHDOG.watch(item, settings)
    return True
