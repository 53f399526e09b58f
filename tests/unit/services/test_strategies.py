"""Listing and checking strategies."""

from __future__ import annotations

import pytest

from tradetui.services.errors import UserError
from tradetui.services.strategies import StrategyCatalogue, check_strategies, find_strategy


def test_a_sound_strategy_is_found(catalogue: StrategyCatalogue) -> None:
    assert find_strategy(catalogue, "grid").label == "Grid"


async def test_all_are_checked_and_a_broken_one_only_reported(
    catalogue: StrategyCatalogue,
) -> None:
    checks = await check_strategies(catalogue)
    assert [(check.name, check.problem) for check in checks] == [
        ("broken", "line 3: invalid syntax"),
        ("grid", ""),
        ("mean_revert", ""),
    ]


async def test_only_the_named_are_checked(catalogue: StrategyCatalogue) -> None:
    (check,) = await check_strategies(catalogue, ["grid"])
    assert check.tick_steps == 10


async def test_an_unknown_name_is_refused(catalogue: StrategyCatalogue) -> None:
    with pytest.raises(UserError, match="there is no strategy gird; did you mean grid"):
        await check_strategies(catalogue, ["gird"])
