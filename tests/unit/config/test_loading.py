"""Which config wins, what is shipped, and the records that come of it."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from tradetui.config import resources
from tradetui.config.domain_records import (
    canonical_json,
    config_hash,
    first_records,
    instance_limits,
    kernel_config,
)
from tradetui.config.errors import ConfigError
from tradetui.config.finding import Found, find_config
from tradetui.config.loading import LoadedConfig, load_config
from tradetui.config.resources import shipped_config
from tradetui.domain.enums import InstanceMode, RunMode, Scope
from tradetui.domain.ids import Currency, RunId, StrategyId


@pytest.fixture
def demo() -> LoadedConfig:
    return load_config(Found(shipped_config("demo"), "shipped"))


def test_the_option_wins(tmp_path: Path) -> None:
    (tmp_path / "config.toml").touch()
    found = find_config(tmp_path / "mine.toml", tmp_path, {"TRADETUI_CONFIG": "other.toml"})
    assert found == Found(tmp_path / "mine.toml", "named by --config")


def test_then_the_environment(tmp_path: Path) -> None:
    (tmp_path / "config.toml").touch()
    found = find_config(None, tmp_path, {"TRADETUI_CONFIG": "other.toml"})
    assert found == Found(Path("other.toml"), "named by $TRADETUI_CONFIG")


def test_then_the_users_own(tmp_path: Path) -> None:
    (tmp_path / "config.toml").touch()
    assert find_config(None, tmp_path, {"TRADETUI_CONFIG": ""}).path == tmp_path / "config.toml"


def test_then_the_shipped(tmp_path: Path) -> None:
    assert find_config(None, tmp_path, {}) == Found(shipped_config("default"), "shipped")


def test_a_dangling_link_of_the_user_is_not_skipped(tmp_path: Path) -> None:
    (tmp_path / "config.toml").symlink_to(tmp_path / "gone")
    found = find_config(None, tmp_path, {})
    with pytest.raises(ConfigError, match="there is no such file"):
        load_config(found)


@pytest.mark.parametrize("name", ["default", "demo"])
def test_what_is_shipped_is_sound(name: str) -> None:
    loaded = load_config(Found(shipped_config(name), "shipped"))
    assert loaded.warnings == ()
    assert loaded.config.profile.run_mode is RunMode.PAPER
    assert loaded.config.profile.reporting_currency == "USDT"
    assert loaded.config.profile.name == name


def test_the_shipped_default_starts_nothing_active() -> None:
    config = load_config(Found(shipped_config("default"), "shipped")).config
    assert all(section.mode is not InstanceMode.ACTIVE for section in config.instances)


def test_the_samples_of_the_demo_are_shipped(demo: LoadedConfig) -> None:
    folder = resources.strategies_folder()
    for section in demo.config.instances:
        assert (folder / f"{section.strategy}.py").is_file(), section.strategy


def test_installed_resources_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "src" / "tradetui"
    monkeypatch.setattr("importlib.resources.files", lambda name: package)
    assert resources.themes_folder() == tmp_path / "themes"
    (package / "resources" / "themes").mkdir(parents=True)
    assert resources.themes_folder() == package / "resources" / "themes"


def test_the_kernels_config(demo: LoadedConfig) -> None:
    config = kernel_config(demo.config, RunId("r1"))
    assert config.run_id == "r1"
    (route,) = config.routes
    assert (route.route_id, route.execution_id, route.venue) == ("paper-main", "paper/main", "SIM")
    assert route.opening_cash == ((Currency("USDT"), 100_000 * 10**8),)
    (context,) = config.contexts
    assert context.routes == ("paper-main",)
    (profile,) = config.profiles
    assert profile.max_order_notional == 1_000 * 10**8
    assert profile.price_collar_ppm == 20_000
    assert profile.max_data_age_ns == 30 * 10**9
    assert profile.max_drawdown_ppm == 100_000
    assert [binding.scope for binding in config.bindings] == [Scope.GLOBAL]
    assert config_hash(config) == config_hash(kernel_config(demo.config, RunId("r1")))
    assert config_hash(config) != config_hash(kernel_config(demo.config, RunId("r2")))


def test_every_profile_field_is_carried_over(tmp_path: Path) -> None:
    text = shipped_config("demo").read_text()
    start = text.index("[risk.demo]")
    end = text.index("[[bindings]]")
    path = tmp_path / "c.toml"
    path.write_text(
        text[:start]
        + "[risk.demo]\nmax_order_quantity = 1\nmax_order_notional = 2\n"
        + "max_position_quantity = 3\nmax_position_notional = 4\nmax_exposure = 5\n"
        + "max_open_orders = 6\nmax_orders = 7\norder_window = 8\nprice_collar = 0.09\n"
        + 'allow = ["BTC/USDT"]\nblock = ["XRP/USDT"]\nmax_daily_loss = 10\nmax_drawdown = 0.11\n'
        + "max_data_age = 12\nmax_clock_skew = 13\nprevent_self_cross = false\nmay_reduce = false\n"
        + text[end:]
    )
    (profile,) = kernel_config(load_config(Found(path, "t")).config, RunId("r")).profiles
    money = 10**8
    assert msgspec.to_builtins(profile)[1:] == [
        "demo",
        1 * money,
        2 * money,
        3 * money,
        4 * money,
        5 * money,
        6,
        7,
        8 * 10**9,
        90_000,
        ("BTC/USDT",),
        ("XRP/USDT",),
        10 * money,
        110_000,
        12 * 10**9,
        13 * 10**9,
        False,
        False,
    ]


def test_limits_fall_back_key_by_key(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text(shipped_config("demo").read_text() + "[limits.gallery]\nbudget = 1_000.5\n")
    config = load_config(Found(path, "t")).config
    own = instance_limits(config, StrategyId("gallery"))
    other = instance_limits(config, StrategyId("made-later"))
    assert own.budget == 100_050_000_000
    assert other.budget == 5_000 * 10**8
    assert own.max_orders_per_hour == other.max_orders_per_hour == 600
    assert own.max_loss_per_day == 200 * 10**8


def test_first_records_are_in_order_of_id(demo: LoadedConfig) -> None:
    records = first_records(demo.config)
    assert [r.strategy_id for r in records] == sorted(r.strategy_id for r in records)
    assert len(records) == 6
    active = [r.strategy_id for r in records if r.mode is InstanceMode.ACTIVE]
    assert "gallery" in active


def test_an_instances_config_keeps_its_numbers_exactly(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text(
        shipped_config("demo")
        .read_text()
        .replace(
            'id = "gallery"',
            'id = "gallery"\nconfig = { z = 0.010, n = 5, b = true, l = [1.5, 2] }',
        )
    )
    records = first_records(load_config(Found(path, "t")).config)
    (text,) = [r.config_json for r in records if r.strategy_id == "gallery"]
    assert text == '{"b":true,"l":[1.5,2],"n":5,"z":0.010}'
    assert json.loads(text)["z"] == 0.01
    assert canonical_json({}) == "{}"
