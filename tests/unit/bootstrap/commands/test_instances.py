"""The commands on instance records, from the command line to the state folder."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.support.sqlite_files import change

from tradetui.bootstrap.commands import reading
from tradetui.bootstrap.commands.instances import (
    create_instance,
    delete_instance,
    duplicate_instance,
    restore_instance,
    show_instance,
)
from tradetui.bootstrap.profile.opened_records import instance_service
from tradetui.bootstrap.wiring import Application
from tradetui.cli.main import cli
from tradetui.cli.wiring import Place
from tradetui.domain.enums import InstanceMode
from tradetui.domain.ids import ExecutionId, StrategyId
from tradetui.domain.instances import InstanceRecord
from tradetui.services.errors import RefusedError, UserError


def run(state: Path, *args: str) -> Result:
    return CliRunner().invoke(cli, [*args, "--state", str(state)], obj=Application())


def create(state: Path, name: str, *more: str) -> Result:
    args = ("--strategy", "ma_cross", "--account", "paper/main", "--market", "BTC/USDT")
    return run(state, "instances", "create", name, *args, *more)


def test_the_life_of_a_record(state: Path) -> None:
    assert create(state, "btc-1").exit_code == 0
    assert json.loads(run(state, "instances", "list", "--json").stdout)[0]["mode"] == "off"
    assert run(state, "instances", "mode", "btc-1", "observe").exit_code == 0
    refused = run(state, "instances", "mode", "btc-1", "active")
    assert refused.exit_code == 3
    assert "needs a confirmation" in refused.stderr
    assert run(state, "instances", "mode", "btc-1", "active", "--yes").exit_code == 0
    row = json.loads(run(state, "instances", "list", "--json").stdout)[0]
    assert (row["id"], row["mode"], row["market"]) == ("btc-1", "active", "BTC/USDT")


def test_config_is_shown_and_changed(state: Path) -> None:
    create(state, "btc-1")
    shown = json.loads(run(state, "instances", "config", "btc-1", "--json").stdout)
    assert {field["key"] for field in shown["fields"]} >= {"fast", "slow"}
    changed = run(state, "instances", "config", "btc-1", "fast=12")
    assert changed.exit_code == 0
    assert "fast: 10 -> 12" in changed.stdout
    again = run(state, "instances", "config", "btc-1", "fast=12")
    assert "nothing changed" in again.stdout


def test_who_set_the_config_is_told_apart_from_who_changed_the_record(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tradetui.bootstrap.commands.instances.operator", lambda: "anna")
    create(state, "btc-1")
    created = json.loads(run(state, "instances", "show", "btc-1", "--json").stdout)
    assert (created["config_time"], created["config_by"]) == (created["changed"], "anna")
    monkeypatch.setattr("tradetui.bootstrap.commands.instances.operator", lambda: "ben")
    run(state, "instances", "mode", "btc-1", "observe")
    shown = json.loads(run(state, "instances", "show", "btc-1", "--json").stdout)
    assert (shown["config_time"], shown["config_by"]) == (created["config_time"], "anna")
    assert shown["by"] == "ben"
    change(
        state / "state.db",
        "INSERT INTO instances (id, strategy_type, account, market) "
        "VALUES ('by-hand', 'ma_cross', 'paper/main', 'BTC/USDT')",
    )
    shown = json.loads(run(state, "instances", "show", "by-hand", "--json").stdout)
    assert (shown["config_time"], shown["config_by"]) == (None, None)


PICKY = """
from tradetui.strategy import Strategy

class Picky(Strategy):
    CONFIG_SCHEMA = {"fast": {"type": "int", "default": 5}, "slow": {"type": "int", "default": 20}}

    def setup(self):
        if self.cfg.fast >= self.cfg.slow:
            raise ValueError("fast must be below slow")
