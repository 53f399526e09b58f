"""Jumps on the ``:`` line to what the engine is asked for, and the words of other bots there.

Also the tests of ``tui/screens/far_jumps.py``, ``tui/screens/other_words.py``.
"""

from __future__ import annotations

import pytest
from tests.tui.fixtures import FakeEngine
from tests.tui.hand import Hand, opened

from tradetui import __version__
from tradetui.domain.pages import RunsPage
from tradetui.tui.screens.other_words import OTHER_WORDS, SAME_AS, OtherWord, reference_lines


async def typed(hand: Hand, text: str) -> None:
    await hand.press(":", *text, "enter")
    await hand.push()


@pytest.mark.parametrize(
    ("name", "tab", "key", "reads"),
    [
        ("binance/main", "Routes", "main", "risk_page"),
        ("spare", "Routes", "spare", "risk_page"),
        ("daily_loss", "Limits", "global/daily_loss/main", "risk_page"),
        ("global/drawdown", "Limits", "global/drawdown/main", "risk_page"),
        ("eth-mr/orders_per_hour", "Limits", "instance eth-mr/orders_per_hour/", "risk_page"),
        ("run-1795149801", "Runs", "run-1795149801", "runs_page"),
        ("a2", "Alerts", "a2", ""),
    ],
)
async def test_a_name_leads_to_its_row_also_where_the_engine_must_be_asked(
    name: str, tab: str, key: str, reads: str
) -> None:
    engine = FakeEngine()
    async with opened((120, 40), engine=engine) as hand:
        hand.main.state.filters[tab] = "nothing"
        await typed(hand, name)
        assert hand.main.state.lower_tab == tab and not hand.main.is_refused
        assert hand.main.state.list_state("lower", tab).selected == key
        assert any(line.startswith(">") for line in hand.pane("lower"))
        assert hand.message == f"at {name}"
        assert not reads or reads in engine.asked


async def test_a_strategy_leads_to_its_instances_one_after_the_other() -> None:
    async with opened((120, 40)) as hand:
        rows = hand.main.replica.instances.values()
        kind = next(row.strategy_type for row in rows if row.strategy_id == "btc-mr")
        ids = sorted(row.strategy_id for row in rows if row.strategy_type == kind)
        assert len(ids) > 1
        seen = []
        for at in range(len(ids) + 1):
            await typed(hand, kind)
            seen.append(hand.main.state.table.selected)
            number = at % len(ids) + 1
            assert hand.message == f"at {seen[-1]}, {number} of {len(ids)} of the strategy {kind}"
        assert seen == [*ids, ids[0]]


async def test_a_name_of_nothing_is_refused_and_only_runs_are_read_for() -> None:
    engine = FakeEngine()
    async with opened((120, 40), engine=engine) as hand:
        await typed(hand, "daily_los")
        assert hand.main.is_refused and "no verb 'daily_los'" in hand.message
        assert hand.message.endswith("did you mean daily_loss?")
        assert "runs_page" not in engine.asked
        await typed(hand, "run-7")
        assert hand.main.is_refused and "no verb 'run-7'" in hand.message


class NoRuns(FakeEngine):
    """An engine whose journal cannot be read."""

    async def runs_page(self) -> RunsPage:
        raise OSError("disk gone")


async def test_runs_that_cannot_be_read_are_one_sentence() -> None:
    async with opened((120, 40), engine=NoRuns()) as hand:
        await typed(hand, "run-7")
        assert hand.main.is_refused and hand.message == "run-7: cannot be read: disk gone"


async def test_what_has_been_read_is_completed() -> None:
    async with opened((120, 40)) as hand:
        found = hand.main.keys.commands.candidates
        assert found("binance/") == ["binance/main"] and found("run-") == []
        await typed(hand, "global/daily_loss")
        await typed(hand, "run-1795149801")
        assert found("eth-mr/") == ["eth-mr/orders_per_hour"]
        assert len(found("run-")) == 3
        assert "a2" in found("a")


@pytest.mark.parametrize("one", OTHER_WORDS, ids=lambda one: one.word)
async def test_a_word_of_other_bots_leads_to_what_it_is_called_here(one: OtherWord) -> None:
    async with opened((120, 40), read_only=True) as hand:
        await typed(hand, one.word)
        assert hand.message.startswith(f"{one.word}: ") and "{" not in hand.message
        assert hand.main.state.screen == (one.screen or "screen_main")
        assert hand.main.is_refused == (not one.screen)
        assert not one.tab or hand.main.state.lower_tab == one.tab
        assert hand.engine.commands == []


async def test_words_that_are_the_same_here_do_the_same() -> None:
    async with opened((120, 40)) as hand:
        verbs = hand.main.keys.commands.verbs
        assert {*SAME_AS, *SAME_AS.values()} <= set(verbs)
        await typed(hand, "trades")
        assert hand.main.state.screen == "screen_fills"
        await typed(hand, "version")
        assert hand.message == f"tradetui {__version__}"
        await typed(hand, "version 2")
        assert hand.message == "version takes nothing behind it"


def test_the_words_stand_on_the_page_of_the_keys() -> None:
    page = reference_lines()
    assert "| `trades` | `fills` |" in page
    assert {f"| `{one.word}` " for one in OTHER_WORDS} <= {
        line[: len(line.split("`")[1]) + 5] for line in page if line.startswith("| `")
    }
