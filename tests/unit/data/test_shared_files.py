"""Every recorded file of bars, trades and quotes, against what its publisher says of it."""

from __future__ import annotations

import gzip
import json
import math
from itertools import islice
from pathlib import Path

import pytest

from tradetui.adapters.replay.client import ReplayClient
from tradetui.data.layout import DataKind
from tradetui.data.loader import load
from tradetui.data.stream import items_of
from tradetui.data.tables import MarketTable
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
def test_every_row_is_read_in_order_and_as_it_is_written(shared_dir: Path, name: str) -> None:
    path = shared_dir / "data" / f"{name}.csv.gz"
    manifest = json.loads((shared_dir / "data" / "manifest.json").read_text())
    expected = next(one["rows"] for one in manifest if one["file"] == f"{name}.csv.gz")
    table = load(path)
    assert len(table) == expected
    last = 0
    for item in items_of([table]):
        assert item.event_time >= last
        last = item.event_time
    if name.startswith("bars/"):
        assert table.kind is DataKind.BARS
        compare_numbers(path, table)


def compare_numbers(path: Path, table: MarketTable) -> None:
    """Compare the first opening prices with the text of the file."""
    scale = table.instrument.price_scale
    with gzip.open(path, "rt") as file:
        next(file)
        for row, line in zip(range(2_000), file, strict=False):
            text = line.split(",")[1]
            shown = format_scaled(int(table.columns["open"][row]), scale)
            assert math.isclose(float(shown), float(text), rel_tol=1e-15)


def test_two_years_play_as_one(shared_dir: Path, tmp_path: Path) -> None:
    """Of each year the first rows: what is looked at is how files of one market come together."""
    heads = []
    for year in (2017, 2018):
        name = f"bitfinex_btcusd_1m_{year}.csv"
        heads.append(tmp_path / name)
        with gzip.open(shared_dir / "data" / "bars" / f"{name}.gz", "rt") as file:
            heads[-1].write_text("".join(islice(file, 3_001)))
    client = ReplayClient.open(heads)
    assert client.name == "btcusd 1m and 1 more"
    assert len(client.instruments()) == 1
    times = [item.event_time for item in client.iter_items()]
    assert len(times) == 2 * 6_000  # an opening and a whole bar of each row
    assert times == sorted(times)


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
