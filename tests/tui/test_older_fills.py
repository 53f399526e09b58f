"""Every recorded fill can be reached from the list, and the list says what it lacks.

Also the tests of ``tui/screens/older_fills.py``, ``tui/screens/tab_counts.py``.
"""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.tui.fixtures import FakeEngine, at, fills
from tests.tui.hand import opened

from tradetui.domain.ids import ClientOrderId, StrategyId, TradeId
from tradetui.domain.replica import FillView
from tradetui.tui.replica import KEPT_ROWS
from tradetui.tui.screens.older_readers import BLOCK, BLOCKS_AT_ONCE
from tradetui.tui.widgets import lists
from tradetui.tui.widgets.lists import ListContent, ListRow


def many(count: int) -> tuple[FillView, ...]:
    one = fills()[0]
    start = at("11:30:01") - count * 1_000_000_000
    return tuple(
        replace(
            one,
            seq_id=number + 1,
            trade_id=TradeId(f"old{number}"),
            event_time=start + number * 1_000_000_000,
            run_id="r6",
        )
        for number in range(count)
    )


def engine_with(count: int) -> FakeEngine:
    """An engine that shows its two newest fills and has recorded ``count`` in all."""
    engine = FakeEngine()
    engine.recorded_fills = (*many(count - 2), *fills())
    return engine


def counted(monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], list[int]]:
    """Return what grows with each row of a fill that is made, and with each look at all rows."""
    made: list[str] = []
    looked: list[int] = []
    begin, filtered = ListRow.__post_init__, lists.filtered

    def making(row: ListRow) -> None:
        begin(row)
        if row.key.startswith("r6/"):
            made.append(row.key)

    def looking(content: ListContent, pattern: str) -> ListContent:
        looked.append(len(content.rows))
        return filtered(content, pattern)

    monkeypatch.setattr(ListRow, "__post_init__", making)
    monkeypatch.setattr(lists, "filtered", looking)
    return made, looked


async def test_the_list_says_that_it_has_not_all() -> None:
    async with opened((120, 40), engine=engine_with(104_233)) as hand:
        lines = await hand.lower("4")
        assert any("newest 2 of 104,233" in line for line in lines)
        assert hand.engine.asked_fills == [(None, 0)]


async def test_nothing_is_said_where_all_are_shown() -> None:
    async with opened((120, 40), engine=engine_with(2)) as hand:
        assert not any("newest" in line for line in await hand.lower("4"))
        await hand.lower("G", "j", "j")
        assert hand.engine.asked_fills == [(None, 0)]


async def test_a_step_past_the_end_reads_a_block_and_the_selection_stays() -> None:
    async with opened((120, 40), engine=engine_with(5_000)) as hand:
        await hand.lower("4", "j", "j")
        listed = hand.main.state.list_state("lower", "Fills")
        before = listed.selected
        lines = await hand.lower("j")
        assert listed.selected == before
        assert len(hand.main.painter.content("Fills", None).rows) == BLOCK
        assert any("newest 2,000 of 5,000" in line for line in lines)
        assert hand.engine.asked_fills[1:] == [(None, BLOCK)]


async def test_all_can_be_reached_each_once_the_newest_first() -> None:
    count = BLOCK * BLOCKS_AT_ONCE + 3_000
    async with opened((120, 40), engine=engine_with(count)) as hand:
        await hand.lower("4")
        for _ in range(4):
            await hand.lower("G")
        rows = hand.main.painter.content("Fills", None).rows
        assert len(rows) == len({row.key for row in rows}) == count
        assert [row.key for row in rows] == [
            f"{fill.run_id}/{fill.trade_id}/{fill.seq_id}"
            for fill in reversed(hand.engine.recorded_fills)
        ]
        lines = await hand.lower("G")
        assert not any("newest" in line for line in lines)
        assert hand.main.state.list_state("lower", "Fills").selected == rows[-1].key
        own = hand.main.painter.content("Fills", fills()[0].strategy_id).rows
        assert len(own) == count


