"""A kill-switch over a name that does not exist is bad input, whether an engine runs or not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.support.recovery import opened

from tradetui.bootstrap.commands import instances, operating
from tradetui.bootstrap.run.engine import Engine
from tradetui.cli.wiring import Place, RunOptions
from tradetui.domain.commands import CommandReply, SetKillSwitch
from tradetui.domain.enums import KillState, Scope
from tradetui.services.errors import UserError
from tradetui.storage.inbox import SqliteCommandInbox


@pytest.fixture
def empty(tmp_path: Path) -> Place:
    return Place(state=tmp_path / "state")


@pytest.fixture
async def used(empty: Place) -> Place:
    """A folder with a record, in which nothing has run yet."""
    await instances.create_instance(
        empty, name="gallery", strategy="grid", account="paper/main", market="XRP/USDT", config="{}"
    )
    return empty


async def kill(place: Place, scope: str) -> str:
    row = await operating.kill(
        place, scope=scope, exit_only=False, keep_entries=False, reason="enough"
    )
    assert row["done"]
    return str(row["text"])


@pytest.mark.parametrize(
    ("scope", "said"),
    [
        ("instance:galery", "there is no instance galery; did you mean gallery?"),
        ("account:paper/man", "there is no account paper/man; did you mean paper/main?"),
        ("route:paper-mian", "there is no route paper-mian; did you mean paper-main?"),
        ("market:BTC/USD.SIM", "there is no market BTC/USD.SIM; did you mean BTC/USDT.SIM?"),
    ],
)
async def test_without_an_engine_the_nearest_name_is_said(
    used: Place, scope: str, said: str
) -> None:
    with pytest.raises(UserError) as caught:
        await kill(used, scope)
    assert str(caught.value) == f"{said} Nothing done."


@pytest.mark.parametrize(
    "scope",
    [
        "all",
        "strategy:gallery",
        "execution:paper/main",
        "route:paper-main",
        "instrument:BTC/USDT.SIM",
        "market:BTC/USDT",
    ],
)
async def test_what_the_first_start_would_make_can_be_stopped_before_it(
    used: Place, scope: str
) -> None:
    assert "at the next start" in await kill(used, scope)


async def test_a_record_counts_and_the_config_no_more(empty: Place) -> None:
    await instances.create_instance(
        empty, name="mine", strategy="grid", account="paper/main", market="XRP/USDT", config="{}"
    )
    await kill(empty, "strategy:mine")
    await kill(empty, "instrument:XRP/USDT.SIM")
    with pytest.raises(UserError, match="there is no instance gallery; there are mine"):
        await kill(empty, "strategy:gallery")


@pytest.fixture
async def running(empty: Place) -> AsyncIterator[Engine]:
    async with opened(RunOptions(empty, demo=True, seed=1)) as engine:
        yield engine
        await engine.driver.abandon()


async def test_what_waits_for_the_first_start_holds_its_instance_and_fills_the_folder(
    running: Engine,
) -> None:
    inbox = SqliteCommandInbox(running.store.database)
    for key in ("gallery", "gone"):
        await inbox.post(SetKillSwitch(Scope.STRATEGY, key, KillState.HALTED, None, "me", "night"))
    await running.driver.start()
    assert (await inbox.reply_to(1)).done  # type: ignore[union-attr]
    assert list(running.driver.loop.kernel.state.kill_switches) == [(Scope.STRATEGY, "gallery")]
    lines = [line.text for line in running.driver.publisher.snapshot().log]
    (said,) = [text for text in lines if "NOT engaged" in text]
    assert "there is no instance gone" in said
    assert "gallery" in running.driver.loop.host.running_instances


async def test_the_engine_judges_what_runs(
    running: Engine, empty: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    await running.driver.start()

    async def asked(_: Place, command: SetKillSwitch) -> CommandReply:
        return await running.driver.client.send(command)

    @asynccontextmanager
    async def posted(_: Place) -> AsyncIterator[object]:
        yield running.driver.client

    monkeypatch.setattr(operating, "hand_over", asked)
    monkeypatch.setattr(operating, "post_of", posted)
    with pytest.raises(UserError, match="no route paper-mian; did you mean paper-main"):
        await kill(empty, "route:paper-mian")
    assert await kill(empty, "route:paper-main") == "kill HALTED (route paper-main)"
    assert await kill(empty, "market:ETH/USDT") == "kill HALTED (market ETH/USDT.SIM)"
    # The folder is not locked here: what asks the engine is told that one runs.
    monkeypatch.setattr(operating, "holder_of", lambda _: 7)
    with pytest.raises(UserError, match="no instance nobody"):
        await operating.release(empty, scope="strategy:nobody", reason="calm", confirmed=True)
    row = await operating.release(empty, scope="all", reason="calm", confirmed=True)
    assert not row["done"]
    row = await operating.release(empty, scope="market:ETH/USDT", reason="calm", confirmed=True)
    assert row["text"] == "kill NORMAL (market ETH/USDT.SIM)"
