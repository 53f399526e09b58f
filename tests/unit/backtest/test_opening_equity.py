"""The worth of a beginning: exact where it is known, at the first prices where it is not."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace
from tests.engine_kit import BTC

from tradetui.backtest.figures import total_equity
from tradetui.backtest.opening_equity import opening_equity
from tradetui.backtest.recorded import RecordedRun
from tradetui.backtest.since import SinceLog
from tradetui.backtest.state_at import state_at
from tradetui.domain.ids import Currency

Record = Callable[..., Any]


def in_currency(run: RecordedRun, code: str) -> RecordedRun:
    config = replace(run.header.kernel_config, reporting_currency=Currency(code))
    return dataclasses.replace(run, header=replace(run.header, kernel_config=config))


def test_what_is_known_is_taken_as_it_is(record: Record) -> None:
    run = record(20).run
    for first in (1, 90, run.last + 1):
        assert opening_equity(run, first) == total_equity(state_at(run, first - 1).kernel.state)


def test_before_the_first_price_it_is_valued_at_the_first_prices(record: Record) -> None:
    run = in_currency(record(20).run, "BTC")
    assert total_equity(state_at(run, 0).kernel.state) is None
    priced = next(step for step in run.steps() if step.event.event_type == "Bar")
    coins = 100_000 * 10**8 * 10**BTC.price_scale / priced.event.payload.close  # type: ignore[union-attr]
    assert opening_equity(run, 1) == round(coins)
    log = SinceLog()
    log.run(run, 1)
    split = log.report("the beginning").split
    assert split is not None
    assert split.change == total_equity(state_at(run, run.last).kernel.state) - round(coins)  # type: ignore[operator]


def test_what_never_gets_a_rate_is_not_known(record: Record) -> None:
    assert opening_equity(in_currency(record(5).run, "EUR"), 1) is None
