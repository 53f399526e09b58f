"""Every recorded order can be reached from the list, and the list says what it lacks.

Also the tests of ``tui/screens/older_lists.py``, ``tui/screens/older_orders.py``.
"""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.tui.fixtures import FakeEngine, at, order, orders
from tests.tui.hand import Hand, opened

from tradetui.domain.enums import OrderSide, OrderState
from tradetui.domain.ids import ClientOrderId
from tradetui.domain.replica import OrderView
from tradetui.tui.replica import SHOWN_ROWS
from tradetui.tui.screens.older_pages import BLOCK

FIRST_KEPT = 10_000
"""The step in which the oldest closed order that the screen keeps ended."""


def closed(seq_id: int) -> OrderView:
    one = order(f"tt-{seq_id}", "btc-mr", "BTC/USDT", OrderSide.BUY, "0.0100", "67000.00")
    time = at("00:00:01") + seq_id * 1_000_000
    return replace(
        one, client_order_id=ClientOrderId(f"tt-{seq_id}"), state=OrderState.CANCELLED,
        is_open=False, created_time=time - 1, updated_time=time, updated_seq=seq_id,
    )  # fmt: skip


def engine_with(older: int) -> FakeEngine:
    """An engine that shows as many closed orders as a snapshot brings, with so many more in the
    journal.
    """
    shown = tuple(closed(FIRST_KEPT + n) for n in range(SHOWN_ROWS))
    engine = FakeEngine(orders=(*orders(), *shown))
    engine.recorded_orders = (*(closed(FIRST_KEPT - older + n) for n in range(older)), *shown)
    return engine


def closed_ids(hand: Hand) -> list[int]:
    rows = hand.main.painter.content("Orders", None).rows
    return [int(row.key[3:]) for row in rows if row.key.startswith("tt-")]


async def test_a_step_past_the_end_reads_a_block_and_nothing_is_doubled_or_left_out() -> None:
    async with opened((120, 40), engine=engine_with(2_100)) as hand:
        lines = await hand.at_the_end("3", "Orders")
        assert any("newest 500: j at the end reads on" in line for line in lines)
        listed = hand.main.state.list_state("lower", "Orders")
        before = listed.selected
        await hand.lower("j")
        assert listed.selected == before
        # The oldest step that is known is asked for again: some of its orders may be known no more.
        assert hand.engine.asked_orders == [(FIRST_KEPT + 1, BLOCK)]
        assert closed_ids(hand) == list(range(FIRST_KEPT + SHOWN_ROWS - 1, FIRST_KEPT - BLOCK, -1))
        open_rows = hand.main.painter.content("Orders", None).rows[:5]
        assert all(not row.key.startswith("tt-") for row in open_rows)


async def test_more_at_once_down_to_the_first_and_then_no_more_is_asked() -> None:
    async with opened((120, 40), engine=engine_with(2_100)) as hand:
        lines = await hand.lower("3", "G")
        assert len(hand.engine.asked_orders) == 3
        assert closed_ids(hand)[-1] == FIRST_KEPT - 2_100
        assert len(closed_ids(hand)) == SHOWN_ROWS + 2_100
        assert hand.message == "read 2,100 older orders"
        lines = await hand.lower("G", "j", "j")
        assert len(hand.engine.asked_orders) == 3
        assert not any("reads on" in line for line in lines)
        # The row is whole under the list, as any other.
        assert any(f"tt-{FIRST_KEPT - 2_100}" in line for line in lines[-9:])


async def test_new_ones_push_none_out_between_the_screen_and_what_was_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tradetui.tui.replica.KEPT_ORDERS", 600)
    async with opened((120, 40), engine=engine_with(1_000)) as hand:
        await hand.at_the_end("3", "Orders")
        await hand.lower("j")
        was = closed_ids(hand)
        last = FIRST_KEPT + SHOWN_ROWS
        await hand.push(*(closed(last + n) for n in range(50)))
        assert closed_ids(hand) == [*range(last + 49, last - 1, -1), *was]
        await hand.push(*(closed(last + 50 + n) for n in range(700)))
        left = closed_ids(hand)
        assert left == sorted(left, reverse=True)
        assert left[-1] > last, "what was read no longer joins on and is let go of"


async def test_an_order_that_ends_late_stays_however_old_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The screen lets go of what ended first, not of what was made first."""
    monkeypatch.setattr("tradetui.tui.replica.KEPT_ORDERS", 600)
    async with opened((120, 40), engine=engine_with(0)) as hand:
        open_one = next(one for one in orders() if one.is_open)
        last = FIRST_KEPT + SHOWN_ROWS + 9_000
        ended = replace(
            open_one, is_open=False, state=OrderState.CANCELLED, updated_seq=last,
            updated_time=at("14:31:00"),
        )  # fmt: skip
        await hand.push(ended)
        await hand.push(*(closed(FIRST_KEPT + 600 + n) for n in range(300)))
        assert ended.client_order_id in hand.main.replica.orders
        assert closed(FIRST_KEPT).client_order_id not in hand.main.replica.orders


async def test_one_instance_has_its_own_older_ones() -> None:
    async with opened((120, 40), engine=engine_with(100)) as hand:
        await hand.at_the_end("3", "Orders")
        await hand.lower("j")
        content = hand.main.painter.content("Orders", "btc-mr")
        assert len([row for row in content.rows if row.key.startswith("tt-")]) == SHOWN_ROWS + 100
        assert hand.main.painter.content("Orders", "ada-test").rows == ()


async def test_what_is_masked_is_masked_in_older_orders_too() -> None:
    async with opened((120, 40), engine=engine_with(100)) as hand:
        await hand.at_the_end("3", "Orders")
        await hand.lower("j", "dollar_sign")
        row = hand.main.painter.content("Orders", None).rows[-1]
        assert not any("0.0100" in cell.text for cell in row.cells)
        await hand.lower("dollar_sign")
        row = hand.main.painter.content("Orders", None).rows[-1]
        assert any("0.0100" in cell.text for cell in row.cells)


async def test_a_journal_that_cannot_be_read_is_said() -> None:
    engine = engine_with(100)
    async with opened((120, 40), engine=engine) as hand:
        await hand.at_the_end("3", "Orders")
        engine.page_error = "disk gone"
        await hand.lower("j")
        assert hand.message == "older orders cannot be read: disk gone"
        assert len(closed_ids(hand)) == SHOWN_ROWS
