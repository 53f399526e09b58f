from __future__ import annotations

import pytest

from tradetui.strategy.errors import InvalidParameter
from tradetui.strategy.indicators.oscillators import ATR, RSI


def test_rsi_by_hand() -> None:
    rsi = RSI(2)
    seen = []
    for value in (10.0, 11.0, 10.5, 12.0):
        rsi.update(value)
        seen.append(rsi.value)
    # gains 1, 0 then 1.5; losses 0, 0.5 then 0: averages 0.5, 0.25 then 1.0, 0.125
    assert seen[:2] == [None, None]
    assert seen[2] == pytest.approx(100 * 0.5 / 0.75)
    assert seen[3] == pytest.approx(100 * 1.0 / 1.125)
    assert rsi.needed == 3


def test_rsi_at_its_ends() -> None:
    up, down, flat = RSI(2), RSI(2), RSI(2)
    for step in range(5):
        up.update(1.0 + step)
        down.update(9.0 - step)
        flat.update(4.0)
    assert (up.value, down.value, flat.value) == (100.0, 0.0, 0.0)


def test_atr_by_hand() -> None:
    atr = ATR(2)
    seen = []
    for high, low, close in ((5.0, 4.0, 4.5), (6.0, 5.0, 5.5), (5.5, 4.0, 4.0), (8.0, 7.0, 7.5)):
        atr.update(high, low, close)
        seen.append((atr.true_range, atr.value))
    assert seen == [(None, None), (1.5, None), (1.5, 1.5), (4.0, 2.75)]
    assert atr.needed == 3


def test_periods_are_checked() -> None:
    with pytest.raises(InvalidParameter, match="from 2"):
        RSI(1)
    with pytest.raises(InvalidParameter, match="from 1"):
        ATR(0)
    one = ATR(1)
    one.update(2.0, 1.0, 1.5)
    one.update(3.0, 2.0, 2.5)
    assert one.value == 1.5
