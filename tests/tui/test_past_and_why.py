"""The keys of time travel, why, and what happened while nobody was there.

Also the tests of ``tui/app.py``.
"""

from __future__ import annotations

import asyncio

import pytest
from msgspec import structs
from tests.tui.fixtures import FakeEngine, instances
from tests.tui.hand import opened
from tests.tui.test_acting import said

from tradetui.domain.replica import DecisionView, InstanceView
from tradetui.services.why_lines import state_lines
from tradetui.tui.key_names import SHIPPED
from tradetui.tui.screens.explaining import ABSENCE_SECONDS
from tradetui.tui.screens.travelling import ON_THE_WAY, PRESENT


class FakeTravel:
    """Writes down where it was sent."""

    def __init__(self) -> None:
        self.asked: list[object] = []

    async def move(self, steps: int) -> str:
        self.asked.append(steps)
        return f"step {steps}"

    async def next_act(self) -> str:
        self.asked.append("next")
        return "the next act"

    async def previous_act(self) -> str:
        self.asked.append("previous")
        return "the act before"

    async def go_to(self, text: str) -> str:
        self.asked.append(text)
        return f"at {text}"

    def changed(self) -> tuple[str, ...]:
        return ("cash main USD: 1 -> 2",)


class FakeExplainer:
    """Writes down what it was asked."""

    def __init__(self) -> None:
        self.asked: list[object] = []

    async def why(self, subject: str) -> tuple[str, ...]:
        self.asked.append(subject)
        return (f"the chain of {subject}", "\x1b[2Jhostile")

    async def why_not(self, row: InstanceView) -> tuple[str, ...]:
        self.asked.append(("not", row.strategy_id))
        return (*state_lines(row), "", "z failed 31 of 40 times")

    async def since(self, moment: str | None) -> tuple[str, ...]:
        self.asked.append(("since", moment))
        return ("3 fills, +12.40 USDT",)


async def test_keys_move_through_the_record() -> None:
    travel = FakeTravel()
    async with opened(travel=travel) as hand:
        await hand.press("i", "I", ")", "(")
        assert travel.asked == [1, -1, "next", "previous"]
        assert hand.message == "the act before"
        await said(hand, "at 14:30")
        assert travel.asked[-1] == "14:30"
        await hand.press("D")
        assert "STEP 1,204,331" in hand.dialog and "cash main USD: 1 -> 2" in hand.dialog


async def test_a_recorded_run_is_left_without_a_question() -> None:
    engine = FakeEngine()
    async with opened(engine=engine, travel=FakeTravel()) as hand:
        await hand.press("q")
        assert hand.dialog == ""
        assert hand.app.is_left
    assert engine.commands == []


async def test_dialogs_of_a_recorded_run_say_that_it_is_one() -> None:
    async with opened(travel=FakeTravel()) as hand:
        await hand.press("D")
        assert "RECORDED RUN, nothing acts" in hand.dialog


async def test_a_long_move_says_that_it_is_under_way() -> None:
    travel, gate = FakeTravel(), asyncio.Event()

    async def wait() -> str:
        await gate.wait()
        return "there"

    travel.next_act = wait
    async with opened(travel=travel) as hand:
        await hand.press(")")
        assert hand.message == ON_THE_WAY
        await hand.press("(")
        assert travel.asked == []
        await hand.press("D")
        assert hand.main.dialog is None and hand.message == ON_THE_WAY
        gate.set()
        await hand.push()
        assert hand.message == "there"
        await hand.press("D")
        assert "cash main USD: 1 -> 2" in hand.dialog


async def test_the_footer_of_a_recorded_run_names_no_act() -> None:
    async with opened((120, 40), travel=FakeTravel()) as hand:
        footer = hand.pane("footer")[0]
        assert "( ) acts" in footer and "i I step" in footer
        assert "power" not in footer and "STOP" not in footer
    async with opened((200, 60)) as hand:
        assert "acts" not in hand.pane("footer")[0]


async def test_the_present_cannot_be_travelled() -> None:
    engine = FakeEngine()
    async with opened(engine=engine) as hand:
        for key in ("I", ")", "(", "D"):
            await hand.press(key)
            assert hand.message == SHIPPED(PRESENT)
        assert await said(hand, "at 14:30") == SHIPPED(PRESENT)
        assert await said(hand, "travel") == SHIPPED(PRESENT)
        await hand.press("i")
        assert "cannot be stepped" in hand.message
        assert engine.commands == []


@pytest.mark.parametrize(
    ("keys", "asked"),
    [
        (("j", "w"), ("not", "btc-mr")),
        (("3", "j", "w"), "tt7k-0412"),
        (("8", "j", "w"), "1204300"),
    ],
)
async def test_w_explains_the_selected_row(keys: tuple[str, ...], asked: object) -> None:
    explainer = FakeExplainer()
    async with opened(explainer=explainer) as hand:
        for key in keys:
            await hand.press(key)
            await hand.push()
        assert explainer.asked == [asked]
        assert "WHY" in hand.dialog
        assert "\x1b" not in hand.dialog


