"""Tests of ``adapters/replay/errors.py``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tradetui.adapters.reorder import Ordering
from tradetui.adapters.replay.capabilities import REPLAY
from tradetui.adapters.replay.client import ReplayClient
from tradetui.domain.enums import Support
from tradetui.domain.market_data import Bar, BarOpen
from tradetui.domain.recovery import FeedCursor
from tradetui.domain.units import NANOS_PER_MINUTE
from tradetui.ports.market_data import EdgeCounts, FeedError

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


def disordered(path: Path) -> Path:
    """Return the same file with each fifth row two places too late."""
    head, *rows = path.read_text().splitlines(keepends=True)
    for row in range(3, 25, 5):
        rows.insert(row + 2, rows.pop(row))
    other = path.parent / "disordered" / path.name
    other.parent.mkdir()
    other.write_text(head + "".join(rows))
    return other


def test_rows_out_of_order_play_as_the_same_file_in_order(path: Path) -> None:
    ordering = Ordering(4, 10 * M)
    other = disordered(path)
    with pytest.raises(FeedError, match="is before an earlier line"):
        ReplayClient.open([other])
    plain, ordered = ReplayClient.open([path]), ReplayClient.open([other], ordering=ordering)
    assert ordered.counts == EdgeCounts(reordered=5)
    assert list(ordered.iter_items()) == list(plain.iter_items())
    assert ordered.data_hash == plain.data_hash
    assert ordered.span == plain.span
    cursor = FeedCursor("x", START + 7 * M, 1)
    assert list(ordered.iter_items(cursor)) == list(plain.iter_items(cursor))
    key = plain.instruments()[0].instrument_id
    before = START + 20 * M
    assert ordered.history(key, M, 9, before) == plain.history(key, M, 9, before)


def test_what_is_left_out_makes_another_feed_the_same_each_time(path: Path) -> None:
    other = disordered(path)
    short = [ReplayClient.open([other], ordering=Ordering(1, 10 * M)) for _ in range(2)]
    assert short[0].counts == short[1].counts
    assert short[0].counts.late > 0
    assert list(short[0].iter_items()) == list(short[1].iter_items())
    assert short[0].data_hash == short[1].data_hash != ReplayClient.open([path]).data_hash


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
