"""Settings that make no sense are refused in one sentence."""

from __future__ import annotations

from typing import Any

import pytest

from tradetui.core.venue.models import FillModel, VenueConfig, read_settings, settings_json


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"volume_share_ppm": 0}, "volume_share_ppm is 0; it must be from 1 to 1000000"),
        ({"volume_share_ppm": 1_000_001}, "volume_share_ppm is 1000001"),
        ({"slippage_ppm": -1}, "slippage_ppm is -1; it must be from 0 to 999999"),
        ({"slippage_ppm": 1_000_000}, "slippage_ppm is 1000000"),
        ({"latency_ns": -1}, "must not be negative"),
        ({"latency_bars": -1}, "must not be negative"),
        ({"latency_ns": 1, "latency_bars": 1}, "exclude each other"),
        ({"id_prefix": ""}, "id_prefix is ''"),
        ({"id_prefix": "a b"}, "letters and digits"),
        ({"id_prefix": "é"}, "letters and digits"),
    ],
)
def test_a_setting_out_of_bounds_is_refused(fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        VenueConfig(**fields)


def test_the_least_and_the_most_are_taken() -> None:
    least = VenueConfig(volume_share_ppm=1, slippage_ppm=0, latency_ns=1)
    most = VenueConfig(volume_share_ppm=1_000_000, slippage_ppm=999_999, latency_bars=1)
    assert (least.volume_share_ppm, most.volume_share_ppm) == (1, 1_000_000)


def test_defaults_fill_whole_orders_without_cost() -> None:
    assert VenueConfig().fill_model is FillModel.FULL
    assert VenueConfig().slippage_ppm == 0


def test_settings_survive_as_json() -> None:
    config = VenueConfig(FillModel.VOLUME_CAP, 50_000, 30, taker_fee_ppm=2_000, fee_in_base=True)
    assert read_settings(settings_json(config)) == config
    assert read_settings('{"slippage_ppm":7}') == VenueConfig(slippage_ppm=7)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "cannot be read"),
        ('{"slippage_ppm":"much"}', "cannot be read"),
        ('{"slippage_ppm":-1}', "slippage_ppm is -1"),
        ('{"luck":1}', "has no setting luck"),
    ],
)
def test_other_settings_are_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_settings(text)
