"""What is left of a run whose oldest prices are gone, and from where on its states can be made."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from tests.engine_kit import BTC, START, Steps, bar
from tests.support.recorded import RecordedSource, header_of

from tradetui.domain.codec import encode_step
from tradetui.domain.eventful import is_eventful
from tradetui.domain.ids import RunId
from tradetui.domain.steps import JournalHeader
from tradetui.engine.session import Session
from tradetui.engine.session_config import SessionSettings, SimulatedBroker
from tradetui.ports.kept_steps import (
    beginning_of,
    first_gone,
    gone_text,
    gone_words,
    kept_steps,
    not_begun_text,
    place_text,
    whole_from,
)
from tradetui.strategy import Strategy, bars

R1, R2 = RunId("r1"), RunId("r2")
HALF, LAST = 30, 50


class Trader(Strategy):
    """In and out again, every few bars."""

    DATA = {"bars": bars("1m")}

    def on_bar(self, bar: Any) -> None:
        turn = self.bars.count % 6
        if turn == 2 and not self.position:
            self.enter("long", amount=1.0, stop=bar.close * 0.9)
        elif turn == 5 and self.position:
            self.close()


@pytest.fixture(scope="module")
def recorded() -> tuple[JournalHeader, Steps]:
    steps = Steps()
    session = Session(SessionSettings(run_code="x1"), sink=steps)
    session.add_instrument(BTC)
    session.add_broker("paper", SimulatedBroker("SIM"))
    session.add_route("main", "paper", "me", opening_cash={"USD": "100000"})
    session.add_execution_context("acc", ["main"])
    session.add_strategy("a", Trader, [BTC.instrument_id], "acc")
    session.start(at=START)
    for number in range(40):
        session.loop.ingest(bar(number))
    assert len(steps.records) > LAST
    return header_of(session), steps


@pytest.fixture
def source(recorded: tuple[JournalHeader, Steps]) -> RecordedSource:
    """Two runs of a chain, the first with checkpoints at steps 10 and 20."""
    header, steps = recorded
    first = replace(header, run_id=R1)
    second = replace(header, run_id=R2, continues=R1, opening_seq=HALF, opening_hash="carried")
    found = RecordedSource().add(first, steps.records[:HALF])
    found.add(second, steps.records[HALF:LAST])
    found.bodies = {(R1, 10): b"", (R1, 20): b"", (R2, HALF): b""}
    return found


def eventful(source: RecordedSource, run_id: RunId, last: int) -> list[int]:
    return [
        step.event.seq_id
        for step in source.steps(run_id)
        if step.event.seq_id > last or is_eventful(encode_step(step))
    ]


def kept(source: RecordedSource, run_id: RunId, first: int, last: int | None) -> list[int]:
    return [step.event.seq_id for step in kept_steps(source, run_id, first, last)]


def test_where_nothing_is_gone_all_is_as_it_was(source: RecordedSource) -> None:
    first, second = source.header(R1), source.header(R2)
    assert kept(source, R1, 1, None) == list(range(1, HALF + 1))
    assert kept(source, R1, 5, 8) == [5, 6, 7, 8]
    assert first_gone(source, R1, 1, HALF) is None
    assert whole_from(source, first, HALF) == 1
    assert whole_from(source, second, LAST) == HALF + 1
    assert beginning_of(source, first, 15) == 0
    assert beginning_of(source, second, LAST) == HALF


def test_what_happened_is_kept_and_the_numbers_show_what_is_not(source: RecordedSource) -> None:
    expected = eventful(source, R1, 15)
    source.pruned[R1] = 15
    assert kept(source, R1, 1, None) == expected != list(range(1, HALF + 1))
    assert kept(source, R1, 1, 12) == [n for n in expected if n <= 12]
    assert kept(source, R1, 16, 18) == [16, 17, 18]
    gone = next(n for n in range(1, 16) if n not in expected)
    assert first_gone(source, R1, 1, HALF) == gone
    assert first_gone(source, R1, 1, gone - 1) is None
    assert first_gone(source, R1, 16, HALF) is None


def test_states_can_be_made_from_the_checkpoint_behind(source: RecordedSource) -> None:
    header = source.header(R1)
    gone = 1 + len([n for n in eventful(source, R1, HALF) if n <= 3])
    source.pruned[R1] = 15
    assert whole_from(source, header, HALF) == 21
    assert [beginning_of(source, header, n) for n in (20, 25, HALF)] == [20, 20, 20]
    assert beginning_of(source, header, 19) is None
    assert beginning_of(source, header, gone - 1) == 0
    source.pruned[R1] = 20
    assert whole_from(source, header, HALF) == 21
    source.pruned[R1] = 21
    assert whole_from(source, header, HALF) is None
    assert beginning_of(source, header, HALF) is None


def test_a_segment_that_took_no_price_of_a_run_takes_nothing_from_it(
    source: RecordedSource,
) -> None:
    """The reader tells from whole segments: a run may lie in one with what happened alone."""
    header = source.header(R1)
    known = eventful(source, R1, HALF)
    source.pruned[R1] = next(n for n in range(1, HALF) if n not in known) - 1
    assert source.pruned[R1] > 0
    assert whole_from(source, header, HALF) == 1


def test_the_sentence_names_what_is_gone_why_and_what_works(source: RecordedSource) -> None:
    first = source.header(R1)
    source.pruned[R1] = 15
    said = gone_words(source, first)
    assert said.startswith("market data of run r1 from step ")
    assert said.endswith("to step 15 is no longer kept (journal.max_size)")
    assert gone_text(source, first) == (
        f"{said}, so no state can be made over it: that goes from step 21 on (--from 21)"
    )
    assert gone_text(source, first, "--at").endswith("(--at 21)")
    assert place_text(source, first).endswith("(journal.max_size); go to :at 21")
    assert not_begun_text(source, first).endswith("run only: run r2 has it all (--run r2)")
    source.pruned[R1] = HALF
    assert gone_text(source, first).endswith("that goes from run r2 on (--run r2)")
    assert place_text(source, first).endswith(": travel --run r2")
    source.pruned[R2] = HALF + 10
    source.bodies[R2, HALF + 12] = b""
    assert gone_text(source, first).endswith(f"from run r2 on (--run r2 --from {HALF + 13})")
    assert not_begun_text(source, first).endswith("run only; no later run has it all")
    source.pruned[R2] = LAST
    assert gone_text(source, first).endswith(", nor in any later run")
    assert place_text(source, first).endswith(", in this run and in those after it")
