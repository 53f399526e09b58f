"""Every recorded file of bars, trades and quotes, against what its publisher says of it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tradetui.adapters.replay.client import ReplayClient
from tradetui.data.layout import DataKind
from tradetui.data.loader import load
from tradetui.data.stream import items_of
from tradetui.domain.units import format_scaled

pytestmark = pytest.mark.shared

FILES = (
    "bars/binance_ada_btc_5m_201801",
    "bars/binance_dash_btc_5m_201801",
    "bars/binance_etc_btc_5m_201801",
    "bars/binance_eth_btc_5m_201801",
    "bars/binance_ltc_btc_5m_201801",
    "bars/binance_xrp_eth_1m_201910",
    "bars/binance_xrp_usdt_perp_mark_8h_2021",
    "bars/bitfinex_btcusd_1m_2017",
    "bars/bitfinex_btcusd_1m_2018",
    "bars/bitfinex_ethusd_1m_2018_01-06",
    "bars/btc_perp_1m_202201",
    "bars/unittest_btc_1m_201711",
    "trades/binance_btcusdt_trades_20210108",
    "trades/binance_spot_btcusdt_20240808_trades",
    "trades/binance_usdm_btcusdt_20240808_trades",
    "trades/binance_xrp_eth_trades_201910",
    "quotes/binance_btcusdt_quotes_20210108",
    "quotes/binance_spot_btcusdt_20240808_bbo",
    "quotes/binance_usdm_btcusdt_20240808_bbo",
    "backtesting_py/BTCUSD",
    "backtesting_py/EURUSD",
    "backtesting_py/GOOG",
    "tardis/binance-futures_book_snapshot_25_BTCUSDT",
    "tardis/bitmex_trades_XBTUSD",
)


@pytest.mark.parametrize("name", FILES)
def test_every_row_is_read_and_in_order(shared_dir: Path, name: str) -> None:
    path = shared_dir / "data" / f"{name}.csv.gz"
    manifest = json.loads((shared_dir / "data" / "manifest.json").read_text())
    expected = next(one["rows"] for one in manifest if one["file"] == f"{name}.csv.gz")
    table = load(path)
    assert len(table) == expected
    last = 0
    for item in items_of([table]):
        assert item.event_time >= last
        last = item.event_time


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("bars/")])
def test_numbers_are_the_text_of_the_file(shared_dir: Path, name: str) -> None:
    path = shared_dir / "data" / f"{name}.csv.gz"
    table = load(path)
    assert table.kind is DataKind.BARS
    scale = table.instrument.price_scale
    with gzip.open(path, "rt") as file:
        next(file)
        for row, line in zip(range(2_000), file, strict=False):
            text = line.split(",")[1]
            shown = format_scaled(int(table.columns["open"][row]), scale)
            assert float(shown) == pytest.approx(float(text), rel=1e-15)


def test_two_years_play_as_one(shared_dir: Path) -> None:
    folder = shared_dir / "data" / "bars"
    client = ReplayClient.open(
        [folder / "bitfinex_btcusd_1m_2017.csv.gz", folder / "bitfinex_btcusd_1m_2018.csv.gz"]
    )
    assert client.name == "btcusd 1m and 1 more"
    assert len(client.instruments()) == 1


def test_quotes_and_trades_of_one_recording_share_its_clock(shared_dir: Path) -> None:
    folder = shared_dir / "data"
    client = ReplayClient.open(
        [
            folder / "quotes/binance_spot_btcusdt_20240808_bbo.csv.gz",
            folder / "trades/binance_spot_btcusdt_20240808_trades.csv.gz",
        ]
    )
    assert all("recv_ns are ns" in note for note in client.notes if "times in" in note)
    assert sum(1 for _ in client.iter_items()) == 28_040 + 9_757
