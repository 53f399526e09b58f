"""Strategy files as the services see them: the loader's errors become sentences."""

from __future__ import annotations

from pathlib import Path

import pytest

from tradetui.bootstrap.profile.catalogue import LoaderCatalogue
from tradetui.services.errors import UserError

SOUND = """
from tradetui.strategy import Strategy


class Own(Strategy):
    LABEL = "My own"
    CONFIG_SCHEMA = {"size": {"type": "int", "default": 1, "min": 1}}
    TICK_MINUTES = 1
"""


@pytest.fixture
def catalogue(tmp_path: Path) -> LoaderCatalogue:
    (tmp_path / "own.py").write_text(SOUND)
    (tmp_path / "broken.py").write_text("def (\n")
    return LoaderCatalogue((tmp_path,))


def test_every_file_is_listed_with_what_is_wrong_with_it(catalogue: LoaderCatalogue) -> None:
    found = {one.name: one for one in catalogue.found()}
    assert (found["own"].label, found["own"].problem) == ("My own", "")
    assert found["broken"].problem.startswith("broken.py line 1: invalid syntax")


async def test_a_check_says_how_often_it_ticks_or_why_it_cannot(
    catalogue: LoaderCatalogue,
) -> None:
    own, broken = await catalogue.check("own"), await catalogue.check("broken")
    assert (own.name, own.problem, own.tick_steps) == ("own", "", 10)
    assert "invalid syntax" in broken.problem


async def test_the_schema_of_what_cannot_be_loaded_is_a_persons_mistake(
    catalogue: LoaderCatalogue,
) -> None:
    assert (await catalogue.schema("own"))["size"]["default"] == 1
    with pytest.raises(UserError, match="invalid syntax"):
        await catalogue.schema("broken")


async def test_a_config_is_tried_and_changes_of_a_file_are_told(
    catalogue: LoaderCatalogue, tmp_path: Path
) -> None:
    assert await catalogue.try_config("own", {"size": 2}) == ""
    assert "invalid syntax" in await catalogue.try_config("broken", {})
    loaded = next(one.file_hash for one in catalogue.found() if one.name == "own")
    await catalogue.schema("own")
    (tmp_path / "own.py").write_text(SOUND.replace("My own", "Mine"))
    assert any("Mine" in line for line in await catalogue.changes("own", loaded))
    (only,) = await catalogue.changes("gone", loaded)
    assert "gone" in only
