"""Where one goes on in a recorded run, what was shown there, and what cannot be read."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from tests.engine_kit import BTC, START, Steps, bar
from tests.support.recorded import RecordedSource, header_of
from tests.unit.runtime.conftest import ManualClock

from tradetui.core.kernel import Kernel
from tradetui.domain.ids import RunId, StrategyId
from tradetui.domain.memory import ScreenMemory, encode_memory
from tradetui.domain.recovery import EngineCheckpoint, JournalCursor, encode_checkpoint
from tradetui.domain.replica import ReplicaSnapshot
from tradetui.engine.session import Session
from tradetui.engine.session_config import SessionSettings, SimulatedBroker
from tradetui.ports.journal import JournalError
from tradetui.runtime.travel.beginnings import Beginnings
from tradetui.runtime.travel.errors import TravelError
from tradetui.runtime.travel.traveller import Traveller
from tradetui.strategy import Strategy, bars

A = StrategyId("a")


class Trader(Strategy):
    """In and out again, every few bars."""

    DATA = {"bars": bars("1m")}
    CONFIG_SCHEMA = {"turns": {"type": "int", "default": 6}}

    def on_bar(self, bar: Any) -> None:
        turn = self.bars.count % self.cfg.turns
        if turn == 2 and not self.position:
            self.enter("long", amount=1.0, stop=bar.close * 0.9)
        elif turn == 5 and self.position:
            self.close()


class Source(RecordedSource):
    """Some checkpoints cannot be read."""

    damaged: tuple[int, ...] = ()

    def checkpoint(self, run_id: RunId, seq_id: int) -> bytes:
        if seq_id in self.damaged:
            raise JournalError("it was altered")
        return super().checkpoint(run_id, seq_id)


class Record:
    """A run with a checkpoint at each twentieth bar, made as a running engine makes them, and a
    second run that goes on from its last.
    """

    def __init__(self) -> None:
        steps = Steps()
        session = Session(SessionSettings(seed=7, run_code="x1"), sink=steps)
        session.add_instrument(BTC)
        session.add_broker("paper", SimulatedBroker("SIM"))
        session.add_route("main", "paper", "me", opening_cash={"USD": "100000"})
        session.add_execution_context("acc", ["main"])
        session.add_strategy("a", Trader, [BTC.instrument_id], "acc", config={"turns": 7})
        session.start(at=START)
        made: list[tuple[int, bytes, bytes]] = []
        for number in range(61):
            session.loop.ingest(bar(number, 10_000 + (number * 37) % 211 - 100, BTC))
            if number and number % 20 == 0:
                kernel, host = session.loop.kernel, session.loop.host
                made.append(
                    (
                        kernel.state.seq_id,
                        kernel.checkpoint(),
                        encode_memory(host.remember()),
                    )
                )
        self.steps = steps.records
        self.header = header_of(session)
        self.source = Source()
        self.source.add(self.header, steps.records)
        self.clock = ManualClock()
        self.places = [place for place, _, _ in made]
        for place, kernel, watched in made:
            body = self.checkpoint(place, kernel, watched, self.shown_at(place))
            self.source.bodies[self.header.run_id, place] = body

    def checkpoint(self, place: int, kernel: bytes, watched: bytes, shown: bytes) -> bytes:
        header = self.header
        return encode_checkpoint(
            EngineCheckpoint(
                1, 0, header.run_id, header.run_mode, "", "", kernel, b"", (), "engine_state", (),
                JournalCursor(place, ""), market_state=watched, shown=shown,
            )
        )  # fmt: skip

    def shown_at(self, place: int) -> bytes:
        """What screens showed, as one sees it who has taken every step."""
        straight = Source()
        straight.add(self.header, self.steps)
        traveller = Traveller(straight, self.header.run_id, self.clock)
        moment = traveller._moment
        for step in self.steps[:place]:
            moment.take(step)
        moment.show(10)
        return encode_memory(moment.publisher.remember())

    def carried(self) -> RunId:
        """Add a second run that begins with what the first one ended with."""
        place = self.places[-1]
        body = self.source.bodies[self.header.run_id, place]
        steps = self.steps[:place]
        kernel = Kernel(self.header.kernel_config)
        for step in steps:
            kernel.apply_event(step.event)
        self.source.add(self.header, steps)
        header = replace(
            self.header,
            run_id=RunId("run-2"),
            continues=self.header.run_id,
            opening_seq=place,
            opening_hash="x",
        )
        self.source.add(header, self.steps[place:])
        self.source.bodies[header.run_id, place] = body
        return header.run_id

    def traveller(self, run_id: RunId | None = None, **more: Any) -> Traveller:
        return Traveller(self.source, run_id or self.header.run_id, self.clock, **more)


def comparable(snapshot: ReplicaSnapshot) -> ReplicaSnapshot:
    """Leave out the numbers of changes, and the courses: those are noted as often as one looks."""
    return replace(
        snapshot,
        number=0,
        instances=tuple(replace(one, course=()) for one in snapshot.instances),
        orders=tuple(sorted(snapshot.orders, key=lambda one: one.client_order_id)),
    )


@pytest.fixture
def record() -> Record:
    return Record()


async def test_screens_are_those_of_then_from_whichever_checkpoint_one_came(
    record: Record,
) -> None:
    wanted = record.places[2] + 3
    straight = record.traveller(context=10**6)
    await straight.seek(wanted)
    one = straight.snapshot()
    assert one.decisions and one.fills and one.instances[0].last_decision
    for context in (1, record.places[2] - record.places[1], record.places[2] - record.places[0]):
        traveller = record.traveller(context=context)
        await traveller.seek(wanted)
        assert comparable(traveller.snapshot()) == comparable(one)
        chart, same = [await t.chart(A, 60 * 10**9, 50) for t in (straight, traveller)]
        assert chart is not None and chart.bars
        assert chart == same


async def test_a_run_that_goes_on_shows_what_was_shown_when_it_began(record: Record) -> None:
    straight = record.traveller()
    await straight.seek(record.places[-1])
    one = straight.snapshot()
    other = record.traveller(record.carried()).snapshot()
    assert other.decisions == one.decisions
    assert [replace(fill, run_id="") for fill in other.fills] == [
        replace(fill, run_id="") for fill in one.fills
    ]
    assert other.fills[-1].run_id == record.header.run_id
    assert "being loaded" in other.instances[0].state_reason
    assert "being loaded" not in one.instances[0].state_reason


async def test_a_damaged_checkpoint_is_passed_over_and_said(record: Record) -> None:
    place = record.places[1]
    record.source.damaged = (place,)
    beginning = Beginnings(record.source, record.header).at(place + 1)
    assert beginning.notes == (f"the checkpoint at step {place} cannot be used (it was altered)",)
    traveller = record.traveller(context=1)
    await traveller.seek(place + 1)
    assert traveller.seq_id == place + 1
    assert [line.text for line in traveller.snapshot().log][-1] == beginning.notes[0]


def test_without_any_sound_one_the_run_is_taken_from_its_first_step(record: Record) -> None:
    record.source.damaged = tuple(record.places)
    beginning = Beginnings(record.source, record.header).at(record.places[-1])
    assert (beginning.opening, len(beginning.notes)) == (None, len(record.places))


def test_what_a_run_goes_on_with_must_be_readable(record: Record) -> None:
    run_id = record.carried()
    record.source.damaged = tuple(record.places)
    with pytest.raises(TravelError, match=r"goes on from run .* cannot be read: the checkpoint at"):
        record.traveller(run_id)


async def test_the_config_is_that_of_the_newest_load_before(record: Record) -> None:
    (load,) = Beginnings(record.source, record.header).at(record.places[0]).loads
    assert load.config_json == '{"turns":7}'
    traveller = record.traveller(context=1)
    await traveller.seek(record.places[1] + 2)
    (row,) = traveller.snapshot().instances
    assert row.config_json == '{"turns":7}'


def test_who_reads_no_list_is_given_none(record: Record) -> None:
    beginning = Beginnings(record.source, record.header, has_lists=False).at(record.places[-1])
    assert (beginning.loads, beginning.fills) == ((), ())
    assert beginning.shown.decisions


def test_a_memory_that_cannot_be_read_is_said(record: Record) -> None:
    place = record.places[0]
    kernel = Kernel(record.header.kernel_config).checkpoint()
    record.source.bodies[record.header.run_id, place] = record.checkpoint(
        place, kernel, b"\xc1", b"\xc1"
    )
    beginning = Beginnings(record.source, record.header).at(place)
    assert [note.partition(" (")[0] for note in beginning.notes] == [
        "the lists of then cannot be read",
        "the bars of then cannot be read",
    ]
    assert beginning.shown == ScreenMemory()
