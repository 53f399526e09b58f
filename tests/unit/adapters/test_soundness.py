"""What no market item can be, whatever its source."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.support.kernel_world import INSTRUMENTS

from tradetui.adapters.soundness import is_sound
from tradetui.domain.ids import InstrumentId
from tradetui.domain.market_data import (
    Bar,
    BarOpen,
    DataGap,
    InstrumentUpdated,
    MarketItem,
    Quote,
    Trade,
)
from tradetui.domain.units import I64_MAX

ONE, OTHER = INSTRUMENTS[0], INSTRUMENTS[1]
KNOWN = {ONE.instrument_id: ONE}
BAR = Bar(60, 120, 10, 12, 9, 11, 5)


def item(payload: Any, **changes: Any) -> MarketItem:
    plain = MarketItem(1_000, ONE.venue, ONE.instrument_id, payload)
    return msgspec.structs.replace(plain, **changes)


@pytest.mark.parametrize(
    "payload",
    [
        Quote(10, 1, 11, 1),
        Quote(10, 1, 10, 1),
        Quote(0, 0, 11, 1),
        Quote(10, 1, 0, 0),
        Quote(0, 0, 0, 0),
        Trade(10, 1),
        BAR,
        BarOpen(60, 10),
        DataGap(1, 1, "lost"),
        InstrumentUpdated(ONE),
    ],
)
def test_what_can_be_true_passes(payload: Any) -> None:
    assert is_sound(item(payload), KNOWN)


@pytest.mark.parametrize(
    "payload",
    [
        Quote(12, 1, 11, 1),
        Quote(-1, 0, 11, 1),
        Quote(10, -1, 11, 1),
        Quote(10, 1, 11, -1),
        Quote(10, 1, -11, 1),
        Quote(0, 1, 11, 1),
        Quote(10, 1, 0, 1),
        Quote(10, 1, I64_MAX + 1, 1),
        Quote(10, I64_MAX + 1, 11, 1),
        Quote(float("nan"), 1, 11, 1),  # type: ignore[arg-type]
        Trade(0, 1),
        Trade(-5, 1),
        Trade(10, 0),
        Trade(I64_MAX + 1, 1),
        Trade(float("inf"), 1),  # type: ignore[arg-type]
        msgspec.structs.replace(BAR, high=10),
        msgspec.structs.replace(BAR, low=11),
        msgspec.structs.replace(BAR, low=0),
        msgspec.structs.replace(BAR, volume=-1),
        msgspec.structs.replace(BAR, close_time=60),
        msgspec.structs.replace(BAR, high=I64_MAX + 1),
        BarOpen(60, 0),
        DataGap(2, 1, "lost"),
        InstrumentUpdated(OTHER),
        None,
    ],
)
def test_what_cannot_be_does_not(payload: Any) -> None:
    assert not is_sound(item(payload), KNOWN)


@pytest.mark.parametrize(
    "changes",
    [
        {"instrument_id": InstrumentId("XYZ/USD.SIM")},
        {"venue": "ELSEWHERE"},
        {"event_time": 0},
        {"event_time": -1},
        {"event_time": I64_MAX + 1},
    ],
)
def test_nor_does_what_is_of_no_market_or_moment(changes: dict[str, Any]) -> None:
    assert not is_sound(item(Trade(10, 1), **changes), KNOWN)
