"""Real minutes of BTC/USD through a Session with the moving-average sample: fills, and no doubt."""

from __future__ import annotations

import csv
import gzip
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from tradetui.domain import codec
from tradetui.domain.enums import InstrumentClass
from tradetui.domain.ids import Currency, instrument_id
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import Bar, BarOpen, MarketItem
from tradetui.domain.steps import StepRecord
from tradetui.domain.units import NANOS_PER_MINUTE, parse_scaled
from tradetui.engine.session import RunSummary, Session
from tradetui.engine.session_config import SessionSettings, SimulatedBroker

ROOT = Path(__file__).resolve().parents[2]
FILE = Path("data") / "bars" / "bitfinex_btcusd_1m_2018.csv.gz"
ROWS = 10_000
CHECKED_ROWS = 5_000
"""The whole check after every step costs more the longer the run."""

BTC = Instrument(
    instrument_id("BTC/USD", "BITFINEX"),
    "BTC/USD",
    "BITFINEX",
    InstrumentClass.SPOT,
    Currency("BTC"),
    Currency("USD"),
    8,
    8,
    10**6,
    1,
    maker_fee_ppm=1_000,
    taker_fee_ppm=2_000,
)


class Chain:
    """A sink that keeps the hash chain over the encoded records, and counts."""

    def __init__(self) -> None:
        self.head = b""
        self.fills = 0

    def append(self, record: StepRecord) -> None:
        self.head = codec.chain(self.head, codec.encode(record))
        self.fills += len(record.result.fills)


def items(path: Path, rows: int) -> Iterator[MarketItem]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in islice(csv.DictReader(file), rows):
            opened = int(row["ts_ms"]) * 1_000_000
            values = [parse_scaled(row[name], 8) for name in ("open", "high", "low", "close")]
            volume = parse_scaled(row["volume"], 8)
            key = BTC.instrument_id
            yield MarketItem(opened, BTC.venue, key, BarOpen(opened, values[0]))
            closed = opened + NANOS_PER_MINUTE
            yield MarketItem(closed, BTC.venue, key, Bar(opened, closed, *values, volume))


def sample() -> type:
    spec = importlib.util.spec_from_file_location("sample", ROOT / "strategies" / "ma_cross.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    kind: type = module.MaCross
    return kind


def run(path: Path, rows: int, *, check: bool = False) -> tuple[str, str, RunSummary, int]:
    """Return (head of the chain, hash of the state, summary, fills on the record)."""
    chain = Chain()
    session = Session(SessionSettings(check_every_step=check, seed=7), sink=chain)
    session.add_instrument(BTC)
    session.add_broker("paper", SimulatedBroker(BTC.venue))
    session.add_route("main", "paper", "me", opening_cash={"USD": "100000"})
    session.add_execution_context("paper/main", ["main"])
    session.add_strategy("cross", sample(), [BTC.instrument_id], "paper/main")
    summary = session.run(items(path, rows))
    session.close()
    session.loop.kernel.check_all()
    return chain.head.hex(), session.loop.kernel.state_hash(), summary, chain.fills


@pytest.mark.shared
def test_real_bars_give_fills_and_every_invariant_holds(shared_dir: Path) -> None:
    head, state, summary, fills = run(shared_dir / FILE, CHECKED_ROWS, check=True)
    assert summary.steps > CHECKED_ROWS
    assert summary.fills > 50
    assert summary.fills == fills
    assert summary.callback_errors == 0
    assert len(head) == len(state) == 64


@pytest.mark.shared
def test_two_runs_give_the_same_journal(shared_dir: Path) -> None:
    first = run(shared_dir / FILE, ROWS)
    assert first == run(shared_dir / FILE, ROWS)
    assert first[2].fills > 100


@pytest.mark.shared
def test_another_hash_seed_gives_the_same_journal(shared_dir: Path) -> None:
    heads = {}
    for seed in ("0", "4242"):
        found = subprocess.run(
            [sys.executable, str(Path(__file__)), str(shared_dir / FILE)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
            timeout=100,
        )
        heads[seed] = found.stdout
    assert heads["0"] == heads["4242"]
    assert heads["0"].split()[0] == run(shared_dir / FILE, 5_000)[0]


if __name__ == "__main__":
    print(*run(Path(sys.argv[1]), 5_000)[:2])