"""


def test_a_list_of_a_config_is_a_list_for_programs_and_words_for_people(state: Path) -> None:
    assert create(state, "show", "--strategy", "gallery").exit_code == 0
    shown = json.loads(run(state, "instances", "config", "show", "--json").stdout)
    (levels,) = [field for field in shown["fields"] if field["type"] == "list"]
    assert isinstance(levels["value"], list) and levels["value"]
    said = run(state, "instances", "config", "show").stdout
    assert ", ".join(map(str, levels["value"])) in said
    described = json.loads(run(state, "strategies", "show", "gallery", "--json").stdout)
    assert levels["value"] in [one["value"] for one in described["settings"]]


def test_a_config_that_does_not_load_is_refused_with_exit_code_3(state: Path) -> None:
    strategies = state.parent / "config" / "tradetui" / "strategies"
    strategies.mkdir(parents=True)
    (strategies / "picky.py").write_text(PICKY)
    assert create(state, "picky1", "--strategy", "picky").exit_code == 0
    refused = run(state, "instances", "config", "picky1", "fast=50")
    assert refused.exit_code == 3
    assert "picky1 does not load with that; it keeps config 1" in refused.stderr
    assert "fast must be below slow" in refused.stderr
    shown = json.loads(run(state, "instances", "config", "picky1", "--json").stdout)
    assert {field["key"]: field["value"] for field in shown["fields"]} == {"fast": 5, "slow": 20}
    assert run(state, "instances", "config", "picky1", "fast=6").exit_code == 0


@pytest.mark.parametrize(
    ("args", "code", "sentence"),
    [
        (("instances", "config", "btc-1", "fast=0"), 2, "fast"),
        (("instances", "config", "btc-1", "fats=3"), 2, "did you mean"),
        (("instances", "config", "btc-2"), 2, "there is no instance btc-2"),
        (("instances", "mode", "btc-1", "active", "--yes"), 3, "switch it to observe first"),
        (("strategies", "check", "nope"), 2, "there is no strategy nope"),
    ],
)
def test_mistakes_get_one_sentence(
    state: Path, args: tuple[str, ...], code: int, sentence: str
) -> None:
    create(state, "btc-1")
    result = run(state, *args)
    assert result.exit_code == code
    assert sentence in result.stderr
    assert result.stderr.count("\n") == 1


def test_creating_is_checked(state: Path) -> None:
    assert create(state, "Bad Id").exit_code == 2
    assert create(state, "btc-1", "--config-json", "[1]").exit_code == 2
    assert create(state, "btc-1").exit_code == 0
    assert create(state, "btc-1").exit_code == 3


def test_a_broken_config_is_exit_code_2(state: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("nonsense = 1\n")
    result = run(state, "instances", "list", "--config", str(broken))
    assert result.exit_code == 2
    assert "broken.toml" in result.stderr


async def test_a_record_is_told_copied_and_brought_back(state: Path) -> None:
    place = Place(state=state)
    record = InstanceRecord(
        StrategyId("btc-1"),
        "ma_cross",
        ExecutionId("paper/main"),
        "BTC/USDT",
        InstanceMode.OBSERVE,
        "{}",
    )
    async with instance_service(place) as service:
        await service.add_first((record,), actor="me")
    shown = await show_instance(place, "btc-1")
    assert [(one["from"], one["to"], one["by"]) for one in shown["modes"]] == [
        (None, "off", "me"),
        ("off", "observe", "me"),
    ]
    copied = await duplicate_instance(place, "btc-1", "btc-2")
    assert (copied["id"], copied["strategy"], copied["mode"]) == ("btc-2", "ma_cross", "off")
    async with instance_service(place) as service:
        await service.delete(await service.record("btc-2"), actor="me")
        assert [one.strategy_id for one in await service.records()] == ["btc-1"]
    back = await restore_instance(place, "btc-2")
    assert (back["id"], back["mode"]) == ("btc-2", "off")


def test_a_folder_that_cannot_be_one_is_a_problem_of_the_machine(state: Path) -> None:
    state.write_text("no folder")
    for words in (("instances", "list"), ("kill", "--reason", "x")):
        result = run(state, *words)
        assert result.exit_code == 1
        assert str(state) in result.stderr


async def test_only_what_is_off_flat_and_without_orders_is_deleted(state: Path) -> None:
    empty = Place(state=state)
    await create_instance(
        empty, name="mine", strategy="grid", account="paper/main", market="XRP/USDT", config="{}"
    )
    with pytest.raises(RefusedError, match="--yes"):
        await delete_instance(empty, "mine", confirmed=False)
    assert (await delete_instance(empty, "mine", confirmed=True))["mode"] == "deleted"
    with pytest.raises(UserError, match=r"mine was deleted at .* is kept 30 days"):
        await delete_instance(empty, "mine", confirmed=True)
    assert (await restore_instance(empty, "mine"))["mode"] == "off"


def test_what_an_instance_holds_keeps_it(place: Place) -> None:
    held = next(iter(reading.positions(place)), None)
    opened = reading.orders(place, instance=None, closed=False, limit=5)
    name = (
        held["instance"]
        if held
        else next(one["instance"] for one in opened if not one["route"].startswith("shadow"))
    )
    with pytest.raises(RefusedError, match="still has"):
        asyncio.run(delete_instance(place, name, confirmed=True))