async def test_w_explains_fills_and_decisions_by_their_ids() -> None:
    explainer = FakeExplainer()
    async with opened(explainer=explainer) as hand:
        await hand.press("4", "j")
        trade = hand.main.state.list_state("lower", "Fills").selected.split("/")[1]
        await hand.press("w", "escape", "5", "j", "w")
        assert explainer.asked[0] == trade
        decision = hand.main.painter.decision_at(
            hand.main.state.list_state("lower", "Decisions").selected
        )
        assert explainer.asked[1] == (decision.client_order_id or whose(decision))


def whose(decision: DecisionView) -> str:
    """What a decision on no order is called: other instances have theirs in the same step."""
    return f"{decision.seq_id}@{decision.strategy_id}"


async def test_w_on_a_signal_explains_its_own_instance() -> None:
    explainer = FakeExplainer()
    async with opened(explainer=explainer) as hand:
        (signal, *_) = [d for d in hand.main.replica.decisions if d.client_order_id is None]
        await hand.press("5")
        listed = hand.main.state.list_state("lower", "Decisions")
        while hand.main.painter.decision_at(listed.selected) != signal:
            await hand.press("j")
        await hand.press("w")
        assert explainer.asked == [whose(signal)]


async def test_why_and_since_by_verb() -> None:
    explainer = FakeExplainer()
    async with opened(explainer=explainer) as hand:
        await said(hand, "why tt7k-0398")
        assert "the chain of tt7k-0398" in hand.dialog
        await hand.press("escape")
        await said(hand, "since")
        await hand.press("escape")
        await said(hand, "since 14:00")
        assert explainer.asked == ["tt7k-0398", ("since", None), ("since", "14:00")]
    async with opened() as hand:
        assert "there is no journal to read here" in await said(hand, "since")


async def test_the_first_key_after_an_absence_shows_what_happened_and_does_nothing_else() -> None:
    moments = [100.0]
    explainer = FakeExplainer()
    engine = FakeEngine()
    async with opened(engine=engine, explainer=explainer, monotonic=lambda: moments[0]) as hand:
        await hand.press("j")
        moments[0] += ABSENCE_SECONDS + 1
        await hand.press("o")
        assert explainer.asked == [("since", None)]
        assert "3 fills, +12.40 USDT" in hand.dialog
        assert hand.actions.calls == []
        await hand.press("escape", "j")
        assert hand.main.state.table.selected == "btc-trend"


async def test_stop_is_never_kept_back_by_an_absence() -> None:
    moments = [100.0]
    async with opened(explainer=FakeExplainer(), monotonic=lambda: moments[0]) as hand:
        await hand.press("j")
        moments[0] += ABSENCE_SECONDS + 1
        await hand.press("!")
        assert "STOP" in hand.dialog


async def test_the_very_first_key_is_no_return() -> None:
    explainer = FakeExplainer()
    async with opened(explainer=explainer) as hand:
        await hand.press("j")
        assert explainer.asked == []


async def test_why_no_trade_says_first_what_the_instance_waits_for() -> None:
    row = next(one for one in instances() if one.strategy_id == "eth-grid")
    waiting = structs.replace(
        row, state_reason="warm-up", warm=(("slow", 12, 200), ("fast", 20, 20))
    )
    others = tuple(one for one in instances() if one is not row and one.strategy_id != "eth-grid")
    engine = FakeEngine(instances=(waiting, *others))
    async with opened(engine=engine, explainer=FakeExplainer()) as hand:
        hand.main.select("eth-grid")
        await hand.press("w")
        assert "now blocked: warm-up" in hand.dialog
        assert "waits for 200 bars of slow, has 12" in hand.dialog
        assert "fast" not in hand.dialog
        assert "z failed 31 of 40 times" in hand.dialog
        assert "reading the journal" not in hand.message


async def test_why_in_a_list_without_a_chosen_row_explains_nothing_else() -> None:
    explainer = FakeExplainer()
    async with opened((120, 40), explainer=explainer) as hand:
        for key in ("3", "4", "5"):
            await hand.press(key, "w")
            assert hand.message == "no row is chosen: j chooses one, w explains it"
        assert hand.main.dialog is None
        await hand.press("9", "j", "w")
        assert hand.message.startswith("nothing to explain")
        assert explainer.asked == []


async def test_why_on_a_row_of_no_order_explains_the_instance_of_the_row() -> None:
    explainer = FakeExplainer()
    async with opened((120, 40), explainer=explainer) as hand:
        await hand.press("0", "j", "w")
        row = hand.main.keys.moves.selected_row()
        assert row is not None and row[2].strategy_id
        assert explainer.asked == [("not", row[2].strategy_id)]
        assert hand.main.state.table.selected != row[2].strategy_id
