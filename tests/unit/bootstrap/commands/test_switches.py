"""Kill, release and start without an engine: seen, taken back or left in order, and heeded."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.support.recovery import opened

from tradetui.bootstrap.commands import operating
from tradetui.bootstrap.commands.instances import create_instance
from tradetui.bootstrap.commands.status import status as status_of
from tradetui.bootstrap.commands.switches import waiting_words
from tradetui.bootstrap.profile.opened_records import opened_store
from tradetui.bootstrap.run.engine import Engine
from tradetui.cli.wiring import Place, RunOptions
from tradetui.domain.enums import KillState, Scope
from tradetui.domain.risk import KillSwitch
from tradetui.services.errors import RefusedError
from tradetui.storage.inbox import SqliteCommandInbox


@pytest.fixture
async def place(tmp_path: Path) -> Place:
    """A folder with a record, in which nothing has run yet."""
    made = Place(state=tmp_path / "state")
    await create_instance(
        made, name="gallery", strategy="grid", account="paper/main", market="XRP/USDT", config="{}"
    )
    return made


async def kill(place: Place, scope: str = "all", *, exit_only: bool = False) -> str:
    row = await operating.kill(
        place, scope=scope, exit_only=exit_only, keep_entries=False, reason="night"
    )
    assert row["done"]
    return str(row["text"])


async def release(place: Place, scope: str = "all") -> str:
    row = await operating.release(place, scope=scope, reason="day", confirmed=True)
    assert row["done"]
    return str(row["text"])


async def started(place: Place) -> dict[Any, KillState]:
    """Start an engine, let it take what waits, and return the switches that are engaged then."""
    async with opened(RunOptions(place, demo=True, seed=1)) as engine:
        await engine.driver.start()
        return await _ended(engine)


async def _ended(engine: Engine) -> dict[Any, KillState]:
    switches = engine.driver.loop.kernel.state.kill_switches
    found = {key: switch.state for key, switch in switches.items()}
    await engine.driver.stop("the run has ended")
    return found


async def status(place: Place) -> dict[str, Any]:
    return await asyncio.to_thread(status_of, place)


async def test_what_waits_is_seen_and_taken_back(place: Place) -> None:
    await kill(place)
    await kill(place, "instance:gallery", exit_only=True)
    row = await status(place)
    assert [words.split(" waits")[0] for words in row["kill_switches"]] == [
        "global HALTED",
        "instance gallery EXIT-ONLY",
    ]
    assert row["kill_switches"][0].endswith(": night)")
    assert await release(place) == "kill HALTED (global) is taken back: it was not engaged yet"
    assert len(await waiting_words(place)) == 1
    with pytest.raises(RefusedError, match="no kill-switch is engaged over global, none waits"):
        await release(place)
    assert await started(place) == {(Scope.STRATEGY, "gallery"): KillState.REDUCING}


async def test_the_release_of_what_was_engaged_waits_in_its_turn(place: Place) -> None:
    await kill(place)
    assert await started(place) == {(Scope.GLOBAL, ""): KillState.HALTED}
    assert "kill HALTED (global) is released at the next start" in await release(place)
    again = await release(place)
    assert again.startswith("the release of kill HALTED (global) waits for the next start already")
    assert again.endswith("): nothing to add")
    (words,) = await waiting_words(place)
    assert words.startswith("global release waits for the next start")
    row = await status(place)
    assert row["kill_switches"] == ["global HALTED", words]
    assert await started(place) == {}


async def test_kill_release_kill_ends_killed(place: Place) -> None:
    await kill(place)
    await started(place)
    await release(place)
    await kill(place, exit_only=True)
    assert await started(place) == {(Scope.GLOBAL, ""): KillState.REDUCING}


async def test_a_market_is_released_by_its_symbol(place: Place) -> None:
    await kill(place, "market:BTC/USDT")
    assert "market BTC/USDT.SIM) is taken back" in await release(place, "market:BTC/USDT")


async def test_what_only_the_journal_knows_is_released_too(place: Place) -> None:
    await kill(place)
    await started(place)
    async with opened_store(place) as store:
        await store.set_kill_switch(KillSwitch(Scope.GLOBAL, "", KillState.NORMAL, "x", "x", 1))
    assert "is released at the next start" in await release(place)


async def test_an_engine_that_is_quicker_is_said(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tradetui.domain.commands import CommandReply

    async def late(*_: object) -> CommandReply:
        return CommandReply(True, "kill HALTED (global)")

    await kill(place)
    monkeypatch.setattr(SqliteCommandInbox, "withdraw", late)
    with pytest.raises(RefusedError, match="an engine has just engaged kill HALTED"):
        await release(place)
