"""Time travel: the screens at any step are those of then, whichever way one came there.

Also the tests of ``runtime/chart_views.py``, ``runtime/travel/changed.py``,
``runtime/travel/moment.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace
from tests.engine_kit import BTC, START, Steps, bar
from tests.support.recorded import RecordedSource, header_of
from tests.unit.runtime.conftest import ManualClock

from tradetui.domain.codec import encode
from tradetui.domain.commands import CommandReply, Pause, SetPlayback
from tradetui.domain.enums import Source
from tradetui.domain.ids import RunId, StrategyId
from tradetui.domain.pages import EventFilter
from tradetui.domain.recovery import EngineCheckpoint, JournalCursor, encode_checkpoint
from tradetui.domain.replica import InstanceView, OrderView, UiView
from tradetui.domain.steps import StepRecord
from tradetui.engine.session import Session
from tradetui.engine.session_config import SessionSettings, SimulatedBroker
from tradetui.ports.journal import JournalPrunedError
from tradetui.runtime.travel.errors import PlaceGoneError, TravelError
from tradetui.runtime.travel.traveller import Traveller, is_act, is_of
from tradetui.strategy import Strategy, bars

A = StrategyId("a")
MINUTE = 60 * 10**9


class Trader(Strategy):
    """In and out again, every few bars."""

    DATA = {"bars": bars("1m")}

    def on_bar(self, bar: Any) -> None:
        turn = self.bars.count % 6
        if turn == 2 and not self.position:
            self.enter("long", amount=1.0, stop=bar.close * 0.9)
        elif turn == 5 and self.position:
            self.close()


class Ticking(Trader):
    """The same, with a step each minute between its bars."""

    def on_tick(self, tick: Any) -> None:
        """Do nothing."""


class Rig:
    """A recorded run with a checkpoint in its middle, and the state hashes on the way."""

    def __init__(
        self, minutes: int = 40, *, length: int = 1, strategy: type[Strategy] = Trader
    ) -> None:
        steps = Steps()
        session = Session(
            SessionSettings(seed=7, run_code="x1", check_every_step=False), sink=steps
        )
        session.add_instrument(BTC)
        session.add_broker("paper", SimulatedBroker("SIM"))
        session.add_route("main", "paper", "me", opening_cash={"USD": "100000"})
        session.add_execution_context("acc", ["main"])
        session.add_strategy("a", strategy, [BTC.instrument_id], "acc")
        session.start(at=START)
        self.source = RecordedSource()
        bodies: dict[int, bytes] = {}
        for n in range(minutes):
            price = 10_000 + (n * 37) % 211 - 100
            session.loop.ingest(bar(n * length, price, BTC, length))
            state = session.loop.kernel.state
            if n == minutes // 2:
                bodies[state.seq_id] = encode_checkpoint(
                    EngineCheckpoint(
                        1, 0, state.config.run_id, state.config.run_mode, "", "",
                        session.loop.kernel.checkpoint(), b"", (), "engine_state", (),
                        JournalCursor(state.seq_id, ""),
                    )
                )  # fmt: skip
        self.header = header_of(session)
        self.source.add(self.header, steps.records)
        self.source.bodies = {(self.header.run_id, seq_id): body for seq_id, body in bodies.items()}
        self.records = steps.records
        self.middle = next(iter(bodies))
        self.clock = ManualClock()
        self.hash = session.loop.kernel.state_hash()

    def traveller(self, **more: Any) -> Traveller:
        return Traveller(self.source, self.header.run_id, self.clock, **more)  # type: ignore[arg-type]


@pytest.fixture
def rig() -> Rig:
    return Rig()


async def test_one_begins_before_the_first_step_and_gets_to_the_last(rig: Rig) -> None:
    traveller = rig.traveller()
    assert (traveller.seq_id, traveller.first, traveller.last) == (0, 1, len(rig.records))
    assert traveller.snapshot().header.seq_id == 0
    assert traveller.changed() == ("nothing was taken yet: step on with i",)
    await traveller.seek(10**9)
    assert traveller.seq_id == len(rig.records)
    assert traveller._moment.loop.kernel.state_hash() == rig.hash
    assert (await traveller.seek(-5)).startswith("step 0 of 1 to ")


def key_of(order: OrderView) -> str:
    return str(order.client_order_id)


def _without_history(row: InstanceView) -> InstanceView:
    """Leave out what is gathered on the way to a place."""
    return replace(
        row, shadow_orders=0, last_decision=None, last_decision_time=None, course=(),
        holding=None,
    )  # fmt: skip


async def test_a_place_is_the_same_whichever_way_one_came(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    straight = rig.traveller()
    wanted = rig.middle + 9
    await straight.seek(wanted)
    monkeypatch.setattr("tradetui.runtime.travel.traveller.CONTEXT", 3)
    back = rig.traveller()
    await back.seek(len(rig.records))
    await back.seek(wanted)
    assert back._moment.state.seq_id == wanted
    assert back._moment.loop.kernel.state_hash() == straight._moment.loop.kernel.state_hash()
    one, other = straight.snapshot(), back.snapshot()
    rows = [_without_history(row) for row in one.instances]
    others = [_without_history(row) for row in other.instances]
    assert rows == others
    assert [o for o in one.orders if o.is_open] == [o for o in other.orders if o.is_open]
    assert back.changed() == straight.changed()


async def test_from_a_mark_a_place_is_the_same(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tradetui.runtime.travel.marks.SPACING", 4)
    rig.source.bodies.clear()  # what this one remembers of lists is nothing
    back = rig.traveller()
    await back.seek(len(rig.records))
    for _ in range(30):
        await back.move(-1)
        straight = rig.traveller()
        await straight.seek(back.seq_id)
        assert back.changed() == straight.changed()
        assert back._moment.loop.kernel.state_hash() == straight._moment.loop.kernel.state_hash()
        one, other = straight.snapshot(), back.snapshot()
        assert (one.header, one.fills, one.decisions) == (
            other.header,
            other.fills,
            other.decisions,
        )
        assert (one.instruments, one.log) == (other.instruments, other.log)
        assert [line.text for line in one.alerts] == [line.text for line in other.alerts]
        assert sorted(one.orders, key=key_of) == sorted(other.orders, key=key_of)
        assert one.instances == other.instances
        assert await straight.chart(A, MINUTE, 20) == await back.chart(A, MINUTE, 20)
        assert (await straight.diagnostics_page()).steps == (await back.diagnostics_page()).steps
        everything = EventFilter()
        assert await straight.events_page(everything, 40) == await back.events_page(everything, 40)


async def test_back_and_back_again_takes_few_steps(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tradetui.runtime.travel.marks.SPACING", 5)
    monkeypatch.setattr("tradetui.runtime.travel.traveller.AHEAD", 1_000)
    taken: list[int] = []
    steps = rig.source.steps

    def counted(run_id: RunId, first: int = 1, last: int | None = None) -> Iterator[StepRecord]:
        for step in steps(run_id, first, last):
            taken.append(step.event.seq_id)
            yield step

    monkeypatch.setattr(rig.source, "steps", counted)
    rig.source.bodies.clear()
    traveller = rig.traveller()
    await traveller.seek(traveller.last)
    taken.clear()
    await traveller.move(-1)
    assert taken == list(range(1, traveller.last))
    for _ in range(40):
        taken.clear()
        await traveller.move(-1)
        assert len(taken) <= 5
        assert taken[-1] == traveller.seq_id
    taken.clear()
    await traveller.move(-7)
    await traveller.move(3)
    await traveller.move(-3)
    assert len(taken) <= 5 + 3 + 5


async def test_a_move_back_makes_readers_take_everything_anew(rig: Rig) -> None:
    traveller = rig.traveller()
    await traveller.seek(20)
    number = traveller.snapshot().number
    assert traveller.changes(number) == ()
    await traveller.move(1)
    changed = traveller.changes(number)
    assert changed is not None and all(one.number > number for one in changed)
    await traveller.move(-2)
    assert traveller.changes(number) is None


async def test_jumps_go_from_act_to_act_and_back(rig: Rig) -> None:
    traveller = rig.traveller()
    acts = [step.event.seq_id for step in rig.records if is_act(step)]
    seen = []
    for _ in acts[:5]:
        await traveller.next_act()
        seen.append(traveller.seq_id)
    assert seen == acts[:5]
    await traveller.previous_act()
    assert traveller.seq_id == acts[3]
    await traveller.seek(traveller.last)
    assert "nothing was decided after" in await traveller.next_act()
    await traveller.seek(acts[0])
    assert "nothing was decided before" in await traveller.previous_act()


async def test_a_time_leads_to_its_last_step(rig: Rig) -> None:
    traveller = rig.traveller()
    await traveller.at_time(START + 10 * MINUTE)
    here = traveller._moment.loop.now
    assert here <= START + 10 * MINUTE
    following = rig.records[traveller.seq_id]
    assert following.event.event_time > START + 10 * MINUTE
    day = START - START % (1440 * MINUTE)
    await traveller.at_time(START + 20 * MINUTE - day)
    assert traveller._moment.loop.now <= START + 20 * MINUTE
    assert traveller.seq_id > following.event.seq_id


async def test_a_time_of_day_is_of_the_day_beside_where_only_that_has_it(rig: Rig) -> None:
    traveller = rig.traveller()
    end = rig.records[-1].event.event_time
    day = 1440 * MINUTE
    first, last = START % day, end % day
    assert first < last
    await traveller.at_time(end - 5 * MINUTE)
    wanted = traveller.seq_id
    for beside in (end + day, end - day):
        await traveller.seek(traveller.last)
        traveller._moment.loop.now = beside
        await traveller.at_time(last - 5 * MINUTE)
        assert traveller.seq_id == wanted


async def test_an_order_leads_from_its_beginning_to_its_end_and_round(rig: Rig) -> None:
    traveller = rig.traveller()
    fill = next(fill for step in rig.records for fill in step.result.fills)
    places = [s.event.seq_id for s in rig.records if is_of(s, fill.client_order_id)]
    assert len(places) >= 3
    seen = []
    for _ in range(len(places) + 1):
        assert await traveller.to_named(fill.client_order_id) == traveller.place()
        seen.append(traveller.seq_id)
    assert seen == [*places, places[0]]
    await traveller.to_named(fill.trade_id)
    assert fill in rig.records[traveller.seq_id - 1].result.fills
    assert await traveller.to_named("nobody") is None


async def test_every_time_that_a_step_changed_is_a_time_of_day(rig: Rig) -> None:
    traveller = rig.traveller()
    said = []
    for record in rig.records:
        await traveller.seek(record.event.seq_id)
        said += traveller.changed()
    assert any("created_time 20" in line for line in said)
    assert not [line for line in said if re.search(r"\d,\d{3},\d{3},\d{3},\d{3},\d{3}", line)]


async def test_what_a_step_changed_is_said(rig: Rig) -> None:
    traveller = rig.traveller()
    fill = next(step for step in rig.records if step.result.fills)
    await traveller.seek(fill.event.seq_id)
    text = "\n".join(traveller.changed())
    assert "positions a main" in text
    assert "quantity: 0 -> " in text or "positions a main BTC/USD.SIM: new" in text
    assert "cash main USD" in text
    assert f"seq_id: {fill.event.seq_id - 1} -> {fill.event.seq_id}" in text
    assert re.search(r"now: 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} -> 20", text)
    assert re.search(r"cash main USD: [\d,]+\.\d\d+ -> [\d,]+\.\d\d", text)
    assert not re.search(r"(?<![.\d])\d{5,}", text), text


async def test_charts_pages_and_events_are_those_of_then(rig: Rig) -> None:
    traveller = rig.traveller()
    await traveller.seek(rig.middle)
    chart = await traveller.chart(A, MINUTE, 10)
    assert chart is not None and len(chart.bars) == 10
    assert await traveller.chart(StrategyId("nobody"), MINUTE, 10) is None
    assert (await traveller.risk_page()).exposures
    assert (await traveller.markets_page()).markets[0].last is not None
    page = await traveller.events_page(EventFilter(sources=(Source.CONTROL,)), 50)
    assert {line.source for line in page.events} == {Source.CONTROL}
    assert (await traveller.diagnostics_page()).steps == rig.middle
    page = await traveller.fills_page(None, 5)
    assert page.fills == traveller.snapshot().fills[-5:]
    assert page.mark is None and (await traveller.fills_page(None, 0)).fills == ()


async def test_nothing_acts_in_the_past(rig: Rig) -> None:
    traveller = rig.traveller()
    reply = await traveller.send(Pause(A, True, None, "op"))
    assert reply == CommandReply(False, "this is a recorded run: nothing acts in the past")


async def test_it_plays_at_its_speed_and_holds(rig: Rig) -> None:
    traveller = rig.traveller()
    await traveller.seek(5)
    assert (await traveller.send(SetPlayback("op", speed=100))).done
    assert (await traveller.send(SetPlayback("op", playing=True))).text == "PLAYING x100"
    start = traveller._moment.loop.now
    for _ in range(100):
        await rig.clock.move(50_000_000)
    passed = traveller._moment.loop.now - start
    assert 7 * MINUTE <= passed <= 10 * MINUTE
    await traveller.send(SetPlayback("op", playing=False))
    here = traveller.seq_id
    await rig.clock.move(10**9)
    assert traveller.seq_id == here
    reply = await traveller.send(SetPlayback("op", steps=3))
    assert reply.done and traveller.seq_id == here + 3
    assert not (await traveller.send(SetPlayback("op", speed=0))).done
    await traveller.close()


async def test_playing_ends_with_the_record(rig: Rig) -> None:
    traveller = rig.traveller()
    await traveller.seek(traveller.last - 5)
    await traveller.send(SetPlayback("op", speed=10_000, playing=True))
    for _ in range(20):
        await rig.clock.move(10**9)
    assert traveller.seq_id == traveller.last
    assert traveller.snapshot().header.playing == "PAUSED"
    await traveller.close()


async def test_what_a_strategy_drew_comes_from_who_can_run_it_again(rig: Rig) -> None:
    assert "not run again" in (await rig.traveller().get_ui(A)).error

    async def draw(strategy_id: StrategyId, seq_id: int) -> UiView:
        return UiView(strategy_id, seq_id, b"[1]")

    traveller = rig.traveller(draw=draw)
    await traveller.seek(7)
    assert await traveller.get_ui(A) == UiView(A, 7, b"[1]")


async def test_a_record_that_was_altered_is_named(rig: Rig) -> None:
    place = next(step.event.seq_id for step in rig.records if step.transitions)
    step = rig.records[place - 1]
    rig.source.rows[rig.header.run_id][place - 1] = encode(replace(step, transitions=()))
    traveller = rig.traveller()
    with pytest.raises(TravelError, match=f"step {place} .* comes out otherwise"):
        await traveller.seek(place)
    assert traveller.seq_id == place
    assert (await traveller.send(SetPlayback("op", steps=1))).done
    await traveller.seek(0)
    reply = await traveller.send(SetPlayback("op", steps=place))
    assert not reply.done and f"step {place}" in reply.text


async def test_bars_are_not_stale_before_the_next_one_is_due() -> None:
    """Five-minute bars were all shown as STALE: a minute was taken for the deadline of any."""
    rig = Rig(4, length=5, strategy=Ticking)
    before = rig.records[-1].event.event_time - MINUTE
    seq_id = max(one.event.seq_id for one in rig.records if one.event.event_time <= before)
    traveller = rig.traveller()
    await traveller.seek(seq_id)
    (row,) = traveller.snapshot().instances
    assert row.price_time is not None
    assert MINUTE < traveller.snapshot().header.now - row.price_time < 5 * MINUTE
    assert not row.is_stale
    (line,) = (await traveller.markets_page()).markets
    assert line.time == row.price_time and not line.is_stale


def gone_before(rig: Rig) -> list[int]:
    """Let the prices of a rig's run go up to its checkpoint; return the steps that are left."""
    rig.source.pruned[rig.header.run_id] = rig.middle
    kept = rig.source.eventful(rig.header.run_id, 1, rig.middle)
    return [step.event.seq_id for step in kept]


