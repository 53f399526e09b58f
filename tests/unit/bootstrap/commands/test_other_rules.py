"""What a person writes for a what-if run becomes changes, or a sentence that says what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from msgspec.structs import replace
from tests.support.recorded import header

from tradetui.backtest.recorded import Opening, RecordedRun
from tradetui.bootstrap.commands.other_rules import changes_of
from tradetui.cli.wiring import OtherRules
from tradetui.config.models import Config, RiskSection
from tradetui.core.venue.models import VenueConfig
from tradetui.domain.enums import RunMode
from tradetui.domain.ids import Currency, RunId
from tradetui.domain.risk import ProfileBinding, RiskProfile, Scope
from tradetui.domain.steps import KernelConfig
from tradetui.engine.session_config import SessionSettings
from tradetui.services.errors import UserError

PROFILES = (RiskProfile("default", max_open_orders=5), RiskProfile("night"))


@dataclass
class Today:
    """The config of today, counting how often it is asked for."""

    config: Config
    asked: int = 0

    def __call__(self) -> Config:
        self.asked += 1
        return self.config


@pytest.fixture
def run() -> RecordedRun:
    """A run with two profiles, of which one is bound twice."""
    kernel = KernelConfig(
        RunId("run-1"),
        RunMode.PAPER,
        Currency("USD"),
        (),
        (),
        profiles=PROFILES,
        bindings=(
            ProfileBinding("default", Scope.GLOBAL),
            ProfileBinding("night", Scope.GLOBAL),
        ),
    )
    settings = SessionSettings(venue=VenueConfig(taker_fee_ppm=700))
    source: Any = None
    return RecordedRun(source, header(kernel, settings), Opening(), 0)


@pytest.fixture
def today() -> Today:
    return Today(Config.model_construct(risk={"tight": RiskSection(max_open_orders=1)}))


def changed(run: RecordedRun, today: Today, **rules: Any) -> Any:
    return changes_of(run, OtherRules(**rules), today, force=False)


def test_nothing_asked_for_changes_nothing(run: RecordedRun, today: Today) -> None:
    changes = changed(run, today)
    assert not changes.is_changed
    assert changes.texts == ()
    assert today.asked == 0


def test_the_values_of_the_record_change_nothing(run: RecordedRun, today: Today) -> None:
    profiles = ("max_open_orders=5", "night.max_open_orders=none")
    changes = changed(run, today, profiles=profiles, fees="taker=0.0007")
    assert not changes.is_changed
    assert changes.texts == (*(f"risk: {text}" for text in profiles), "fees: taker=0.0007")


@pytest.mark.parametrize(
    ("text", "field", "expected"),
    [
        ("max_open_orders=3", "max_open_orders", [3, 3]),
        ("night.max_open_orders=3", "max_open_orders", [5, 3]),
        ("default.max_open_orders=none", "max_open_orders", [None, None]),
        ("night.may_reduce=false", "may_reduce", [True, False]),
        ("night.block=BTC/USD,ETH/USD", "block", [(), ("BTC/USD", "ETH/USD")]),
    ],
)
def test_a_limit_is_written_as_in_the_config(
    run: RecordedRun, today: Today, text: str, field: str, expected: list[Any]
) -> None:
    changes = changed(run, today, profiles=(text,))
    assert [getattr(one, field) for one in changes.kernel_config.profiles] == expected
    assert changes.texts == (f"risk: {text}",)
    assert today.asked == 0


def test_limits_of_the_instances_stand_beside_the_profiles(run: RecordedRun, today: Today) -> None:
    changes = changed(
        run, today, profiles=("budget=250", "max_orders_per_hour=7", "max_loss_per_day=none")
    )
    assert changes.kernel_config is None
    assert changes.limits["max_orders_per_hour"] == 7
    assert changes.limits["max_loss_per_day"] is None
    assert changes.limits["budget"] > 0


def test_a_whole_profile_takes_the_place_of_every_bound_one(run: RecordedRun, today: Today) -> None:
    ours = changed(run, today, profiles=("night",)).kernel_config
    assert [one.name for one in ours.profiles] == ["night"]
    assert ours.bindings == (ProfileBinding("night", Scope.GLOBAL),)
    assert today.asked == 0
    theirs = changed(run, today, profiles=("tight",)).kernel_config
    assert (theirs.profiles[0].name, theirs.profiles[0].max_open_orders) == ("tight", 1)
    assert today.asked == 1


def test_config_values_are_json_or_plain_text(run: RecordedRun, today: Today) -> None:
    changes = changed(run, today, configs=("a.z=2.5", "a.name=slow one", "b.on=true"))
    assert changes.configs == {"a": {"z": 2.5, "name": "slow one"}, "b": {"on": True}}
    assert changes.texts[0] == "config: a.z=2.5"


def test_fees_and_slippage_change_the_recorded_venue(run: RecordedRun, today: Today) -> None:
    changes = changed(run, today, fees="maker=0.0002,,taker=0.001", slippage="3")
    assert changes.venue == VenueConfig(maker_fee_ppm=200, taker_fee_ppm=1_000, slippage_ppm=300)
    assert changes.texts == ("fees: maker=0.0002", "fees: taker=0.001", "slippage: 3 bps")


def test_a_run_that_does_not_say_its_venue_is_taken_to_be_the_default(
    run: RecordedRun, today: Today
) -> None:
    old = RecordedRun(run.source, replace(run.header, venue=""), run.opening, run.last)
    assert changed(old, today, slippage="1").venue == VenueConfig(slippage_ppm=100)


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"profiles": ("width=3",)}, "--profile width=3: 'width' is no limit; there is "),
        (
            {"profiles": ("day.max_open_orders=3",)},
            "the run has no profile 'day'; it has default, night",
        ),
        (
            {"profiles": ("loose",)},
            "no risk profile 'loose' in the run or in the config; there is ",
        ),
        (
            {"profiles": ("max_open_orders=many",)},
            "--profile max_open_orders=many: max_open_orders",
        ),
        ({"profiles": ("max_orders_per_hour=0",)}, "'0' is no count above 0"),
        ({"profiles": ("max_orders_per_hour=x",)}, "'x' is no count above 0"),
        ({"profiles": ("budget=none",)}, "--profile budget: "),
        ({"configs": ("z=2.5",)}, "--set z=2.5: write it as ID.key=value"),
        ({"configs": (".z=2.5",)}, "--set .z=2.5: write it as ID.key=value"),
        ({"configs": ("a.z",)}, "--set a.z: write it as ID.key=value"),
        ({"fees": "both=0.1"}, "--fees both=0.1: write it as maker=0.0002,taker=0.0005"),
        ({"fees": "maker"}, "--fees maker: write it as maker=0.0002,taker=0.0005"),
        ({"fees": "maker=high"}, "--fees maker: "),
        ({"slippage": "some"}, "--slippage: "),
        ({"slippage": "10000"}, "must be basis points, 0 or more and below 10,000"),
    ],
)
def test_what_makes_no_sense_is_a_sentence(
    run: RecordedRun, today: Today, rules: dict[str, Any], said: str
) -> None:
    with pytest.raises(UserError) as caught:
        changed(run, today, **rules)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_control_characters_are_not_repeated(run: RecordedRun, today: Today) -> None:
    with pytest.raises(UserError) as caught:
        changed(run, today, configs=("\x1b[2Jz",))
    assert "\x1b" not in str(caught.value)
