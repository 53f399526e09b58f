"""Time travel over a recorded run: moves, what is drawn again, and that nothing acts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tradetui.backtest.recorded import RecordedRun, recorded_run
from tradetui.bootstrap.console import travel
from tradetui.bootstrap.console.travel import (
    Drawing,
    PastActions,
    TravelDoor,
    open_travel,
    time_of_day,
)
from tradetui.bootstrap.profile.profile import profile_at
from tradetui.cli.wiring import JournalPart, Place, RunOptions
from tradetui.domain.commands import CommandReply
from tradetui.domain.enums import InstanceMode, InstanceState
from tradetui.domain.ids import RunId, StrategyId
from tradetui.domain.units import NANOS_PER_SECOND as SECOND
from tradetui.runtime.clock import SystemClock
from tradetui.runtime.travel.traveller import Traveller
from tradetui.storage.reader import JournalReader
from tradetui.tui.actions import Draft
from tradetui.tui.app import ConsoleApp


@pytest.fixture
def reader(place: Place) -> Iterator[JournalReader]:
    assert place.state is not None
    with JournalReader(place.state / "journal.db") as opened:
        yield opened


@pytest.fixture
def run(reader: JournalReader) -> RecordedRun:
    return recorded_run(reader, None)


@pytest.fixture
def traveller(reader: JournalReader, run: RecordedRun) -> Traveller:
    return Traveller(reader, RunId(run.header.run_id), SystemClock())


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("14:30", 52_200),
        ("14:30:07", 52_207),
        ("0:0", 0),
        ("24:00", None),
        ("14:60", None),
        ("14:30:61", None),
        ("1430", None),
        ("1:2:3:4", None),
        ("１:2", None),
        ("a:b", None),
    ],
)
def test_a_time_of_the_day(text: str, seconds: int | None) -> None:
    assert time_of_day(text) == (None if seconds is None else seconds * SECOND)


async def test_moves_say_where_one_stands(traveller: Traveller) -> None:
    door = TravelDoor(traveller)
    await door.go_to("50")
    assert traveller.seq_id == 50
    await door.move(-1)
    assert traveller.seq_id == 49
    await door.next_act()
    act = traveller.seq_id
    assert act > 49
    await door.previous_act()
    assert traveller.seq_id < act
    await door.go_to("9,999,999")
    assert traveller.seq_id == traveller.last
    assert isinstance(door.changed(), tuple)


async def test_times_are_places_too_and_what_is_none_is_a_sentence(traveller: Traveller) -> None:
    door = TravelDoor(traveller)
    await door.go_to("2020-09-13 13:00")
    by_date = traveller.seq_id
    await door.go_to("12:40")
    assert 0 < traveller.seq_id < by_date
    await door.go_to("13:00")
    assert traveller.seq_id == by_date
    said = await door.go_to("soon")
    assert said.startswith("at: 'soon' is no step and no time; ")
    assert said.endswith("; or an order or a trade of this run by its id")
    assert traveller.seq_id == by_date


async def test_an_order_and_a_trade_are_places_too(traveller: Traveller, run: RecordedRun) -> None:
    door = TravelDoor(traveller)
    step = next(step for step in run.eventful() if step.result.fills)
    (fill, *_) = step.result.fills
    await door.go_to(fill.trade_id)
    assert traveller.seq_id == step.event.seq_id
    await door.go_to(f" {fill.client_order_id}")
    assert traveller.seq_id != step.event.seq_id


async def test_a_strategy_is_run_again_for_what_it_drew(run: RecordedRun, place: Place) -> None:
    drawing = Drawing(run, profile_at(place))
    names = [
        step.event.payload.strategy_id
        for step in run.steps(run.first, run.last)
        if step.event.event_type == "InstanceLoaded"
    ]
    later = await drawing.draw(names[0], run.last)
    assert (later.strategy_id, later.error) == (names[0], "")
    earlier = await drawing.draw(names[0], run.last - 20)
    assert earlier.time < later.time
    assert (await drawing.draw(names[0], run.last)).widgets_json == later.widgets_json
    gone = await drawing.draw(StrategyId("nobody"), run.last)
    assert gone.error == "it did not run then"


async def test_what_would_take_too_long_is_not_drawn(
    run: RecordedRun, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(travel, "MAX_RERUN", 10)
    drawing = Drawing(run, profile_at(place))
    view = await drawing.draw(StrategyId("any"), run.last)
    assert "steps: too far" in view.error


async def test_nothing_acts_in_the_past() -> None:
    actions, one = PastActions(), StrategyId("x")
    off = {"seen_revision": 1, "seen_state": InstanceState.OFF}
    for reply in (
        await actions.set_mode(one, InstanceMode.OFF, **off),
        await actions.create(Draft("x", "dip", "paper/main", "BTC/USD")),
        await actions.delete(one, seen_revision=1),
        await actions.set_config(one, "{}", seen_revision=1),
        await actions.restore(one),
    ):
        assert reply == CommandReply(False, "this is a recorded run: nothing acts in the past")
    assert (await actions.check_config("x", "{}", "{}")).problems
    assert (await actions.reload_facts(None))[0][1].startswith("this is a recorded run")
    assert await actions.schema("x") == {}
    assert (await actions.strategies(), await actions.markets()) == ((), ())
    assert await actions.remember("", {}) == ""
    assert await actions.recall("") is None
    assert await actions.layouts() == ()
    assert not await actions.forget_layout("x")
    assert actions.limits(StrategyId("x")) == ()


async def test_the_console_opens_on_the_wanted_step(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, str]] = []

    async def run_async(self: ConsoleApp, **_: Any) -> int:
        async with self.run_test(size=(100, 30)) as pilot:
            await pilot.pause()
            assert self.main is not None
            self.main.poll()
            seen.append((self.main.replica.header.seq_id, self.place))
            await self.end(None)
        return 0

    monkeypatch.setattr(ConsoleApp, "run_async", run_async)
    monkeypatch.setattr(travel, "check_terminal", lambda *_: None)
    part = JournalPart(place.state, first="40")
    assert await open_travel(RunOptions(place), part) == 0
    assert seen[0][0] == 40
