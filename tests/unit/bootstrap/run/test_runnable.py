"""What a start refuses of a profile is found by ``config validate`` and ``instances create``."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.demo_runs import write_minutes

from tradetui.bootstrap.commands import settings
from tradetui.bootstrap.profile.profile import profile_at
from tradetui.bootstrap.run.runnable import check_market, check_mode, check_runnable
from tradetui.cli.wiring import Place
from tradetui.config.resources import shipped_config
from tradetui.services.errors import RefusedError, UserError

CONFIG = """
[profile]
name = "mine"
run_mode = "{mode}"
reporting_currency = "USD"
[[accounts]]
id = "paper/main"
[[routes]]
id = "paper-main"
account = "paper/main"
venue = "REPLAY"
opening_cash = {{ USD = 10_000 }}
[[feeds]]
kind = "replay"
files = ["{file}"]
instrument = "{instrument}"
[limits.default]
budget = 1_000
max_orders_per_hour = 5
max_fees_per_day = 5
max_loss_per_day = 5
[[instances]]
id = "cross"
strategy = "ma_cross"
account = "paper/main"
market = "{market}"
"""


@pytest.fixture
def bars(tmp_path: Path) -> Path:
    return write_minutes(tmp_path, 5)


def written(
    folder: Path,
    file: Path,
    *,
    instrument: str = "",
    market: str = "BTC/USD",
    mode: str = "paper",
) -> Place:
    path = folder / "mine.toml"
    path.write_text(CONFIG.format(file=file, instrument=instrument, market=market, mode=mode))
    return Place(path, folder / "state")


async def test_a_profile_that_can_run_has_nothing_to_say(tmp_path: Path, bars: Path) -> None:
    assert await check_runnable(profile_at(written(tmp_path, bars))) == ()


def test_config_validate_refuses_what_run_refuses(tmp_path: Path, bars: Path) -> None:
    place = written(tmp_path, bars, instrument="BTC/USD.BINANCE")
    with pytest.raises(UserError, match=r"feeds\.venue is REPLAY, and the files are of BTC/USD at"):
        settings.validate_config(place)
    with pytest.raises(UserError, match=r"gone\.csv"):
        settings.validate_config(written(tmp_path, tmp_path / "gone.csv"))
    with pytest.raises(RefusedError, match="run_mode sandbox is not built yet"):
        settings.validate_config(written(tmp_path, bars, mode="sandbox"))
    row = settings.validate_config(written(tmp_path, bars, market="ETH/USD"))
    assert row["result"] == "ok"
    assert row["warnings"] == [
        "instance cross would not load: there is no market ETH/USD; did you mean BTC/USD?"
    ]


def test_config_validate_names_a_strategy_that_is_not_there_or_broken(
    tmp_path: Path, bars: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    folder = tmp_path / "config" / "tradetui" / "strategies"
    folder.mkdir(parents=True)
    (folder / "broken.py").write_text("class (")
    place = written(tmp_path, bars)
    assert place.config is not None
    text = place.config.read_text()
    assert 'strategy = "ma_cross"' in text
    place.config.write_text(text.replace('"ma_cross"', '"ma_corss"'))
    (said,) = settings.validate_config(place)["warnings"]
    assert (
        said
        == "instance cross would not load: there is no strategy ma_corss; did you mean ma_cross?"
    )
    place.config.write_text(text.replace('"ma_cross"', '"broken"'))
    (said,) = settings.validate_config(place)["warnings"]
    assert said.startswith("instance cross would not load: strategy broken: broken.py line 1: ")


async def test_a_market_must_be_one_of_the_feeds(tmp_path: Path, bars: Path) -> None:
    place = written(tmp_path, bars)
    await check_market(place, "BTC/USD")
    with pytest.raises(UserError, match=r"\[\[feeds\]\]: there is no market ETH/BTC; there are"):
        await check_market(place, "ETH/BTC")
    made_up = Place(state=tmp_path / "other")
    await check_market(made_up, "SOL/USDT")
    with pytest.raises(UserError, match="did you mean BTC/USDT"):
        await check_market(made_up, "BTC/USD")


async def test_a_market_of_the_run_in_the_folder_is_one_too(place: Place) -> None:
    await check_market(place, "BTC/USD")


def test_paper_is_built() -> None:
    check_mode(profile_at(Place(shipped_config("demo"))))