async def test_where_prices_are_gone_one_stays_and_hears_where_to_go(rig: Rig) -> None:
    kept = gone_before(rig)
    traveller = rig.traveller()
    assert traveller.seq_id == 0
    begin = next(n for n in range(1, rig.middle) if n not in kept) - 1
    await traveller.seek(begin)
    assert traveller.seq_id == begin
    said = f"prices before step {rig.middle + 1} are gone .*; go to :at {rig.middle + 1}"
    before = traveller.state, traveller.changed()
    for wanted in (begin + 1, rig.middle - 1):
        with pytest.raises(PlaceGoneError, match=said):
            await traveller.seek(wanted)
        assert (traveller.state, traveller.changed()) == before
    for wanted in (rig.middle, rig.middle + 1, traveller.last, rig.middle + 3, begin):
        await traveller.seek(wanted)
        assert traveller.seq_id == wanted
    await traveller.seek(traveller.last)
    assert traveller._moment.loop.kernel.state_hash() == rig.hash
    await traveller.seek(rig.middle + 2)
    with pytest.raises(PlaceGoneError, match=said):
        await traveller.move(-3)
    assert traveller.seq_id == rig.middle + 2


async def test_times_are_found_among_the_steps_that_are_kept(rig: Rig) -> None:
    whole = rig.traveller()
    await whole.at_time(START + 35 * MINUTE)
    kept = gone_before(rig)
    traveller = rig.traveller()
    await traveller.at_time(START + 35 * MINUTE)
    assert traveller.seq_id == whole.seq_id > rig.middle
    with pytest.raises(PlaceGoneError):
        await traveller.at_time(START + 10 * MINUTE)
    begin = rig.source.step(kept[0], rig.header.run_id).event.event_time
    await traveller.at_time(max(begin - 1, 86_400 * 10**9))
    assert traveller.seq_id < kept[-1]


async def test_playing_towards_prices_that_are_gone_pauses_and_says_so(rig: Rig) -> None:
    gone_before(rig)
    traveller = rig.traveller()
    await traveller.send(SetPlayback("op", speed=10_000, playing=True))
    for _ in range(20):
        await rig.clock.move(10**9)
    assert traveller.seq_id < rig.middle
    assert traveller.snapshot().header.playing == "PAUSED"
    said = [line.text for line in traveller.snapshot().log]
    assert any("are gone (journal.max_size); go to :at" in text for text in said)
    await traveller.close()


async def test_a_checkpoint_that_cannot_be_used_leaves_one_where_one_was(rig: Rig) -> None:
    gone_before(rig)
    traveller = rig.traveller()
    rig.source.bodies[rig.header.run_id, rig.middle] = b"damaged"
    before = traveller.state
    with pytest.raises(JournalPrunedError):
        await traveller.seek(traveller.last)
    assert (traveller.seq_id, traveller.state) == (0, before)
