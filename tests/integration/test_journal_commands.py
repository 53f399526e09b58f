"""The journal's commands on real folders: what was written is found, proven, moved and brought
back; what is wrong is one sentence and the right exit code.

Also the tests of ``bootstrap/commands/journal.py``, ``cli/journal.py``.
"""

from __future__ import annotations

import asyncio
import json
import shlex
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.support.json_schema import faults

from tradetui.bootstrap.wiring import Application
from tradetui.cli.main import cli
from tradetui.domain import reference
from tradetui.domain.enums import InstanceMode, RunMode, Source
from tradetui.domain.envelope import DEFAULT_SOURCE_PRIORITY, Envelope
from tradetui.domain.ids import Currency, ExecutionId, InstrumentId, RunId, StrategyId
from tradetui.domain.instances import InstanceRecord
from tradetui.domain.steps import JournalHeader, KernelConfig, StepRecord, StepResult
from tradetui.domain.timers import Heartbeat
from tradetui.ports.journal import JournalError
from tradetui.storage.archive import Archive
from tradetui.storage.checkpoint_rows import CHECKPOINT_SQL, CheckpointRow
from tradetui.storage.instance_store import SqliteInstanceStore
from tradetui.storage.journal import SqliteJournal
from tradetui.storage.journal_db import open_journal
from tradetui.storage.lock import FolderLock

R1 = RunId("r1")
PROGRAM = (sys.executable, "-c", "from tradetui.bootstrap import main; main()")


def step(seq_id: int) -> StepRecord:
    event = Envelope(
        seq_id,
        seq_id * 10,
        seq_id * 10,
        Source.TIMER,
        "",
        InstrumentId(""),
        "Heartbeat",
        Heartbeat(seq_id, (StrategyId("btc"),)),
    )
    return StepRecord(event, (), (), (), StepResult())


def header() -> JournalHeader:
    config = KernelConfig(R1, RunMode.PAPER, Currency("USDT"), (), ())
    return JournalHeader(1, R1, RunMode.PAPER, DEFAULT_SOURCE_PRIORITY, "hash", config, (), 7, 0)


async def build(folder: Path, count: int) -> None:
    store = await SqliteInstanceStore.open(folder, RunMode.PAPER)
    await store.create(
        InstanceRecord(
            StrategyId("btc"), "sine", ExecutionId("paper/main"), "BTC/USDT", InstanceMode.OFF, "{}"
        ),
        "anna",
    )
    await store.close()
    await build_journal(folder, count)


