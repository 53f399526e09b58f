"""Which instances a state folder knows, by its records and by its journal."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tradetui.bootstrap.commands import reading, status
from tradetui.bootstrap.recorded.known_instances import check_instance
from tradetui.cli.wiring import Place
from tradetui.services.errors import UserError


def newest_fills(place: Place) -> Any:
    return reading.fills(place, instance="nope", limit=5)


def newest_decisions(place: Place) -> Any:
    return reading.decisions(place, instance="nope", limit=5, outcome=None)


def newest_orders(place: Place) -> Any:
    return reading.orders(place, instance="nope", closed=True, limit=5)


def newest_log(place: Place) -> Any:
    return reading.log(place, instance="nope", limit=5)


@pytest.mark.parametrize("listed", [newest_fills, newest_decisions, newest_orders, newest_log])
def test_a_list_of_what_is_not_there_names_what_is(
    place: Place, listed: Callable[[Place], Any]
) -> None:
    first = status.status(place)["instances"][0]["id"]
    with pytest.raises(UserError, match=f"there is no instance nope; there are {first}, "):
        listed(place)


def test_what_the_journal_alone_tells_of_is_known(place: Place, tmp_path: Path) -> None:
    assert place.state is not None
    state = tmp_path / "state"
    shutil.copytree(place.state, state)
    owner = reading.fills(place, instance=None, limit=1)[0]["instance"]
    with sqlite3.connect(state / "state.db") as database:
        database.execute("DELETE FROM instances")
    bare = Place(state=state)
    assert [one["instance"] for one in reading.fills(bare, instance=owner, limit=1)] == [owner]
    with pytest.raises(UserError, match=f"there is no instance {owner}x; did you mean {owner}"):
        check_instance(bare, f"{owner}x")


def test_where_nothing_has_run_the_records_are_known(tmp_path: Path) -> None:
    empty = Place(state=tmp_path / "state")
    check_instance(empty, None)
    with pytest.raises(UserError, match="there is no instance nope"):
        check_instance(empty, "nope")
