from __future__ import annotations

import math

import pytest

from tradetui.strategy.errors import InvalidParameter
from tradetui.strategy.indicators.averages import EMA, MACD, REFRESH, SMA
from tradetui.strategy.indicators.base import HISTORY, CloseIndicator, RangeIndicator


def test_sma_by_hand() -> None:
    sma = SMA(3)
    seen = []
    for value in (1.0, 2.0, 3.0, 4.0, 8.0):
        sma.update(value)
        seen.append(sma.value)
    assert seen == [None, None, 2.0, 3.0, 5.0]
    assert sma.history == [2.0, 3.0, 5.0]
    assert sma.previous == 3.0
    assert sma.is_defined
    assert sma.needed == 3


def test_before_it_is_defined() -> None:
    sma = SMA(2)
    assert sma.value is None
    assert sma.previous is None
    assert not sma.is_defined
    assert sma.history == []


def test_rounding_errors_do_not_grow() -> None:
    sma = SMA(4)
    for _ in range(REFRESH):
        sma.update(1e15)
        sma.update(0.1)
    for _ in range(REFRESH + 4):
        sma.update(0.1)
    assert sma.value == pytest.approx(0.1, rel=1e-12)


def test_history_is_bounded() -> None:
    sma = SMA(1)
    for value in range(HISTORY + 10):
        sma.update(float(value))
    assert len(sma.history) == HISTORY
    assert sma.history[-1] == HISTORY + 9


def test_ema_by_hand() -> None:
    ema = EMA(3)
    seen = []
    for value in (1.0, 2.0, 3.0, 4.0, 8.0):
        ema.update(value)
        seen.append(ema.value)
    assert seen == [None, None, 2.0, 3.0, 5.5]
    assert EMA(1).needed == 1


def test_macd_by_hand() -> None:
    macd = MACD(1, 2, 2)
    seen = []
    for value in (1.0, 3.0, 7.0, 6.0):
        macd.update(value)
        seen.append((macd.value, macd.signal, macd.histogram))
    # slow EMA(2): -, 2, 16/3, 52/9; fast: -, 3, 7, 6; line: -, 1, 5/3, 2/9
    assert seen[:2] == [(None, None, None)] * 2
    assert seen[2] == pytest.approx((5 / 3, 4 / 3, 1 / 3))
    signal = 4 / 3 + 2 / 3 * (2 / 9 - 4 / 3)
    assert seen[3] == pytest.approx((2 / 9, signal, 2 / 9 - signal))
    assert macd.needed == 3
    assert macd.histories["macd"] == macd.history
    assert macd.histories["signal"][-1] == macd.signal
    assert macd.histories["histogram"][-1] == macd.histogram


@pytest.mark.parametrize("period", [0, -1, 2.0, "3", None, True, math.nan, 10**6])
def test_a_period_is_a_whole_number(period: object) -> None:
    for kind in (SMA, EMA):
        with pytest.raises(InvalidParameter, match="period must be a whole number from 1 to"):
            kind(period)
    with pytest.raises(InvalidParameter, match="signal must be a whole number"):
        MACD(1, 2, period)


def test_fast_is_less_than_slow() -> None:
    with pytest.raises(InvalidParameter, match="fast must be less than slow, got 26 and 26"):
        MACD(26, 26)


def test_the_bases_are_abstract() -> None:
    with pytest.raises(NotImplementedError):
        CloseIndicator(1).update(1.0)
    with pytest.raises(NotImplementedError):
        RangeIndicator(1).update(1.0, 1.0, 1.0)
