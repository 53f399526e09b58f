"""A backtest: one's own instances on files, whatever the profile keeps, and never in silence."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.support.demo_runs import write_minutes

from tradetui.bootstrap.commands import instances
from tradetui.bootstrap.commands.backtest import run_backtest
from tradetui.cli.wiring import BacktestOptions, Place
from tradetui.domain.enums import InstanceMode
from tradetui.services.errors import RefusedError, UserError

PROFILE = """
[profile]
name = "mine"
run_mode = "paper"
reporting_currency = "{currency}"
[[accounts]]
id = "paper/main"
[[routes]]
id = "paper-main"
account = "paper/main"
venue = "{venue}"
opening_cash = {{ {currency} = 10_000 }}
{feed}
[limits.default]
budget = 5_000
[[instances]]
id = "cross"
strategy = "ma_cross"
account = "paper/main"
market = "BTC/USD"
mode = "observe"
[[instances]]
id = "asleep"
strategy = "ma_cross"
account = "paper/main"
market = "BTC/USD"
[[instances]]
id = "other"
strategy = "ma_cross"
account = "paper/main"
market = "ETH/USD"
mode = "active"
"""
OWN_FILES = '[[feeds]]\nkind = "replay"\nfiles = ["never-read.csv"]\n'


@pytest.fixture
def bars(tmp_path: Path) -> Path:
    return write_minutes(tmp_path, 120)


@pytest.fixture
def options(tmp_path: Path) -> BacktestOptions:
    return BacktestOptions(Place(written(tmp_path, OWN_FILES), tmp_path / "state"))


def written(folder: Path, feed: str, *, venue: str = "REPLAY", currency: str = "USD") -> Path:
    path = folder / "mine.toml"
    path.write_text(PROFILE.format(feed=feed, venue=venue, currency=currency))
    return path


def with_(options: BacktestOptions, **changes: Any) -> BacktestOptions:
    from dataclasses import replace

    return replace(options, **changes)


async def tried(options: BacktestOptions) -> tuple[dict[str, Any], str]:
    said: list[str] = []
    return await run_backtest(options, said.append), "\n".join(said)


async def test_what_is_not_off_trades_on_the_named_files(
    options: BacktestOptions, bars: Path
) -> None:
    row, said = await tried(with_(options, files=(bars,)))
    (instance,) = row["instances"]
    assert (instance["instance"], instance["state"]) == ("cross", "ACTIVE")
    assert row["steps"] > 60
    assert row["trades"] == instance["trades"] > 0
    assert row["round_trips"] > 0 and row["win_rate"].endswith(" %")
    assert set(row["max_drawdown"]) == {"USD"}
    assert "left out, for off: asleep" in said
    assert "left out, for the files have only BTC/USD: other (ETH/USD)" in said
    assert "tries 1 instance, active from the first item on: cross" in said
    assert options.place.state is not None and not options.place.state.exists()


async def test_the_files_of_the_config_are_taken_when_none_is_named(
    tmp_path: Path, bars: Path
) -> None:
    feed = f'[[feeds]]\nkind = "replay"\nfiles = ["{bars}"]\ninstrument = "BTC/USD tick=1"\n'
    config = written(tmp_path, feed)
    keep = tmp_path / "kept"
    options = BacktestOptions(Place(config, tmp_path / "state"), instances=("asleep",), keep=keep)
    row, _ = await tried(options)
    assert [one["instance"] for one in row["instances"]] == ["asleep"]
    assert (keep / "journal.db").exists()
    again, said = await tried(with_(options, files=(bars,), keep=None))
    assert again["trades"] == row["trades"] > 0
    assert "price_increment" not in said, "the config has said the tick"


async def test_a_folder_that_holds_something_is_never_written_over(
    options: BacktestOptions, bars: Path, tmp_path: Path
) -> None:
    with pytest.raises(RefusedError, match="is not empty; name a new folder"):
        await tried(with_(options, files=(bars,), keep=tmp_path))
    with pytest.raises(UserError, match=r"cannot keep the run \(Not a directory\); name a new"):
        await tried(with_(options, files=(bars,), keep=bars))


async def test_a_folder_that_cannot_be_made_is_named_with_its_own_option(
    options: BacktestOptions, bars: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    keep = tmp_path / "kept"
    said = rf"^{keep}: cannot be used as the state folder \(Read-only file system\); "
    with monkeypatch.context() as patched, pytest.raises(UserError, match=said) as raised:
        patched.setattr(Path, "mkdir", read_only)
        await tried(with_(options, files=(bars,), keep=keep))
    assert str(raised.value).endswith("choose another one with --keep")
    keep.mkdir(mode=0o700)
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != keep)
    monkeypatch.setattr(os, "statvfs", lambda path: SimpleNamespace(f_flag=os.ST_RDONLY))
    with pytest.raises(UserError, match=r"file system is read-only.*another one with --keep$"):
        await tried(with_(options, files=(bars,), keep=keep))


async def test_records_of_the_state_folder_come_before_those_of_the_config(
    tmp_path: Path, bars: Path
) -> None:
    feed = f'[[feeds]]\nkind = "replay"\nfiles = ["{bars}"]\n'
    options = BacktestOptions(Place(written(tmp_path, feed), tmp_path / "state"))
    await instances.create_instance(
        options.place, name="own", strategy="grid", account="paper/main", market="BTC/USD",
        config="{}",
    )  # fmt: skip
    with pytest.raises(UserError, match="no instance to try: own off; try one with --instance"):
        await tried(with_(options, files=(bars,)))
    row, _ = await tried(with_(options, files=(bars,), instances=("own",)))
    assert [one["instance"] for one in row["instances"]] == ["own"]
    records = await instances.list_instances(options.place)
    assert [(one["id"], one["mode"]) for one in records] == [("own", InstanceMode.OFF)]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"instances": ("corss",)}, "there is no instance corss; did you mean cross?"),
        ({"files": (Path("/nowhere.csv"),)}, "/nowhere.csv"),
    ],
)
async def test_what_cannot_be_tried_is_a_sentence(
    options: BacktestOptions, changes: dict[str, Any], says: str
) -> None:
    with pytest.raises(UserError, match=re.escape(says)):
        await tried(with_(options, **changes))


async def test_made_up_prices_never_end(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=re.escape("its [[feeds]] never end; name the files")):
        await tried(BacktestOptions(Place(state=tmp_path / "state")))


async def test_files_that_no_instance_is_on_are_refused(
    options: BacktestOptions, tmp_path: Path
) -> None:
    bars = write_minutes(tmp_path, 5, market="XRP_USD")
    with pytest.raises(UserError, match="the files have XRP/USD, and no instance is on that"):
        await tried(with_(options, files=(bars,)))


async def test_money_of_another_currency_is_refused(tmp_path: Path, bars: Path) -> None:
    place = Place(written(tmp_path, OWN_FILES, currency="EUR"), tmp_path / "state")
    with pytest.raises(UserError, match=re.escape("write opening_cash = { USD = ... }")):
        await tried(BacktestOptions(place, (bars,)))
    text = place.config.read_text().replace("{ EUR =", "{ USD = 5, EUR =")  # type: ignore[union-attr]
    place.config.write_text(text)  # type: ignore[union-attr]
    with pytest.raises(UserError, match="limits are in EUR, for which the files have no rate"):
        await tried(BacktestOptions(place, (bars,)))
