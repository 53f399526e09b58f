"""Bad databases by every door: what reads, what starts, the console.

Lines 36 to 47 of the bad inputs (tests/support/numbered.py): each is named in one sentence, nothing
is changed by a refusal, a damaged journal is kept aside whole and the instances go on. Thousands of
damages more: tests/damage.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.damage.world import change, cut, flip
from tests.support.numbered import proves
from tests.support.outside import CREATE, OURS, PROGRAM, Done, Nursery, environment, foreign
from tests.support.terminal import Terminal

BARS = 120
MORE = "btcusdt.more.csv"


@dataclass
class Folder:
    """A state folder in a home of its own."""

    nursery: Nursery
    home: Path

    @property
    def state(self) -> Path:
        return self.home / "folder"

    def run(self, *words: str | Path) -> Done:
        return self.nursery.run(self.home, *words, "--state", self.state)

    def start(self, prices: str = "btcusdt.csv", *more: str) -> Done:
        """Start the engine, let it take what is left of the prices, and stop it."""
        return self.run("demo", "--replay", prices, "--headless", "--until-end", "--json", *more)

    def files(self) -> dict[str, bytes]:
        return {name: (self.state / name).read_bytes() for name in ("state.db", "journal.db")}

    def instances(self) -> list[tuple[str, str]]:
        listed = json.loads(self.run("instances", "list", "--json").succeeded())
        return [(row["id"], row["mode"]) for row in listed]


def write_prices(path: Path, first: int, count: int = BARS) -> None:
    rows = ["time,open,high,low,close,volume"]
    for minute in range(count):
        price = 100 + (minute * 7_919) % 13
        rows.append(f"{first + 60 * minute},{price},{price + 2},{price - 2},{price + 1},5")
    path.write_text("\n".join(rows) + "\n")


@pytest.fixture(scope="module")
def base(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """A folder with a run, cleanly stopped."""
    folder = Folder(nursery, tmp_path_factory.mktemp("base"))
    write_prices(folder.home / "btcusdt.csv", 1_600_000_020)
    folder.start().succeeded()
    for path in (folder.state / "journal.db-wal", folder.state / "journal.db-shm"):
        path.unlink(missing_ok=True)
    return folder


@pytest.fixture
def folder(base: Folder, tmp_path: Path) -> Folder:
    shutil.copytree(base.home, tmp_path, dirs_exist_ok=True)
    return Folder(base.nursery, tmp_path)


Harm = Callable[[Path], None]
STATE: dict[str, tuple[Harm, str]] = {
    "36 0 bytes": (lambda path: cut(path, 0), "is empty"),
    "37 one byte": (lambda path: cut(path, 1), "is cut short (1 bytes)"),
    "37 a byte under a page": (lambda path: cut(path, 4_095), "cut short or altered"),
    "37 a byte over a page": (lambda path: cut(path, 4_097), "cut short or altered"),
    "38 a bit of the header": (lambda path: flip(path, 3), "does not begin like an SQLite file"),
    "40 newer": (lambda path: change(path, "PRAGMA user_version = 99"), "newer"),
    "40 foreign": (lambda path: change(path, "PRAGMA application_id = 7"), "state.db"),
    "41 another run mode": (
        lambda path: change(path, "UPDATE meta SET value = 'live' WHERE key = 'run_mode'"),
        "belongs to run mode live, not paper",
    ),
    "41 an escape for a run mode": (
        lambda path: change(
            path, "UPDATE meta SET value = char(27) || '[2J' WHERE key = 'run_mode'"
        ),
        "belongs to run mode ?[2J, not paper",
    ),
}


@proves(36, 37, 38, 40, 41)
@pytest.mark.parametrize("name", STATE)
def test_a_bad_state_database_is_refused_and_left_alone(name: str, folder: Folder) -> None:
    harm, said = STATE[name]
    harm(folder.state / "state.db")
    before = folder.files()
    for done in (
        folder.run("instances", "list"),
        folder.start(),
        folder.nursery.show(folder.home, "demo", "--state", folder.state),
    ):
        done.refused(1, said, str(folder.state))
        assert folder.files() == before


@proves(44)
@pytest.mark.parametrize("name", ["state.db", "journal.db"])
def test_a_locked_database_is_refused_and_free_again(name: str, folder: Folder) -> None:
    with contextlib.closing(sqlite3.connect(folder.state / name, isolation_level=None)) as holder:
        holder.execute("PRAGMA locking_mode = EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        folder.start().refused(1, name, "lock")
        folder.nursery.show(folder.home, "demo", "--state", folder.state).refused(1, name, "lock")
    folder.start().succeeded()


def foreign_wal(path: Path) -> None:
    other = path.with_name("other.db")
    with contextlib.closing(sqlite3.connect(other)) as connection:
        connection.execute("PRAGMA journal_mode = wal")
        connection.execute("CREATE TABLE photos (x TEXT)")
        connection.execute("INSERT INTO photos VALUES (?)", ("y" * 9_000,))
        connection.commit()
        shutil.copy(other.with_name("other.db-wal"), path.with_name("journal.db-wal"))


JOURNAL: dict[str, Harm] = {
    "36 0 bytes": lambda path: cut(path, 0),
    "37 a byte under a page": lambda path: cut(path, 4_095),
    "37 a byte short": lambda path: cut(path, path.stat().st_size - 1),
    "38 a bit in the middle": lambda path: flip(path, path.stat().st_size // 2),
    "38 a bit in a step": lambda path: change(
        path, "UPDATE steps SET body = x'00' WHERE row = (SELECT max(row) FROM steps)"
    ),
    "39 a foreign -wal": foreign_wal,
    "45 a checkpoint ahead of the log": lambda path: change(
        path,
        "DELETE FROM steps WHERE row > 100",
        "DELETE FROM fills WHERE row > 100",
        "DELETE FROM checkpoints WHERE seq_id < 100",
    ),
}


@proves(36, 37, 38, 39, 45)
@pytest.mark.parametrize("name", JOURNAL)
def test_a_damaged_journal_is_named_and_kept_aside(name: str, base: Folder, folder: Folder) -> None:
    journal = folder.state / "journal.db"
    JOURNAL[name](journal)
    damaged = journal.read_bytes()
    verified = folder.run("journal", "verify")
    verified.is_clean()
    started = folder.start()
    started.succeeded()
    aside = folder.state / "journal.db.damaged-1"
    if "38" in name:  # before the newest checkpoint: the start does not need it
        assert verified.code == 1, verified
        assert str(journal) in verified.out
    elif "foreign" not in name or aside.exists():  # SQLite passes over a -wal that is no part
        assert verified.code == 1 or "foreign" in name, verified
        assert "journal was damaged" in started.err or "it is kept as" in started.err, started
        assert aside.read_bytes() == damaged
        assert folder.run("journal", "verify").code == 0
    assert folder.instances() == base.instances()


@proves(40)
def test_a_newer_journal_is_refused_and_left_alone(folder: Folder) -> None:
    for statement in ("PRAGMA user_version = 99", "PRAGMA application_id = 7"):
        change(folder.state / "journal.db", statement)
        before = folder.files()
        show = folder.nursery.show(folder.home, "demo", "--state", folder.state)
        for done in (folder.run("journal", "runs"), folder.start(), show):
            done.refused(done.code, "journal.db")
            assert done.code in (1, 3)
            assert folder.files()["journal.db"] == before["journal.db"]


@proves(36, 39)
def test_a_journal_that_is_gone_or_was_put_back_from_before_holds_everything(
    folder: Folder,
) -> None:
    old = folder.files()["journal.db"]
    write_prices(folder.home / MORE, 1_600_100_040)
    folder.start(MORE).succeeded()
    for content in (old, None):
        journal = folder.state / "journal.db"
        for path in folder.state.glob("journal.db*"):
            path.unlink() if path.is_file() else shutil.rmtree(path)
        if content is not None:
            journal.write_bytes(content)
            journal.chmod(0o600)
        started = folder.start(MORE)
        started.succeeded()
        assert "the journal is behind the instance records" in started.err
        assert "active instances start HELD" in started.err


@proves(47)
def test_a_backup_that_is_put_back_says_so(folder: Folder) -> None:
    folder.run("backup", folder.home / "b.tgz").succeeded()
    write_prices(folder.home / MORE, 1_600_100_040)
    folder.start(MORE).succeeded()
    folder.run("restore", folder.home / "b.tgz").refused(3)
    folder.run("restore", folder.home / "b.tgz", "--force").succeeded()
    started = folder.start(MORE)
    started.succeeded()
    assert "backup" in started.err
    for spoiled in (b"", b"\x1f\x8b\x08\x00", (folder.home / "b.tgz").read_bytes()[:2_000]):
        (folder.home / "bad.tgz").write_bytes(spoiled)
        done = folder.run("restore", folder.home / "bad.tgz", "--force")
        done.refused(done.code, "bad.tgz")
        assert done.code in (1, 2)


@proves(46)
def test_a_clock_before_the_last_event_is_refused(nursery: Nursery, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import time\nreal = time.time_ns\ntime.time_ns = lambda: real() + 86_400 * 10**9\n"
    )
    ahead = subprocess.Popen(
        [*PROGRAM, "run", "--headless", "--state", str(tmp_path / "folder")],
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env=environment(tmp_path, PYTHONPATH=str(tmp_path)),
    )
    folder = Folder(nursery, tmp_path)
    try:
        await_step(folder)
    finally:
        ahead.terminate()
        assert ahead.wait(60) == 0
    before = folder.files()
    for done in (
        folder.run("run", "--headless"),
        nursery.show(tmp_path, "run", "--state", folder.state),
    ):
        done.refused(3, "the clock says", "the journal's last event is of")
    assert folder.files()["journal.db"] == before["journal.db"]


def await_step(folder: Folder) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        done = folder.run("status", "--json")
        if done.code == 0 and json.loads(done.out).get("step", 0) > 5:
            return
        time.sleep(0.1)
    raise AssertionError(done)


@proves(42)
@pytest.mark.parametrize(
    "place", ["/proc/tradetui", "/proc/self/tradetui", "/dev/null/x", "/dev/null"]
)
def test_a_place_that_cannot_be_written(place: str, nursery: Nursery, tmp_path: Path) -> None:
    for done in (
        nursery.run(tmp_path, "run", "--headless", "--state", place),
        nursery.run(tmp_path, *CREATE, "--state", place),
        nursery.show(tmp_path, "run", "--state", place),
    ):
        done.refused(1, place)


@proves(43)
def test_a_disk_that_takes_no_more(folder: Folder) -> None:
    """A limit on the size of files stands for the disk: nothing that was durable is lost."""
    write_prices(folder.home / MORE, 1_600_100_040, 1_200)
    size = (folder.state / "journal.db").stat().st_size
    words = ["demo", "--replay", MORE, "--headless", "--until-end", "--state", str(folder.state)]
    engine = subprocess.Popen(
        ["sh", "-c", f'ulimit -f {size // 512 + 100}; exec "$@"', "sh", *PROGRAM, *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder.home,
        env=environment(folder.home),
    )
    assert engine.stderr is not None
    said = next(line for line in engine.stderr if "JOURNAL STALLED" in line)
    assert "nothing is applied or sent until it recovers" in said
    engine.terminate()
    _, err = engine.communicate(timeout=60)
    assert engine.returncode == 1, err
    assert "the journal cannot be written; the next start recovers it" in err
    assert "Traceback" not in err
    folder.run("journal", "verify").succeeded()
    folder.start(MORE).succeeded()


@proves(38)
def test_the_console_shows_what_was_found(folder: Folder) -> None:
    cut(folder.state / "journal.db", 4_095)
    words = ["demo", "--replay", "btcusdt.csv", "--state", str(folder.state)]
    env = {**environment(folder.home), "TERM": "xterm-256color", "PWD": str(folder.home)}
    terminal = Terminal(
        words,
        cols=120,
        rows=40,
        env=env,
        keep_raw=True,
        launcher=folder.nursery,
        cwd=folder.home,
    )
    try:
        terminal.wait_for("damaged")
        terminal.kill(15)
        assert terminal.wait(60) == 0
        assert not foreign(terminal.raw.decode().replace("\r", ""), *OURS)
    finally:
        terminal.close()
