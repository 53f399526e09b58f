"""Real bars, trades and quotes through the whole application, without a screen."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tradetui.bootstrap.profile.profile import profile_for
from tradetui.bootstrap.run.engine import Engine, engine
from tradetui.bootstrap.run.headless import SummedJournal
from tradetui.cli.wiring import Place, RunOptions
from tradetui.core.kernel import Kernel
from tradetui.domain.steps import StepRecord
from tradetui.ports.journal import Journal
from tradetui.services.summary import RunSummary
from tradetui.storage.verify import verify

FILES = {
    "bars": ("bars/bitfinex_btcusd_1m_2018.csv.gz", 500),
    "trades": ("trades/binance_spot_btcusdt_20240808_trades.csv.gz", 2_000),
    "quotes": ("quotes/binance_spot_btcusdt_20240808_bbo.csv.gz", 2_000),
}


@pytest.fixture
def cut(shared_dir: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Cut the first rows of a recorded file into the test's own folder."""

    def make(kind: str) -> Path:
        name, rows = FILES[kind]
        path = tmp_path / Path(name).name.removesuffix(".gz")
        with gzip.open(shared_dir / "data" / name, "rt") as source, path.open("w") as target:
            for _, line in zip(range(rows + 1), source, strict=False):
                target.write(line)
        return path

    return make


class CheckedJournal(SummedJournal):
    """Checks everything in the kernel as each step is appended."""

    kernel: Kernel
    checks = 0

    def append(self, record: StepRecord) -> bytes:
        body = super().append(record)
        self.kernel.check_all()
        self.checks += 1
        return body


async def replayed(path: Path, folder: Path, *, check: bool) -> tuple[Engine, str]:
    """Replay a file to its end, everything checked at every step; return engine and head."""
    options = RunOptions(Place(), demo=True, replay=(path,), until_end=True)
    wrapped: list[CheckedJournal] = []

    def wrap(journal: Journal) -> Journal:
        wrapped.append(CheckedJournal(journal, RunSummary()))
        return wrapped[0]

    async with engine(
        profile_for(options), options, folder, wrap=wrap if check else None
    ) as running:
        if check:
            wrapped[0].kernel = running.driver.loop.kernel
        await running.driver.start()
        await running.driver.run_until_end()
        if check:
            assert wrapped[0].checks == running.driver.loop.kernel.state.seq_id
        return running, running.journal.head


@pytest.mark.shared
@pytest.mark.parametrize("kind", ["bars", "trades", "quotes"])
async def test_real_data_through_the_whole_application(
    kind: str, cut: Callable[[str], Path], tmp_path: Path
) -> None:
    path = cut(kind)
    running, head = await replayed(path, tmp_path / "one", check=True)
    tally = running.driver.tally
    assert tally.fills > 0
    assert tally.failures == 0
    _, again = await replayed(path, tmp_path / "two", check=False)
    assert again == head
    found = await verify(tmp_path / "one" / "journal.db")
    assert found.fault == ""
    assert found.rows == running.driver.loop.kernel.state.seq_id


@pytest.mark.shared
def test_two_processes_agree_whatever_their_hash_seed(cut: Callable[[str], Path]) -> None:
    path = cut("bars")
    heads = []
    for seed in ("1", "77"):
        done = subprocess.run(
            [
                sys.executable,
                *("-c", "from tradetui.bootstrap import main; main()"),
                *("demo", "--replay", str(path), "--headless", "--until-end", "--json"),
            ],
            capture_output=True,
            text=True,
            timeout=100,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        )
        summary = json.loads(done.stdout)
        assert summary["trades"] > 0
        heads.append(summary["journal"])
    assert heads[0] == heads[1]
