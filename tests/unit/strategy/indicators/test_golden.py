"""Every indicator against TA-Lib on recorded data, over all rows of all three files."""

from __future__ import annotations

import csv
import functools
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tradetui.strategy.indicators.averages import EMA, MACD, SMA
from tradetui.strategy.indicators.bands import Bollinger, Donchian
from tradetui.strategy.indicators.oscillators import ATR, RSI

pytestmark = pytest.mark.shared

FILES = ("btcusd_1m_talib.csv.gz", "eth_btc_5m_talib.csv.gz", "goog_1d_talib.csv.gz")
ROWS = {
    "btcusd_1m_talib.csv.gz": 5000,
    "eth_btc_5m_talib.csv.gz": 3000,
    "goog_1d_talib.csv.gz": 2148,
}

# column -> (a fresh indicator, what to read from it)
OF_CLOSE: dict[str, tuple[Callable[[], Any], Callable[[Any], float | None]]] = {
    **{f"SMA_{n}": (lambda n=n: SMA(n), lambda i: i.value) for n in (10, 20, 50, 200)},
    **{f"EMA_{n}": (lambda n=n: EMA(n), lambda i: i.value) for n in (9, 12, 26, 50)},
    **{f"RSI_{n}": (lambda n=n: RSI(n), lambda i: i.value) for n in (2, 14)},
    "MACD_12_26_9": (MACD, lambda i: i.value),
    "MACD_signal": (MACD, lambda i: i.signal),
    "MACD_hist": (MACD, lambda i: i.histogram),
    "BB_upper_20_2": (Bollinger, lambda i: i.upper),
    "BB_middle_20": (Bollinger, lambda i: i.middle),
    "BB_lower_20_2": (Bollinger, lambda i: i.lower),
    "STDDEV_20": (Bollinger, lambda i: i.std),
}
OF_RANGE: dict[str, tuple[Callable[[], Any], Callable[[Any], float | None]]] = {
    "ATR_14": (ATR, lambda i: i.value),
    "TRANGE": (lambda: ATR(14), lambda i: i.true_range),
}


@functools.cache
def rows(shared_dir: Path, name: str) -> list[dict[str, str]]:
    with gzip.open(shared_dir / "golden" / "indicators" / name, "rt", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("column", [*OF_CLOSE, *OF_RANGE])
def test_column_equals_talib(shared_dir: Path, name: str, column: str) -> None:
    make, read = (OF_CLOSE | OF_RANGE)[column]
    indicator = make()
    compared = 0
    data = rows(shared_dir, name)
    assert len(data) == ROWS[name]
    for row in data:
        high, low, close = float(row["high"]), float(row["low"]), float(row["close"])
        if column in OF_RANGE:
            indicator.update(high, low, close)
        else:
            indicator.update(close)
        got, wanted = read(indicator), row[column]
        assert (got is None) is (wanted == ""), (row["row"], got, wanted)
        if wanted:
            near_zero = 1e-9 * close if column.startswith(("MACD", "STDDEV", "TRANGE")) else 0.0
            apart = abs(got - float(wanted))
            assert apart <= max(1e-9 * abs(float(wanted)), near_zero, 1e-12), row["row"]
            compared += 1
    assert compared > len(data) - 200


@pytest.mark.parametrize("name", FILES)
def test_donchian_agrees_with_williams_r(shared_dir: Path, name: str) -> None:
    """%R is a function of the channel and the close: -100 (upper - close) / (upper - lower)."""
    channel = Donchian(14)
    compared = 0
    for row in rows(shared_dir, name):
        close = float(row["close"])
        channel.update(float(row["high"]), float(row["low"]), close)
        assert (channel.value is None) is (row["WILLR_14"] == "")
        if row["WILLR_14"] and channel.width:
            percent = -100 * (channel.upper - close) / channel.width
            assert percent == pytest.approx(float(row["WILLR_14"]), rel=1e-9, abs=1e-9)
            compared += 1
    assert compared > 1500
