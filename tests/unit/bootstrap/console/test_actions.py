"""The console's acts on records: done by the services, refusals answered and audited."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from tests.support.waiting import until

from tradetui.bootstrap.console.opening import check_terminal
from tradetui.bootstrap.console.served import actions_of, theme_of
from tradetui.bootstrap.profile.profile import profile_for
from tradetui.bootstrap.run.engine import Engine, engine
from tradetui.cli.wiring import Place, RunOptions
from tradetui.config.resources import shipped_config
from tradetui.domain.enums import InstanceMode, InstanceState
from tradetui.domain.ids import StrategyId
from tradetui.services.errors import RefusedError, UserError
from tradetui.tui.actions import Draft

ROWS = "ts_ms,open,high,low,close,volume\n" + "".join(
    f"{1_600_000_000_000 + i * 60_000},{100 + i % 9},{103 + i % 9},{98 + i % 9},{101 + i % 9},5\n"
    for i in range(50)
)
NAME = StrategyId("mine")


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Engine]:
    bars = tmp_path / "BTC_USD-1m.csv"
    bars.write_text(ROWS)
    place = Place(state=tmp_path / "state")
    options = RunOptions(place, demo=True, replay=(bars,), speed=1)
    async with engine(profile_for(options), options, tmp_path / "state") as started:
        await started.driver.start()
        yield started
        await started.driver.stop()


def draft(running: Engine, **changes: str) -> Draft:
    market = running.choices().markets[0]
    fields = {"strategy_type": "ma_cross", "account": "paper/main", "market": market, **changes}
    return Draft(NAME, **fields)


async def shown(running: Engine, state: InstanceState) -> None:
    """Wait until the screens' copy shows the state: rows are drawn ten times a second."""

    def is_shown() -> bool:
        views = running.driver.client.snapshot().instances
        return any(view.strategy_id == NAME and view.state is state for view in views)

    await until(is_shown)


async def test_a_record_from_creation_to_its_end(running: Engine) -> None:
    actions = actions_of(running)
    assert (await actions.create(draft(running))).text == "mine created, off"
    observed = await actions.set_mode(
        NAME, InstanceMode.OBSERVE, seen_revision=1, seen_state=InstanceState.OFF
    )
    assert observed.done
    record = await running.store.record(NAME)
    assert record is not None
    changed = await actions.set_config(NAME, '{"fast": 12}', seen_revision=record.revision)
    assert changed.text.startswith("mine: fast: 10 -> 12")
    record = await running.store.record(NAME)
    assert record is not None
    state = InstanceState.OBSERVE
    await shown(running, state)
    off = await actions.set_mode(
        NAME, InstanceMode.OFF, seen_revision=record.revision, seen_state=state
    )
    assert off.done
    gone = await actions.delete(NAME, seen_revision=record.revision + 1)
    assert gone.text == "mine deleted, kept 30 days"


async def test_what_changed_since_it_was_seen_is_refused(running: Engine) -> None:
    actions = actions_of(running)
    await actions.create(draft(running))
    old = await actions.set_mode(
        NAME, InstanceMode.OBSERVE, seen_revision=7, seen_state=InstanceState.OFF
    )
    assert not old.done
    assert "changed while you looked" in old.text
    wrong = await actions.set_mode(
        NAME, InstanceMode.OBSERVE, seen_revision=1, seen_state=InstanceState.ACTIVE
    )
    assert wrong.text == "changed while you looked: ACTIVE -> off. Nothing done."
    entries = await running.store.audit_entries(2)
    assert [entry.done for entry in entries] == [False, False]


async def test_forms_are_checked(running: Engine) -> None:
    actions = actions_of(running)
    bad = await actions.check_config("ma_cross", "{}", '{"fast": 0}')
    assert bad.problems
    good = await actions.check_config("ma_cross", "{}", '{"fast": 12}')
    assert good.changes == ("fast: 10 -> 12",)
    assert "fast" in await actions.schema("ma_cross")
    assert await actions.schema("nope") == {}
    assert {choice.name for choice in await actions.strategies()} >= {"ma_cross", "gallery"}
    assert [choice.account for choice in await actions.markets()] == ["paper/main"]
    assert not (await actions.create(draft(running, market="NO/SUCH"))).done
    assert actions.limits(NAME)[0].startswith("may use")


@pytest.mark.parametrize("term", ["", "dumb"])
def test_a_terminal_that_cannot_draw_is_refused(term: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    with pytest.raises(UserError, match="--headless"):
        check_terminal({"TERM": term})


def test_no_terminal_and_the_web_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="needs a terminal"):
        check_terminal({"TERM": "xterm"})
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    with pytest.raises(RefusedError, match="ssh"):
        check_terminal({"TERM": "xterm", "TEXTUAL_DRIVER": "x:WebDriver"})
    check_terminal({"TERM": "xterm"})