async def test_what_is_masked_is_masked_in_older_fills_too() -> None:
    async with opened((200, 60), engine=engine_with(1_000)) as hand:
        await hand.lower("4", "G")
        await hand.lower("$", "G")
        rows = hand.main.painter.content("Fills", None).rows
        assert len(rows) == 1_000
        assert all("0.7800" not in row.text for row in rows)


async def test_fills_that_cannot_be_read_are_a_sentence() -> None:
    async with opened((120, 40), engine=engine_with(5_000)) as hand:
        await hand.lower("4", "j")
        hand.engine.page_error = "journal.db: cannot be read"
        await hand.lower("G")
        assert "older fills cannot be read: journal.db" in hand.screen_text()[-2]
        hand.engine.page_error = ""
        await hand.lower("G")
        assert len(hand.main.painter.content("Fills", None).rows) == 5_000


async def test_what_the_replica_let_go_of_is_read_again() -> None:
    async with opened((120, 40), engine=engine_with(3_000)) as hand:
        await hand.lower("4", "G")
        older = hand.main.painter.older.fills
        assert older.loaded == 3_000
        hand.main.replica.resnapshot()
        hand.main.painter.forget_lists()
        assert len(hand.main.painter.content("Fills", None).rows) == 2
        await hand.lower("G")
        assert len(hand.main.painter.content("Fills", None).rows) == 3_000


async def test_a_filter_looks_at_all_that_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = engine_with(6_000)
    engine.recorded_fills = (
        replace(engine.recorded_fills[0], client_order_id=ClientOrderId("tt1a-0001")),
        *engine.recorded_fills[1:],
    )
    async with opened((120, 40), engine=engine) as hand:
        await hand.lower("4", "G", "G")
        made, looked = counted(monkeypatch)
        lines = await hand.lower("/", *"tt1a", "enter")
        assert not made  # the rows that were there are looked at, none is written anew
        assert len(looked) <= 2 * len("/tt1a\n")  # each key looks once, and so does each frame
        assert "tt1a-0001" in lines[1]
        assert len(hand.main.painter.content("Fills", None).rows) == 1


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (200, 60)])
async def test_the_note_never_hides_the_selection(size: tuple[int, int]) -> None:
    async with opened(size, engine=engine_with(500)) as hand:
        for _ in range(3):
            lines = await hand.lower(*(["4"] if not _ else []), "j")
            assert sum(line.startswith(">") for line in lines) == 1


async def test_a_tab_counts_the_kept_ones_of_an_instance_as_the_last() -> None:
    mine = fills()[0].strategy_id
    kept = tuple(replace(one, strategy_id=mine) for one in many(3))
    others = tuple(
        replace(one, strategy_id=StrategyId("xrp-bb"), trade_id=TradeId(f"x{number}"))
        for number, one in enumerate(many(KEPT_ROWS - 3))
    )
    async with opened((120, 40), engine=FakeEngine(fills=kept)) as hand:
        hand.main.select(mine)
        hand.main.draw()
        await hand.push()
        assert "Fills 3" in hand.pane("upper_bar")[0]
        await hand.push(*others)
        assert "Fills last 3" in hand.pane("upper_bar")[0]
        await hand.push(replace(others[0], trade_id=TradeId("newest")))
        assert "Fills last 2" in hand.pane("upper_bar")[0]


async def test_once_all_are_read_a_tab_counts_truly() -> None:
    engine = engine_with(KEPT_ROWS + 300)
    kept = engine.recorded_fills[300:]
    engine = FakeEngine(fills=kept)
    engine.recorded_fills = (*many(300), *kept)
    async with opened((120, 40), engine=engine) as hand:
        assert f"Fills last {KEPT_ROWS}" in hand.pane("lower_bar")[0]
        await hand.lower("4", "G")
        await hand.lower("G")
        await hand.press("1")
        assert f"Fills {KEPT_ROWS + 300}" in hand.pane("lower_bar")[0]
