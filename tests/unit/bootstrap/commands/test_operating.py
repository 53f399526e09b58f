"""Acts on an engine that is not there, or does not answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tradetui.bootstrap.commands import instances, operating
from tradetui.cli.wiring import Place
from tradetui.services.errors import RefusedError, UserError
from tradetui.storage.lock import FolderLock


@pytest.fixture
def empty(tmp_path: Path) -> Place:
    return Place(state=tmp_path / "state")


async def test_without_an_engine_acts_are_refused_and_a_kill_switch_waits(empty: Place) -> None:
    await instances.create_instance(
        empty, name="mine", strategy="grid", account="paper/main", market="XRP/USDT", config="{}"
    )
    with pytest.raises(RefusedError, match="no engine runs"):
        await operating.steer(empty, "pause", "mine")
    with pytest.raises(UserError, match="no instance nobody"):
        await operating.steer(empty, "pause", "nobody")
    row = await operating.kill(
        empty, scope="all", exit_only=False, keep_entries=False, reason="enough"
    )
    assert row["done"] and "at the next start" in row["text"]
    row = await operating.release(empty, scope="all", reason="calm", confirmed=True)
    assert row["done"] and "is taken back" in row["text"]
    with pytest.raises(UserError, match="no instance nobody"):
        await operating.flatten(empty, name="nobody", reason="", confirmed=True)
    with pytest.raises(RefusedError, match="no engine runs"):
        await operating.cancel(empty, order="a1", confirmed=True)


@pytest.fixture
def deaf(empty: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A folder that another process seems to hold, and that never answers."""
    assert empty.state is not None
    empty.state.mkdir(mode=0o700)
    monkeypatch.setattr("tradetui.services.remote.WAIT_NS", 1)
    with FolderLock(empty.state):
        yield empty


async def test_an_engine_that_does_not_answer_is_said(deaf: Place) -> None:
    with pytest.raises(Exception, match="did not answer"):
        await operating.cancel(deaf, order="a1", confirmed=True)
