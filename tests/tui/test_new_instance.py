"""``n`` and ``:new``: what keeps an instance from being made, and what is made without a form."""

from __future__ import annotations

from typing import Any

import pytest
from tests.tui.fixtures import FakeActions
from tests.tui.hand import Hand, opened

from tradetui.tui.actions import StrategyChoice


class OtherActions(FakeActions):
    """Offers these strategies; those in ``bare`` have no settings."""

    def __init__(self, *names: str, bare: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.names = names
        self.bare = bare

    async def strategies(self) -> tuple[StrategyChoice, ...]:
        broken = StrategyChoice("broken", "", "line 3: invalid syntax")
        return (broken, *(StrategyChoice(name, name) for name in self.names))

    async def schema(self, strategy_type: str) -> dict[str, dict[str, Any]]:
        return {} if strategy_type in self.bare else await super().schema(strategy_type)


async def asked(hand: Hand, verb: str) -> None:
    await hand.press(":")
    await hand.type(verb)
    await hand.press("enter")


async def test_without_a_usable_file_nothing_is_asked() -> None:
    async with opened(actions=OtherActions()) as hand:
        await hand.press("n")
        assert hand.dialog == ""
        assert "no usable strategy file: `tradetui strategies check` says why" in hand.message


async def test_a_strategy_without_settings_is_made_at_once() -> None:
    async with opened(actions=OtherActions("plain", bare=("plain",))) as hand:
        await hand.press("n")
        await hand.type("fresh")
        await hand.press("ctrl+y")
        ((name, (draft,)),) = hand.actions.calls
        assert (name, draft.strategy_id, draft.config_json) == ("create", "fresh", "")


@pytest.mark.parametrize(
    ("names", "bare", "settings", "said"),
    [
        (("plain",), ("plain",), "z=3", "plain has no settings, so not z=3"),
        (("bollinger",), (), "nosuch=3", "nosuch"),
    ],
)
async def test_settings_that_do_not_fit_keep_the_form_open(
    names: tuple[str, ...], bare: tuple[str, ...], settings: str, said: str
) -> None:
    async with opened(actions=OtherActions(*names, bare=bare)) as hand:
        await asked(hand, f"new fresh --strategy {names[0]} {settings}")
        await hand.press("ctrl+y")
        assert said in hand.dialog
        assert hand.actions.calls == []
