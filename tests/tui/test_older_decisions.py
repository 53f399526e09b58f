"""Every recorded decision can be reached from the list, and the list says what it lacks.

Also the tests of ``tui/screens/older_decisions.py``.
"""

from __future__ import annotations

from msgspec.structs import replace
from tests.tui.fixtures import FakeEngine, at, decisions
from tests.tui.hand import Hand, opened

from tradetui.domain.formatting import count
from tradetui.domain.replica import DecisionView
from tradetui.tui.replica import KEPT_ROWS
from tradetui.tui.screens.older_pages import BLOCK
from tradetui.tui.screens.older_readers import BLOCKS_AT_ONCE
from tradetui.tui.widgets.record_lists import decision_key

FIRST_KEPT = 10_000
"""The step of the oldest decision that the screen keeps."""


def decided(seq_id: int) -> DecisionView:
    one = decisions()[0]
    return replace(one, seq_id=seq_id, event_time=at("11:30:01") + seq_id * 1_000_000)


def engine_with(older: int) -> FakeEngine:
    """An engine whose screen is full of decisions, with so many more in the journal."""
    shown = tuple(decided(FIRST_KEPT + n) for n in range(KEPT_ROWS))
    engine = FakeEngine(decisions=shown)
    engine.recorded_decisions = (
        *(decided(FIRST_KEPT - older + n) for n in range(older)),
        *shown,
    )
    return engine


def steps_of(hand: Hand) -> list[int]:
    rows = hand.main.painter.content("Decisions", None).rows
    return [int(row.key.split("/")[0]) for row in rows]


async def test_a_step_past_the_end_reads_a_block_and_nothing_is_doubled_or_left_out() -> None:
    async with opened((120, 40), engine=engine_with(2_500)) as hand:
        lines = await hand.at_the_end("5", "Decisions")
        assert any(f"newest {KEPT_ROWS:,}: j at the end reads on" in line for line in lines)
        assert hand.engine.asked_decisions == []
        listed = hand.main.state.list_state("lower", "Decisions")
        before = listed.selected
        await hand.lower("j")
        assert listed.selected == before
        assert hand.engine.asked_decisions == [(FIRST_KEPT + 1, BLOCK)]
        assert steps_of(hand) == list(range(FIRST_KEPT + KEPT_ROWS - 1, FIRST_KEPT - BLOCK, -1))


async def test_more_at_once_down_to_the_first_and_then_no_more_is_asked() -> None:
    async with opened((120, 40), engine=engine_with(2_500)) as hand:
        lines = await hand.lower("5", "G")
        assert len(hand.engine.asked_decisions) == 3 < BLOCKS_AT_ONCE
        assert steps_of(hand)[-1] == FIRST_KEPT - 2_500
        assert len(steps_of(hand)) == KEPT_ROWS + 2_500
        lines = await hand.lower("G", "j", "j")
        assert len(hand.engine.asked_decisions) == 3
        assert not any("reads on" in line for line in lines)
        key = decision_key(decided(FIRST_KEPT - 2_500))
        assert hand.main.state.list_state("lower", "Decisions").selected == key
        assert hand.main.painter.decision_at(key) is not None
        assert any(decided(1).intent in line for line in lines[-9:])


async def test_new_ones_push_none_out_between_the_screen_and_what_was_read() -> None:
    async with opened((120, 40), engine=engine_with(2_500)) as hand:
        await hand.at_the_end("5", "Decisions")
        await hand.lower("j")
        was = steps_of(hand)
        last = FIRST_KEPT + KEPT_ROWS
        await hand.push(*(decided(last + n) for n in range(50)))
        assert steps_of(hand) == [*range(last + 49, last - 1, -1), *was]
        await hand.push(*(decided(last + 50 + n) for n in range(KEPT_ROWS)))
        assert len(steps_of(hand)) == KEPT_ROWS


async def test_one_instance_has_its_own_older_ones() -> None:
    async with opened((120, 40), engine=engine_with(100)) as hand:
        await hand.at_the_end("5", "Decisions")
        await hand.lower("j")
        content = hand.main.painter.content("Decisions", decided(1).strategy_id)
        assert len(content.rows) == KEPT_ROWS + 100
        assert hand.main.painter.content("Decisions", "ada-test").rows == ()


async def test_a_journal_that_cannot_be_read_is_said() -> None:
    engine = engine_with(100)
    async with opened((120, 40), engine=engine) as hand:
        await hand.at_the_end("5", "Decisions")
        engine.page_error = "disk gone"
        await hand.lower("j")
        assert hand.message == "older decisions cannot be read: disk gone"
        assert len(steps_of(hand)) == KEPT_ROWS


async def test_a_tab_counts_the_kept_ones_of_an_instance_as_the_last_until_all_are_read() -> None:
    async with opened((120, 40), engine=engine_with(700)) as hand:
        hand.main.select(decided(1).strategy_id)
        await hand.press("d", "z")
        assert f"[Decisions last {KEPT_ROWS}]" in "".join(hand.pane("upper_bar"))
        await hand.press("G")
        await hand.push()
        await hand.press("G")
        await hand.push()
        assert f"[Decisions {count(KEPT_ROWS + 700)}]" in "".join(hand.pane("upper_bar"))