def test_a_theme_that_is_not_there_is_said() -> None:
    options = RunOptions(demo=True, theme="nope")
    with pytest.raises(UserError, match="nope"):
        theme_of(profile_for(options), options, "")


def test_a_theme_of_the_config_that_is_not_there_is_said_with_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        shipped_config("demo").read_text("utf-8").replace("[ui]\n", '[ui]\ntheme = "nope"\n')
    )
    options = RunOptions(place=Place(config=path, state=tmp_path / "state"), demo=True)
    with pytest.raises(UserError, match=r"mine\.toml, line [0-9]+: ui\.theme: there is no theme"):
        theme_of(profile_for(options), options, "")


def test_a_theme_chosen_before_holds_until_another_is_asked_for() -> None:
    profile = profile_for(RunOptions(demo=True))
    assert theme_of(profile, RunOptions(demo=True), "light").name == "light"
    assert theme_of(profile, RunOptions(demo=True, theme="red-up"), "light").name == "red-up"
    assert theme_of(profile, RunOptions(demo=True), "gone").name == profile.config.ui.theme


async def test_what_a_person_chose_is_kept_and_a_deleted_instance_comes_back(
    running: Engine,
) -> None:
    actions = actions_of(running)
    assert await actions.recall("") is None
    assert await actions.remember("", {"sort": "day"}) == ""
    assert await actions.remember("day", {"sort": "open"}) == ""
    assert (await actions.recall(""), await actions.layouts()) == ({"sort": "day"}, ("day",))
    assert await actions.forget_layout("day")
    await actions.create(draft(running))
    assert (await actions.delete(NAME, seen_revision=1)).done
    assert (await actions.restore(NAME)).text == "mine is back, off"
    assert not (await actions.restore(NAME)).done


async def test_a_config_and_a_reload_say_their_worst_case(running: Engine) -> None:
    actions = actions_of(running)
    await actions.create(draft(running))
    diff = await actions.check_config("ma_cross", '{"risk":0.005}', '{"risk":0.05}', NAME)
    assert any("risk: 0.005 -> 0.05" in line and "x10" in line for line in diff.changes)
    assert any(
        "risk 0.005 -> 0.05 of 5,000.00 is 25.00 -> 250.00 USD" in line for line in diff.worst_case
    )
    assert any(line.startswith("may use   5,000.00 USD in all") for line in diff.worst_case)
    assert any(line.startswith("may lose  ") for line in diff.worst_case)
    await actions.set_mode(
        NAME, InstanceMode.OBSERVE, seen_revision=1, seen_state=InstanceState.OFF
    )
    await shown(running, InstanceState.OBSERVE)
    views = running.driver.client.snapshot().instances
    row = next(view for view in views if view.strategy_id == NAME)
    facts = dict(await actions.reload_facts(row))
    assert facts["check"] == "the file is sound, the config fits it"
    assert facts["file"] == facts["config"] == "as it was loaded"
    assert facts["limits"].startswith("risk 0.005 of 5,000.00 is 25.00 USD")


async def test_a_reload_says_how_the_config_differs_from_the_one_that_runs(
    running: Engine,
) -> None:
    actions = actions_of(running)
    await actions.create(draft(running))
    await actions.set_mode(
        NAME, InstanceMode.OBSERVE, seen_revision=1, seen_state=InstanceState.OFF
    )
    await shown(running, InstanceState.OBSERVE)
    views = running.driver.client.snapshot().instances
    row = next(view for view in views if view.strategy_id == NAME)
    await actions.create(msgspec.structs.replace(draft(running), strategy_id=StrategyId("other")))
    other = msgspec.structs.replace(row, strategy_id=StrategyId("other"))
    assert dict(await actions.reload_facts(other))["config"] == "not loaded now"
    loaded = running.driver.loop.host.running_instances[NAME].spec.config
    loaded |= {"fast": 100, "risk": 0.0005}
    facts = await actions.reload_facts(row)
    at = [label for label, _ in facts].index("config")
    assert [text for _, text in facts[at : at + 2]] == [
        "fast: 100 -> 10  x0.1", "risk: 0.0005 -> 0.005  x10",
    ]  # fmt: skip
    worst = next(text for label, text in facts if label == "limits")
    assert worst == "risk 0.0005 -> 0.005 of 5,000.00 is 2.50 -> 25.00 USD"
    gone = msgspec.structs.replace(row, strategy_id=StrategyId("gone"))
    assert dict(await actions.reload_facts(gone))["check"].startswith(
        "FAILS: there is no instance gone"
    )
