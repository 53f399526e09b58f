"""Instruments and their names."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.engine_kit import BTC, ETH

from tradetui.domain.ids import InstrumentId
from tradetui.engine.reference_data import ReferenceData


@pytest.fixture
def reference() -> ReferenceData:
    data = ReferenceData()
    data.register(BTC, "XBTUSD")
    data.register(ETH)
    return data


def test_names_go_both_ways(reference: ReferenceData) -> None:
    assert reference.venue_symbol(BTC.instrument_id) == "XBTUSD"
    assert reference.canonical("SIM", "XBTUSD") == BTC.instrument_id
    assert reference.canonical("SIM", "ETH/USD") == ETH.instrument_id


def test_a_name_can_change(reference: ReferenceData) -> None:
    reference.map_symbol(BTC.instrument_id, "BTCUSD")
    assert reference.canonical("SIM", "BTCUSD") == BTC.instrument_id
    with pytest.raises(KeyError):
        reference.canonical("SIM", "XBTUSD")


def test_registering_tells_whether_anything_changed(reference: ReferenceData) -> None:
    assert not reference.register(BTC)
    assert reference.register(replace(BTC, min_quantity=5))
    assert reference.constraints(BTC.instrument_id).min_quantity == 5
    assert reference.venue_symbol(BTC.instrument_id) == "XBTUSD"


def test_what_does_not_fit_is_refused(reference: ReferenceData) -> None:
    with pytest.raises(ValueError, match="scales are fixed"):
        reference.register(replace(BTC, price_scale=3))
    with pytest.raises(ValueError, match="is not ETH/USD"):
        reference.register(replace(ETH, instrument_id=InstrumentId("X")))
    with pytest.raises(ValueError, match="already"):
        reference.register(ETH, "XBTUSD")
    with pytest.raises(KeyError, match="registered: BTC/USD"):
        reference.instrument(InstrumentId("X"))


def test_a_symbol_is_found_near_its_market(reference: ReferenceData) -> None:
    elsewhere = replace(ETH, instrument_id=InstrumentId("ETH/USD.OTHER"), venue="OTHER")
    only = replace(
        ETH, instrument_id=InstrumentId("XRP/USD.OTHER"), venue="OTHER", symbol="XRP/USD"
    )
    reference.register(elsewhere)
    reference.register(only)
    assert reference.find_symbol("ETH/USD", BTC.instrument_id) == ETH
    assert reference.find_symbol("ETH/USD", only.instrument_id) == elsewhere
    assert reference.find_symbol("XRP/USD", BTC.instrument_id) == only
    with pytest.raises(KeyError):
        reference.find_symbol("DOGE/USD", BTC.instrument_id)
    assert [i.instrument_id for i in reference.instruments()] == sorted(
        [BTC.instrument_id, ETH.instrument_id, elsewhere.instrument_id, only.instrument_id]
    )
