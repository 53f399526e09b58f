"""A damaged state.db: one sentence that names the file and the mend, and nothing is overwritten.

Also the tests of ``storage/database.py``.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tradetui.domain.enums import InstanceMode, KillState, RunMode, Scope
from tradetui.domain.ids import ExecutionId, StrategyId
from tradetui.domain.instances import InstanceRecord
from tradetui.domain.risk import KillSwitch
from tradetui.ports.store import StoreError
from tradetui.storage.instance_store import SqliteInstanceStore
from tradetui.storage.probe import FolderProbe
from tradetui.storage.state_schema import STATE_SCHEMA

PAGE = 4_096
NEWER = STATE_SCHEMA.version + 1
Content = tuple[tuple[InstanceRecord, ...], tuple[KillSwitch, ...]]


async def read(folder: Path) -> Content:
    store = await SqliteInstanceStore.open(folder, RunMode.PAPER, busy_timeout_ms=20)
    try:
        return await store.records(), await store.kill_switches()
    finally:
        await store.close()


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[bytes, Content]]:
    """A sound database of some size, and what is in it."""
    import asyncio

    folder = tmp_path_factory.mktemp("original") / "state"

    async def build() -> Content:
        moment = iter(range(10**18, 2 * 10**18))
        store = await SqliteInstanceStore.open(folder, RunMode.PAPER, now=lambda: next(moment))
        for number in range(24):
            made = await store.create(
                InstanceRecord(
                    StrategyId(f"instance-{number:02d}"),
                    "mean_revert",
                    ExecutionId("paper/main"),
                    "BTC/USDT",
                    InstanceMode.OFF,
                    f'{{"note":"{"abc" * 60}","z":{number}.5}}',
                ),
                "op",
            )
            await store.set_mode(
                made.strategy_id, InstanceMode.OBSERVE, seen_revision=made.revision, actor="op"
            )
        for number in range(3):
            await store.set_kill_switch(
                KillSwitch(
                    Scope.ROUTE, f"route-{number}", KillState.HALTED, "op", "because", number
                )
            )
        await store.close()
        return await read(folder)

    content = asyncio.run(build())
    data = (folder / "state.db").read_bytes()
    assert len(data) >= 8 * PAGE
    yield data, content
    shutil.rmtree(folder)


def place(folder: Path, data: bytes) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / "state.db"
    path.write_bytes(data)
    path.chmod(0o600)
    return path


async def refused(folder: Path, data: bytes) -> str:
    """Open a damaged database; return the sentence, after checking that nothing was touched."""
    path = place(folder, data)
    with pytest.raises(StoreError) as caught:
        await read(folder)
    assert path.read_bytes() == data
    assert sorted(p.name for p in folder.iterdir()) == ["state.db"]
    sentence = str(caught.value)
    assert sentence.startswith(str(path))
    assert sentence.isprintable()
    assert "nothing was changed" in sentence
    return sentence


async def test_an_empty_file(folder: Path) -> None:
    sentence = await refused(folder, b"")
    assert "is empty (0 bytes)" in sentence
    assert f"move it away (mv {folder}/state.db" in sentence


async def test_the_copy_is_named_when_there_is_one(
    folder: Path, original: tuple[bytes, Content]
) -> None:
    data, content = original
    path = place(folder, data)
    assert await read(folder) == content
    copy = folder / "state.db.bak"
    kept = copy.read_bytes()
    path.write_bytes(b"")
    with pytest.raises(StoreError, match=r"mv .*state\.db\.bak .*state\.db"):
        await read(folder)
    assert copy.read_bytes() == kept
    shutil.move(copy, path)
    assert await read(folder) == content


async def test_a_file_that_is_gone_beside_its_copy_is_not_begun_anew(
    folder: Path, original: tuple[bytes, Content]
) -> None:
    """The copy knows what was switched off; a new file would be copied over it."""
    data, content = original
    path = place(folder, data)
    assert await read(folder) == content
    path.unlink()
    with pytest.raises(StoreError, match=r"is gone, and its last copy is there; nothing was"):
        await read(folder)
    assert not path.exists()
    shutil.move(folder / "state.db.bak", path)
    assert await read(folder) == content


async def test_truncated_at_every_page_and_one_byte_beside(
    folder: Path, original: tuple[bytes, Content]
) -> None:
    data, _ = original
    lengths = [1, 16, 99, 100, 101, 512]
    for page, boundary in enumerate(range(PAGE, len(data) + 1, PAGE)):
        lengths.append(boundary + page % 3 - 1)
    for length in lengths:
        if length == len(data):
            continue
        cut = (data + b"\0")[:length]
        sentence = await refused(folder, cut)
        assert "is cut short" in sentence


async def test_a_bit_flipped_anywhere_is_refused_or_harmless(
    folder: Path, original: tuple[bytes, Content], tmp_path: Path
) -> None:
    """Header, structure, index, payload: never a wrong record, never another error.

    ``make damage`` flips more.
    """
    data, content = original
    places = list(range(0, 100, 3))
    for page in range(len(data) // PAGE):
        start = page * PAGE
        places += [start + offset for offset in range(100 if page == 0 else 0, 12, 2)]
        places += range(start + 150 + 7 * page % 1_499, start + PAGE, 1_499)
    refusals = 0
    for number, position in enumerate(places):
        flipped = bytearray(data)
        flipped[position] ^= 1 << (number % 8)
        path = place(folder, bytes(flipped))
        try:
            found = await read(folder)
        except StoreError as error:
            refusals += 1
            assert path.read_bytes() == flipped, position
            assert str(error).startswith(str(path)), position
        else:
            assert found == content, position
        shutil.rmtree(folder)
    assert refusals > len(places) // 3


async def test_a_flipped_digit_in_a_config_is_refused(
    folder: Path, original: tuple[bytes, Content]
) -> None:
    """SQLite's own check does not see it; the row's check number does."""
    data, _ = original
    assert b'"z":7.5' in data
    path = place(folder, data.replace(b'"z":7.5', b'"z":9.5'))
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    with pytest.raises(StoreError, match="the row of instance instance-07 is not what was written"):
        await read(folder)


async def test_every_text_byte_of_the_records_is_guarded(
    folder: Path, original: tuple[bytes, Content]
) -> None:
    data, _ = original
    start = data.index(b'USDTobserve{"note":"abcabc') + 4
    for position in range(start, start + 40):
        flipped = bytearray(data)
        flipped[position] ^= 1
        place(folder, bytes(flipped))
        with pytest.raises(StoreError, match="is damaged"):
            await read(folder)


async def test_a_foreign_sqlite_file(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    path = folder / "state.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE photos (id INTEGER PRIMARY KEY)")
    connection.commit()
    connection.close()
    path.chmod(0o600)
    sentence = await refused(folder, path.read_bytes())
    assert "is an SQLite file, but not a tradetui state database" in sentence


async def test_a_journal_in_its_place(folder: Path) -> None:
    from tradetui.storage.journal_schema import JOURNAL_SCHEMA
    from tradetui.storage.migrations import create_file

    folder.mkdir(mode=0o700)
    path = folder / "state.db"
    await create_file(path, JOURNAL_SCHEMA)
    sentence = await refused(folder, path.read_bytes())
    assert "not a tradetui state database" in sentence


@pytest.mark.parametrize(
    "data",
    [b"hello\n", random.Random(1).randbytes(8 * 512), b"PK\x03\x04" * 100],
    ids=["text", "noise", "archive"],
)
async def test_something_else_in_its_place(folder: Path, data: bytes) -> None:
    sentence = await refused(folder, data)
    assert "SQLite file" in sentence


async def test_a_newer_schema(folder: Path, original: tuple[bytes, Content]) -> None:
    data, _ = original
    path = place(folder, data)
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {NEWER}")
    connection.close()
    sentence = await refused(folder, path.read_bytes())
    assert (
        f"was written by a newer tradetui (schema {NEWER}; this one knows {NEWER - 1})" in sentence
        and sentence.endswith(": upgrade tradetui, or use another --state; nothing was changed")
    )


async def test_no_schema_version(folder: Path, original: tuple[bytes, Content]) -> None:
    data, _ = original
    path = place(folder, data)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 0")
    connection.close()
    assert "has no schema version" in await refused(folder, path.read_bytes())


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("DROP TRIGGER instances_identity", "its definition of instances_identity is altered"),
        ("DROP TABLE audit", "its definition of audit is altered"),
        (
            "CREATE TRIGGER evil AFTER UPDATE ON instances BEGIN SELECT 1; END",
            "has a trigger evil that tradetui did not make",
        ),
    ],
)
async def test_an_altered_definition(
    folder: Path, original: tuple[bytes, Content], sql: str, said: str
) -> None:
    path = place(folder, original[0])
    connection = sqlite3.connect(path)
    connection.execute(sql)
    connection.close()
    assert said in await refused(folder, path.read_bytes())


async def test_a_table_of_someone_else_beside_ours_is_left_alone(
    folder: Path, original: tuple[bytes, Content]
) -> None:
    data, content = original
    path = place(folder, data)
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE notes (text TEXT)")
    connection.close()
    assert await read(folder) == content


async def test_locked_by_another_process(folder: Path, original: tuple[bytes, Content]) -> None:
    path = place(folder, original[0])
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreError, match=r"state\.db: is locked by another process"):
        await read(folder)
    other.execute("ROLLBACK")
    other.close()
    assert await read(folder) == original[1]


async def test_a_full_disk_at_the_copy(
    folder: Path, original: tuple[bytes, Content], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy cannot be written: said, nothing is lost, and the database is of use."""
    path = place(folder, original[0])

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    store = await SqliteInstanceStore.open(folder, RunMode.PAPER)
    (notice,) = store.notices
    await store.close()
    assert notice == (
        f"{path}.bak: the copy of state.db cannot be written (No space left on device): make room"
    )
    assert await read(folder) == original[1]
    assert path.read_bytes() == original[0]
    assert [p.name for p in folder.iterdir()] == ["state.db"]


async def test_a_read_only_file(folder: Path, original: tuple[bytes, Content]) -> None:
    """Not even root's own connection writes to a database that was opened read-only."""
    path = place(folder, original[0])
    path.chmod(0o400)
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    if os.getuid() == 0:
        assert await FolderProbe().check_state(folder) == "24 instances, every record sound"
    else:
        with pytest.raises(StoreError, match="cannot be"):
            await read(folder)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before


async def test_the_probe_says_the_same_and_changes_nothing(
    folder: Path, original: tuple[bytes, Content]
) -> None:
    data, _ = original
    path = place(folder, data[: 3 * PAGE])
    probe = FolderProbe()
    with pytest.raises(StoreError, match="is cut short"):
        await probe.check_state(folder)
    path.write_bytes(data.replace(b'"z":7.5', b'"z":9.5'))
    with pytest.raises(StoreError, match="instance-07 is not what was written"):
        await probe.check_state(folder)
    path.write_bytes(data)
    assert await probe.check_state(folder) == "24 instances, every record sound"
    assert await probe.last_time(folder) > 0
    assert path.read_bytes() == data
    assert [p.name for p in folder.iterdir()] == ["state.db"]
