from __future__ import annotations

from pathlib import Path

import pytest

from tradetui.adapters.replay.capabilities import REPLAY
from tradetui.adapters.replay.client import ReplayClient
from tradetui.domain.enums import Support
from tradetui.domain.market_data import Bar, BarOpen
from tradetui.domain.units import NANOS_PER_MINUTE
from tradetui.ports.market_data import FeedError

M = NANOS_PER_MINUTE
T0 = 1_514_764_800_000
START = T0 * 1_000_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    rows = "".join(f"{T0 + m * 60_000},{10 + m},99,1,{11 + m},1\n" for m in range(30))
    file = tmp_path / "bitfinex_btcusd_1m.csv"
    file.write_text("ts_ms,open,high,low,close,volume\n" + rows)
    return file


async def test_it_plays_the_file(path: Path) -> None:
    client = ReplayClient.open([path])
    assert client.name == "btcusd 1m"
    assert client.is_virtual
    assert client.span == (START, START + 30 * M)
    assert [one.instrument_id for one in client.instruments()] == ["BTC/USD.BITFINEX"]
    items = [item async for item in client.items()]
    assert len(items) == 60
    assert isinstance(items[0].payload, BarOpen)


async def test_what_lies_before_the_start_is_history(path: Path) -> None:
    client = ReplayClient.open([path], start=START + 20 * M, end=START + 25 * M)
    items = [item async for item in client.items()]
    assert len([item for item in items if isinstance(item.payload, Bar)]) == 5
    key = client.instruments()[0].instrument_id
    bars = client.history(key, M, 3, START + 20 * M)
    assert [(bar.open_time - START) // M for bar in bars] == [17, 18, 19]
    assert client.history(key, M, 0, START + 20 * M) == ()


def test_an_instrument_can_be_stated(path: Path) -> None:
    client = ReplayClient.open([path], "ETH/EUR.KRAKEN")
    assert client.instruments()[0].symbol == "ETH/EUR"
    assert any(note.startswith("bitfinex_btcusd_1m.csv: timeframe 1m") for note in client.notes)


@pytest.mark.parametrize(
    ("options", "expected"),
    [({"instrument": "A/B,x=1"}, "unknown key"), ({"start": START * 2}, "no rows between")],
)
def test_bad_options_are_feed_errors(path: Path, options: dict[str, object], expected: str) -> None:
    with pytest.raises(FeedError, match=expected):
        ReplayClient.open([path], **options)  # type: ignore[arg-type]


def test_files_that_name_no_venue_are_of_the_feed(path: Path) -> None:
    bare = path.with_name("btcusd_1m.csv")
    bare.write_bytes(path.read_bytes())
    assert ReplayClient.open([bare]).instruments()[0].venue == "FILE"
    assert ReplayClient.open([bare], venue="REPLAY").instruments()[0].venue == "REPLAY"
    stated = ReplayClient.open([bare], "BTC/USD.KRAKEN", venue="REPLAY", apart=True)
    assert stated.instruments()[0].venue == "KRAKEN"


def test_bad_files_are_feed_errors(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="No such file"):
        ReplayClient.open([tmp_path / "x.csv"])
    with pytest.raises(FeedError, match="name at least one"):
        ReplayClient.open([])


def test_bad_rows_can_be_left_out(path: Path) -> None:
    path.write_text(path.read_text() + "nan,1,1,1,1,1\n")
    with pytest.raises(FeedError, match="line 32"):
        ReplayClient.open([path])
    assert "1 bad rows left out" in " ".join(ReplayClient.open([path], strict=False).notes)


def test_files_take_no_orders() -> None:
    assert REPLAY.limit is Support.NONE
    assert REPLAY.historical
