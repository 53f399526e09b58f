"""What a run is made of: its pace, its venue, its code, and an instance's spec."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from tests.unit.bootstrap.conftest import with_config

from tradetui.bootstrap.profile.catalogue import LoaderCatalogue
from tradetui.bootstrap.profile.profile import profile_for
from tradetui.bootstrap.run.feeds import Opened
from tradetui.bootstrap.run.run_settings import (
    REPLAY_SPEED,
    driver_options,
    header_of,
    run_code_at,
    run_id_at,
    spec_for,
    venue_of,
)
from tradetui.cli.wiring import RunOptions
from tradetui.config.domain_records import kernel_config
from tradetui.domain.codec import CODEC_VERSION
from tradetui.domain.enums import InstanceMode, RunMode, Source
from tradetui.domain.ids import ExecutionId, StrategyId
from tradetui.domain.instances import InstanceRecord
from tradetui.engine.errors import LoadError
from tradetui.services.errors import UserError
from tradetui.strategy import Strategy

SECOND = 10**9
NEW_YEAR_2026 = 1_767_225_600 * SECOND


def test_one_simulated_venue_serves_all_routes(options: RunOptions) -> None:
    profile = profile_for(options)
    route = profile.config.routes[0]
    changes = {"slippage_bps": 300, "latency_ms": 20, "taker_fee": 700}
    changed = route.model_copy(update=changes)
    venue = venue_of(with_config(profile, routes=(changed,)))
    assert (venue.slippage_ppm, venue.latency_ns, venue.taker_fee_ppm) == (300, 20_000_000, 700)
    same = changed.model_copy(update={"id": "second"})
    assert venue_of(with_config(profile, routes=(changed, same))) == venue
    other = changed.model_copy(update={"id": "second", "latency_ms": 0})
    with pytest.raises(UserError, match=f"routes {route.id} and second differ in .*make them eq"):
        venue_of(with_config(profile, routes=(changed, other)))


@pytest.mark.parametrize(
    ("asked", "until_end", "in_config", "speed"),
    [
        (None, False, None, REPLAY_SPEED),
        (None, False, 60, 60),
        (5, False, 60, 5),
        (None, True, 60, None),
        (5, True, None, 5),
    ],
)
def test_what_is_asked_for_sets_the_pace_before_the_config(
    options: RunOptions,
    asked: int | None,
    until_end: bool,
    in_config: int | None,
    speed: int | None,
) -> None:
    wanted = dataclasses.replace(options, speed=asked, until_end=until_end)
    feeds = Opened((), start=1, speed=in_config)
    assert driver_options(profile_for(wanted), wanted, feeds, None).speed == speed


def test_a_config_that_does_not_fit_the_strategy_is_a_sentence() -> None:
    class Fast(Strategy):
        CONFIG_SCHEMA = {"fast": {"type": "int", "default": 5}}

    class File:
        strategy_class = Fast
        file_hash = ""

    record = InstanceRecord(
        StrategyId("x"), "fast", ExecutionId("a"), "BTC/USD", InstanceMode.ACTIVE, '{"fast": "no"}'
    )
    unused: Any = None
    with pytest.raises(LoadError, match=r"^config of x: .*fast"):
        spec_for(record, File(), unused, unused, unused)  # type: ignore[arg-type]


def test_the_code_of_a_run_counts_36ths_of_a_second_since_2026() -> None:
    assert run_code_at(NEW_YEAR_2026 - SECOND) == run_code_at(NEW_YEAR_2026) == "0"
    assert run_code_at(NEW_YEAR_2026 + SECOND) == "10"
    assert run_code_at(NEW_YEAR_2026 + SECOND // 2) == "i"
    codes = [run_code_at(NEW_YEAR_2026 + n * SECOND // 36 + 1) for n in range(2_000)]
    assert len(set(codes)) == len(codes)


def test_the_venue_behaves_as_its_route_says(options: RunOptions) -> None:
    profile = profile_for(options)
    wanted = {"latency_bars": 2, "fee_in_base": True, "touch_fills": False}
    route = profile.config.routes[0].model_copy(update=wanted)
    venue = venue_of(with_config(profile, routes=(route,)))
    assert (venue.latency_bars, venue.fee_in_base, venue.touch_fills) == (2, True, False)


def test_a_journal_begins_with_all_that_a_replay_needs(options: RunOptions) -> None:
    order = (Source.MARKET_DATA, Source.TIMER, Source.BROKER_REPORT, Source.CONTROL)
    profile = profile_for(options)
    section = profile.config.engine.model_copy(update={"source_priority": order})
    profile = with_config(profile, engine=section)
    catalogue = LoaderCatalogue(profile.strategy_folders)
    config = kernel_config(profile.config, run_id_at(NEW_YEAR_2026))
    header = header_of(config, catalogue, 7, NEW_YEAR_2026, venue_of(profile), Opened(()))
    assert header.source_priority == order
    assert (header.seed, header.run_id, header.run_mode) == (7, config.run_id, RunMode.PAPER)
    assert header.codec_version == CODEC_VERSION
    assert dict(header.strategy_files) == {i.name: i.file_hash for i in catalogue.found()}
    assert header.strategy_files
    later = kernel_config(profile.config, run_id_at(NEW_YEAR_2026 + 1))
    assert (
        header.config_hash
        == header_of(later, catalogue, 7, NEW_YEAR_2026, venue_of(profile), Opened(())).config_hash
    )