async def build_journal(folder: Path, count: int) -> None:
    journal = await SqliteJournal.open(folder, header())
    for seq_id in range(1, count + 1):
        journal.append(step(seq_id))
    await journal.close()


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state folder with one instance and a run of 300 steps, a checkpoint at step 200."""
    folder = tmp_path / "state"
    asyncio.run(build(folder, 300))
    with sqlite3.connect(folder / "journal.db") as connection:
        (anchor,) = connection.execute("SELECT hash FROM steps WHERE row = 200").fetchone()
        row = CheckpointRow.pack(
            run=1,
            seq_id=200,
            row=200,
            created_time=5,
            state_hash="0" * 64,
            anchor=anchor,
            body=b"x",
        )
        connection.execute(CHECKPOINT_SQL, row.values())
    connection.close()
    return folder


def run(*arguments: str | Path, code: int = 0) -> Result:
    """Run a command in this process, as the program would."""
    done = CliRunner().invoke(cli, [str(one) for one in arguments], obj=Application())
    assert done.exit_code == code, (done.stdout, done.stderr, done.exception)
    return done


def data(*arguments: str | Path, code: int = 0) -> Any:
    return json.loads(run(*arguments, "--json", code=code).stdout)


def test_events_are_paged_and_named(state: Path) -> None:
    page = json.loads(run("journal", "events", "--state", state, "--limit", "3", "--json").stdout)
    assert [one["sequence"] for one in page["events"]] == [1, 2, 3]
    assert [one["event_id"] for one in page["events"]] == ["r1:1", "r1:2", "r1:3"]
    assert (page["next_after_sequence"], page["has_more"]) == (3, True)
    after = ("--after", "3", "--limit", "2")
    table = run("journal", "events", "--state", state, *after)
    assert [line.split()[0] for line in table.stdout.splitlines()[1:]] == ["4", "5"]
    assert "more follow: --after 5" in table.stderr
    none = run("journal", "events", "--state", state, "--family", "control")
    assert "no events" in none.stdout + none.stderr


@pytest.mark.parametrize("has_room", [True, False])
async def test_a_start_misses_nothing_after_a_crash_and_an_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_room: bool
) -> None:
    state = tmp_path / "crashed"
    state.mkdir(mode=0o700)
    journal = await SqliteJournal.open(state, header())
    journal.append(step(1))
    await journal.commit()
    wal = (state / "journal.db-wal").read_bytes()
    await journal.abandon()
    (state / "journal.db-wal").write_bytes(wal)

    sweep = Archive.sweep

    def swept_to_the_full(*args: Any) -> None:
        sweep(*args)
        raise JournalError("the disk is full")

    if not has_room:
        monkeypatch.setattr(Archive, "sweep", swept_to_the_full)
    # A thread: the command has an event loop of its own.
    archived = partial(run, "journal", "archive", "--state", state, code=0 if has_room else 1)
    await asyncio.to_thread(archived)
    file = await open_journal(state, busy_timeout_ms=100)
    assert file.notice == ""
    await file.close()


def test_a_journal_is_put_aside_whole_and_can_still_be_read(state: Path) -> None:
    run("journal", "archive", "--state", state)
    lines = run("journal", "export", "--state", state).stdout
    first = data("journal", "put-aside", "--state", state)
    kept = state / "journal.db.aside-1"
    assert first == {"journal": str(state / "journal.db"), "kept_as": str(kept)}
    assert not list(state.glob("journal.db-*"))
    assert not (state / "journal.db").exists()
    assert run("journal", "export", "--file", kept).stdout == lines
    assert data("journal", "verify", "--file", kept)["sound"] is True
    gone = run("journal", "put-aside", "--state", state, code=2)
    assert "there is no journal" in gone.stderr
    asyncio.run(build_journal(state, 3))
    again = data("journal", "put-aside", "--state", state)
    assert again["kept_as"].endswith("journal.db.aside-2")


def test_a_journal_in_use_is_not_put_aside(state: Path) -> None:
    with FolderLock(state):
        refused = run("journal", "put-aside", "--state", state, code=3)
    assert "in use" in refused.stderr or "process" in refused.stderr
    assert (state / "journal.db").exists()


def test_verify_archive_and_export(state: Path) -> None:
    found = data("journal", "verify", "--state", state)
    assert (found["sound"], found["steps"], found["checkpoints"]) == (True, 300, 1)
    before = run("journal", "export", "--state", state).stdout
    done = data("journal", "archive", "--state", state)
    assert (done["segments"], done["archived_steps"], done["pruned_steps"]) == (1, 199, 0)
    assert data("journal", "verify", "--state", state)["segments"] == 1
    assert run("journal", "export", "--state", state).stdout == before
    lines = [json.loads(line) for line in before.splitlines()]
    assert [line["record"]["type"] for line in lines[:2]] == ["JournalHeader", "StepRecord"]
    assert len(lines) == 301
    schema = json.loads(reference.pages()["schemas/named/journal_line.json"])
    assert [fault for line in lines for fault in faults(line, schema)] == []
    part = run("journal", "export", "--state", state, "--from", "199", "--to", "202", "--run", "r1")
    assert [
        json.loads(line)["record"]["event"]["seq_id"] for line in part.stdout.splitlines()[1:]
    ] == [199, 200, 201, 202]
    (only,) = data("journal", "runs", "--state", state)
    assert (only["run"], only["how"], only["last_step"]) == ("r1", "clean", 300)
    size = data("journal", "size", "--state", state)
    assert size["bytes"] == size["file_bytes"] + size["segment_bytes"] > 0


def test_a_reader_that_leaves_gets_no_traceback(state: Path) -> None:
    program = shlex.join(PROGRAM)
    command = f"{program} journal export --state {state} | head -n 1"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 1


def test_a_backup_is_restored_and_says_so(state: Path, tmp_path: Path) -> None:
    file = tmp_path / "one.tar.gz"
    run("journal", "archive", "--state", state)
    made = data("backup", file, "--state", state)
    assert (made["runs"], made["last_step"], made["files"]) == (1, 300, 3)
    assert file.stat().st_mode & 0o777 == 0o600
    other = tmp_path / "other"
    data("restore", file, "--state", other)
    assert other.stat().st_mode & 0o777 == 0o700
    assert data("journal", "verify", "--state", other)["sound"]
    exports = [run("journal", "export", "--state", one).stdout for one in (state, other)]
    assert exports[0] == exports[1]
    assert "is not empty" in run("restore", file, "--state", other, code=3).stderr
    again = data("restore", file, "--state", other, "--force")
    assert Path(again["old_folder"]).name == "other.before-restore-1"
    assert (tmp_path / "other.before-restore-1" / "journal.db").exists()
    store = asyncio.run(_open(other))
    assert "was restored at" in store[0]
    assert "one.tar.gz" in store[0]
    assert store[1] == ""


async def _open(folder: Path) -> tuple[str, str]:
    store = await SqliteInstanceStore.open(folder, RunMode.PAPER)
    first, second = await store.take_restored(), await store.take_restored()
    await store.close()
    return first, second


def test_a_backup_beside_a_running_engine(state: Path, tmp_path: Path) -> None:
    async def write_on() -> str:
        lock = FolderLock(state)
        lock.acquire()
        journal = await SqliteJournal.open(
            state,
            JournalHeader(
                1,
                RunId("r2"),
                RunMode.PAPER,
                DEFAULT_SOURCE_PRIORITY,
                "hash",
                header().kernel_config,
                (),
                7,
                0,
            ),
        )
        process = await asyncio.create_subprocess_exec(
            *PROGRAM,
            "backup",
            str(tmp_path / "b"),
            "--state",
            str(state),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        seq_id = 0
        talking = asyncio.ensure_future(process.communicate())
        while not talking.done():
            seq_id += 1
            journal.append(step(seq_id))
            await journal.commit()
        out, _ = await talking
        assert process.returncode == 0, out
        assert seq_id > 10
        refused = await asyncio.to_thread(
            lambda: run("journal", "archive", "--state", state, code=3)
        )
        assert "already runs an engine here" in refused.stderr
        await journal.close()
        lock.release()
        return out.decode()

    assert "last_run   r2" in asyncio.run(write_on())
    run("restore", tmp_path / "b", "--state", tmp_path / "new")
    assert data("journal", "verify", "--state", tmp_path / "new")["sound"]
    runs = data("journal", "runs", "--state", tmp_path / "new")
    assert [one["how"] for one in runs] == ["clean", "crashed"]


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 8
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (cut, "is damaged"),
        (flip, "is damaged"),
        (lambda path: path.write_bytes(b""), "no backup of tradetui"),
        (lambda path: path.write_bytes(b"hello"), "no backup of tradetui"),
    ],
)
def test_a_damaged_backup_touches_nothing(
    state: Path, tmp_path: Path, damage: Callable[[Path], Any], said: str
) -> None:
    file = tmp_path / "one"
    run("backup", file, "--state", state)
    damage(file)
    before = sorted(path.name for path in state.iterdir())
    assert said in run("restore", file, "--state", state, "--force", code=1).stderr
    assert sorted(path.name for path in state.iterdir()) == before
    assert data("journal", "verify", "--state", state)["sound"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "state"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("journal", "verify", "--state", "{}/none"), 2, "there is no journal"),
        (("journal", "export", "--state", "{}/none"), 2, "there is no journal"),
        (("journal", "events", "--state", "{}/none"), 2, "there is no journal"),
        (("journal", "export", "--state", "{}/state", "--run", "x"), 2, "holds no run x"),
        (
            ("journal", "export", "--state", "{}/state", "--from", "9", "--to", "2"),
            2,
            "--from 9 is after --to 2",
        ),
        (("backup", "{}/b", "--state", "{}/none"), 2, "holds no state.db"),
        (("backup", "{}/no/b", "--state", "{}/state"), 1, "is not a folder; make it first"),
        (("restore", "{}/none", "--state", "{}/new"), 2, "there is no such file"),
    ],
)
def test_bad_input_is_one_sentence(
    state: Path, tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    done = run(*(argument.format(tmp_path) for argument in arguments), code=code)
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert state.exists()


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        (
            "UPDATE steps SET body = x'00' WHERE row = 7",
            "step 7 of run r1 (row 7) was altered or is out of order",
        ),
        ("DELETE FROM steps WHERE row = 9", "step 9 of run r1 (row 9) is missing"),
        ("UPDATE runs SET header = x'00'", "the header of run r1 was altered"),
        ("UPDATE runs SET seal = zeroblob(32)", "run r1 does not follow the run before it"),
        (
            "UPDATE checkpoints SET state_hash = replace(state_hash, '0', '1')",
            "the checkpoint of run r1 at step 200 was altered",
        ),
    ],
)
def test_verify_names_what_is_wrong(state: Path, sql: str, said: str) -> None:
    with sqlite3.connect(state / "journal.db") as connection:
        connection.execute(sql)
    connection.close()
    found = data("journal", "verify", "--state", state, code=1)
    assert found["sound"] is False
    first = found["faults"][0]
    assert said in first["what"]
    assert first["what"].startswith(str(state / "journal.db"))
    assert first["run"] == "r1"
    assert "nothing was backed up" in run("backup", state / "b", "--state", state, code=1).stderr


def test_verify_says_that_a_journal_has_lost_its_end(state: Path) -> None:
    """As when its -wal file was deleted: what is left is sound in itself."""
    assert data("journal", "verify", "--state", state)["sound"] is True

    def note(value: str) -> None:
        with sqlite3.connect(state / "state.db") as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('run', ?)", (value,))
        connection.close()

    for value, said in (
        ("r9 0", "it does not hold run r9, which they know"),
        ("r1 999999", "run r1 had come to step 999,999 and ends at "),
    ):
        note(value)
        (fault,) = data("journal", "verify", "--state", state, code=1)["faults"]
        assert f"the journal is behind the instance records: {said}" in fault["what"]
    note("r1 1")
    assert data("journal", "verify", "--state", state)["sound"] is True
