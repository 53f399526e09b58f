"""Closed orders are read backwards as they were, over the runs that were carried on, none lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from tests.engine_kit import BTC, START, Steps, bar
from tests.support.recorded import RecordedSource, header_of

from tradetui.bootstrap.recorded.orders_before import closed_before, closed_in, read_closed
from tradetui.domain.ids import ClientOrderId, RunId
from tradetui.domain.orders import Order
from tradetui.domain.recovery import EngineCheckpoint, JournalCursor, encode_checkpoint
from tradetui.domain.steps import JournalHeader, StepRecord
from tradetui.engine.rerun import Rerun
from tradetui.engine.session import Session
from tradetui.engine.session_config import SessionSettings, SimulatedBroker
from tradetui.ports.journal import JournalError
from tradetui.strategy import Strategy, bars

KEPT = 10
"""So few closed orders the kernel of these runs keeps."""


class Busy(Strategy):
    """In with a bracket and out again; a resting order each bar that the next bar cancels."""

    DATA = {"bars": bars("1m")}

    def on_bar(self, bar: Any) -> None:
        turn = self.bars.count % 6
        self.context.cancel_all_orders()
        if turn == 2 and not self.position:
            self.enter("long", amount=1.0, stop=bar.close * 0.9, target_r=2.0)
        elif turn == 5 and self.position:
            self.close()
        elif turn == 0:
            for place in range(3):
                self.context.place_order("buy", 0.5, price=round(bar.close * 0.9 - place, 2))


def checkpoint_of(rerun: Rerun, header: JournalHeader) -> bytes:
    return encode_checkpoint(
        EngineCheckpoint(
            1, 0, header.run_id, header.run_mode, "", "", rerun.kernel.checkpoint(), b"", (),
            "engine_state", (), JournalCursor(rerun.seq_id, ""),
        )
    )  # fmt: skip


class Recorded:
    """A run and one that carries it on, of a kernel that keeps few closed orders.

    ``ends`` is what every order came to; ``last`` the step of its last change.
    """

    def __init__(self, every: int, kept: int = KEPT) -> None:
        steps = Steps()
        session = Session(SessionSettings(seed=7, run_code="x1"), sink=steps)
        session.add_instrument(BTC)
        session.add_broker("paper", SimulatedBroker("SIM"))
        session.add_route("main", "paper", "me", opening_cash={"USD": "100000"})
        session.add_execution_context("acc", ["main"])
        session.add_strategy("a", Busy, [BTC.instrument_id], "acc")
        session.start(at=START)
        for n in range(60):
            session.loop.ingest(bar(n, 10_000 + (n * 37) % 211 - 100, BTC))
        plain = header_of(session)
        config = replace(plain.kernel_config, max_closed_orders=kept)
        self.header = replace(plain, kernel_config=config)
        self.state = session.loop.kernel.state
        self.source = self._two_runs(steps.records, every)

    def _two_runs(self, records: list[StepRecord], every: int) -> RecordedSource:
        half = len(records) // 2
        rerun = Rerun(self.header.kernel_config)
        second = RunId("second")
        bodies: dict[tuple[RunId, int], bytes] = {}
        for step in records:
            assert rerun.apply(step) is None
            at = step.event.seq_id
            if at == half:
                bodies[second, at] = checkpoint_of(rerun, self.header)
            elif at % every == 0:
                bodies[self.header.run_id if at < half else second, at] = checkpoint_of(
                    rerun, self.header
                )
        self.small = rerun.kernel.state
        later = replace(
            self.header, run_id=second, continues=self.header.run_id, opening_seq=half,
            opening_hash="carried",
        )  # fmt: skip
        source = RecordedSource().add(self.header, records[:half], "crashed")
        source.add(later, records[half:])
        source.bodies = bodies
        return source

    @property
    def closed(self) -> dict[ClientOrderId, Order]:
        """What every closed order came to, as a kernel that forgets none has it."""
        return {key: self.state.orders[key] for key in self.state.closed_order_ids}


@pytest.mark.parametrize("every", [25, 60, 10_000])
@pytest.mark.parametrize("count", [1, 7, 1_000])
def test_page_by_page_all_are_there_as_they_were(count: int, every: int) -> None:
    run = Recorded(every)
    assert len(run.closed) > 3 * KEPT >= 3 * len(run.small.closed_order_ids)
    found: dict[ClientOrderId, Order] = {}
    mark: int | None = None
    while True:
        page, older = closed_before(run.source, mark, count)
        changed = [one.updated_seq for one in page]
        assert changed == sorted(changed)
        fresh = {one.terms.client_order_id: one for one in page}
        assert not fresh.keys() & found.keys()
        found |= fresh
        if older is None:
            break
        assert mark is None or older < mark
        mark = older
    assert found == run.closed


def test_the_newest_come_from_the_state_of_now_and_older_ones_follow_without_a_gap() -> None:
    run = Recorded(40)
    newest, mark = closed_in(run.small, 10**9, 6)
    assert mark is not None and len(newest) >= 6
    older, _ = closed_before(run.source, mark, 5)
    order = sorted(run.closed.values(), key=lambda one: one.updated_seq)
    places = [order.index(one) for one in (*older, *newest)]
    assert sorted(places) == list(range(min(places), len(order)))


def test_the_oldest_step_that_a_state_knows_is_left_to_an_earlier_one() -> None:
    run = Recorded(40)
    known = [run.small.orders[key].updated_seq for key in run.small.closed_order_ids]
    page, mark = closed_in(run.small, 10**9, 1_000)
    assert mark is not None and min(known) < mark
    assert all(one.updated_seq > min(known) for one in page)
    whole, _ = closed_in(run.small, 10**9, 1_000, is_whole=True)
    assert len(whole) == len(known)
    assert closed_in(run.small, 0, 5) == closed_in(run.small, 10**9, 0) == ((), None)


def test_nothing_was_closed_or_nothing_ran() -> None:
    run = Recorded(40)
    assert closed_before(run.source, 1, 10) == ((), None)
    assert closed_before(RecordedSource(), None, 10) == ((), None)


def test_a_record_that_comes_out_otherwise_is_said() -> None:
    run = Recorded(10_000)
    rows = run.source.rows[RunId("second")]
    del rows[3]
    with pytest.raises(JournalError, match=r"comes out otherwise.*replay --verify"):
        closed_before(run.source, None, 10)


@pytest.mark.parametrize("is_forgetful", [False, True])
def test_where_prices_are_gone_the_next_state_that_is_kept_tells(is_forgetful: bool) -> None:
    """All closed orders are in it unless it has forgotten some: then that is said."""
    run = Recorded(25, kept=KEPT if is_forgetful else 1_000)
    first, second = run.source.headers
    run.source.pruned = {first: run.source.headers[second].opening_seq}
    run.source.bodies = {key: body for key, body in run.source.bodies.items() if key[0] == second}
    found: list[Order] = []
    mark: int | None = None

    def read() -> None:
        nonlocal mark
        page, mark = closed_before(run.source, mark, 5)
        found[:0] = page
        if mark is not None:
            read()

    if is_forgetful:
        with pytest.raises(
            JournalError, match=r"no longer kept .*: the orders that were closed be"
        ):
            read()
        return
    read()
    assert {one.terms.client_order_id: one for one in found} == run.closed
    assert len(found) == len(run.closed)


def test_a_journal_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(JournalError):
        read_closed(tmp_path / "journal.db", None, 1)
