"""The list of runs says of each what its journal says; what has ended is read once."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from tradetui.bootstrap.recorded import run_list
from tradetui.bootstrap.recorded.run_list import COUNTING_NS, RunList
from tradetui.domain.enums import LiquiditySide, OrderSide, OrderType, RunMode, Source
from tradetui.domain.envelope import DEFAULT_SOURCE_PRIORITY, Envelope
from tradetui.domain.ids import (
    ClientOrderId,
    Currency,
    ExecutionId,
    InstrumentId,
    RouteId,
    RunId,
    StrategyId,
    TradeId,
    shadow_route,
)
from tradetui.domain.orders import Fill, OrderTerms
from tradetui.domain.steps import (
    JournalHeader,
    KernelConfig,
    StepRecord,
    StepResult,
    SubmitCommand,
)
from tradetui.domain.timers import Heartbeat
from tradetui.ports.history import EquityPoint
from tradetui.ports.journal import JournalError
from tradetui.storage.folder import JOURNAL_DB
from tradetui.storage.journal import SqliteJournal
from tradetui.storage.reader import JournalReader

USD = Currency("USD")
BTC = StrategyId("btc")
MAIN = ExecutionId("paper/main")
MARKET = InstrumentId("BTC/USD.SIM")


def header(run: str, **changes: object) -> JournalHeader:
    config = KernelConfig(RunId(run), RunMode.PAPER, USD, (), ())
    made = JournalHeader(
        1, RunId(run), RunMode.PAPER, DEFAULT_SOURCE_PRIORITY, "hash", config, (), 7, 0
    )
    return replace(made, **changes)


def step(seq_id: int, *routes: RouteId, filled: bool = False) -> StepRecord:
    """Return a step that sends an order to each route, and fills them too."""
    event = Envelope(
        seq_id, seq_id, seq_id, Source.TIMER, "", InstrumentId(""), "Heartbeat", Heartbeat(1, ())
    )
    commands = tuple(
        SubmitCommand(
            OrderTerms(
                ClientOrderId(f"tt-{seq_id}-{n}"), BTC, MAIN, route, MARKET,
                OrderSide.BUY, OrderType.MARKET, 1,
            )
        )
        for n, route in enumerate(routes)
    )  # fmt: skip
    fills = tuple(
        Fill(
            TradeId(f"t{seq_id}-{n}"), ClientOrderId(f"tt-{seq_id}-{n}"), BTC, MAIN, route, MARKET,
            OrderSide.BUY, 1, 100, 100, 1, USD, LiquiditySide.TAKER, 0, 1, seq_id, seq_id,
        )
        for n, route in enumerate(routes)
    )  # fmt: skip
    return StepRecord(event, (), (), (), StepResult(commands=commands, fills=fills * filled))


def point(seq_id: int, equity: int) -> EquityPoint:
    return EquityPoint(seq_id, seq_id, "paper/main", USD, equity, 0)


REAL, SHADOW = RouteId("paper-main"), shadow_route(BTC)


@pytest.fixture
async def journal(tmp_path: Path) -> Path:
    """Two runs: one that was cut off behind its last point of equity, and one that goes on."""
    first = await SqliteJournal.open(tmp_path, header("r1", is_virtual=True, program="0.1.0"))
    for record in (step(1, REAL, SHADOW, filled=True), step(2), step(3, REAL, REAL), step(4)):
        first.append(record)
    first.note_equity(point(2, 1_000))
    await first.commit()
    await first.abandon()
    second = await SqliteJournal.open(tmp_path, header("r2", continues="r1", opening_seq=4))
    for record in (step(5), step(6, SHADOW)):
        second.append(record)
    second.note_equity(point(5, 1_300))
    second.note_equity(point(6, 1_290))
    await second.close()
    return tmp_path / JOURNAL_DB


def test_each_run_has_what_its_journal_says(journal: Path) -> None:
    page = RunList(journal).read()
    second, first = page.runs
    assert (page.total, page.path) == (2, str(journal))
    assert (first.run_mode, first.is_virtual, first.program) == (RunMode.PAPER, True, "0.1.0")
    assert (first.ended_how, second.ended_how) == ("crashed", "clean")
    assert second.ended_time is not None and second.started_time < second.ended_time
    assert (second.run_id, second.continues, second.is_virtual) == ("r2", "r1", False)
    assert (first.steps, first.fills, first.orders) == (4, 1, 3)
    assert (second.steps, second.fills, second.orders) == (2, 0, 0)


def test_what_a_crash_cut_off_is_of_the_run_that_made_it(journal: Path) -> None:
    second, first = RunList(journal).read().runs
    assert (first.changes, second.changes) == (((USD, 300),), ((USD, -10),))


def test_what_has_ended_is_read_once(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = RunList(journal)
    page = runs.read()

    def never(*_: object) -> None:
        raise AssertionError("what has ended is read once")

    monkeypatch.setattr(JournalReader, "header", never)
    monkeypatch.setattr(JournalReader, "orders", never)
    assert runs.read() == page


async def test_a_run_that_goes_on_is_read_on(journal: Path) -> None:
    third = await SqliteJournal.open(journal.parent, header("r3", continues="r2", opening_seq=6))
    runs = RunList(journal)
    assert [one.orders for one in runs.read().runs] == [0, 0, 3]
    third.append(step(7, REAL))
    third.note_equity(point(7, 1_400))
    await third.commit()
    newest, before, _ = runs.read().runs
    assert (newest.ended_how, newest.steps, newest.orders) == ("running", 1, 1)
    assert before.changes == ((USD, 100),)
    third.append(step(8, REAL, REAL))
    await third.commit()
    assert runs.read().runs[0].orders == 3
    await third.close()


def test_orders_are_counted_a_part_at_a_time(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_list, "COUNTED_AT_ONCE", 2)
    time = iter(range(0, 100 * COUNTING_NS, COUNTING_NS // 2))
    runs = RunList(journal, lambda: next(time))
    counted = [tuple(one.orders for one in runs.read().runs) for _ in range(3)]
    assert counted == [(0, None), (0, None), (0, 3)]


def test_steps_that_cannot_be_read_leave_their_orders_unknown(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = JournalReader.orders

    def orders(reader: JournalReader, run_id: RunId, first: int, last: int) -> int:
        if run_id == "r1":
            raise JournalError("journal.db: step 3 cannot be read")
        return count(reader, run_id, first, last)

    monkeypatch.setattr(JournalReader, "orders", orders)
    assert [one.orders for one in RunList(journal).read().runs] == [0, None]


def test_a_journal_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="there is no journal"):
        RunList(tmp_path / JOURNAL_DB).read()
