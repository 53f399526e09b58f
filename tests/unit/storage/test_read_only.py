"""A state folder that cannot be written, by a user whom the system really stops."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import tradetui

OPEN = """
import asyncio, concurrent.futures.thread, os, sys, traceback
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from tradetui.domain.enums import RunMode
from tradetui.domain.codec import decode_header
from tradetui.ports.journal import JournalError
from tradetui.ports.store import StoreError
from tradetui.storage.instance_store import SqliteInstanceStore
from tradetui.storage.journal import SqliteJournal

async def main():
    folder = Path(sys.argv[1])
    try:
        if sys.argv[3] == "state":
            store = await SqliteInstanceStore.open(folder, RunMode.PAPER)
            await store.close()
        else:
            header = decode_header(bytes.fromhex(sys.argv[4]))
            journal = await SqliteJournal.open(folder, header)
            await journal.close()
        print("opened")
    except (StoreError, JournalError) as error:
        print(type(error).__name__, error)

# Root may write anywhere: give that up once everything is imported.
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
asyncio.run(main())
"""
NOBODY = 65_534


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder outside pytest's own, which only root can enter."""
    parent = Path(tempfile.mkdtemp(prefix="tradetui-test-"))
    parent.chmod(0o755)
    folder = parent / "state"
    folder.mkdir(mode=0o700)
    if os.getuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    yield folder
    folder.chmod(0o700)
    shutil.rmtree(parent)


def opened(folder: Path, kind: str, header: str) -> str:
    source = str(Path(tradetui.__file__).parents[1])
    command = [sys.executable, "-c", OPEN, str(folder), source, kind, header]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("kind", ["state", "journal"])
def test_a_read_only_folder_is_said_and_nothing_is_lost(
    place: Path, kind: str, make_header: object
) -> None:
    from tradetui.domain.codec import encode

    first = encode(make_header("r1")).hex()  # type: ignore[operator]
    second = encode(make_header("r2")).hex()  # type: ignore[operator]
    assert opened(place, kind, first) == "opened\n"
    before = {path.name: path.read_bytes() for path in place.iterdir()}
    place.chmod(0o500)
    said = opened(place, kind, second)
    assert said.startswith(f"StoreError {place}: cannot be written (mode 0500")
    assert f"chmod 700 {place}" in said
    place.chmod(0o700)
    for path in place.iterdir():
        path.chmod(0o400)
    said = opened(place, kind, second)
    assert f"{kind}.db: cannot be written (mode 0400); mend it with: chmod 600" in said
    assert {path.name: path.read_bytes() for path in place.iterdir()} == before
