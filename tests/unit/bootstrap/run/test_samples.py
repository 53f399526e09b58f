"""The samples of a demo are set up for the files that they run on."""

from __future__ import annotations

import functools
import json
import runpy
from collections.abc import Mapping
from typing import Any

import pytest

from tradetui.bootstrap.run.samples import SAMPLES, replay_records, sample_settings
from tradetui.config.resources import strategies_folder
from tradetui.domain.enums import InstanceMode, InstrumentClass
from tradetui.domain.ids import Currency, ExecutionId, instrument_id
from tradetui.domain.instruments import Instrument
from tradetui.domain.units import NANOS_PER_MINUTE
from tradetui.strategy import Strategy

ACCOUNT = ExecutionId("paper/main")
USD, BTC = Currency("USD"), Currency("BTC")


def market(symbol: str) -> Instrument:
    base, _, quote = symbol.partition("/")
    key = instrument_id(symbol, "SIM")
    spot = InstrumentClass.SPOT
    return Instrument(key, symbol, "SIM", spot, Currency(base), Currency(quote), 2, 4, 1, 1)


@functools.cache
def schema_of(strategy: str) -> Mapping[str, Any]:
    """Return the settings that a sample has."""
    found = runpy.run_path(str(strategies_folder() / f"{strategy}.py")).values()
    (kind,) = [
        one
        for one in found
        if isinstance(one, type) and issubclass(one, Strategy) and one is not Strategy
    ]
    return kind.CONFIG_SCHEMA


def test_every_market_gets_the_samples() -> None:
    records = replay_records(ACCOUNT, (market("BTC/USD"),), has_quotes=False)
    assert [record.strategy_id for record in records] == [
        "btcusd-bands",
        "btcusd-cross",
        "btcusd-gallery",
        "btcusd-grid",
    ]
    assert {record.mode for record in records} == {InstanceMode.ACTIVE, InstanceMode.OBSERVE}
    assert {record.config_json for record in records} == {"{}"}
    more = replay_records(ACCOUNT, (market("BTC/USD"),), has_quotes=True)
    assert "btcusd-maker" in [record.strategy_id for record in more]


@pytest.mark.parametrize(
    ("minutes", "fast", "slow"),
    [
        (0, None, None),
        (1, None, None),
        (3, "15m", "4h"),
        (5, "5m", "1h"),
        (10, "1h", "1d"),
        (60, "1h", "1d"),
        (480, "1d", "1d"),
        (7, None, None),
    ],
)
def test_bars_are_of_a_length_that_the_file_adds_up_to(
    minutes: int, fast: str | None, slow: str | None
) -> None:
    length = minutes * NANOS_PER_MINUTE
    for _, strategy, _ in SAMPLES:
        settings = sample_settings(strategy, USD, length)
        assert settings.get("timeframe") == fast
        wanted = slow if strategy == "bollinger_reversion" else None
        assert settings.get("trend_timeframe") == wanted
    assert sample_settings("market_maker", USD, length) == {}


def test_amounts_are_of_about_the_same_worth_in_any_currency() -> None:
    assert sample_settings("gallery", BTC, 0) == {"value": 0.0005, "oversize": 0.04}
    assert sample_settings("grid", BTC, 0) == {"value": 0.002}
    assert sample_settings("ma_cross", BTC, 0) == {}


def test_the_gallery_rests_as_many_bars_on_longer_ones() -> None:
    assert sample_settings("gallery", USD, 5 * NANOS_PER_MINUTE)["rest"] == 100


@pytest.mark.parametrize("minutes", [0, 1, 3, 5, 480])
@pytest.mark.parametrize("symbol", ["ETH/BTC", "XRP/ETH", "BTC/USDT", "BTC/JPY"])
def test_what_is_set_is_allowed(symbol: str, minutes: int) -> None:
    one = market(symbol)
    lengths = {one.instrument_id: minutes * NANOS_PER_MINUTE}
    for record in replay_records(ACCOUNT, (one,), has_quotes=True, bar_lengths=lengths):
        schema = schema_of(record.strategy_type)
        for key, value in json.loads(record.config_json).items():
            entry = schema[key]
            assert value in entry.get("choices", [value])
            assert entry.get("min", value) <= value <= entry.get("max", value)
